"""Services: the parts of the application that endpoints use, built once by `app/wiring.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.access.oidc import Provider
from app.access.refusals import RefusalLog
from app.access.roles import Caller, Role
from app.access.sessions import PROVIDER, Session, SessionConfig
from app.broker.broker import Broker
from app.formats.html import HtmlRenderer
from app.formats.log.signed_note import NoteSigner
from app.formats.public_json import PublicJson
from app.hub.figure_tables import FigureTables
from app.hub.follower import WITHDRAWAL
from app.hub.hub import Hub
from app.media.ingest import MediaIngest
from app.store.engine import Store
from app.store.idempotency import RequestName
from app.web.rate_limits.sign_ins import SignInLimiter
from app.web.rate_limits.streams import StreamLimiter
from app.web.rate_limits.writes import WriteLimiter
from app.web.third_parties import ThirdParties


@dataclass(frozen=True, slots=True)
class ContentLimits:
    """The operator's limits.

    `headline` is in characters; `body`, `request` and `journal` are in bytes; `tags` is a count.
    """

    headline: int = 300
    body: int = 64 * 1024
    request: int = 1024 * 1024
    journal: int = 128 * 1024 * 1024
    tags: int = 20


DeskMatter = Literal["drafts", "visits"]

# The prefix of a slug in the topic of its desk notifications, by what has changed.
DESK_TOPICS: dict[DeskMatter, str] = {"drafts": "~", "visits": "~~"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one application.

    `safety_delay` is how long people can undo a publication, `keep_retracted` how long the newsroom
    keeps the words of a retracted entry, `keep_audit` how long it keeps audit entries.
    `stream_limiter` limits the streams of readers, `desk_stream_limiter` those of the desk.
    `second_factor` is the lowest role that requires a second factor, None if none does. `provider`
    is the newsroom's identity provider, None without one. `frame_ancestors` are the sites that may
    frame an embedded coverage; empty for none. `third_parties` are hosts that the theme's pages may
    use. `challenge_key` signs challenges for passkeys,
    `log_signer` the checkpoints of logs.
    `security_contacts` are URIs, for `security.txt`. `running` holds the idempotent requests in
    progress, `notified` the stamp of the last notification of each desk topic.
    """

    store: Store
    broker: Broker
    hub: Hub
    figure_tables: FigureTables
    form: PublicJson
    html_renderer: HtmlRenderer
    now: Callable[[], datetime]
    limits: ContentLimits
    write_limiter: WriteLimiter
    stream_limiter: StreamLimiter
    desk_stream_limiter: StreamLimiter
    sign_in_limiter: SignInLimiter
    challenge_key: bytes
    log_signer: NoteSigner
    refusals: RefusalLog
    sessions: SessionConfig
    media: MediaIngest
    provider: Provider | None = None
    safety_delay: timedelta = _NO_TIME
    keep_retracted: timedelta = _NO_TIME
    keep_audit: timedelta = timedelta(days=365)
    second_factor: Role | None = None
    frame_ancestors: tuple[str, ...] = ()
    third_parties: ThirdParties = field(default_factory=ThirdParties)
    security_contacts: tuple[str, ...] = ()
    running: set[RequestName] = field(default_factory=set)
    notified: dict[str, int] = field(default_factory=dict)

    async def announce(self, slug: str, seq: int) -> None:
        """Announce that a journal has reached a seq, after the commit and before the answer.

        From now on this process answers with nothing older; the broker notifies the others.
        """
        self.hub.follower.notify(slug, seq)
        await self.broker.notify(slug, seq)

    async def announce_withdrawal(self, slug: str) -> None:
        """Announce that a coverage was withdrawn, after the commit and before the answer."""
        self.hub.follower.end(slug)
        await self._notify_by_time(WITHDRAWAL + slug)

    async def notify_desk(self, slug: str, matter: DeskMatter = "drafts") -> None:
        """Notify desks that drafts or visits of a coverage have changed, after the commit."""
        await self._notify_by_time(DESK_TOPICS[matter] + slug)

    async def _notify_by_time(self, topic: str) -> None:
        milliseconds = (self.now() - _EPOCH) // timedelta(milliseconds=1)
        # Otherwise two notifications in one millisecond, or after the clock went back, would count
        # as one.
        self.notified[topic] = stamp = max(milliseconds, self.notified.get(topic, 0) + 1)
        await self.broker.notify(topic, stamp)

    def needs_factor(self, session: Session) -> bool:
        """Return whether a person has to set up a second factor before any other action.

        A factor that was used in this session and has been removed since does not count.
        """
        needed, shown = self.second_factor, session.second_factor
        if needed is None or not session.person.caller.may_somewhere(needed):
            return False
        return shown is None or not (shown == PROVIDER or session.person.second_factor)

    def delay_of(self, caller: Caller) -> timedelta | None:
        """Return how long to delay what a caller publishes; None to publish at once.

        Only people get the safety delay: what tools publish is public at once.
        """
        return self.safety_delay if self.safety_delay and caller.is_person else None


def services_of(connection: HTTPConnection) -> Services:
    """Return the services of the application that serves this connection."""
    services: Services = connection.app.state.services
    return services


async def _services(connection: HTTPConnection) -> Services:
    return services_of(connection)


# Asynchronous, though it awaits nothing: FastAPI runs synchronous ones in a thread, for 300 µs.
ServicesDep = Annotated[Services, Depends(_services)]
