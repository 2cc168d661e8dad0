"""Access to the HTTP API for command-line tools: over the network, or inside this process.

Without a server's address, the tool opens the application on the configured database and uses the
same API inside the process. It has the operator's permissions: whoever can open the database could
create a key as well.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from app.cli.refusal import Refused

if TYPE_CHECKING:
    import httpx  # which takes 0.2 s to import

Slug = Annotated[str, typer.Argument(help="The coverage's slug, as in its page's address.")]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="DATELINE_URL",
        help="The server. Without it, the command works on the configured database directly.",
    ),
]
Key = Annotated[
    str | None,
    typer.Option("--key", envvar="DATELINE_API_KEY", help="The API key for the server."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@asynccontextmanager
async def open_api(url: str | None, key: str | None) -> "AsyncIterator[httpx.AsyncClient]":
    """Open a client for the API for the length of the block.

    Args:
        url: the server; None to open the application in this process.
        key: the API key for a server; None to send none.

    Raises:
        Refused: the address or the key is malformed.
    """
    if url is not None:
        async with remote_client(url, key) as client:
            yield client
        return
    from app.cli.local_api import open_local_api  # noqa: PLC0415  slow to import

    async with open_local_api() as client:
        yield client


def remote_client(url: str, key: str | None) -> "httpx.AsyncClient":
    """Create a client for a server.

    Raises:
        Refused: the address or the key is malformed.
    """
    import httpx  # noqa: PLC0415

    from app.cli.timeouts import TIMEOUT  # noqa: PLC0415

    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Refused(f"{url} is no address: {error}") from error
    is_root = address.path in {"", "/"} and not address.query and not address.fragment
    if address.scheme not in {"http", "https"} or not address.host or not is_root:
        raise Refused(f"{url} is no address such as https://live.example.org")
    if key and not (key.isascii() and key.isprintable()):
        raise Refused("the API key holds characters that are not allowed")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT)


def coverage_path(slug: str) -> str:
    """Return the API path of a coverage."""
    return f"/v1/coverages/{quote(slug, safe='')}"
