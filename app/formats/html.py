"""HTML renderer: renders a newsroom's pages; templates of its theme override the built-in ones.

Everything but a body is escaped here; a body was sanitised before it was stored (`markup.py`). A
template that uses an undefined name is an error. Rendered HTML is not cached here: retracted words
must not outlive the entry. That of figures is kept with the figures (`figure_table.py`).
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, partial
from itertools import groupby, product
from pathlib import Path
from typing import Any
from urllib.parse import quote

from babel import Locale
from babel.numbers import format_decimal, get_group_symbol
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
)
from markupsafe import Markup, escape

from app.formats.bidi import isolate
from app.formats.direction import set_direction
from app.formats.embeds.address import host_of
from app.formats.embeds.sites import EmbedSites, is_video
from app.formats.figure_panel import figure_panel
from app.formats.languages import (
    READER,
    Domain,
    find_catalogue,
    find_locale,
    has_words,
    interface_languages,
    language_in,
    language_name,
    name_languages,
    text_direction,
)
from app.formats.links import is_web_address
from app.formats.map_links import OWN_MAP, format_coordinates, map_address, map_site
from app.formats.pictures import pictures_as_links, poster, source_sets
from app.formats.rfc3339 import format_time
from app.formats.summary import summarise
from app.formats.template_environment import CompiledTemplates, TemplateEnvironment, translate_by
from app.formats.time_formatter import TimeFormatter
from app.formats.time_patterns import (
    age_patterns,
    long_date_patterns,
    plural_samples,
    plural_table,
)
from app.formats.urls import complete_address
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry
from app.timeline.event import Event
from app.timeline.figure import fold_name
from app.timeline.figure_table import FigureTable

# A paragraph at the end of a quotation that begins with a dash or a source is its attribution; a
# dash before a number is a minus sign.
_ATTRIBUTION = re.compile(
    r"<p>((?:[\u2013-\u2015](?!\s*[0-9])|<cite\b)[^<]*(?:<(?!/?p\b)[^<]*)*</p>\s*</blockquote>)"
)
_TABLE = re.compile(r"""<table\b(?:[^>"]|"[^"]*")*>""")  # as the sanitiser writes it
_NOTABLE = timedelta(minutes=5)  # the event's time is shown if it differs this much from the entry


class ThemeError(Exception):
    """A theme's template cannot be used; the message is one line."""


class HtmlRenderer:
    """Renders the pages that readers see.

    Args:
        name: the newsroom's public name.
        base_url: the address of the pages, without a slash at its end.
        zone: the time zone in which times are shown.
        packages: the packages with the built-in templates.
        theme: a folder of templates that override those of the same name; they may extend them as
            `dateline/NAME`. None for no theme.
        asset: returns the address of a static file.
        stylesheets: the names of a page's stylesheets, in order.
        embeds: the sites whose content a page may embed; None for none.
        map_link: the template of a map service's addresses (`map_links.py`); None for none.
        domains: whose words the templates may use.
    """

    def __init__(
        self,
        *,
        name: str = "Dateline",
        base_url: str = "",
        zone: tzinfo = UTC,
        packages: tuple[str, ...] = ("app.formats",),
        theme: Path | None = None,
        asset: Callable[[str], str] = str,
        stylesheets: tuple[str, ...] = (),
        embeds: EmbedSites | None = None,
        map_link: str | None = None,
        domains: tuple[Domain, ...] = (READER,),
    ) -> None:
        self.name = name
        self.embeds = embeds or EmbedSites()
        self.zone = zone
        self._theme = theme
        built_in = ChoiceLoader([PackageLoader(package) for package in packages])
        self._loader: BaseLoader = built_in
        if theme is not None:
            prefixed = PrefixLoader({"dateline": built_in})
            self._loader = ChoiceLoader([FileSystemLoader(theme), prefixed, built_in])
        self._compiled = CompiledTemplates(theme)
        self._globals = {
            "asset": asset,
            "base_url": base_url,
            "map_site": map_link and map_site(map_link),
            "site_name": name,
            "stylesheets": [asset(sheet) for sheet in stylesheets],
        }
        self._map_link = map_link or OWN_MAP
        self._domains = domains
        self._environment = cache(self._open)  # by locale and domain; there are some dozens

    @property
    def zone_name(self) -> str:
        """The IANA name of the time zone in which times are shown: `Asia/Tbilisi`."""
        return str(self.zone)

    def check(self) -> None:
        """Load the readers' catalogues and the theme's templates before the first request.

        Raises:
            ThemeError: a template cannot be loaded.
        """
        for language in interface_languages():
            environment = self._environment(find_locale(language), READER)
        for path in sorted(self._theme.rglob("*.html")) if self._theme else ():
            name = path.relative_to(self._theme or path).as_posix()
            try:
                environment.get_template(name)
            except TemplateError as error:
                raise ThemeError(f"{path}: {error}") from None

    def compile_templates(self) -> None:
        """Compile all templates and load all catalogues, so that nobody waits for a page.

        This takes a second. The readers' catalogues were loaded by `check`.
        """
        environment = self._environment(find_locale("en"), READER)
        for name in environment.list_templates(extensions=["html"]):
            environment.get_template(name)
        for language, domain in product(interface_languages(), self._domains):
            self._environment(find_locale(language), domain)

    def render(
        self, template: str, language: str, *, domain: Domain = READER, **context: Any
    ) -> str:
        """Render a template.

        Args:
            template: the template's name.
            language: the language (BCP 47) of its words and times.
            domain: the catalogues of its words.
            context: the template's variables.
        """
        environment = self._environment(find_locale(language), domain)
        return environment.get_template(template).render(language=language, **context)

    def entry(self, entry: Entry) -> str:
        """The `<article>` of a public entry or tombstone, as on the page and in the stream."""
        return self.render("entry.html", entry.language, entry=entry, copy=False).strip()

    def pinned(self, entry: Entry) -> str:
        """The copy of the pinned entry at the top: as `entry`, but without ids."""
        return self.render("entry.html", entry.language, entry=entry, copy=True).strip()

    def figures(
        self,
        coverage: Coverage,
        table: FigureTable,
        address: str,
        seq: int,
        *,
        lite: bool = False,
    ) -> str:
        """The `<section>` with the figures of a coverage; without any hidden, or empty if `lite`.

        Args:
            coverage: the coverage, as of the figures.
            table: the figures.
            address: the section's own address.
            seq: the last event of the journal that it takes into account.
            lite: for a page of text only.
        """
        language = coverage.language
        # In its year, days are shown without the year.
        year = coverage.updated_at.astimezone(self.zone).year
        shared: dict[str, Any] = {"address": address, "lite": lite}

        def render_tables() -> Markup:
            now = datetime(year, 7, 1, tzinfo=self.zone)
            own: dict[str, Any] = {
                "page": f"/coverages/{coverage.slug}",
                "now": now,
                "panel": figure_panel(table),
            }
            html = self.render("figure_tables.html", language, **own, **shared)
            return Markup(html.strip())  # noqa: S704  escaped by the template

        # These values are all that the tables depend on: what is kept is used for later events.
        key = ("figure_tables.html", coverage.slug, language, year, address, lite)
        tables = table.derive(key, render_tables)
        return self.render("figures.html", language, tables=tables, seq=seq, **shared).strip()

    def head(self, coverage: Coverage) -> str:
        """The `<header>` of a coverage's page: title, bylines, status, related pages and more."""
        return self.render("head.html", coverage.language, coverage=coverage).strip()

    def event(self, event: Event) -> str:
        """The HTML that replaces a part of the page after an event: an entry, or the header."""
        if event.entry is not None:
            return self.entry(event.entry)
        assert event.details is not None
        return self.head(event.details)

    def by_day(self, entries: tuple[Entry, ...]) -> Iterator[tuple[datetime, list[Entry]]]:
        """Group public entries by day, in the order given, each with its first entry's time."""
        for _, group in groupby(entries, key=lambda e: _published(e).astimezone(self.zone).date()):
            of_day = list(group)
            yield _published(of_day[0]), of_day

    def _open(self, locale: Locale, domain: Domain) -> TemplateEnvironment:
        formatter = TimeFormatter(self.zone, locale)
        environment = TemplateEnvironment(
            loader=self._loader,
            autoescape=True,
            bytecode_cache=self._compiled,
            undefined=StrictUndefined,
            lstrip_blocks=True,
            auto_reload=False,  # it would check each file on disk at every rendering
            cache_size=-1,  # all of them: there are some dozens
            extensions=["jinja2.ext.i18n"],
        )
        catalogue = find_catalogue(locale.language, domain)
        environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
        environment.globals["_"] = translate_by(catalogue)
        environment.policies["ext.i18n.trimmed"] = True
        environment.globals.update(self._globals, locale=locale, for_readers=domain is READER)
        environment.globals.update(
            between=formatter.between,
            comma=formatter.comma,
            name_languages=partial(name_languages, locale),
            plurals=plural_samples(locale),
            plural_table=plural_table(locale),
            long_date_patterns=long_date_patterns(locale),
            thousands=get_group_symbol(locale),
            zone_changes=formatter.zone_changes,
        )
        environment.filters.update(self._filters(locale, formatter))
        environment.tests.update(notable=_is_notable, video=is_video, web_address=is_web_address)
        return environment

    def _filters(self, locale: Locale, formatter: TimeFormatter) -> dict[str, Callable[..., Any]]:
        gettext = find_catalogue(locale.language).gettext
        find_embed = self.embeds.find
        return {
            "absolute": complete_address,
            "ages": _ages,
            "body": lambda markup: _body(markup, gettext("Table")),
            "body_in_words": lambda markup: _body(
                pictures_as_links(markup, gettext("Picture")), gettext("Table")
            ),
            "changed": _changed,
            "clock": formatter.clock,
            "clock_seconds": formatter.clock_seconds,
            "coordinates": format_coordinates,
            "date": formatter.date,
            "day": formatter.day,
            "day_beside": formatter.day_beside,
            "direction": text_direction,
            "embed": lambda media: find_embed(media.url),
            "exact": partial(format_decimal, locale=locale, decimal_quantization=False),
            "folded": fold_name,
            "host": host_of,
            "isolated": isolate,
            "language_in": partial(language_in, locale=locale),
            "language_name": language_name,
            "map_address": partial(map_address, template=self._map_link),
            "number": partial(format_decimal, locale=locale),
            "poster": poster,
            "source_sets": source_sets,
            "summary": summarise,
            "timestamp": format_time,
            "weekday": formatter.weekday,
            "whole": formatter.whole,
            "whole_urlencode": partial(quote, safe=""),
            "zone_in_full": formatter.zone_in_full,
        }


def _ages(coverage: Coverage) -> dict[str, dict[str, str]]:
    """Return the words for ages by language: that of the page, and the others of its entries."""
    others = filter(has_words, coverage.languages)
    return {language: age_patterns(language) for language in (coverage.language, *others)}


def _published(entry: Entry) -> datetime:
    assert entry.published_at is not None
    return entry.published_at


def _body(markup: str, table: str) -> Markup:
    """Prepare a body for display.

    Args:
        markup: the body as stored.
        table: the accessible name of a table.
    """
    html = _ATTRIBUTION.sub(r'<p class="attribution" dir="auto">\1', set_direction(markup))
    # A table that is too wide for the page scrolls in a frame of its own, also by keyboard.
    frame = f'<div class="sideways" role="group" tabindex="0" aria-label="{escape(table)}">'
    html = _TABLE.sub(lambda table: frame + table[0], html).replace("</table>", "</table></div>")
    return Markup(html)  # noqa: S704  sanitised before it was stored


def _changed(text: str, kind: str) -> Markup:
    """Mark up a piece of a difference between two texts (`timeline/word_diff.py`)."""
    tag = {"inserted": "ins", "deleted": "del"}.get(kind)
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), text) if tag else escape(text)  # noqa: S704


def _is_notable(happened: datetime, published: datetime) -> bool:
    return abs(published - happened) >= _NOTABLE
