"""JSON-LD: live coverage for search engines, as a NewsArticle that is a LiveBlogPosting.

Tombstones are left out: retracted entries are not offered for indexing. So are graphic pictures and
videos, which search engines would show uncovered.

A claim is a `Claim` of its source. It is never a ClaimReview: nobody's statements are rated here.

Source: schema.org, LiveBlogPosting, CorrectionComment, Claim and Dataset; HTML, section 4.12.1
(scripts' contents).
"""

from collections.abc import Iterable

from markupsafe import Markup, escape

from app.formats.bidi import isolate
from app.formats.embeds.sites import is_video
from app.formats.pictures import poster
from app.formats.public_json import Json, dump_json, without_empty
from app.formats.rfc3339 import format_time
from app.formats.urls import complete_address, coverage_address
from app.timeline.claim import Claim
from app.timeline.coverage import Coverage
from app.timeline.entry import Byline, Entry, Media
from app.timeline.figure_table import FigureTable
from app.timeline.ledger import group_series
from app.timeline.truncation import truncate

# Characters that could end the script element, open a comment in it, or end a JavaScript line.
_ESCAPES = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})

_LONGEST_DESCRIPTION = 5000  # characters that search engines read


def live_blog_posting(
    coverage: Coverage,
    entries: Iterable[Entry],
    base_url: str,
    publisher: str,
    *,
    figures: FigureTable | None = None,
    translations: Iterable[Entry] = (),
) -> Json:
    """Describe a coverage with some of its entries.

    Args:
        coverage: a public coverage.
        entries: public entries of it, in the order of the page.
        base_url: the base URL of the pages, without a trailing slash.
        publisher: the newsroom's name.
        figures: those that the page shows; None for none.
        translations: entries of other editions; those that translate one of `entries` are named.
    """
    versions = tuple(translations)
    url = coverage_address(base_url, coverage.slug)
    newsroom = _newsroom(publisher, base_url)
    started = coverage.starts_at or coverage.created_at
    posting: Json = {
        "@context": "https://schema.org",
        "@type": ["NewsArticle", "LiveBlogPosting"],
        "@id": url,
        "url": url,
        "mainEntityOfPage": url,
        "headline": isolate(coverage.title),
        "articleSection": isolate(coverage.kicker or ""),
        "description": isolate(coverage.standfirst or ""),
        "inLanguage": coverage.language,
        "datePublished": format_time(started),
        "dateModified": format_time(coverage.updated_at),
        "coverageStartTime": format_time(started),
        "coverageEndTime": format_time(coverage.ended_at) if coverage.ended_at else None,
        # Search engines require an author: without bylines it is the newsroom.
        "author": _authors(coverage.bylines) or [newsroom],
        "publisher": newsroom,
        "isPartOf": {
            "@type": "WebSite",
            "@id": f"{base_url}/#site",
            "name": publisher,
            "url": f"{base_url}/",
        },
        "image": _images([coverage.lead_image] if coverage.lead_image else [], base_url),
        "hasPart": figures and _dataset(coverage, figures, base_url),
        **_editions(coverage, base_url),
        "liveBlogUpdate": [
            _update(e, coverage, base_url, versions) for e in entries if e.retraction is None
        ],
    }
    return without_empty(posting)


def render_structured_data(data: Json, nonce: str) -> Markup:
    """Render a JSON-LD `<script>`, with characters escaped that could end it.

    Args:
        data: the content.
        nonce: the nonce of the page's content security policy.
    """
    text = dump_json(data).decode().translate(_ESCAPES)
    start = f'<script type="application/ld+json" nonce="{escape(nonce)}">'
    return Markup(f"{start}{text}</script>")  # noqa: S704  escaped


def _newsroom(name: str, base_url: str) -> Json:
    return {
        "@type": "Organization",
        "@id": f"{base_url}/#newsroom",
        "name": name,
        "url": f"{base_url}/",
    }


def _editions(coverage: Coverage, base_url: str) -> Json:
    """Name the original edition, or the editions of which a coverage is the original."""
    editions = {
        edition.slug: _work(coverage_address(base_url, edition.slug), edition.language)
        | {"name": isolate(edition.title)}
        for edition in coverage.editions
    }
    if coverage.edition_of is not None:  # which may be planned, and is not listed then
        return {"translationOfWork": editions.get(coverage.edition_of)}
    own = editions.pop(coverage.slug, None)
    return {"workTranslation": list(editions.values())} if own else {}


def _entry_url(base_url: str, slug: str, entry_id: str) -> str:
    return f"{coverage_address(base_url, slug)}/entries/{entry_id}#entry-{entry_id}"


def _work(url: str, language: str) -> Json:
    return {"@type": "CreativeWork", "@id": url, "url": url, "inLanguage": language}


def _versions(entry: Entry, translations: Iterable[Entry], base_url: str) -> Json:
    """Name an entry's original unless it is retracted, and the entries that translate it."""
    original = entry.translation_of
    if original and original.outdated and original.outdated.because == "retracted":
        original = None
    source = original and _work(
        _entry_url(base_url, original.coverage, original.entry_id), original.language
    )
    own = entry.coverage, entry.id
    works = [
        _work(_entry_url(base_url, each.coverage, each.id), each.language)
        for each in translations
        if each.translation_of
        and (each.translation_of.coverage, each.translation_of.entry_id) == own
    ]
    return {"translationOfWork": source, "workTranslation": works}


def _update(entry: Entry, coverage: Coverage, base_url: str, translations: Iterable[Entry]) -> Json:
    assert entry.published_at is not None
    url = _entry_url(base_url, coverage.slug, entry.id)
    correction = entry.correction and {
        "@type": "CorrectionComment",
        "text": isolate(entry.correction.note),
        "datePublished": format_time(entry.correction.at),
    }
    place = entry.place
    location: Json = {}
    if place is not None:
        location = {"@type": "Place", "name": isolate(place.name)}
        if place.lat is not None and place.lon is not None:
            coordinates = {"latitude": place.lat, "longitude": place.lon}
            location["geo"] = {"@type": "GeoCoordinates", **coordinates}
    return without_empty(
        {
            "@type": "BlogPosting",
            "@id": url,
            "url": url,
            # A headline is required, and a picture without words has no title of its own.
            "headline": isolate(entry.title or coverage.title),
            "inLanguage": entry.language,
            "datePublished": format_time(entry.published_at),
            "dateModified": format_time(entry.updated_at),
            "articleBody": isolate(entry.text),
            "author": _authors(entry.bylines),
            "keywords": [isolate(tag) for tag in entry.tags],
            "contentLocation": location or None,
            "image": _images(entry.media, base_url),
            "video": _videos(entry, coverage, base_url),
            "correction": correction,
            "mentions": [_claim(claim, entry) for claim in entry.claims],
            **_versions(entry, translations, base_url),
        }
    )


def _claim(claim: Claim, entry: Entry) -> Json:
    assert entry.published_at is not None
    source = claim.source
    return without_empty(
        {
            "@type": "Claim",
            "text": isolate(claim.text or entry.title),
            "author": {"@type": "Organization", "name": isolate(source.name)},
            "appearance": source.url and {"@type": "CreativeWork", "url": source.url},
            "datePublished": format_time(entry.published_at),
            "creativeWorkStatus": claim.status,
        }
    )


def _measured(table: FigureTable) -> tuple[list[str], str]:
    """Return what is measured, and a description of the numbers by it and by who gives them."""
    groups = [
        (" · ".join(filter(None, (group.metric, group.group))), group.sources)
        for group in group_series(table.series)
    ]
    described = "; ".join(
        f"{measured} ({', '.join(line.current.figure.source.name for line in lines)})"
        for measured, lines in groups
    )
    return [isolate(measured) for measured, _ in groups], described


def _dataset(coverage: Coverage, figures: FigureTable, base_url: str) -> Json | None:
    """Describe the table of all figures."""
    measured, described = figures.derive("measured", lambda: _measured(figures))
    if not measured:
        return None
    address = f"{base_url}/v1/coverages/{coverage.slug}/figures.csv"
    return {
        "@type": "Dataset",
        "name": isolate(coverage.title),
        "description": isolate(truncate(f"{coverage.title}: {described}", _LONGEST_DESCRIPTION)),
        "url": f"{coverage_address(base_url, coverage.slug)}#figures",
        "inLanguage": coverage.language,
        "dateModified": format_time(coverage.updated_at),
        "isAccessibleForFree": True,
        "creator": {"@id": f"{base_url}/#newsroom"},
        "variableMeasured": measured,
        "distribution": {
            "@type": "DataDownload",
            "encodingFormat": "text/csv",
            "contentUrl": address,
        },
    }


def _authors(bylines: Iterable[Byline]) -> list[Json]:
    return [{"@type": "Person", "name": isolate(byline.name)} for byline in bylines]


def _images(media: Iterable[Media], base_url: str) -> list[Json]:
    return [
        without_empty(
            {
                "@type": "ImageObject",
                "url": complete_address(picture.url, base_url),
                "contentUrl": complete_address(picture.url, base_url),
                "caption": isolate(picture.caption or picture.alt),
                "creditText": isolate(picture.credit),
                "width": _pixels(picture.width),
                "height": _pixels(picture.height),
            }
        )
        for picture in media
        if picture.kind == "image" and not picture.graphic
    ]


def _videos(entry: Entry, coverage: Coverage, base_url: str) -> list[Json]:
    return [
        without_empty(
            {
                "@type": "VideoObject",
                "name": isolate(video.caption or video.alt or entry.title or coverage.title),
                "description": isolate(video.alt or video.caption),
                "uploadDate": format_time(entry.published_at) if entry.published_at else None,
                # An embed's file belongs to the other site: only its page is named.
                "contentUrl": complete_address(video.url, base_url)
                if video.kind == "video"
                else None,
                "url": video.url if video.kind == "embed" else None,
                "thumbnailUrl": complete_address(still.url, base_url) if still else None,
                "creditText": isolate(video.credit),
                "width": _pixels(video.width),
                "height": _pixels(video.height),
            }
        )
        for video in entry.media
        if is_video(video) and not video.graphic
        for still in [poster(video)]
    ]


def _pixels(length: int | None) -> str | None:
    return f"{length} px" if length else None  # a Distance: number and unit
