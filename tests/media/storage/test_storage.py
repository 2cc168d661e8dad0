"""The promises of every media library, on disk and in S3-compatible storage."""

import os
import uuid
from asyncio import gather
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.media.errors import StorageUnavailable, UnknownFile
from app.media.storage.address import check_media_url, open_library
from app.media.storage.storage import Library, new_media_id
from tests.servers import require

NAME, OTHER = "480-0123abcd.jpg", "480-0123abcd.avif"
CONTENT = bytes(range(256)) * 2000


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    """The address of an S3-compatible server, with credentials in the environment."""
    require("moto and boto3", find_spec("moto") and find_spec("boto3"))
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    boto3.session.Session().client("s3").create_bucket(Bucket="newsroom")
    yield environment["AWS_ENDPOINT_URL_S3"]
    server.stop()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture(params=["disk", "s3"])
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Library:
    """An empty library of each kind."""
    if request.param == "disk":
        return open_library(None, tmp_path / "media")
    request.getfixturevalue("storage")
    return open_library(f"s3://newsroom/{uuid.uuid4().hex}/live", tmp_path)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file to store."""
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


async def content(library: Library, media_id: str, name: str, *span: int) -> bytes:
    """Read a file or a span of it."""
    file = await library.find(media_id, name)
    start, stop = span or (0, file.size)
    return b"".join([piece async for piece in file.read(start, stop)])


async def store(library: Library, source: Path) -> str:
    """Store a medium with one file, and return its id."""
    media_id = new_media_id()
    await library.put(media_id, {NAME: source})
    return media_id


async def test_what_is_put_is_read_whole_and_in_parts(library: Library, source: Path):
    """A stored file is read whole and in spans, also across the bounds of the read buffer."""
    media_id = await store(library, source)
    assert (await library.find(media_id, NAME)).size == len(CONTENT)
    assert await content(library, media_id, NAME) == CONTENT
    for start, stop in ((0, 1), (7, 7), (131_070, 131_080), (len(CONTENT) - 3, len(CONTENT))):
        assert await content(library, media_id, NAME, start, stop) == CONTENT[start:stop]


async def test_a_file_can_be_had_on_the_disk(library: Library, source: Path, tmp_path: Path):
    """A file can be fetched to a path."""
    media_id = await store(library, source)
    await library.fetch(media_id, NAME, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == CONTENT
    with pytest.raises(UnknownFile):
        await library.fetch(media_id, OTHER, tmp_path / "other")


async def test_withdrawn_files_are_given_to_nobody(library: Library, source: Path):
    """Withdrawn files cannot be read, and none can be added; withdrawing is idempotent."""
    media_id, stays = await store(library, source), await store(library, source)
    for _ in range(2):
        await library.withdraw(media_id)
        with pytest.raises(UnknownFile):
            await library.find(media_id, NAME)
    with pytest.raises(UnknownFile):
        await library.add(media_id, {OTHER: source})
    assert await content(library, stays, NAME) == CONTENT


@pytest.mark.parametrize("withdrawn", [True, False])
async def test_a_copy_is_public_and_the_rest_as_it_was(
    library: Library, source: Path, withdrawn: bool
):
    """A copy is public and independent of its original; copying is idempotent.

    An unknown medium cannot be copied.
    """
    media_id, copy_id = await store(library, source), new_media_id()
    await library.add(media_id, {OTHER: source})
    if withdrawn:
        await library.withdraw(media_id)
    for _ in range(2):
        await library.copy(media_id, copy_id)
        for name in NAME, OTHER:
            assert await content(library, copy_id, name) == CONTENT
    if withdrawn:
        with pytest.raises(UnknownFile):
            await library.find(media_id, NAME)
    await library.remove(media_id)
    assert await content(library, copy_id, NAME) == CONTENT
    with pytest.raises(UnknownFile):
        await library.copy(media_id, new_media_id())


async def test_copies_made_at_once_are_whole(library: Library, source: Path):
    """Of several tasks that make the same copy, each has all files when it ends."""
    media_id, copy_id = await store(library, source), new_media_id()
    await library.add(media_id, {OTHER: source})

    async def copy_and_read() -> list[bytes]:
        await library.copy(media_id, copy_id)
        return [await content(library, copy_id, name) for name in (NAME, OTHER)]

    assert await gather(*(copy_and_read() for _ in range(8))) == [[CONTENT] * 2] * 8


async def test_what_a_late_copy_brings_back_is_withdrawn_again(library: Library, source: Path):
    """Files that are stored after a withdrawal can be withdrawn as well, and none is lost."""
    media_id, copy_id = await store(library, source), new_media_id()
    await library.withdraw(media_id)
    await library.put(media_id, {OTHER: source})
    await library.withdraw(media_id)
    with pytest.raises(UnknownFile):
        await library.find(media_id, OTHER)
    await library.copy(media_id, copy_id)
    for name in NAME, OTHER:
        assert await content(library, copy_id, name) == CONTENT


@pytest.mark.parametrize("withdrawn", [True, False])
async def test_what_is_removed_is_gone_for_good(library: Library, source: Path, withdrawn: bool):
    """A medium is removed, withdrawn or not; removing is idempotent."""
    media_id = await store(library, source)
    if withdrawn:
        await library.withdraw(media_id)
    for _ in range(2):
        await library.remove(media_id)
        with pytest.raises(UnknownFile):
            await library.find(media_id, NAME)


INVALID_NAMES = [
    ("..", NAME),
    ("../../etc", NAME),
    ("", NAME),
    ("a" * 15, NAME),
    ("A" * 16, NAME),
    ("0" * 32, "../../etc/passwd"),
    ("0" * 32, ".hidden.jpg"),
    ("0" * 32, "a\x00.jpg"),
    ("0" * 32, "a/b.jpg"),
    ("0" * 32, "withdrawn"),
    ("0" * 32, ""),
    ("0" * 32, "x" * 200 + ".jpg"),
]


@pytest.mark.parametrize("id_and_name", INVALID_NAMES)
async def test_a_name_can_mean_nothing_but_a_file_of_ours(
    library: Library, source: Path, id_and_name
):
    """An invalid id or file name is an unknown file, so that no path leaves the library."""
    media_id, name = id_and_name
    with pytest.raises(UnknownFile):
        await library.find(media_id, name)
    with pytest.raises(UnknownFile):
        await library.put(media_id, {name: source})


async def test_a_full_disk_is_said_so(tmp_path: Path, source: Path):
    """A failed write raises `StorageUnavailable`, and leaves no partial file."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageUnavailable, match="cannot be stored"):
        await open_library(None, tmp_path / "file").put(new_media_id(), {NAME: source})
    library = open_library(None, tmp_path / "media")
    with pytest.raises(StorageUnavailable):
        await library.put("0" * 32, {NAME: source, OTHER: tmp_path / "missing"})
    assert [p.name for p in (tmp_path / "media").rglob("*.part")] == []


async def test_what_a_killed_process_has_written_is_deleted(tmp_path: Path, source: Path):
    """The remains of an earlier attempt go with the next one; what is being written stays."""
    library = open_library(None, tmp_path / "media")
    media_id = await store(library, source)
    folder = next((tmp_path / "media").rglob(NAME)).parent
    remains, written = folder / f".{NAME}.0.part", folder / f".{NAME}.1.part"
    for path in (remains, written):
        path.write_bytes(b"half")
    os.utime(remains, (0, 0))
    await library.put(media_id, {NAME: source})
    assert not remains.exists()
    assert written.exists()


async def test_a_storage_that_does_not_answer_is_said_so(
    storage: str, source: Path, tmp_path: Path
):
    """A missing bucket raises `StorageUnavailable`."""
    with pytest.raises(StorageUnavailable, match="media storage does not respond"):
        await open_library("s3://no-such-bucket", tmp_path).put(new_media_id(), {NAME: source})


@pytest.mark.parametrize("url", ["s3://", "s3:///x", "http://x", "s3://B", "s3://bucket/a//b", "x"])
def test_an_address_of_no_library_is_refused(url: str):
    """The error for an invalid address names the expected form."""
    with pytest.raises(ValueError, match="expected s3://BUCKET"):
        check_media_url(url)
