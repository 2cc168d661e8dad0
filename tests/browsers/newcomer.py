"""Somebody new at the desk: one has no mouse, the other has a telephone and a thumb."""

from typing import TYPE_CHECKING

from tests.browsers.desk_page import PHONE, WIDE, fits, focused

if TYPE_CHECKING:
    from playwright.sync_api import Page

_STEPS = 80  # by Tab, until there is no way
_SMALLEST = 44  # pixels that a thumb can meet

# Whether what has the focus is called so.
_IS_AT = """(name) => {
  const at = document.activeElement;
  const group = at.closest("fieldset")?.querySelector("legend")?.innerText;
  const words = [at.innerText, at.ariaLabel, at.labels?.[0]?.innerText, group];
  return words.some((each) => each?.trim().startsWith(name));
}"""


class Keys:
    """Whatever they press, they first walk to by Tab, or it has a key of its own."""

    manner = WIDE

    def __init__(self, page: "Page") -> None:
        self.page = page

    def _walk_to(self, name: str) -> None:
        for _ in range(_STEPS):
            if self.page.evaluate(_IS_AT, name):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no way by Tab to {name!r}; at {focused(self.page)}")

    def press(self, name: str) -> None:
        """Press a button, or follow a link."""
        self._walk_to(name)
        self.page.keyboard.press("Enter")

    def choose(self, group: str, _name: str) -> None:
        """Take the second of two."""
        self._walk_to(group)
        self.page.keyboard.press("ArrowDown")

    def fill(self, name: str, words: str) -> None:
        """Write into a field."""
        self._walk_to(name)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(words)

    def send(self, _name: str) -> None:
        """Send what is being written."""
        self.page.keyboard.press("Control+Enter")

    def act(self, key: str, _name: str) -> None:
        """Do something with the newest entry, from wherever the focus is."""
        self.page.keyboard.press("Escape")
        self.page.locator(".days .entry:focus").wait_for()
        self.page.keyboard.press(key)


class Thumb:
    """Whatever they touch is large enough, on a screen that does not go sideways."""

    manner = PHONE | {"has_touch": True, "is_mobile": True}

    def __init__(self, page: "Page") -> None:
        self.page = page

    def press(self, name: str) -> None:
        """Touch a button or a link."""
        asked = self.page.locator("dialog[open]")
        within = asked if asked.count() else self.page.locator("body")
        button, link = (within.get_by_role(role, name=name) for role in ("button", "link"))
        places = button.or_(link).or_(within.locator("label.file", has_text=name))
        place = places.locator("visible=true").first
        place.wait_for()
        box = place.bounding_box()
        assert box is not None
        assert box["height"] >= _SMALLEST
        assert fits(self.page)
        place.tap()

    def choose(self, _group: str, name: str) -> None:
        """Take one of several."""
        self.page.get_by_label(name).tap()

    def fill(self, name: str, words: str) -> None:
        """Write into a field."""
        field = self.page.get_by_label(name).locator("visible=true").first
        field.tap()
        field.fill(words)

    def send(self, name: str) -> None:
        """Send what is being written."""
        self.page.locator("form.composer").get_by_role("button", name=name, exact=True).tap()

    def act(self, _key: str, name: str) -> None:
        """Do something with the newest entry."""
        newest = self.page.locator(".days .entry").first
        newest.get_by_role("button", name=name).tap()
