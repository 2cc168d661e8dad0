"""`dateline import`: a file is imported completely or not at all."""

import json
import os
from pathlib import Path

import httpx
import pytest

from app.intake.archive import DamagedLine, read_archive
from tests.cli.conftest import Remote
from tests.cli.faulty_proxy import PROXY_RESPONSES, faulty_proxy
from tests.cli.tool import Tool
from tests.dateline import running_server
from tests.intake.foreign import real_document

SHARED_DATA = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("DATELINE_TEST_DATA", SHARED_DATA)) / "liveblogs"
FOREIGN = [
    ("guardian", "guardian_single_contributor.json"),
    ("sourcefabric", "sourcefabric_posts.json"),
]


@pytest.fixture
def archive(tool: Tool, remote: Remote) -> bytes:
    """An export with an entry, a correction and a draft."""
    entry = remote.write("POST", "/entries", headline="Nine", body="**Größe** ✓", key_event=True)
    remote.write("POST", f"/entries/{entry['id']}/correction", note="Ten.", headline="Ten")
    remote.write("POST", "/entries", body="Unready", draft=True)
    return tool("export", remote.slug, *remote.access).out


def test_a_newsrooms_real_page_comes_whole(tool: Tool) -> None:
    """Every entry of the page is served, and the coverage can be copied to another database."""
    imported = {}
    for form, name in FOREIGN:
        real_document(name)
        result = tool("import", "--format", form, DATA / name, "--slug", form, "--json")
        imported[form] = json.loads(result.out)
    with running_server(tool.folder) as server, httpx.Client(base_url=server.url) as reader:
        for form, summary in imported.items():
            page = reader.get(f"/coverages/{form}")
            query = f"/v1/coverages/{form}/entries?limit=100"
            entries = reader.get(query).json()["entries"]
            assert len(entries) == summary["entries"] == summary["read"]["entries"] > 10
            assert summary["drafts"] == summary["read"]["drafts"]
            assert summary["read"]["skipped"] == 0
            assert all(entry["id"] in page.text for entry in entries[:10])
            assert {reader.get(entry["url"]).status_code for entry in entries} == {200}
    other = tool.at(tool.folder / "other")
    for form in imported:
        exported = tool("export", form).out
        assert other("import", "-", stdin=exported).code == 0
        assert other("export", form).out == exported


@pytest.mark.parametrize(("form", "name"), FOREIGN)
def test_counts_and_notes_are_printed_for_people(tool: Tool, form: str, name: str) -> None:
    """The output lists what was read and stored, the notes, and the page's address."""
    real_document(name)
    lines = tool("import", "--format", form, DATA / name).text.splitlines()
    assert lines[0] == "read:"
    assert {"stored:", "notes:"} <= set(lines)
    assert lines[-1].startswith("http://127.0.0.1:8000/coverages/")


def test_an_import_needs_neither_server_nor_database(tool: Tool, archive: bytes) -> None:
    """In an empty folder the import creates the database."""
    (tool.folder / "it.jsonl").write_bytes(archive)
    result = tool("import", "it.jsonl")
    assert (result.code, result.err) == (0, "")
    assert [line.split() for line in result.text.splitlines()[:-1]] == [
        *(["stored:"], ["events", "3"], ["entries", "1"], ["drafts", "1"]),
    ]
    assert (tool.folder / "dateline.db").exists()


def test_a_byte_order_mark_before_the_file_is_no_part_of_it(tool: Tool, archive: bytes) -> None:
    """A byte order mark at the start of the file is ignored."""
    (tool.folder / "it.jsonl").write_bytes(b"\xef\xbb\xbf" + archive)
    assert tool("import", "it.jsonl").code == 0


@pytest.mark.parametrize("name", ["404", "a page with 200"])
def test_what_somebody_else_answers_does_not_end_an_import(
    tool: Tool, archive: bytes, remote: Remote, name: str
) -> None:
    """The request is retried after a proxy's response, and the import succeeds."""
    (tool.folder / "it.jsonl").write_bytes(archive)
    with faulty_proxy(remote.url, busy=1, answer=PROXY_RESPONSES[name]) as proxy:
        access = ["--url", proxy.url, "--key", remote.key]
        slug = f"{remote.slug}-{name.rsplit(maxsplit=1)[-1]}"
        assert tool("import", "it.jsonl", "--slug", slug, *access).code == 0


def test_a_minus_reads_the_file_from_stdin(tool: Tool, archive: bytes, remote: Remote) -> None:
    """`import -` reads an archive from stdin."""
    result = tool("import", "-", "--slug", f"{remote.slug}-piped", *remote.access, stdin=archive)
    assert result.code == 0
    copy = remote.newsroom.reader.get(f"/v1/coverages/{remote.slug}-piped").json()
    assert copy["entry_count"] == 1


def test_a_cut_line_does_not_import_twice(tool: Tool, archive: bytes, remote: Remote) -> None:
    """An import whose answer was lost is retried, and not refused as a duplicate."""
    (tool.folder / "it.jsonl").write_bytes(archive)
    with faulty_proxy(remote.url, losing=1) as proxy:
        access = ["--url", proxy.url, "--key", remote.key]
        result = tool("import", "it.jsonl", "--slug", f"{remote.slug}-once", *access)
        assert proxy.connections == 2
    assert result.code == 0


def test_a_name_that_is_taken_is_told(tool: Tool, archive: bytes, remote: Remote) -> None:
    """Importing into an existing coverage is refused, and the coverage is unchanged."""
    (tool.folder / "it.jsonl").write_bytes(archive)
    before = remote.read("/events")
    assert tool("import", "it.jsonl", *remote.access).complaint.startswith("Slug taken: ")
    assert remote.read("/events") == before


DAMAGES = {
    "a line lost": (lambda lines: lines[:2] + lines[3:], 3),
    "a line twice": (lambda lines: [*lines[:3], *lines[2:]], 4),
    "cut between lines": (lambda lines: lines[:4], 5),
    "cut in a line": (lambda lines: [*lines[:4], lines[4][:30]], 5),
    "the draft lost": (lambda lines: [*lines[:4], *lines[5:]], 5),
    "a draft twice": (lambda lines: [*lines[:5], *lines[4:]], 6),
    "two files in one": (lambda lines: [*lines, *lines[1:]], 7),
    "a time broken": (
        lambda lines: _swap(lines, 2, b'"published_at":"20', b'"published_at":"x'),
        3,
    ),
    "a time going back": (lambda lines: _swap(lines, 3, b'"at":"20', b'"at":"19'), 4),
    "a kind unknown": (lambda lines: _swap(lines, 2, b'"update"', b'"gossip"'), 3),
    "an entry from nowhere": (lambda lines: _swap(lines, 3, b'"id":"', b'"id":"x'), 4),
    "a tombstone with words": (lambda lines: _swap(lines, 3, b'"published"', b'"retracted"'), 4),
    "a retraction without its tombstone": (
        lambda lines: _swap(lines, 3, b"entry.corrected", b"entry.retracted"),
        4,
    ),
    "control characters": (lambda lines: _swap(lines, 2, b'"Nine"', b'"Ni\\u0000ne"'), 3),
    "a later version": (lambda lines: _swap(lines, 0, b'"version":2', b'"version":3'), 1),
    "a type unknown": (lambda lines: _swap(lines, 3, b"entry.corrected", b"entry.predicted"), 4),
    "a member unknown in an event": (lambda lines: _swap(lines, 1, b"{", b'{"witness":"x",'), 2),
    "a member unknown in an entry": (
        lambda lines: _swap(lines, 2, b'"kind":', b'"forecasts":[],"kind":'),
        3,
    ),
    "a member unknown in a coverage": (
        lambda lines: _swap(lines, 1, b'"kicker":', b'"partners":[],"kicker":'),
        2,
    ),
    "a member unknown in a draft": (
        lambda lines: _swap(lines, 4, b'"kind":', b'"forecasts":[],"kind":'),
        5,
    ),
    "a line of an unknown kind": (
        lambda lines: [*lines[:5], b'{"checkpoint":"x"}', *lines[5:]],
        6,
    ),
    "no text": (lambda lines: _swap(lines, 2, b"Nine", b"N\xff\xfe"), 3),
}


def _swap(lines: list[bytes], number: int, old: bytes, new: bytes) -> list[bytes]:
    assert old in lines[number]
    return [*lines[:number], lines[number].replace(old, new, 1), *lines[number + 1 :]]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_with_the_line_and_nothing_stored(
    tool: Tool, archive: bytes, remote: Remote, damage: str
) -> None:
    """The error names the damaged line, and no coverage is created."""
    damage_lines, number = DAMAGES[damage]
    lines = damage_lines(archive.splitlines())
    (tool.folder / "it.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    result = tool("import", "it.jsonl", "--slug", "damaged", *remote.access)
    assert result.complaint.startswith(f"Invalid payload: line {number}: ")
    assert remote.newsroom.chief.get("/v1/coverages/damaged").status_code == 404


def test_what_a_later_version_has_written_is_named(
    tool: Tool, archive: bytes, remote: Remote
) -> None:
    """The refusal of a later version, type or member is one line that names it."""
    swaps = {
        "version 3": (b'"version":2', b'"version":3'),
        "entry.predicted": (b"entry.corrected", b"entry.predicted"),
        "entry/media_count": (b'"kind":', b'"media_count":0,"kind":'),
    }
    for name, (old, new) in swaps.items():
        (tool.folder / "it.jsonl").write_bytes(archive.replace(old, new, 1))
        result = tool("import", "it.jsonl", "--slug", "later", *remote.access)
        assert name in result.complaint
    assert remote.newsroom.chief.get("/v1/coverages/later").status_code == 404


def test_a_file_that_was_cut_off_anywhere_is_known_for_one(archive: bytes) -> None:
    """A file that is truncated at any byte is detected as incomplete."""
    length_of_archive = len(archive) - len(b"\n")
    assert read_archive(archive[:length_of_archive].splitlines(), "e").is_complete
    for length in range(length_of_archive):
        with pytest.raises(DamagedLine):
            read_archive(archive[:length].splitlines(), "e")


@pytest.mark.parametrize("form", ["dateline", "guardian", "sourcefabric"])
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[" * 100_000, b"{}", b"[1]", b"null", b"NaN"]
)
def test_a_file_of_something_else_is_one_line(tool: Tool, form: str, content: bytes) -> None:
    """A file in another format is reported by name, and no database is created."""
    elsewhere = tool.without_database()
    (elsewhere.folder / "else.json").write_bytes(content)
    assert "else.json" in elsewhere("import", "--format", form, "else.json").complaint
    assert not (elsewhere.folder / "dateline.db").exists()


@pytest.mark.parametrize("file", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_one_line(tool: Tool, file: str) -> None:
    """A missing file and a folder are reported in one line that names them."""
    assert file in tool("import", file).complaint


def test_a_foreign_page_without_its_format_says_what_to_do(tool: Tool) -> None:
    """A page of another system without `--format` is refused with a hint at the option."""
    (tool.folder / "page.json").write_text('{"blocks": []}')
    assert "--format" in tool("import", "page.json").complaint


def test_a_slug_that_is_none_is_refused(tool: Tool, archive: bytes) -> None:
    """`--slug` must be a valid slug."""
    (tool.folder / "it.jsonl").write_bytes(archive)
    assert "/slug" in tool("import", "it.jsonl", "--slug", "Not a slug").complaint
