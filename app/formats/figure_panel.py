"""Figure panel: what a page shows of a coverage's ledger, with the lines of long series."""

from dataclasses import dataclass

from app.formats.step_line import StepLine, draw_steps
from app.timeline.figure_table import FigureTable
from app.timeline.ledger import LedgerGroup, SourceLine, group_series

_SHORTEST_LINE = 3
_LINES = 12  # that are shown before the rest is collapsed


@dataclass(frozen=True, slots=True)
class PanelGroup:
    """All sources on one metric and group; `lines` has the step line of each, or None."""

    ledger: LedgerGroup
    lines: tuple[tuple[SourceLine, StepLine | None], ...]


@dataclass(frozen=True, slots=True)
class FigurePanel:
    """The groups in order of first appearance; `rest` are those that a long panel collapses."""

    shown: tuple[PanelGroup, ...]
    rest: tuple[PanelGroup, ...]

    @property
    def rest_count(self) -> int:
        """How many lines are collapsed."""
        return sum(len(group.lines) for group in self.rest)


def figure_panel(table: FigureTable) -> FigurePanel:
    """Arrange the figures of a coverage."""
    found = table.series
    observed = {of_one[-1].figure.series: of_one for of_one in found}
    groups = []
    for group in group_series(found):
        series = [observed[line.current.figure.series] for line in group.sources]
        drawn = iter(draw_steps([each for each in series if len(each) >= _SHORTEST_LINE]))
        steps = [next(drawn) if len(each) >= _SHORTEST_LINE else None for each in series]
        groups.append(PanelGroup(group, tuple(zip(group.sources, steps, strict=True))))
    count, split = 0, len(groups)
    for position, arranged in enumerate(groups):
        count += len(arranged.lines)
        if count > _LINES and position:
            split = position
            break
    return FigurePanel(tuple(groups[:split]), tuple(groups[split:]))
