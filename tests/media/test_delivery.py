"""Delivery of media files: caching, ranges, security headers, and the metadata API."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.ranges import RangeNotSatisfiable, parse_range
from tests.conftest import Newsroom
from tests.media.pictures import encoded, picture
from tests.media.sending import Json, addresses, send, sent


@pytest.fixture(scope="module")
def media(media_newsroom: Newsroom) -> Json:
    """An uploaded picture."""
    return sent(
        media_newsroom.contributor, encoded(picture()), alt="Four colours", credit="A. Painter"
    )


def test_a_file_is_kept_by_browsers_and_forgotten_by_shared_caches(
    media_newsroom: Newsroom, media: Json
):
    """Browsers cache a file as immutable; shared caches for a minute, because of retractions."""
    answer = media_newsroom.reader.get(media["url"])
    rules = {rule.strip() for rule in answer.headers["cache-control"].split(",")}
    assert {"public", "max-age=31536000", "immutable", "s-maxage=60"} <= rules
    assert answer.headers["content-length"] == str(len(answer.content))
    again = media_newsroom.reader.get(
        media["url"], headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_a_file_can_do_nothing_if_it_is_opened(media_newsroom: Newsroom, media: Json):
    """A file has its sniffed type, `nosniff`, and a policy with `sandbox`."""
    headers = media_newsroom.reader.get(media["url"]).headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_a_page_elsewhere_may_read_a_file(media_newsroom: Newsroom, media: Json):
    """CORS and CORP allow every origin."""
    answer = media_newsroom.reader.get(
        media["url"], headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


def test_head_tells_of_a_file_without_sending_it(media_newsroom: Newsroom, media: Json):
    """HEAD has the headers of GET and no body."""
    head, whole = media_newsroom.reader.head(media["url"]), media_newsroom.reader.get(media["url"])
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "etag", "accept-ranges", "cache-control"):
        assert head.headers[name] == whole.headers[name]


def test_a_part_of_a_file_is_sent(media_newsroom: Newsroom, media: Json):
    """Ranges are answered with 206; one after the end with a 416 that has the size.

    A stale If-Range gets the whole file.
    """
    whole = media_newsroom.reader.get(media["url"])
    size = len(whole.content)
    for range_header, part in (
        ("bytes=0-0", whole.content[:1]),
        ("bytes=10-99", whole.content[10:100]),
        (f"bytes={size - 5}-", whole.content[-5:]),
        ("bytes=-7", whole.content[-7:]),
        ("bytes=5-999999999", whole.content[5:]),
    ):
        answer = media_newsroom.reader.get(media["url"], headers={"Range": range_header})
        assert (answer.status_code, answer.content) == (206, part)
        start = whole.content.rindex(part) if len(part) > 4 else None
        if start is not None:
            expected = f"bytes {start}-{start + len(part) - 1}/{size}"
            assert answer.headers["content-range"] == expected
    answer = media_newsroom.reader.get(media["url"], headers={"Range": f"bytes={size}-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
    stale = {"Range": "bytes=0-0", "If-Range": '"another"'}
    assert media_newsroom.reader.get(media["url"], headers=stale).status_code == 200


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 200))
def test_a_range_is_always_within_the_file(start: int, last: int, size: int):
    """A parsed range lies within the file, or is None, or is refused."""
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
    """An invalid range, or several, is ignored, as RFC 9110 allows."""
    assert parse_range(header, 100) is None


UNKNOWN_ADDRESSES = [
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


@pytest.mark.parametrize("address", UNKNOWN_ADDRESSES)
def test_there_is_nothing_else_behind_the_door(media_newsroom: Newsroom, media: Json, address: str):
    """No other address below /media serves anything."""
    name = media["url"].rpartition("/")[2]
    address = address.format(id=media["id"], upper=media["id"].upper() + "A", name=name)
    answer = media_newsroom.reader.get(address)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_address_is_not_to_be_guessed(media_newsroom: Newsroom):
    """Two uploads of one file have different ids of 128 bits, since drafts show pictures too."""
    first, second = (sent(media_newsroom.contributor, encoded(picture())) for _ in range(2))
    assert not set(addresses(first)) & set(addresses(second))
    assert all(len(media["id"]) == 32 for media in (first, second))


def test_words_can_be_put_right_before_they_are_used(media_newsroom: Newsroom, media: Json):
    """A contributor may change a picture's texts; omitted ones stay. A reader gets a 401."""
    address = f"/v1/media/{media['id']}"
    changed = media_newsroom.contributor.patch(address, json={"alt": "Four squares of colour"})
    assert changed.status_code == 200
    fetched = media_newsroom.contributor.get(address).json()
    assert fetched == {**media, "alt": "Four squares of colour"} == changed.json()
    for verb, content in (("GET", None), ("PATCH", {"alt": "x"})):
        assert media_newsroom.reader.request(verb, address, json=content).status_code == 401
        unknown = media_newsroom.contributor.request(verb, "/v1/media/0000", json=content)
        assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/no-such-media")
    assert send(media_newsroom.reader, encoded(picture())).status_code == 401


@pytest.mark.parametrize(("word", "most"), [("alt", 1000), ("caption", 2000), ("credit", 200)])
def test_words_beside_a_picture_have_a_length(
    media_newsroom: Newsroom, media: Json, word: str, most: int
):
    """A text has a maximum length in characters, which the OpenAPI document states.

    It holds at the upload, for a later change and for an embed.
    """
    document = media_newsroom.reader.get("/openapi.json").json()
    form = document["components"]["schemas"]["MediaForm"]["properties"][word]
    assert form["anyOf"][0]["maxLength"] == most
    address, long = f"/v1/media/{media['id']}", {word: "ä" * (most + 1)}
    video = {"url": "https://youtu.be/S9HdPi9Ikhk"}
    for refused in (
        media_newsroom.contributor.patch(address, json=long),
        send(media_newsroom.contributor, encoded(picture()), **long),
        media_newsroom.contributor.post("/v1/media", json=video | long),
    ):
        expected = [{"pointer": f"/{word}", "detail": f"must have {most} characters at most"}]
        assert (refused.status_code, refused.json()["errors"]) == (422, expected)
    full = {word: "ä" * most}
    assert media_newsroom.contributor.patch(address, json=full).json()[word] == "ä" * most


def test_a_repeated_upload_is_one_picture(media_newsroom: Newsroom):
    """A retried upload with one idempotency key is one picture, whatever the form boundary.

    Another file or other texts under the key are refused.
    """
    content = encoded(picture(200, 100))

    def answer(content: bytes, alt: str):
        return media_newsroom.contributor.post(
            "/v1/media",
            files={"file": ("a.jpg", content)},
            data={"alt": alt},
            headers={"Idempotency-Key": f"upload-{id(media_newsroom)}"},
        )

    first, again = answer(content, "a"), answer(content, "a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    for other in (answer(content, "b"), answer(encoded(picture(9, 9)), "a")):
        assert other.json()["type"] == "/problems/idempotency-key-reused"
