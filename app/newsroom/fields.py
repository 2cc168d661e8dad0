"""Convert forms to the fields of entries and coverages, and look up the media that they name."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.newsroom.forms import CoverageForm, EntryForm
from app.newsroom.permissions import may_use_media
from app.store.media import find_media
from app.store.ownership import find_owners
from app.timeline.change import event_time
from app.timeline.claim import merge_claims
from app.timeline.coverage import Coverage, CoverageFields
from app.timeline.entry import Entry, EntryFields, Media
from app.web.problems import InvalidPayload, UnknownMedia


async def entry_fields(
    session: AsyncSession,
    form: EntryForm,
    caller: Caller,
    coverage: Coverage,
    now: datetime,
    current: Entry | None = None,
) -> EntryFields:
    """Convert a form to the fields that it sets on an entry.

    Args:
        session: where media are looked up.
        form: what was sent.
        caller: who sent it.
        coverage: the entry's coverage.
        now: the present time.
        current: the entry as it is; None for a new one. Any caller who may change the entry may
            keep its media: another author may have added them, and those of a draft may be
            withdrawn.

    Raises:
        UnknownMedia: the form names media that do not exist or that the caller may not use.
        UnknownStatement: the form names claims that the entry does not have.
        InvalidPayload: the value of a figure is not understood.
    """
    fields = form.fields()
    sent = form.model_fields_set
    language = form.language or (current or coverage).language
    if "claims" in sent:
        ids = [secrets.token_hex(4) for _ in form.claims]
        written = [claim.fields() for claim in form.claims]
        at = event_time(coverage, now)
        fields["claims"] = merge_claims(current.claims if current else (), written, ids, at)
    if "figures" in sent:
        fields["figures"] = tuple(
            figure.figure(language, f"/figures/{index}")
            for index, figure in enumerate(form.figures)
        )
    if "media" in sent:
        shown = current.media if current else ()
        places = [f"/media/{number}" for number in range(len(form.media))]
        fields["media"] = await _media(session, form.media, places, caller, shown)
    return fields


async def coverage_fields(
    session: AsyncSession, form: CoverageForm, caller: Caller, lead: Media | None = None
) -> CoverageFields:
    """Convert a form to the fields that it sets on a coverage.

    Args:
        session: where media are looked up.
        form: what was sent.
        caller: who sent it.
        lead: the coverage's present lead image; None for none.

    Raises:
        UnknownMedia: the form names media that do not exist or that the caller may not use.
        InvalidPayload: the lead image is graphic: index and other sites would show it uncovered.
    """
    fields = form.fields()
    if "lead_image" in form.model_fields_set:
        fields["lead_image"] = None
        if form.lead_image is not None:
            current, ids = [lead] if lead else [], [form.lead_image]
            (lead,) = await _media(session, ids, ["/lead_image"], caller, current)
            if lead.graphic:
                raise InvalidPayload([("/lead_image", "is graphic and cannot be the lead image")])
            fields["lead_image"] = lead
    return fields


async def _media(
    session: AsyncSession,
    ids: Sequence[str],
    places: Sequence[str],
    caller: Caller,
    current: Sequence[Media],
) -> tuple[Media, ...]:
    known = {media.id: media for media in current}
    owners = await find_owners(session, ids)
    usable = {id_ for id_, owner in owners.items() if may_use_media(owner, caller)} | known.keys()
    media_by_id = await find_media(session, ids)
    known |= {id_: media for id_, media in media_by_id.items() if id_ in usable}
    missing = [
        (at, "there is no media of this id")
        for id_, at in zip(ids, places, strict=True)
        if id_ not in known
    ]
    if missing:
        raise UnknownMedia(missing)
    return tuple(known[id_] for id_ in ids)
