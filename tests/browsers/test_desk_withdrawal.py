"""The desk of a coverage that is withdrawn and brought back."""

import pytest

from tests.browsers.desk import Desk, until, write
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

_STATE = "document.querySelector('.connection').dataset.state"


@pytest.mark.parametrize("is_open", [True, False])
def test_a_desk_goes_on_when_its_coverage_is_back(
    desk: Desk, staffed_newsroom: Newsroom, is_open: bool
) -> None:
    """The timeline gets what was published meanwhile and what comes; a text under way stays.

    It does so in a desk that was open before the withdrawal, and in one that was opened later.
    """
    timeline = new_timeline(staffed_newsroom, new_slug())
    address = f"{timeline.path}/withdrawal"
    page = desk.open(timeline.slug) if is_open else None
    if page:
        until(page, f"{_STATE} === 'live'")
    staffed_newsroom.chief.put(address, json={"note": "By order."}).raise_for_status()
    page = page or desk.open(timeline.slug)
    until(page, f"{_STATE} === 'gone'")
    write(page, "Under way")
    timeline.publish("Meanwhile")
    staffed_newsroom.chief.delete(address).raise_for_status()
    until(page, f"{_STATE} === 'live'")
    timeline.publish("Later")
    for headline in ("Meanwhile", "Later"):
        page.locator("#updates .entry").filter(has_text=headline).wait_for(state="attached")
    assert page.locator(".board-head .withdrawn").count() == 0
    assert page.locator("[name=body]").input_value() == "Under way"
