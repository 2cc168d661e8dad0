"""What the desk answers: where one looks, in words, and no longer than it is true."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browsers.desk_page import (
    PHONE,
    WIDE,
    Newsdesks,
    entry_of,
    fits,
    newsdesks,
    shows,
    text_of,
)
from tests.browsers.driver import chromium_process
from tests.browsers.test_reflow import LONG, SPACING

KEPT = re.compile("Kept on this device")
MIDDLE = {"viewport": {"width": 900, "height": 600}}


@pytest.fixture(scope="module")
def shared_desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsdesks]:
    """A server with a chief and an editor."""
    with (
        chromium_process() as process,
        newsdesks(tmp_path_factory.mktemp("answers"), ["Ani", "Ed"], process) as desks,
    ):
        yield desks


@pytest.fixture
def desks(shared_desks: Newsdesks) -> Iterator[Newsdesks]:
    """The same server; every page is closed after the test."""
    yield shared_desks
    shared_desks.close()


@pytest.mark.parametrize("size", [WIDE, MIDDLE, PHONE], ids=["wide", "middle", "phone"])
def test_publish_and_its_answer_are_in_view_beside_a_long_text(desks: Newsdesks, size: Any) -> None:
    """While a long text is written, the button that publishes it and the answer are in view."""
    page = desks.desk("Ed", desks.new_coverage(), **size)
    publish, message = page.locator("[data-action=publish]"), page.locator(".message")
    shows(publish).to_be_in_viewport(ratio=1)
    text_of(page).fill("A line.\n\n" * 60)
    text_of(page).press("Control+End")
    shows(publish).to_be_in_viewport(ratio=1)
    publish.click()
    shows(message).to_have_text("Published.")
    shows(message).to_be_in_viewport(ratio=1)
    publish.click()
    shows(message).to_have_text("There is nothing to send yet.")
    shows(message).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [WIDE, MIDDLE, PHONE], ids=["wide", "middle", "phone"])
def test_a_pressed_button_stays_where_it_is(desks: Newsdesks, size: Any) -> None:
    """What is said while somebody presses a button does not take it away from the pointer."""
    page = desks.desk("Ed", desks.new_coverage(), **size)
    publish, saved = page.locator("[data-action=publish]"), page.locator(".saved")
    text_of(page).press("A")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    publish.hover()
    before = publish.bounding_box()
    page.mouse.down()
    shows(saved).to_have_text(KEPT)
    assert publish.bounding_box() == before
    page.mouse.up()
    shows(entry_of(page, "A")).to_be_visible()


@pytest.mark.parametrize("width", [768, 1024, 1280])
def test_publish_is_in_view_below_a_long_title(desks: Newsdesks, width: int) -> None:
    """Publish is in view from the beginning, however many lines the title and the links take."""
    slug = desks.new_coverage(title="A day of which the title does not fit into a single line " * 3)
    page = desks.desk("Ani", slug, viewport={"width": width, "height": 768})
    shows(page.locator("[data-action=publish]")).to_be_in_viewport(ratio=1)


def test_no_page_of_the_desk_moves_sideways(desks: Newsdesks) -> None:
    """At 400 % of 1280 px, with the longest words and WCAG's spacing, every page has the width."""
    slug = desks.new_coverage(title=LONG, kicker=LONG[:60], standfirst=LONG)
    desks.write("Ani", slug, headline=LONG, body=LONG, tags=[LONG[:50]])
    desks.write("Ani", slug, headline=LONG, body=LONG, draft=True)
    form = {"name": LONG[:60], "body": LONG, "coverage": slug}
    desks.clients["Ani"].post("/v1/templates", json=form).raise_for_status()
    page = desks.open("Ani", "/desk", viewport={"width": 320, "height": 256}, bypass_csp=True)
    path = f"/desk/coverages/{slug}"
    for each in (path, f"{path}/settings", f"{path}/successor", "/desk/audit", "/desk/templates"):
        page.goto(each)
        assert fits(page), each
        page.add_style_tag(content=SPACING)
        assert fits(page), each


def test_a_message_goes_when_it_is_settled(desks: Newsdesks) -> None:
    """What is missing is said until something is written."""
    page = desks.desk("Ed", desks.new_coverage())
    page.locator("[data-action=publish]").click()
    shows(page.locator(".message")).to_have_text("There is nothing to send yet.")
    text_of(page).press_sequentially("Now there is.")
    shows(page.locator(".message")).to_have_text("")


def test_what_is_published_here_comes_in_at_once(desks: Newsdesks) -> None:
    """An entry of one's own never waits behind the button, wherever the timeline is scrolled to."""
    slug = desks.new_coverage()
    for number in range(12):
        desks.write("Ani", slug, body=f"Number {number}.\n\n" + "More. " * 150)
    page = desks.desk("Ed", slug)
    page.mouse.wheel(0, 3000)
    shows(entry_of(page, "Number 11.")).not_to_be_in_viewport()
    text_of(page).fill("My own.")
    text_of(page).press("Control+Enter")
    entry_of(page, "My own.").wait_for(state="attached")
    shows(page.locator(".waiting button")).to_be_hidden()


def test_a_closed_coverage_says_so_where_one_writes(desks: Newsdesks) -> None:
    """The composer says that the coverage is closed, and no longer once it was reopened."""
    slug = desks.new_coverage()
    page = desks.desk("Ed", slug)
    note = page.get_by_text("This coverage is closed")
    shows(note).to_be_hidden()
    for status in ("closed", "live"):
        answer = desks.clients["Ani"].patch(f"/v1/coverages/{slug}", json={"status": status})
        assert answer.status_code == 200
        shows(note).to_be_visible(visible=status == "closed")


def test_a_refused_file_is_named_with_what_is_accepted(desks: Newsdesks) -> None:
    """A file that is no picture is named with its type, and the accepted types are listed."""
    page = desks.desk("Ed", desks.new_coverage())
    file = {"name": "budget.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.locator("[name=files]").set_input_files(file)  # type: ignore[arg-type]
    shows(page.locator(".message")).to_contain_text("budget.pdf (application/pdf) cannot be used.")
    shows(page.locator(".message")).to_contain_text("JPEG")


def test_a_text_that_is_set_aside_is_offered_while_the_server_is_away(desks: Newsdesks) -> None:
    """What was being written is offered at once when something else is opened."""
    page = desks.desk("Ed", desks.new_coverage())
    text_of(page).fill("Half a sentence")
    page.context.set_offline(True)
    page.locator("[data-action=clear]").click()
    shows(page.locator(".offer")).to_contain_text("Half a sentence")
    shows(page.locator(".message")).to_have_text("What you were writing is kept. Restore it above.")
    page.context.set_offline(False)
