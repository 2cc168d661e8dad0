"""The desk of `dateline demo`, whose clock starts in 1969 and runs fast."""

import re
import signal
from pathlib import Path

import pyotp
import pytest

from tests.browsers.desk_page import WIDE, entry_of, shows
from tests.browsers.driver import chromium_process
from tests.cli.tool import Tool, end

pytestmark = pytest.mark.full("it runs as long as a reader looks")

_LINK = re.compile(r"(http://\S+)/desk/welcome/\S+")


def test_its_desk_publishes_and_takes_a_second_factor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """An entry is published though the clock is before 1970, and a real-time code is accepted."""
    process = Tool(tmp_path, monkeypatch, capfdbinary).start("demo", "--port", "0")
    output = ""
    while "Ctrl-C" not in output:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        output += line
    link = _LINK.search(output)
    assert link
    try:
        with chromium_process() as browser:
            page = browser.new_context(base_url=link[1], **WIDE).new_page()
            page.goto(link[0])
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/desk")
            page.goto("/desk/coverages/apollo-11")
            page.locator(".connection[data-state=live]").wait_for(state="attached")
            page.get_by_label("Headline").fill("Hello from Earth")
            page.locator(".composer [data-action=publish]").click()
            entry_of(page, "Hello from Earth").wait_for()
            shows(page.locator(".outbox")).to_be_hidden()

            page.goto("/desk/account/second-factor")
            page.get_by_role("button", name="Set up an app").click()
            authenticator = pyotp.TOTP(page.get_by_label("Key", exact=True).input_value())
            page.get_by_label("Code that the app shows").fill(authenticator.now())
            page.get_by_role("button", name="Set up").click()
            page.get_by_text("Your recovery codes").wait_for()
    finally:
        end(process, signal.SIGINT)
