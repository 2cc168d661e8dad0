"""Settings: read from environment variables `DATELINE_…`, or the same names in a file `.env`."""

import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.access.issuer import is_installed, is_safe
from app.formats.embeds.sites import SITES, EmbedSites
from app.media.storage.address import check_media_url
from app.store.database_url import parse_database_url
from app.web.cors import check_origins
from app.web.csp import check_ancestors
from app.web.third_parties import ThirdParties, parse_third_parties


def _seconds(text: object) -> object:
    # pydantic reads a number as seconds, but not as text, and all settings are text.
    if not isinstance(text, str) or text.upper().startswith("P"):
        return text
    try:
        return float(text)
    except ValueError:
        raise ValueError("expected seconds, or a duration such as PT1M30S") from None


def _bounded(span: timedelta) -> timedelta:
    if not timedelta(0) < span <= timedelta(days=1):
        raise ValueError("expected more than 0 seconds, and a day at most")
    return span


def _long_bounded(span: timedelta) -> timedelta:
    if not timedelta(0) < span <= timedelta(days=365):
        raise ValueError("expected more than 0 seconds, and a year at most")
    return span


# RFC 9116 requires URIs; a line end in one would begin another field.
_CONTACT = re.compile(
    r"mailto:[!-~]+@[!-~]+|https://[A-Za-z0-9.-]+(?::\d+)?(?:/[!-~]*)?|tel:\+[0-9-]+", re.ASCII
)

Span = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_bounded)]
LongSpan = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_long_bounded)]


def _short(span: timedelta) -> timedelta:
    if not timedelta(0) <= span <= timedelta(hours=1):
        raise ValueError("expected 0 to 3600 seconds")
    return span


def _retention(span: timedelta) -> timedelta:
    if not timedelta(0) <= span <= timedelta(days=3650):
        raise ValueError("expected 0, or up to ten years, such as P30D")
    return span


Delay = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_short)]
Retention = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_retention)]


class SettingsError(Exception):
    """A setting is wrong; the message is one line with its name and the expected value."""


def _database_url(url: str) -> str:
    parse_database_url(url)
    return url


def _public_url(url: str) -> str:
    expected = "expected an address such as https://live.example.org"
    if not url.startswith(("http://", "https://")) or any(c.isspace() for c in url):
        raise ValueError(expected)
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None:
        raise ValueError(expected)
    if parts.path.strip("/") or parts.query or parts.fragment or url.endswith(("?", "#")):
        raise ValueError(f"{expected}, without a path: Dateline needs a host of its own")
    return url.rstrip("/")


def _issuer(address: str) -> str:
    if not is_safe(address) or not urlsplit(address).hostname:
        raise ValueError("expected an address such as https://id.example.org")
    if not is_installed():
        raise ValueError("an identity provider needs the extra dateline[oidc]")
    return address


def _proxies(text: str) -> str:
    if text.strip() != "*":
        for part in text.split(","):
            ip_network(part.strip())
    return text.strip()


def _zone(name: object) -> ZoneInfo:
    if isinstance(name, ZoneInfo):
        return name
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected a time zone such as Europe/London or UTC") from None


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError("expected an existing folder")
    return path


def _sites(text: object) -> object:
    if not isinstance(text, str):
        return text
    return () if text.strip() == "none" else [part.strip() for part in text.split(",")]


def _contacts(text: object) -> object:
    return [part.strip() for part in text.split(",")] if isinstance(text, str) else text


def _reachable(contacts: tuple[str, ...]) -> tuple[str, ...]:
    for contact in contacts:
        if not _CONTACT.fullmatch(contact):
            raise ValueError(
                "expected mailto:ADDRESS, https://… or tel:+NUMBER, with commas between them"
            )
    return contacts


def _known_sites(names: tuple[str, ...]) -> tuple[str, ...]:
    EmbedSites(names)
    return names


def _third_parties(names: tuple[str, ...]) -> tuple[str, ...]:
    parse_third_parties(names)
    return names


class Settings(BaseSettings):
    """Every setting, with its default; times are seconds or ISO 8601 durations."""

    model_config = SettingsConfigDict(
        env_prefix="DATELINE_", env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True
    )

    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        "sqlite:///dateline.db",
        description="Database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    broker_url: str = Field(
        "memory://",
        pattern=r"^(memory|postgres|postgresql|redis|rediss|valkey|valkeys)://",
        description="Message broker: memory:// for a single process, postgres://… or redis://….",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(
        1, ge=1, le=64, description="Number of server processes; more than one requires a broker."
    )
    public_url: Annotated[str, AfterValidator(_public_url)] | None = Field(
        None, description="Public URL of this server; by default http://HOST:PORT."
    )
    name: str = Field(
        "Dateline", min_length=1, max_length=200, description="Name of the newsroom for readers."
    )
    time_zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = Field(
        ZoneInfo("UTC"), description="Time zone (IANA) in which pages show times."
    )
    theme_dir: Annotated[Path, AfterValidator(_folder)] | None = Field(
        None, description="Folder with the newsroom's own templates and static files."
    )
    embeds: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_sites), AfterValidator(_known_sites)
    ] = Field(
        tuple(SITES),
        description=f"Sites whose content can be embedded: {', '.join(SITES)}, mastodon:HOST, "
        "peertube:HOST, separated by commas; or none.",
    )
    embed_cards: bool = Field(
        True,
        description="Whether the server asks other sites for author, text and picture of embeds.",
    )
    frame_ancestors: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_sites), AfterValidator(check_ancestors)
    ] = Field(
        ("*",),
        description="Sites that may embed a coverage in a frame, separated by commas; *, or none.",
    )
    csp_hosts: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_sites), AfterValidator(_third_parties)
    ] = Field(
        (),
        description="Hosts of other services that a theme's pages may use: HOST, or for one kind "
        "scripts=HOST, frames=HOST, images=HOST or connects=HOST, separated by commas.",
    )
    cors_origins: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_sites), AfterValidator(check_origins)
    ] = Field(
        (),
        description="Sites whose pages may write with an API key (CORS), separated by commas.",
    )
    hsts: Retention = Field(
        timedelta(days=365),
        description="How long browsers use HTTPS only (HSTS), if DATELINE_PUBLIC_URL is https.",
    )
    security_contact: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_contacts), AfterValidator(_reachable)
    ] = Field(
        (),
        description="Contacts for vulnerability reports, for security.txt: mailto:ADDRESS, "
        "https://… or tel:+NUMBER, separated by commas.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lowest level that is logged."
    )
    heartbeat: Span = Field(
        timedelta(seconds=20), description="Idle time after which a stream sends a heartbeat."
    )
    stream_lifetime: Span = Field(
        timedelta(minutes=10), description="Maximum duration of a stream, which then resumes."
    )
    stall: Span = Field(
        timedelta(seconds=10),
        description="How long a stream waits for a client that does not read.",
    )
    replay_limit: int = Field(
        5000, ge=0, le=1_000_000, description="Maximum number of events that a stream replays."
    )
    stream_capacity: int = Field(10_000, ge=1, description="Maximum open streams per process.")
    streams_per_address: int = Field(
        1000, ge=1, description="Maximum open streams per client address (IPv6: /64) and process."
    )
    streams_per_person: int = Field(
        100, ge=1, description="Maximum open streams per person or key, and process."
    )
    desk_capacity: int = Field(
        2000, ge=1, description="Maximum open streams of the desk per process."
    )
    connections_per_second: int = Field(
        200, ge=1, description="Sustained rate of new connections per second and client address."
    )
    connects_per_second: int = Field(
        200,
        ge=1,
        description="Sustained rate of new streams per second and client address.",
    )
    trusted_proxies: Annotated[str, AfterValidator(_proxies)] = Field(
        "127.0.0.1,::1", description="Addresses and networks of trusted proxies; * trusts all."
    )
    connections_per_address: int = Field(
        500,
        ge=1,
        description="Maximum connections without a stream per address and process.",
    )
    head_limit: int = Field(
        32 * 1024, ge=1024, le=1024 * 1024, description="Maximum size of a request's head in bytes."
    )
    head_patience: Span = Field(
        timedelta(seconds=20), description="Time-out for the head of a request."
    )
    body_patience: Span = Field(
        timedelta(seconds=30),
        description="Time-out for a pause in a request body, or in reading a response.",
    )
    min_data_rate: int = Field(
        1024,
        ge=1,
        description="Minimum rate of a request body or response, in bytes per second.",
    )
    body_memory: int = Field(
        64 * 1024 * 1024,
        ge=1024,
        description="Maximum bytes of request bodies in memory; half of it per address.",
    )
    cache_bytes: int = Field(
        64 * 1024 * 1024,
        ge=0,
        description="Size of the response cache per process in bytes; 0 disables it.",
    )
    loop_share: float = Field(
        0.1,
        gt=0,
        le=1,
        description="Maximum share of a process's time that one client address may use for "
        "responses that are not cached; 1 disables the limit.",
    )
    safety_delay: Delay = Field(
        timedelta(0),
        description="Delay before what people publish is public, in which it can be undone.",
    )
    keep_retracted: Retention = Field(
        timedelta(days=30),
        description="How long the text of retracted entries is retained; 0 retains none.",
    )
    keep_audit: Retention = Field(
        timedelta(days=365), description="How long audit entries are retained; 0 retains none."
    )
    drain: Span = Field(
        timedelta(seconds=10), description="How long shutdown waits for requests in progress."
    )
    headline_limit: int = Field(
        300, ge=1, le=10_000, description="Longest headline, in characters."
    )
    body_limit: int = Field(64 * 1024, ge=1, description="Largest body of an entry, in bytes.")
    request_limit: int = Field(1024 * 1024, ge=1024, description="Largest request body, in bytes.")
    import_limit: int = Field(128 * 1024 * 1024, ge=1024, description="Largest import, in bytes.")
    media_dir: Path = Field(
        Path("media"), description="Folder for pictures and videos, created at the first upload."
    )
    media_url: Annotated[str, AfterValidator(check_media_url)] | None = Field(
        None, description="Object storage for media, instead of the folder: s3://BUCKET/PREFIX."
    )
    media_limit: int = Field(
        25 * 1024 * 1024, ge=1024, le=1024**3, description="Largest picture upload, in bytes."
    )
    video_limit: int = Field(
        200 * 1024 * 1024, ge=1024, le=16 * 1024**3, description="Largest video upload, in bytes."
    )
    video_duration: Span = Field(timedelta(hours=1), description="Maximum duration of a video.")
    conversion_duration: Span = Field(
        timedelta(minutes=10), description="Maximum duration of a video that has to be converted."
    )
    media_pixels: int = Field(
        100_000_000, ge=10_000, le=200_000_000, description="Largest picture upload, in pixels."
    )
    media_frames: int = Field(500, ge=1, le=10_000, description="Longest animation, in frames.")
    media_memory: int = Field(
        1024 * 1024 * 1024,
        ge=256 * 1024 * 1024,
        description="Memory limit, in bytes, of a process that opens pictures or videos.",
    )
    tags_limit: int = Field(20, ge=0, le=1000, description="Maximum number of tags of an entry.")
    writes_per_minute: int = Field(
        60_000, ge=1, description="Newsroom requests per minute and caller, per process."
    )

    oidc_issuer: Annotated[str, AfterValidator(_issuer)] | None = Field(
        None, description="Issuer of the identity provider for sign-in (OpenID Connect)."
    )
    oidc_client_id: str | None = Field(None, description="Client ID at the identity provider.")
    oidc_client_secret: SecretStr | None = Field(
        None, description="Client secret at the identity provider."
    )
    session_idle: LongSpan = Field(
        timedelta(hours=12), description="How long a session may be idle before it ends."
    )
    session_lifetime: LongSpan = Field(
        timedelta(days=14), description="Maximum duration of a session."
    )

    second_factor: Literal["editor", "chief"] | None = Field(
        None, description="Lowest role that requires a second factor to sign in."
    )

    @property
    def third_parties(self) -> ThirdParties:
        """The hosts of other services that a theme's pages may use."""
        return parse_third_parties(self.csp_hosts)

    @property
    def base_url(self) -> str:
        """The public URL of this server, without a slash at the end."""
        return self.public_url or f"http://{self.host}:{self.port}"


def read_settings() -> Settings:
    """Read the settings from the environment and `.env`.

    Raises:
        SettingsError: a value is wrong.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = f"DATELINE_{str(first['loc'][0]).upper()}"
        expectation = (
            first["msg"].removeprefix("Value error, ").replace("Input should", "it should")
        )
        raise SettingsError(f"{name}: {expectation}") from None
    if settings.workers > 1 and settings.broker_url.startswith("memory:"):
        raise SettingsError(
            "DATELINE_WORKERS: more than 1 needs DATELINE_BROKER_URL=postgres://… or redis://…"
        )
    names = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")
    missing = [f"DATELINE_{name.upper()}" for name in names if getattr(settings, name) is None]
    if 0 < len(missing) < len(names):
        raise SettingsError(f"{missing[0]}: set all three DATELINE_OIDC_… settings, or none")
    return settings
