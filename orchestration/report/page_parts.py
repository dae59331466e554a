"""What a report page is made of: sections with figures, tables and their words."""

import json
from dataclasses import dataclass, field
from typing import Any

import altair
import vl_convert

WIDTH = 900
INK = "#1f2933"
MUTED = "#5b6773"
GRID = "#e6e9ed"
BLUE = "#2458a6"
TEAL = "#1b8a7a"
BAND_COLOURS = {
    "green": "#3a9d6e",
    "yellow": "#e8b93c",
    "red": "#cf4d3b",
    "unknown": "#c2c8cf",
}
MOVEMENT_COLOURS = {
    "new": "#1b7f5c",
    "expansion": "#5bb58d",
    "reactivation": "#9fd4b9",
    "resume": "#cfe9dc",
    "contraction": "#f0b49c",
    "churn": "#c8452f",
    "pause": "#ead4a3",
    "fx": "#98a3af",
}


@dataclass(frozen=True)
class Figure:
    """A chart as Vega-Lite and, for readers without scripts, as a picture."""

    name: str
    caption: str
    specification: str
    picture: str


@dataclass(frozen=True)
class Table:
    """Rows of ready text; `numeric` columns align right, `marked` rows stand out."""

    columns: list[str]
    rows: list[list[str]]
    numeric: frozenset[str] = frozenset()
    marked: frozenset[int] = frozenset()
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """One topic of the page; `absent` says what to land when there is no data."""

    anchor: str
    title: str
    reading: str = ""
    footnote: str = ""
    absent: str = ""
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


@dataclass(frozen=True)
class Card:
    """One headline number, what it compares to, and its shares if it is a split."""

    label: str
    value: str
    note: str = ""
    shares: list[tuple[str, float, str]] = field(default_factory=list)
    is_wide: bool = False


def _styled(chart: altair.TopLevelMixin) -> dict[str, Any]:
    font = "Helvetica, Arial, sans-serif"
    text = {"labelColor": MUTED, "titleColor": MUTED, "labelFontSize": 11}
    specification = chart.to_dict()
    specification["background"] = "white"
    specification["config"] = {
        "font": font,
        "view": {"stroke": None},
        "axis": {
            **text,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "gridColor": GRID,
            "domainColor": GRID,
            "tickColor": GRID,
            "labelPadding": 5,
            "titlePadding": 10,
        },
        "legend": {**text, "titleFontSize": 11, "columnPadding": 24},
        "header": {"labelColor": INK, "labelFontSize": 12, "labelFontWeight": "bold"},
    }
    return specification


def draw(name: str, caption: str, chart: altair.TopLevelMixin) -> Figure:
    """Return `chart` in the house style, ready for a page that opens offline."""
    specification = json.dumps(_styled(chart), sort_keys=True)
    return Figure(
        name=name,
        caption=caption,
        # A closing tag inside a script element would end it.
        specification=specification.replace("</", "<\\/"),
        picture=vl_convert.vegalite_to_svg(specification),
    )
