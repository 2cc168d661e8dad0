"""HTML bodies at the desk: they are edited as HTML, and only changed fields are sent."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsers.desk import until
from tests.browsers.desk_page import Newsdesks, entry_of, item_of, newsdesks, text_of
from tests.browsers.driver import chromium_process

if TYPE_CHECKING:
    from playwright.sync_api import Page

Json = dict[str, Any]

# HTML of other live blogs and word processors; most of it would break if read as Markdown.
BODIES = {
    "paragraphs": "<p>The bridge is <strong>open</strong>.</p><p>Traffic flows again.</p>",
    "signs": "<p>5 * 3 * 2 people, _all_ of them, `safe` [sic] # 1</p><p>- 5 degrees</p>",
    "tweet": '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">We are '
    '<a href="https://e.example/a_b_c">safe</a> &amp; well</p>&mdash; A. Mayor</blockquote>\n'
    "<p>She wrote at noon.</p>",
    "indented": "<div>\n    <p>What is known:</p>\n\n    <p>Nobody was hurt.</p>\n\n</div>",
    "lines": "First line<br>Second line<br><br>    Third line, far in",
    "list": "<ul>\n<li>One\n\n<ul><li>deep</li></ul></li>\n<li><p>Two</p></li>\n</ul>",
    "table": "<table><thead><tr><th>Place</th><th>Level</th></tr></thead><tbody><tr><td>Mill\n\n"
    "bridge</td><td>3.30</td></tr></tbody></table>",
    "preformatted": "<pre>Line 4   06:10\n\n\nLine 7   06:25</pre><p>Buses</p>",
    "picture": '<figure><img src="https://e.example/a.jpg" alt="A *bridge*"><figcaption>The bridge'
    "</figcaption></figure><p>Seen at noon.</p>",
    "word processor": '<p dir="ltr"><span>The mayor&nbsp;said:</span></p>'
    '<p dir="ltr"><b>“Go”</b> &lt;now&gt;</p>'
    '<h3 dir="ltr">What next</h3><p>1. Wait</p>',
    "other script": '<p dir="rtl" lang="ar">الجسر <em>مفتوح</em></p>',
    "quotation": "<p>He said <q>we go</q>.<sup>1</sup></p><hr><p><del>12</del> <ins>14</ins></p>",
}


@pytest.fixture(scope="module")
def shared_desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsdesks]:
    """A server with an editor at the desk."""
    with (
        chromium_process() as process,
        newsdesks(tmp_path_factory.mktemp("html"), ["Ani", "Ed"], process) as desks,
    ):
        yield desks


@pytest.fixture
def desks(shared_desks: Newsdesks) -> Iterator[Newsdesks]:
    """The same server; every page is closed after the test."""
    yield shared_desks
    shared_desks.close()


def _record_writes(page: "Page") -> list[Json]:
    """Record the bodies of the page's writes to entries from now on; returns the growing list."""
    sent: list[Json] = []

    def note(request: Any) -> None:
        if request.method in ("POST", "PATCH") and "/entries" in request.url:
            sent.append(request.post_data_json)

    page.on("request", note)
    return sent


def _wait_for_message(page: "Page", text: str) -> None:
    until(page, f"document.querySelector('.message').textContent === '{text}'")


def _entry(desks: Newsdesks, slug: str, entry_id: str) -> Json:
    entry: Json = desks.clients["Ed"].get(f"/v1/coverages/{slug}/entries/{entry_id}").json()
    return entry


@pytest.mark.full("every kind of body")
def test_a_changed_headline_leaves_every_body_as_it_is(desks: Newsdesks) -> None:
    """An amendment of the headline sends the headline alone, and leaves every body unchanged."""
    slug = desks.new_coverage()
    page = desks.desk("Ed", slug)
    sent = _record_writes(page)
    for name, html in BODIES.items():
        old = desks.write("Ed", slug, headline=f"Old {name}", body={"html": html})
        entry_of(page, f"Old {name}").get_by_role("button", name="Amend").click()
        page.locator("form.composer[data-mode=amend]").wait_for()
        assert page.input_value("[name=format]") == "html"
        page.fill("[name=headline]", f"New {name}")
        sent.clear()
        page.keyboard.press("Control+Enter")
        _wait_for_message(page, "Amended.")
        assert sent == [{"headline": f"New {name}"}]
        new = _entry(desks, slug, old["id"])
        assert (new["revision"], new["headline"]) == (2, f"New {name}")
        assert new["body"] == old["body"], name


@pytest.mark.full("every kind of body")
def test_a_changed_word_leaves_the_rest_of_every_body(desks: Newsdesks) -> None:
    """An amendment of one word is sent as HTML, and leaves the rest of every body unchanged."""
    slug = desks.new_coverage()
    page = desks.desk("Ed", slug)
    sent = _record_writes(page)
    for name, html in BODIES.items():
        body = {"html": html + "<p>At noonday.</p>"}
        old = desks.write("Ed", slug, headline=f"Of {name}", body=body)
        entry_of(page, f"Of {name}").get_by_role("button", name="Amend").click()
        page.locator("form.composer[data-mode=amend]").wait_for()
        text = text_of(page).input_value()
        assert text == old["body"]["html"]
        text_of(page).fill(text.replace("noonday", "midnight"))
        sent.clear()
        page.keyboard.press("Control+Enter")
        _wait_for_message(page, "Amended.")
        assert [list(payload) for payload in sent] == [["body"]]
        new = _entry(desks, slug, old["id"])["body"]
        assert new == {"html": old["body"]["html"].replace("noonday", "midnight"), "markdown": None}


@pytest.mark.full("every kind of body")
def test_drafts_corrections_and_what_was_restored_stay_html(desks: Newsdesks) -> None:
    """A body stays HTML through autosave, correction, retraction and restoration."""
    slug = desks.new_coverage()
    path = f"/v1/coverages/{slug}"
    body = {"html": BODIES["indented"]}
    draft = desks.write("Ed", slug, headline="First", body=body, draft=True)
    page = desks.desk("Ed", slug)
    sent = _record_writes(page)
    item_of(page, "own", "First").get_by_role("button", name="Open").click()
    page.locator("form.composer[data-mode=draft]").wait_for()
    page.fill("[name=headline]", "Second")
    until(page, "document.querySelector('.saved').dataset.state === 'saved'")
    page.keyboard.press("Control+Enter")
    _wait_for_message(page, "Published.")
    assert sent == [{"headline": "Second", "draft": True}, None]
    entry_of(page, "Second").get_by_role("button", name="Correct").click()
    page.locator("form.composer[data-mode=correct]").wait_for()
    text_of(page).fill(text_of(page).input_value().replace("Nobody was", "Two people were"))
    page.fill("[name=note]", "Two were hurt.")
    page.keyboard.press("Control+Enter")
    dialog = page.locator("#ask-correct[open]")
    dialog.wait_for()
    assert "<p>" not in dialog.inner_text()  # rendered text, not HTML source
    dialog.get_by_role("button", name="Correct").click()
    _wait_for_message(page, "Corrected.")
    (entry,) = desks.clients["Ed"].get(f"{path}/entries").json()["entries"]
    html = draft["body"]["html"].replace("Nobody was", "Two people were")
    assert entry["body"] == {"html": html, "markdown": None}
    desks.clients["Ed"].post(
        f"{path}/entries/{entry['id']}/retraction", json={"note": "Gone."}
    ).raise_for_status()
    entry_of(page, "Gone.").get_by_role("button", name="Restore").click()
    item_of(page, "own", "Second").get_by_role("button", name="Open").click()
    page.locator("form.composer[data-mode=draft]").wait_for()
    page.fill("[name=headline]", "Third")
    page.keyboard.press("Control+Enter")
    _wait_for_message(page, "Published.")
    entries = desks.clients["Ed"].get(f"{path}/entries").json()["entries"]
    assert [each["body"] for each in entries if each["headline"] == "Third"] == [entry["body"]]


@pytest.mark.full("two desks")
def test_two_who_amend_html_keep_both_and_no_more(desks: Newsdesks) -> None:
    """Two conflicting HTML bodies are merged as HTML; a field changed by one editor is taken."""
    slug = desks.new_coverage()
    html = "<p>One.</p><ul><li>*Two*</li></ul>"
    entry = desks.write("Ed", slug, headline="Ours", body={"html": html})
    page = desks.desk("Ed", slug)
    entry_of(page, "Ours").get_by_role("button", name="Amend").click()
    page.locator("form.composer[data-mode=amend]").wait_for()
    text_of(page).fill(f"{html}<p>Mine.</p>")
    desks.clients["Ani"].patch(
        f"/v1/coverages/{slug}/entries/{entry['id']}",
        json={"headline": "Theirs", "body": {"html": f"<p>Theirs.</p>{html}"}},
        headers={"If-Match": "*"},
    ).raise_for_status()
    page.keyboard.press("Control+Enter")
    dialog = page.locator("dialog#conflict[open]")
    dialog.wait_for()
    assert "<p>" not in dialog.inner_text()
    assert "Ours" not in dialog.inner_text()  # the headline was changed by one side only
    dialog.get_by_role("button", name="Merge both").click()
    page.locator("form.composer[data-mode=amend]").wait_for()
    merged = "<p>Theirs.</p>\n<p>One.</p>\n<ul><li>*Two*</li></ul>\n<p>Mine.</p>"
    until(page, "document.querySelector('[name=body]').value.includes('Mine')")
    assert text_of(page).input_value() == merged
    assert page.input_value("[name=headline]") == "Theirs"
    sent = _record_writes(page)
    page.keyboard.press("Control+Alt+w")
    page.keyboard.press("Control+Enter")
    _wait_for_message(page, "Amended.")
    assert sent == [{"body": {"html": merged}}]
    assert _entry(desks, slug, entry["id"])["body"] == {"html": merged, "markdown": None}


@pytest.mark.full("test_composer has the keys, in Markdown")
def test_keys_write_the_marks_of_html_where_that_is_written(desks: Newsdesks) -> None:
    """Shortcuts write HTML tags in an HTML body, and can be undone; the preview renders them."""
    page = desks.desk("Ed", desks.new_coverage())
    page.select_option("[name=format]", "html")
    text_of(page).focus()
    page.keyboard.type("word")
    page.keyboard.press("Control+a")
    for keys, written in (
        ("Control+b", "<strong>word</strong>"),
        ("Control+b", "word"),
        ("Control+i", "<em>word</em>"),
        ("Control+z", "word"),
        ("Control+Shift+8", "<ul><li>word</li></ul>"),
        ("Control+Shift+8", "word"),
        ("Control+Shift+9", "<blockquote><p>word</p></blockquote>"),
        ("Control+z", "word"),
        ("Control+k", '<a href="https://">word</a>'),
    ):
        page.keyboard.press(keys)
        assert text_of(page).input_value() == written, keys
    page.keyboard.type("https://e.example/")
    page.locator("#preview .body a[href='https://e.example/']", has_text="word").wait_for()
