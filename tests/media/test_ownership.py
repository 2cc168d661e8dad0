"""Ownership of pictures: who may use one in an entry, and who may change its texts."""

import httpx
import pytest

from tests.callers import make_callers
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline
from tests.media.pictures import encoded, picture
from tests.media.sending import Json, sent


@pytest.fixture(scope="module")
def harbour(media_newsroom: Newsroom) -> Timeline:
    """The coverage in which the pictures are used."""
    return new_timeline(media_newsroom, new_slug())


@pytest.fixture(scope="module")
def elsewhere(media_newsroom: Newsroom) -> Timeline:
    """Another coverage."""
    return new_timeline(media_newsroom, new_slug())


@pytest.fixture(scope="module")
def clients(
    media_newsroom: Newsroom, harbour: Timeline, elsewhere: Timeline
) -> dict[str, httpx.Client]:
    """Clients with a key each: two contributors and an editor of the harbour, and elsewhere's."""
    server = media_newsroom.server
    callers = make_callers(server, harbour.slug, elsewhere.slug, roles=("contributor", "editor"))
    (more,) = make_callers(server, harbour.slug, roles=("contributor",))[:1]
    names = {harbour.slug: "harbour", elsewhere.slug: "elsewhere"}
    keys = {f"{names[str(a.coverage)]} {a.role}": a for a in callers if a.door == "key"}
    return {n: a.client(server) for n, a in (*keys.items(), ("harbour colleague", more))}


def may_use(client: httpx.Client, timeline: Timeline, media: Json) -> bool:
    """Return whether a client may use a picture in a draft; a refusal must be a 422."""
    answer = client.post(
        f"{timeline.path}/entries",
        json={"headline": "With it", "media": [media["id"]], "draft": True},
    )
    if answer.status_code != 201:
        assert check_problem(answer, 422)["type"] == "/problems/unknown-media"
    return answer.status_code == 201


def may_change(client: httpx.Client, media: Json) -> bool:
    """Return whether a client may change a picture's texts; to others it must be a 404."""
    answer = client.patch(f"/v1/media/{media['id']}", json={"alt": "Smoke"})
    if answer.status_code != 200:
        check_problem(answer, 404)
    assert client.get(f"/v1/media/{media['id']}").status_code == answer.status_code
    return answer.status_code == 200


def test_a_picture_that_nobody_has_used_is_its_senders(
    media_newsroom: Newsroom,
    clients: dict[str, httpx.Client],
    harbour: Timeline,
    elsewhere: Timeline,
):
    """An unused picture belongs to its uploader and to the newsroom's editors."""
    media = sent(clients["harbour contributor"], encoded(picture()))
    for name in ("harbour colleague", "harbour editor"):
        assert not may_use(clients[name], harbour, media)
        assert not may_change(clients[name], media)
    for name in ("elsewhere contributor", "elsewhere editor"):
        assert not may_use(clients[name], elsewhere, media)
        assert not may_change(clients[name], media)
    assert not may_change(media_newsroom.contributor, media)
    assert may_change(media_newsroom.editor, media)
    assert may_change(clients["harbour contributor"], media)
    assert may_use(media_newsroom.editor, elsewhere, media)


def test_what_a_coverage_has_used_is_its_editors_too(
    media_newsroom: Newsroom,
    clients: dict[str, httpx.Client],
    harbour: Timeline,
    elsewhere: Timeline,
):
    """A picture that a coverage uses is also its editors', but not other contributors'."""
    media = sent(clients["harbour contributor"], encoded(picture()))
    assert may_use(clients["harbour contributor"], harbour, media)
    assert may_use(clients["harbour editor"], harbour, media)
    assert may_change(clients["harbour editor"], media)
    assert not may_use(clients["harbour colleague"], harbour, media)
    assert not may_change(clients["harbour colleague"], media)
    for name in ("elsewhere contributor", "elsewhere editor"):
        assert not may_use(clients[name], elsewhere, media)
        assert not may_change(clients[name], media)


def test_what_an_editor_put_into_a_draft_does_not_stop_its_writer(
    media_newsroom: Newsroom, clients: dict[str, httpx.Client], harbour: Timeline
):
    """A contributor may keep a picture that an editor has added to their draft."""
    media = sent(media_newsroom.editor, encoded(picture()))
    writer = clients["harbour contributor"]
    draft = writer.post(f"{harbour.path}/entries", json={"headline": "Mine", "draft": True}).json()
    address, headers = f"{harbour.path}/entries/{draft['id']}", {"If-Match": "*"}
    document = {"media": [media["id"]]}
    media_newsroom.editor.patch(address, json=document, headers=headers).raise_for_status()
    saved = writer.patch(address, json={"headline": "Mine still", **document}, headers=headers)
    assert saved.status_code == 200, saved.text
    assert [one["id"] for one in saved.json()["media"]] == [media["id"]]
    assert writer.post(f"{harbour.path}/preview", json=document).status_code == 200
