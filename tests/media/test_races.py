"""Concurrent publication and retraction of one picture in two coverages."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline, running_newsroom
from tests.databases import Database
from tests.media.pictures import encoded, picture
from tests.media.sending import Json, addresses, sent
from tests.servers import PostgresServer

_ROUNDS = 20


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def newsroom(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Newsroom]:
    """A newsroom on each database."""
    database: Database = request.param
    settings = {}
    if database == "postgresql":
        postgres: PostgresServer = request.getfixturevalue("postgres")
        settings["database_url"] = postgres.fresh_database()
    with running_newsroom(tmp_path_factory.mktemp("races"), **settings) as opened:
        yield opened


@pytest.mark.full("many writers at once")
def test_what_is_published_is_shown_and_what_is_retracted_is_gone(newsroom: Newsroom):
    """In either order, the published entry's picture is served.

    If the entry got a copy, the retracted addresses are 404.
    """
    retracting, publishing = new_timeline(newsroom, new_slug()), new_timeline(newsroom, new_slug())
    for number in range(_ROUNDS):
        media = sent(newsroom.editor, encoded(picture(80, 60)))
        entry: Json = newsroom.editor.post(
            f"{retracting.path}/entries", json={"media": [media["id"]]}
        ).json()
        draft: Json = newsroom.editor.post(
            f"{publishing.path}/entries", json={"media": [media["id"]], "draft": True}
        ).json()
        steps = [
            (f"{retracting.path}/entries/{entry['id']}/retraction", {"note": f"Round {number}"}),
            (f"{publishing.path}/entries/{draft['id']}/publication", None),
        ]
        start = Barrier(len(steps))

        def post_step(step: tuple[str, Json | None], start: Barrier = start) -> Json:
            start.wait()
            answer = newsroom.editor.post(step[0], json=step[1]).raise_for_status()
            document: Json = answer.json()
            return document

        with ThreadPoolExecutor(len(steps)) as executor:
            _, published = executor.map(post_step, steps)
        (shown,) = published["media"]
        for address in addresses(shown):
            assert newsroom.reader.get(address).status_code == 200
        if shown["id"] != media["id"]:
            for address in addresses(media):
                assert newsroom.reader.get(address).status_code == 404
