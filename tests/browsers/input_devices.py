"""Users of the desk: one has a keyboard and no mouse, the other a touch screen."""

from typing import TYPE_CHECKING

from tests.browsers.desk_page import PHONE, WIDE, act_on, fits, focused

if TYPE_CHECKING:
    from playwright.sync_api import Page

_MAX_TABS = 80  # presses of Tab until an element counts as unreachable
_MIN_TARGET = 44  # pixels

# Whether the focused element, or its group, has a name that begins like this.
_IS_AT = """(name) => {
  const at = document.activeElement;
  const group = at.closest("fieldset")?.querySelector("legend")?.innerText;
  const words = [at.innerText, at.ariaLabel, at.labels?.[0]?.innerText, group];
  return words.some((each) => each?.trim().startsWith(name));
}"""


class Keyboard:
    """A keyboard user: elements are reached by Tab or by their shortcut."""

    context_options = WIDE

    def __init__(self, page: "Page") -> None:
        self.page = page

    def _walk_to(self, name: str) -> None:
        for _ in range(_MAX_TABS):
            if self.page.evaluate(_IS_AT, name):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no way by Tab to {name!r}; at {focused(self.page)}")

    def press(self, name: str) -> None:
        """Press a button, or follow a link."""
        self._walk_to(name)
        self.page.keyboard.press("Enter")

    def choose(self, group: str, _name: str) -> None:
        """Choose the second of two options."""
        self._walk_to(group)
        self.page.keyboard.press("ArrowDown")

    def fill(self, name: str, text: str) -> None:
        """Fill in a field."""
        self._walk_to(name)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def send(self, _name: str) -> None:
        """Submit the composer."""
        self.page.keyboard.press("Control+Enter")

    def act(self, key: str, _name: str) -> None:
        """Press an action's key on the newest entry, from anywhere on the page."""
        self.page.keyboard.press("Escape")
        self.page.locator(".days .entry:focus").wait_for()
        self.page.keyboard.press(key)


class TouchScreen:
    """A touch user; checks that targets are large enough and that the page does not overflow."""

    context_options = PHONE | {"has_touch": True, "is_mobile": True}

    def __init__(self, page: "Page") -> None:
        self.page = page

    def press(self, name: str) -> None:
        """Tap a button or a link."""
        dialog = self.page.locator("dialog[open]")
        container = dialog if dialog.count() else self.page.locator("body")
        button, link = (container.get_by_role(role, name=name) for role in ("button", "link"))
        targets = button.or_(link).or_(container.locator("label.file", has_text=name))
        target = targets.locator("visible=true").first
        target.wait_for()
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= _MIN_TARGET
        assert fits(self.page)
        target.tap()

    def choose(self, _group: str, name: str) -> None:
        """Choose one of several options."""
        self.page.get_by_label(name).tap()

    def fill(self, name: str, text: str) -> None:
        """Fill in a field."""
        field = self.page.get_by_label(name).locator("visible=true").first
        field.tap()
        field.fill(text)

    def send(self, name: str) -> None:
        """Submit the composer."""
        self.page.locator("form.composer").get_by_role("button", name=name, exact=True).tap()

    def act(self, _key: str, name: str) -> None:
        """Tap an action of the newest entry."""
        newest = self.page.locator(".days .entry").first
        act_on(newest, name, touch=True)
