"""Translations, as the desk's scripts ask for them: outdated ones, and those of an entry."""

from fastapi import APIRouter, Response

from app.desk.pages.layout import SignedIn
from app.formats.public_json import dump_json
from app.store.coverages import find_coverage
from app.store.entries import list_outdated, list_translations
from app.web.conditional import private_json
from app.web.identifiers import EntryRef
from app.web.params import Slug
from app.web.services import ServicesDep

routes = APIRouter(prefix="/desk/coverages/{slug}", include_in_schema=False)


@routes.get("/outdated")
async def get_outdated(services: ServicesDep, signed_in: SignedIn, slug: Slug) -> Response:
    """List the outdated translations of a coverage, the newest first."""
    signed_in.person.caller.within(slug).check("contributor")
    async with services.store.reading() as session:
        await find_coverage(session, slug)
        entries = await list_outdated(session, slug)
    listed = [{"id": each.id, "title": each.title, "language": each.language} for each in entries]
    return private_json(dump_json({"outdated": listed}))


@routes.get("/entries/{entry_id}/translations")
async def get_translations(
    services: ServicesDep, signed_in: SignedIn, slug: Slug, entry_id: EntryRef
) -> Response:
    """Return how many public translations an entry has, which a retraction takes along."""
    signed_in.person.caller.within(slug).check("contributor")
    async with services.store.reading() as session:
        await find_coverage(session, slug)
        translations = await list_translations(session, slug, entry_id)
    count = sum(each.status == "published" for each in translations)
    return private_json(dump_json({"translations": count}))
