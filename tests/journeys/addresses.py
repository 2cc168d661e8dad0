"""Every address at which a reader may ask for a coverage, and the answers there.

An answer is not parsed: it is text, head included, that contains a given word or does not.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import connect

from tests.journeys.get_routes import fill_paths, read_get_paths
from tests.journeys.site import PUBLIC_URL, SLUG

Json = dict[str, Any]

_STREAMS = [
    {"format": form, "encoding": encoding}
    for form in ("json", "html")
    for encoding in ("gzip", "identity")
]


@dataclass
class Addresses:
    """The addresses to be asked, and the parameters of their queries.

    Args:
        base_url: The server's URL.
        entries: Ids of entries, public or not.
        cursors: Cursors after which a reader may resume.
        moments: Times for `at`, as ISO 8601.
        tag: A tag that the entries have.
        key: The API key of the requests; empty for an anonymous reader.
        slug: The coverage's slug.
    """

    base_url: str
    entries: Collection[str] = ()
    cursors: Sequence[str] = ()
    moments: Collection[str] = ()
    tag: str = "tag"
    key: str = ""
    slug: str = SLUG
    etags: dict[str, str] = field(default_factory=dict)
    containing: set[str] = field(default_factory=set)

    @property
    def _coverage(self) -> str:
        return f"/v1/coverages/{self.slug}"

    async def answers(self) -> AsyncIterator[tuple[str, str]]:
        """Request each address once; yields the address and the answer, head included.

        An address that was requested before is requested conditionally, as a cache would do.
        """
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        async with httpx.AsyncClient(
            base_url=self.base_url, headers=headers, timeout=120, verify=False, trust_env=False
        ) as client:
            for address in self.pages():
                yield address, await self._ask(client, address)
            if self.key:
                return  # the streams do not depend on the key
            head = await self._head(client)
            for cursor in ("0", *self.cursors):
                for stream in _STREAMS:
                    for address in (f"{self._coverage}/events", f"/v1/events?coverage={self.slug}"):
                        answer = await self._replay(client, address, cursor, stream, head)
                        yield f"stream {address} {stream} after {cursor}", answer
                yield f"socket after {cursor}", await self._replay_socket(cursor, head)

    async def containing_word(self, word: str) -> set[str]:
        """Return the addresses whose answer contains a word, or did before and is 304 now."""
        self.containing = {
            address
            async for address, answer in self.answers()
            if word in answer or (address in self.containing and answer.startswith("304 "))
        }
        return self.containing

    def pages(self) -> list[str]:
        """Return the addresses to request, but for the streams."""
        return list(
            dict.fromkeys([*([] if self.key else self._query_addresses()), *self._router_paths()])
        )

    def _router_paths(self) -> list[str]:
        """Return every GET path of the router, so that none is forgotten."""
        entries = list(self.entries) or ["none"]
        values = {
            "slug": [self.slug],
            "entry_id": entries,
            "number": ["1"],
            "address": ["reader.js"],
        }
        values |= {
            "media_id": ["none"],
            "name": ["none.jpg"],
            "secret": ["none"],
            "template_id": ["none"],
            "upload_key": ["none"],
        }
        return fill_paths(read_get_paths(), values)

    def _query_addresses(self) -> list[str]:
        """Return the addresses whose answers depend on the query or on a parameter's value."""
        entries, page = f"{self._coverage}/entries", f"/coverages/{self.slug}"
        lists = ["", "order=oldest", "key_events=true", f"tag={self.tag}", "lang=en"]
        lists += ["since=2000-01-01T00:00:00Z", "until=2100-01-01T00:00:00Z"]
        lists += [f"at={moment}" for moment in self.moments]
        lists += [f"{side}={entry}" for side in ("before", "after") for entry in self.entries]
        views = ["", f"?tag={self.tag}", "?key_events=true", "?lite=true"]
        views += [f"?at={moment}" for moment in self.moments]
        views += [f"?{side}={entry}" for side in ("before", "after") for entry in self.entries]
        return [
            "/v1/coverages",
            "/v1/coverages?status=live",
            self._coverage,
            *(f"{entries}?limit=50&{query}" for query in lists),
            *(f"{entries}/{entry}" for entry in self.entries),
            *(f"{entries}/{entry}/revisions" for entry in self.entries),
            *(f"{self._coverage}/events?after={cursor}" for cursor in ("0", *self.cursors)),
            *(f"{self._coverage}/events?after={cursor}&limit=1" for cursor in ("0", *self.cursors)),
            *(
                f"{path}?from={cursor}{end}"
                for path in (f"{self._coverage}/changes", page)
                for cursor in ("0", *self.cursors[::4])
                for end in ("", "&offset=1", *(f"&to={later}" for later in self.cursors[-1:]))
            ),
            *(f"{self._coverage}/{name}" for name in ("claims", "figures", "figures.csv")),
            f"{self._coverage}/figures?history=true",
            *(f"{self._coverage}/figures?at={moment}" for moment in self.moments),
            *(f"{page}/figures?at={moment}" for moment in self.moments),
            "/",
            *(f"{page}{view}" for view in views),
            *(f"{page}/entries/{entry}" for entry in self.entries),
            *(f"{page}/feed.{form}" for form in ("atom", "json")),
            *(f"{page}/feed.{form}?key_events=true" for form in ("atom", "json")),
            "/sitemap.xml",
            "/news-sitemap.xml",
            *(f"/oembed?url={PUBLIC_URL}{page}/entries/{entry}" for entry in self.entries),
        ]

    async def _ask(self, client: httpx.AsyncClient, address: str) -> str:
        etag = self.etags.get(address)
        answer = await client.get(address, headers={"If-None-Match": etag} if etag else {})
        if "etag" in answer.headers:
            self.etags[address] = answer.headers["etag"]
        return f"{answer.status_code} {answer.headers} {answer.text}"

    async def _head(self, client: httpx.AsyncClient) -> str:
        cursor: str = (await client.get(self._coverage)).json()["cursor"]
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
        address = f"{self.base_url}{self._coverage}/socket?after={cursor}".replace("http", "ws", 1)
        received = ""
        async with connect(address, proxy=None) as socket, asyncio.timeout(30):
            async for text in socket:
                received += str(text)
                if orjson.loads(text)["cursor"] == head:
                    break
        return received
