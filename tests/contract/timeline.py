"""Operations on one coverage of a running server, over HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx

from tests.conftest import Newsroom

Json = dict[str, Any]


class Timeline:
    """A coverage: the newsroom's writes and the readers' requests; each must succeed."""

    def __init__(self, newsroom: Newsroom, slug: str) -> None:
        self.newsroom = newsroom
        self.slug = slug
        self.path = f"/v1/coverages/{slug}"

    def publish(self, headline: str | None = "Something happened", /, **fields: Any) -> Json:
        """Publish an entry."""
        form = fields if headline is None else {"headline": headline, **fields}
        return self._written(self.newsroom.editor.post(f"{self.path}/entries", json=form), 201)

    def draft(self, headline: str = "Not yet", /, **fields: Any) -> Json:
        """Store a draft."""
        return self.publish(headline, draft=True, **fields)

    def amend(self, entry_id: str, revision: str = "*", **fields: Any) -> Json:
        """Amend an entry."""
        address, headers = f"{self.path}/entries/{entry_id}", {"If-Match": revision}
        return self._written(self.newsroom.editor.patch(address, json=fields, headers=headers), 200)

    def correct(self, entry_id: str, note: str = "It was otherwise.", **fields: Any) -> Json:
        """Correct an entry."""
        return self.act(entry_id, "correction", {"note": note, **fields})

    def retract(self, entry_id: str, note: str = "It was not so.") -> Json:
        """Retract an entry."""
        return self.act(entry_id, "retraction", {"note": note})

    def act(self, entry_id: str, action: str, payload: Json | None = None) -> Json:
        """Post to one of an entry's actions."""
        address = f"{self.path}/entries/{entry_id}/{action}"
        return self._written(self.newsroom.editor.post(address, json=payload), 200)

    def pin(self, entry_id: str) -> Json:
        """Pin an entry."""
        return self._written(self.newsroom.editor.put(f"{self.path}/entries/{entry_id}/pin"), 200)

    def unpin(self, entry_id: str) -> Json:
        """Unpin an entry."""
        address = f"{self.path}/entries/{entry_id}/pin"
        return self._written(self.newsroom.editor.delete(address), 200)

    def change(self, **fields: Any) -> Json:
        """Change the coverage itself."""
        return self._written(self.newsroom.chief.patch(self.path, json=fields), 200)

    @staticmethod
    def _written(answer: httpx.Response, status: int) -> Json:
        assert answer.status_code == status, answer.text
        written: Json = answer.json()
        return written

    def get(self, address: str = "", **query: Any) -> httpx.Response:
        """Send a reader's GET; returns the response, which may be a refusal.

        Args:
            address: the path below the coverage.
            query: query parameters.
        """
        return self.newsroom.reader.get(f"{self.path}{address}", params=query)

    def read(self, address: str = "", **query: Any) -> Json:
        """Send a reader's GET; returns the document."""
        return self._written(self.get(address, **query), 200)

    def page(self, **query: Any) -> Json:
        """Return a page of entries."""
        return self.read("/entries", **query)

    def shown(self, **query: Any) -> list[str]:
        """Return the ids of a page's entries."""
        return [entry["id"] for entry in self.page(**query)["entries"]]

    def entry(self, entry_id: str) -> Json:
        """Return an entry."""
        return self.read(f"/entries/{entry_id}")

    def revisions(self, entry_id: str) -> list[Json]:
        """Return an entry's revisions."""
        stored: list[Json] = self.read(f"/entries/{entry_id}/revisions")["revisions"]
        return stored

    def journal(self, after: str = "0") -> list[Json]:
        """Return all events after a cursor."""
        events: list[Json] = []
        while True:
            page = self.read("/events", after=after)
            events += page["events"]
            after = page["cursor"]
            if not page["more"]:
                return events

    @property
    def head(self) -> str:
        """The coverage's current cursor."""
        cursor: str = self.read()["cursor"]
        return cursor

    @property
    def drafts(self) -> list[Json]:
        """Drafts and scheduled entries, as an editor sees them."""
        answer = self.newsroom.editor.get(f"{self.path}/drafts")
        stored: list[Json] = self._written(answer, 200)["drafts"]
        return stored

    def turn(self, page: Json, side: str = "next") -> Iterator[Json]:
        """Yield the page and those that its links lead to, up to the last one."""
        yield page
        while page[side] is not None:
            answer = self.newsroom.reader.get(page[side])
            page = self._written(answer, 200)
            yield page


def fold_events(events: list[Json]) -> dict[str, Json]:
    """Fold events to the entries that they leave, by id: the last one replaces those before."""
    return {event["entry"]["id"]: event["entry"] for event in events if "entry" in event}
