"""Signing out: texts kept in the browser are saved on the server, then deleted from the browser."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browsers.desk import Desk, until, until_kept, write
from tests.browsers.desk_page import shows
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline
from tests.signed_in import take_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ED, JO = "ed@leaving.example", "jo@leaving.example"
_NO_DATABASE = "indexedDB.databases().then((all) => !all.length)"


@pytest.fixture(scope="module")
def staffed_newsroom(newsroom: Newsroom) -> Newsroom:
    """A newsroom with two editors."""
    take_in(newsroom.server, ED, "Ed", "editor")
    take_in(newsroom.server, JO, "Jo", "editor")
    return newsroom


@pytest.fixture
def desk(chromium: "Browser", staffed_newsroom: Newsroom) -> Iterator[Desk]:
    """Ed's browser context, with empty storage."""
    context = chromium.new_context()
    context.set_default_timeout(60_000)
    yield Desk(context, staffed_newsroom.server, ED)
    context.close()


@pytest.fixture
def timeline(staffed_newsroom: Newsroom) -> Timeline:
    """A coverage without entries."""
    return new_timeline(staffed_newsroom, new_slug())


def _sign_out(page: "Page") -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()


def _drafts(timeline: Timeline) -> list[str]:
    drafts = timeline.newsroom.chief.get(f"{timeline.path}/drafts").json()["drafts"]
    return sorted(draft["body"]["markdown"] for draft in drafts)


def test_texts_are_saved_and_gone_from_the_browser(desk: Desk, timeline: Timeline):
    """Texts of this tab, another tab and a closed one become one draft each, and leave the browser.

    What the readers' pages store in the browser is kept.
    """
    closed_tab = desk.open(timeline.slug)
    write(closed_tab, "Left behind")
    until_kept(closed_tab, "Left behind")
    closed_tab.close()
    other_tab, page = desk.open(timeline.slug), desk.open(timeline.slug)
    write(other_tab, "In another tab")
    write(page, "Here")
    page.evaluate("localStorage.setItem('dateline left', 'a reader')")
    with page.expect_response("**/desk/sign-out") as response:
        _sign_out(page)
    assert response.value.header_value("clear-site-data") == '"cache"'
    page.wait_for_url("**/desk/sign-in")
    other_tab.wait_for_url("**/desk/sign-in")
    assert _drafts(timeline) == ["Here", "In another tab", "Left behind"]
    until(page, _NO_DATABASE)
    assert page.evaluate("localStorage.getItem('dateline left')") == "a reader"
    assert {c["name"] for c in desk.context.cookies()} == {"dateline_device"}


@pytest.mark.full("further ways to sign out")
def test_what_cannot_be_saved_is_said_and_stays_until_it_is_given_up(
    desk: Desk, timeline: Timeline
):
    """A change to a public entry cannot become a draft: a dialog asks before it is discarded."""
    timeline.publish(None, body="As it went out")
    page = desk.open(timeline.slug)
    entry = page.locator(".days .entry", has_text="As it went out").first
    entry.get_by_role("button", name="Amend").click()
    field = page.locator("form.composer [name=body]")
    shows(field).to_have_value("As it went out", timeout=60_000)
    field.fill("Half a change")
    until_kept(page, "Half a change")
    _sign_out(page)
    dialog = page.get_by_role("dialog", name="Sign out and lose this?")
    shows(dialog.get_by_role("listitem")).to_have_text(["Half a change"], timeout=60_000)
    dialog.get_by_role("button", name="Stay signed in").click()
    dialog.wait_for(state="hidden")
    assert field.input_value() == "Half a change"
    field.fill("A whole change")  # staying signed in still stores changes
    until_kept(page, "A whole change")
    page.goto(f"{desk.url}/desk/account")
    _sign_out(page)
    shows(dialog.get_by_role("listitem")).to_have_text(["A whole change"], timeout=60_000)
    dialog.get_by_role("button", name="Discard and sign out").click()
    page.wait_for_url("**/desk/sign-in")
    until(page, _NO_DATABASE)
    entries = timeline.newsroom.reader.get(f"{timeline.path}/entries").json()["entries"]
    assert [each["body"]["markdown"] for each in entries] == ["As it went out"]


@pytest.mark.full("further ways to sign out")
def test_nothing_of_somebody_else_is_touched(desk: Desk, timeline: Timeline):
    """Another person's texts in the same browser are kept for them."""
    page = desk.open(timeline.slug)
    desk.context.set_offline(True)
    write(page, "Ed's")
    until_kept(page, "Ed's")
    page.close()
    desk.context.set_offline(False)
    desk.enter(JO)
    page = desk.open(timeline.slug)
    write(page, "Jo's")
    _sign_out(page)
    page.wait_for_url("**/desk/sign-in")
    assert _drafts(timeline) == ["Jo's"]
    desk.enter(ED)
    page = desk.open(timeline.slug)
    until_kept(page, "Ed's")
    page.locator(".offers [data-text]").wait_for()


@pytest.mark.full("further ways to sign out")
def test_what_waits_to_be_sent_goes_out_first(desk: Desk, timeline: Timeline):
    """An entry queued in the outbox while offline is sent before the sign-out, not discarded."""
    page = desk.open(timeline.slug)
    desk.context.set_offline(True)
    write(page, "On its way")
    page.keyboard.press("Control+Enter")
    page.locator(".letter").wait_for()
    page.close()
    desk.context.set_offline(False)
    page = desk.context.new_page()
    page.goto(f"{desk.url}/desk/account")
    _sign_out(page)
    page.wait_for_url("**/desk/sign-in")
    entries = timeline.newsroom.reader.get(f"{timeline.path}/entries").json()["entries"]
    assert [each["body"]["markdown"] for each in entries] == ["On its way"]
    until(page, _NO_DATABASE)
