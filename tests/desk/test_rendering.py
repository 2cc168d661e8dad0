"""Tests of rendering: callers are served fairly, and a body's output has limits."""

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
    """A renderer for the module's tests, which leave its queue empty."""
    async with Renderer().running() as opened:
        yield opened


@pytest.mark.asyncio(loop_scope="module")
async def test_a_costly_body_is_rendered_elsewhere_to_the_same(renderer: Renderer):
    """An expensive body gets the same output from the worker process as in this one.

    A body without visible content is None.
    """
    assert not is_cheap(TABLE)
    assert await renderer.render("markdown", TABLE, "key:1") == body_from_markdown(TABLE)
    html = "<p>x &amp; <b>y</b></p>" * 300
    assert await renderer.render("html", html, "key:1") == body_from_html(html)
    assert await renderer.render("markdown", "<!-- x -->\n" * 500, "key:1") is None


def test_what_becomes_an_address_is_no_cheap_body():
    """A body with 60 autolinks counts as expensive, even without Markdown marks.

    Each autolink takes about 0.1 milliseconds.
    """
    prose = "Two engines are on their way to the harbour, see www.example.org. "
    assert is_cheap(prose * 20)
    for address in ("www.a.b ", "WWW.A.B ", "a@b.de "):
        assert not is_cheap(address * 60)


@given(st.text(st.sampled_from("ab *_[]()|<>\n-.&"), max_size=400))
async def test_a_cheap_body_is_rendered_to_the_same(source: str):
    """A cheap body gets the same output as from the worker."""
    if is_cheap(source):
        rendered = await Renderer().render("markdown", source, "key:1")
        assert rendered == body_from_markdown(source)


@pytest.mark.asyncio(loop_scope="module")
async def test_callers_take_turns(renderer: Renderer):
    """Callers are served round-robin: one body does not wait for all bodies of another caller."""
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
    """A body beyond the queue's length is refused, and the others are rendered."""
    async with Renderer(RendererConfig(queue=1)).running() as small:
        requests = [small.render("markdown", TABLE, "key:1") for _ in range(4)]
        results = await asyncio.gather(*requests, return_exceptions=True)
    assert [isinstance(result, RendererBusy) for result in results].count(True) == 2


async def test_a_body_that_takes_too_long_ends_with_its_worker():
    """A body that exceeds its time is refused with its worker; another worker renders the next."""
    async with Renderer(RendererConfig(patience=0.01)).running() as impatient_renderer:
        with pytest.raises(BodyTooLarge, match="too long"):
            await impatient_renderer.render("markdown", TABLE * 20, "key:1")
        impatient_renderer._config = RendererConfig()
        assert await impatient_renderer.render("markdown", TABLE, "key:1") == body_from_markdown(
            TABLE
        )


@pytest.mark.full("its times are waited for")
@pytest.mark.asyncio(loop_scope="module")
async def test_who_gives_up_in_the_queue_passes_the_turn_on(renderer: Renderer):
    """A caller that is cancelled in the queue does not block those behind it."""
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
    """The output of a body is limited in bytes and in elements."""
    with pytest.raises(BodyTooLarge, match=why):
        render("markdown", source, TIGHT)


def test_what_is_stored_has_a_limit_of_depth():
    """The stored HTML has a limit of depth, which the renderer's output never reaches."""
    with pytest.raises(BodyTooLarge, match="within each other"):
        check_limits("<div>" * 200 + "deep" + "</div>" * 200, LIMITS)
    body = render("html", "<div>" * 200 + "deep" + "</div>" * 200, LIMITS)
    assert body is not None
    assert "deep" in body.html


def test_void_elements_and_signs_are_no_depth():
    """Void elements and quoted `>` signs do not count as depth."""
    check_limits('<p title="a > b">' + "<br>" * 500 + '<img src="x" alt="<p>">' + "</p>", LIMITS)


@pytest.mark.parametrize("below", ["entries", "preview"])
def test_a_body_over_a_limit_is_a_problem(newsroom: Newsroom, slug: str, below: str):
    """A body over the limit is a 422 with the pointer `/body`, and nothing is stored."""
    path = f"/v1/coverages/{slug}/{below}"
    answer: httpx.Response = newsroom.editor.post(path, json={"body": "[a](/b)" * 8_000})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/body"
    assert newsroom.reader.get(f"/v1/coverages/{slug}/entries").json()["entries"] == []


def test_values_without_an_end_are_one_error(newsroom: Newsroom, slug: str):
    """A body with very many invalid values is answered with one error.

    It is refused before each value is validated.
    """
    path = f"/v1/coverages/{slug}/entries"
    headers = {"Content-Type": "application/json"}
    for payload in (
        b'{"tags":[' + b"1," * 400_000 + b"1]}",
        b"{" + b",".join(b'"k%d":1' % number for number in range(70_000)) + b"}",
    ):
        answer = newsroom.editor.post(path, content=payload, headers=headers)
        assert (answer.status_code, len(answer.json()["errors"])) == (422, 1)
    form = {"body": "one, two, " * 5000}
    assert newsroom.editor.post(path, json=form).status_code == 201
