"""Tests of what the newsroom alone knows of a successor."""

from app.formats.public_json import PublicJson
from app.newsroom.coverages import create_coverage
from app.newsroom.forms import NewCoverageForm, SuccessorForm
from app.newsroom.successor import open_successor
from app.store.coverages import find_coverage
from app.store.engine import Store
from app.web.services import ContentLimits
from tests.newsroom.story import CHIEF
from tests.strategies import START


async def test_the_desk_goes_on_with_the_same_bylines(store: Store) -> None:
    """The successor has today's choice of the name that the desk puts into a new entry."""
    limits = ContentLimits()
    today = {"slug": "day-1", "title": "The first day", "entry_bylines": "writer"}
    plan = NewCoverageForm.model_validate(today, context=limits)
    form = SuccessorForm.model_validate({"slug": "day-2", "title": "Next"}, context=limits)
    encoder = PublicJson("https://news.example")
    async with store.writing() as session:
        await create_coverage(session, plan, CHIEF, START)
        await open_successor(session, "day-1", form, CHIEF, encoder, START)
        assert (await find_coverage(session, "day-2")).entry_bylines == "writer"
