"""The page of places, and the links of places in entries."""

from collections.abc import Iterator

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline, running_newsroom
from tests.contract.timeline import Timeline
from tests.formats.parsed import Element, parse

PIER = {"name": "Pier 4", "lat": 53.54, "lon": 9.98}
ON_MAP = "https://maps.example/53.54/9.98"


@pytest.fixture(scope="module")
def mapped_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom with a map service of its choice."""
    folder = tmp_path_factory.mktemp("mapped")
    with running_newsroom(folder, map_link="https://maps.example/{lat}/{lon}") as newsroom:
        yield newsroom


def _page(timeline: Timeline, **query: str) -> Element:
    address = f"/coverages/{timeline.slug}/places"
    answer = timeline.newsroom.reader.get(address, params=query).raise_for_status()
    assert "<script" not in answer.text
    return parse(answer.text)


def _listed(page: Element) -> list[tuple[str, list[str]]]:
    """Return the places of a page, each with the ids of its entries."""
    return [
        (
            place.one("h2").text,
            [
                str(link.attributes["href"]).partition("?")[0].rpartition("/")[2]
                for link in place.one("ul", "at-place").all("a")
            ],
        )
        for place in page.one("ul", "changes").children
        if isinstance(place, Element)
    ]


def test_a_place_has_its_entries_and_a_way_to_the_reader_s_map(newsroom: Newsroom) -> None:
    """Places are listed by their newest entry; coordinates lead to `geo:` without a map service."""
    timeline = new_timeline(newsroom, new_slug())
    first = timeline.publish("It burns", place=PIER)
    second = timeline.publish("A statement", place={"name": "Town hall"})
    timeline.publish("Elsewhere")
    third = timeline.publish("It is out", place=PIER)
    page = _page(timeline)
    assert _listed(page) == [
        ("Pier 4", [third["id"], first["id"]]),
        ("Town hall", [second["id"]]),
    ]
    link = page.one("a", "on-map")
    assert (link.attributes["href"], link.text) == ("geo:53.54,9.98", "53.54, 9.98")
    markup = newsroom.reader.get(f"/coverages/{timeline.slug}").text
    assert "geo:" not in markup
    assert f'href="/coverages/{timeline.slug}/places"' in markup


def test_places_lead_to_the_map_service_of_the_newsroom(mapped_newsroom: Newsroom) -> None:
    """With a map service, coordinates and the places of entries lead there, in words as well."""
    timeline = new_timeline(mapped_newsroom, new_slug())
    timeline.publish("It burns", place=PIER)
    timeline.publish("A statement", place={"name": "Town hall"})
    link = _page(timeline).one("a", "on-map")
    assert link.attributes["href"] == ON_MAP
    assert link.text == "53.54, 9.98 Map: maps.example"
    for query in ({}, {"lite": "true"}):
        answer = mapped_newsroom.reader.get(f"/coverages/{timeline.slug}", params=query)
        (link,) = parse(answer.text).all("a", href=ON_MAP)
        assert link.text == "Pier 4"


def test_it_is_read_in_pages(newsroom: Newsroom) -> None:
    """A page has 50 entries, and leads to the next older one, as text if it is."""
    timeline = new_timeline(newsroom, new_slug())
    ids = [
        timeline.publish(f"Number {n}", place={"name": f"Place {n % 2}"})["id"] for n in range(51)
    ]
    page = _page(timeline, lite="true")
    assert sorted(id_ for _, of_place in _listed(page) for id_ in of_place) == sorted(ids[1:])
    older = page.one("a", rel="next").attributes["href"]
    rest = parse(newsroom.reader.get(str(older)).raise_for_status().text)
    assert _listed(rest) == [("Place 0", ids[:1])]
    assert "lite=true" in str(older)
    assert not rest.all("a", rel="next")


def test_only_what_is_public_is_listed(newsroom: Newsroom) -> None:
    """Drafts, scheduled and retracted entries are not listed; without any the page says so."""
    timeline = new_timeline(newsroom, new_slug())
    entry = timeline.publish("It burns", place=PIER)
    timeline.draft("A draft", place={"name": "Secret"})
    timeline.publish("Later", place={"name": "Secret"}, embargo_until="2999-01-01T00:00:00Z")
    assert _listed(_page(timeline)) == [("Pier 4", [entry["id"]])]
    timeline.amend(entry["id"], place={"name": "Pier 5"})
    assert _listed(_page(timeline)) == [("Pier 5", [entry["id"]])]
    timeline.retract(entry["id"])
    page = _page(timeline)
    assert page.one("p", "empty").text == "No update names a place yet."
    assert not page.all("ul", "changes")


def test_a_page_that_does_not_exist_is_not_found(newsroom: Newsroom) -> None:
    """An unknown coverage or bound is a 404, and a withdrawn coverage a 410."""
    timeline = new_timeline(newsroom, new_slug())
    timeline.publish("It burns", place=PIER)
    path = f"/coverages/{timeline.slug}/places"
    refused = (f"/coverages/{new_slug()}/places", f"{path}?before=unknown", f"{path}?before=%00")
    for address in refused:
        assert newsroom.reader.get(address).status_code == 404
    withdrawal = {"note": "It is withdrawn."}
    newsroom.chief.put(f"{timeline.path}/withdrawal", json=withdrawal).raise_for_status()
    assert newsroom.reader.get(path).status_code == 410
