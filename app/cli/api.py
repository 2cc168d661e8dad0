"""The HTTP API as the newsroom's tools reach it: a server's, or a house that the tool opens.

Without a server's address the tool opens the house on the configured database and speaks the same
API to it in the process. It does so as the operator: whoever can open the database could make
a key as well.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from urllib.parse import quote

import httpx
import typer

from app.cli.refusal import Refused
from app.cli.timeouts import TIMEOUT

Slug = Annotated[str, typer.Argument(help="The coverage, as its page's address names it.")]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="DATELINE_URL",
        help="The server. Without it the tool works on the configured database itself.",
    ),
]
Key = Annotated[
    str | None,
    typer.Option("--key", envvar="DATELINE_API_KEY", help="The API key that the server asks for."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


@asynccontextmanager
async def open_api(url: str | None, key: str | None) -> AsyncIterator[httpx.AsyncClient]:
    """A client for the API, open for the length of the block.

    Args:
        url: the server; None to open the house in this process.
        key: the API key for a server; None to come without one.

    Raises:
        Refused: the address or the key cannot be one.
    """
    if url is not None:
        async with remote_client(url, key) as client:
            yield client
        return
    from app.cli.local_api import open_local_api  # noqa: PLC0415  slow to import

    async with open_local_api() as client:
        yield client


def remote_client(url: str, key: str | None) -> httpx.AsyncClient:
    """A client of a server.

    Raises:
        Refused: the address or the key cannot be one.
    """
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Refused(f"{url} is no address: {error}") from error
    is_root = address.path in {"", "/"} and not address.query and not address.fragment
    if address.scheme not in {"http", "https"} or not address.host or not is_root:
        raise Refused(f"{url} is no address such as https://live.example.org")
    return httpx.AsyncClient(base_url=url, headers=_authorization(key), timeout=TIMEOUT)


def coverage_path(slug: str) -> str:
    """Where the API has a coverage."""
    return f"/v1/coverages/{quote(slug, safe='')}"


def _authorization(key: str | None) -> dict[str, str]:
    if not key:
        return {}
    if not key.isascii() or not key.isprintable():
        raise Refused("the API key holds characters that no key has")
    return {"Authorization": f"Bearer {key}"}
