"""A new user's first steps: from the set-up link of the first start to a retracted entry."""

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image

from tests.browsers.desk_page import entry_of, shows
from tests.browsers.input_devices import Keyboard, TouchScreen
from tests.dateline import running_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_SLUG = "fire-at-the-harbour"
_HEADLINE = "Smoke over pier 4"
_ALT = "Black smoke behind two cranes"
_FILE = re.compile(r"/media/[\w-]+/[\w.-]+\.jpg")


def _photograph(folder: Path) -> Path:
    file = io.BytesIO()
    Image.effect_noise((900, 600), 60).convert("RGB").save(file, "JPEG")
    path = folder / "pier.jpg"
    path.write_bytes(file.getvalue())
    return path


def _settle_in(user: Keyboard | TouchScreen) -> None:
    """Create an account by the set-up link, and a live coverage; ends at its desk."""
    page = user.page
    user.fill("Your name", "Ani")
    user.fill("E-mail address", "ani@example.org")
    user.fill("Password", "smoke over the harbour")
    user.press("Begin")
    page.wait_for_url("**/desk")
    user.press("New coverage")
    page.wait_for_url("**/desk/new")
    user.fill("Title", "Fire at the harbour")
    shows(page.get_by_label("Address")).to_have_value(_SLUG)
    user.choose("Start as", "Live: visible to readers at once")
    user.press("Create coverage")
    page.wait_for_url(f"**/desk/coverages/{_SLUG}")
    page.locator("form.composer:not([aria-busy])").wait_for()
    page.locator(".connection[data-state=live]").wait_for(state="attached")


@pytest.mark.full("each of its steps has a test of its own in an ordinary run")
@pytest.mark.parametrize("device", [Keyboard, TouchScreen])
def test_from_the_first_start_to_a_retraction(
    device: type[Keyboard | TouchScreen], chromium: "Browser", tmp_path: Path
) -> None:
    """Set up, publish a picture, correct and retract, by keyboard alone or by touch alone."""
    with running_server(tmp_path) as server, httpx.Client(base_url=server.url) as reader:
        (link,) = re.findall(r"http://\S+/desk/welcome/\S+", server.log())
        page = chromium.new_context(**device.context_options).new_page()
        user = device(page)

        page.goto(link)
        _settle_in(user)
        user.fill("Headline", _HEADLINE)
        user.fill("Text", "Two dead, says the harbour master.")
        with page.expect_file_chooser() as file_chooser:
            user.press("Add a picture")
        file_chooser.value.set_files(_photograph(tmp_path))
        user.fill("What it shows", _ALT)
        page.locator(".picture-field .sending").wait_for(state="hidden")
        user.send("Publish")
        entry_of(page, _HEADLINE).wait_for()
        published = reader.get(f"/coverages/{_SLUG}").text
        assert "Two dead" in published
        assert _ALT in published
        (picture, *_) = _FILE.findall(published)
        assert reader.get(picture).headers["content-type"] == "image/jpeg"

        user.act("c", "Correct")
        page.locator("form.composer[data-mode=correct]").wait_for()
        user.fill("Text", "Two injured, says the harbour master.")
        user.fill("What readers are told", "Nobody died.")
        user.send("Correct")
        page.locator("#ask-correct[open] ins", has_text="injured").wait_for()
        user.press("Correct")
        entry_of(page, "Nobody died.").wait_for()
        corrected = reader.get(f"/coverages/{_SLUG}").text
        assert "Nobody died." in corrected
        assert "Two dead" not in corrected

        user.act("r", "Retract…")
        page.locator("#ask-retract[open]").wait_for()
        user.fill("What readers are told", "There was no fire.")
        user.press("Retract")
        page.locator(".days .tombstone", has_text="There was no fire.").wait_for()
        retracted = reader.get(f"/coverages/{_SLUG}").text
        assert "There was no fire." in retracted
        assert not any(words in retracted for words in ("injured", _ALT, _HEADLINE))
        assert reader.get(picture).status_code == httpx.codes.NOT_FOUND
        page.context.close()
