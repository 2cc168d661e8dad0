"""The files that pages are made with: held in memory, each at its own address.

One digest over all files stands in the address, so that modules find each other beside them, and a
browser may keep each for good: what changes has another address. An address with an old digest, of
a page that was open when the server was changed, gets what there is now. Refuses what is in none of
the folders.

A style sheet is written in parts and served as one. Each file is compressed when it is first asked
for, beside the loop: all of them would take a start longer than all else.
"""

import asyncio
import hashlib
import mimetypes
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

import brotli
from fastapi import APIRouter, HTTPException, Request, Response
from rcssmin import cssmin
from rjsmin import jsmin

from app.web.accept import takes
from app.web.conditional import body_etag, known_etag, public_headers
from app.web.cors import CROSS_ORIGIN

_PREFIX = "/static"
_FOR_GOOD = "public, max-age=31536000, immutable"
# What others link to: an address that stays, whose contents do not.
_SHORTLY = "public, max-age=300"
_TEXTS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_MINIFIERS: dict[str, Callable[[str], str]] = {".css": cssmin, ".js": jsmin}
_COMPRESSED = frozenset({"image/jpeg", "image/png", "image/webp", "font/woff2"})


@dataclass(frozen=True, slots=True)
class _File:
    media_type: str
    plain: bytes
    is_compressible: bool
    etag: str


class Assets:
    """Files by name.

    Args:
        folders: where they are, also in folders below; of two of one name the later one is taken.
        stable: addresses that others may link to, and the file that each one gives.
        sheets: style sheets, and the files that each is made of, in order; a file of a sheet's own
            name is taken instead.
        shapes: what is made of some files before they are served.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        stable: Mapping[str, str] | None = None,
        sheets: Mapping[str, Iterable[str]] | None = None,
        shapes: Mapping[str, Callable[[str], str]] | None = None,
    ) -> None:
        found = {name: path.read_bytes() for name, path in _find(folders).items()}
        for sheet, parts in (sheets or {}).items():
            found.setdefault(sheet, b"\n".join(found[part] for part in parts))
        for name, shape in (shapes or {}).items():
            found[name] = shape(found[name].decode()).encode()
        self._files = {name: _describe(name, plain) for name, plain in sorted(found.items())}
        digest = hashlib.sha256()
        for name, file in self._files.items():
            digest.update(f"{name}\0{file.etag}\n".encode())
        self._digest = digest.hexdigest()[:12]
        self._packed: dict[str, asyncio.Future[Mapping[str, bytes]]] = {}
        self._stable = {a: name for a, name in (stable or {}).items() if name in self._files}

    def __contains__(self, name: str) -> bool:
        """Whether there is such a file."""
        return name in self._files

    def address(self, name: str) -> str:
        """Where a file is, as long as none of them changes.

        Raises:
            KeyError: there is none of that name.
        """
        if name not in self._files:
            raise KeyError(name)
        return f"{_PREFIX}/{self._digest}/{name}"

    def find(self, address: str) -> tuple[str, bool] | None:
        """The file that an address below `/static/` leads to, and whether it does so for good."""
        digest, _, name = address.partition("/")
        if name in self._files:
            return name, digest == self._digest
        return None

    async def answer(self, request: Request, name: str, *, for_good: bool) -> Response:
        """A file, or 304 to who has it.

        Args:
            request: what is answered.
            name: of a file that there is.
            for_good: whether the address changes when the file does.
        """
        file = self._files[name]
        accepted = request.headers.get("accept-encoding", "")
        packed = await self._pack(name) if accepted and file.is_compressible else {}
        coding = next((coding for coding in packed if takes(accepted, coding)), None)
        etag = f'{file.etag[:-1]}-{coding}"' if coding else file.etag
        control = _FOR_GOOD if for_good else _SHORTLY
        # Always across origins: a cache between may give what it got for one site to another.
        headers = public_headers(etag, control, "Accept-Encoding") | CROSS_ORIGIN
        if known_etag(request.headers.get("if-none-match", ""), [headers["ETag"]]):
            return Response(status_code=304, headers=headers)
        if coding is None:
            return Response(file.plain, 200, headers, file.media_type)
        headers["Content-Encoding"] = coding
        return Response(packed[coding], 200, headers, file.media_type)

    async def _pack(self, name: str) -> Mapping[str, bytes]:
        if (packed := self._packed.get(name)) is None:
            compressed = asyncio.to_thread(_compress, self._files[name].plain)
            packed = self._packed[name] = asyncio.ensure_future(compressed)
        return await asyncio.shield(packed)  # a client that leaves does not end it for the others

    def routes(self) -> APIRouter:
        """Where they are served."""
        router = APIRouter(include_in_schema=False)

        async def get_file(request: Request, address: str) -> Response:
            if (found := self.find(address)) is None:
                raise HTTPException(404)
            return await self.answer(request, found[0], for_good=found[1])

        async def get_stable(request: Request) -> Response:
            return await self.answer(request, self._stable[request.url.path], for_good=False)

        for address in self._stable:
            router.add_api_route(address, get_stable, methods=["GET"])
        router.add_api_route(f"{_PREFIX}/{{address:path}}", get_file, methods=["GET"])
        return router


def _find(folders: Iterable[Path]) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def _minify(name: str, plain: bytes) -> bytes:
    """A file without what only those who write it need: comments and indentation."""
    if minify := _MINIFIERS.get(PurePath(name).suffix):
        return minify(plain.decode()).encode()
    return plain


def _describe(name: str, plain: bytes) -> _File:
    plain = _minify(name, plain)
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    media_type = _TEXTS.get(PurePath(name).suffix, guessed)
    is_compressible = media_type not in _COMPRESSED
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return _File(media_type, plain, is_compressible, body_etag(plain))


def _compress(plain: bytes) -> dict[str, bytes]:
    """The forms that are smaller than the file itself, by coding, the smallest first."""
    # The best that there is takes milliseconds, once; for answers that are made anew, too many.
    packed = {"br": brotli.compress(plain), "gzip": zlib.compress(plain, 9, wbits=31)}
    return {coding: data for coding, data in packed.items() if len(data) < len(plain)}
