"""Tests of wrong claims, figures and assessments: refused with their place, and nothing stored."""

from typing import Any

import pytest

from tests.contract.problem import check_problem, pointers
from tests.contract.statements import (
    CLAIM,
    FIGURE,
    MINISTRY,
    assess,
    current,
    figure,
    report,
    try_to_assess,
)
from tests.contract.timeline import Json, Timeline

WRONG_CLAIMS: list[tuple[Any, str]] = [
    ([{"text": "Nobody says so"}], "/claims/0/source"),
    ([CLAIM, {"source": ""}], "/claims/1/source"),
    ([{"source": "two\nlines"}], "/claims/0/source"),
    ([{"source": "\u200b"}], "/claims/0/source"),
    ([{"source": {"name": "x", "url": "javascript:alert(1)"}}], "/claims/0/source/url"),
    ([{"source": {"url": "https://a.example"}}], "/claims/0/source/name"),
    ([{**CLAIM, "status": "true"}], "/claims/0/status"),
    ([{**CLAIM, "status": None}], "/claims/0/status"),
    ([{**CLAIM, "text": "x" * 501}], "/claims/0/text"),
    ([{**CLAIM, "note": ""}], "/claims/0/note"),
    ([{**CLAIM, "at": "2020-10-03T09:12:00Z"}], "/claims/0/at"),
    ([{**CLAIM, "history": []}], "/claims/0/history"),
    ([{**CLAIM, "id": "nobody"}], "/claims/0/id"),
    ([CLAIM] * 13, "/claims"),
    ("A witness", "/claims"),
    (None, "/claims"),
]


@pytest.mark.parametrize(("claims", "pointer"), WRONG_CLAIMS, ids=range(len(WRONG_CLAIMS)))
def test_a_wrong_claim_is_refused_with_its_place(
    timeline: Timeline, claims: Any, pointer: str
) -> None:
    """A claim of the wrong shape is a 422 with its pointer, in each request, and nothing stays."""
    entry = timeline.publish("Stays", claims=[CLAIM])
    head, editor = timeline.head, timeline.newsroom.editor
    entries = f"{timeline.path}/entries"
    address, form = f"{entries}/{entry['id']}", {"headline": "Gone", "claims": claims}
    answers = [
        editor.post(entries, json=form),
        editor.patch(address, json=form, headers={"If-Match": "*"}),
        editor.post(f"{address}/correction", json={"note": "n", **form}),
    ]
    for answer in answers:
        assert pointers(check_problem(answer, 422)) == {pointer}
    assert timeline.head == head
    assert timeline.shown() == [entry["id"]]


def test_a_claim_cannot_be_named_twice(timeline: Timeline) -> None:
    """A change that names one claim twice is refused, and points to the second."""
    entry = timeline.publish("Stays", claims=[CLAIM])
    written = [{"id": entry["claims"][0]["id"], "source": MINISTRY}] * 2
    answer = timeline.newsroom.editor.patch(
        f"{timeline.path}/entries/{entry['id']}",
        json={"claims": written},
        headers={"If-Match": "*"},
    )
    assert pointers(check_problem(answer, 422, "unknown-statement")) == {"/claims/1/id"}


WRONG_ASSESSMENTS: list[tuple[Json, str]] = [
    ({"status": "false", "note": "n"}, ""),
    ({"claim": "ID", "figure": 0, "status": "false", "note": "n"}, ""),
    ({"claim": "ID", "note": "n"}, "/status"),
    ({"claim": "ID", "status": "true", "note": "n"}, "/status"),
    ({"claim": "ID", "status": "disputed"}, ""),
    ({"claim": "ID", "status": "disputed", "note": None}, ""),
    ({"claim": "ID", "status": "disputed", "note": " "}, "/note"),
    ({"claim": "nobody", "status": "reported"}, "/claim"),
    ({"claim": 1, "status": "reported"}, "/claim"),
    ({"figure": 1, "status": "reported"}, "/figure"),
    ({"figure": -1, "status": "reported"}, "/figure"),
    ({"figure": 20, "status": "reported"}, "/figure"),
    ({"figure": True, "status": "reported"}, "/figure"),
    ({"figure": 0.5, "status": "reported"}, "/figure"),
    ({"figure": 10**400, "status": "reported"}, "/figure"),
]


@pytest.mark.parametrize(("form", "pointer"), WRONG_ASSESSMENTS, ids=range(len(WRONG_ASSESSMENTS)))
def test_a_wrong_assessment_is_refused_with_its_place(
    timeline: Timeline, form: Json, pointer: str
) -> None:
    """An assessment of the wrong shape, or of nothing, is a 422 with a pointer; nothing changes."""
    entry = timeline.publish("Stays", claims=[CLAIM], figures=[FIGURE])
    head = timeline.head
    if form.get("claim") == "ID":
        form = {**form, "claim": entry["claims"][0]["id"]}
    answer = try_to_assess(timeline, entry["id"], form)
    assert pointers(check_problem(answer, 422)) == {pointer}
    assert timeline.head == head


def test_a_claim_takes_twenty_assessments(timeline: Timeline) -> None:
    """The twenty-first assessment is refused by every request, and nothing of it is stored."""
    entry = timeline.publish("Madagiz", claims=[CLAIM])
    claim_id = entry["claims"][0]["id"]
    for number in range(20):
        last = assess(timeline, entry, claim=claim_id, status="disputed", note=f"{number}")
    assert len(last["claims"][0]["history"]) == 20
    form = {"claim": claim_id, "status": "false", "note": "20"}
    answer = try_to_assess(timeline, entry["id"], form)
    assert pointers(check_problem(answer, 409, "too-many-assessments")) == {"/claim"}
    written = {"id": claim_id, "source": MINISTRY, "status": "false"}
    answer = timeline.newsroom.editor.post(
        f"{timeline.path}/entries/{entry['id']}/correction",
        json={"note": "n", "claims": [written]},
    )
    assert pointers(check_problem(answer, 409, "too-many-assessments")) == {"/claims/0"}
    assert timeline.head == last["cursor"]
    check_problem(try_to_assess(timeline, "nothing", form), 404)


WRONG_FIGURES: list[tuple[Any, str]] = [
    ([figure("107")] * 21, "/figures"),
    ([figure("107"), figure("about many")], "/figures/1/value"),
    ([figure("")], "/figures/0/value"),
    ([figure("13-11")], "/figures/0/value"),
    ([figure("1" * 101)], "/figures/0/value"),
    ([figure("1" * 100)], "/figures/0/value"),
    ([{**figure("107"), "value": 107}], "/figures/0/value"),
    ([figure("107", low=107)], "/figures/0"),
    ([figure("107", text=None)], "/figures/0"),
    ([figure("107", status="true")], "/figures/0/status"),
    ([figure("107", as_of="yesterday")], "/figures/0/as_of"),
    ([figure("107", as_of="2020-13-01")], "/figures/0/as_of"),
    ([figure("107", as_of="2020-10-03T10:00:00")], "/figures/0/as_of"),
    ([figure("107", as_of=1601683200)], "/figures/0/as_of"),
    ([figure("107", metric=None)], "/figures/0/metric"),
    ([figure("107", group="")], "/figures/0/group"),
    ([figure("107", {"name": "x", "url": "x"})], "/figures/0/source/url"),
    ([figure("107", None)], "/figures/0/source"),
    ([figure("107", sum=2)], "/figures/0/sum"),
    ([{"metric": "killed", "value": "107"}], "/figures/0/source"),
    ([{"metric": "killed", "source": "x", "low": 2, "high": 1}], "/figures/0"),
    ([{"metric": "killed", "source": "x", "low": 2, "text": "dozens"}], "/figures/0"),
    ([{"metric": "killed", "source": "x", "low": "107"}], "/figures/0/low"),
    ([{"metric": "killed", "source": "x", "low": True}], "/figures/0/low"),
    ([{"metric": "killed", "source": "x", "low": 2**53}], "/figures/0/low"),
    ([{"metric": "killed", "source": "x", "high": 10**400}], "/figures/0/high"),
    ([None], "/figures/0"),
    ({"metric": "killed"}, "/figures"),
]


@pytest.mark.parametrize(("figures", "pointer"), WRONG_FIGURES, ids=range(len(WRONG_FIGURES)))
def test_a_wrong_figure_is_refused_with_its_place(
    timeline: Timeline, figures: Any, pointer: str
) -> None:
    """A wrong figure is a 422 with its pointer, in each request, and nothing is stored."""
    entry = report(timeline, "107")
    head, editor = timeline.head, timeline.newsroom.editor
    entries = f"{timeline.path}/entries"
    address, form = f"{entries}/{entry['id']}", {"headline": "Gone", "figures": figures}
    answers = [
        editor.post(entries, json=form),
        editor.post(entries, json={**form, "draft": True}),
        editor.patch(address, json=form, headers={"If-Match": "*"}),
        editor.post(f"{address}/correction", json={"note": "n", **form}),
    ]
    for answer in answers:
        assert pointers(check_problem(answer, 422)) == {pointer}
    assert timeline.head == head
    assert current(timeline) == [(107, None)]
    assert timeline.drafts == []


@pytest.mark.parametrize(
    ("number", "status"),
    [("NaN", 400), ("Infinity", 400), ("1e400", 422), ("-1e400", 422)],
)
def test_what_is_no_finite_number_is_refused(timeline: Timeline, number: str, status: int) -> None:
    """NaN and infinity are not JSON; a number beyond every bound is a 422 with its pointer."""
    document = f'{{"figures": [{{"metric": "killed", "source": "x", "low": {number}}}]}}'
    answer = timeline.newsroom.editor.post(
        f"{timeline.path}/entries",
        content=document,
        headers={"Content-Type": "application/json"},
    )
    problem = check_problem(answer, status)
    assert status == 400 or pointers(problem) == {"/figures/0/low"}
    assert timeline.shown() == []


@pytest.mark.parametrize(
    "query", [{"history": "perhaps"}, {"at": "yesterday"}, {"metrics": "killed"}, {"limit": "1"}]
)
def test_a_wrong_query_is_refused(timeline: Timeline, query: dict[str, str]) -> None:
    """A query member that is unknown or has the wrong form is a 422 that names it."""
    problem = check_problem(timeline.get("/figures", **query), 422)
    assert {pointer.strip("/") for pointer in pointers(problem)} == query.keys()
