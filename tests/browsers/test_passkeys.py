"""Passkeys in Chromium, with its virtual authenticator."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsers.another_site import another_site
from tests.browsers.desk_page import DARK, PHONE, WIDE, check_by_axe, fits, shows
from tests.browsers.driver import chromium_process
from tests.browsers.input_devices import Keyboard
from tests.browsers.virtual_device import VirtualDevice
from tests.dateline import DatelineServer, running_server
from tests.desk.passkey_pages import BY_PASSKEY, PAGE, STEP, at_localhost, browser, challenge
from tests.signed_in import PASSWORD, take_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_APP = "/desk/account/second-factor"
_CREATE, _USE = "Create the passkey", "Sign in with a passkey"

_NO_CONDITIONAL_MEDIATION = (
    "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
)

# A phishing page's request for a signature, with a challenge of the real server.
_PHISH = """async ({challenge, rpId}) => {
  const bytes = (text) => Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt());
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const publicKey = { challenge: bytes(challenge), rpId, userVerification: "required" };
  const { id, type, response } = await navigator.credentials.get({ publicKey });
  const names = ["clientDataJSON", "authenticatorData", "signature", "userHandle"];
  const parts = Object.fromEntries(names.map((name) => [name, text(response[name])]));
  return { id, rawId: id, type, response: parts };
}"""


class Desk:
    """A server where chiefs need a second factor, and a browser process for its people."""

    def __init__(self, server: DatelineServer, process: "Browser") -> None:
        self.server = server
        self.process = process
        self._number = 0

    def new_editor(self) -> str:
        """Create an editor; returns their e-mail address."""
        self._number += 1
        email = f"p{self._number}@example.org"
        take_in(self.server, email, f"P. {self._number}", "editor")
        return email

    @contextmanager
    def page(self, path: str = "/desk/sign-in", **context_options: Any) -> Iterator["Page"]:
        """Open a page at localhost; checks for uncaught errors and broken policies at its end."""
        errors: list[str] = []
        context_options = WIDE | {"base_url": at_localhost(self.server)} | context_options
        with ExitStack() as stack:
            context = self.process.new_context(**context_options)
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on(
                "console",
                lambda message: errors.append(message.text) if "Policy" in message.text else 0,
            )
            page.goto(path)
            yield page
            assert not errors


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A server and a browser process for all tests of the file."""
    folder = tmp_path_factory.mktemp("passkeys")
    with running_server(folder, second_factor="chief") as server, chromium_process() as process:
        yield Desk(server, process)


def _sign_in(page: "Page", email: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: not url.endswith("/desk/sign-in"))


def _add(page: "Page") -> None:
    """Add a passkey as the first second factor."""
    page.goto(PAGE)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name of the device").fill("Telephone")
    page.get_by_role("button", name=_CREATE).click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()


def _begin_registration(page: "Page", name: str) -> None:
    """Confirm by the passkey that another is added, and name its device."""
    page.goto(PAGE)
    page.get_by_label("Your password").fill(PASSWORD)
    form = page.locator("form", has=page.get_by_label("Your password"))
    form.get_by_role("button", name="Use a passkey instead").click()
    page.get_by_label("Name of the device").last.fill(name)


def _sign_out(page: "Page") -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/desk/sign-in")


@contextmanager
def _owner(desk: Desk, **context_options: Any) -> Iterator[tuple["Page", VirtualDevice, str]]:
    """Open a page of a signed-in person with a passkey; yields page, device and address."""
    with desk.page(**context_options) as page:
        email, device = desk.new_editor(), VirtualDevice(page)
        _sign_in(page, email)
        _add(page)
        yield page, device, email


@pytest.mark.full("tests/desk has the rules")
def test_a_passkey_is_added_and_signs_in_by_keys_alone(desk: Desk) -> None:
    """A passkey is added by keyboard alone, and signs in by the browser's autofill."""
    with desk.page() as page:
        VirtualDevice(page)
        _sign_in(page, desk.new_editor())
        user = Keyboard(page)
        user.press("Account")
        page.wait_for_url("**/desk/account")
        user.press("Add a passkey")
        page.wait_for_url(f"**{PAGE}")
        user.fill("Your password", PASSWORD)
        user.press("Go on")
        page.get_by_role("button", name=_CREATE).wait_for()
        user.fill("Name of the device", "Telephone")
        user.press(_CREATE)
        page.get_by_role("heading", name="Your recovery codes").wait_for()
        assert page.locator(".made code").count() == 10
        shows(page.locator("summary", has_text="Telephone")).to_contain_text("never used")
        user.press("Sign out")
        page.wait_for_url("**/desk")  # by conditional mediation, without a key press
        page.goto(PAGE)
        shows(page.locator("summary", has_text="Telephone")).to_contain_text("last used")


@pytest.mark.full("tests/desk has the rules; this is each way through the pages")
def test_a_button_signs_in_and_errors_are_told_in_a_sentence(desk: Desk) -> None:
    """A refusal by the device is announced in a status, and the button can be tried again."""
    with _owner(desk) as (page, device, _):
        device.touch(is_touched=False)
        _sign_out(page)
        field = page.get_by_label("E-mail address")
        assert field.get_attribute("autocomplete") == "username webauthn"
        device.know(is_known=False)
        device.touch(is_touched=True)
        # Without user verification the browser does not sign in by itself.
        page.reload()
        page.get_by_role("button", name=_USE).click()
        status = page.locator(f"form[action='{BY_PASSKEY}']").get_by_role("status")
        shows(status).to_have_text("No passkey was used. Try again, or use another way.")
        device.know(is_known=True)
        page.get_by_role("button", name=_USE).click()
        page.wait_for_url("**/desk")


@pytest.mark.full("tests/desk has the rules; this is each way through the pages")
def test_after_the_password_the_passkey_is_the_second_step(desk: Desk) -> None:
    """After the password the page offers the passkey, and keeps the field for a recovery code."""
    with _owner(desk) as (page, device, email):
        device.touch(is_touched=False)
        _sign_out(page)
        _sign_in(page, email)
        assert page.url.endswith(STEP)
        shows(page.get_by_label("Recovery code")).to_be_visible()
        device.touch(is_touched=True)
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/desk")


@pytest.mark.full("tests/desk has the rules; this is each way through the pages")
def test_a_second_device_is_confirmed_by_the_first_and_removed_again(desk: Desk) -> None:
    """The first device's passkey confirms a second's, and the second's confirms both removals.

    A device creates no second passkey for a person.
    """
    with _owner(desk) as (page, first, _):
        _begin_registration(page, "Again")
        page.get_by_role("button", name=_CREATE).click()
        page.get_by_text("This device has a passkey of yours already.").wait_for()
        assert len(first.passkeys()) == 1
        _begin_registration(page, "Laptop")
        first.unplug()
        second = VirtualDevice(page)
        page.get_by_role("button", name=_CREATE).click()
        page.locator("summary", has_text="Laptop").wait_for()
        assert len(second.passkeys()) == 1
        for name in "Telephone", "Laptop":
            page.locator("summary", has_text=name).click()
            removal = page.locator("details[open] form[action$='/removal']")
            removal.get_by_role("button", name="Use a passkey instead").click()
            page.locator("summary", has_text=name).wait_for(state="detached")
        page.goto("/desk/account")
        shows(page.locator("main")).to_contain_text("a password alone")


@pytest.mark.full("tests/desk has the rules; this is each way through the pages")
def test_a_copy_of_a_device_is_refused(desk: Desk) -> None:
    """A copied passkey is refused once the original was used, by its signature counter."""
    with _owner(desk) as (page, device, _):
        # By the button only: conditional mediation would sign in at a time of its own.
        page.add_init_script(_NO_CONDITIONAL_MEDIATION)
        (copy,) = device.passkeys()
        _sign_out(page)
        page.get_by_role("button", name=_USE).click()
        page.wait_for_url("**/desk")
        _sign_out(page)
        device.put(copy)
        page.get_by_role("button", name=_USE).click()
        shows(page.get_by_role("alert")).to_contain_text("there may be a copy of it")
        page.goto("/desk")
        assert "/desk/sign-in" in page.url


@pytest.mark.full("tests/desk has the rules; this is each way through the pages")
def test_a_false_page_gains_nothing(desk: Desk, tmp_path: Path) -> None:
    """The server refuses a signature for another origin; for another host there is none."""
    (tmp_path / "false.html").write_text("<!DOCTYPE html><title>Sign in</title><p>Sign in")
    with another_site(tmp_path) as site, _owner(desk) as (page, _, _email):
        page.goto(f"{site}/false.html")
        with browser(desk.server) as phisher:
            options = challenge(phisher, "sign-in")
            credential = page.evaluate(_PHISH, options)
            assert (
                phisher.post(BY_PASSKEY, data={"credential": json.dumps(credential)}).status_code
                == 401
            )
        page.goto(f"{site.replace('localhost', '127.0.0.1')}/false.html")
        with pytest.raises(Exception, match=r"SecurityError"):
            page.evaluate(_PHISH, options)


@pytest.mark.full("tests/desk has the rules; this is each way through the pages")
def test_without_scripts_the_app_and_the_codes_remain(desk: Desk) -> None:
    """Without scripts the passkey button is hidden, and the page points to an authenticator app."""
    with desk.page(java_script_enabled=False) as page:
        assert page.get_by_role("button", name=_USE).is_hidden()
        _sign_in(page, desk.new_editor())
        page.goto(PAGE)
        # With scripts disabled by Playwright, Chromium does not render <noscript>.
        assert "Without scripts use an authenticator app." in page.content()
        page.get_by_role("link", name="Authenticator app").click()
        shows(page.get_by_role("button", name="Set up an app")).to_be_visible()


@pytest.mark.full("tests/desk has the rules; this is each way through the pages")
@pytest.mark.parametrize("context_options", [{}, PHONE | DARK], ids=["wide", "phone, dark"])
def test_axe_finds_nothing_on_the_ways_in(desk: Desk, context_options: dict[str, Any]) -> None:
    """Axe finds no violation on sign-in, second step and account, with and without a passkey."""
    with desk.page(bypass_csp=True, **context_options) as page:
        device, email = VirtualDevice(page), desk.new_editor()
        _check(page)
        _sign_in(page, email)
        for path in "/desk/account", _APP, PAGE:
            page.goto(path)
            _check(page)
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name=_CREATE).wait_for()
        _check(page)
        page.get_by_label("Name of the device").fill("Telephone")
        page.get_by_role("button", name=_CREATE).click()
        page.get_by_role("heading", name="Your recovery codes").wait_for()
        page.locator("summary").click()
        _check(page)
        page.goto(_APP)
        _check(page)
        device.touch(is_touched=False)
        _sign_out(page)
        _check(page)
        _sign_in(page, email)
        assert re.search(STEP, page.url)
        _check(page)


@pytest.mark.full("tests/desk has the rules; this is each way through the pages")
@pytest.mark.parametrize("context_options", [{}, PHONE | DARK], ids=["wide", "phone, dark"])
def test_axe_finds_nothing_on_the_pages_of_an_app(
    desk: Desk, context_options: dict[str, Any]
) -> None:
    """Axe finds no violation at the QR code, after a wrong code, and with an app set up."""
    import pyotp

    with desk.page(bypass_csp=True, **context_options) as page:
        email = desk.new_editor()
        _sign_in(page, email)
        page.goto(_APP)
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Set up an app").click()
        page.get_by_label("Key", exact=True).wait_for()
        _check(page)
        authenticator = pyotp.TOTP(page.get_by_label("Key", exact=True).input_value())
        page.get_by_label("Code that the app shows").fill(authenticator.now())
        page.get_by_role("button", name="Set up").click()
        page.get_by_role("heading", name="Your recovery codes").wait_for()
        _check(page)
        _sign_out(page)
        _sign_in(page, email)
        page.get_by_label("Code of your authenticator app").fill("000000")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("alert").wait_for()
        _check(page)


def _check(page: "Page") -> None:
    assert fits(page)
    check_by_axe(page)
