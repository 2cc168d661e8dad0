"""Shortcuts of the Markdown parser: their results are the library's."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it.common.normalize_url import normalizeLink

from app.intake.markdown import _NORMAL_LINK, render_markdown


@given(st.from_regex(_NORMAL_LINK, fullmatch=True))
def test_an_address_that_is_not_normalised_is_normal(url: str) -> None:
    """The library would not change it."""
    assert normalizeLink(url) == url


@given(st.from_regex(r"https?://[a-zA-Z0-9.é-]+/[ -~é]*", fullmatch=True))
def test_an_address_is_normalised_as_by_the_library(url: str) -> None:
    """A link between angle brackets has the library's form of its address."""
    if not set(url) & set('<>\\&"*'):
        assert f'href="{normalizeLink(url)}"' in render_markdown(f"[a](<{url}>)")[0]
