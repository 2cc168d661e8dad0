"""What a page may load and run: nothing that is not ours, and no script that stands in it.

JSON-LD is data and runs nowhere, but browsers have differed on that, so it carries a nonce. An
answer may be kept and given again until its coverage changes, so the nonce is one of the page's
contents: whoever writes an entry cannot know it, since the entry changes it. A page that is open
stays as it was while later entries come in, so it takes the nonce back itself, right behind the
data (`coverage.html`).

Source: W3C, Content Security Policy Level 3.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable

POLICY = "Content-Security-Policy"

_SECRET = secrets.token_bytes(32)  # of this process
_RULES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' https: http:",  # pictures in an entry's body may be anywhere
    "media-src": "'self' https: http:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}


def page_nonce(address: str, etag: str) -> str:
    """The nonce of one page in one state.

    Args:
        address: path and query of the page, without what the page ignores.
        etag: of the answer.
    """
    told = f"{address} {etag}".encode()
    return hashlib.blake2b(told, key=_SECRET, digest_size=16).hexdigest()


def page_headers(nonce: str | None = None, frames: Iterable[str] = ()) -> dict[str, str]:
    """What goes with a page.

    Args:
        nonce: of the scripts that stand in it; None where there are none.
        frames: where the players come from that it may show.
    """
    own = {} if nonce is None else {"script-src": f"'self' 'nonce-{nonce}'"}
    return _headers(own | _frames(frames))


def desk_headers(frames: Iterable[str] = ()) -> dict[str, str]:
    """What goes with a page of the desk: nobody keeps it, frames it, or is told its address.

    A picture or video is seen before it is sent.

    Args:
        frames: where the players come from that it may show.
    """
    own = _frames(frames) | {
        "img-src": "'self' blob: https: http:",
        "media-src": "'self' blob: https: http:",
        "frame-ancestors": "'none'",
    }
    return _headers(own) | {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


def embed_headers(ancestors: Iterable[str]) -> dict[str, str]:
    """What goes with a coverage for other sites' pages, which holds no script and no form.

    Args:
        ancestors: the sites that may frame it; none for nobody.
    """
    own = {
        "script-src": "'none'",
        "connect-src": "'none'",
        "form-action": "'none'",
        "frame-ancestors": " ".join(ancestors) or "'none'",
    }
    return _headers(own)


def reference_headers(script: str) -> dict[str, str]:
    """What goes with the API's reference, whose style sheet holds pictures.

    Args:
        script: the one that stands in it, by which it is known.
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
