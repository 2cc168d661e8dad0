"""Example requests for the OpenAPI document, from the first landing on the Moon.

The facts are from the transcripts of the flight. A test sends each of the requests.
"""

from typing import Any

from app.intake.archive import write_archive

Examples = dict[str, dict[str, Any]]


def _example(summary: str, **value: Any) -> dict[str, Any]:
    return {"summary": summary, "value": value}


NEW_COVERAGE: Examples = {
    "live": _example(
        "Open a page",
        slug="moon-landing-day",
        title="Two men on the Moon",
        kicker="Apollo 11",
        standfirst="Armstrong and Aldrin take Eagle down while Collins keeps Columbia in orbit.",
        language="en",
        bylines=["Houston desk"],
        starts_at="1969-07-20T17:44:00Z",
        related=[{"title": "The way there", "url": "https://news.example/apollo-11-day-4"}],
    ),
    "planned": _example(
        "Plan one for the newsroom",
        slug="splashdown",
        title="Apollo 11 comes home",
        status="planned",
    ),
}

COVERAGE_CHANGE: Examples = {
    "pause": _example("Pause it", status="paused"),
    "head": _example(
        "Change the head",
        title="Men walk on the Moon",
        standfirst="Eagle has landed in the Sea of Tranquillity; the walk is under way.",
    ),
}

SUCCESSOR: Examples = {
    "next-day": _example(
        "Go on with the next day", slug="moon-landing-day-6", title="The crew turns for home"
    )
}

PASTED: Examples = {"page": _example("From a web page", html="<p>The bridge is <b>open</b>.</p>")}

NEW_ENTRY: Examples = {
    "touchdown": _example(
        "Publish a turning point",
        headline="Eagle is down in the Sea of Tranquillity",
        body="Contact light, engine stop. Armstrong's first call from the ground: "
        "*Tranquility Base here.*",
        key_event=True,
        bylines=["Houston desk", {"name": "J. Mercer"}],
        tags=["landing", "eagle"],
        place={"name": "Sea of Tranquillity", "lat": 0.674, "lon": 23.473},
        happened_at="1969-07-20T20:17:40Z",
    ),
    "roundup": _example(
        "Keep a round-up as a draft",
        headline="The descent so far",
        body="- Eagle and Columbia have parted\n- The engine burns, the crew face up\n"
        "- Two computer alarms, and a go to land",
        kind="roundup",
        draft=True,
    ),
    "prose": _example(
        "Send a log's lines as they are",
        body={"text": "13:32:00 Lift-off\n13:34:42 <unclear> staging\n+ 3 seconds on the plan"},
        tags=["log"],
    ),
    "figures": _example(
        "Report what two sources count",
        figures=[
            {"metric": "altitude in feet", "value": "540", "source": "Eagle"},
            {
                "metric": "altitude in feet",
                "value": "about 500",
                "source": {"name": "Mission Control", "url": "https://nasa.example/transcript"},
                "as_of": "1969-07-20T20:15:50Z",
            },
        ],
    ),
    "claim": _example(
        "Say who says so",
        headline="Sixty seconds of fuel were left",
        claims=[{"source": "Mission Control", "text": "The gauge showed 60 seconds at contact"}],
    ),
    "anniversary": _example(
        "Schedule a quote in HTML",
        body={"html": "<blockquote><p>Houston, Tranquility Base here.</p></blockquote>"},
        kind="quote",
        embargo_until="2069-07-20T20:17:40Z",
    ),
}

AMENDMENT: Examples = {
    "tags": _example("Add a tag", tags=["landing", "eagle", "tranquillity"]),
}

CORRECTION: Examples = {
    "velocity": _example(
        "Put a figure right",
        note="Mission control first read out a speed of 9,100 feet per second; it was 760.",
        body="At 13,500 feet Eagle falls at 760 feet per second.",
    ),
}

ASSESSMENT: Examples = {
    "disputed": _example(
        "Somebody denies it",
        claim="5f0c2a91",
        status="disputed",
        note="Mission Control gives another altitude.",
    ),
    "confirmed": _example(
        "It is established", figure=0, status="confirmed", note="The telemetry shows it."
    ),
}

TRANSLATION_CHECK: Examples = {
    "same": _example("The translation says the same", revision=2),
}

WITHDRAWAL: Examples = {
    "court": _example("Withdraw it", note="A court has ordered us to take this page down for now."),
}

RETRACTION: Examples = {
    "wrong": _example("Withdraw it", note="The picture described was from a simulation."),
}

NEW_KEY: Examples = {
    "tool": _example("A key for a tool", name="Wire importer", role="editor"),
}

PERSON_CHANGE: Examples = {
    "promote": _example("Make somebody an editor", role="editor"),
    "lend": _example(
        "Let them work in one coverage only", role=None, coverages={"moon-landing": "editor"}
    ),
    "disable": _example("Revoke their access", disabled=True),
}

NEW_INVITATION: Examples = {
    "newcomer": _example("Invite somebody", role="contributor", email="new@news.example"),
    "freelance": _example("For one coverage", role="editor", coverage="moon-landing"),
}

NEW_TEMPLATE: Examples = {
    "altitude": _example(
        "A text with placeholders",
        name="Altitude",
        coverage="moon-landing",
        headline="{altitude} feet",
        body="Eagle is at **{altitude}** feet, coming down at {speed}.",
    ),
    "snippet": _example(
        "A phrase in place of the program's template",
        name="Minute",
        default_key="minute",
        body="**{minute}. minute:** {what has happened}",
    ),
}

TEMPLATE_CHANGE: Examples = {
    "rename": _example("Give it another name", name="Altitude and speed"),
}

MEDIA: Examples = {
    "alt": _example(
        "Say what it shows",
        alt="An astronaut in a white suit stands on grey dust; Earth's light is in his visor.",
        credit="NASA / Neil Armstrong",
    ),
}

_OPENED: dict[str, Any] = {
    "seq": 1,
    "type": "coverage.opened",
    "coverage": "moon-landing",
    "at": "1969-07-20T17:44:00.000Z",
    "details": {
        "slug": "moon-landing",
        "title": "Apollo 11 lands on the Moon",
        "status": "live",
        "language": "en",
        "created_at": "1969-07-20T12:00:00.000Z",
    },
}
_PUBLISHED: dict[str, Any] = {
    "seq": 2,
    "type": "entry.published",
    "coverage": "moon-landing",
    "at": "1969-07-20T20:17:52.000Z",
    "entry": {
        "id": "6e21b9c04d3fa857",
        "revision": 1,
        "status": "published",
        "headline": "Contact light",
        "body": {"html": "<p>Eagle stands on the surface.</p>"},
        "published_at": "1969-07-20T20:17:52.000Z",
        "updated_at": "1969-07-20T20:17:52.000Z",
        "language": "en",
    },
}
_DRAFT: dict[str, Any] = {
    "id": "b07d5c1e92af4430",
    "revision": 1,
    "status": "draft",
    "headline": "What happens before the walk",
    "updated_at": "1969-07-20T21:02:00.000Z",
    "language": "en",
}
ARCHIVE = b"".join(write_archive([_OPENED, _PUBLISHED], [_DRAFT])).decode()
EMBED: dict[str, Any] = {
    "A video of another site": {
        "value": {
            "url": "https://www.youtube.com/watch?v=S9HdPi9Ikhk",
            "alt": "Neil Armstrong steps onto the surface of the Moon",
            "credit": "NASA",
        }
    }
}
