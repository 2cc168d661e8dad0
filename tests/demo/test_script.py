"""The demonstration's script: strictly validated, and complete."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from app.demo.script import APOLLO_11, PHOTOS, ScriptError, parse_mission_time, read_script

SCRIPT = """
[coverage]
slug = "apollo-11"
title = "Apollo 11"
begins = "102:00:00"

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


def test_mission_time_counts_from_lift_off() -> None:
    """Mission time 102:45:40 is the touchdown, 20:17:40 UTC on 20 July."""
    assert parse_mission_time("102:45:40") == datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC)


@pytest.mark.parametrize("text", ["102:45", "102:60:00", "102:00:60", "+102:45:40", "", 5, None])
def test_what_is_no_mission_time_is_refused(text: object) -> None:
    """Only hours, minutes and seconds are accepted."""
    with pytest.raises(ValueError, match="mission time"):
        parse_mission_time(text)


def test_the_demonstration_has_what_it_is_to_show() -> None:
    """The script has at least 60 entries, all kinds of entries and of changes, in order."""
    script = read_script()
    steps = script.steps
    assert len(script.entry) >= 60
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert sum(entry.kind == "roundup" for entry in script.entry) >= 2
    assert sum(entry.kind == "quote" for entry in script.entry) >= 10
    assert sum(entry.key_event for entry in script.entry) >= 10
    assert {c.action for c in script.change} == {"amend", "correct", "retract", "pin"}
    assert steps[0].at < script.coverage.begins < steps[-1].at


def test_the_wrong_velocity_is_corrected_13_seconds_later() -> None:
    """The correction is at 102:41:12, when the public affairs officer made it."""
    script = read_script()
    (entry,) = (entry for entry in script.entry if entry.key == "velocity")
    (change,) = (change for change in script.change if change.entry == "velocity")
    assert entry.at == parse_mission_time("102:40:59")
    assert (change.action, change.at) == ("correct", parse_mission_time("102:41:12"))
    assert "9,100" in str(entry.body)
    assert "9,100" not in str(change.body)
    assert "760" in str(change.note)


def test_a_script_like_ours_is_read(tmp_path: Path) -> None:
    """The valid script, of which the cases below are variants, is read."""
    (tmp_path / "s.toml").write_text(SCRIPT + CHANGE)
    assert len(read_script(tmp_path / "s.toml").steps) == 2


@pytest.mark.parametrize(
    ("script", "named"),
    [
        (SCRIPT.replace("kind", "sort"), "entry/0/kind"),
        (SCRIPT.replace('"update"', '"gossip"'), "entry/0/kind"),
        (SCRIPT.replace("102:45:47", "102:45"), "entry/0/at"),
        (SCRIPT.replace('"Eagle has landed."', "5"), "entry/0/body"),
        (SCRIPT.replace('begins = "102:00:00"', ""), "coverage/begins"),
        (SCRIPT.replace("body", "#"), "the entry landed is empty"),
        (SCRIPT + SCRIPT[SCRIPT.index("[[entry]]") :], "two entries have the key landed"),
        (SCRIPT + CHANGE.replace('"landed"', '"landing"'), "there is no such entry then"),
        (SCRIPT + CHANGE.replace("102:46:00", "102:45:00"), "there is no such entry then"),
        (SCRIPT + CHANGE.replace("note =", "#"), "a note belongs to a correction"),
        (SCRIPT + CHANGE.replace("body =", "#"), "new words belong to"),
        (SCRIPT + CHANGE.replace('"correct"', '"delete"'), "change/0/action"),
        (SCRIPT + "[", "s.toml: "),
    ],
)
def test_a_script_that_cannot_be_played_says_where(tmp_path: Path, script: str, named: str) -> None:
    """An invalid script is refused with the name of the member or the entry."""
    (tmp_path / "s.toml").write_text(script)
    with pytest.raises(ScriptError, match=named):
        read_script(tmp_path / "s.toml")


def test_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The bundled script exists; a missing file is named in the error."""
    assert APOLLO_11.is_file()
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
