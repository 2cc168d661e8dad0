"""Law 2: any interleaving of commit, subscribe, stall and cut; and law 5 within it."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hub.config import HubConfig
from tests.hub.rehearsal import Rehearsal
from tests.strategies import series

_DEEDS = st.sampled_from(
    [
        *("publish", "publish", "publish", "amend", "retract", "retract", "pin", "change"),
        *("ring", "ring", "ring", "come", "come", "read", "read", "read", "wait", "cut", "turn"),
    ]
)
SCRIPTS = series(st.tuples(_DEEDS, st.integers(0, 11)), 60)
OUTAGES = series(
    st.tuples(st.one_of(_DEEDS, st.sampled_from(["away", "back"])), st.integers(0, 11)),
    60,
)
PACES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=6)
SIZES = st.tuples(st.integers(1, 6), st.integers(1, 5), st.integers(1, 5))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    log = logging.getLogger("app.hub.follower")
    log.disabled = True
    yield
    log.disabled = False


async def rehearse(script, pace, sizes, replay_limit: int = 10**6) -> Rehearsal:
    """Play a script to its end; the readers are watched on the way."""
    buffer, page, replay = sizes
    # So small that each example goes beyond them; notifications heal, the poll has its own tests.
    config = HubConfig(
        buffer_events=buffer,
        follow_page=page,
        replay_page=replay,
        replay_limit=replay_limit,
        poll=3600.0,
    )
    rehearsal = Rehearsal(pace, config)
    async with rehearsal.hub.running():
        for deed, number in script:
            await rehearsal.play(deed, number)
        await rehearsal.finish()
    assert [topic.subscribers for topic in rehearsal.hub.follower.topics.values()] in ([0], [])
    return rehearsal


def check_ends(rehearsal: Rehearsal) -> None:
    """Everybody is at the head, with the page that a fresh reader gets."""
    for reader in rehearsal.readers:
        assert reader.cursor == rehearsal.desk.coverage.cursor
        assert rehearsal.folded(reader) == rehearsal.desk.page


@given(SCRIPTS, PACES, SIZES)
async def test_each_seq_comes_once_ascending_and_no_retracted_word_after_its_retraction(
    script, pace, sizes
):
    """Whenever readers come, stall, are cut and resume, and however the bell rings."""
    check_ends(await rehearse(script, pace, sizes))


@given(OUTAGES, PACES, SIZES)
async def test_it_is_so_too_when_the_database_goes_away_and_comes_back(script, pace, sizes):
    """A reading that fails costs the stream, and the client resumes."""
    check_ends(await rehearse(script, pace, sizes))


@given(SCRIPTS, PACES, SIZES, st.integers(0, 3))
async def test_who_is_too_far_behind_is_reset_and_never_gets_a_part(script, pace, sizes, limit):
    """After the reset it goes on from the head that it was told."""
    check_ends(await rehearse(script, pace, sizes, limit))
