"""The rules of access: for each route, which outcome the matrix expects for which caller.

A rule maps a caller and a coverage to an outcome: `in` (access, whatever the response is
otherwise), `401`, `403`, `404`, or `sign in`, which is a redirect of the desk to its sign-in form.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from app.access.roles import ROLES, Role
from tests.callers import ApiCaller

LIVE, PLAN = "live-page", "planned-page"
ABSENT = "no-such-page"  # as long as the plan's slug, so that responses have the same length

Rule = Callable[[ApiCaller, str], str]


def _is_at_least(has: Role | None, needed: Role) -> bool:
    return has is not None and ROLES.index(has) >= ROLES.index(needed)


def everybody(_caller: ApiCaller, _coverage: str) -> str:
    """Everybody has access, readers included."""
    return "in"


def readers(_caller: ApiCaller, coverage: str) -> str:
    """The public view, the same for everybody: a planned coverage is a 404."""
    return "404" if coverage == PLAN else "in"


def visible(caller: ApiCaller, coverage: str) -> str:
    """Everybody has access to a live coverage; a planned one needs a role in it."""
    return "in" if coverage == LIVE or caller.role_in(coverage) else "404"


def within(role: Role) -> Rule:
    """Access needs at least this role in the coverage or the newsroom."""

    def rule(caller: ApiCaller, coverage: str) -> str:
        if caller.role is None:
            return "401"
        return "in" if _is_at_least(caller.role_in(coverage), role) else "403"

    return rule


def newsroom(role: Role) -> Rule:
    """Access needs at least this role in the whole newsroom."""

    def rule(caller: ApiCaller, _coverage: str) -> str:
        if caller.role is None:
            return "401"
        return "in" if _is_at_least(caller.role_in(None), role) else "403"

    return rule


def somewhere(role: Role) -> Rule:
    """Access needs at least this role in the newsroom or in any coverage."""

    def rule(caller: ApiCaller, _coverage: str) -> str:
        if caller.role is None:
            return "401"
        return "in" if _is_at_least(caller.role, role) else "403"

    return rule


def signed_in(inside: Rule = everybody) -> Rule:
    """Access needs a session, not a key; then `inside` decides."""
    return lambda caller, coverage: (
        inside(caller, coverage) if caller.door == "session" else "sign in"
    )


def works_here(caller: ApiCaller, coverage: str) -> str:
    """A page of the desk about a coverage: a 404 without a role in it."""
    return "in" if caller.role_in(coverage) else "404"


def uses_media(caller: ApiCaller, _coverage: str) -> str:
    """An unused picture of the chief's: access needs the role of editor in the newsroom.

    Other callers with any role get a 404.
    """
    if caller.role is None:
        return "401"
    return "in" if _is_at_least(caller.role_in(None), "editor") else "404"


def uploads(caller: ApiCaller, _coverage: str) -> str:
    """An upload of the caller's own, which does not exist: a 404."""
    return "401" if caller.role is None else "404"


def missing(role: Role) -> Rule:
    """A thing that does not exist: a 404 for callers with at least this role in any coverage."""

    def rule(caller: ApiCaller, coverage: str) -> str:
        outcome = somewhere(role)(caller, coverage)
        return "404" if outcome == "in" else outcome

    return rule


def always(answer: str) -> Rule:
    """The same outcome for everybody."""
    return lambda _caller, _coverage: answer


@dataclass(frozen=True)
class RouteCase:
    """A route's rule, and a request to it that changes nothing or fails after the access check."""

    rule: Rule
    json: Any = None
    data: dict[str, str] | None = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


_READ = RouteCase(visible)
_PAGE = RouteCase(readers)
_OPEN = RouteCase(everybody)
_AUTHOR = within("contributor")
_EDITOR = within("editor")
_COVERAGE = "/v1/coverages/{slug}"

_CHIEFS = RouteCase(signed_in(newsroom("chief")))
_CHIEFS_FORM = replace(_CHIEFS, data={"token": "TOKEN"})
_OWN_FORM = RouteCase(signed_in(), data={"token": "TOKEN"})

ROUTE_CASES: dict[str, RouteCase] = {
    "GET /": _OPEN,
    "GET /.well-known/security.txt": RouteCase(always("404")),
    "GET /coverages/{slug}": _PAGE,
    "GET /coverages/{slug}/corrections": _PAGE,
    "GET /coverages/{slug}/corrections.atom": _PAGE,
    "GET /coverages/{slug}/figures": _PAGE,
    "GET /coverages/{slug}/embed": _PAGE,
    "GET /coverages/{slug}/entries/{entry_id}": _PAGE,
    "GET /coverages/{slug}/entries/{entry_id}/timegate": _PAGE,
    "GET /coverages/{slug}/entries/{entry_id}/timemap": _PAGE,
    "GET /coverages/{slug}/feed.atom": _PAGE,
    "GET /coverages/{slug}/feed.json": _PAGE,
    "GET /corrections": _OPEN,
    "GET /corrections.atom": _OPEN,
    "GET /coverages/{slug}/log/checkpoint": _PAGE,
    "GET /coverages/{slug}/log/consistency": replace(_PAGE, query={"from": "1"}),
    "GET /coverages/{slug}/log/leaves": _PAGE,
    "GET /coverages/{slug}/log/records": _PAGE,
    "GET /coverages/{slug}/places": _PAGE,
    "GET /coverages/{slug}/moment": replace(_PAGE, query={"date": "2026-01-01"}),
    "GET /coverages/{slug}/search": _PAGE,
    "GET /coverages/{slug}/timegate": _PAGE,
    "GET /coverages/{slug}/timemap": _PAGE,
    "GET /docs": _OPEN,
    "GET /embed.js": _OPEN,
    "GET /favicon.ico": _OPEN,
    "GET /healthz": _OPEN,
    "GET /metrics": _OPEN,
    "GET /news-sitemap.xml": _OPEN,
    "GET /oembed": RouteCase(readers, query={"url": "URL/coverages/SLUG"}),
    "GET /openapi.json": _OPEN,
    "GET /problems/{slug}": RouteCase(always("404")),
    "GET /readyz": _OPEN,
    "GET /robots.txt": _OPEN,
    "GET /sitemap.xml": _OPEN,
    "GET /sitemaps/{number}.xml": _OPEN,
    "GET /static/dateline.js": _OPEN,
    "GET /static/dateline.svg": _OPEN,
    "GET /static/{address:path}": _OPEN,
    "MOUNT /static/reference": _OPEN,
    "GET /desk": RouteCase(signed_in()),
    "GET /desk/audit": RouteCase(signed_in(somewhere("chief"))),
    "GET /desk/coverages/{slug}": RouteCase(signed_in(works_here)),
    "GET /desk/coverages/{slug}/entries/{entry_id}/translations": RouteCase(signed_in(_AUTHOR)),
    "GET /desk/coverages/{slug}/outdated": RouteCase(signed_in(_AUTHOR)),
    "GET /desk/sign-in": _OPEN,
    # Without a provider both redirect to the sign-in form.
    "GET /desk/sign-in/provider": _OPEN,
    "GET /desk/sign-in/provider/return": _OPEN,
    # JSON instead of a form, so that it does not count as a failed sign-in.
    "POST /desk/sign-in": RouteCase(everybody, json={}),
    # Without the form's token, so that nobody is signed out.
    "POST /desk/sign-out": RouteCase(signed_in(always("403")), data={}),
    "GET /v1/desk": RouteCase(within("contributor"), query={"coverage": "SLUG"}),
    "GET /v1/events": RouteCase(visible, query={"coverage": "SLUG"}),
    "GET /v1/audit": RouteCase(somewhere("chief")),
    "GET /v1/corrections": _OPEN,
    "GET /v1/coverages": _OPEN,
    "POST /v1/coverages": RouteCase(newsroom("chief"), json={"slug": LIVE, "title": "Taken"}),
    "POST /v1/imports": RouteCase(newsroom("chief"), headers={"Content-Type": "application/jsonl"}),
    "GET /v1/keys": RouteCase(newsroom("chief")),
    "GET /v1/log/key": _OPEN,
    "POST /v1/keys": RouteCase(newsroom("chief"), json={"name": "x", "role": "nobody"}),
    "DELETE /v1/keys/{key_id}": RouteCase(newsroom("chief")),
    "GET /desk/account": RouteCase(signed_in()),
    "POST /desk/account/name": _OWN_FORM,
    "POST /desk/account/language": _OWN_FORM,
    "POST /desk/account/password": _OWN_FORM,
    "POST /desk/account/sessions": _OWN_FORM,
    "GET /desk/account/second-factor": RouteCase(signed_in()),
    "POST /desk/account/second-factor": _OWN_FORM,
    "POST /desk/account/second-factor/confirmation": _OWN_FORM,
    "POST /desk/account/second-factor/codes": _OWN_FORM,
    "POST /desk/account/second-factor/removal": _OWN_FORM,
    "GET /desk/account/passkeys": RouteCase(signed_in()),
    "POST /desk/account/passkeys": _OWN_FORM,
    "POST /desk/account/passkeys/registration": _OWN_FORM,
    "POST /desk/account/passkeys/{passkey_id}/name": RouteCase(
        signed_in(always("404")), data={"token": "TOKEN", "name": "Key"}
    ),
    "POST /desk/account/passkeys/{passkey_id}/removal": _OWN_FORM,
    # Passkeys are not available at an IP address, for any caller.
    "POST /desk/sign-in/passkey": RouteCase(everybody, data={}),
    "POST /v1/passkey-challenges": RouteCase(everybody, json={"purpose": "sign-in"}),
    # Without the password step both redirect to the sign-in form.
    "GET /desk/sign-in/code": _OPEN,
    "POST /desk/sign-in/code": RouteCase(everybody, data={}),
    "POST /desk/people/{person_id}/second-factor": _CHIEFS_FORM,
    "DELETE /v1/people/{person_id}/second-factor": RouteCase(newsroom("chief")),
    "GET /desk/keys": _CHIEFS,
    "POST /desk/keys": _CHIEFS_FORM,
    "POST /desk/keys/{key_id}/revoke": _CHIEFS_FORM,
    "GET /desk/people": _CHIEFS,
    "POST /desk/people/{person_id}": _CHIEFS_FORM,
    "POST /desk/people/{person_id}/link": _CHIEFS_FORM,
    "POST /desk/invitations": _CHIEFS_FORM,
    "POST /desk/invitations/{invitation_id}/end": _CHIEFS_FORM,
    # Access needs the link's secret; any other is answered that the link has ended.
    "GET /desk/welcome/{secret}": _OPEN,
    "POST /desk/welcome/{secret}": RouteCase(everybody, data={}),
    "GET /v1/people": RouteCase(newsroom("chief")),
    "PATCH /v1/people/{person_id}": RouteCase(newsroom("chief"), json={"role": "nobody"}),
    "GET /v1/invitations": RouteCase(newsroom("chief")),
    "POST /v1/invitations": RouteCase(newsroom("chief"), json={"role": "nobody"}),
    "DELETE /v1/invitations/{invitation_id}": RouteCase(newsroom("chief")),
    "GET /desk/new": _CHIEFS,
    "POST /desk/new": _CHIEFS_FORM,
    "GET /desk/slug": replace(_CHIEFS, query={"title": "A fire in the harbour"}),
    "GET /desk/coverages/{slug}/settings": RouteCase(signed_in(within("chief"))),
    "POST /desk/coverages/{slug}/settings": RouteCase(
        signed_in(within("chief")), data={"token": "TOKEN"}
    ),
    "POST /desk/coverages/{slug}/state": RouteCase(
        signed_in(within("chief")), data={"token": "TOKEN"}
    ),
    "POST /desk/coverages/{slug}/availability": RouteCase(
        signed_in(within("chief")), data={"token": "TOKEN"}
    ),
    "GET /desk/coverages/{slug}/successor": RouteCase(signed_in(newsroom("chief"))),
    "POST /desk/coverages/{slug}/successor": RouteCase(
        signed_in(newsroom("chief")), data={"token": "TOKEN"}
    ),
    f"PUT {_COVERAGE}/entries/{{entry_id}}/summary": RouteCase(_EDITOR),
    f"DELETE {_COVERAGE}/entries/{{entry_id}}/summary": RouteCase(_EDITOR),
    # test_templates.py asks for templates that exist.
    "GET /v1/templates": RouteCase(somewhere("contributor")),
    "POST /v1/templates": RouteCase(somewhere("chief"), json={}),
    "GET /v1/templates/{template_id}": RouteCase(missing("contributor")),
    "PATCH /v1/templates/{template_id}": RouteCase(missing("chief"), json={}),
    "DELETE /v1/templates/{template_id}": RouteCase(missing("chief")),
    "GET /desk/templates": _CHIEFS,
    "POST /desk/templates": _CHIEFS_FORM,
    "GET /desk/templates/{template_id}": RouteCase(signed_in(missing("contributor"))),
    "POST /desk/templates/{template_id}": RouteCase(
        signed_in(missing("contributor")), data={"token": "TOKEN"}
    ),
    "POST /desk/templates/{template_id}/deletion": RouteCase(
        signed_in(missing("contributor")), data={"token": "TOKEN"}
    ),
    # Access needs the file's name, which cannot be guessed.
    "GET /media/{media_id}/{name}": _OPEN,
    "GET /v1/media/uploads/{upload_key}": RouteCase(uploads),
    "GET /v1/media/{media_id}": RouteCase(uses_media),
    "PATCH /v1/media/{media_id}": RouteCase(uses_media, json={"alt": "A red square"}),
    "POST /v1/media": RouteCase(somewhere("contributor"), json={}),
    f"GET {_COVERAGE}": _READ,
    f"PATCH {_COVERAGE}": RouteCase(within("chief"), json={"kicker": "Changed"}),
    f"GET {_COVERAGE}/availability": RouteCase(_AUTHOR),
    f"PUT {_COVERAGE}/withdrawal": RouteCase(within("chief"), json={}),
    f"DELETE {_COVERAGE}/withdrawal": RouteCase(within("chief")),
    f"PUT {_COVERAGE}/archiving": RouteCase(within("chief")),
    f"DELETE {_COVERAGE}/archiving": RouteCase(within("chief")),
    f"POST {_COVERAGE}/successor": RouteCase(
        newsroom("chief"), json={"slug": LIVE, "title": "Taken"}
    ),
    f"GET {_COVERAGE}/events": _READ,
    f"GET {_COVERAGE}/corrections": _READ,
    f"GET {_COVERAGE}/search": RouteCase(visible, query={"q": "fire"}),
    f"GET {_COVERAGE}/changes": RouteCase(visible, query={"from": "0"}),
    f"SOCKET {_COVERAGE}/socket": _READ,
    f"GET {_COVERAGE}/entries": _READ,
    f"GET {_COVERAGE}/claims": _READ,
    f"GET {_COVERAGE}/figures": _READ,
    f"GET {_COVERAGE}/figures.csv": _READ,
    f"POST {_COVERAGE}/entries": RouteCase(_AUTHOR, json={"headline": "New", "draft": True}),
    # The planned coverage has no public entry, for any caller.
    f"GET {_COVERAGE}/entries/{{entry_id}}": _PAGE,
    f"GET {_COVERAGE}/entries/{{entry_id}}/proof": _PAGE,
    f"GET {_COVERAGE}/entries/{{entry_id}}/revisions": _PAGE,
    f"PATCH {_COVERAGE}/entries/{{entry_id}}": RouteCase(
        _AUTHOR, json={"headline": "Saved"}, headers={"If-Match": "*"}
    ),
    f"POST {_COVERAGE}/entries/{{entry_id}}/correction": RouteCase(_EDITOR, json={}),
    f"POST {_COVERAGE}/entries/{{entry_id}}/assessment": RouteCase(_EDITOR, json={}),
    f"POST {_COVERAGE}/entries/{{entry_id}}/retraction": RouteCase(_EDITOR, json={}),
    f"PUT {_COVERAGE}/entries/{{entry_id}}/translation": RouteCase(_EDITOR, json={}),
    f"PUT {_COVERAGE}/entries/{{entry_id}}/pin": RouteCase(_EDITOR),
    f"DELETE {_COVERAGE}/entries/{{entry_id}}/pin": RouteCase(_EDITOR),
    f"POST {_COVERAGE}/entries/{{entry_id}}/publication": RouteCase(_EDITOR),
    f"DELETE {_COVERAGE}/entries/{{entry_id}}/publication": RouteCase(_EDITOR),
    f"POST {_COVERAGE}/entries/{{entry_id}}/restoration": RouteCase(_EDITOR),
    f"GET {_COVERAGE}/entries/{{entry_id}}/reach": RouteCase(_AUTHOR),
    f"POST {_COVERAGE}/preview": RouteCase(_AUTHOR, json={"headline": "Seen before"}),
    f"POST {_COVERAGE}/markdown": RouteCase(_AUTHOR, json={"html": "<b>New</b>"}),
    f"GET {_COVERAGE}/visits": RouteCase(_AUTHOR),
    f"PUT {_COVERAGE}/visits/{{visit}}": RouteCase(_AUTHOR, json={}),
    f"DELETE {_COVERAGE}/visits/{{visit}}": RouteCase(_AUTHOR),
    f"PUT {_COVERAGE}/drafts/{{entry_id}}/submission": RouteCase(_AUTHOR),
    f"DELETE {_COVERAGE}/drafts/{{entry_id}}/submission": RouteCase(_AUTHOR),
    f"POST {_COVERAGE}/drafts/{{entry_id}}/return": RouteCase(_EDITOR, json={}),
    f"GET {_COVERAGE}/drafts": RouteCase(_AUTHOR),
    f"GET {_COVERAGE}/drafts/{{entry_id}}": RouteCase(_AUTHOR),
    f"DELETE {_COVERAGE}/drafts/{{entry_id}}": RouteCase(_AUTHOR),
}
# The entry in the path is a draft: the caller's own, if they may have one.
OF_DRAFTS = {
    f"PATCH {_COVERAGE}/entries/{{entry_id}}",
    f"POST {_COVERAGE}/entries/{{entry_id}}/publication",
    f"PUT {_COVERAGE}/drafts/{{entry_id}}/submission",
    f"DELETE {_COVERAGE}/drafts/{{entry_id}}/submission",
    f"GET {_COVERAGE}/drafts/{{entry_id}}",
    f"DELETE {_COVERAGE}/drafts/{{entry_id}}",
}
