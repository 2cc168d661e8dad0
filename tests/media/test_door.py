"""How the files of media are served: whole, in parts, and so that they can do nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.ranges import RangeNotSatisfiable, parse_range
from tests.conftest import Newsroom
from tests.media.pictures import encoded, picture
from tests.media.sending import Json, addresses, send, sent


@pytest.fixture(scope="module")
def media(studio: Newsroom) -> Json:
    """A picture that is there."""
    return sent(studio.contributor, encoded(picture()), alt="Four colours", credit="A. Painter")


def test_a_file_is_kept_by_browsers_and_forgotten_by_shared_caches(studio: Newsroom, media: Json):
    """Its address never stands for other bytes, and a retraction has to reach everybody."""
    answer = studio.reader.get(media["url"])
    rules = {rule.strip() for rule in answer.headers["cache-control"].split(",")}
    assert {"public", "max-age=31536000", "immutable", "s-maxage=60"} <= rules
    assert answer.headers["content-length"] == str(len(answer.content))
    again = studio.reader.get(media["url"], headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_file_can_do_nothing_if_it_is_opened(studio: Newsroom, media: Json):
    """Its type is ours and not to be guessed at; scripts, frames and forms are forbidden."""
    headers = studio.reader.get(media["url"]).headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_a_page_elsewhere_may_read_a_file(studio: Newsroom, media: Json):
    """As everything that is public."""
    answer = studio.reader.get(media["url"], headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


def test_head_tells_of_a_file_without_sending_it(studio: Newsroom, media: Json):
    """The same head as of GET."""
    head, whole = studio.reader.head(media["url"]), studio.reader.get(media["url"])
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "etag", "accept-ranges", "cache-control"):
        assert head.headers[name] == whole.headers[name]


def test_a_part_of_a_file_is_sent(studio: Newsroom, media: Json):
    """From the beginning, the middle and the end; behind the end is a 416 that says where it is."""
    whole = studio.reader.get(media["url"])
    size = len(whole.content)
    for asked, part in (
        ("bytes=0-0", whole.content[:1]),
        ("bytes=10-99", whole.content[10:100]),
        (f"bytes={size - 5}-", whole.content[-5:]),
        ("bytes=-7", whole.content[-7:]),
        ("bytes=5-999999999", whole.content[5:]),
    ):
        answer = studio.reader.get(media["url"], headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, part)
        start = whole.content.rindex(part) if len(part) > 4 else None
        if start is not None:
            expected = f"bytes {start}-{start + len(part) - 1}/{size}"
            assert answer.headers["content-range"] == expected
    answer = studio.reader.get(media["url"], headers={"Range": f"bytes={size}-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
    stale = {"Range": "bytes=0-0", "If-Range": '"another"'}
    assert studio.reader.get(media["url"], headers=stale).status_code == 200


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 200))
def test_a_range_is_always_within_the_file(start: int, last: int, size: int):
    """Or there is none, or it is refused."""
    for header in (f"bytes={start}-{last}", f"bytes={start}-", f"bytes=-{last}"):
        try:
            span = parse_range(header, size)
        except RangeNotSatisfiable:
            continue
        assert span is None or 0 <= span.start < span.stop <= size


@pytest.mark.parametrize(
    "header", [None, "", "bytes", "bytes=-", "items=0-1", "bytes=0-1,3-4", "bytes=b-a", "bytes=5-2"]
)
def test_what_is_no_single_range_means_the_whole(header: str | None):
    """A server may ignore what it does not understand."""
    assert parse_range(header, 100) is None


NOWHERE = [
    "/media/x/y.jpg",
    "/media/{id}/no-such.jpg",
    "/media/{id}/{name}.part",
    "/media/{id}/..%2f..%2fdateline.db",
    "/media/..%2f/dateline.db",
    "/media/{id}/%00.jpg",
    "/media/{id}/.{name}.part",
    "/media/withdrawn/{id}/{name}",
    "/media/{upper}/{name}",
    "/media/{id}/",
    "/media/",
    "/media/incoming/upload",
    "/media/{id}/no-such.avif",
    "/media/{id}/evil.svg",
]


@pytest.mark.parametrize("address", NOWHERE)
def test_there_is_nothing_else_behind_the_door(studio: Newsroom, media: Json, address: str):
    """No other file, and no other folder, by whatever name."""
    name = media["url"].rpartition("/")[2]
    address = address.format(id=media["id"], upper=media["id"].upper() + "A", name=name)
    answer = studio.reader.get(address)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_address_is_not_to_be_guessed(studio: Newsroom):
    """The same file twice has two ids of 128 random bits, for drafts show pictures too."""
    first, second = (sent(studio.contributor, encoded(picture())) for _ in range(2))
    assert not set(addresses(first)) & set(addresses(second))
    assert all(len(media["id"]) == 32 for media in (first, second))


def test_words_can_be_put_right_before_they_are_used(studio: Newsroom, media: Json):
    """What is left out stays; whoever is no contributor is not let in."""
    address = f"/v1/media/{media['id']}"
    changed = studio.contributor.patch(address, json={"alt": "Four squares of colour"})
    assert changed.status_code == 200
    found = studio.contributor.get(address).json()
    assert found == {**media, "alt": "Four squares of colour"} == changed.json()
    for verb, content in (("GET", None), ("PATCH", {"alt": "x"})):
        assert studio.reader.request(verb, address, json=content).status_code == 401
        unknown = studio.contributor.request(verb, "/v1/media/0000", json=content)
        assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/no-such-media")
    assert send(studio.reader, encoded(picture())).status_code == 401


@pytest.mark.parametrize(("word", "most"), [("alt", 1000), ("caption", 2000), ("credit", 200)])
def test_words_beside_a_picture_have_a_length(studio: Newsroom, media: Json, word: str, most: int):
    """The document tells it; more is refused in characters, with the file, after it or as JSON."""
    document = studio.reader.get("/openapi.json").json()
    form = document["components"]["schemas"]["MediaForm"]["properties"][word]
    assert form["anyOf"][0]["maxLength"] == most
    address, long = f"/v1/media/{media['id']}", {word: "ä" * (most + 1)}
    video = {"url": "https://youtu.be/S9HdPi9Ikhk"}
    for refused in (
        studio.contributor.patch(address, json=long),
        send(studio.contributor, encoded(picture()), **long),
        studio.contributor.post("/v1/media", json=video | long),
    ):
        expected = [{"pointer": f"/{word}", "detail": f"must have {most} characters at most"}]
        assert (refused.status_code, refused.json()["errors"]) == (422, expected)
    full = {word: "ä" * most}
    assert studio.contributor.patch(address, json=full).json()[word] == "ä" * most


def test_a_repeated_upload_is_one_picture(studio: Newsroom):
    """A form of another boundary is the same; another file or other words are not."""
    content = encoded(picture(200, 100))

    def answer(content: bytes, alt: str):
        return studio.contributor.post(
            "/v1/media",
            files={"file": ("a.jpg", content)},
            data={"alt": alt},
            headers={"Idempotency-Key": f"upload-{id(studio)}"},
        )

    first, again = answer(content, "a"), answer(content, "a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    for other in (answer(content, "b"), answer(encoded(picture(9, 9)), "a")):
        assert other.json()["type"] == "/problems/idempotency-key-reused"
