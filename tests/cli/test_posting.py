"""`dateline post`: an entry is posted once, and a refusal is one line."""

import asyncio
import json

import pytest

from app.cli.api import remote_client
from app.cli.refusal import Refused, read_answer
from app.cli.retry import request_with_retries
from tests.cli.conftest import Remote
from tests.cli.faulty_proxy import PROXY_RESPONSES, faulty_proxy
from tests.cli.tool import Tool
from tests.ports import free_port


def test_a_post_prints_its_address_and_its_cursor(tool: Tool, remote: Remote) -> None:
    """The entry's address and its cursor are printed."""
    result = tool("post", remote.slug, "Two *engines*", "--headline", "Smoke", *remote.access)
    url, cursor = result.text.splitlines()
    (entry,) = remote.read("/entries")["entries"]
    assert (url, entry["headline"]) == (entry["url"], "Smoke")
    assert entry["body"]["html"] == "<p>Two <em>engines</em></p>"
    assert cursor == remote.read()["cursor"]


def test_every_option_reaches_the_entry(tool: Tool, remote: Remote) -> None:
    """Every option sets its field of the entry."""
    result = tool(
        *("post", remote.slug, "„Größe“", "--kind", "quote", "--key-event", "--pin", "--json"),
        *("--tag", "sea", "--tag", "ice", "--byline", "Ann Ö", "--byline", "Bo", *remote.access),
    )
    entry = json.loads(result.out)
    assert entry["kind"] == "quote"
    assert (entry["key_event"], entry["pinned"]) == (True, True)
    assert entry["tags"] == ["sea", "ice"]
    assert entry["bylines"] == [{"name": "Ann Ö"}, {"name": "Bo"}]
    assert remote.read()["pinned"] == entry["id"]
    assert remote.read()["cursor"] == entry["cursor"]


def test_figures_and_claims_are_one_option_each(tool: Tool, remote: Remote) -> None:
    """`--figure` and `--claim` may be repeated; what is left out of them is not sent."""
    result = tool(
        *("post", remote.slug, "Losses", "--json", *remote.access),
        *("--figure", "killed; Armenian soldiers; 107; Armenian Defence Ministry; 2020-10-03"),
        *("--figure", "injured;; more than 60; The president"),
        *("--claim", "The ministry"),
        *("--claim", "The army; It took the village; disputed; Denied; by the other side."),
    )
    entry = json.loads(result.out)
    first, second = entry["figures"]
    assert (first["metric"], first["group"], first["low"]) == ("killed", "Armenian soldiers", 107)
    assert (first["source"]["name"], first["as_of"]) == ("Armenian Defence Ministry", "2020-10-03")
    assert (second["group"], second["low"], second["high"]) == (None, 60, None)
    assert second["as_of"] is None
    whole, part = entry["claims"]
    assert (whole["source"]["name"], whole["text"], whole["status"]) == (
        *("The ministry", None, "reported"),
    )
    assert (part["text"], part["status"]) == ("It took the village", "disputed")
    assert part["note"] == "Denied; by the other side."


def test_figures_alone_need_no_text(tool: Tool, remote: Remote) -> None:
    """A post of figures needs neither text nor headline."""
    result = tool("post", remote.slug, "--figure", "votes;;1,500;The office", *remote.access)
    (entry,) = remote.read("/entries")["entries"]
    assert result.text.splitlines()[0] == entry["url"]
    assert (entry["body"], entry["figures"][0]["low"]) == (None, 1500)


@pytest.mark.parametrize(
    ("option", "status"),
    [(["--draft"], "draft"), (["--embargo-until", "2199-01-01T00:00:00Z"], "scheduled")],
)
def test_what_is_not_public_yet_says_so(
    tool: Tool, remote: Remote, option: list[str], status: str
) -> None:
    """A draft or scheduled entry is printed with its status and without an address."""
    result = tool("post", remote.slug, "Later", *option, *remote.access)
    assert result.text.startswith(f"{status} ")
    assert "http" not in result.text
    assert remote.read("/entries")["entries"] == []
    assert [d["status"] for d in remote.read("/drafts")["drafts"]] == [status]


def test_a_minus_reads_the_text_from_stdin(tool: Tool, remote: Remote) -> None:
    """`post SLUG -` posts the text from stdin unchanged."""
    text = "From a pipe\n\n- ✓"
    assert tool("post", remote.slug, "-", *remote.access, stdin=text.encode()).code == 0
    (entry,) = remote.read("/entries")["entries"]
    assert entry["body"]["markdown"] == text


def test_bytes_that_are_no_text_are_refused(tool: Tool) -> None:
    """Text that is not UTF-8 is refused in one line, as an argument and from stdin."""
    assert "UTF-8" in tool("post", "fire", "-", stdin=b"\xff").complaint
    assert "UTF-8" in tool("post", "fire", "\udcff").complaint


@pytest.mark.parametrize("fault", [{"losing": 2}, {"busy": 2}, {"losing": 1, "busy": 1}])
def test_an_answer_that_is_lost_does_not_post_twice(
    tool: Tool, remote: Remote, fault: dict[str, int]
) -> None:
    """The command retries until it has the answer, and the entry is stored once."""
    with faulty_proxy(remote.url, **fault) as proxy:
        result = tool(
            "post", remote.slug, "Once", "--json", "--url", proxy.url, "--key", remote.key
        )
        assert proxy.connections == 3
    (entry,) = remote.read("/entries")["entries"]
    assert json.loads(result.out)["id"] == entry["id"]


def test_an_idempotency_key_of_ones_own_names_the_post(tool: Tool, remote: Remote) -> None:
    """A repeated command with the same idempotency key returns the first entry."""
    command = ("post", remote.slug, "Tick", "--idempotency-key", "noon", *remote.access)
    assert tool(*command).out == tool(*command).out
    assert len(remote.read("/entries")["entries"]) == 1
    command = ("post", remote.slug, "Tock", "--idempotency-key", "noon", *remote.access)
    assert tool(*command).complaint.startswith("Idempotency key reused: ")


def test_without_a_server_the_post_goes_into_the_database(
    operator: Tool, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a URL the entry is written to the database, and readers get its event."""
    monkeypatch.setenv("DATELINE_API_KEY", "of another server")
    head = remote.read()["cursor"]
    result = operator("post", remote.slug, "From the operator")
    (event,) = remote.read(f"/events?after={head}&wait=30")["events"]
    assert result.text.splitlines()[1] == event["cursor"]
    assert event["entry"]["body"]["markdown"] == "From the operator"


def test_an_address_without_a_server_is_named_with_what_to_do(tool: Tool) -> None:
    """The error names the address and suggests `dateline serve`."""
    url = f"http://127.0.0.1:{free_port()}"
    complaint = tool("post", "fire", "x", "--url", url).complaint
    assert url in complaint
    assert "dateline serve" in complaint


@pytest.mark.parametrize("answer", PROXY_RESPONSES.values(), ids=PROXY_RESPONSES)
def test_what_somebody_else_answers_is_no_answer(tool: Tool, remote: Remote, answer: bytes) -> None:
    """The request is retried after a proxy's response, and the entry is posted once."""
    with faulty_proxy(remote.url, busy=2, answer=answer) as proxy:
        result = tool("post", remote.slug, "Once", "--url", proxy.url, "--key", remote.key)
    assert (result.code, result.err) == (0, "")
    assert len(remote.read("/entries")["entries"]) == 1


@pytest.mark.parametrize("answer", PROXY_RESPONSES.values(), ids=PROXY_RESPONSES)
def test_an_address_of_something_else_is_one_line(remote: Remote, answer: bytes) -> None:
    """Once the retries are used up, the one-line error names the address."""

    async def request(url: str) -> None:
        async with remote_client(url, None) as client:
            read_answer(await request_with_retries(client, "POST", "/v1/coverages", patience=0.5))

    with faulty_proxy(remote.url, busy=100, answer=answer) as proxy:
        with pytest.raises(Refused, match=r"no answer of Dateline's|as Dateline does") as refused:
            asyncio.run(request(proxy.url))
        assert proxy.url in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_address_that_has_moved_is_told_at_once(tool: Tool, remote: Remote) -> None:
    """A permanent redirect is not retried, and the error names the new address."""
    moved = (
        b"HTTP/1.1 301 \r\nLocation: https://live.example.org/\r\n"
        b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    with faulty_proxy(remote.url, busy=100, answer=moved) as proxy:
        result = tool("post", remote.slug, "x", "--url", proxy.url, "--key", remote.key)
        assert proxy.connections == 1
    assert "https://live.example.org/" in result.complaint


def test_a_byte_order_mark_is_no_word(tool: Tool, remote: Remote) -> None:
    """A byte order mark at the start of the text is not part of the entry."""
    text = b"\xef\xbb\xbfSmoke over the harbour"
    assert tool("post", remote.slug, "-", *remote.access, stdin=text).code == 0
    (entry,) = remote.read("/entries")["entries"]
    assert entry["body"]["markdown"] == "Smoke over the harbour"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--url", "https://live.example.org/news"], "https://live.example.org/news is no address"),
        (["--headline", "two\nlines"], "Invalid payload: /headline: must be one line"),
        (["--embargo-until", "tomorrow"], "Invalid payload: /embargo_until: must be a time"),
        (["--figure", "killed; 107; The ministry"], "--figure needs a metric, a group, a value"),
        (["--figure", "killed;;about many;x"], "Invalid payload: /figures/0/value: is no value"),
        (["--figure", "killed;;107;x;noon"], "Invalid payload: /figures/0/as_of: must be a date"),
        (["--figure", "killed;;107;"], "Invalid payload: /figures/0/source: "),
        (["--claim", "x; y; sure"], "Invalid payload: /claims/0/status: "),
        (["--claim", "; It was so"], "Invalid payload: /claims/0/source: "),
        (["--key", "dateline_no"], "Not signed in: "),
        (["--key", "schlüssel"], "the API key holds characters"),
        (["--url", "live.example.org"], "live.example.org is no address"),
    ],
)
def test_a_refusal_is_one_line_that_says_where_and_why(
    tool: Tool, remote: Remote, options: list[str], complaint: str
) -> None:
    """The error is one line that starts with the reason, and nothing is stored."""
    result = tool("post", remote.slug, "x", *remote.access, *options)
    assert result.complaint.startswith(complaint)
    assert remote.read("/entries")["entries"] == []


def test_an_unknown_coverage_is_told_with_and_without_a_server(tool: Tool, remote: Remote) -> None:
    """An unknown slug is one line, over HTTP and in the database."""
    assert tool("post", "no-such", "x", *remote.access).complaint.startswith("Unknown coverage: ")
    assert tool("post", "no-such", "x").complaint.startswith("Unknown coverage: ")


def test_nothing_to_post_is_told_in_one_line(tool: Tool, remote: Remote) -> None:
    """Without text, headline and figures there is nothing to publish."""
    assert tool("post", remote.slug, *remote.access).complaint.startswith("Empty entry: ")


def test_a_draft_cannot_be_pinned(tool: Tool) -> None:
    """`--draft` with `--pin` is a usage error."""
    assert tool("post", "fire", "x", "--draft", "--pin").code == 2
