"""The stacked bar chart of the first sheet: how many indicators of each programme stand where."""

import math
from dataclasses import dataclass
from typing import Any

from tasks.book import book_style as style
from tasks.book.book_cells import check_written
from tasks.book.book_style import Paper

# Fill, letters and pattern of each series, in the order of stacking; together they are all indicators.
# They differ in darkness too, for a printer without colours.
SERIES: dict[str, dict[str, str]] = {
    "exceeded": {"fill": "#1E7B34", "letters": "#FFFFFF"},
    "met": {"fill": "#A9D08E", "letters": "#000000"},
    "above": {"fill": "#FFE699", "letters": "#000000"},
    "below": {"fill": "#D9694F", "letters": "#FFFFFF"},
    "missing": {"fill": "#FFFFFF", "letters": "#000000", "pattern": "wide_upward_diagonal"},
    "not_judged": {"fill": "#D9D9D9", "letters": "#000000"},
}
_POINTS_PER_PROGRAMME = 34
_POINTS_BESIDE_BARS = 120  # title, axis and legend
_FEW = 10  # up to so many the axis would count in halves


@dataclass(frozen=True)
class Bars:
    """The rows that become bars, the first and the last, and the most indicators that one of them has."""

    first: int
    last: int
    most: int


def write_chart(paper: Paper, row: int, bars: Bars, title: str, room: float) -> int:
    """Chart the rows, at most `room` points high, from `row` on; returns the next free row."""
    height = min(_POINTS_BESIDE_BARS + _POINTS_PER_PROGRAMME * (bars.last - bars.first + 1), room)
    chart = paper.book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    for name in SERIES:
        chart.add_series(_series(paper, name, bars))
    _dress(chart, title, bars.most)
    chart.set_size({"width": paper.pixels - 8, "height": height / style.POINTS_PER_PIXEL})
    description = f"{title}. {paper.review.sentence}"  # for those who cannot see it
    options = {"description": description, "object_position": 1, "x_offset": 4, "y_offset": 2}
    check_written(paper.sheet.insert_chart(row, 0, chart, options), paper.sheet, row, 0)
    return row + math.ceil(height / style.DEFAULT_ROW_POINTS) + 1


def _series(paper: Paper, name: str, bars: Bars) -> dict[str, Any]:
    places = {column.field: number for number, column in enumerate(paper.columns)}
    at, names, sheet = places[name], places["name"], paper.sheet.get_name()
    look = SERIES[name]
    series: dict[str, Any] = {
        "name": paper.columns[at].heading,
        "categories": [sheet, bars.first, names, bars.last, names],
        "values": [sheet, bars.first, at, bars.last, at],
        "gap": 45,
        "border": {"color": "#7F7F7F", "width": 0.5},
        "data_labels": {
            "value": True,
            "num_format": "0;;",  # no label on a bar of nothing
            "font": {"name": style.FONT, "size": style.BODY, "color": look["letters"]},
        },
    }
    if "pattern" in look:
        paint = {"pattern": look["pattern"], "fg_color": "#C00000", "bg_color": look["fill"]}
        return series | {"pattern": paint}
    return series | {"fill": {"color": look["fill"]}}


def _dress(chart: Any, title: str, most: int) -> None:
    font = {"name": style.FONT, "size": style.BODY, "bold": False}
    chart.set_title(
        {"name": title, "name_font": font | {"bold": True, "size": style.TITLE}, "overlay": False}
    )
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_y_axis({"reverse": True, "num_font": font, "line": {"color": style.GRID}})
    chart.set_x_axis(
        {
            "num_font": font,
            "num_format": "0",
            "major_unit": 1 if most <= _FEW else None,
            "label_position": "high",  # the reversed axis would put its numbers on top
            "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9", "width": 0.5}},
            "line": {"none": True},
        }
    )
    chart.set_chartarea({"border": {"none": True}})
