"""A library in S3-compatible storage: objects `PREFIX/ID/NAME`, and `PREFIX/withdrawn/ID/NAME`.

The server proxies the files instead of redirecting readers to the storage. The bucket therefore
stays private, an address is dead the moment its files are withdrawn, and every response carries the
server's own headers. A cache in front of the server takes the load.

Credentials, region and endpoint come from the environment, as for every program that uses boto3.
Its calls block, so they run in a thread pool of the library.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.media.errors import StorageUnavailable, UnknownFile
from app.media.sniff import TYPES
from app.media.storage.storage import PIECE, check_name

Result = TypeVar("Result")

_WITHDRAWN = "withdrawn"
_THREADS = 16
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"max_attempts": 3, "mode": "standard"},
    max_pool_connections=_THREADS,
)


@dataclass(frozen=True, slots=True)
class S3File:
    """An object that was found; each call of `read` requests it anew."""

    library: "S3Library"
    key: str
    size: int

    async def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield its bytes from `start` up to, but not including, `stop`, in pieces."""
        if stop <= start:
            return
        body = await self.library.open(self.key, start, stop)
        try:
            while piece := await self.library.call(lambda: body.read(PIECE)):
                yield piece
        finally:
            body.close()


class S3Library:
    """Files in a bucket.

    Args:
        bucket: its name.
        prefix: precedes every key, without a slash at its ends; empty for none.
    """

    def __init__(self, bucket: str, prefix: str = "") -> None:
        self._bucket = bucket
        self._root = f"{prefix}/" if prefix else ""
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="s3")
        self._client: Any = None

    async def put(self, media_id: str, files: Mapping[str, Path]) -> None:
        """Store copies of a new medium's files."""
        for name, source in files.items():
            check_name(media_id, name)
            await self.call(partial(self._upload, self._public(media_id) + name, source))

    async def add(self, media_id: str, files: Mapping[str, Path]) -> None:
        """Store copies of further files of a medium that is public already."""
        check_name(media_id)
        if not await self.call(lambda: self._keys(self._public(media_id))):
            raise UnknownFile("It is not public any more.")
        await self.put(media_id, files)
        # Withdrawn meanwhile: the withdrawal may have listed the keys before these were added.
        if await self.call(lambda: self._keys(self._withdrawn(media_id))):
            await self.withdraw(media_id)
            raise UnknownFile("It is not public any more.")

    async def find(self, media_id: str, name: str) -> S3File:
        """Find a public file."""
        check_name(media_id, name)
        key = self._public(media_id) + name
        head = await self.call(lambda: self._s3().head_object(Bucket=self._bucket, Key=key))
        return S3File(self, key, head["ContentLength"])

    async def fetch(self, media_id: str, name: str, target: Path) -> None:
        """Copy a public file to `target`."""
        check_name(media_id, name)
        key = self._public(media_id) + name
        await self.call(lambda: self._s3().download_file(self._bucket, key, str(target)))

    async def withdraw(self, media_id: str) -> None:
        """Stop serving a medium's files, but keep them."""
        check_name(media_id)
        await self.call(lambda: self._move(self._public(media_id), self._withdrawn(media_id)))

    async def copy(self, media_id: str, copy_id: str) -> None:
        """Copy a medium's files, public or withdrawn, as public files of another medium."""
        check_name(media_id)
        check_name(copy_id)
        for source in (self._withdrawn(media_id), self._public(media_id)):
            for key in (keys := await self.call(partial(self._keys, source))):
                target = self._public(copy_id) + key.removeprefix(source)
                await self.call(partial(self._copy, key, target))
            if keys:
                return
        raise UnknownFile("There are no such files.")

    async def remove(self, media_id: str) -> None:
        """Delete a medium's files permanently."""
        check_name(media_id)
        for folder in (self._public(media_id), self._withdrawn(media_id)):
            for key in await self.call(partial(self._keys, folder)):
                await self.call(partial(self._delete, key))

    async def open(self, key: str, start: int, stop: int) -> Any:
        """Return the body of an object, from `start` up to, but not including, `stop`."""
        span = f"bytes={start}-{stop - 1}"
        request = {"Bucket": self._bucket, "Key": key, "Range": span}
        return (await self.call(lambda: self._s3().get_object(**request)))["Body"]

    async def call(self, act: Callable[[], Result]) -> Result:
        """Call `act` in a thread.

        Raises:
            UnknownFile: there is no such object.
            StorageUnavailable: the storage does not answer, or refuses the request.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, act)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _MISSING:
                raise UnknownFile("There is no such file.") from error
            raise StorageUnavailable("The media storage refuses; nothing was stored.") from error
        except (Boto3Error, BotoCoreError, OSError) as error:
            raise StorageUnavailable(
                "The media storage does not respond; nothing was stored."
            ) from error

    def _s3(self) -> Any:
        if self._client is None:
            self._client = boto3.session.Session().client("s3", config=_CONFIG)
        return self._client

    def _public(self, media_id: str) -> str:
        return f"{self._root}{media_id}/"

    def _withdrawn(self, media_id: str) -> str:
        return f"{self._root}{_WITHDRAWN}/{media_id}/"

    def _upload(self, key: str, source: Path) -> None:
        media_type = TYPES.get(key.rpartition(".")[2], "application/octet-stream")
        extra = {"ContentType": media_type}
        self._s3().upload_file(str(source), self._bucket, key, ExtraArgs=extra)

    def _keys(self, folder: str) -> list[str]:
        listing = self._s3().list_objects_v2(Bucket=self._bucket, Prefix=folder)
        return [item["Key"] for item in listing.get("Contents", ())]

    def _delete(self, key: str) -> None:
        self._s3().delete_object(Bucket=self._bucket, Key=key)

    def _copy(self, key: str, target: str) -> None:
        source = {"Bucket": self._bucket, "Key": key}
        self._s3().copy_object(Bucket=self._bucket, Key=target, CopySource=source)

    def _move(self, source: str, target: str) -> None:
        # Repeat until no key is left: objects may have been added while others were moved.
        while keys := self._keys(source):
            for key in keys:
                self._copy(key, target + key.removeprefix(source))
                self._delete(key)
