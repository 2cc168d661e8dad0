"""The form of a coverage and its addresses in Chromium: picture, times, copies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsers.desk import ZONE
from tests.browsers.desk_page import PHONE, Newsdesks, check_by_axe, fits, newsdesks, shows
from tests.browsers.driver import chromium_process
from tests.contract.newsrooms import new_slug
from tests.media.pictures import encoded, picture

_PIXELS = {"name": "pier.jpg", "mimeType": "image/jpeg", "buffer": encoded(picture())}
_BROKEN = {"name": "pier.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
_VIDEO = {"name": "pier.mp4", "mimeType": "video/mp4", "buffer": b"no picture"}


@pytest.fixture(scope="module")
def shared_desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsdesks]:
    """A server in a time zone of its own, with a chief."""
    folder: Path = tmp_path_factory.mktemp("forms")
    with (
        chromium_process() as process,
        newsdesks(folder, ["Ani"], process, time_zone=str(ZONE)) as desks,
    ):
        yield desks


@pytest.fixture
def desks(shared_desks: Newsdesks) -> Iterator[Newsdesks]:
    """The same server; every page is closed after the test."""
    yield shared_desks
    shared_desks.close()


def test_a_coverage_is_created_with_a_picture_and_a_start(desks: Newsdesks) -> None:
    """On a phone a picture is chosen, seen and described, and a start is typed in the zone."""
    page = desks.open("Ani", "/desk/new", **PHONE)
    slug = new_slug()
    page.get_by_label("Title").fill("Fire at the harbour")
    page.get_by_label("Address", exact=True).fill(slug)
    page.get_by_text("Start, bylines").click()
    page.get_by_label("Starts at").fill("2026-03-01T12:30")
    shows(page.locator("#starts_at-note")).to_contain_text("UTC+4")
    field = page.locator(".lead-field")
    field.locator("[type=file]").set_input_files(_PIXELS)  # type: ignore[arg-type]
    shows(field.locator(".thumb img")).to_be_visible()
    field.get_by_label("What it shows").fill("Smoke over the pier")
    check_by_axe(page)
    assert fits(page)
    page.get_by_role("button", name="Create coverage").click()
    page.locator("main.board").wait_for()
    coverage = desks.clients["Ani"].get(f"/v1/coverages/{slug}").json()
    assert coverage["lead_image"]["alt"] == "Smoke over the pier"
    assert coverage["starts_at"] == "2026-03-01T08:30:00.000Z"


def test_saving_waits_for_the_picture(desks: Newsdesks) -> None:
    """A form that is saved while the picture is on its way is sent with the picture."""
    slug = desks.new_coverage()
    page = desks.open("Ani", f"/desk/coverages/{slug}/settings")
    held = []
    page.route("**/v1/media", lambda route: held.append(route))  # noqa: PLW0108  Playwright maps it
    page.locator(".lead-field [type=file]").set_input_files(_PIXELS)  # type: ignore[arg-type]
    shows(page.locator(".lead-field .message")).to_have_text("Being sent …")
    page.get_by_role("button", name="Save").click()
    assert page.url.endswith("/settings")
    held[0].continue_()
    page.locator(".done", has_text="Saved.").wait_for()
    assert desks.clients["Ani"].get(f"/v1/coverages/{slug}").json()["lead_image"]


def test_a_file_that_is_no_picture_is_refused_beside_the_field(desks: Newsdesks) -> None:
    """A broken file, a video and a lost connection are each said, and the next try works."""
    page = desks.open("Ani", f"/desk/coverages/{desks.new_coverage()}/settings")
    file, message = page.locator(".lead-field [type=file]"), page.locator(".lead-field .message")
    file.set_input_files(_VIDEO)  # type: ignore[arg-type]
    shows(message).to_contain_text("This is not a picture.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**done=saved")
    file.set_input_files(_BROKEN)  # type: ignore[arg-type]
    shows(message).to_contain_text("The file is none of JPEG")
    page.context.set_offline(True)
    file.set_input_files(_PIXELS)  # type: ignore[arg-type]
    shows(message).to_contain_text("The server cannot be reached.")
    check_by_axe(page)
    page.context.set_offline(False)
    file.set_input_files(_PIXELS)  # type: ignore[arg-type]
    shows(page.locator(".lead-field .thumb img")).to_be_visible()
    shows(message).to_have_text("")


def test_the_codes_and_addresses_can_be_copied(desks: Newsdesks) -> None:
    """By keyboard the panel opens, and its buttons copy; axe finds nothing, and a phone shows all.

    Where the browser forbids it, the text is selected.
    """
    slug = desks.new_coverage()
    page = desks.desk("Ani", slug, **PHONE)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel = page.locator(".sharing")
    panel.locator("summary").press("Enter")
    panel.get_by_role("button", name="Copy To embed it in a frame").press("Enter")
    shows(panel.get_by_role("status")).to_have_text("Copied: To embed it in a frame")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == panel.locator("#share-frame").input_value()
    assert f"/coverages/{slug}/embed" in copied
    check_by_axe(page)
    assert fits(page)
    page.context.clear_permissions()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    panel.get_by_role("button", name="Copy Atom feed").click()
    assert page.evaluate("getSelection().toString() || document.activeElement.value").endswith(
        "feed.atom"
    )
