"""`dateline demo`: a separate, temporary server that replays a demonstration."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import httpx
import typer
from fastapi import FastAPI

from app.access.invitations import invite_back, link_of
from app.access.people import add_person
from app.cli.command import command
from app.cli.local_api import local_client
from app.cli.refusal import Refused, read_answer
from app.cli.server import listen, run_server
from app.demo.clock import ReplayClock
from app.demo.player import Player
from app.demo.script import Script
from app.demo.script_file import STORIES, read_script
from app.main import before_requests, create_app
from app.settings import Settings, read_settings
from app.web.services import Services

_INVITATION = """\
{story}, as live coverage at {speed:g} times its speed

  page     {page}
{more}  index    {url}/
  events   curl '{api}/events'
  stream   curl -N -H 'Accept: text/event-stream' '{api}/events?after=0'
  terminal dateline tail {slug} --after 0 --url {url}

The newsroom's desk, as its chief (the link works once):
  {desk}

An API key for this demonstration, with all permissions:
  {key}

Publish in it yourself:
  dateline post {slug} 'Hello from the desk' --url {url} --key {key}
  curl '{api}/entries' -H 'Authorization: Bearer {key}' \\
    -H 'Content-Type: application/json' -d '{{"body": "Hello from the desk"}}'

Ctrl-C ends it{database}."""

_CHIEF = "chief@demonstration.example"
# In the replay's time, which runs fast: no session may expire while a user watches.
_AGES = timedelta(days=100_000)


@command.command()
def demo(
    *,
    story: Annotated[
        str, typer.Option(metavar="NAME", help=f"What to show: {' or '.join(STORIES)}.")
    ] = "apollo",
    speed: Annotated[
        float,
        typer.Option(min=0.1, max=100_000, help="The speed; no pause exceeds 10 seconds."),
    ] = 60,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port; 0 for any free one.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the database in DIR.")
    ] = None,
) -> None:
    """Serve on a temporary database, with a story replaying live: the landing on the Moon, say."""
    if story not in STORIES:
        raise Refused(f"there is no story {story!r}: name one of {', '.join(STORIES)}")
    script = read_script(STORIES[story])
    clock = ReplayClock(script.steps[0].at, speed)
    configured = read_settings()
    port = configured.port if port is None else port
    listener = listen(configured.model_copy(update={"port": port}))
    with listener, _folder(keep) as folder:
        settings = _settings(configured, folder, listener.getsockname()[1])
        app = create_app(settings, clock, handle_signals=True)
        _play_beside(app, script, clock, settings.base_url, folder if keep else None)
        if not run_server(before_requests(app, settings), settings, listener):
            raise typer.Exit(1)


def _settings(configured: Settings, folder: Path, port: int) -> Settings:
    """Return the operator's settings, except those for the newsroom's own server."""
    own: dict[str, object] = {
        "database_url": f"sqlite:///{folder / 'dateline.db'}",
        "broker_url": "memory://",
        "media_dir": folder / "media",
        "media_url": None,
        "public_url": None,
        "port": port,
        "workers": 1,
        "session_idle": _AGES,
        "session_lifetime": _AGES,
    }
    if "log_level" not in configured.model_fields_set:
        own["log_level"] = "warning"
    return configured.model_copy(update=own)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with TemporaryDirectory(prefix="dateline-demo-", ignore_cleanup_errors=True) as name:
            yield Path(name)
        return
    if (keep / "dateline.db").exists():
        raise Refused(f"{keep} holds a database already: name another folder")
    try:
        keep.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"cannot make the folder {keep}: {error.strerror}") from error
    yield keep.resolve()


def _play_beside(
    app: FastAPI, script: Script, clock: ReplayClock, url: str, keep: Path | None
) -> None:
    """Play the script while the application runs, as a user with all permissions."""
    open_services = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(app), local_client(app, url) as api:
            player = Player(script, clock, api)
            await player.open()
            services = app.state.services
            typer.echo(await _invite(services, api, script, clock.speed, keep))
            playing = asyncio.create_task(player.play())
            try:
                yield
            finally:
                playing.cancel()
                await asyncio.wait({playing})

    app.router.lifespan_context = lifespan


async def _invite(
    services: Services, api: httpx.AsyncClient, script: Script, speed: float, keep: Path | None
) -> str:
    """Add a chief, who signs in by a link and needs no password, and a key."""
    async with services.store.writing() as session:
        chief = await add_person(session, _CHIEF, "Chief editor", "chief", services.now())
        _, secret = await invite_back(session, chief, "operator", services.now(), _AGES)
    form = {"name": "demonstration", "role": "chief"}
    key = read_answer(await api.post("/v1/keys", json=form))["key"]
    url = services.form.base_url
    slug = script.main.slug
    others = (coverage.slug for coverage in script.coverage[1:])
    return _INVITATION.format(
        story=script.story,
        more="".join(f"  beside   {url}/coverages/{other}\n" for other in others),
        slug=slug,
        url=url,
        api=f"{url}/v1/coverages/{slug}",
        page=f"{url}/coverages/{slug}",
        key=key,
        desk=link_of(url, secret),
        speed=speed,
        database=f"; the database stays in {keep}" if keep else " and removes its database",
    )
