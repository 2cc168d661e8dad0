"""Live coverage as HTML: one entry, and the head of a page, alike on the page and in the stream.

Everything but a body is escaped here; a body was sanitised on its way in (`markup.py`). Refuses a
template that names what is not there. Nothing is kept: retracted words must not outlive the entry.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app.framing.history import format_time
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry, Media
from app.timeline.event import Event

# Languages and scripts that run from right to left, as BCP 47 subtags.
_RTL_LANGUAGES = frozenset(
    {"ar", "arc", "arz", "ckb", "dv", "fa", "glk", "he", "iw", "ks", "lrc", "mzn"}
    | {"nqo", "pnb", "ps", "sd", "syr", "ug", "ur", "yi"}
)
_RTL_SCRIPTS = frozenset(
    {"adlm", "arab", "aran", "hebr", "mand", "mend", "nkoo", "rohg", "samr", "syrc", "thaa", "yezi"}
)
_SCRIPT_LENGTH = 4
# Every browser shows these; newer types stand in a <source> that the browser may pass over.
_PLAIN_TYPES = frozenset({"image/jpeg", "image/png", "image/gif"})
# A paragraph that ends a quotation and begins with a dash or a source says who said it.
_ATTRIBUTION = re.compile(
    r"<p>((?:[\u2013-\u2015]|<cite\b)[^<]*(?:<(?!/?p\b)[^<]*)*</p>\s*</blockquote>)"
)
_NOTABLE = timedelta(minutes=5)  # between what happened and its entry, before both are told


def open_templates(*packages: str) -> Environment:
    """The templates of these packages, with the words and times of coverage at hand.

    Strings stand in `_()`, so that a catalogue can replace them.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        body=_body,
        clock=lambda moment: f"{moment.astimezone(UTC):%H:%M} UTC",
        clock_seconds=lambda moment: f"{moment.astimezone(UTC):%H:%M:%S} UTC",
        date=lambda moment: f"{moment.astimezone(UTC):%Y-%m-%d}",
        day=_day,
        direction=text_direction,
        source_sets=source_sets,
        timestamp=format_time,
        weekday=lambda moment: f"{moment.astimezone(UTC):%A}",
    )
    environment.tests.update(notable=_is_notable, web_address=is_web_address)
    return environment


def render_event(event: Event) -> str:
    """What takes the place of what a page shows, once an event has happened."""
    if event.entry is not None:
        return render_entry(event.entry)
    assert event.details is not None
    return render_head(event.details)


def render_entry(entry: Entry) -> str:
    """The `<article>` of a public entry, be it a tombstone: the same on the page and after it."""
    return _ENTRY.render(entry=entry, copy=False).strip()


def render_pinned(entry: Entry) -> str:
    """The pinned entry once more, on top: as `render_entry`, but without ids."""
    return _ENTRY.render(entry=entry, copy=True).strip()


def render_head(coverage: Coverage) -> str:
    """The `<header>` of a coverage's page: title, standfirst, bylines, state, related pages."""
    return _HEAD.render(coverage=coverage).strip()


def text_direction(language: str) -> str:
    """`rtl` for a language (BCP 47) that is written from right to left, else `ltr`."""
    primary, *others = language.lower().replace("_", "-").split("-")
    script = next((s for s in others[:2] if len(s) == _SCRIPT_LENGTH and s.isalpha()), None)
    if script is None:
        return "rtl" if primary in _RTL_LANGUAGES else "ltr"
    return "rtl" if script in _RTL_SCRIPTS else "ltr"


def by_day(entries: tuple[Entry, ...]) -> Iterator[tuple[datetime, list[Entry]]]:
    """Public entries under the time of the first one of each day (UTC), in the order given."""
    for _, group in groupby(entries, key=lambda e: _published(e).date()):
        found = list(group)
        yield _published(found[0]), found


def is_web_address(url: str) -> bool:
    """Whether a link may lead there: a page on the web or on this site, never a script."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return False
    return scheme in {"http", "https"} or (scheme == "" and url.startswith("/"))


def source_sets(media: Media) -> dict[str, str]:
    """A picture's renditions as `srcset` by media type; `""` stands for what all browsers show."""
    sets: dict[str, list[str]] = {}
    for rendition in sorted(media.renditions, key=lambda r: (r.type, r.width)):
        media_type = "" if rendition.type in _PLAIN_TYPES else rendition.type
        # Both characters would end the address inside a srcset.
        url = rendition.url.replace(" ", "%20").replace(",", "%2C")
        sets.setdefault(media_type, []).append(f"{url} {rendition.width}w")
    return {media_type: ", ".join(addresses) for media_type, addresses in sets.items()}


def _published(entry: Entry) -> datetime:
    assert entry.published_at is not None
    return entry.published_at.astimezone(UTC)


def _body(markup: str) -> Markup:
    told = _ATTRIBUTION.sub(r'<p class="attribution">\1', markup)
    return Markup(told)  # noqa: S704  sanitised before it was stored


def _day(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B} {utc.year}"


def _is_notable(happened: datetime, published: datetime) -> bool:
    return abs(published - happened) >= _NOTABLE


_TEMPLATES = open_templates("app.framing")
_ENTRY = _TEMPLATES.get_template("entry.html")
_HEAD = _TEMPLATES.get_template("head.html")
