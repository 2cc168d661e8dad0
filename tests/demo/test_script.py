"""The scripts of the demonstrations: strictly validated, and complete."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from app.demo.script import PHOTOS, Script, ScriptedChange, ScriptedEntry, parse_time
from app.demo.script_file import STORIES, ScriptError, read_script

LIFT_OFF = datetime(1969, 7, 16, 13, 32, tzinfo=UTC)
SCRIPT = """
story = "The landing"
zero = 1969-07-16T13:32:00Z
begins = "102:00:00"

[[coverage]]
slug = "apollo-11"
title = "Apollo 11"

[[entry]]
key = "landed"
at = "102:45:47"
kind = "update"
body = "Eagle has landed."
"""
CHANGE = """
[[change]]
at = "102:46:00"
entry = "landed"
action = "correct"
note = "At 102:45:40."
body = "Eagle has landed at 102:45:40."
"""
EDITION = """
[[coverage]]
slug = "apollo-11-ru"
title = "Аполлон-11"
language = "ru"
edition_of = "apollo-11"

[[coverage.related]]
title = "In English"
coverage = "apollo-11"

[[entry]]
key = "landed-ru"
coverage = "apollo-11-ru"
translation_of = "landed"
at = "102:46:30"
kind = "update"
body = "«Орёл» сел."
claims = [{ source = "Нил Армстронг" }]
figures = [{ metric = "высота", value = "около 0,5", source = "«Орёл»", as_of = "102:46:00" }]

[[change]]
at = "102:47:00"
entry = "landed-ru"
action = "assess"
claim = 0
status = "confirmed"
note = "Хьюстон видит данные."

[[change]]
at = 1969-07-20T20:20:00Z
entry = "landed-ru"
action = "check"
"""
FULL = SCRIPT + CHANGE + EDITION
LATER = """
[[coverage]]
slug = "a"
title = "A"
edition_of = "{1}"

[[entry]]
key = "later"
coverage = "{0}"
at = "102:48:00"
kind = "update"
body = "Later."
"""
RETRACTION = """
[[change]]
at = "102:46:10"
entry = "landed"
action = "retract"
note = "Not so."
"""


def test_times_count_from_the_zero_of_the_script() -> None:
    """Mission time 102:45:40 is the touchdown, 20:17:40 UTC on 20 July."""
    touchdown = datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC)
    assert parse_time("102:45:40", LIFT_OFF) == touchdown


def test_a_time_may_be_written_in_full() -> None:
    """A date and time with its offset is itself, whatever the zero is."""
    assert parse_time("1969-07-20T22:17:40+02:00", LIFT_OFF) == datetime(
        1969, 7, 20, 20, 17, 40, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "value",
    [
        "102:45",
        "102:60:00",
        "102:00:60",
        "+102:45:40",
        "",
        "1969-07-20T20:17:40",
        "Sunday",
        5,
        None,
    ],
)
def test_what_is_no_time_is_refused(value: object) -> None:
    """Only hours, minutes and seconds, and dates and times with an offset, are accepted."""
    with pytest.raises(ValueError, match="must be a time since the script's zero"):
        parse_time(value, LIFT_OFF)


def test_the_landing_on_the_moon_has_what_it_is_to_show() -> None:
    """It has at least 60 entries, all kinds of entries and of changes, and ten translations."""
    script = read_script()
    main = [entry for entry in script.entry if script.slug_of(entry) == "apollo-11"]
    assert len(main) >= 60
    assert sum(entry.kind == "roundup" for entry in main) >= 2
    assert sum(entry.kind == "quote" for entry in main) >= 10
    assert sum(entry.key_event for entry in main) >= 10
    actions = {"amend", "correct", "retract", "assess", "check", "pin"}
    assert {change.action for change in script.change} == actions
    assert sum(entry.translation_of is not None for entry in script.entry) == 10
    altitudes = {
        figure.source
        for entry in main
        for figure in entry.figures
        if figure.metric == "altitude in feet"
    }
    assert altitudes == {"Eagle", "Mission Control"}


def test_the_day_of_war_has_what_it_is_to_show() -> None:
    """It has a round-up in ten points, every status, an edition, and the day before as related."""
    script = read_script(STORIES["front"])
    main, edition, yesterday = script.coverage
    entries = [entry for entry in script.entry if script.slug_of(entry) == main.slug]
    assert len(entries) >= 25
    assert any(e.kind == "roundup" and "\n10. " in str(e.body) for e in entries)
    assert sum(entry.kind == "quote" for entry in entries) >= 3
    statuses = {c.status or "reported" for c in script.change if c.action == "assess"}
    assert statuses == {"confirmed", "disputed", "false", "withdrawn"}
    values = {figure.value for entry in entries for figure in entry.figures}
    assert values >= {"more than 150", "107", "not reported", "11", "dozens", "hundreds"}
    assert sum(script.slug_of(entry) == edition.slug for entry in script.entry) == 8
    assert sum(script.slug_of(entry) == yesterday.slug for entry in script.entry) == 5
    assert (edition.edition_of, edition.language) == (main.slug, "ru")
    assert [link.coverage for link in main.related] == [yesterday.slug]
    assert yesterday.closed is not None
    assert yesterday.closed < script.begins


@pytest.mark.parametrize("story", STORIES)
def test_a_story_begins_with_some_entries_and_goes_on_with_more(story: str) -> None:
    """The steps are in order of time; entries are published before the replay and during it."""
    script = read_script(STORIES[story])
    times = [step.at for step in script.steps]
    assert times == sorted(times)
    early = [entry for entry in script.entry if entry.at < script.begins]
    assert 10 <= len(early) <= len(script.entry) - 10


def _step(script: Script, key: str) -> tuple[ScriptedEntry, ScriptedChange]:
    (entry,) = (entry for entry in script.entry if entry.key == key)
    (change,) = (change for change in script.change if change.entry == key)
    return entry, change


def test_the_wrong_velocity_is_corrected_13_seconds_later() -> None:
    """Words and figure are corrected at 102:41:12, as the public affairs officer did."""
    entry, change = _step(read_script(), "velocity")
    assert entry.at == parse_time("102:40:59", LIFT_OFF)
    assert (change.action, change.at) == ("correct", parse_time("102:41:12", LIFT_OFF))
    assert "9,100" in str(entry.body)
    assert "9,100" not in str(change.body)
    assert "760" in str(change.note)
    assert [figure.value for figure in entry.figures] == ["13,500", "9,100"]
    assert [figure.value for figure in change.figures] == ["13,500", "760"]


def test_a_script_like_ours_is_read(tmp_path: Path) -> None:
    """The valid script, of which the cases below are variants, is read."""
    (tmp_path / "s.toml").write_text(FULL)
    script = read_script(tmp_path / "s.toml")
    assert [type(step).__name__ for step in script.steps] == [
        *("Opening", "ScriptedEntry", "ScriptedChange"),
        *("Opening", "ScriptedEntry", "ScriptedChange"),
        *("ScriptedChange", "Closing", "Closing"),
    ]
    (figure,) = script.entry[1].figures
    assert figure.as_of == "1969-07-20T20:18:00+00:00"


@pytest.mark.parametrize(
    ("script", "named"),
    [
        (SCRIPT.replace("kind", "sort"), "entry/0/kind"),
        (SCRIPT.replace('"update"', '"gossip"'), "entry/0/kind"),
        (SCRIPT.replace("102:45:47", "102:45"), "entry/0/at"),
        (SCRIPT.replace('"Eagle has landed."', "5"), "entry/0/body"),
        (SCRIPT.replace('begins = "102:00:00"', ""), "begins"),
        (SCRIPT.replace('story = "The landing"', ""), "story"),
        (SCRIPT.replace("zero = 1969-07-16T13:32:00Z", ""), "zero"),
        (SCRIPT.replace("13:32:00Z", "13:32:00"), "zero: must be a date and time with its offset"),
        (SCRIPT.replace("body", "#"), "the entry landed is empty"),
        (SCRIPT + SCRIPT[SCRIPT.index("[[entry]]") :], "two entries have the key landed"),
        (SCRIPT + CHANGE.replace('"landed"', '"landing"'), "there is no such entry then"),
        (SCRIPT + CHANGE.replace("102:46:00", "102:45:00"), "there is no such entry then"),
        (SCRIPT + CHANGE.replace("note =", "#"), "a note belongs to a correction"),
        (SCRIPT + CHANGE.replace("body =", "#"), "new words and figures belong to"),
        (SCRIPT + CHANGE.replace('"correct"', '"delete"'), "change/0/action"),
        (SCRIPT + "[", "s.toml: "),
        (SCRIPT + RETRACTION + CHANGE.replace("102:46:00", "102:47:00"), "no such entry then"),
        (FULL.replace('"apollo-11-ru"', '"apollo-11"'), "two coverages have the slug apollo-11"),
        (FULL.replace('coverage = "apollo-11-ru"', ""), "the coverage apollo-11-ru has no entries"),
        (
            FULL + LATER[LATER.index("[[entry]]") :].format("x"),
            "the entry later belongs to x, which is no coverage",
        ),
        (FULL + LATER.format("a", "apollo-11-ru"), "an edition of apollo-11-ru, an edition itself"),
        (FULL.replace('edition_of = "apollo-11"', 'edition_of = "x"'), "x, which is not open then"),
        (FULL.replace('coverage = "apollo-11"\n', 'coverage = "x"\n'), "links to x, which is not"),
        (FULL.replace('coverage = "apollo-11"\n', "\n"), "name a coverage or a url"),
        (FULL.replace('edition_of = "apollo-11"', ""), "not in another edition of its coverage"),
        (FULL.replace('translation_of = "landed"', 'translation_of = "x"'), "translates x, which"),
        (FULL.replace("102:46:30", "102:45:00"), "which is not open then"),
        (SCRIPT + RETRACTION + EDITION, "translates landed, which is not published then"),
        (FULL.replace('translation_of = "landed"', ""), "it is no translation"),
        (FULL.replace('"ru"', '"ru"\nclosed = "102:46:00"'), "after apollo-11-ru was closed"),
        (FULL.replace("около 0,5", "немало"), "the value 'немало' is no value that we know"),
        (FULL.replace('status = "confirmed"', 'status = "likely"'), "change/1/status"),
        (FULL.replace('status = "confirmed"', ""), "a status belongs to an assessment"),
        (FULL.replace("claim = 0", "claim = 1"), "the entry has no such claim or figure"),
        (FULL.replace("claim = 0", "figure = -1"), "the entry has no such claim or figure"),
        (FULL.replace("claim = 0", ""), "is of one claim or figure"),
        (FULL.replace("claim = 0", "claim = 0\nfigure = 0"), "is of one claim or figure"),
        (FULL.replace('note = "Хьюстон', '# "'), "a note belongs to"),
        (FULL.replace('as_of = "102:46:00"', 'as_of = "noon"'), "entry/1/figures/0/as_of"),
    ],
)
def test_a_script_that_cannot_be_played_says_where(tmp_path: Path, script: str, named: str) -> None:
    """An invalid script is refused with the name of the member or the entry."""
    (tmp_path / "s.toml").write_text(script)
    with pytest.raises(ScriptError, match=named):
        read_script(tmp_path / "s.toml")


def test_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing file is named in the error."""
    with pytest.raises(ScriptError, match=r"none\.toml"):
        read_script(tmp_path / "none.toml")


def test_photographs_are_few_small_credited_and_say_nothing_else() -> None:
    """There are at most six photographs of up to 200 KB, without metadata.

    Each has a credit with its NASA number, alternative text and a caption.
    """
    pictures = [picture for entry in read_script().entry for picture in entry.media]
    files = sorted(PHOTOS.iterdir())
    assert sorted(picture.file for picture in pictures) == [file.name for file in files]
    assert 1 <= len(files) <= 6
    for picture in pictures:
        number = Path(picture.file).stem
        assert picture.credit == f"NASA / {number}"
        assert picture.alt
        assert picture.caption
        assert len(picture.content()) <= 200_000
        with Image.open(PHOTOS / picture.file) as image:
            assert not image.getexif()
            assert not {"exif", "xmp", "photoshop", "icc_profile"} & set(image.info)


def test_a_photograph_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A missing photograph is refused when the script is read, by its name."""
    path = tmp_path / "script.toml"
    picture = '[[entry.media]]\nfile = "x.jpg"\nalt = "a"\ncaption = "c"\ncredit = "NASA / x"\n'
    path.write_text(SCRIPT + picture)
    with pytest.raises(ScriptError, match=r"landed shows x\.jpg, which is not there"):
        read_script(path)
