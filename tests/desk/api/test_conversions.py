"""Tests of the conversion of pasted HTML, which stores nothing."""

from tests.conftest import Newsroom
from tests.contract.problem import check_problem, pointers
from tests.contract.timeline import Timeline
from tests.desk.desks import written


def test_pasted_html_becomes_markdown_and_nothing_is_stored(newsroom: Newsroom, slug: str) -> None:
    """A short and a long text are converted alike, and the coverage stays as it was."""
    timeline = Timeline(newsroom, slug)
    head = timeline.head
    path = f"/v1/coverages/{slug}/markdown"
    for count in 1, 2000:  # the second one is converted in a worker process
        form = {"html": "<p>The bridge is <b>open</b>.</p>" * count}
        answer = newsroom.contributor.post(path, json=form)
        assert written(answer) == {"markdown": "\n\n".join(["The bridge is **open**."] * count)}
    assert (timeline.drafts, timeline.head) == ([], head)


def test_what_cannot_be_converted_is_a_clear_problem(newsroom: Newsroom, slug: str) -> None:
    """A missing member is named, and an unknown coverage is a 404."""
    path = f"/v1/coverages/{slug}/markdown"
    problem = check_problem(newsroom.contributor.post(path, json={}), 422)
    assert pointers(problem) == {"/html"}
    check_problem(newsroom.contributor.post("/v1/coverages/none/markdown", json={"html": ""}), 404)
