"""Everything that a reader may ask about the journey's coverage, and what is answered there.

Refuses to look into an answer: it is bytes, with its head, in which a word stands or does not.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import connect

from tests.journeys.doors import fill_doors, read_doors
from tests.journeys.site import PUBLIC_URL, SLUG

Json = dict[str, Any]

_COVERAGE = f"/v1/coverages/{SLUG}"
_PAGE = f"/coverages/{SLUG}"
_STREAMS = [
    {"format": form, "encoding": encoding}
    for form in ("json", "html")
    for encoding in ("gzip", "identity")
]


@dataclass
class Addresses:
    """What there is to be asked for.

    Args:
        base_url: of the server.
        entries: ids, public or not.
        cursors: where a reader may have stopped.
        moments: as of when the page may be asked for.
        tag: one that the entries have.
        key: of who asks; empty for a reader.
    """

    base_url: str
    entries: Collection[str] = ()
    cursors: Collection[str] = ()
    moments: Collection[str] = ()
    tag: str = "tag"
    key: str = ""
    etags: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    async def answers(self) -> AsyncIterator[tuple[str, str]]:
        """Ask everything, once; gives the address and the answer, its head included.

        An answer that was asked for before is asked for as a cache would: if it has changed.
        """
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        async with httpx.AsyncClient(
            base_url=self.base_url, headers=headers, timeout=120, verify=False, trust_env=False
        ) as client:
            for address in self._pages():
                yield address, await self._ask(client, address)
            if self.key:
                return  # who asks makes no difference to the streams
            head = await self._head(client)
            for cursor in ("0", *self.cursors):
                for stream in _STREAMS:
                    for address in (f"{_COVERAGE}/events", f"/v1/events?coverage={SLUG}"):
                        answer = await self._replay(client, address, cursor, stream, head)
                        yield f"stream {address} {stream} after {cursor}", answer
                yield f"socket after {cursor}", await self._replay_socket(cursor, head)

    async def telling(self, word: str) -> set[str]:
        """The addresses where a word stands, or where a cache that has it may go on giving it."""
        self.told = {
            address
            async for address, answer in self.answers()
            if word in answer or (address in self.told and answer.startswith("304 "))
        }
        return self.told

    def _pages(self) -> list[str]:
        return list(dict.fromkeys([*([] if self.key else self._chosen()), *self._doors()]))

    def _doors(self) -> list[str]:
        """Each address that the router knows, so that none is forgotten."""
        entries = list(self.entries) or ["none"]
        values = {"slug": [SLUG], "entry_id": entries, "number": ["1"], "address": ["reader.js"]}
        values |= {
            "media_id": ["none"],
            "name": ["none.jpg"],
            "secret": ["none"],
            "upload_key": ["none"],
        }
        return fill_doors(read_doors(), values)

    def _chosen(self) -> list[str]:
        """Those whose answers hang on what is asked for."""
        entries = f"{_COVERAGE}/entries"
        lists = ["", "order=oldest", "key_events=true", f"tag={self.tag}", "lang=en"]
        lists += ["since=2000-01-01T00:00:00Z", "until=2100-01-01T00:00:00Z"]
        lists += [f"at={moment}" for moment in self.moments]
        lists += [f"{side}={entry}" for side in ("before", "after") for entry in self.entries]
        views = ["", f"?tag={self.tag}", "?key_events=true"]
        views += [f"?{side}={entry}" for side in ("before", "after") for entry in self.entries]
        return [
            "/v1/coverages",
            "/v1/coverages?status=live",
            _COVERAGE,
            *(f"{entries}?limit=50&{query}" for query in lists),
            *(f"{entries}/{entry}" for entry in self.entries),
            *(f"{entries}/{entry}/revisions" for entry in self.entries),
            *(f"{_COVERAGE}/events?after={cursor}" for cursor in ("0", *self.cursors)),
            *(f"{_COVERAGE}/events?after={cursor}&limit=1" for cursor in ("0", *self.cursors)),
            "/",
            *(f"{_PAGE}{view}" for view in views),
            *(f"{_PAGE}/entries/{entry}" for entry in self.entries),
            *(f"{_PAGE}/feed.{form}" for form in ("atom", "json")),
            *(f"{_PAGE}/feed.{form}?key_events=true" for form in ("atom", "json")),
            "/sitemap.xml",
            "/news-sitemap.xml",
            *(f"/oembed?url={PUBLIC_URL}{_PAGE}/entries/{entry}" for entry in self.entries),
        ]

    async def _ask(self, client: httpx.AsyncClient, address: str) -> str:
        known = self.etags.get(address)
        answer = await client.get(address, headers={"If-None-Match": known} if known else {})
        if "etag" in answer.headers:
            self.etags[address] = answer.headers["etag"]
        return f"{answer.status_code} {answer.headers} {answer.text}"

    async def _head(self, client: httpx.AsyncClient) -> str:
        cursor: str = (await client.get(_COVERAGE)).json()["cursor"]
        return cursor

    async def _replay(
        self,
        client: httpx.AsyncClient,
        address: str,
        cursor: str,
        stream: dict[str, str],
        head: str,
    ) -> str:
        headers = {"Accept": "text/event-stream", "Accept-Encoding": stream["encoding"]}
        query = {"after": cursor, "format": stream["format"]}
        url = client.base_url.join(address).copy_merge_params(query)
        received = ""
        async with client.stream("GET", url, headers=headers) as answer:
            async for text in answer.aiter_text():
                received += text
                if f"{head}\n" in received and received.endswith("\n\n"):
                    break
        return received

    async def _replay_socket(self, cursor: str, head: str) -> str:
        address = f"{self.base_url}{_COVERAGE}/socket?after={cursor}".replace("http", "ws", 1)
        received = ""
        async with connect(address, proxy=None) as socket, asyncio.timeout(30):
            async for text in socket:
                received += str(text)
                if orjson.loads(text)["cursor"] == head:
                    break
        return received
