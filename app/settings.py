"""Settings: read from environment variables `DATELINE_…`, or the same names in a file `.env`."""

from datetime import timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.formats.embeds.sites import SITES
from app.setting_types import (
    Ancestors,
    Contacts,
    DatabaseUrl,
    Delay,
    Folder,
    Issuer,
    LongSpan,
    MapLink,
    MediaUrl,
    Origins,
    Proxies,
    PublicUrl,
    Retention,
    Sites,
    Span,
    ThirdPartyHosts,
    Zone,
)
from app.settings_error import SettingsError
from app.web.third_parties import ThirdParties, parse_third_parties


class Settings(BaseSettings):
    """Every setting, with its default; times are seconds or ISO 8601 durations."""

    model_config = SettingsConfigDict(
        env_prefix="DATELINE_", env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True
    )

    database_url: DatabaseUrl = Field(
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
    public_url: PublicUrl | None = Field(
        None, description="Public URL of this server; by default http://HOST:PORT."
    )
    name: str = Field(
        "Dateline", min_length=1, max_length=200, description="Name of the newsroom for readers."
    )
    time_zone: Zone = Field(
        ZoneInfo("UTC"), description="Time zone (IANA) in which pages show times."
    )
    theme_dir: Folder | None = Field(
        None, description="Folder with the newsroom's own templates and static files."
    )
    embeds: Sites = Field(
        tuple(SITES),
        description=f"Sites whose content can be embedded: {', '.join(SITES)}, mastodon:HOST, "
        "peertube:HOST, separated by commas; or none.",
    )
    embed_cards: bool = Field(
        True,
        description="Whether the server asks other sites for author, text and picture of embeds.",
    )
    map_link: MapLink | None = Field(
        None,
        description="Address of a place at a map service, with {lat} and {lon}; by default geo:.",
    )
    frame_ancestors: Ancestors = Field(
        ("*",),
        description="Sites that may embed a coverage in a frame, separated by commas; *, or none.",
    )
    csp_hosts: ThirdPartyHosts = Field(
        (),
        description="Hosts of other services that a theme's pages may use: HOST, or for one kind "
        "scripts=HOST, frames=HOST, images=HOST or connects=HOST, separated by commas.",
    )
    cors_origins: Origins = Field(
        (),
        description="Sites whose pages may write with an API key (CORS), separated by commas.",
    )
    hsts: Retention = Field(
        timedelta(days=365),
        description="How long browsers use HTTPS only (HSTS), if DATELINE_PUBLIC_URL is https.",
    )
    security_contact: Contacts = Field(
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
    trusted_proxies: Proxies = Field(
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
    media_url: MediaUrl | None = Field(
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

    oidc_issuer: Issuer | None = Field(
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
