"""Tests of texts without visible characters: they count as empty in every form."""

from typing import Any

import pytest

from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline
from tests.timeline.test_visible_text import UNSEEN

SENTENCE = "holds nothing that can be seen"
# Texts that are neither refused as control characters nor stripped as white space.
INVISIBLE = [
    "\u200b\u2060",
    "\u2800",
    "\u3164",
    "\u115f\u1160",
    "\uffa0",
    "\u00ad",
    "\u034f",
    "\u180e",
]
INVISIBLE += ["\ufe0f", "\U000e0041", "\u0301", "\u202e", " \u200b "]


@pytest.mark.parametrize("text", INVISIBLE)
def test_no_entry_is_made_of_what_cannot_be_seen(timeline: Timeline, text: str) -> None:
    """An entry's fields must have visible characters; otherwise nothing is stored."""
    for fields in (
        {"headline": text, "body": "Seen"},
        {"headline": "Seen", "tags": [text]},
        {"headline": "Seen", "bylines": [text]},
        {"headline": "Seen", "place": {"name": text}},
    ):
        answer = timeline.newsroom.editor.post(f"{timeline.path}/entries", json=fields)
        problem = check_problem(answer, 422, "invalid-payload")
        assert SENTENCE in [error["detail"] for error in problem["errors"]]
    for body in (text, {"html": f"<p>{text}</p>"}, {"html": f"<ul><li><b>{text}</b></li></ul>"}):
        answer = timeline.newsroom.editor.post(f"{timeline.path}/entries", json={"body": body})
        problem = check_problem(answer, 422, "empty-entry")
        assert "nothing that can be seen" in problem["detail"]
    assert timeline.shown() == []


@pytest.mark.parametrize("text", INVISIBLE)
def test_no_note_and_no_name_is_made_of_it(timeline: Timeline, text: str) -> None:
    """A note, a coverage's texts and a key's name must have visible characters."""
    entry = timeline.publish()
    chief, path = timeline.newsroom.chief, f"{timeline.path}/entries/{entry['id']}"
    for answer in (
        chief.post(f"{path}/correction", json={"note": text, "headline": "Else"}),
        chief.post(f"{path}/retraction", json={"note": text}),
        chief.patch(timeline.path, json={"title": text}),
        chief.patch(timeline.path, json={"kicker": text}),
        chief.patch(timeline.path, json={"standfirst": text}),
        chief.patch(timeline.path, json={"bylines": [{"name": text}]}),
        chief.patch(timeline.path, json={"related": [{"title": text, "url": "https://x.example"}]}),
        chief.post("/v1/keys", json={"name": text, "role": "editor"}),
    ):
        problem = check_problem(answer, 422, "invalid-payload")
        assert SENTENCE in [error["detail"] for error in problem["errors"]]
    assert timeline.entry(entry["id"])["revision"] == 1


def test_a_body_of_nothing_is_none(timeline: Timeline) -> None:
    """A body without visible characters is None beside a headline."""
    for text in UNSEEN.values():
        body: dict[str, Any] = {"html": f"<p>{text}</p>"}
        answer = timeline.newsroom.editor.post(
            f"{timeline.path}/entries", json={"headline": "Seen", "body": body}
        )
        if answer.status_code == 422:  # bodies refuse control characters
            assert "control" in answer.text
        else:
            assert answer.json()["body"] is None


def test_joiners_inside_words_stay(timeline: Timeline) -> None:
    """Zero-width joiners within words are kept."""
    headline = "\u0645\u06cc\u200c\u06a9\u0646\u0645 👩\u200d🚒"
    entry = timeline.publish(headline, tags=[headline], body=headline)
    assert (entry["headline"], entry["tags"]) == (headline, [headline])
    assert headline in entry["body"]["html"]


def test_white_space_is_no_headline(timeline: Timeline) -> None:
    """White space is stripped, and a headline of nothing else is None."""
    assert timeline.publish(" \u00a0\u3000", body="Seen")["headline"] is None
