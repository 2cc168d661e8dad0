"""The desk in a browser: no work is lost, and every change appears."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browsers.desk import until
from tests.browsers.desk_page import (
    DARK,
    PEOPLE,
    PHONE,
    Newsdesks,
    announced,
    check_by_axe,
    entry_of,
    fits,
    focused,
    item_of,
    newsdesks,
    seconds_until,
    shows,
    text_of,
)
from tests.browsers.driver import chromium_process
from tests.browsers.firefox import firefox
from tests.signed_in import PASSWORD


@pytest.fixture(scope="module")
def shared_desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsdesks]:
    """A server with a chief, an editor and a contributor."""
    with (
        chromium_process() as process,
        newsdesks(tmp_path_factory.mktemp("desks"), list(PEOPLE), process) as desks,
    ):
        yield desks


@pytest.fixture
def desks(shared_desks: Newsdesks) -> Iterator[Newsdesks]:
    """The same server; every page is closed after the test."""
    yield shared_desks
    shared_desks.close()


def test_a_chief_plans_a_coverage_and_opens_it(desks: Newsdesks) -> None:
    """The slug is proposed from a title in any script; opening asks for confirmation."""
    page = desks.open("Ani", "/desk")
    page.get_by_role("link", name="New coverage").click()
    page.get_by_label("Title").fill("ხანძარი ნავსადგურში")
    shows(page.get_by_label("Address")).to_have_value("xanzari-navsadgurshi")
    page.get_by_label("Language", exact=True).select_option("Georgian")
    page.get_by_role("button", name="Create coverage").click()
    page.get_by_role("heading", name="ხანძარი ნავსადგურში").wait_for()
    assert page.url.endswith("/desk/coverages/xanzari-navsadgurshi")
    page.get_by_role("link", name="Settings").click()
    page.get_by_text("Go live…").click()
    page.get_by_role("button", name="Go live").click()
    page.get_by_text("The coverage is live.").wait_for()
    page.goto("/desk")
    list_item = page.get_by_role("listitem").filter(has_text="ხანძარი ნავსადგურში")
    assert "Live" in list_item.inner_text()
    assert (
        desks.clients["Nino"].get("/v1/coverages/xanzari-navsadgurshi").json()["status"] == "live"
    )


@pytest.mark.full("a slow line")
def test_a_title_written_before_the_script_is_there_is_proposed_too(desks: Newsdesks) -> None:
    """A slug is proposed also for a title typed before the page's scripts were loaded."""
    page = desks.open("Ani", "/desk")
    routes: list[Any] = []
    page.route("**/slug*.js*", lambda route: routes.append(route))  # noqa: PLW0108  it takes a function alone
    page.goto("/desk/new", wait_until="commit")
    page.get_by_label("Title").fill("Fire at the port")
    while not routes:
        page.wait_for_timeout(10)
    routes[0].continue_()
    shows(page.get_by_label("Address")).to_have_value("fire-at-the-port")
    page.unroute_all()


def test_a_form_says_what_is_wrong_beside_it_and_keeps_the_rest(desks: Newsdesks) -> None:
    """Without scripts an invalid form comes back with errors, its values and a proposed slug."""
    page = desks.open("Ani", "/desk/new", java_script_enabled=False)
    page.get_by_label("Title").fill("Flood in the valley")
    page.get_by_label("Standfirst").fill("The river rises.")
    page.get_by_label("Kicker").fill("Too long. " * 20)
    page.get_by_role("button", name="Create coverage").click()
    page.get_by_role("alert").wait_for()
    assert page.locator("#kicker-wrong").inner_text() == "Must have 100 characters at most."
    kicker, slug = page.get_by_label("Kicker"), page.get_by_label("Address")
    assert kicker.get_attribute("aria-invalid") == "true"
    assert slug.input_value() == "flood-in-the-valley"
    assert page.get_by_label("Standfirst").input_value() == "The river rises."
    kicker.fill("Weather")
    page.get_by_role("button", name="Create coverage").click()
    page.get_by_role("heading", name="Flood in the valley").wait_for()


def test_an_entry_is_published_corrected_and_retracted_by_keys_alone(desks: Newsdesks) -> None:
    """By keyboard alone an entry is published, corrected with a diff, retracted and restored.

    The focus is on the entry after each step.
    """
    page = desks.desk("Ed", desks.new_coverage())
    keys = page.keyboard
    keys.press("n")
    keys.type("Two dead, says the harbour master.")
    keys.press("Control+Enter")
    entry_of(page, "Two dead").wait_for()
    keys.press("Escape")
    assert "entry" in focused(page)
    keys.press("c")
    page.locator("form.composer[data-mode=correct]").wait_for()
    shows(text_of(page)).to_be_focused()
    keys.press("Control+A")
    keys.type("Two injured, says the harbour master.")
    keys.press("Tab")
    keys.type("Nobody died.")
    keys.press("Control+Enter")
    page.locator("#ask-correct[open]").wait_for()
    assert page.locator("#ask-correct del .part").inner_text() == "dead"
    assert page.locator("#ask-correct ins .part").inner_text() == "injured"
    keys.press("Enter")
    entry_of(page, "Nobody died.").wait_for()
    keys.press("Escape")
    keys.press("h")
    page.locator("#texts[open] ins", has_text="injured").wait_for()
    keys.press("Escape")
    # While an action is open, keys are meant for it.
    shows(page.locator("button[aria-busy=true]")).to_have_count(0)
    assert "entry" in focused(page)
    keys.press("r")
    keys.type("There were none.")
    keys.press("Tab")
    keys.press("Enter")
    page.locator(".days .tombstone", has_text="There were none.").wait_for()
    assert "injured" not in page.locator(".days").inner_text()
    assert "tombstone" in focused(page)
    keys.press("s")
    item_of(page, "own", "injured").wait_for()


def test_keys_pin_and_mark_and_do_nothing_while_somebody_types(desks: Newsdesks) -> None:
    """Single keys act on the focused entry, are ignored in fields, and can be switched off."""
    slug = desks.new_coverage()
    for text in "The first", "The second":
        desks.write("Ani", slug, headline=text)
    page = desks.desk("Ed", slug)
    keys = page.keyboard
    for key in "jjp":
        keys.press(key)
    entry_of(page, "The first").locator("[data-act=pin][aria-pressed=true]").wait_for(
        state="attached"
    )
    keys.press("t")
    entry_of(page, "The first").locator("[data-act=turn][aria-pressed=true]").wait_for(
        state="attached"
    )
    page.get_by_label("Headline").focus()
    keys.type("jrpt?")
    assert page.get_by_label("Headline").input_value() == "jrpt?"
    assert not page.locator("dialog[open]").count()
    keys.press("Escape")
    keys.press("?")
    page.get_by_label("Single keys do these things").uncheck()
    keys.press("Escape")
    keys.press("r")
    assert not page.locator("dialog[open]").count()


@pytest.mark.full("two desks and their times")
def test_what_is_handed_in_is_on_an_open_desk_and_comes_back_with_a_note(desks: Newsdesks) -> None:
    """A submitted draft appears at the editor's desk and its title; a returned one has the note."""
    slug = desks.new_coverage()
    editor, reporter = desks.desk("Ed", slug), desks.desk("Nino", slug)
    reporter.get_by_label("Headline").fill("Smoke over pier 4")
    handed_in = item_of(editor, "handed-in", "Smoke over pier 4")

    def hand_in() -> None:
        reporter.get_by_role("button", name="Submit").click()
        handed_in.wait_for()

    seconds = seconds_until(hand_in)
    print(f"\nhanded in and on the editor's desk: {seconds * 1000:.0f} ms")  # noqa: T201  a figure
    assert editor.title().startswith("(1) ")
    assert "Nino" in handed_in.inner_text()
    handed_in.focus()
    editor.keyboard.press("b")
    editor.keyboard.type("Which pier?")
    editor.get_by_role("button", name="Return", exact=True).click()
    returned = item_of(reporter, "own", "Smoke over pier 4")
    returned.get_by_text("Which pier?").wait_for()
    announced(reporter, "Returned by Ed.")
    assert not reporter.locator("#said", has_text="pier").count()
    returned.get_by_role("button", name="Hand in").click()
    handed_in.wait_for()
    handed_in.focus()
    editor.keyboard.press("p")
    entry_of(reporter, "Smoke over pier 4").wait_for()
    # The editor's list of drafts is updated on its own, possibly after the entry.
    until(editor, "!document.title.startsWith('(')")


@pytest.mark.full("the reader's page has the same keys")
def test_page_down_and_page_up_lead_through_the_timeline_of_the_desk(desks: Newsdesks) -> None:
    """Page Down and Page Up move between entries (ARIA feed pattern) and stop at the last one."""
    slug = desks.new_coverage()
    for text in ("First", "Second"):
        desks.write("Ani", slug, headline=text)
    page = desks.desk("Ed", slug)
    first, second = entry_of(page, "First"), entry_of(page, "Second")
    second.focus()
    for key, reached in (("PageDown", first), ("PageDown", first), ("PageUp", second)):
        page.keyboard.press(key)
        shows(reached).to_be_focused()


@pytest.mark.full("two desks and their times")
def test_who_is_here_and_what_they_edit_is_shown_until_they_leave(desks: Newsdesks) -> None:
    """The desk shows who is present and which entry they edit, until they leave."""
    slug = desks.new_coverage()
    desks.write("Ani", slug, headline="The first")
    first, other = desks.desk("Ed", slug), desks.desk("Ani", slug)
    first.locator(".visitors", has_text="Ani").wait_for()
    entry_of(other, "The first").get_by_role("button", name="Amend").click()
    entry_of(first, "Ani is editing this").wait_for()
    other.close()
    first.locator(".visitors").wait_for(state="hidden")
    assert "is editing" not in first.locator(".days").inner_text()


@pytest.mark.full("test_html_bodies and test_composer have two who write the same")
def test_a_change_that_comes_too_late_shows_both_texts_and_loses_none(desks: Newsdesks) -> None:
    """A stale change shows both texts; after Escape it can still be merged and published."""
    slug = desks.new_coverage()
    entry = desks.write("Ani", slug, body="Two engines.")
    page = desks.desk("Ed", slug)
    page.get_by_role("button", name="Amend").first.click()
    page.locator("form.composer[data-mode=amend]").wait_for()
    text_of(page).fill("Four engines.")
    path = f"/v1/coverages/{slug}/entries/{entry['id']}"
    amended = desks.clients["Ani"].patch(
        path, json={"body": "Three engines."}, headers={"If-Match": "*"}
    )
    assert amended.status_code == 200
    entry_of(page, "Three engines.").wait_for()
    page.keyboard.press("Control+Enter")
    dialog = page.locator("#conflict[open]")
    dialog.wait_for()
    assert "Three engines." in _plain(dialog.locator(".theirs"))
    assert "Four engines." in _plain(dialog.locator(".mine"))
    check_by_axe(page)
    page.keyboard.press("Escape")
    page.locator(".outbox", has_text="Four engines.").get_by_role("button", name="Edit").click()
    dialog.get_by_role("button", name="Merge both").click()
    shows(text_of(page)).to_have_value("Three engines.\n\nFour engines.")
    shows(text_of(page)).to_be_focused()
    page.keyboard.press("Control+Enter")
    entry_of(page, "Four engines.").wait_for()


def _plain(side: Any) -> str:
    # Without the texts for screen readers.
    text: str = side.evaluate(
        "(side) => { const copy = side.cloneNode(true);"
        " copy.querySelectorAll('.unseen').forEach((each) => each.remove());"
        " return copy.textContent; }"
    )
    return text


@pytest.mark.full("two desks and their times")
def test_what_goes_out_in_a_moment_can_be_taken_back(
    shared_desks: Newsdesks, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """During the safety delay a held entry shows its progress, and one key takes it back."""
    folder = tmp_path_factory.mktemp("delay")
    with newsdesks(folder, ["Ani"], shared_desks.process, safety_delay="60") as desks:
        page = desks.desk("Ani", desks.new_coverage(), **PHONE)
        text_of(page).fill("Too early.")
        page.keyboard.press("Control+Enter")
        held = item_of(page, "held", "Too early.")
        held.wait_for()
        assert held.locator(".fuse").is_visible()
        assert fits(page)
        check_by_axe(page)
        page.locator("#drafts").focus()
        page.keyboard.press("u")
        item_of(page, "own", "Too early.").wait_for()
        announced(page, "Taken back.")
        desks.close()


_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "list": ("Ani", "/desk", {}),
    "list, phone, dark": ("Nino", "/desk", PHONE | DARK),
    "new coverage": ("Ani", "/desk/new", {}),
    "new coverage, phone, dark": ("Ani", "/desk/new", PHONE | DARK),
    "settings": ("Ani", "/desk/coverages/{slug}/settings", {}),
    "settings, phone, dark": ("Ani", "/desk/coverages/{slug}/settings", PHONE | DARK),
    "next day": ("Ani", "/desk/coverages/{slug}/successor", PHONE | DARK),
    "audit": ("Ani", "/desk/audit?coverage={slug}", {}),
    "audit, phone, dark": ("Ani", "/desk/audit?coverage={slug}", PHONE | DARK),
    "desk": ("Ed", "/desk/coverages/{slug}", {}),
    "desk, dark": ("Ed", "/desk/coverages/{slug}", DARK),
    "desk, phone": ("Nino", "/desk/coverages/{slug}", PHONE),
    "desk, high contrast": ("Ed", "/desk/coverages/{slug}", {"forced_colors": "active"}),
}


@pytest.mark.full("further states", but=["desk", "audit"])
@pytest.mark.parametrize("state", _PAGES)
def test_a_page_of_the_desk_is_clear_to_everybody(desks: Newsdesks, state: str) -> None:
    """Axe finds no violation, nothing overflows, and every button is at least 44 pixels high."""
    name, path, context_options = _PAGES[state]
    slug = desks.new_coverage(language="ar", title="حريق في الميناء")
    desks.write("Ani", slug, headline="المحرك في الطريق", key_event=True)
    desks.write("Nino", slug, headline="مسودة", draft=True)
    entry_id = desks.write("Ani", slug, headline="The second")["id"]
    retraction_path = f"/v1/coverages/{slug}/entries/{entry_id}/retraction"
    assert desks.clients["Ani"].post(retraction_path, json={"note": "No."}).status_code == 200
    page = desks.open(name, path.format(slug=slug), **context_options)
    if path.endswith("{slug}") and "audit" not in path:
        page.locator("#drafts .item").wait_for()
    check_by_axe(page)
    assert fits(page)
    small_buttons = page.locator("main button:visible").evaluate_all(
        "(all) => all.filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.outerHTML)"
    )
    assert not small_buttons


@pytest.mark.full("each dialog")
@pytest.mark.parametrize("context_options", [{}, PHONE | DARK], ids=["wide", "phone, dark"])
def test_what_the_desk_asks_is_clear_to_everybody(desks: Newsdesks, context_options: Any) -> None:
    """Each dialog passes axe, fits into the window, and gives the focus back."""
    slug = desks.new_coverage()
    desks.write("Ani", slug, headline="The first")
    desks.write("Nino", slug, headline="A draft", draft=True)
    page = desks.desk("Ed", slug, **context_options)
    for act in "keys", "retract", "history", "delete":
        menu = page.locator("[data-act=more]").first
        button = page.locator(f"[data-act={act}]").first
        if in_menu := act in {"retract", "history"}:
            button = page.locator(f".menu [data-act={act}]").first
            menu.click()
        button.click()
        page.locator("dialog[open]").wait_for()
        check_by_axe(page)
        assert fits(page)
        page.keyboard.press("Escape")
        page.locator("dialog[open]").wait_for(state="detached")
        pressed = menu if in_menu else button
        assert pressed.evaluate("(button) => button === document.activeElement")


@pytest.mark.full("another engine")
def test_the_desk_works_in_firefox(desks: Newsdesks) -> None:
    """In Firefox an editor signs in and publishes, and the entry appears in the timeline."""
    slug = desks.new_coverage()
    with firefox() as browser:
        browser.open(f"{desks.url}/desk/sign-in?next=/desk/coverages/{slug}")
        browser.run(
            "(({email, password, form = email.form}) => {"
            f" email.value = 'ed@example.org'; password.value = '{PASSWORD}';"
            " form.requestSubmit(); })(document.forms[0].elements)"
        )
        until = (
            "new Promise((done) => { const look = () => ({}) ? done(true)"
            " : setTimeout(look, 50); look(); })"
        )
        # A navigation may interrupt the first attempts.
        desk = "document.querySelector('.connection')?.dataset.state === 'live'"
        _run_with_retries(browser, until.replace("({})", f"({desk})"))
        browser.run(
            "(() => { const { body } = document.querySelector('form.composer').elements;"
            " body.value = 'By Firefox.';"
            " body.dispatchEvent(new Event('input', { bubbles: true }));"
            " document.querySelector('[data-action=publish]').click(); })()"
        )
        shown = "document.querySelector('.days').textContent.includes('By Firefox.')"
        assert browser.run(until.replace("({})", f"({shown})"))


def _run_with_retries(browser: Any, expression: str) -> None:
    from tests.browsers.browser import ScriptError
    from tests.browsers.firefox import BidiError

    for _ in range(5):
        try:
            assert browser.run(expression)
        except (ScriptError, BidiError):
            continue
        return
    raise AssertionError(expression)
