"""A specimen: an archive of a coverage with every kind of content that a page can show.

Its times are fixed, so that its pages are the same in every run. Its pictures are the server's
own static files, from a theme that `write_pictures` fills.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.intake.archive import write_archive
from tests.conftest import Newsroom

Json = dict[str, Any]

_TRANSLATIONS = tomllib.loads(Path(__file__).with_name("tongues.toml").read_text())
_DAY_ONE, _DAY_TWO = "2026-03-14", "2026-03-15"
_NO_VALUES = {"place": None, "happened_at": None, "correction": None, "retraction": None}
_SHAPES = {"valley": (1600, 1067), "bridge": (1600, 900), "school": (1200, 1500)}
_TABLE = """<table><caption>Levels at the gauges, in metres above normal</caption>
<thead><tr><th>Gauge</th><th>06:00</th><th>09:00</th><th>12:00</th><th>15:00</th><th>18:00</th>
<th>Highest on record</th></tr></thead><tbody>
<tr><td>Upper weir</td><td>1.20</td><td>1.85</td><td>2.60</td><td>3.10</td><td>3.05</td>
<td>3.42 (November 1968)</td></tr>
<tr><td>Mill bridge</td><td>0.90</td><td>1.40</td><td>2.15</td><td>2.95</td><td>3.30</td>
<td>3.51 (November 1968)</td></tr></tbody></table>"""
_QUOTE = """<blockquote><p>We have moved everybody out of the lower streets. Nobody should go back
tonight, however calm the water looks.</p><p>— Marta Lind, head of the fire service</p></blockquote>
<p>She spoke on the steps of the town hall.</p>"""
_ROUNDUP = """<ul><li><strong>Levels:</strong> the river stands 3.30 metres above normal at the Mill
bridge, and has stopped rising.</li><li><strong>People:</strong> 1,240 have left their homes; the
<a href="https://example.org/shelters">shelters</a> have room for 300 more.<ul><li>The school takes
families.</li><li>The sports hall takes pets too.</li></ul></li><li><strong>Trains</strong> run to
Oakham only.</li><li><strong>Roads:</strong> the valley road is closed between the two
bridges.</li><li><strong>Schools</strong> stay shut on Monday.</li><li><strong>Water</strong> from
the tap is safe everywhere but in the lower streets.</li><li><strong>Power:</strong> 400 households
are without it.</li><li><strong>Hospital:</strong> visitors are asked to stay away.</li><li><strong>
Rain</strong> is forecast until four in the afternoon.</li><li><strong>Helpers</strong> meet at the
fire station.</li></ul>"""
_RICH = """<h2>What the council decided</h2><p>The meeting took <em>eleven minutes</em>. All
<strong>nine</strong> members voted for it; the text is <a href="https://example.org/text">on the
council&rsquo;s site</a>, as <code>2026/14</code>.</p><ol><li>Schools stay shut.</li><li>Buses are
free.</li></ol><pre>Line 4   06:10   every 20 min
Line 7   06:25   every 30 min</pre><hr><p>A word too long to fit:
Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft.</p>"""


def picture(name: str, number: int = 0) -> Json:
    """Return a picture of the theme, with caption and credit."""
    width, height = _SHAPES[name]
    return {
        "id": f"{name}-{number}",
        "kind": "image",
        "url": f"/static/0/{name}.svg",
        "alt": f"The {name} under a grey sky",
        "caption": f"The {name} on Sunday morning, seen from the north bank.",
        "credit": "Ida Berg/Dateline",
        "width": width,
        "height": height,
        "renditions": [],
    }


def write_pictures(theme: Path) -> None:
    """Write the pictures of the specimen into a theme's folder."""
    static = theme / "static"
    static.mkdir(parents=True)
    for name, (width, height) in _SHAPES.items():
        hills = f"M0 {height * 0.6} Q{width * 0.3} {height * 0.3} {width * 0.6} {height * 0.6}"
        (static / f"{name}.svg").write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
            f'<rect width="{width}" height="{height}" fill="#9fb3c4"/>'
            f'<path d="{hills} T{width} {height * 0.5} V{height} H0 Z" fill="#5c7264"/>'
            f'<rect y="{height * 0.75}" width="{width}" height="{height}" fill="#6d7f8d"/></svg>'
        )


def entries() -> list[Json]:
    """Return an entry of each kind, oldest first."""
    video = picture("bridge", 9) | {"kind": "video", "url": "/static/0/none.mp4"}
    return [
        _entry("warning", f"{_DAY_ONE}T18:05", "Flood warning for the Orle valley", key_event=True),
        _entry("rain", f"{_DAY_ONE}T21:40", None, "<p>Rain has begun in the hills.</p>"),
        _entry("table", f"{_DAY_TWO}T06:20", "The figures so far", _TABLE),
        _entry("rich", f"{_DAY_TWO}T07:10", "Schools stay shut on Monday", _RICH, revision=2),
        _entry("quote", f"{_DAY_TWO}T07:45", None, _QUOTE, kind="quote", key_event=True),
        _entry("one", f"{_DAY_TWO}T08:00", "The bridge is closed", media=[picture("bridge")]),
        _gallery("two", "08:20", ["valley", "school"]),
        _gallery("three", "08:40", ["valley", "bridge", "school"]),
        _gallery("many", "09:00", ["valley", "bridge", "school", "bridge", "valley"]),
        _entry("video", f"{_DAY_TWO}T09:20", "The wave, filmed", kind="media", media=[video]),
        _corrected(),
        _retracted(),
        _entry(
            "roundup",
            f"{_DAY_TWO}T10:30",
            "What we know at half past ten",
            _ROUNDUP,
            kind="roundup",
            pinned=True,
            bylines=[{"name": "Ida Berg"}, {"name": "Jon Falk"}],
        ),
        _entry(
            "latest",
            f"{_DAY_TWO}T10:50",
            "Water falls at the Upper weir",
            "<p>It is five centimetres lower than an hour ago.</p>",
            key_event=True,
            place={"name": "Upper weir, Orle", "lat": None, "lon": None},
            happened_at=f"{_DAY_TWO}T10:31:00.000Z",
            tags=["river", "levels and warnings", "Orle"],
        ),
    ]


def archive(slug: str = "flood", status: str = "live", language: str = "en") -> bytes:
    """Return the coverage's archive: all entries in English, a few in another language.

    Args:
        slug: The coverage's slug.
        status: `live`, `paused` or `closed`.
        language: `en`, or a language of `tongues.toml`.
    """
    entry_list, head = (
        (entries(), _head(slug)) if language == "en" else _translation(slug, language)
    )
    return b"".join(write_archive(list(_records(slug, status, entry_list, head))))


def import_specimen(
    newsroom: Newsroom, slug: str, status: str = "live", language: str = "en"
) -> None:
    """Import the archive into a newsroom whose theme has the pictures; arguments as `archive`."""
    headers = {"Content-Type": "application/x-ndjson"}
    content = archive(slug, status, language)
    answer = newsroom.chief.post("/v1/imports", content=content, headers=headers)
    assert answer.status_code == 201, answer.text


def open_editions(newsroom: Newsroom, slug: str) -> dict[str, str]:
    """Open a coverage in English and its edition in Arabic, where each entry is translated.

    An original for each reason has outdated its translation.

    Returns:
        The translations' ids, by what became of the original: `corrected`, `assessed`, `retracted`
        or `same`.
    """

    def post(path: str, **form: Any) -> Json:
        answer = newsroom.chief.post(f"/v1/coverages{path}", json=form)
        assert answer.is_success, answer.text
        written: Json = answer.json()
        return written

    edition = f"{slug}-ar"
    words = _TRANSLATIONS["ar"]
    post("", slug=slug, title="After the flood", standfirst="What is known.")
    post("", slug=edition, title=words["title"], language="ar", edition_of=slug)
    actions: dict[str, tuple[str, Json]] = {
        "corrected": ("correction", {"note": "It was 1,240 people, not 124."}),
        "assessed": ("assessment", {"status": "disputed", "note": "The mayor does."}),
        "retracted": ("retraction", {"note": "It was a drill.", "translations": "mark"}),
    }
    ids = {}
    for number, name in enumerate(("same", *actions)):
        claims = [{"source": "The fire service"}] if name == "assessed" else []
        original = post(f"/{slug}/entries", headline=f"The {name} one", claims=claims)
        headline, body = words["entries"][number % len(words["entries"])]
        of = {"coverage": slug, "entry_id": original["id"]}
        translation = {"headline": headline, "body": body, "translation_of": of}
        ids[name] = post(f"/{edition}/entries", **translation)["id"]
        if name in actions:
            action, form = actions[name]
            named = {"claim": original["claims"][0]["id"]} if claims else {}
            post(f"/{slug}/entries/{original['id']}/{action}", **form, **named)
    return ids


def _entry(name: str, at: str, headline: str | None, html: str = "", **fields: Any) -> Json:
    at = f"{at}:00.000Z"
    return {
        "id": name,
        "revision": 1,
        "status": "published",
        "headline": headline,
        "body": {"html": html, "markdown": None} if html else None,
        "kind": "update",
        "key_event": False,
        "pinned": False,
        "bylines": [],
        "tags": [],
        "published_at": at,
        "updated_at": at,
        "media": [],
        "language": "en",
        **_NO_VALUES,
        **fields,
    }


def _gallery(name: str, clock: str, names: list[str]) -> Json:
    pictures = [
        picture(picture_name, number) for number, picture_name in enumerate(names, len(name) * 10)
    ]
    return _entry(name, f"{_DAY_TWO}T{clock}", f"In pictures: {name}", kind="media", media=pictures)


def _corrected() -> Json:
    note = {"note": "We first said that 124 had left; it is 1,240.", "at": f"{_DAY_TWO}T10:02:00Z"}
    return _entry(
        "corrected",
        f"{_DAY_TWO}T09:50",
        "1,240 people have left their homes",
        "<p>The fire service has counted them at the shelters.</p>",
        revision=2,
        updated_at=note["at"],
        correction=note,
    )


def _retracted() -> Json:
    note = "We said that the dam had been opened. It has not; the message was a drill."
    return _entry(
        "retracted",
        f"{_DAY_TWO}T10:10",
        None,
        status="retracted",
        revision=2,
        updated_at=f"{_DAY_TWO}T10:20:00.000Z",
        retraction={"note": note, "at": f"{_DAY_TWO}T10:20:00Z"},
    )


def _head(slug: str) -> Json:
    return {
        "slug": slug,
        "title": "River Orle breaks its banks after a night of rain",
        "kicker": "Floods",
        "standfirst": "More than a thousand people have left the lower streets of Orle. The water "
        "has stopped rising at the Mill bridge; a second wave is expected in the afternoon.",
        "status": "live",
        "language": "en",
        "languages": ["en", "ka"],
        "bylines": [{"name": "Ida Berg"}, {"name": "Jon Falk"}],
        "starts_at": f"{_DAY_ONE}T18:00:00.000Z",
        "ended_at": None,
        "created_at": f"{_DAY_ONE}T17:00:00.000Z",
        "updated_at": f"{_DAY_ONE}T17:00:00.000Z",
        "entry_count": 0,
        "pinned": None,
        "key_events": [],
        "lead_image": picture("valley", 1),
        "related": [{"title": "Saturday: the rain begins", "url": "https://example.org/rain"}],
    }


def _translation(slug: str, language: str) -> tuple[list[Json], Json]:
    translation = _TRANSLATIONS[language]
    fields = {"language": language, "bylines": [{"name": translation["byline"]}]}
    entry_list = [
        _entry(f"{slug}-{hour}", f"{_DAY_TWO}T0{hour}:15", headline, f"<p>{body}</p>", **fields)
        for hour, (headline, body) in enumerate(translation["entries"], start=6)
    ]
    entry_list[0]["key_event"] = True
    entry_list[-1]["kind"] = "quote"
    head = {name: translation[name] for name in ("title", "kicker", "standfirst")} | {"related": []}
    return entry_list, _head(slug) | head | fields | {"languages": [language]}


def _records(slug: str, status: str, entry_list: list[Json], head: Json) -> Iterator[Json]:
    opened = {"type": "coverage.opened", "coverage": slug, "at": head["created_at"]}
    yield {"seq": 1, **opened, "details": head}
    seq, retractions = 1, []
    for entry in entry_list:
        seq += 1
        event = {"coverage": slug, "at": entry["published_at"], "entry": entry | {"seq": seq}}
        yield {"seq": seq, "type": "entry.published", **event}
        if entry["retraction"]:
            retractions.append(event | {"type": "entry.retracted"})
    at = entry_list[-1]["published_at"]
    yield from ({**event, "seq": seq + n, "at": at} for n, event in enumerate(retractions, start=1))
    if status != "live":
        kind = "coverage.closed" if status == "closed" else "coverage.changed"
        details = head | {"status": status, "ended_at": at if status == "closed" else None}
        seq += len(retractions) + 1
        yield {"seq": seq, "type": kind, "coverage": slug, "at": at, "details": details}
