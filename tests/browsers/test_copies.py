"""The copies of a summary that is retracted at the desk."""

from tests.browsers.desk import Desk
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline


def test_the_desk_names_the_days_that_still_have_a_copy(
    desk: Desk, staffed_newsroom: Newsroom
) -> None:
    """After the retraction of a summary the desk links to the days whose page took it over."""
    today = new_timeline(staffed_newsroom, new_slug())
    entry = today.publish("No water")
    staffed_newsroom.editor.put(f"{today.path}/entries/{entry['id']}/summary").raise_for_status()
    form = {"slug": new_slug(), "title": "The sixth day"}
    staffed_newsroom.chief.post(f"{today.path}/successor", json=form).raise_for_status()
    page = desk.open(today.slug)
    article = page.locator(f"#updates .entry[data-entry='{entry['id']}']")
    article.focus()
    page.keyboard.press("r")
    page.locator("#ask-retract [name=note]").fill("It was not so.")
    page.locator("#ask-retract .danger").click()
    link = page.locator(".copies").get_by_role("link", name="The sixth day")
    link.wait_for()
    assert link.get_attribute("href") == f"/desk/coverages/{form['slug']}"
