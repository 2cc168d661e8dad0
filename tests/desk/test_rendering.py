"""Promises of rendering: nobody's body holds up another's, and what it becomes has limits."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from app.desk.render_worker import BodyLimits, BodyTooLarge, check_limits, render
from app.desk.rendering import Renderer, RendererBusy, RendererConfig, is_cheap
from app.intake.body import body_from_html, body_from_markdown
from tests.conftest import Newsroom

TABLE = "| a | b |\n|---|---|\n" + "| *one* | two |\n" * 200
LIMITS = BodyLimits()
TIGHT = BodyLimits(html=26_000, elements=1_000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def renderer() -> AsyncIterator[Renderer]:
    """A renderer for all of them, which leave nothing in its queue."""
    async with Renderer().running() as opened:
        yield opened


@pytest.mark.asyncio(loop_scope="module")
async def test_a_costly_body_is_rendered_elsewhere_to_the_same(renderer: Renderer):
    """To the letter, its source with it; and what has nothing to show is none."""
    assert not is_cheap(TABLE)
    assert await renderer.render("markdown", TABLE, "key:1") == body_from_markdown(TABLE)
    html = "<p>x &amp; <b>y</b></p>" * 300
    assert await renderer.render("html", html, "key:1") == body_from_html(html)
    assert await renderer.render("markdown", "<!-- x -->\n" * 500, "key:1") is None


def test_what_becomes_an_address_is_no_cheap_body():
    """Each takes a tenth of a millisecond, and needs no mark: 500 of them are for the worker."""
    prose = "Two engines are on their way to the harbour, see www.example.org. "
    assert is_cheap(prose * 20)
    for address in ("www.a.b ", "WWW.A.B ", "a@b.de "):
        assert not is_cheap(address * 60)


@given(st.text(st.sampled_from("ab *_[]()|<>\n-.&"), max_size=400))
async def test_a_cheap_body_is_rendered_to_the_same(source: str):
    """Whatever stands in it."""
    if is_cheap(source):
        rendered = await Renderer().render("markdown", source, "key:1")
        assert rendered == body_from_markdown(source)


@pytest.mark.asyncio(loop_scope="module")
async def test_callers_take_turns(renderer: Renderer):
    """Who sends one body waits for one of those of who sends many, and not for all."""
    done: list[str] = []

    async def send(caller: str) -> None:
        await renderer.render("markdown", TABLE, caller)
        done.append(caller)

    many = [asyncio.create_task(send("many")) for _ in range(6)]
    await asyncio.sleep(0)
    await asyncio.gather(*many, send("one"))
    assert done.index("one") <= 2


@pytest.mark.full("its times are waited for")
@pytest.mark.asyncio(loop_scope="module")
async def test_a_queue_has_an_end(renderer: Renderer):
    """One body more than may wait is refused, and the others are rendered."""
    async with Renderer(RendererConfig(queue=1)).running() as small:
        sent = [small.render("markdown", TABLE, "key:1") for _ in range(4)]
        found = await asyncio.gather(*sent, return_exceptions=True)
    assert [isinstance(each, RendererBusy) for each in found].count(True) == 2


async def test_a_body_that_takes_too_long_ends_with_its_worker():
    """It is refused, and the next is rendered by another worker."""
    async with Renderer(RendererConfig(patience=0.01)).running() as hasty:
        with pytest.raises(BodyTooLarge, match="too long"):
            await hasty.render("markdown", TABLE * 20, "key:1")
        hasty._config = RendererConfig()
        assert await hasty.render("markdown", TABLE, "key:1") == body_from_markdown(TABLE)


@pytest.mark.full("its times are waited for")
@pytest.mark.asyncio(loop_scope="module")
async def test_who_gives_up_in_the_queue_passes_the_turn_on(renderer: Renderer):
    """Nobody waits for a turn that nobody takes."""
    first = asyncio.create_task(renderer.render("markdown", TABLE, "a"))
    second = asyncio.create_task(renderer.render("markdown", TABLE, "b"))
    third = asyncio.create_task(renderer.render("markdown", TABLE, "c"))
    await asyncio.sleep(0)
    second.cancel()
    assert await first == await third == body_from_markdown(TABLE)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("[a](/b)" * 800, "bytes of HTML"),
        ("- a\n" * 1_200, "elements"),
    ],
)
def test_what_a_body_becomes_has_limits(source: str, why: str):
    """In bytes and in elements, whatever it was before."""
    with pytest.raises(BodyTooLarge, match=why):
        render("markdown", source, TIGHT)


def test_what_is_stored_has_a_limit_of_depth():
    """Whoever made it: what reads bodies keeps far below it."""
    with pytest.raises(BodyTooLarge, match="within each other"):
        check_limits("<div>" * 200 + "deep" + "</div>" * 200, LIMITS)
    body = render("html", "<div>" * 200 + "deep" + "</div>" * 200, LIMITS)
    assert body is not None
    assert "deep" in body.html


def test_void_elements_and_signs_are_no_depth():
    """Line ends, pictures and quoted signs count as what they are."""
    check_limits('<p title="a > b">' + "<br>" * 500 + '<img src="x" alt="<p>">' + "</p>", LIMITS)


@pytest.mark.parametrize("below", ["entries", "preview"])
def test_a_body_over_a_limit_is_a_problem(newsroom: Newsroom, slug: str, below: str):
    """At every door by which bodies come; nothing is stored."""
    path = f"/v1/coverages/{slug}/{below}"
    answer: httpx.Response = newsroom.editor.post(path, json={"body": "[a](/b)" * 8_000})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/body"
    assert newsroom.reader.get(f"/v1/coverages/{slug}/entries").json()["entries"] == []


def test_values_without_an_end_are_one_error(newsroom: Newsroom, slug: str):
    """A form of half a million wrong values is refused before each is looked at."""
    path = f"/v1/coverages/{slug}/entries"
    headers = {"Content-Type": "application/json"}
    for sent in (
        b'{"tags":[' + b"1," * 400_000 + b"1]}",
        b"{" + b",".join(b'"k%d":1' % number for number in range(70_000)) + b"}",
    ):
        answer = newsroom.editor.post(path, content=sent, headers=headers)
        assert (answer.status_code, len(answer.json()["errors"])) == (422, 1)
    words = {"body": "one, two, " * 5000}
    assert newsroom.editor.post(path, json=words).status_code == 201
