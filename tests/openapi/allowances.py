"""Hooks for Schemathesis: what it must leave alone, and refusals that no schema can foretell.

A schema says which requests are well-formed, not what has happened before them. So a well-formed
request may still be refused for the state that it meets; each such problem stands here with its
reason, and any other refusal of a well-formed request is a failure.
"""

import itertools
import json
import re
import secrets
from typing import Any

import httpx
import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import RejectedPositiveData

from tests.openapi.targets import chief_of, find_target, find_upload

LONGEST_WAIT = 0.05  # seconds

STATE_REFUSES = {
    "/problems/unknown-cursor": "a cursor is of one journal's life, and none can be made up",
    "/problems/stale-revision": "somebody may have changed the entry since",
    "/problems/unknown-file-type": "what a file is stands in its bytes, which no schema tells",
    "/problems/broken-file": "whether a file can be read is known once it is",
    "/problems/too-many-pixels": "how large a picture is stands in its bytes",
    "/problems/too-many-frames": "how many frames an animation has stands in its bytes",
    "/problems/too-slow-to-read": "how long a file takes to be read is known once it is",
    "/problems/empty-entry": "what Markdown and HTML leave to show is known once it is rendered",
}
# A whole problem would be too much to let pass here: it is also that of every other wrong shape.
STATE_REFUSES_AT = {
    ("uploadMedia", "/url"): "which sites are allowed the operator says, and what is the address "
    "of a video there the site's own rules",
    ("uploadMedia", "/poster"): "whether the file beside it is a video stands in its bytes",
}

# Of what cannot be seen, patterns cannot tell the combining marks of single scripts.
UNSEEN = "holds nothing that can be seen"

WORDED = {"publishEntry", "amendEntry", "correctEntry", "previewEntry"}
SLUG = "moon-landing"  # of the coverage that the document's examples name
# They end what they are aimed at, or need a draft that others may have ended before; so each gets a
# coverage of its own.
ALONE = {
    *("changeCoverage", "retractEntry", "restoreEntry", "publishDraft", "unscheduleEntry"),
    *("getDraft", "deleteDraft", "submitDraft", "takeDraftBack", "returnDraft"),
}
# What has to be done first, that there is something to do.
PRECEDING: dict[str, tuple[str, str, dict[str, str] | None]] = {
    "returnDraft": ("PUT", "drafts/{entry_id}/submission", None),
    "restoreEntry": ("POST", "entries/{entry_id}/retraction", {"note": "A simulation."}),
}

_run = secrets.token_hex(3)  # the record may know names of another run
_names = itertools.count()


def _new_name() -> str:
    return f"{_run}-{next(_names)}"


@schemathesis.serializer("application/x-ndjson", "application/jsonl")
def lines(_context: Any, value: Any) -> bytes:
    """Send text as it is, and what is none as JSON."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value)).encode(errors="replace")


@schemathesis.hook
def before_call(_context: Any, case: schemathesis.Case, _kwargs: dict[str, Any]) -> None:
    """Keep a request from being refused, or from harm, for what has nothing to do with its form."""
    _hurry(case)
    _spare_our_key(case)
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    _name_anew(case)
    _fit_body(case)
    if case.meta.phase.name is not TestPhase.STATEFUL:
        _aim(case)


def _hurry(case: schemathesis.Case) -> None:
    """A page that waits as long as it is asked to would hold the tests for as long."""
    wait = (case.query or {}).get("wait")
    if isinstance(wait, int | float) and LONGEST_WAIT < wait <= 60:
        case.query["wait"] = LONGEST_WAIT


def _spare_our_key(case: schemathesis.Case) -> None:
    """The ids of keys are found in the list of keys, and the one in use must not be revoked."""
    own = re.search(r"dateline_([0-9a-f]{8})_", str(case.headers.get("Authorization")))
    if own and (case.path_parameters or {}).get("key_id") == own[1]:
        case.path_parameters["key_id"] = "00000000"


def _name_anew(case: schemathesis.Case) -> None:
    """A name that came with another payload would be refused before the payload is looked at."""
    if name := case.headers.get("Idempotency-Key"):
        case.headers["Idempotency-Key"] = f"{name[:200]}-{_new_name()}"


def _fit_body(case: schemathesis.Case) -> None:
    """Make a well-formed body what no schema can ask for.

    An archive holds its lines, a new coverage has a slug of its own, what is named has to be there,
    an entry has to keep something to show, and only drafts have an embargo to move.
    """
    operation = case.operation.definition.raw["operationId"]
    if operation == "importCoverage":
        case.body = _archive(case)
    elif isinstance(case.body, dict):
        body = case.body
        if "slug" in body:
            body["slug"] = f"{body['slug'][:80]}-{_new_name()}"
        _fit_names(case, body)
        if operation in WORDED and not (body.get("headline") or body.get("body")):
            body["headline"] = "Eagle"
        if operation == "amendEntry":
            body.pop("embargo_until", None)


def _fit_names(case: schemathesis.Case, body: dict[str, Any]) -> None:
    body.pop("lead_image", None)
    body.pop("media", None)
    if body.get("coverages"):
        body["coverages"] = {SLUG: next(iter(body["coverages"].values()))}
    if body.get("coverage"):
        body["coverage"] = SLUG
    if body.get("person"):
        body["person"] = _target(case, "person_id")


def _chief(case: schemathesis.Case) -> httpx.Client | None:
    key = case.headers.get("Authorization")
    return chief_of(case.operation.base_url, key) if key else None


def _target(case: schemathesis.Case, name: str) -> str | None:
    chief = _chief(case)
    return find_target(chief, name) if chief else None


def _archive(case: schemathesis.Case) -> str:
    paths = case.operation.schema.raw_schema["paths"]
    content = paths["/v1/imports"]["post"]["requestBody"]["content"]
    archive: str = content["application/x-ndjson"]["example"]
    return archive


def _aim(case: schemathesis.Case) -> None:
    """A made-up id is only ever unknown: use those of the document's examples, which are there.

    What the server names itself is made for it.
    """
    for parameter in case.operation.definition.raw.get("parameters", ()):
        if parameter["in"] == "path":
            example = parameter["schema"]["examples"][0]
            case.path_parameters[parameter["name"]] = _target(case, parameter["name"]) or example
    if chief := _chief(case):
        _make_ready(case, chief)


def _make_ready(case: schemathesis.Case, chief: httpx.Client) -> None:
    operation = case.operation.definition.raw["operationId"]
    if operation in ALONE:
        case.path_parameters["slug"] = slug = f"spare-{_new_name()}"
        lines = {"Content-Type": "application/x-ndjson"}
        chief.post(f"/v1/imports?slug={slug}", content=_archive(case), headers=lines)
    if operation == "getUploadProgress" and case.meta.phase.name is TestPhase.COVERAGE:
        case.path_parameters["upload_key"] = find_upload(chief)
    if operation in PRECEDING:
        method, path, body = PRECEDING[operation]
        address = f"/v1/coverages/{{slug}}/{path}".format(**case.path_parameters)
        chief.request(method, address, json=body).raise_for_status()


@schemathesis.hook
def filter_failure(
    _context: Any, failure: Failure, case: schemathesis.Case, response: Response
) -> bool:
    """Keep every failure but a well-formed request's that its state refuses."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    problem = response.json()
    if problem.get("type") in STATE_REFUSES:
        return False
    if {error["detail"] for error in problem.get("errors", ())} == {UNSEEN}:
        return False
    operation = case.operation.definition.raw["operationId"]
    places = [(operation, error["pointer"]) for error in problem.get("errors", ())]
    return not places or any(place not in STATE_REFUSES_AT for place in places)
