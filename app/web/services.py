"""What both doors are given: the rooms behind them, built once by `main`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.access.oidc import Provider
from app.access.refusals import RefusalLog
from app.access.roles import Caller, Role
from app.access.sessions import PROVIDER, Session, SessionTerms
from app.broker.broker import Broker
from app.formats.html import HtmlRenderer
from app.formats.public_json import PublicJson
from app.hub.hub import Hub
from app.hub.past import Past
from app.media.ingest import MediaIngest
from app.store.engine import Store
from app.store.idempotency import RequestName
from app.web.rate_limits.sign_ins import SignInLimiter
from app.web.rate_limits.streams import StreamLimiter
from app.web.rate_limits.writes import WriteLimiter


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is too much: characters, bytes and counts."""

    headline: int = 300
    body: int = 64 * 1024
    request: int = 1024 * 1024
    journal: int = 128 * 1024 * 1024
    tags: int = 20


DeskMatter = Literal["drafts", "visits"]

# What stands before a slug in the topic of its desk's bell, by what has changed there.
DESK_TOPICS: dict[DeskMatter, str] = {"drafts": "~", "visits": "~~"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Services:
    """The rooms behind the doors.

    `safety_delay` is how long what people publish can still be undone, `keep_retracted` how long
    the newsroom keeps the words of a retracted entry, `keep_audit` its audit. `stream_limiter`
    limits the streams of readers, `desk_stream_limiter` those of the desk. `second_factor` is the
    role from which on people need one, None where nobody does. `provider` is the newsroom's
    identity provider, None without one. `frame_ancestors` are the sites that may frame an embedded
    coverage, none where it is empty. `challenge_key` signs challenges for passkeys.
    `security_contacts` are URIs, for `security.txt`. `running` holds the idempotent requests under
    way; `notified` the last ring of each topic of a desk.
    """

    store: Store
    broker: Broker
    hub: Hub
    past: Past
    form: PublicJson
    html_renderer: HtmlRenderer
    now: Callable[[], datetime]
    bounds: Bounds
    write_limiter: WriteLimiter
    stream_limiter: StreamLimiter
    desk_stream_limiter: StreamLimiter
    sign_in_limiter: SignInLimiter
    challenge_key: bytes
    refusals: RefusalLog
    sessions: SessionTerms
    media: MediaIngest
    provider: Provider | None = None
    safety_delay: timedelta = _NO_TIME
    keep_retracted: timedelta = _NO_TIME
    keep_audit: timedelta = timedelta(days=365)
    second_factor: Role | None = None
    frame_ancestors: tuple[str, ...] = ()
    security_contacts: tuple[str, ...] = ()
    running: set[RequestName] = field(default_factory=set)
    notified: dict[str, int] = field(default_factory=dict)

    async def announce(self, slug: str, seq: int) -> None:
        """Say that a journal has reached a seq, after the commit and before the writer is answered.

        In this process nothing older is read from now on; the others hear of it soon.
        """
        self.hub.follower.notify(slug, seq)
        await self.broker.notify(slug, seq)

    async def notify_desk(self, slug: str, matter: DeskMatter = "drafts") -> None:
        """Say that drafts or visits of a coverage have changed, after the commit."""
        topic = DESK_TOPICS[matter] + slug
        milliseconds = (self.now() - _EPOCH) // timedelta(milliseconds=1)
        # Two rings of one millisecond, or a clock that went back, would else be taken for one.
        self.notified[topic] = stamp = max(milliseconds, self.notified.get(topic, 0) + 1)
        await self.broker.notify(topic, stamp)

    def needs_factor(self, session: Session) -> bool:
        """Whether somebody has to set up a second factor before they may do anything else.

        One that was shown and taken away since does not count.
        """
        needed, shown = self.second_factor, session.second_factor
        if needed is None or not session.person.caller.may_somewhere(needed):
            return False
        return shown is None or not (shown == PROVIDER or session.person.second_factor)

    def held_until(self, caller: Caller) -> datetime | None:
        """Till when to hold what somebody publishes now; None for not at all.

        Only people have second thoughts: what tools publish goes out at once.
        """
        if not self.safety_delay or not caller.is_person:
            return None
        return self.now() + self.safety_delay


def services_of(connection: HTTPConnection) -> Services:
    """The house of the application that serves this connection."""
    services: Services = connection.app.state.services
    return services


async def _the_house(connection: HTTPConnection) -> Services:
    return services_of(connection)


# Asynchronous, though it waits for nothing: FastAPI runs the others in a thread, for 300 µs.
ServicesDep = Annotated[Services, Depends(_the_house)]
