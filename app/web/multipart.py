"""Multipart uploads: files and text fields of a form, read as a stream and within limits.

A file is written to disk piece by piece and is never completely in memory. A second file of one
name, a text field over its limit, and a body that ends before its last boundary are refused.

Source: RFC 7578.
"""

import asyncio
import hashlib
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeGuard

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.web.body_memory import reservation_of
from app.web.problems import InvalidPayload, NotMultipart, PayloadTooLarge, WrongMediaType

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_TYPE = b"multipart/form-data"
_LONGEST_FIELD = 16 * 1024  # bytes of one text field
_HEAD = 8 * 1024  # bytes of a part's header fields
_OVERHEAD = 128 * 1024  # bytes that a body may have besides its files
_PIECE = 256 * 1024  # bytes that are written to disk at a time
_MEMORY = 512 * 1024  # bytes that an upload takes while it is received, whatever its length
_SIGNATURE = 64  # bytes that identify the type of a file


@dataclass(frozen=True, slots=True)
class Upload:
    """A received form: paths of files and texts of fields by name, and a digest of everything."""

    files: dict[str, Path]
    fields: dict[str, str]
    digest: bytes

    @property
    def path(self) -> Path:
        """The path of the required file."""
        return self.files["file"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an upload's files.

    Args:
        first: returns the most bytes of the required file, given its first bytes.
        most: the most bytes of the required file, whatever its type.
        others: the most bytes of each optional file, by name.
    """

    first: Callable[[bytes], int]
    most: int
    others: Mapping[str, int] = field(default_factory=dict)

    def of(self, name: str, head: bytes) -> int:
        """Return the limit of one file in bytes, given its first bytes."""
        return self.first(head) if name == "file" else self.others[name]


async def read_upload(
    request: Request, folder: Path, limits: Limits, names: Collection[str]
) -> Upload:
    """Read a request's body, and write its files into `folder`.

    Args:
        request: the request, of multipart/form-data, with one part `file`.
        folder: the folder for the files.
        limits: the limits of the files.
        names: the names of the text fields that are accepted.

    Raises:
        WrongMediaType: the body is of another type.
        PayloadTooLarge: a file or a text field is over its limit.
        NotMultipart: the body is not valid multipart/form-data, or is incomplete.
        InvalidPayload: the file is missing or repeated, or a field has another name.
        BodiesTooMany: the process holds too many bytes of bodies.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != _TYPE:
        raise WrongMediaType("Content-Type must be multipart/form-data.")
    announced = request.headers.get("content-length", "")
    if (
        announced.isdigit()
        and int(announced) > limits.most + sum(limits.others.values()) + _OVERHEAD
    ):
        raise PayloadTooLarge(f"The file may have {limits.most} bytes at most.")
    reservation_of(request).take(0, _MEMORY)
    with _Parts(folder, limits, names) as parts:
        try:
            parser = MultipartParser(options.get(b"boundary", b""), parts.callbacks())
            async for piece in request.stream():
                parser.write(piece)
                await parts.flush(_PIECE)
        except FormParserError as error:
            raise NotMultipart("The body is not valid multipart/form-data.") from error
        await parts.flush(1)
        return parts.result()


@dataclass(slots=True)
class _Part:
    name: str | None = None
    is_file: bool = False
    content: bytearray = field(default_factory=bytearray)
    head: bytes = b""  # the first bytes of a file
    size: int = 0


class _Parts(AbstractContextManager["_Parts"]):
    """Collects the parts of one body from the parser's callbacks."""

    def __init__(self, folder: Path, limits: Limits, names: Collection[str]) -> None:
        self._folder = folder
        self._limits = limits
        self._names = names
        self._file: BufferedWriter | None = None
        self._files: dict[str, Path] = {}
        self._seen = 0  # bytes of the current part's header fields
        self._unwritten = bytearray()
        self._digest = hashlib.sha256()
        self._fields: dict[str, str] = {}
        self._part = _Part()
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def callbacks(self) -> "MultipartCallbacks":
        """Return the callbacks for the parser."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._head(
                self._header_name, data[start:end]
            ),
            "on_header_value": lambda data, start, end: self._head(
                self._header_value, data[start:end]
            ),
            "on_header_end": self._header,
            "on_headers_finished": self._open,
            "on_part_data": self._take,
            "on_part_end": self._close,
            "on_end": self._end,
        }

    async def flush(self, least: int) -> None:
        """Write the buffered bytes of the file, if there are at least so many."""
        if self._file is not None and len(self._unwritten) >= least:
            piece, self._unwritten = self._unwritten, bytearray()
            self._digest.update(piece)
            await asyncio.to_thread(self._file.write, piece)

    def result(self) -> Upload:
        """Return the upload, if it is complete."""
        if not self._is_over:
            raise NotMultipart("The body ends before its last boundary.")
        if "file" not in self._files:
            raise InvalidPayload([("/file", "Field required")])
        fields = [f"{name}={self._fields[name]!r}" for name in sorted(self._fields)]
        digest = self._digest.digest() + "\n".join(fields).encode(errors="surrogatepass")
        return Upload(self._files, self._fields, digest)

    def _is_files(self, name: str | None) -> TypeGuard[str]:
        return name == "file" or name in self._limits.others

    def _begin(self) -> None:
        self._part = _Part()
        self._seen = 0

    def _head(self, text: bytearray, data: bytes) -> None:
        text += data
        self._seen += len(data)
        if self._seen > _HEAD:
            raise PayloadTooLarge(f"The head of a part may have {_HEAD} bytes at most.")

    def _header(self) -> None:
        if bytes(self._header_name).lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._header_value))
            self._part.name = options.get(b"name", b"").decode(errors="replace")
            self._part.is_file = self._is_files(self._part.name) or b"filename" in options
        self._header_name.clear()
        self._header_value.clear()

    def _open(self) -> None:
        name = self._part.name
        if self._is_files(name):
            if name in self._files:
                raise InvalidPayload([(f"/{name}", "must be one file")])
            self._files[name] = path = self._folder / f"upload-{name}"
            if self._file is not None:
                # The rest of the previous file is small, so it is written without a thread.
                self._digest.update(self._unwritten)
                self._file.write(self._unwritten)
                self._file.close()
                self._file, self._unwritten = None, bytearray()
            self._file = path.open("wb")
            self._digest.update(name.encode())
        elif name not in self._names or name in self._fields or self._part.is_file:
            raise InvalidPayload([(f"/{name or ''}", "is unknown, or was sent before")])

    def _take(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        if not self._part.is_file:
            self._part.content += piece
            if len(self._part.content) > _LONGEST_FIELD:
                raise PayloadTooLarge(
                    f"/{self._part.name} may have {_LONGEST_FIELD} bytes at most."
                )
            return
        part = self._part
        part.size += len(piece)
        part.head = (part.head + piece[:_SIGNATURE])[:_SIGNATURE]
        if part.size >= _SIGNATURE:
            limit = self._limits.of(part.name or "", part.head)
            if part.size > limit:
                raise PayloadTooLarge(f"The file may have {limit} bytes at most.")
        self._unwritten += piece

    def _close(self) -> None:
        if not self._part.is_file and self._part.name is not None:
            try:
                self._fields[self._part.name] = self._part.content.decode()
            except UnicodeDecodeError:
                raise InvalidPayload([(f"/{self._part.name}", "must be UTF-8")]) from None

    def _end(self) -> None:
        self._is_over = True
