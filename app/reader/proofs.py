"""Proofs that an entry's events are in the log of its coverage, and the key that signs the log."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.formats.log.checkpoint import log_origin, sign_checkpoint
from app.formats.log.proof import encode_proof
from app.formats.log.signed_note import VerifierKey, encode_base64
from app.formats.public_json import dump_json
from app.reader.log import read_tree
from app.reader.visibility import cache_control, find_visible
from app.store.entries import find_public_entry
from app.store.log import find_committed, read_frontier
from app.timeline.errors import UnknownEntry
from app.web.authentication import identify
from app.web.conditional import FRESH, answer_if_changed, body_etag, depends_on
from app.web.openapi import schemas
from app.web.openapi.document import PUBLIC, takes
from app.web.openapi.headers import CACHE_CONTROL, ETAG, IF_NONE_MATCH
from app.web.openapi.responses import HIDDEN, READING, refuses, returns, unchanged
from app.web.params import EntryKey
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1", tags=["reading"])

_CONDITIONAL = takes(IF_NONE_MATCH) | PUBLIC


@routes.get(
    "/coverages/{slug}/entries/{entry_id}/proof",
    operation_id="proveEntry",
    responses=returns(schemas.Proof, ETAG, CACHE_CONTROL)
    | unchanged(ETAG, CACHE_CONTROL)
    | refuses(*READING, *HIDDEN, UnknownEntry),
    openapi_extra=_CONDITIONAL,
)
async def get_proof(
    request: Request,
    services: ServicesDep,
    key: EntryKey,
    seq: Annotated[
        int | None,
        Query(ge=1, lt=10**15, description="An event of the entry; by default its latest one."),
    ] = None,
) -> Response:
    """Prove that an event of an entry is in the log of its coverage.

    The proof leads from the leaf of the event to the root hash in the signed checkpoint (RFC 6962,
    section 2.1.1). Salt and record open the leaf's commitment; both are null if a retraction has
    removed them.
    """
    caller = await identify(request, services)
    async with services.store.reading() as session:
        coverage = await find_visible(session, key[0], caller)
        await find_public_entry(session, *key)
        committed = await find_committed(session, key, seq)
        frontier = await read_frontier(session, key[0])
    if committed is None:
        raise UnknownEntry(f"The entry has no event {seq}.")
    depends_on(request, coverage)
    leaf, salt, record = committed
    tree = await read_tree(services, key[0], frontier.size)
    path = await services.hub.slices.run(lambda: tree.inclusion_path(leaf.seq - 1))
    origin = log_origin(services.form.base_url, key[0], coverage.cursor.epoch)
    proof = encode_proof(
        sign_checkpoint(services.log_signer, origin, frontier),
        VerifierKey(origin, services.log_signer.public_key),
        leaf,
        None if salt is None else (salt, record),
        path,
    )
    document = dump_json(proof)

    async def body() -> bytes:
        return document

    control = cache_control(coverage, FRESH)
    return await answer_if_changed(request, body_etag(document), control, body)


@routes.get(
    "/log/key",
    operation_id="getLogKey",
    responses=returns(schemas.LogKey, ETAG, CACHE_CONTROL) | unchanged(ETAG, CACHE_CONTROL),
    openapi_extra=_CONDITIONAL,
)
async def get_log_key(request: Request, services: ServicesDep) -> Response:
    """Return the public key that signs the checkpoints of all coverages."""
    public_key = encode_base64(services.log_signer.public_key)
    document = dump_json({"algorithm": "Ed25519", "public_key": public_key})

    async def body() -> bytes:
        return document

    return await answer_if_changed(request, body_etag(document), FRESH, body)
