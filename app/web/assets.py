"""Static assets: the files of the pages, held in memory, each under a versioned address.

The address contains one digest over all files, so that modules find each other by relative imports
and browsers may cache each file for good: a change of any file changes the address. A request with
an old digest, from a page that was open during an update, gets the current file. A name that is in
none of the folders is a 404.

A style sheet is written in parts and served as one. Each file is compressed in a thread when it is
first requested: compressing all of them would take longer than the rest of start-up.
"""

import asyncio
import hashlib
import mimetypes
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
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
# For stable addresses, to which other sites link and whose contents change.
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
    """The static files by name.

    Args:
        folders: searched recursively; of two files with one name the later folder's is taken.
        stable: addresses to which other sites may link, with the name of the file of each.
        stylesheets: style sheets, each with the files that it is made of, in order; a file with the
            sheet's own name replaces it.
        transforms: transformations of some files by name, applied before they are served.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        stable: Mapping[str, str] | None = None,
        stylesheets: Mapping[str, Iterable[str]] | None = None,
        transforms: Mapping[str, Callable[[str], str]] | None = None,
    ) -> None:
        paths = {
            path.relative_to(folder).as_posix(): path
            for folder in folders
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }
        contents = {name: path.read_bytes() for name, path in paths.items()}
        for sheet, parts in (stylesheets or {}).items():
            contents.setdefault(sheet, b"\n".join(contents[part] for part in parts))
        for name, transform in (transforms or {}).items():
            contents[name] = transform(contents[name].decode()).encode()
        self._files: dict[str, _File] = {}
        digest = hashlib.sha256()
        for name in sorted(contents):
            suffix, plain = PurePath(name).suffix, contents[name]
            if suffix in _MINIFIERS:
                plain = _minify(suffix, plain)
            guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
            media_type = _TEXTS.get(suffix, guessed)
            is_compressible = media_type not in _COMPRESSED
            if media_type.startswith("text/"):
                media_type += "; charset=utf-8"
            etag = body_etag(plain)
            self._files[name] = _File(media_type, plain, is_compressible, etag)
            digest.update(f"{name}\0{etag}\n".encode())
        self._digest = digest.hexdigest()[:12]
        self._packed: dict[str, asyncio.Future[Mapping[str, bytes]]] = {}
        self._stable = {a: name for a, name in (stable or {}).items() if name in self._files}

    def __contains__(self, name: str) -> bool:
        """Return whether there is a file of this name."""
        return name in self._files

    def address(self, name: str) -> str:
        """Return a file's versioned address, valid as long as no file changes.

        Raises:
            KeyError: there is no file of that name.
        """
        if name not in self._files:
            raise KeyError(name)
        return f"{_PREFIX}/{self._digest}/{name}"

    def find(self, address: str) -> tuple[str, bool] | None:
        """Return the file name of an address below `/static/`, and whether its digest is current.

        None if there is no such file.
        """
        digest, _, name = address.partition("/")
        if name in self._files:
            return name, digest == self._digest
        return None

    async def answer(self, request: Request, name: str, *, for_good: bool) -> Response:
        """Answer with a file, or with 304 if the client has it.

        Args:
            request: the request.
            name: the name of an existing file.
            for_good: whether the address changes when the file does.
        """
        file = self._files[name]
        accepted = request.headers.get("accept-encoding", "")
        packed: Mapping[str, bytes] = {}
        if accepted and file.is_compressible:
            if name not in self._packed:
                compressed = asyncio.to_thread(_compress, file.plain)
                self._packed[name] = asyncio.ensure_future(compressed)
            # A client that disconnects cancels the compression for no other.
            packed = await asyncio.shield(self._packed[name])
        coding = next((coding for coding in packed if takes(accepted, coding)), None)
        etag = f'{file.etag[:-1]}-{coding}"' if coding else file.etag
        control = _FOR_GOOD if for_good else _SHORTLY
        # Always with CORS headers: a shared cache may serve one site's answer to another.
        headers = public_headers(etag, control, "Accept-Encoding") | CROSS_ORIGIN
        if known_etag(request.headers.get("if-none-match", ""), [headers["ETag"]]):
            return Response(status_code=304, headers=headers)
        if coding is None:
            return Response(file.plain, 200, headers, file.media_type)
        headers["Content-Encoding"] = coding
        return Response(packed[coding], 200, headers, file.media_type)

    def routes(self) -> APIRouter:
        """Return the routes that serve the files."""
        router = APIRouter(include_in_schema=False)

        async def get_file(request: Request, address: str) -> Response:
            if (match := self.find(address)) is None:
                raise HTTPException(404)
            name, is_current = match
            return await self.answer(request, name, for_good=is_current)

        async def get_stable(request: Request) -> Response:
            return await self.answer(request, self._stable[request.url.path], for_good=False)

        for address in self._stable:
            router.add_api_route(address, get_stable, methods=["GET"])
        router.add_api_route(f"{_PREFIX}/{{address:path}}", get_file, methods=["GET"])
        return router


# Each of several applications in one process has the same files.
@lru_cache(maxsize=256)
def _minify(suffix: str, plain: bytes) -> bytes:
    return _MINIFIERS[suffix](plain.decode()).encode()


@lru_cache(maxsize=256)
def _compress(plain: bytes) -> dict[str, bytes]:
    """Return the compressed forms that are smaller than the file, by coding, brotli first."""
    # The highest level takes milliseconds, but only once; dynamic answers could not afford it.
    packed = {"br": brotli.compress(plain), "gzip": zlib.compress(plain, 9, wbits=31)}
    return {coding: data for coding, data in packed.items() if len(data) < len(plain)}
