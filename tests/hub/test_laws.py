"""Laws 2 and 5: any interleaving of commits, subscriptions, slow readers and disconnections."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hub.config import HubConfig
from tests.hub.simulation import Simulation
from tests.strategies import series

_STEPS = st.sampled_from(
    [
        *("publish", "publish", "publish", "amend", "retract", "retract", "pin", "change"),
        *("ring", "ring", "ring", "come", "come", "read", "read", "read", "wait", "cut", "turn"),
    ]
)
SCRIPTS = series(st.tuples(_STEPS, st.integers(0, 11)), 60)
OUTAGES = series(
    st.tuples(st.one_of(_STEPS, st.sampled_from(["away", "back"])), st.integers(0, 11)),
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


async def simulate(script, pace, sizes, replay_limit: int = 10**6) -> Simulation:
    """Run a script to its end; the simulation checks every frame on the way."""
    buffer, page, replay = sizes
    # The sizes are so small that each example exceeds them. Lost notifications are healed by later
    # ones; the poll has its own tests.
    config = HubConfig(
        buffer_events=buffer,
        follow_page=page,
        replay_page=replay,
        replay_limit=replay_limit,
        poll=3600.0,
    )
    simulation = Simulation(pace, config)
    async with simulation.hub.running():
        for step, number in script:
            await simulation.run(step, number)
        await simulation.finish()
    assert [topic.subscribers for topic in simulation.hub.follower.topics.values()] in ([0], [])
    return simulation


def check_final_pages(simulation: Simulation) -> None:
    """Every reader is at the head, and has the page that a new reader gets."""
    for reader in simulation.readers:
        assert reader.cursor == simulation.desk.coverage.cursor
        assert simulation.folded(reader) == simulation.desk.page


@given(SCRIPTS, PACES, SIZES)
async def test_each_seq_comes_once_ascending_and_no_retracted_word_after_its_retraction(
    script, pace, sizes
):
    """However readers connect, stall, disconnect and resume, and however notifications arrive."""
    check_final_pages(await simulate(script, pace, sizes))


@given(OUTAGES, PACES, SIZES)
async def test_it_is_so_too_when_the_database_goes_away_and_comes_back(script, pace, sizes):
    """A failed reading ends the stream, and the client resumes once the database is back."""
    check_final_pages(await simulate(script, pace, sizes))


@given(SCRIPTS, PACES, SIZES, st.integers(0, 3))
async def test_who_is_too_far_behind_is_reset_and_never_gets_a_part(script, pace, sizes, limit):
    """A reader that is too far behind is reset, and continues from the reset's head."""
    check_final_pages(await simulate(script, pace, sizes, limit))
