"""A hand at a page: acts in it by mouse, touch and keys, and counts what a person would do.

The seconds are those of the keystroke-level model (Card, Moran and Newell, 1980). Every decision
has one mental operator in front. A phone has no keyboard to move the hand to and no shortcuts.
"""

from dataclasses import dataclass, field
from math import ceil

from playwright.sync_api import FilePayload, Locator, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

KEY = 0.28  # seconds of the operator K
POINT = 1.1  # P
HOME = 0.4  # H, between the keyboard and the mouse
THINK = 1.35  # M
BUTTON = 0.1  # B, for a press and again for a release
_STEP = 0.8  # of a window, which one turn of the wheel or one swipe moves
_PATIENCE = 5000  # milliseconds until something pressed has to be there
_AWAY = """(element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return Math.max(-top, bottom - innerHeight, 0) / innerHeight;
}"""


class UndoableError(Exception):
    """The page offers no way to do a task."""


@dataclass
class Hand:
    """What a person has done in a page so far.

    Attributes:
        clicks: Clicks and taps.
        keys: Keystrokes; each key of a shortcut counts.
        scrolls: Turns of the wheel and swipes.
    """

    page: Page
    is_phone: bool
    clicks: int = 0
    keys: int = 0
    scrolls: int = 0
    _homings: int = 0
    _decisions: int = 0
    _is_at_keys: bool = field(default=False, repr=False)

    @property
    def seconds(self) -> float:
        """The model's time for everything done so far."""
        pressed = self.clicks + self.scrolls
        return (
            self.keys * KEY
            + pressed * (POINT + 2 * BUTTON)
            + self._homings * HOME
            + self._decisions * THINK
        )

    def click(self, target: str | Locator) -> None:
        """Decide to click or tap an element, scroll to it if necessary, and do it."""
        self._decisions += 1
        self._press(target)

    def write(self, target: str, text: str) -> None:
        """Click a field and type in it."""
        self.click(target)
        self._type(text)

    def go_on(self, text: str) -> None:
        """Type in the field that has the focus."""
        self._decisions += 1
        self._type(text)

    def tab(self, text: str, target: str) -> None:
        """Move on to the next field, which is `target`, by Tab or a tap, and type in it."""
        if self.is_phone:
            return self.write(target, text)
        self._decisions += 1
        self._keys(1)
        self.page.keyboard.press("Tab")
        return self._type(text)

    def replace(self, target: str, text: str) -> None:
        """Put a text in the place of all that a field contains."""
        self.click(target)
        if self.is_phone:
            self._press(target)  # held until the menu with "Select all" appears,
            self.clicks += 1  # which is not part of the page
        else:
            self._keys(2)
        self.page.keyboard.press("Control+a")
        self._type(text)

    def paste(self, target: str, text: str) -> None:
        """Paste a text from the clipboard into a field."""
        self.click(target)
        if self.is_phone:
            self.clicks += 1  # "Paste", which is not part of the page
        else:
            self._keys(2)
        self.page.evaluate(_PASTE, text)

    def choose(self, target: str, value: str) -> None:
        """Open a list and choose one of its options, which browsers show outside of the page."""
        self._decisions += 1
        found = self._reach(target)
        self.clicks += 2
        found.focus()
        found.select_option(value)

    def upload(self, target: str, content: bytes) -> None:
        """Choose a file; what a person does in the system's own dialog is not counted."""
        file: FilePayload = {"name": "pier.jpg", "mimeType": "image/jpeg", "buffer": content}
        with self.page.expect_response("**/v1/media"):
            with self.page.expect_file_chooser() as chooser:
                self.click(target)
            chooser.value.set_files([file])

    def submit(self, shortcut: str, target: str) -> None:
        """Send what was written: by a shortcut at the desk, by the button on a phone."""
        if self.is_phone:
            return self.click(target)
        self._decisions += 1
        self._keys(shortcut.count("+") + 1)
        return self.page.keyboard.press(shortcut)

    def _press(self, target: str | Locator) -> None:
        found = self._reach(target)
        self.clicks += 1
        if self.is_phone:
            found.tap()
        else:
            found.click()

    def _reach(self, target: str | Locator) -> Locator:
        found = self.page.locator(target).first if isinstance(target, str) else target.first
        try:
            found.wait_for(timeout=_PATIENCE)
        except PlaywrightTimeoutError:
            raise UndoableError(f"{target} is not on the page") from None
        away = ceil(found.evaluate(_AWAY) / _STEP)
        self.scrolls += away
        if away:
            found.scroll_into_view_if_needed()
        self._home(is_at_keys=False)
        return found

    def _type(self, text: str) -> None:
        self._keys(len(text))
        self.page.keyboard.type(text)

    def _keys(self, number: int) -> None:
        self._home(is_at_keys=True)
        self.keys += number

    def _home(self, *, is_at_keys: bool) -> None:
        self._homings += not self.is_phone and self._is_at_keys != is_at_keys
        self._is_at_keys = is_at_keys


# Headless browsers have no clipboard without a permission: the event first, then the text.
_PASTE = """(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const init = { clipboardData, bubbles: true, cancelable: true };
  if (document.activeElement.dispatchEvent(new ClipboardEvent("paste", init))) {
    document.execCommand("insertText", false, text);
  }
}"""
