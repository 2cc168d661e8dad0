"""The log of a coverage: its checkpoint, its leaves, their records, and proofs of consistency.

Whoever keeps a checkpoint can find out later that the history before it was rewritten.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.log.checkpoint import log_origin, sign_checkpoint
from app.formats.log.leaf import Leaf
from app.formats.log.merkle import Tree, leaf_hash
from app.formats.public_json import dump_json
from app.reader.visibility import find_visible
from app.store.log import read_frontier, read_leaves, read_records
from app.timeline.coverage import Coverage
from app.web.conditional import FRESH, FULL_PAGE, answer_if_changed, body_etag, depends_on
from app.web.problems import InvalidQuery
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/coverages/{slug}/log", include_in_schema=False)

_LEAVES = 1000  # the most in one answer
_RECORDS = 100
_FEW = 64  # leaves that are encoded without waiting for a time slice
JSON_LINES = "application/jsonl"
PLAIN_TEXT = "text/plain; charset=utf-8"

_FOR_GOOD = "public, max-age=31536000, immutable"
_LARGEST = 10**15 - 1  # of a seq

Row = TypeVar("Row")


class Range(BaseModel):
    """The first and the last seq of a part of the log; by default as much as an answer holds."""

    first: Annotated[int, Field(alias="from", ge=1, le=_LARGEST)] = 1
    last: Annotated[int | None, Field(alias="to", ge=1, le=_LARGEST)] = None

    def limit(self, most: int) -> int:
        """Return the number of events that the range has room for.

        Raises:
            InvalidQuery: it is empty, or longer than an answer, which holds `most` events.
        """
        last = self.first + most - 1 if self.last is None else self.last
        if not self.first <= last < self.first + most:
            raise InvalidQuery([("/to", f"must be from the value of `from` to {most - 1} more")])
        return last - self.first + 1


class Sizes(BaseModel):
    """The sizes of a smaller and a larger state of the log; the larger by default today's."""

    smaller: Annotated[int, Field(alias="from", ge=1, le=_LARGEST)]
    larger: Annotated[int | None, Field(alias="to", ge=1, le=_LARGEST)] = None


@routes.get("/checkpoint")
async def get_checkpoint(request: Request, services: ServicesDep, slug: str) -> Response:
    """Return the signed size and root hash of the log (https://c2sp.org/tlog-checkpoint)."""
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        frontier = await read_frontier(session, slug)
    depends_on(request, coverage)
    origin = log_origin(services.form.base_url, slug, coverage.cursor.epoch)
    note = sign_checkpoint(services.log_signer, origin, frontier).encode()
    return await _answer(request, note, FRESH, PLAIN_TEXT)


@routes.get("/leaves")
async def get_leaves(
    request: Request, services: ServicesDep, slug: str, part: Annotated[Range, Query()]
) -> Response:
    """Return leaves as JSON Lines; each line is what is hashed."""
    limit = part.limit(_LEAVES)
    coverage, leaves = await _read(services, slug, part, limit, read_leaves)
    depends_on(request, coverage)
    lines = await services.hub.slices.map(Leaf.encode, leaves, at_once=_FEW)
    body = b"".join(line + b"\n" for line in lines)
    # A leaf never changes: not even a retraction does that.
    return await _answer(request, body, _FOR_GOOD if len(lines) == limit else FRESH, JSON_LINES)


@routes.get("/records")
async def get_records(
    request: Request, services: ServicesDep, slug: str, part: Annotated[Range, Query()]
) -> Response:
    """Return what the leaves commit to, and the salts, as JSON Lines.

    A retracted record is replaced by its tombstone, without a salt.
    """
    limit = part.limit(_RECORDS)
    coverage, records = await _read(services, slug, part, limit, read_records)
    depends_on(request, coverage)
    lines = (
        b'{"seq":%d,"salt":%b,"record":%b}\n'
        % (seq, dump_json(salt and salt.hex()), state.encode())
        for seq, salt, state in records
    )
    # As pages of events: shared caches forget a retracted entry within a minute.
    control = FULL_PAGE if len(records) == limit else FRESH
    return await _answer(request, b"".join(lines), control, JSON_LINES)


@routes.get("/consistency")
async def get_consistency(
    request: Request, services: ServicesDep, slug: str, sizes: Annotated[Sizes, Query()]
) -> Response:
    """Return the proof that the log at one size begins with the log at a smaller one."""
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
    larger = sizes.larger or coverage.cursor.seq
    if not sizes.smaller <= larger <= coverage.cursor.seq:
        head = coverage.cursor.seq
        raise InvalidQuery([("/from", f"must not exceed `to`, nor either of them {head}")])
    depends_on(request, coverage)
    tree = await read_tree(services, slug, larger)
    path = await services.hub.slices.run(lambda: tree.consistency_path(sizes.smaller))
    proof = {"from": sizes.smaller, "to": larger, "path": [part.hex() for part in path]}
    return await _answer(request, dump_json(proof), FRESH, "application/json")


async def read_tree(services: Services, slug: str, size: int) -> Tree:
    """Compute the tree of the first leaves of a log, in time slices."""
    tree, slices = Tree(), services.hub.slices
    for first in range(0, size, tree.BLOCK):
        # A snapshot of its own for each block: leaves do not change.
        async with services.store.reading() as session:
            leaves = await read_leaves(session, slug, first, min(tree.BLOCK, size - first))
        hashes = await slices.map(lambda leaf: leaf_hash(leaf.encode()), leaves)
        await slices.run(partial(tree.add, hashes))
    return tree


async def _read(
    services: Services,
    slug: str,
    part: Range,
    limit: int,
    read: Callable[[AsyncSession, str, int, int], Awaitable[list[Row]]],
) -> tuple[Coverage, list[Row]]:
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        return coverage, await read(session, slug, part.first - 1, limit)


async def _answer(request: Request, content: bytes, control: str, media_type: str) -> Response:
    async def body() -> bytes:
        return content

    return await answer_if_changed(request, body_etag(content), control, body, media_type)
