"""What a form sets, with the media that it names looked up."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from app.desk.forms import CoverageForm, EntryForm
from app.store.media import find_media
from app.timeline.coverage import CoverageFields
from app.timeline.entry import EntryFields, Media
from app.web.problems import UnknownMedia


async def entry_fields(session: AsyncSession, form: EntryForm) -> EntryFields:
    """What a form sets on an entry.

    Raises:
        UnknownMedia: it names media that are not there.
    """
    fields = form.fields()
    if "media" in form.model_fields_set:
        places = [f"/media/{number}" for number in range(len(form.media))]
        fields["media"] = await _media(session, form.media, places)
    return fields


async def coverage_fields(session: AsyncSession, form: CoverageForm) -> CoverageFields:
    """What a form sets on a coverage.

    Raises:
        UnknownMedia: it names media that are not there.
    """
    fields = form.fields()
    if "lead_image" in form.model_fields_set:
        fields["lead_image"] = None
        if form.lead_image is not None:
            (fields["lead_image"],) = await _media(session, [form.lead_image], ["/lead_image"])
    return fields


async def _media(
    session: AsyncSession, ids: Sequence[str], places: Sequence[str]
) -> tuple[Media, ...]:
    known = await find_media(session, ids)
    missing = [
        (at, "there is no media of this id")
        for id_, at in zip(ids, places, strict=True)
        if id_ not in known
    ]
    if missing:
        raise UnknownMedia(missing)
    return tuple(known[id_] for id_ in ids)
