"""The head of a Guardian page becomes the coverage."""

from typing import Any

import pytest

from app.intake.foreign import Intake, IntakeError, journal_from_guardian
from tests.intake.foreign import Json, check_journal, coverage_of
from tests.intake.guardian_sample import HOST, block, element, image, import_page, page


def import_head(**fields: Any) -> tuple[Json, Intake]:
    """Import a page and return the coverage as opened, and the import."""
    intake = import_page(**fields)
    return intake.lines[0]["details"], intake


def test_the_head_of_the_page_is_the_coverage() -> None:
    """The coverage has the page's title, kicker, standfirst, language, times and source URL."""
    details, _ = import_head(byline="Ada Lovelace")
    assert details["title"] == "Storm at sea: live"
    assert details["kicker"] == "Weather"
    assert details["standfirst"] == "All ferries stay in port"
    assert details["slug"] == "storm-at-sea"
    assert (details["language"], details["languages"]) == ("en", ["en"])
    assert details["bylines"] == [{"name": "Ada Lovelace"}]
    assert details["starts_at"] == "2026-03-01T12:00:00.000Z"
    assert details["created_at"] == "2026-03-01T11:59:40.000Z"
    assert details["related"] == [
        {"title": "Original page", "url": f"{HOST}/weather/live/2026/mar/01/storm-at-sea"}
    ]


def test_a_standfirsts_links_become_related_pages() -> None:
    """Links in the standfirst, which becomes plain text, are related pages."""
    details, _ = import_head(
        standfirst=f'<ul><li>Wet</li><li><a href="{HOST}/x">Yesterday</a></li></ul>'
    )
    assert details["standfirst"] == "Wet • Yesterday"
    assert details["related"][1] == {"title": "Yesterday", "url": f"{HOST}/x"}


def test_the_main_picture_leads() -> None:
    """The main picture is the lead image; other main media are related pages or noted."""
    video = element("VideoYoutubeBlockElement", url="https://v.example/1", title="Waves")
    details, intake = import_head(mainMediaElements=[image(), video, image("Second", 900)])
    assert details["lead_image"]["url"] == f"{HOST}/photo/1500.jpg"
    assert {"title": "Waves", "url": "https://v.example/1"} in details["related"]
    assert any("900.jpg" in note for note in intake.notes)


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Ada Lovelace", ["Ada Lovelace"]),
        (
            "Ada Lovelace (now) and Jo Bloggs (earlier)",
            ["Ada Lovelace (now)", "Jo Bloggs (earlier)"],
        ),
        (
            "Jo Bloggs in Hull, Ada Lovelace &amp; agencies",
            ["Jo Bloggs in Hull", "Ada Lovelace & agencies"],
        ),
        ("Staff and agencies", ["Staff and agencies"]),
        ("", []),
    ],
)
def test_a_byline_is_parted_before_each_contributor(byline: str, names: list[str]) -> None:
    """The byline is split before each contributor's name, and text after a name stays with it."""
    tags = [{"type": "Contributor", "title": name} for name in ("Ada Lovelace", "Jo Bloggs")]
    details, _ = import_head(byline=byline, tags=tags)
    assert [byline["name"] for byline in details["bylines"]] == names


@pytest.mark.parametrize(
    "fields",
    [
        {"format": {"design": "DeadBlogDesign"}},
        {"config": {"isLive": False}},
        {"headline": "Storm at sea: as it happened"},
    ],
)
def test_a_page_that_is_over_ends_in_a_closed_coverage(fields: Json) -> None:
    """A finished page ends with a closed coverage.

    It closes at the end that the page states, or at its last change if that is later or the page
    states none.
    """
    before, after = (
        [{"coverageEndTime": f"2026-03-01T{time}:00+0100"}, {"@type": "WebPage"}]
        for time in ("13:00", "13:40")
    )
    for linked, ended_at in ((before, "12:05:00"), ([], "12:05:00"), (after, "12:40:00")):
        intake = import_page(block("a", minute=5), linkedData=linked, **fields)
        last = intake.lines[-1]
        assert last["type"] == "coverage.closed"
        assert last["details"]["status"] == "closed"
        assert last["details"]["ended_at"] == last["at"] == f"2026-03-01T{ended_at}.000Z"
        assert intake.lines[0]["details"]["status"] == "live"
        assert intake.lines[0]["details"]["ended_at"] is None


def test_a_page_that_is_live_stays_so() -> None:
    """A live page makes a live coverage."""
    assert coverage_of(journal_from_guardian(page())).status == "live"


def test_what_a_coverage_has_no_place_for_is_noted() -> None:
    """The page's tags and its missing further pages are noted."""
    _, intake = import_head(
        tags=[{"type": "Keyword", "title": "Weather"}],
        pagination={"currentPage": 2, "totalPages": 3},
    )
    assert any("page 2 of 3" in note for note in intake.notes)
    assert any("Weather" in note for note in intake.notes)


def test_a_page_without_blocks_opens_when_it_was_published() -> None:
    """A page without blocks opens at the time of its publication."""
    document = {**page(), "blocks": []}
    intake = journal_from_guardian(document)
    check_journal(intake)
    assert [(line["type"], line["at"]) for line in intake.lines] == [
        ("coverage.opened", "2026-03-01T12:30:00.000Z")
    ]


@pytest.mark.parametrize(
    ("page_id", "slug"),
    [
        ("a/b/Élan -- vital!", "elan-vital"),
        ("x" * 150, "x" * 100),
        ("a/" + "y" * 99 + "-z", "y" * 99),
    ],
)
def test_a_slug_comes_from_the_last_part_of_the_pages_id(page_id: str, slug: str) -> None:
    """The slug is the last segment of the page's id, reduced to a valid slug."""
    assert import_page(pageId=page_id).lines[0]["coverage"] == slug


def test_a_slug_that_was_asked_for_is_taken() -> None:
    """A slug that is passed in is used in the coverage and in all events."""
    intake = journal_from_guardian(page(), slug="my-storm")
    assert {line["coverage"] for line in intake.lines} == {"my-storm"}
    assert intake.lines[0]["details"]["slug"] == "my-storm"


@pytest.mark.parametrize("slug", ["", "Storm", "a b", "x" * 101, "sturm\n"])
def test_a_slug_that_is_none_is_refused(slug: str) -> None:
    """An invalid slug is refused."""
    with pytest.raises(IntakeError, match="slug"):
        journal_from_guardian(page(), slug=slug)
