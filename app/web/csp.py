"""Content security policy of pages: they load only our own scripts, and none inline.

JSON-LD is data and never runs, but browsers have differed on that, so it carries a nonce. An answer
may be cached until its coverage changes, so the nonce depends on the page's contents. Authors of
entries cannot predict it, since each entry changes it. A page that is open stays unchanged while
later entries arrive, so it removes the nonce itself, directly after the data (`coverage.html`).

Source: W3C, Content Security Policy Level 3.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable

from app.web.third_parties import HOST, ThirdParties

POLICY = "Content-Security-Policy"

_SECRET = secrets.token_bytes(32)  # a random key of this process, for nonces
_RULES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' https: http:",  # pictures in an entry's body may be on any host
    "media-src": "'self' https: http:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}


_NO_THIRD_PARTIES = ThirdParties()


def check_ancestors(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sites that may frame an embed, if they can stand in `frame-ancestors`.

    Raises:
        ValueError: one cannot.
    """
    for name in names:
        if name != "*" and not HOST.fullmatch(name):
            raise ValueError(
                "expected *, none, or sites such as https://example.org or https://*.example.org"
            )
    return names


def page_nonce(address: str, etag: str) -> str:
    """Return the nonce of one page in one state.

    Args:
        address: path and query of the page, without parameters that the page ignores.
        etag: the answer's ETag.
    """
    state = f"{address} {etag}".encode()
    return hashlib.blake2b(state, key=_SECRET, digest_size=16).hexdigest()


def without_nonce(policy: str) -> str:
    """Return what a policy says without its nonce, which differs between processes."""
    return re.sub(r"'nonce-[0-9a-f]+'", "'nonce'", policy)


def page_headers(
    nonce: str | None = None,
    frames: Iterable[str] = (),
    third_parties: ThirdParties = _NO_THIRD_PARTIES,
) -> dict[str, str]:
    """Return the security headers of a reader's page.

    Args:
        nonce: the nonce of its inline scripts; None if it has none.
        frames: the origins of other sites' players and posts that it may embed.
        third_parties: the hosts that the theme's scripts, adverts and the like may use.
    """
    inline = () if nonce is None else (f"'nonce-{nonce}'",)
    own = {
        name: " ".join((_RULES[name], *sources))
        for name, sources in (
            ("script-src", (*inline, *third_parties.scripts)),
            ("img-src", third_parties.images),
            ("connect-src", third_parties.connects),
        )
    }
    return _headers(own | _frames((*frames, *third_parties.frames)))


def desk_headers(frames: Iterable[str] = ()) -> dict[str, str]:
    """Return the security headers of a desk page: no caching, no framing, no referrer elsewhere.

    `blob:` is allowed because the desk shows a picture or video before its upload.

    Args:
        frames: the origins of other sites' players and posts that it may embed.
    """
    own = _frames(frames) | {
        "img-src": "'self' blob: https: http:",
        "media-src": "'self' blob: https: http:",
        "frame-ancestors": "'none'",
    }
    return _headers(own) | {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


def embed_headers(ancestors: Iterable[str]) -> dict[str, str]:
    """Return the security headers of an embedded coverage, which other sites frame.

    Args:
        ancestors: the sites that may frame it; empty for none.
    """
    own = {
        "form-action": "'none'",
        "frame-ancestors": " ".join(ancestors) or "'none'",
    }
    return _headers(own)


def reference_headers(script: str) -> dict[str, str]:
    """Return the security headers of the API reference, whose style sheet contains images.

    Args:
        script: its inline script, which the policy allows by hash.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _headers({"script-src": f"'self' 'sha256-{digest}'", "img-src": "'self' data:"})


def _frames(origins: Iterable[str]) -> dict[str, str]:
    named = " ".join(origins)
    return {"frame-src": named} if named else {}


def _headers(changed: dict[str, str]) -> dict[str, str]:
    rules = _RULES | changed
    return {
        POLICY: "; ".join(f"{name} {sources}" for name, sources in rules.items()),
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    }
