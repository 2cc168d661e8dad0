"""Markdown tables for docs/performance.md."""

from collections.abc import Sequence
from math import isfinite


def format_figure(value: float | str | None) -> str:
    """Format a figure with three significant digits; None as a dash."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if not isfinite(value):
        return "never"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def format_table(heads: Sequence[str], rows: Sequence[Sequence[float | str | None]]) -> str:
    """Format a table: the first column aligned to the left, the others to the right."""
    cells = [list(heads), *([format_figure(value) for value in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    lines = [
        "| "
        + " | ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in cells
    ]
    rule = "|".join(
        "-" * (width + 2) if i == 0 else "-" * (width + 1) + ":" for i, width in enumerate(widths)
    )
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])
