"""Who is let in where: the rule of every route, by which the matrix judges what it is answered.

A rule says for one asker and one coverage what the answer is: `in` (whatever the request then comes
to), `401`, `403`, `404`, or `sign in`, where the desk sends who is not signed in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from app.access.roles import ROLES, Role
from tests.callers import Asker

LIVE, PLAN = "live-page", "planned-page"
ABSENT = "no-such-page"  # as long as the plan's slug, so that answers are of the same length

Rule = Callable[[Asker, str], str]


def _goes_as_far(has: Role | None, needed: Role) -> bool:
    return has is not None and ROLES.index(has) >= ROLES.index(needed)


def everybody(_asker: Asker, _coverage: str) -> str:
    """Readers too."""
    return "in"


def readers(_asker: Asker, coverage: str) -> str:
    """The same for everybody: a plan is not there."""
    return "404" if coverage == PLAN else "in"


def sight(asker: Asker, coverage: str) -> str:
    """Readers too; a plan is there for those who have a role in it."""
    return "in" if coverage == LIVE or asker.role_in(coverage) else "404"


def within(role: Role) -> Rule:
    """Whose role in the coverage goes so far."""

    def rule(asker: Asker, coverage: str) -> str:
        if asker.role is None:
            return "401"
        return "in" if _goes_as_far(asker.role_in(coverage), role) else "403"

    return rule


def newsroom(role: Role) -> Rule:
    """Whose role in the whole newsroom goes so far."""

    def rule(asker: Asker, _coverage: str) -> str:
        if asker.role is None:
            return "401"
        return "in" if _goes_as_far(asker.role_in(None), role) else "403"

    return rule


def somewhere(role: Role) -> Rule:
    """Whose role goes so far in the newsroom or in any coverage."""

    def rule(asker: Asker, _coverage: str) -> str:
        if asker.role is None:
            return "401"
        return "in" if _goes_as_far(asker.role, role) else "403"

    return rule


def signed_in(inside: Rule = everybody) -> Rule:
    """A page of the desk: a session is asked for, keys open none; what `inside` says comes then."""
    return lambda asker, coverage: inside(asker, coverage) if asker.door == "session" else "sign in"


def works_here(asker: Asker, coverage: str) -> str:
    """A page of the desk about a coverage: there for who has a role in it."""
    return "in" if asker.role_in(coverage) else "404"


def uses_media(asker: Asker, _coverage: str) -> str:
    """A picture of the chief's that no coverage has used: there for editors of the whole newsroom.

    Of the rest, whoever works in the newsroom at all is told that it is not there.
    """
    if asker.role is None:
        return "401"
    return "in" if _goes_as_far(asker.role_in(None), "editor") else "404"


def uploads(asker: Asker, _coverage: str) -> str:
    """An upload of the asker's own, of which there is none."""
    return "401" if asker.role is None else "404"


def always(answer: str) -> Rule:
    """The same to everybody, whoever they are."""
    return lambda _asker, _coverage: answer


@dataclass(frozen=True)
class Door:
    """A route's rule, and how to ask it: so that it does no harm, or fails once one is let in."""

    rule: Rule
    json: Any = None
    data: dict[str, str] | None = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


_READ = Door(sight)
_PAGE = Door(readers)
_OPEN = Door(everybody)
_AUTHOR = within("contributor")
_EDITOR = within("editor")
_COVERAGE = "/v1/coverages/{slug}"

_CHIEFS = Door(signed_in(newsroom("chief")))
_CHIEFS_FORM = replace(_CHIEFS, data={"token": "TOKEN"})
_OWN_FORM = Door(signed_in(), data={"token": "TOKEN"})

DOORS: dict[str, Door] = {
    "GET /": _OPEN,
    "GET /.well-known/security.txt": Door(always("404")),
    "GET /coverages/{slug}": _PAGE,
    "GET /coverages/{slug}/embed": _PAGE,
    "GET /coverages/{slug}/entries/{entry_id}": _PAGE,
    "GET /coverages/{slug}/feed.atom": _PAGE,
    "GET /coverages/{slug}/feed.json": _PAGE,
    "GET /docs": _OPEN,
    "GET /embed.js": _OPEN,
    "GET /healthz": _OPEN,
    "GET /metrics": _OPEN,
    "GET /news-sitemap.xml": _OPEN,
    "GET /oembed": Door(readers, query={"url": "URL/coverages/SLUG"}),
    "GET /openapi.json": _OPEN,
    "GET /problems/{slug}": Door(always("404")),
    "GET /readyz": _OPEN,
    "GET /robots.txt": _OPEN,
    "GET /sitemap.xml": _OPEN,
    "GET /sitemaps/{number}.xml": _OPEN,
    "GET /static/dateline.js": _OPEN,
    "GET /static/dateline.svg": _OPEN,
    "GET /static/{address:path}": _OPEN,
    "MOUNT /static/reference": _OPEN,
    "GET /desk": Door(signed_in()),
    "GET /desk/audit": Door(signed_in(somewhere("chief"))),
    "GET /desk/coverages/{slug}": Door(signed_in(works_here)),
    "GET /desk/sign-in": _OPEN,
    # Without a provider both lead to the form.
    "GET /desk/sign-in/provider": _OPEN,
    "GET /desk/sign-in/provider/return": _OPEN,
    # Not a form, so that it is not counted as a wrong try.
    "POST /desk/sign-in": Door(everybody, json={}),
    # The form's token is missing, so that nobody is signed out.
    "POST /desk/sign-out": Door(signed_in(always("403")), data={}),
    "GET /v1/desk": Door(within("contributor"), query={"coverage": "SLUG"}),
    "GET /v1/events": Door(sight, query={"coverage": "SLUG"}),
    "GET /v1/audit": Door(somewhere("chief")),
    "GET /v1/coverages": _OPEN,
    "POST /v1/coverages": Door(newsroom("chief"), json={"slug": LIVE, "title": "Taken"}),
    "POST /v1/imports": Door(newsroom("chief"), headers={"Content-Type": "application/jsonl"}),
    "GET /v1/keys": Door(newsroom("chief")),
    "POST /v1/keys": Door(newsroom("chief"), json={"name": "x", "role": "nobody"}),
    "DELETE /v1/keys/{key_id}": Door(newsroom("chief")),
    "GET /desk/account": Door(signed_in()),
    "POST /desk/account/name": _OWN_FORM,
    "POST /desk/account/password": _OWN_FORM,
    "POST /desk/account/sessions": _OWN_FORM,
    "GET /desk/account/second-factor": Door(signed_in()),
    "POST /desk/account/second-factor": _OWN_FORM,
    "POST /desk/account/second-factor/confirmation": _OWN_FORM,
    "POST /desk/account/second-factor/codes": _OWN_FORM,
    "POST /desk/account/second-factor/removal": _OWN_FORM,
    "GET /desk/account/passkeys": Door(signed_in()),
    "POST /desk/account/passkeys": _OWN_FORM,
    "POST /desk/account/passkeys/registration": _OWN_FORM,
    "POST /desk/account/passkeys/{passkey_id}/name": Door(
        signed_in(always("404")), data={"token": "TOKEN", "name": "Key"}
    ),
    "POST /desk/account/passkeys/{passkey_id}/removal": _OWN_FORM,
    # At an IP address there are no passkeys, whoever asks.
    "POST /desk/sign-in/passkey": Door(everybody, data={}),
    "POST /v1/passkey-challenges": Door(everybody, json={"purpose": "sign-in"}),
    # Without the first factor both lead back to the form.
    "GET /desk/sign-in/code": _OPEN,
    "POST /desk/sign-in/code": Door(everybody, data={}),
    "POST /desk/people/{person_id}/second-factor": _CHIEFS_FORM,
    "DELETE /v1/people/{person_id}/second-factor": Door(newsroom("chief")),
    "GET /desk/keys": _CHIEFS,
    "POST /desk/keys": _CHIEFS_FORM,
    "POST /desk/keys/{key_id}/revoke": _CHIEFS_FORM,
    "GET /desk/people": _CHIEFS,
    "POST /desk/people/{person_id}": _CHIEFS_FORM,
    "POST /desk/people/{person_id}/link": _CHIEFS_FORM,
    "POST /desk/invitations": _CHIEFS_FORM,
    "POST /desk/invitations/{invitation_id}/end": _CHIEFS_FORM,
    # The link is what lets in: to everybody else's it says that it has ended.
    "GET /desk/welcome/{secret}": _OPEN,
    "POST /desk/welcome/{secret}": Door(everybody, data={}),
    "GET /v1/people": Door(newsroom("chief")),
    "PATCH /v1/people/{person_id}": Door(newsroom("chief"), json={"role": "nobody"}),
    "GET /v1/invitations": Door(newsroom("chief")),
    "POST /v1/invitations": Door(newsroom("chief"), json={"role": "nobody"}),
    "DELETE /v1/invitations/{invitation_id}": Door(newsroom("chief")),
    "GET /desk/new": _CHIEFS,
    "POST /desk/new": _CHIEFS_FORM,
    "GET /desk/slug": replace(_CHIEFS, query={"title": "A fire in the harbour"}),
    "GET /desk/coverages/{slug}/settings": Door(signed_in(within("chief"))),
    "POST /desk/coverages/{slug}/settings": Door(
        signed_in(within("chief")), data={"token": "TOKEN"}
    ),
    "POST /desk/coverages/{slug}/state": Door(signed_in(within("chief")), data={"token": "TOKEN"}),
    # Whoever knows the name of a file, which nobody can guess, may see it.
    "GET /media/{media_id}/{name}": _OPEN,
    "GET /v1/media/uploads/{upload_key}": Door(uploads),
    "GET /v1/media/{media_id}": Door(uses_media),
    "PATCH /v1/media/{media_id}": Door(uses_media, json={"alt": "A red square"}),
    "POST /v1/media": Door(somewhere("contributor"), json={}),
    f"GET {_COVERAGE}": _READ,
    f"PATCH {_COVERAGE}": Door(within("chief"), json={"kicker": "Changed"}),
    f"GET {_COVERAGE}/events": _READ,
    f"SOCKET {_COVERAGE}/socket": _READ,
    f"GET {_COVERAGE}/entries": _READ,
    f"POST {_COVERAGE}/entries": Door(_AUTHOR, json={"headline": "New", "draft": True}),
    # In the plan there is none yet, whoever asks.
    f"GET {_COVERAGE}/entries/{{entry_id}}": _PAGE,
    f"GET {_COVERAGE}/entries/{{entry_id}}/revisions": _PAGE,
    f"PATCH {_COVERAGE}/entries/{{entry_id}}": Door(
        _AUTHOR, json={"headline": "Saved"}, headers={"If-Match": "*"}
    ),
    f"POST {_COVERAGE}/entries/{{entry_id}}/correction": Door(_EDITOR, json={}),
    f"POST {_COVERAGE}/entries/{{entry_id}}/retraction": Door(_EDITOR, json={}),
    f"PUT {_COVERAGE}/entries/{{entry_id}}/pin": Door(_EDITOR),
    f"DELETE {_COVERAGE}/entries/{{entry_id}}/pin": Door(_EDITOR),
    f"POST {_COVERAGE}/entries/{{entry_id}}/publication": Door(_EDITOR),
    f"DELETE {_COVERAGE}/entries/{{entry_id}}/publication": Door(_EDITOR),
    f"POST {_COVERAGE}/entries/{{entry_id}}/restoration": Door(_EDITOR),
    f"POST {_COVERAGE}/preview": Door(_AUTHOR, json={"headline": "Seen before"}),
    f"GET {_COVERAGE}/visits": Door(_AUTHOR),
    f"PUT {_COVERAGE}/visits/{{visit}}": Door(_AUTHOR, json={}),
    f"DELETE {_COVERAGE}/visits/{{visit}}": Door(_AUTHOR),
    f"PUT {_COVERAGE}/drafts/{{entry_id}}/submission": Door(_AUTHOR),
    f"DELETE {_COVERAGE}/drafts/{{entry_id}}/submission": Door(_AUTHOR),
    f"POST {_COVERAGE}/drafts/{{entry_id}}/return": Door(_EDITOR, json={}),
    f"GET {_COVERAGE}/drafts": Door(_AUTHOR),
    f"GET {_COVERAGE}/drafts/{{entry_id}}": Door(_AUTHOR),
    f"DELETE {_COVERAGE}/drafts/{{entry_id}}": Door(_AUTHOR),
}
# Where the entry of the path is a draft: the asker's own where they may have one.
OF_DRAFTS = {
    f"PATCH {_COVERAGE}/entries/{{entry_id}}",
    f"POST {_COVERAGE}/entries/{{entry_id}}/publication",
    f"PUT {_COVERAGE}/drafts/{{entry_id}}/submission",
    f"DELETE {_COVERAGE}/drafts/{{entry_id}}/submission",
    f"GET {_COVERAGE}/drafts/{{entry_id}}",
    f"DELETE {_COVERAGE}/drafts/{{entry_id}}",
}
