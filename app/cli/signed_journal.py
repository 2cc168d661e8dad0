"""A coverage's journal with its log, as `dateline export --signed` writes it."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from app.cli.refusal import Refused, describe_answer, problem_of, read_answer
from app.cli.retry import request_with_retries
from app.formats.log.checkpoint import Checkpoint
from app.formats.log.signed_note import NoteError, VerifierKey, split_note
from app.timeline.event import COVERAGE_EVENTS

Json = dict[str, Any]

_LEAVES, _RECORDS = 1000, 100  # in one answer
_FRESH = {"Cache-Control": "no-cache"}


async def read_signed_journal(api: httpx.AsyncClient, slug: str) -> tuple[list[Json], Json]:
    """Read the events up to the present checkpoint of a coverage's log.

    Returns:
        The events' lines, with commitments and salts, and the checkpoint with its key.

    Raises:
        Refused: the coverage is unknown or not open yet, or the server has no log.
    """
    path = f"/coverages/{quote(slug, safe='')}/log"
    public_key = read_answer(await request_with_retries(api, "GET", "/v1/log/key"))["public_key"]
    while True:
        answer = await request_with_retries(
            api, "GET", f"{path}/checkpoint", headers=_FRESH, media_type="text/plain"
        )
        _check(answer)
        try:
            checkpoint = Checkpoint.parse(split_note(answer.text)[0])
            key = VerifierKey.from_base64(checkpoint.origin, public_key)
        except NoteError as error:
            raise Refused(f"{answer.url} does not answer as Dateline does: {error}") from error
        leaves = [x async for x in _read_lines(api, f"{path}/leaves", checkpoint.size, _LEAVES)]
        records = [x async for x in _read_lines(api, f"{path}/records", checkpoint.size, _RECORDS)]
        lines = [_line(slug, *each) for each in zip(leaves, records, strict=True)]
        if _is_whole(lines):
            return lines, {"key": str(key), "checkpoint": answer.text}


async def _read_lines(
    api: httpx.AsyncClient, path: str, size: int, most: int
) -> AsyncIterator[Json]:
    for first in range(1, size + 1, most):
        query = {"from": first, "to": min(first + most - 1, size)}
        answer = await request_with_retries(api, "GET", path, params=query, headers=_FRESH)
        _check(answer)
        for line in answer.content.splitlines():
            yield orjson.loads(line)


def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    if problem_of(answer):
        read_answer(answer)
    raise Refused(describe_answer(answer))


def _line(slug: str, leaf: Json, record: Json) -> Json:
    """Return an event's line, with the record that was committed to, byte for byte."""
    part = "details" if leaf["type"] in COVERAGE_EVENTS else "entry"
    return {
        "seq": leaf["seq"],
        "type": leaf["type"],
        "coverage": slug,
        "at": leaf["at"],
        part: record["record"],
        "commitment": leaf["commitment"],
        "salt": record["salt"],
    }


def _is_whole(lines: list[Json]) -> bool:
    """Whether each tombstone is explained by a retraction among the lines.

    If not, a retraction came after the checkpoint: it has removed words that the file must not
    keep, and the file would not say why.
    """
    retracted = {line["entry"]["id"] for line in lines if line["type"] == "entry.retracted"}
    return all(line["salt"] is not None or line["entry"]["id"] in retracted for line in lines)
