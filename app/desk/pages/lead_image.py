"""The lead image in a coverage's form: its id, and the texts that are printed beside it.

The page's script uploads a picture as soon as it is chosen, and the form sends its id. The texts
are saved with the form, which therefore needs no script to change them or to remove the picture.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.desk.api.media_form import MediaForm
from app.formats.public_json import dump_json
from app.media.errors import UnknownMediaId
from app.newsroom.media import change_texts, find_usable
from app.timeline.coverage import Coverage
from app.timeline.entry import Media
from app.web.json_body import parse_form
from app.web.problems import InvalidPayload, UnknownMedia
from app.web.services import Services

LEAD = "lead_image"
_WORDS = ("alt", "caption", "credit")  # a form has no field for the rest, and leaves it as it is
_REMOVE = f"{LEAD}.remove"
NO_LEAD = dict.fromkeys((LEAD, _REMOVE, *(f"{LEAD}.{word}" for word in _WORDS)), "")


def texts_of_lead(lead: Media | None) -> dict[str, str]:
    """Convert a picture to the texts that its fields show."""
    if lead is None:
        return NO_LEAD
    words = {f"{LEAD}.{word}": getattr(lead, word) or "" for word in _WORDS}
    return NO_LEAD | {LEAD: lead.id} | words


def chosen_lead(fields: Mapping[str, str]) -> str | None:
    """Return the id of the picture that a form asks for; None for no picture."""
    return None if fields.get(_REMOVE) else fields[LEAD].strip() or None


def is_same_lead(fields: Mapping[str, str], lead: Media | None) -> bool:
    """Whether a form leaves the picture and its texts as they are."""
    shown = texts_of_lead(lead)
    return all(_typed(fields, name) == _typed(shown, name) for name in NO_LEAD if name in fields)


def read_lead_words(fields: Mapping[str, str], services: Services) -> dict[str, Any]:
    """Return the texts beside the picture, by name.

    Raises:
        InvalidPayload: a text is refused; it is named as the form's field is.
    """
    sent = {word: _typed(fields, f"{LEAD}.{word}") for word in _WORDS if f"{LEAD}.{word}" in fields}
    try:
        return parse_form(MediaForm, dump_json(sent), services.limits).words()
    except InvalidPayload as error:
        renamed = [(f"/{LEAD}.{each['pointer'][1:]}", each["detail"]) for each in error.errors]
        raise InvalidPayload(renamed) from None


async def save_lead_words(
    session: AsyncSession, fields: Mapping[str, str], caller: Caller, services: Services
) -> None:
    """Save the texts of the picture that a form asks for, if it asks for one.

    Raises:
        UnknownMedia: there is no such picture, or the caller may not use it.
    """
    if LEAD in fields and (media_id := chosen_lead(fields)):
        try:
            await change_texts(session, media_id, read_lead_words(fields, services), caller)
        except UnknownMediaId:
            raise UnknownMedia([(f"/{LEAD}", "there is no media of this id")]) from None


async def find_lead(
    services: Services, caller: Caller, fields: Mapping[str, str], coverage: Coverage | None
) -> Media | None:
    """Return the picture that a form shows; None for none, or one that cannot be used."""
    lead = coverage.lead_image if coverage else None
    if lead is not None and lead.id == fields[LEAD]:
        return lead
    try:
        async with services.store.reading() as session:
            return await find_usable(session, fields[LEAD], caller) if fields[LEAD] else None
    except UnknownMediaId:
        return None


def _typed(fields: Mapping[str, str], name: str) -> str:
    # A browser sends CR LF for the end of a line.
    return fields[name].replace("\r\n", "\n").strip()
