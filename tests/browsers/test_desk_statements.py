"""Sources and figures at the desk, by keyboard."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsers.desk_page import (
    PHONE,
    Newsdesks,
    check_by_axe,
    entry_of,
    fits,
    focused,
    newsdesks,
    shows,
    text_of,
)
from tests.browsers.driver import chromium_process

if TYPE_CHECKING:
    from playwright.sync_api import Page

Json = dict[str, Any]
DIGITS = "\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT FIVE}\N{ARABIC-INDIC DIGIT ZERO}"  # 150
ARMENIA = "Armenian Defence Ministry"
AZERBAIJAN = "Azerbaijani Defence Ministry"


@pytest.fixture(scope="module")
def shared_desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsdesks]:
    """A server with a chief and an editor."""
    with (
        chromium_process() as process,
        newsdesks(tmp_path_factory.mktemp("desks"), ["Ani", "Ed"], process) as desks,
    ):
        yield desks


@pytest.fixture
def desks(shared_desks: Newsdesks) -> Iterator[Newsdesks]:
    """The same server; every page is closed after the test."""
    yield shared_desks
    shared_desks.close()


def _figure(**members: Any) -> Json:
    return {
        "metric": "killed",
        "group": "Armenian soldiers",
        "value": "107",
        "source": ARMENIA,
    } | members


def _entries(desks: Newsdesks, slug: str) -> list[Json]:
    entries: list[Json] = desks.clients["Ed"].get(f"/v1/coverages/{slug}/entries").json()["entries"]
    return entries


def _offers(page: "Page") -> Any:
    """Return what the list below a field offers."""
    return page.locator(".choices:not([hidden]) [role=option]")


def _say(page: "Page", text: str) -> None:
    """Wait until the composer says something."""
    shows(page.locator("form.composer .message")).to_have_text(text)


def test_a_known_series_takes_a_few_letters_and_the_number(desks: Newsdesks) -> None:
    """Ctrl+Alt+F, three letters, Enter, the number, Ctrl+Enter: a figure is published."""
    slug = desks.new_coverage()
    path = f"/v1/coverages/{slug}"
    desks.write("Ed", slug, figures=[_figure(source={"name": ARMENIA, "url": "https://a.example"})])
    desks.write("Ed", slug, figures=[_figure(group="Azerbaijani soldiers", source=AZERBAIJAN)])
    page = desks.desk("Ed", slug)
    keys = page.keyboard
    keys.press("n")
    keys.press("Control+Alt+f")
    options = _offers(page)
    shows(options.first).to_have_text(
        f"killed · Azerbaijani soldiers · {AZERBAIJAN} (107)"  # the newest
    )
    check_by_axe(page)
    keys.type("arm")
    shows(options.first).to_have_text(f"killed · Armenian soldiers · {ARMENIA} (107)")
    keys.press("Enter")
    shows(page.get_by_label("Value").locator("visible=true")).to_be_focused()
    check_by_axe(page)
    keys.type("112")
    keys.press("Control+Enter")
    _say(page, "Published.")
    [figure] = _entries(desks, slug)[0]["figures"]
    assert (figure["low"], figure["group"]) == (112, "Armenian soldiers")
    assert figure["source"] == {"name": ARMENIA, "url": "https://a.example"}
    assert figure["as_of"] is None
    ledger = desks.clients["Ed"].get(f"{path}/figures").json()["figures"]
    assert [group["sources"][0]["low"] for group in ledger] == [112, 107]


def test_a_new_figure_is_four_short_fields(desks: Newsdesks) -> None:
    """A new series is entered by Enter alone; a value that is not understood is named at once.

    Known metrics and sources are offered; a text without a number is corrected in the list.
    """
    slug = desks.new_coverage()
    desks.write("Ed", slug, figures=[_figure()])
    page = desks.desk("Ed", slug, **PHONE)
    page.locator("form.composer:not([aria-busy])").wait_for()
    keys = page.keyboard
    text_of(page).focus()
    keys.press("Control+Alt+f")
    shows(_offers(page)).to_have_count(2)
    keys.press("Control+Alt+f")  # another kind
    page.get_by_role("group", name="A new figure").wait_for()
    for typed in ("inj", "civilians", "about many", "arm"):
        keys.type(typed)
        check_by_axe(page)
        keys.press("Enter")
    assert fits(page)
    shows(text_of(page)).to_be_focused()
    item = page.locator(".statements .figures li")
    shows(item.locator(".complaint")).to_contain_text("This value is not understood")
    value = item.get_by_label("Value")
    shows(value).to_have_attribute("aria-invalid", "true")
    check_by_axe(page)
    value.focus()
    keys.press("Control+A")
    keys.type("more than 60")
    keys.press("Tab")
    shows(item.locator(".complaint")).to_have_text("")
    assert fits(page)
    keys.press("Control+Enter")
    _say(page, "Published.")
    [figure] = _entries(desks, slug)[0]["figures"]
    assert (figure["metric"], figure["group"]) == ("injured", "civilians")
    assert (figure["low"], figure["high"], figure["source"]["name"]) == (60, None, ARMENIA)


def test_figures_wait_in_drafts_and_in_the_outbox(desks: Newsdesks) -> None:
    """A figure typed without the server is sent when it is back, and a draft keeps its own."""
    slug = desks.new_coverage()
    desks.write("Ed", slug, figures=[_figure()])
    kept = desks.write("Ed", slug, draft=True, figures=[_figure(value="about 60", note="By radio")])
    page = desks.desk("Ed", slug)
    keys = page.keyboard
    keys.press("n")
    keys.press("Control+Alt+f")
    shows(_offers(page)).to_have_count(2)
    page.context.set_offline(True)
    keys.type("arm")
    keys.press("Enter")
    keys.type("112")
    keys.press("Control+Enter")
    shows(page.locator(".letter .title")).to_have_text("killed: 112")
    page.context.set_offline(False)
    _say(page, "Published.")
    assert _entries(desks, slug)[0]["figures"][0]["low"] == 112
    page.locator(".item.draft").get_by_role("button", name="Open").click()
    page.locator("form.composer[data-mode=draft]").wait_for()
    line = page.locator(".statements .figures summary")
    shows(line).to_have_text(f"killed · Armenian soldiers · ~60 · {ARMENIA}")
    text_of(page).fill("Heard on the radio.")
    keys.press("Control+Enter")
    _say(page, "Published.")
    entry = _entries(desks, slug)[0]
    assert entry["id"] == kept["id"]
    assert entry["figures"] == kept["figures"]


def test_who_says_so_is_asked_and_answered_by_three_letters(desks: Newsdesks) -> None:
    """Ctrl+Alt+S, three letters and Enter name a source; the focus goes back to the text.

    A correction keeps the claims, and a change of a source takes no assessment back.
    """
    slug = desks.new_coverage()
    desks.write("Ed", slug, headline="Denied", claims=[{"source": ARMENIA}])
    desks.write("Ed", slug, headline="Said", claims=[{"source": AZERBAIJAN}])
    page = desks.desk("Ed", slug)
    keys = page.keyboard
    keys.press("n")
    keys.type("The village was taken.")
    keys.press("Control+Alt+s")
    shows(_offers(page).first).to_have_text(AZERBAIJAN)
    keys.type("aze")
    keys.press("Enter")
    shows(text_of(page)).to_be_focused()
    keys.press("Control+Alt+s")
    keys.type("A witness")
    shows(_offers(page)).to_have_text(["New: A witness"])
    keys.press("Escape")
    shows(page.locator("#write-source")).to_be_hidden()
    shows(text_of(page)).to_be_focused()
    keys.press("Control+Enter")
    _say(page, "Published.")
    entry = _entries(desks, slug)[0]
    [claim] = entry["claims"]
    assert (claim["source"]["name"], claim["text"]) == (AZERBAIJAN, None)
    path = f"/v1/coverages/{slug}/entries/{entry['id']}"
    assessed = {"claim": claim["id"], "status": "disputed", "note": "Armenia denies it."}
    desks.clients["Ed"].post(f"{path}/assessment", json=assessed).raise_for_status()
    shows(entry_of(page, "The village was taken.")).to_have_attribute("data-revision", "2")
    keys.press("Escape")
    assert "entry" in focused(page)
    keys.press("e")
    page.locator("form.composer[data-mode=amend]").wait_for()
    line = page.locator(".statements summary")
    shows(line).to_have_text(f"{AZERBAIJAN} · Disputed (Armenia denies it.)")
    line.click()
    page.get_by_label("What it says").fill("The army took the village")
    keys.press("Control+Enter")
    _say(page, "Amended.")
    [changed] = _entries(desks, slug)[0]["claims"]
    assert changed == claim | {
        "text": "The army took the village",
        "status": "disputed",
        "note": "Armenia denies it.",
        "at": changed["at"],
        "history": [{"status": "reported", "note": None, "at": claim["at"]}],
    }


def test_an_assessment_is_two_keys_and_a_note(desks: Newsdesks) -> None:
    """On an entry, `a` asks what is known of each claim and figure; a note says how.

    Who was faster is not overwritten unseen: the refusal is shown, and the note stays.
    """
    slug = desks.new_coverage()
    claims = [{"source": AZERBAIJAN, "text": "The village is taken"}, {"source": ARMENIA}]
    entry = desks.write("Ed", slug, headline="Madagiz", claims=claims, figures=[_figure()])
    desks.write("Ed", slug, headline="Nobody says so")
    page = desks.desk("Ed", slug)
    keys = page.keyboard
    shows(page.locator(".only-reported .count")).to_have_text("2")
    keys.press("Escape")
    entry_of(page, "Madagiz").focus()
    keys.press("a")
    dialog = page.get_by_role("dialog", name="What do we know of this?")
    shows(dialog.get_by_role("radio", name="The village is taken")).to_be_focused()
    shows(dialog.locator("[name=target]")).to_have_count(3)
    check_by_axe(page)
    dialog.get_by_role("radio", name="Disputed").check()
    keys.press("Tab")
    keys.press("Control+Enter")  # refused by the browser: there is no note
    shows(dialog).to_be_visible()
    path = f"/v1/coverages/{slug}/entries/{entry['id']}"
    faster = {"If-Match": '"1"'}
    desks.clients["Ani"].patch(path, json={"tags": ["north"]}, headers=faster).raise_for_status()
    keys.type("Armenia denies it.")
    keys.press("Control+Enter")
    shows(dialog.get_by_role("alert")).to_contain_text("look at it again")
    keys.press("Control+Enter")
    shows(dialog).to_be_hidden()
    shows(page.locator("#said")).to_have_text("Assessed.")
    shows(page.locator(".only-reported .count")).to_have_text("1")
    shows(entry_of(page, "Madagiz")).to_be_focused()
    [first, second] = _entries(desks, slug)[1]["claims"]
    assert (first["status"], first["note"]) == ("disputed", "Armenia denies it.")
    assert second["status"] == "reported"
    unstated = entry_of(page, "Nobody says so").locator("[data-act=assess]")
    assert unstated.get_attribute("hidden") is not None


def test_what_is_only_reported_is_listed_with_its_key(desks: Newsdesks) -> None:
    """The list leads to each entry; assessed from there, a claim leaves it."""
    slug = desks.new_coverage()
    desks.write("Ed", slug, headline="Madagiz", claims=[{"source": AZERBAIJAN}])
    page = desks.desk("Ed", slug, **PHONE)
    item = page.locator(".only-reported .item")
    shows(item).to_have_count(1)
    desks.write("Ani", slug, headline="Another", claims=[{"source": ARMENIA}])
    shows(item).to_have_count(2)
    shows(page.locator(".waiting button")).to_have_text("1 new update")
    check_by_axe(page)
    assert fits(page)
    item.filter(has_text=AZERBAIJAN).get_by_role("link", name="To the entry").click()
    page.wait_for_url("**#entry-*")
    item.filter(has_text=AZERBAIJAN).focus()
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog", name="What do we know of this?")
    dialog.get_by_role("radio", name="Confirmed").check()
    dialog.get_by_role("textbox").fill("Our reporter was there.")
    assert fits(page)
    dialog.get_by_role("button", name="Assess").click()
    shows(item).to_have_count(1)
    assert _entries(desks, slug)[1]["claims"][0]["status"] == "confirmed"


# The figures of a war's first week, as a reporter types them after Ctrl+Alt+F: for a series that
# runs, a few letters, Enter, the value; for another one, what is counted, of whom, the value and
# the source. `|` is Enter; what is empty is left out.
_PRESIDENT, _CENTRE = "President of Azerbaijan", "Caucasus Centre"
_NINE = [
    ("killed", None, ">150", "The newsroom", "killed||>150|The newsroom|"),
    ("killed", "Armenian soldiers", "107", ARMENIA, "arm|107|"),
    ("killed", "Azerbaijani soldiers", "not reported", AZERBAIJAN, "az def|?|"),
    ("killed", "Azerbaijani soldiers", "11", _CENTRE, "cen|11|"),
    ("killed", "civilians", "19", _PRESIDENT, "killed|civilians|19|President of Azerbaijan|"),
    ("injured", "civilians", ">60", _PRESIDENT, "inj|civilians|>60|pres|"),
    ("destroyed", "houses", "hundreds", _PRESIDENT, "des|houses|hundreds|pres|"),
    (
        "killed",
        "civilians on both sides",
        "dozens",
        "The newsroom",
        "kil|civilians on both sides|dozens|new|",
    ),
    ("injured", None, "thousands", "The newsroom", "inj||thousands|new|"),
]
_KNOWN = {1: "104", 2: "?", 3: "10"}  # of which a number was entered before, by the place


@pytest.mark.full("it measures: nine figures in a row")
def test_nine_figures_are_typed_with_few_keys(desks: Newsdesks) -> None:
    """Each of nine figures of a contested story is published by keyboard alone, in few strokes.

    A series that runs takes at most 12 strokes beside its value, another one at most 60 in all.
    """
    slug = desks.new_coverage(title="The front")
    for place, value in _KNOWN.items():
        metric, group, _, source, _ = _NINE[place]
        known = _figure(metric=metric, group=group, value=value, source=source)
        desks.write("Ed", slug, figures=[known])
    page = desks.desk("Ed", slug)
    keys = page.keyboard
    keys.press("Control+Alt+f")  # the desk has been used before
    shows(_offers(page)).to_have_count(len(_KNOWN) + 1)
    keys.press("Escape")
    for place, (metric, group, value, source, typed) in enumerate(_NINE):
        page.locator("form.composer .message").evaluate("(place) => (place.textContent = '')")
        started = time.monotonic()
        strokes = ["Control+Alt+f"] * (1 if place in _KNOWN else 2)
        strokes += ["Enter" if each == "|" else each for each in typed[:-1]] + ["Control+Enter"]
        for stroke in strokes:
            keys.press(stroke)
        _say(page, "Published.")
        seconds = time.monotonic() - started
        print(f"\n{metric}, {group}: {value} ({source}): {len(strokes)} strokes, {seconds:.1f} s")  # noqa: T201
        assert len(strokes) <= (12 + len(value) if place in _KNOWN else 60)
        [figure] = _entries(desks, slug)[0]["figures"]
        assert (figure["metric"], figure["group"]) == (metric, group)
        assert figure["source"]["name"] == source
        assert _shown(figure) == value


def _shown(figure: Json) -> str:
    if figure["low"] is None:
        return figure["text"] or "not reported"
    return f">{figure['low']}" if figure["high"] is None else f"{figure['low']}"


def test_an_arabic_desk_takes_sources_and_figures_by_its_own_words(desks: Newsdesks) -> None:
    """A metric and a value typed in Arabic are understood, and axe finds nothing.

    The metric is stored by its name in the API.
    """
    slug = desks.new_coverage(language="ar", title="حريق في الميناء")
    page = desks.desk("Ed", slug, locale="ar", **PHONE)
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    keys = page.keyboard
    text_of(page).focus()
    keys.press("Control+Alt+s")
    keys.type("الدفاع المدني")
    check_by_axe(page)
    keys.press("Enter")
    shows(page.locator(".statements .claims summary")).to_have_text("الدفاع المدني")
    keys.press("Control+Alt+f")
    shows(_offers(page)).to_have_text(["رقم من نوع آخر…"])
    keys.press("Enter")
    for typed in ("قتل", "", f"أكثر من {DIGITS}", "الدف"):
        keys.type(typed)
        keys.press("Enter")
    line = page.locator(".statements .figures summary")
    shows(line).to_have_text(f"قتلى · أكثر من {DIGITS} · الدفاع المدني")
    line.click()
    check_by_axe(page)
    assert fits(page)
    keys.press("Control+Enter")
    _say(page, "نُشر.")
    [entry] = _entries(desks, slug)
    [figure] = entry["figures"]
    assert (figure["metric"], figure["low"], figure["high"]) == ("killed", 150, None)
    assert [claim["source"]["name"] for claim in entry["claims"]] == ["الدفاع المدني"]
