"""The embed's style sheet has lengths in its own unit."""

from app.reader.pages import STATIC
from app.reader.stylesheets import STYLESHEETS, in_own_units


def test_an_embeds_lengths_do_not_follow_the_sites_root() -> None:
    """Each `rem` length becomes a multiple of `--rem`, also a negative one or one in a sum."""
    assert in_own_units("a { margin: -1rem .5rem 0 1.25rem; }") == (
        "a { margin: calc(-1 * var(--rem)) calc(.5 * var(--rem)) 0 calc(1.25 * var(--rem)); }"
    )
    assert in_own_units("a { inset: calc(var(--bar) + 1rem) }") == (
        "a { inset: calc(var(--bar) + calc(1 * var(--rem))) }"
    )


def test_a_rules_condition_keeps_its_unit() -> None:
    """A container query keeps its unit, because it cannot use variables."""
    condition = "@container (width >= 36rem) {\n"
    assert in_own_units(condition) == condition


def test_no_length_of_an_embed_is_left_to_the_root() -> None:
    """No `rem` is left in any part of the embed's style sheet, except in conditions."""
    sheet = in_own_units(
        "\n".join((STATIC / part).read_text() for part in STYLESHEETS["embed.css"])
    )
    unconverted = [line for line in sheet.splitlines() if "rem" in line and "--rem" not in line]
    assert all(line.startswith("@") for line in unconverted), unconverted
