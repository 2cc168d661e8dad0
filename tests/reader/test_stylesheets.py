"""The embed's style sheet: lengths in its own unit, colours in the scheme of the page around it."""

import re

from app.reader.pages import STATIC
from app.reader.stylesheets import STYLESHEETS, for_other_sites


def test_an_embeds_lengths_do_not_follow_the_sites_root() -> None:
    """Each `rem` length becomes a multiple of `--rem`, also a negative one or one in a sum."""
    assert for_other_sites("a { margin: -1rem .5rem 0 1.25rem; }") == (
        "a { margin: calc(-1*var(--rem)) calc(.5*var(--rem)) 0 calc(1.25*var(--rem)); }"
    )
    assert for_other_sites("a { inset: calc(var(--bar) + 1rem) }") == (
        "a { inset: calc(var(--bar) + calc(1*var(--rem))) }"
    )


def test_a_rules_condition_keeps_its_unit() -> None:
    """A container query keeps its unit, because it cannot use variables."""
    condition = "@container (width >= 36rem) {\n"
    assert for_other_sites(condition) == condition


def test_no_length_of_an_embed_is_left_to_the_root() -> None:
    """No `rem` is left in any part of the embed's style sheet, except in conditions."""
    sheet = for_other_sites(
        "\n".join((STATIC / part).read_text() for part in STYLESHEETS["embed.css"])
    )
    unconverted = [line for line in sheet.splitlines() if "rem" in line and "--rem" not in line]
    assert all(line.startswith("@") for line in unconverted), unconverted


def test_an_embeds_colours_follow_the_page_around_it() -> None:
    """Each colour with a dark value is a pair of both, and the reader's scheme is not asked."""
    sheet = "\n".join((STATIC / part).read_text() for part in STYLESHEETS["embed.css"])
    dark = re.findall(
        r"(--[\w-]+): (#\w+);", sheet.partition("scheme: dark) {")[2].partition("}")[0]
    )
    adapted = for_other_sites(sheet)
    assert len(dark) == 10
    for name, value in dark:
        assert re.search(rf"{name}: light-dark\(#\w+, {value}\);", adapted)
    assert "prefers-color-scheme" not in adapted


def test_a_themes_colours_stay_as_they_are() -> None:
    """A colour that a theme sets after Dateline's variables has one value in both schemes."""
    sheet = (
        ":root {\n  --ink: #111;\n}\n"
        "@media (prefers-color-scheme: dark) {\n  :root,\n  :host {\n    --ink: #eee;\n  }\n}\n"
        ":host {\n  --ink: #222;\n}\n"
    )
    adapted = for_other_sites(sheet)
    assert "--ink: light-dark(#111, #eee);" in adapted
    assert "--ink: #222;" in adapted
