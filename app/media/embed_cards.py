"""Cards of embeds: reads from another site, once, what it says of its content.

A card is read when an address is sent to the newsroom's API, before any entry refers to it. So no
publication waits for another site, and no reader's browser asks one. A site that does not answer
within the time limit has no card, and the embed stays a link.
"""

import asyncio
import logging
import re

from app.formats.embeds.sites import Embed
from app.intake.embed_card import Description, read_description
from app.media.outside_client import FetchRefused, OutsideClient

_log = logging.getLogger(__name__)

_TIME_LIMIT = 5.0  # seconds for the description and the picture
_JSON = re.compile(r"application/json(?:\+oembed)?")
_PICTURE = re.compile(r"image/(?:jpeg|png|webp|avif|gif)")
_NOTHING = Description(None, None)


class EmbedCards:
    """Reads the cards of embeds.

    Args:
        client: fetches from other sites.
        time_limit: seconds for a card and its picture.
    """

    def __init__(
        self, client: OutsideClient | None = None, time_limit: float = _TIME_LIMIT
    ) -> None:
        self._client = client or OutsideClient()
        self._time_limit = time_limit

    async def read(self, embed: Embed) -> tuple[Description, bytes | None]:
        """Read the description of an embed, and fetch its picture.

        Returns:
            The description and the picture as sent; an empty one and None for what is not there.
        """
        if embed.oembed is None:
            return _NOTHING, None
        description = _NOTHING
        try:
            async with asyncio.timeout(self._time_limit):
                description = read_description(await self._client.fetch(embed.oembed, _JSON), embed)
                if description.picture is None:
                    return description, None
                return description, await self._client.fetch(description.picture, _PICTURE)
        except (FetchRefused, TimeoutError, ValueError) as error:
            what = "card" if description is _NOTHING else "picture"
            _log.info("no %s of %s: %s", what, embed.page, error or "it took too long")
        return description, None
