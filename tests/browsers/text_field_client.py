"""A client that writes hostile texts into every text field of the API, and counts refusals."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from tests.browsers.injections import Place, Vector
from tests.conftest import Newsroom

Json = dict[str, Any]

_AT = "2026-03-01T12:00:00.000Z"
_SPACE = re.compile(r"[\s\x00-\x20\x7f-\xa0]")
_TEMPLATES = {
    Place.VALUE: ('<p title="{}">x</p>', '[x](https://news.example/ "{}")'),
    Place.ADDRESS: (
        '<a href="{0}">x</a><img src="{0}"><q cite="{0}">x</q><del cite="{0}">x</del>',
        "[x]({0}) ![x](<{0}>) <{0}> [r]\n\n[r]: {0}",
    ),
}


class TextFieldClient:
    """Writes with the chief's key.

    Args:
        newsroom: The newsroom to write to.
    """

    def __init__(self, newsroom: Newsroom) -> None:
        self._chief = newsroom.chief
        self.accepted = 0
        self.refused = 0

    def open(self, slug: str) -> None:
        """Open a coverage with harmless texts."""
        self._write("POST", "/v1/coverages", {"slug": slug, "title": "A test"})

    def head(self, slug: str, vector: Vector) -> None:
        """Put a vector into each text field of a coverage."""
        text = vector.text
        related = {"title": text, "url": _address(text)}
        payload = {"title": text, "kicker": text, "standfirst": text, "bylines": [text]}
        payload["related"] = [related, {"title": "x", "url": text}]
        self._write("PATCH", f"/v1/coverages/{slug}", payload)

    def entries(self, slug: str, vector: Vector) -> list[str]:
        """Publish, correct and retract entries with a vector in each of their text fields.

        Returns:
            The ids, in the order of publication; the last one is a tombstone.
        """
        text, entries = vector.text, f"/v1/coverages/{slug}/entries"
        html, markdown = _TEMPLATES.get(vector.place, ("{}", "{}"))
        payloads: list[Json] = [
            {"headline": text, "bylines": [text], "tags": [text], "place": {"name": text}},
            {"headline": "Markdown", "body": markdown.format(text)},
            {"headline": "Wrong"},
        ]
        payloads[0] |= {"key_event": True, "body": {"html": html.format(text)}}
        ids = [self._write("POST", entries, payload)["id"] for payload in payloads]
        self._write("POST", f"{entries}/{ids[0]}/correction", {"note": text})
        self._write("POST", f"{entries}/{ids[-1]}/retraction", {"note": text}, {"note": "x"})
        return ids

    def pin(self, slug: str, entry_id: str) -> None:
        """Pin an entry."""
        self._write("PUT", f"/v1/coverages/{slug}/entries/{entry_id}/pin", None)

    def import_coverage(self, slug: str, vector: Vector) -> bool:
        """Import a coverage with a vector in every field but the slug and the ids.

        Returns whether the server accepted it.
        """
        records = [
            {"format": "dateline-journal", "version": 1},
            _record(1, "coverage.opened", slug, details=_coverage(slug, vector.text)),
            _record(2, "entry.published", slug, entry=_entry(vector.text)),
            {"end": {"events": 2, "drafts": 0}},
        ]
        answer = self._chief.post(
            "/v1/imports",
            content=b"\n".join(map(orjson.dumps, records)),
            headers={"Content-Type": "application/x-ndjson"},
        )
        return self._count(answer)

    def _write(
        self, method: str, path: str, payload: Json | None, least: Json | None = None
    ) -> Json:
        """Send a payload without the fields that the server refuses.

        Once every field is refused, `least` is sent; without `least` nothing is.
        """
        while True:
            answer = self._chief.request(method, path, json=payload, headers={"If-Match": "*"})
            if self._count(answer):
                written: Json = answer.json()
                return written
            assert answer.status_code == 422, answer.text
            payload = _without(payload or {}, answer) or least or {}
            if not payload:
                return {}

    def _count(self, answer: httpx.Response) -> bool:
        assert answer.status_code < 500, answer.text
        self.accepted += answer.is_success
        self.refused += answer.is_client_error
        return answer.is_success


def _without(payload: Json, answer: httpx.Response) -> Json:
    if answer.json()["type"] == "/problems/empty-entry":
        return payload | {"headline": "Nothing is left of the rest"}
    refused = {error["pointer"].split("/")[1] for error in answer.json()["errors"]}
    remaining = {name: value for name, value in payload.items() if name not in refused}
    assert remaining != payload, answer.text
    if "related" in refused and len(payload["related"]) > 1:
        remaining["related"] = payload["related"][:1]
    return remaining


def _record(seq: int, kind: str, slug: str, **state: Json) -> Json:
    return {"seq": seq, "type": kind, "coverage": slug, "at": _AT, **state}


def _coverage(slug: str, text: str) -> Json:
    now = datetime.now(UTC).isoformat()  # the index lists the newest coverages first
    return {
        "slug": slug,
        "title": text,
        "kicker": text,
        "standfirst": text,
        "status": "live",
        "language": "en",
        "bylines": [{"name": text}],
        "starts_at": now,
        "created_at": now,
        "lead_image": _media(text),
        "related": [{"title": text, "url": _address(text)}],
    }


def _entry(text: str) -> Json:
    return {
        "id": "x",
        "revision": 1,
        "status": "published",
        "headline": text,
        "body": {"html": text, "markdown": text},
        "kind": "media",
        "key_event": True,
        "bylines": [{"name": text}],
        "tags": [text[:100]],
        "place": {"name": text},
        "published_at": _AT,
        "updated_at": _AT,
        "media": [_media(text), _media(text) | {"kind": "video", "id": "v"}],
        "language": "en",
    }


def _media(text: str) -> Json:
    path = f"/x{_SPACE.sub('/', text).replace('canary.example', 'news.example')}"
    size = {"width": 4, "height": 3}
    return {
        "id": "m",
        "kind": "image",
        "url": path,
        "alt": text,
        "caption": text,
        "credit": text,
        **size,
        "renditions": [
            {"url": path, "type": "image/png", **size},
            {"url": path, "type": f"image/{text}", **size},
        ],
    }


def _address(text: str) -> str:
    return f"https://news.example/{_SPACE.sub('/', text)}"
