"""Property tests: any JSON as an entry is published or refused; a refusal stores nothing."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline

PROFILE = settings(
    max_examples=settings().max_examples // 2,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TEXT = st.text(max_size=30) | st.text(alphabet="\x00\n\t\r\u2028\ud7ff\uffff<>&\"'\\`*_[]()#|~ a")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    "headline",
    "body",
    "kind",
    "key_event",
    "bylines",
    "tags",
    "happened_at",
    "media",
    "place",
    "draft",
    "embargo_until",
    "language",
]
LIKELY = st.fixed_dictionaries(
    {},
    optional={
        "headline": TEXT | ANYTHING,
        "body": TEXT | st.fixed_dictionaries({"html": TEXT}) | ANYTHING,
        "kind": st.sampled_from(["update", "roundup", "quote", "media"]) | ANYTHING,
        "key_event": st.booleans() | ANYTHING,
        "bylines": st.lists(TEXT | st.fixed_dictionaries({"name": TEXT}), max_size=3) | ANYTHING,
        "tags": st.lists(TEXT, max_size=4) | ANYTHING,
        "place": st.fixed_dictionaries({"name": TEXT}, optional={"lat": SCALARS, "lon": SCALARS}),
        "happened_at": st.datetimes().map(lambda moment: f"{moment.isoformat()}Z") | ANYTHING,
        "language": st.sampled_from(["en", "de-AT", "zh-Hant"]) | ANYTHING,
        "draft": st.booleans() | ANYTHING,
    },
)


@pytest.fixture(scope="module")
def timeline(newsroom: Newsroom) -> Timeline:
    """One coverage for the module."""
    return new_timeline(newsroom, new_slug())


def post(timeline: Timeline, body: bytes) -> None:
    """Post bytes: a 201 is stored and can be read; anything else is a 4xx and stores nothing."""
    before = timeline.head
    address, editor = f"{timeline.path}/entries", timeline.newsroom.editor
    answer = editor.post(address, content=body, headers={"Content-Type": "application/json"})
    if answer.status_code == 201:
        written = answer.json()
        collection = "entries" if written["cursor"] else "drafts"
        assert timeline.head == (written.pop("cursor") or before)
        location = f"{timeline.path}/{collection}/{written['id']}"
        assert editor.get(location).json() == written
        if collection == "drafts":
            editor.delete(location)
    else:
        assert 400 <= answer.status_code < 500
        check_problem(answer, answer.status_code)
        assert timeline.head == before
        assert timeline.drafts == []


@PROFILE
@given(document=ANYTHING | st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=5))
def test_any_json_is_published_or_refused(timeline: Timeline, document: Any) -> None:
    """Any JSON value is published or refused."""
    post(timeline, json.dumps(document).encode())


@PROFILE
@given(document=LIKELY)
def test_any_likely_entry_is_published_or_refused(timeline: Timeline, document: Any) -> None:
    """A nearly valid entry is published or refused."""
    post(timeline, json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))


@PROFILE
@given(body=st.binary(max_size=60) | st.text(alphabet='{}[]":,\\u0dtrueNa1.e-+ ').map(str.encode))
def test_any_bytes_are_refused_or_published(timeline: Timeline, body: bytes) -> None:
    """Any bytes are published or refused."""
    post(timeline, body)


@PROFILE
@given(document=LIKELY)
def test_any_amendment_is_taken_or_refused(timeline: Timeline, document: Any) -> None:
    """An amendment or correction is accepted, or refused and the entry unchanged."""
    entry = timeline.publish("As it was")
    del entry["cursor"]
    address, editor = f"{timeline.path}/entries/{entry['id']}", timeline.newsroom.editor
    for answer in (
        editor.patch(address, json=document, headers={"If-Match": "*"}),
        editor.post(f"{address}/correction", json={"note": "n", **document}),
    ):
        current = timeline.entry(entry["id"])
        if answer.status_code != 200:
            assert 400 <= answer.status_code < 500
            check_problem(answer, answer.status_code)
            assert current == entry
        entry = current


def test_whatever_was_published_can_be_read_by_every_door(timeline: Timeline) -> None:
    """An entry with unusual characters can be read as page, JSON and journal."""
    text = "\ufffe \U000e0001 \u202e \u200b ]]> </script> {{ }} %s \\ \" ' & \uff1c"
    timeline.publish(
        text, body=f"{text}\n\n`{text}`", tags=[text], bylines=[text], place={"name": text}
    )
    for address in (f"{timeline.path}/entries", f"{timeline.path}/events"):
        assert timeline.newsroom.reader.get(address).status_code == 200
    page = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}")
    assert page.status_code == 200
    assert page.text.count("</script>") == page.text.count("<script")
