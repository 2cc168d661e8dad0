"""What browsers hold from an earlier version: pages and scripts as the server gave them then.

`earlier/` has the answers of the server of commit 6e3273e, the last one before claims, figures and
editions: a coverage's page and its embed, with an entry `First`, a key event `Second`, an entry
`Third`, and the first one pinned; `embed.js`; and in `static/` the scripts, of which `page.js` and
`embedded.js` were bundles. In the two documents indentation and empty lines are left out, the year
is a past one, and `$base`, `$slug`, `$cursor`, `$first`, `$second` and `$third` stand for what
differs in each coverage. A proxy gives them for as long as that server was running.
"""

from pathlib import Path
from string import Template

from tests.browsers.proxy_answers import answer
from tests.contract.timeline import Timeline

_FOLDER = Path(__file__).with_name("earlier")
_STATIC = "/static/e736fbde690c/"  # with the digest of that version
# The page's own header. It stays in force in a page that is open while the server is replaced.
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-d50607f42e320e699e99bac4488bd44a';"
    " style-src 'self'; img-src 'self' https: http:; media-src 'self' https: http:;"
    " font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'self';"
    " frame-src https://www.youtube-nocookie.com https://player.vimeo.com"
)


def fill(timeline: Timeline) -> dict[str, str]:
    """Publish what the stored documents show in a new coverage; returns the ids by headline."""
    ids = {}
    for headline in ("First", "Second", "Third"):
        is_key = headline == "Second"
        entry = timeline.publish(headline, body=f"Body of {headline}", key_event=is_key)
        ids[headline.lower()] = entry["id"]
    timeline.pin(ids["first"])
    return ids


def scripts() -> dict[bytes, bytes]:
    """Return the answers with scripts, as a browser's cache has them, by the requests' beginning.

    The client and `embed.js` are at the same addresses today.
    """
    files = {f"{_STATIC}{path.name}": path for path in (_FOLDER / "static").iterdir()}
    files |= {"/static/dateline.js": _FOLDER / "static" / "dateline.js"}
    files |= {"/embed.js": _FOLDER / "embed.js"}
    return {
        f"GET {path} ".encode(): answer("200 OK", "text/javascript", file.read_text())
        for path, file in files.items()
    }


def documents(
    timeline: Timeline, ids: dict[str, str], base: str, cursor: str
) -> dict[bytes, bytes]:
    """Return the answers with a coverage's page and embed, by the requests' beginning.

    Args:
        timeline: the coverage.
        ids: those that `fill` returned.
        base: the server's public URL.
        cursor: the one from which the documents' streams continue.
    """
    words = {"slug": timeline.slug, "base": base, "cursor": cursor, **ids}
    page, embed = (
        Template((_FOLDER / name).read_text()).substitute(words)
        for name in ("page.html", "embed.html")
    )
    path = f"GET /coverages/{timeline.slug}"
    utf8 = "text/html; charset=utf-8"
    return {
        f"{path} ".encode(): answer("200 OK", utf8, page, Content_Security_Policy=_POLICY),
        f"{path}/embed?".encode(): answer("200 OK", utf8, embed),
    }
