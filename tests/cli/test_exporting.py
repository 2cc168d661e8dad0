"""`dateline export`: a complete file or none."""

import json
import os
import re
from pathlib import Path

import pytest

from app.intake.archive import write_archive
from tests.cli.conftest import Remote
from tests.cli.faulty_proxy import PROXY_RESPONSES, faulty_proxy
from tests.cli.tool import Tool
from tests.ports import free_port


def make_every_change(remote: Remote) -> None:
    """Make every kind of change to a coverage and its entries at least once."""
    first = remote.write(
        *("POST", "/entries"),
        headline="Größe \u2013 \u202b\u05e9\u05dc\u202c 🛰",
        body="Eagle\u2028**down**\n\n| a | b |\n| - | - |\n| 1 | 2 |",
        tags=["moon", "Mond"],
        bylines=["Ann", {"name": "Bo"}],
        place={"name": "Tranquility Base", "lat": 0.6741, "lon": 23},
        happened_at="1969-07-20T20:17:40.123456+01:00",
        key_event=True,
        kind="roundup",
        claims=[{"source": {"name": "Größe", "url": "https://a.example/1"}, "text": "Down"}],
        figures=[
            {"metric": "killed", "group": None, "value": "11-13.5", "source": "A \u2013 B"},
            {"metric": "killed", "value": "dozens", "source": "C", "as_of": "1969-07-20"},
            {"metric": "killed", "value": "?", "source": "D", "as_of": "1969-07-20T20:17:40Z"},
        ],
    )
    second = remote.write("POST", "/entries", body={"html": "<pre>\n\nx</pre><p>y"}, language="de")
    wrong = remote.write("POST", "/entries", headline="Wrong", body="All of it", key_event=True)
    first_path, second_path, wrong_path = (
        f"/entries/{entry['id']}" for entry in (first, second, wrong)
    )
    remote.write("PUT", f"{wrong_path}/pin")
    remote.write(
        "PATCH",
        "",
        title="Renamed",
        standfirst="Two\nlines",
        related=[{"title": "Yesterday", "url": "https://news.example/1?a=b&c"}],
    )
    remote.write("PUT", f"{first_path}/pin")
    remote.write("PATCH", first_path, headline="Amended")
    remote.write("POST", f"{first_path}/correction", note="It was 760.", body="760", place=None)
    claim = {"claim": first["claims"][0]["id"], "status": "disputed", "note": "Denied."}  # type: ignore[index]
    remote.write("POST", f"{first_path}/assessment", **claim)
    remote.write("POST", f"{first_path}/assessment", figure=2, status="false", note="No.")
    remote.write("PUT", f"{wrong_path}/pin")
    remote.write("POST", f"{wrong_path}/retraction", note="It was not so.")
    remote.write("PUT", f"{second_path}/pin")
    remote.write("DELETE", f"{second_path}/pin")
    remote.write("PATCH", "", status="paused")
    remote.write("POST", "/entries", headline="A draft", draft=True, claims=[{"source": "E"}])
    later = remote.write("POST", "/entries", body="Later", embargo_until="2199-01-01T00:00:00Z")
    remote.write("PATCH", f"/entries/{later['id']}", tags=["later"])
    submitted, returned = (remote.write("POST", "/entries", body="x", draft=True) for _ in range(2))
    for draft in submitted, returned:
        remote.write("PUT", f"/drafts/{draft['id']}/submission")
    remote.write("POST", f"/drafts/{returned['id']}/return", note="Who says so?")
    remote.write("PATCH", "", status="closed")
    remote.write("PATCH", "", status="live")
    remote.write("PATCH", "", status="closed", ended_at="2026-01-01T00:00:00Z")


def import_long_coverage(tool: Tool, remote: Remote, entries: int) -> str:
    """Import a coverage with that number of entries and return its slug."""
    remote.write("POST", "/entries", body="The same again. " * 100)
    opened, published = tool("export", remote.slug, *remote.access).out.splitlines()[1:3]
    event = json.loads(published)
    events = [
        {**event, "seq": seq, "entry": {**event["entry"], "id": f"entry-{seq}"}}
        for seq in range(2, entries + 2)
    ]
    file, slug = tool.folder / "long.jsonl", f"{remote.slug}-long"
    file.write_bytes(b"".join(write_archive([json.loads(opened), *events])))
    assert tool("import", file, "--slug", slug, *remote.access).code == 0
    file.unlink()
    return slug


def test_export_import_export_gives_the_same_bytes(tool: Tool, remote: Remote) -> None:
    """Exporting, importing into another database and exporting again gives identical bytes."""
    make_every_change(remote)
    first, second = tool.folder / "first.jsonl", tool.folder / "second.jsonl"
    assert tool("export", remote.slug, "-o", first, *remote.access).code == 0
    assert tool("import", first).code == 0
    assert tool("export", remote.slug, "-o", second).code == 0
    assert second.read_bytes() == first.read_bytes()
    lines = first.read_bytes().splitlines()
    assert len(lines) == 1 + len(remote.read("/events")["events"]) + 4 + 1
    drafts = [json.loads(line)["draft"] for line in lines[-5:-1]]
    assert any(draft["submitted_at"] for draft in drafts)
    assert any(draft["returned"] for draft in drafts)


def test_a_copy_of_another_name_differs_in_nothing_else(tool: Tool, remote: Remote) -> None:
    """An import with `--slug` on the same server differs from the original only in the slug."""
    make_every_change(remote)
    copy = f"{remote.slug}-copy"
    exported = tool("export", remote.slug, *remote.access).out
    (tool.folder / "it.jsonl").write_bytes(exported)
    assert tool("import", "it.jsonl", "--slug", copy, *remote.access).code == 0
    copied = tool("export", copy, *remote.access).out
    assert copied.replace(f'"{copy}"'.encode(), f'"{remote.slug}"'.encode()) == exported
    for path in ("claims", "figures", "figures?history=true", "figures.csv"):
        original, other = (
            remote.newsroom.reader.get(f"/v1/coverages/{slug}/{path}").text
            for slug in (remote.slug, copy)
        )
        assert _without_cursor(other).replace(f"/{copy}/", f"/{remote.slug}/") == _without_cursor(
            original
        )


def _without_cursor(document: str) -> str:
    return re.sub('"cursor":"[^"]+"', "", document)


def test_a_retracted_word_is_in_no_export(tool: Tool, remote: Remote) -> None:
    """No version of a retracted entry's text is in the export."""
    entry = remote.write("POST", "/entries", headline="Calumny", body="Calumny")
    remote.write("PATCH", f"/entries/{entry['id']}", tags=["calumny"])
    remote.write("POST", f"/entries/{entry['id']}/retraction", note="Not so.")
    assert b"alumny" not in tool("export", remote.slug, *remote.access).out


def test_drafts_go_along_for_the_newsroom_alone(tool: Tool, remote: Remote) -> None:
    """Without a key, or with `--public`, the export contains the journal and no drafts."""
    remote.write("POST", "/entries", body="Unready", draft=True)
    chief = tool("export", remote.slug, *remote.access).out
    assert b"Unready" in chief
    for options in (["--url", remote.url], [*remote.access, "--public"]):
        public = tool("export", remote.slug, *options)
        assert public.code == 0
        assert b"Unready" not in public.out
        assert json.loads(public.out.splitlines()[-1]) == {"end": {"events": 1, "drafts": 0}}


def test_a_long_journal_is_read_to_its_end(tool: Tool, remote: Remote) -> None:
    """An export that takes several pages has every event once and in order."""
    slug = import_long_coverage(tool, remote, 205)
    result = tool("export", slug, "-o", "it.jsonl", "--json", *remote.access)
    counts = {"events": 206, "entries": 205, "drafts": 0}
    assert json.loads(result.out) == {"coverage": slug, "file": "it.jsonl", **counts}
    lines = (tool.folder / "it.jsonl").read_bytes().splitlines()[1:-1]
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, 207))


def test_a_failed_export_leaves_what_was_there(tool: Tool, remote: Remote) -> None:
    """A failed export leaves the existing file unchanged and no temporary file next to it."""
    file = tool.folder / "it.jsonl"
    file.write_text("the old one")
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert tool("export", remote.slug, "-o", file, "--url", nowhere).code == 1
    assert tool("export", "no-such", "-o", file, *remote.access).code == 1
    assert file.read_text() == "the old one"
    assert tool.files() == [file.name]


def test_an_export_keeps_to_links_and_devices(tool: Tool, remote: Remote) -> None:
    """A symbolic link's target is replaced, and a device is written to without being replaced."""
    link, file = tool.folder / "link.jsonl", tool.folder / "it.jsonl"
    file.touch()
    link.symlink_to(file)
    tool("export", remote.slug, "-o", link, *remote.access)
    assert link.is_symlink()
    assert file.read_bytes().startswith(b'{"format"')
    assert tool("export", remote.slug, "-o", os.devnull, *remote.access).code == 0
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize(
    ("output", "why"), [(".", "is a directory"), ("no/it.jsonl", "No such file")]
)
def test_a_place_that_cannot_be_written_is_named(
    tool: Tool, remote: Remote, output: str, why: str
) -> None:
    """An output path that cannot be written is reported in one line with the reason."""
    assert why in tool("export", remote.slug, "-o", output, *remote.access).complaint


def test_a_plan_has_no_journal_to_export(tool: Tool, remote: Remote) -> None:
    """Exporting a coverage that is not open yet is refused, and no file is written."""
    plan = {"slug": f"{remote.slug}-plan", "title": "Plan", "status": "planned"}
    remote.newsroom.chief.post("/v1/coverages", json=plan).raise_for_status()
    result = tool("export", plan["slug"], "-o", "it.jsonl", *remote.access)
    assert "is not open yet" in result.complaint
    assert not (tool.folder / "it.jsonl").exists()


@pytest.mark.parametrize("output", [[], ["-o", "-"]])
def test_json_needs_a_file(tool: Tool, output: list[str]) -> None:
    """`--json` without an output file is a usage error: the summary would corrupt the export."""
    assert tool("export", "fire", "--json", *output).code == 2


@pytest.mark.parametrize("name", ["404", "502"])
def test_what_somebody_else_answers_does_not_end_an_export(
    tool: Tool, remote: Remote, name: str
) -> None:
    """Responses of a proxy are retried, and the export is the same as without the proxy."""
    with faulty_proxy(remote.url, busy=2, answer=PROXY_RESPONSES[name]) as proxy:
        result = tool("export", remote.slug, "--url", proxy.url, "--key", remote.key)
    assert result.out == tool("export", remote.slug, *remote.access).out


def test_a_minus_writes_to_stdout(tool: Tool, remote: Remote) -> None:
    """`-o -` writes to stdout, as no `-o` does, and creates no file."""
    result = tool("export", remote.slug, "-o", "-", *remote.access)
    assert result.out == tool("export", remote.slug, *remote.access).out
    assert tool.files() == []


@pytest.mark.full("a process of its own")
def test_a_pipe_that_is_closed_early_is_no_failure(tool: Tool, remote: Remote) -> None:
    """`dateline export | head -1` exits with 0 and prints no error."""
    process = tool.start("export", import_long_coverage(tool, remote, 400), *remote.access)
    assert process.stdout.readline().startswith('{"format"')
    process.stdout.close()
    assert process.wait(30) == 0
    assert process.stderr.read() == ""
    process.stderr.close()
