"""Archives with claims and figures: they come back as they were, and what is wrong is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.public_json import PublicJson, decode_entry, encode_entry
from app.intake.archive import DamagedLine, archive_line, read_archive, write_archive
from app.timeline.claim import Claim, Source
from app.timeline.event import Event
from app.timeline.figure import Figure
from tests.newsdesk import Newsdesk
from tests.strategies import START, VERDICTS, Action, claims, figures, series

PUBLIC_JSON = PublicJson("https://news.example")
FIELDS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"headline": st.just("One")}, optional={"claims": claims(), "figures": figures()}
)
HISTORIES = series(
    st.builds(
        Action,
        deed=st.sampled_from(["publish", "publish", "amend", "correct", "assess", "retract"]),
        which=st.integers(0, 7),
        fields=FIELDS,
        target=st.integers(0, 5),
        verdict=VERDICTS,
        late=st.sampled_from([0, 1, 60_000]),
    ),
    12,
)


def archived(journal: list[Event]) -> list[bytes]:
    """The lines of the archive of a journal."""
    return list(write_archive(archive_line(PUBLIC_JSON.event(event)) for event in journal))


@given(HISTORIES)
def test_a_journal_comes_back_with_its_claims_and_figures(history: list[Action]):
    """Law: what is exported and read again is the same journal, and the same entries."""
    desk = Newsdesk().act_all(history)
    archive = read_archive(archived(desk.journal), "e1")
    assert archive.events == desk.journal
    assert archive.entries == {e.id: e for e in desk.entries.values() if e.is_public}


def test_a_record_of_an_earlier_version_has_none() -> None:
    """A record and an archive that were written before there were claims are read as before."""
    entry = Newsdesk().act_all([]).publish("Before")
    record = encode_entry(entry)
    del record["claims"], record["figures"]
    assert decode_entry(record, entry.coverage) == entry
    lines = [
        json.loads(line)
        for line in archived(
            Newsdesk().act_all([Action("publish", fields={"headline": "x"})]).journal
        )
    ]
    del lines[2]["entry"]["claims"], lines[2]["entry"]["figures"]
    (read,) = read_archive([json.dumps(line).encode() for line in lines], "e1").entries.values()
    assert (read.claims, read.figures) == ((), ())


CLAIM = {"id": "c1", "source": {"name": "x"}, "status": "reported", "at": "2020-10-03T00:00:00Z"}
FIGURE = {"metric": "killed", "source": {"name": "x"}, "low": 1}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"claims": [CLAIM, CLAIM]}, "same id"),
    ({"claims": [{**CLAIM, "id": f"c{n}"} for n in range(13)]}, "at most 12"),
    ({"claims": [{**CLAIM, "history": [CLAIM] * 21}]}, "at most 20"),
    ({"claims": [{**CLAIM, "status": "sure"}]}, "claims/0/status"),
    ({"claims": [{**CLAIM, "source": {"name": ""}}]}, "claims/0/source/name"),
    ({"figures": [FIGURE] * 21}, "at most 20"),
    ({"figures": [{**FIGURE, "high": 0}]}, "low is above high"),
    ({"figures": [{**FIGURE, "text": "dozens"}]}, "words and also numbers"),
    ({"figures": [{**FIGURE, "low": 2**53}]}, "figures/0/low"),
    ({"figures": [{**FIGURE, "as_of": "yesterday"}]}, "figures/0/as_of"),
    ({"figures": [{**FIGURE, "metric": "two\nlines"}]}, "figures/0/metric"),
]


@pytest.mark.parametrize(("members", "complaint"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_line_is_refused_by_its_number(members: dict[str, Any], complaint: str) -> None:
    """A claim or figure that no form would take is refused; the error names the line."""
    desk = Newsdesk().act_all([])
    desk.publish("One", claims=(Claim("c1", None, Source("x"), "reported", None, START),))
    desk.publish("Two", figures=(Figure("killed", Source("x")),))
    lines = [json.loads(line) for line in archived(desk.journal)]
    lines[3]["entry"] |= members
    with pytest.raises(DamagedLine, match=complaint) as damage:
        read_archive([json.dumps(line).encode() for line in lines], "e1")
    assert str(damage.value).startswith("line 4: ")
