"""A coverage, an entry, a picture and an embedded video for tests of output formats."""

from datetime import UTC, datetime

from app.timeline.coverage import Coverage, Related
from app.timeline.cursor import Cursor
from app.timeline.entry import Body, Byline, Entry, Media, Place, Rendition

AT = datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC)
PICTURE = Media(
    "p1",
    "image",
    "/media/p1.jpg",
    "A man on a ladder",
    "The last step",
    "NASA",
    1600,
    1200,
    (
        Rendition("/media/p1-1600.jpg", 1600, 1200, "image/jpeg"),
        Rendition("/media/p1-800.jpg", 800, 600, "image/jpeg"),
        Rendition("/media/p1-800.avif", 800, 600, "image/avif"),
    ),
)
EMBED = Media(
    "e1",
    "embed",
    "https://www.youtube.com/watch?v=S9HdPi9Ikhk",
    "The first step, as it was broadcast",
    credit="NASA",
)
ENTRY = Entry(
    id="landed",
    coverage="apollo-11",
    status="published",
    updated_at=AT,
    language="en",
    seq=7,
    headline="The Eagle has landed",
    body=Body("<p>Two men are <strong>on the Moon</strong></p>"),
    bylines=(Byline("Ada Lovelace"), Byline("Grace Hopper")),
    tags=("descent", "sea of tranquility"),
    place=Place("Tranquility Base"),
    published_at=AT,
    media=(PICTURE,),
)
COVERAGE = Coverage(
    slug="apollo-11",
    title="Apollo 11",
    status="live",
    language="en",
    created_at=AT,
    updated_at=AT,
    cursor=Cursor("e1", 7),
    kicker="Space",
    standfirst="Two men go down.",
    bylines=(Byline("Ada Lovelace"),),
    starts_at=AT,
    related=(Related("The day before", "/coverages/day-4"),),
)
