"""Uploads of videos, with or without a poster, and embeds of other sites' videos."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from tests.media.videos import SECRETS, Recipe, corners, made
from tests.reader.newsroom_app import Answer, NewsroomApp, ask, header, open_newsroom_app

Json = dict[str, Any]
pytestmark = pytest.mark.asyncio(loop_scope="module")
_WATCH = "https://www.youtube.com/watch?v=S9HdPi9Ikhk"


@asynccontextmanager
async def _open(folder: Path) -> AsyncIterator[NewsroomApp]:
    """Run an application with its own media folder and low upload limits."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATELINE_MEDIA_DIR", str(folder / "media"))
        environment.setenv("DATELINE_VIDEO_LIMIT", "400000")
        environment.setenv("DATELINE_MEDIA_LIMIT", "20000")
        async with open_newsroom_app(folder) as newsroom_app:
            yield newsroom_app


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def newsroom_app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NewsroomApp]:
    """An application for uploads that are accepted."""
    async with _open(tmp_path_factory.mktemp("doors")) as newsroom_app:
        yield newsroom_app


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an application that accepts no upload."""
    return tmp_path_factory.mktemp("empty")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def strict(empty: Path) -> AsyncIterator[NewsroomApp]:
    """An application for uploads that are refused."""
    async with _open(empty) as newsroom_app:
        yield newsroom_app


def _poster() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (640, 360), "teal").save(picture, "JPEG")
    return picture.getvalue()


async def _send(
    newsroom_app: NewsroomApp, video: bytes, poster: bytes | None = None, **words: str
) -> Any:
    files = {"file": ("holiday.exe", video, "text/plain")}
    if poster is not None:
        files["poster"] = ("frame.jpg", poster, "image/jpeg")
    return await newsroom_app.chief.post("/v1/media", files=files, data=words)


async def _sent(
    newsroom_app: NewsroomApp, video: bytes, poster: bytes | None = None, **words: str
) -> Json:
    answer = await _send(newsroom_app, video, poster, **words)
    assert answer.status_code == 201, answer.text
    media: Json = answer.json()
    return media


async def _publish_with(newsroom_app: NewsroomApp, media: Json) -> tuple[str, str]:
    slug = await newsroom_app.open_coverage()
    entry = await newsroom_app.write("POST", f"/{slug}/entries", {"media": [media["id"]]})
    assert entry["media"] == [media]
    return slug, entry["id"]


def _texts(answers: list[Answer]) -> str:
    return "".join(body.decode() for _, _, body in answers)


@pytest.mark.parametrize(
    ("name", "suffix", "size"),
    [("MP4", "mp4", (320, 180)), ("WebM", "webm", (320, 180)), ("an iPhone's", "mp4", (360, 640))],
)
async def test_a_video_is_taken_for_what_it_is(
    newsroom_app: NewsroomApp, name: str, suffix: str, size: tuple[int, int]
) -> None:
    """The type is detected from the content, not from name or declared type.

    Position, device and date are not in the served file.
    """
    media = await _sent(newsroom_app, made(name), alt="Waves", caption="The sea", credit="Ida Berg")
    assert (media["kind"], media["width"], media["height"]) == ("video", *size)
    assert (media["alt"], media["caption"], media["credit"]) == ("Waves", "The sea", "Ida Berg")
    answer = await newsroom_app.chief.get(media["url"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"video/{suffix}"
    assert not any(secret in answer.content for secret in SECRETS)


async def test_a_frame_stands_for_a_video_that_comes_alone(newsroom_app: NewsroomApp) -> None:
    """Without a poster, a frame of the video becomes its renditions, in the video's size."""
    media = await _sent(newsroom_app, made("HEVC"))
    assert {size["type"] for size in media["renditions"]} == {
        "image/jpeg",
        "image/webp",
        "image/avif",
    }
    assert {(size["width"], size["height"]) for size in media["renditions"]} == {(320, 180)}
    (url,) = (size["url"] for size in media["renditions"] if size["type"] == "image/jpeg")
    still = Image.open(io.BytesIO((await newsroom_app.chief.get(url)).content))
    assert corners(still) == ["red", "lime", "blue", "white"]


@pytest.mark.full("a long video")
async def test_the_sender_is_told_how_far_a_video_is(newsroom_app: NewsroomApp) -> None:
    """Progress is available under the upload's idempotency key until the upload is answered.

    It increases, and no other key has it.
    """
    content = Recipe(video="mpeg4", size=(640, 360), frames=96).make()
    assert len(content) < 400_000
    key, other_statuses = "a-long-video", set[int]()

    async def send() -> httpx.Response:
        files = {"file": ("video", content)}
        headers = {"Idempotency-Key": key}
        return await newsroom_app.chief.post("/v1/media", files=files, headers=headers)

    upload, fractions = asyncio.create_task(send()), []
    while not upload.done():
        answer = await newsroom_app.chief.get(f"/v1/media/uploads/{key}")
        if answer.status_code == 200:
            fractions.append(answer.json()["progress"])
        other_statuses.add((await newsroom_app.chief.get("/v1/media/uploads/another")).status_code)
        await asyncio.sleep(0.02)
    assert (await upload).status_code == 201
    assert fractions == sorted(fractions)
    assert any(0 < fraction < 1 for fraction in fractions)
    assert other_statuses == {404}
    assert (await newsroom_app.chief.get(f"/v1/media/uploads/{key}")).status_code == 404


async def test_a_player_asks_for_parts(newsroom_app: NewsroomApp) -> None:
    """Range requests are answered with 206 or 416, several ranges with the whole file.

    If-Range and If-None-Match are evaluated.
    """
    media = await _sent(newsroom_app, made("WebM"))

    async def get(**headers: str) -> httpx.Response:
        raw_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return await newsroom_app.chief.get(media["url"], headers=raw_headers)

    whole = await get()
    etag, content = whole.headers["etag"], whole.content
    part = await get(range="bytes=4-9")
    assert (part.status_code, part.content) == (206, content[4:10])
    assert part.headers["content-range"] == f"bytes 4-9/{len(content)}"
    assert (await get(range="bytes=-3")).content == content[-3:]
    beyond = await get(range=f"bytes={len(content)}-")
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{len(content)}"
    assert (await get(range="bytes=0-1,4-5")).content == content
    assert (await get(range="bytes=0-1", if_range='"other"')).status_code == 200
    assert (await get(range="bytes=0-1", if_range=etag)).status_code == 206
    assert (await get(if_none_match=etag)).status_code == 304
    head = await newsroom_app.chief.head(media["url"])
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(content))


async def test_a_still_picture_stands_for_a_video(newsroom_app: NewsroomApp) -> None:
    """An uploaded poster gets renditions, and the page shows it until the video plays."""
    media = await _sent(newsroom_app, made("MP4"), _poster(), alt="Waves")
    assert (media["kind"], media["alt"]) == ("video", "Waves")
    assert media["url"].endswith(".mp4")
    assert {size["type"] for size in media["renditions"]} >= {"image/jpeg", "image/webp"}
    slug, _ = await _publish_with(newsroom_app, media)
    page = (await ask(newsroom_app.cached, f"/coverages/{slug}"))[2].decode()
    poster = max((r for r in media["renditions"] if "jpeg" in r["type"]), key=lambda r: r["width"])
    path = poster["url"]
    assert f'poster="{path}"' in page
    assert 'preload="none"' in page
    assert (await newsroom_app.chief.get(path)).status_code == 200


async def test_a_video_has_its_own_limit(newsroom_app: NewsroomApp) -> None:
    """Videos have a size limit of their own; pictures and posters keep theirs."""
    padded = made("MP4") + bytes(30_000)
    assert (await _sent(newsroom_app, padded))["kind"] == "video"
    for video, poster in (
        (made("MP4") + bytes(420_000), None),
        (_poster() + bytes(30_000), None),
        (made("MP4"), _poster() + bytes(30_000)),
    ):
        answer = await _send(newsroom_app, video, poster)
        assert answer.status_code == 413, answer.text


@pytest.mark.parametrize(
    ("video", "poster", "status"),
    [
        (made("MP4")[:-300], None, 422),
        (made("WebM")[:400], None, 422),
        (made("MP4"), b"no picture", 415),
        (made("MP4"), b"", 422),
        (made("MP4"), made("MP4"), 413),
        (_poster(), _poster(), 422),
        (b"no video", _poster(), 415),
        (b"\0\0\0\x08moov", None, 422),
    ],
)
async def test_what_is_refused_leaves_nothing(
    strict: NewsroomApp, empty: Path, video: bytes, poster: bytes | None, status: int
) -> None:
    """A refused upload gets a problem document, and leaves no file."""
    answer = await _send(strict, video, poster)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["detail"].split()) > 3
    assert [path for path in (empty / "media").rglob("*") if path.is_file()] == []


async def test_a_video_of_another_site_is_named_by_its_address(newsroom_app: NewsroomApp) -> None:
    """An embed has its canonical address; the page names its site and may frame its player."""
    sent = {"url": "https://youtu.be/S9HdPi9Ikhk?si=x", "alt": "The first step", "credit": "NASA"}
    answer = await newsroom_app.chief.post("/v1/media", json=sent)
    assert answer.status_code == 201, answer.text
    media = answer.json()
    assert (media["kind"], media["url"], media["alt"]) == ("embed", _WATCH, "The first step")
    fetched = await newsroom_app.chief.get(answer.headers["location"])
    assert fetched.json() == media
    slug, _ = await _publish_with(newsroom_app, media)
    page = await ask(newsroom_app.cached, f"/coverages/{slug}")
    policy = header(page, "content-security-policy")
    assert policy
    (frames,) = [rule for rule in policy.split("; ") if rule.startswith("frame-src ")]
    assert "https://www.youtube-nocookie.com" in frames.split()
    assert "Playing it loads content from YouTube." in page[2].decode()
    lite = await ask(newsroom_app.cached, f"/coverages/{slug}?lite=true")
    assert "frame-src" not in (header(lite, "content-security-policy") or "")
    assert f'href="{_WATCH}">Video</a>' in lite[2].decode()


@pytest.mark.parametrize(
    "sent",
    [
        {"url": "https://www.dailymotion.com/news"},
        {"url": "https://evil.example/watch?v=S9HdPi9Ikhk"},
        {"url": "javascript:alert(1)"},
        {"url": ""},
        {"url": None},
        {"alt": "none"},
        {"url": _WATCH, "file": "x"},
    ],
)
async def test_an_address_of_no_allowed_video_is_refused(
    newsroom_app: NewsroomApp, sent: Json
) -> None:
    """An address of no allowed video is refused; the refusal names the allowed sites."""
    answer = await newsroom_app.chief.post("/v1/media", json=sent)
    assert answer.status_code == 422, answer.text
    if isinstance(sent.get("url"), str) and "file" not in sent:
        (error,) = answer.json()["errors"]
        assert error["pointer"] == "/url"
        assert error["detail"].startswith("must be the address of a post or a video of X, Telegram")


async def test_a_retraction_takes_videos_from_everybody(newsroom_app: NewsroomApp) -> None:
    """A retraction removes the video's id and the embed's address from every output.

    The files get a 404.
    """
    video = await _sent(newsroom_app, made("HEVC"), _poster())
    embed = (await newsroom_app.chief.post("/v1/media", json={"url": _WATCH})).json()
    slug = await newsroom_app.open_coverage()
    media = [video["id"], embed["id"]]
    entry = await newsroom_app.write("POST", f"/{slug}/entries", {"media": media})
    outputs = [
        f"/coverages/{slug}",
        f"/coverages/{slug}?lite=true",
        f"/coverages/{slug}/embed",
        f"/coverages/{slug}/feed.atom",
        f"/coverages/{slug}/feed.json",
        f"/v1/coverages/{slug}/entries",
        f"/v1/coverages/{slug}/events",
    ]
    marks = ("S9HdPi9Ikhk", video["id"])
    for address in outputs:
        text = _texts([await ask(newsroom_app.cached, address)])
        assert all(mark in text for mark in marks), address
    await newsroom_app.write(
        "POST", f"/{slug}/entries/{entry['id']}/retraction", {"note": "Not so."}
    )
    for address in outputs:
        text = _texts([await ask(newsroom_app.cached, address)])
        assert not any(mark in text for mark in marks), address
    for url in [video["url"], *(size["url"] for size in video["renditions"])]:
        assert (await newsroom_app.chief.get(url)).status_code == 404
