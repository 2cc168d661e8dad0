"""Schemathesis hooks: adjust generated requests, and allow refusals that no schema can express.

A schema says which requests are well-formed, not what happened before. A well-formed request may
therefore be refused for the server's state. Each such problem is listed here with its reason; any
other refusal of a well-formed request is a failure.
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

from tests.openapi.targets import chief_of, find_target, find_upload, new_template

LONGEST_WAIT = 0.05  # seconds

STATE_REFUSES = {
    "/problems/unknown-cursor": "a cursor belongs to one journal, and cannot be made up",
    "/problems/stale-revision": "the entry may have been changed since",
    "/problems/unknown-file-type": "the type is detected from the file's bytes",
    "/problems/broken-file": "whether a file can be decoded is known only afterwards",
    "/problems/too-many-pixels": "the size of a picture is read from its bytes",
    "/problems/too-many-frames": "the number of frames is read from the file's bytes",
    "/problems/too-slow-to-read": "the decoding time of a file is known only afterwards",
    "/problems/unknown-statement": "an entry has the claims and figures that it has",
    "/problems/empty-entry": "what Markdown and HTML render to is known only afterwards",
}
# Not the whole problem type, which is also that of every other malformed value.
STATE_REFUSES_AT = {
    ("uploadMedia", "/url"): "the operator chooses the allowed sites, and each site's rules decide "
    "what the address of a video is",
    ("uploadMedia", "/poster"): "whether the other file is a video is read from its bytes",
    ("readChanges", "/to"): "no schema compares two parameters",
    ("checkTranslation", "/translation_of/coverage"): "an entry is a translation or it is not",
}

# A pattern cannot express the invisible characters: combining marks depend on the script.
INVISIBLE = "holds nothing that can be seen"

NEED_CONTENT = {"publishEntry", "amendEntry", "correctEntry", "previewEntry"}
SLUG = "moon-landing"  # of the coverage in the document's examples
# These end their target, or need a draft that others may have ended, so each gets a coverage of its
# own.
NEED_OWN_COVERAGE = {
    *("changeCoverage", "openSuccessor", "retractEntry", "restoreEntry"),
    *("publishDraft", "unscheduleEntry"),
    *("getDraft", "deleteDraft", "submitDraft", "takeDraftBack", "returnDraft"),
}
# The request that has to precede an operation.
PRECEDING: dict[str, tuple[str, str, dict[str, str] | None]] = {
    "returnDraft": ("PUT", "drafts/{entry_id}/submission", None),
    "restoreEntry": ("POST", "entries/{entry_id}/retraction", {"note": "A simulation."}),
}

_run = secrets.token_hex(3)  # an earlier run may have used the same names
_names = itertools.count()


def _new_name() -> str:
    return f"{_run}-{next(_names)}"


@schemathesis.serializer("application/x-ndjson", "application/jsonl")
def lines(_context: Any, value: Any) -> bytes:
    """Serialise text as it is, anything else as JSON."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value)).encode(errors="replace")


@schemathesis.hook
def before_call(_context: Any, case: schemathesis.Case, _kwargs: dict[str, Any]) -> None:
    """Prevent refusals and damage that are unrelated to the form of the request."""
    _limit_wait(case)
    _spare_our_key(case)
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    _make_key_unique(case)
    _fit_body(case)
    if case.meta.phase.name is not TestPhase.STATEFUL:
        _set_targets(case)


def _limit_wait(case: schemathesis.Case) -> None:
    """Limit `wait`, since a long-poll would delay the tests as long."""
    wait = (case.query or {}).get("wait")
    if isinstance(wait, int | float) and LONGEST_WAIT < wait <= 60:
        case.query["wait"] = LONGEST_WAIT


def _spare_our_key(case: schemathesis.Case) -> None:
    """Do not revoke the key in use, whose id is in the list of keys."""
    key_in_use = re.search(r"dateline_([0-9a-f]{8})_", str(case.headers.get("Authorization")))
    if key_in_use and (case.path_parameters or {}).get("key_id") == key_in_use[1]:
        case.path_parameters["key_id"] = "00000000"


def _make_key_unique(case: schemathesis.Case) -> None:
    """Make the idempotency key unique; reused with another payload it would be refused."""
    if name := case.headers.get("Idempotency-Key"):
        case.headers["Idempotency-Key"] = f"{name[:200]}-{_new_name()}"


def _fit_body(case: schemathesis.Case) -> None:
    """Adjust a well-formed body to what no schema can require.

    An archive has its lines, a new coverage has a unique slug, references exist, numbers are in
    order, an entry keeps some content, and only drafts have an embargo.
    """
    operation = case.operation.definition.raw["operationId"]
    if operation == "importCoverage":
        case.body = _archive(case)
    elif isinstance(case.body, dict):
        body = case.body
        if "slug" in body:
            body["slug"] = f"{body['slug'][:80]}-{_new_name()}"
        _fit_names(case, body)
        _fit_statements(body)
        if operation in NEED_CONTENT and not (body.get("headline") or body.get("body")):
            body["headline"] = "Eagle"
        if operation == "amendEntry":
            body.pop("embargo_until", None)


def _fit_names(case: schemathesis.Case, body: dict[str, Any]) -> None:
    # What these name exists in few states of the server.
    for name in ("lead_image", "media", "edition_of", "translation_of"):
        body.pop(name, None)
    if body.get("coverages"):
        body["coverages"] = {SLUG: next(iter(body["coverages"].values()))}
    if body.get("coverage"):
        body["coverage"] = SLUG
    if body.get("person"):
        body["person"] = _target(case, "person_id")


def _fit_statements(body: dict[str, Any]) -> None:
    """Use no id of a claim, a value of the grammar, and bounds in order."""
    for claim in body.get("claims") or ():
        claim.pop("id", None)
    for figure in body.get("figures") or ():
        if figure.get("value") is not None:
            figure["value"] = "about 107"
        low, high = figure.get("low"), figure.get("high")
        if low is not None and high is not None:
            figure["low"], figure["high"] = sorted((low, high))


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


def _set_targets(case: schemathesis.Case) -> None:
    """Replace made-up ids, which are always unknown, by those of the document's examples.

    Resources whose ids the server chooses are created.
    """
    for parameter in case.operation.definition.raw.get("parameters", ()):
        if parameter["in"] == "path":
            example = parameter["schema"]["examples"][0]
            case.path_parameters[parameter["name"]] = _target(case, parameter["name"]) or example
    if chief := _chief(case):
        _make_ready(case, chief)


def _make_ready(case: schemathesis.Case, chief: httpx.Client) -> None:
    operation = case.operation.definition.raw["operationId"]
    if operation in NEED_OWN_COVERAGE:
        case.path_parameters["slug"] = slug = f"spare-{_new_name()}"
        headers = {"Content-Type": "application/x-ndjson"}
        chief.post(f"/v1/imports?slug={slug}", content=_archive(case), headers=headers)
    if operation == "getUploadProgress" and case.meta.phase.name is TestPhase.COVERAGE:
        case.path_parameters["upload_key"] = find_upload(chief)
    if operation == "deleteTemplate":  # whose target is gone then
        case.path_parameters["template_id"] = new_template(chief)
    if operation in PRECEDING:
        method, path, body = PRECEDING[operation]
        address = f"/v1/coverages/{{slug}}/{path}".format(**case.path_parameters)
        chief.request(method, address, json=body).raise_for_status()


@schemathesis.hook
def filter_failure(
    _context: Any, failure: Failure, case: schemathesis.Case, response: Response
) -> bool:
    """Drop the failure of a well-formed request that the server's state refuses."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    problem = response.json()
    if problem.get("type") in STATE_REFUSES:
        return False
    if {error["detail"] for error in problem.get("errors", ())} == {INVISIBLE}:
        return False
    operation = case.operation.definition.raw["operationId"]
    pointers = [(operation, error["pointer"]) for error in problem.get("errors", ())]
    return not pointers or any(pointer not in STATE_REFUSES_AT for pointer in pointers)
