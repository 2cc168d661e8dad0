"""Promises of whose a picture is: who may name it in what they write, and change its words."""

import httpx
import pytest

from tests.callers import make_askers
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline
from tests.media.pictures import encoded, picture
from tests.media.sending import Json, sent


@pytest.fixture(scope="module")
def harbour(studio: Newsroom) -> Timeline:
    """A coverage that the pictures are of."""
    return new_timeline(studio, new_slug())


@pytest.fixture(scope="module")
def elsewhere(studio: Newsroom) -> Timeline:
    """Another one."""
    return new_timeline(studio, new_slug())


@pytest.fixture(scope="module")
def hands(studio: Newsroom, harbour: Timeline, elsewhere: Timeline) -> dict[str, httpx.Client]:
    """A key of each kind: two contributors and an editor of the harbour, and those of elsewhere."""
    server = studio.server
    askers = make_askers(server, harbour.slug, elsewhere.slug, roles=("contributor", "editor"))
    (more,) = make_askers(server, harbour.slug, roles=("contributor",))[:1]
    names = {harbour.slug: "harbour", elsewhere.slug: "elsewhere"}
    found = {f"{names[str(a.coverage)]} {a.role}": a for a in askers if a.door == "key"}
    return {n: a.client(server) for n, a in (*found.items(), ("harbour colleague", more))}


def uses(client: httpx.Client, timeline: Timeline, media: Json) -> bool:
    """Whether somebody may name a picture in a draft of theirs; what else is said is a 422."""
    answer = client.post(
        f"{timeline.path}/entries",
        json={"headline": "With it", "media": [media["id"]], "draft": True},
    )
    if answer.status_code != 201:
        assert check_problem(answer, 422)["type"] == "/problems/unknown-media"
    return answer.status_code == 201


def changes(client: httpx.Client, media: Json) -> bool:
    """Whether somebody may change its words; to everybody else it is not there."""
    answer = client.patch(f"/v1/media/{media['id']}", json={"alt": "Smoke"})
    if answer.status_code != 200:
        check_problem(answer, 404)
    assert client.get(f"/v1/media/{media['id']}").status_code == answer.status_code
    return answer.status_code == 200


def test_a_picture_that_nobody_has_used_is_its_senders(
    studio: Newsroom, hands: dict[str, httpx.Client], harbour: Timeline, elsewhere: Timeline
):
    """And that of the editors of the whole newsroom; others neither use nor change it."""
    media = sent(hands["harbour contributor"], encoded(picture()))
    for name in ("harbour colleague", "harbour editor"):
        assert not uses(hands[name], harbour, media)
        assert not changes(hands[name], media)
    for name in ("elsewhere contributor", "elsewhere editor"):
        assert not uses(hands[name], elsewhere, media)
        assert not changes(hands[name], media)
    assert not changes(studio.contributor, media)
    assert changes(studio.editor, media)
    assert changes(hands["harbour contributor"], media)
    assert uses(studio.editor, elsewhere, media)


def test_what_a_coverage_has_used_is_its_editors_too(
    studio: Newsroom, hands: dict[str, httpx.Client], harbour: Timeline, elsewhere: Timeline
):
    """And nobody's elsewhere, nor that of its other contributors."""
    media = sent(hands["harbour contributor"], encoded(picture()))
    assert uses(hands["harbour contributor"], harbour, media)
    assert uses(hands["harbour editor"], harbour, media)
    assert changes(hands["harbour editor"], media)
    assert not uses(hands["harbour colleague"], harbour, media)
    assert not changes(hands["harbour colleague"], media)
    for name in ("elsewhere contributor", "elsewhere editor"):
        assert not uses(hands[name], elsewhere, media)
        assert not changes(hands[name], media)


def test_what_an_editor_put_into_a_draft_does_not_stop_its_writer(
    studio: Newsroom, hands: dict[str, httpx.Client], harbour: Timeline
):
    """A contributor saves it on, with the picture that is none of theirs."""
    media = sent(studio.editor, encoded(picture()))
    writer = hands["harbour contributor"]
    draft = writer.post(f"{harbour.path}/entries", json={"headline": "Mine", "draft": True}).json()
    address, held = f"{harbour.path}/entries/{draft['id']}", {"If-Match": "*"}
    shown = {"media": [media["id"]]}
    studio.editor.patch(address, json=shown, headers=held).raise_for_status()
    saved = writer.patch(address, json={"headline": "Mine still", **shown}, headers=held)
    assert saved.status_code == 200, saved.text
    assert [one["id"] for one in saved.json()["media"]] == [media["id"]]
    assert writer.post(f"{harbour.path}/preview", json=shown).status_code == 200
