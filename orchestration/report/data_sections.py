"""What data the page rests on: what was there, what was not, what was refused."""

from dataclasses import dataclass

import pandas as pd

from orchestration.report.mart_frames import MartFrames
from orchestration.report.page_parts import Section, Table
from orchestration.report.plain_words import (
    count,
    iso_day,
    listed,
    percent,
    plural,
    spaced,
)

DISPOSITIONS = (
    "landed",
    "used",
    "quarantined",
    "repeated",
    "superseded",
    "deleted",
    "held",
    "recalled",
    "ignored",
    "not_yet_known",
)
STAGES = {
    "load": "At load, by file: rows in = all the rest but recalled, which came earlier",
    "model": "After load, by entity: what is used, and what others rule out",
}
NOT_BELIEVED = {
    "held": "Held, so that what rests on it is provisional",
    "broken": "Broken",
}
WARNING = "warning"
RULES_LISTED = 40
TABLES_NAMED = 8


@dataclass(frozen=True)
class Quality:
    """Rows of fct_data_quality: what became of them, reasons to refuse, warnings."""

    rows: pd.DataFrame
    refused: pd.DataFrame
    warned: pd.DataFrame

    @property
    def rows_in(self) -> int:
        """Return the number of rows that came in, each counted once."""
        came = (self.rows["stage"] == "load") & (self.rows["disposition"] != "recalled")
        return int(self.rows.loc[came, "row_count"].sum())


def read_freshness(marts: MartFrames) -> pd.DataFrame:
    """Return fct_freshness, broken and stale inputs first."""
    mart = "fct_freshness"
    used_for = marts.column(mart, "used_for", marts.column(mart, "marts_affected"))
    is_missing = marts.column(mart, "is_missing", "load_status = 'absent'")
    return marts.frame(
        "select source_system, entity, load_status, latest_happened_at, age_days,"
        f" coalesce(is_stale, false) as is_stale, {used_for} as used_for,"
        f" coalesce({is_missing}, false) as is_missing, message from fct_freshness"
        " order by load_status in ('held', 'broken') desc, is_stale desc,"
        " source_system, entity",
        mart,
    )


def read_quality(marts: MartFrames) -> Quality | None:
    """Return what became of every row, None where nothing is known of it."""
    stage = marts.column("fct_data_quality", "stage", "'load'")
    rows = marts.frame(
        f"select {stage} as stage, source_system, entity, disposition, rule,"
        " cast(sum(row_count) as bigint) as row_count from fct_data_quality"
        f" group by {stage}, source_system, entity, disposition, rule"
        " having sum(row_count) > 0"
        " order by row_count desc, source_system, entity, rule",
        "fct_data_quality",
    )
    if rows.empty:
        return None
    return Quality(
        rows=rows[rows["stage"].isin(STAGES)],
        refused=rows[rows["disposition"] == "quarantined"],
        warned=rows[rows["disposition"] == WARNING],
    )


def _named(rows: pd.DataFrame) -> list[str]:
    """Name tables one by one, or by source where there are many."""
    if len(rows) <= TABLES_NAMED:
        return sorted(f"{row.source_system}/{row.entity}" for row in rows.itertuples())
    sizes = rows.groupby("source_system").size()
    return [f"{name} ({plural(int(size), 'table')})" for name, size in sizes.items()]


def tell_freshness(freshness: pd.DataFrame) -> list[str]:
    """Return one sentence each on what was there, broken, stale and missing."""
    landed = freshness[freshness["load_status"].isin(("landed", "kept"))]
    stale = landed[landed["is_stale"]]
    absent = freshness[(freshness["load_status"] == "absent") & freshness["is_missing"]]
    said = [
        _tell_not_believed(word, rows)
        for status, word in NOT_BELIEVED.items()
        if len(rows := freshness[freshness["load_status"] == status])
    ]
    said += [f"Landed: {listed(_named(landed)) or 'nothing'}."]
    said += [f"Stale: {listed(_named(stale))}."] if len(stale) else []
    said += [_tell_absent(freshness, absent)] if len(absent) else []
    return said


def _tell_not_believed(word: str, rows: pd.DataFrame) -> str:
    told = [
        f"{row.source_system}/{row.entity} ({_worded(row.message) or 'unreadable'})"
        for row in rows.itertuples()
    ]
    return f"{word}: {listed(told)}."


def _tell_absent(freshness: pd.DataFrame, absent: pd.DataFrame) -> str:
    """Name absent tables with no other in their place; a whole source by its name."""
    present = set(freshness.loc[~freshness["is_missing"], "source_system"])
    in_part = absent[absent["source_system"].isin(present)]
    whole = sorted(set(absent["source_system"]) - present)
    return f"Not landed: {listed(_named(in_part) + [f'all of {s}' for s in whole])}."


def tell_quality(quality: Quality) -> str:
    """Return how many rows came in and how many of them were refused."""
    refused = int(quality.refused["row_count"].sum())
    rate = refused / quality.rows_in if quality.rows_in else None
    return (
        f"Of {plural(quality.rows_in, 'row')} in, {plural(refused, 'row')}"
        f" ({percent(rate)}) were quarantined."
    )


def tell_inputs(freshness: pd.DataFrame, quality: Quality | None) -> list[str]:
    """Return the sentences about the inputs for the top of the page."""
    said = [] if freshness.empty else tell_freshness(freshness)
    said += [] if quality is None else [tell_quality(quality)]
    return said or ["Nothing is known of the inputs: no freshness or quality data."]


def _is_amiss(row: tuple) -> bool:
    return bool(row.load_status in NOT_BELIEVED or row.is_stale or row.is_missing)


def _worded(value: str | None) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _freshness_table(freshness: pd.DataFrame) -> Table:
    present = set(freshness.loc[freshness["load_status"] != "absent", "source_system"])
    shown = freshness[
        freshness["source_system"].isin(present) | freshness["is_missing"]
    ]
    columns = [
        "Source",
        "Entity",
        "Status",
        "Latest",
        "Age in days",
        "Used for",
        "Message",
    ]
    dated = shown["latest_happened_at"].notna()
    return Table(
        columns,
        [
            [
                row.source_system,
                row.entity,
                "stale"
                if row.is_stale and row.load_status == "landed"
                else row.load_status,
                iso_day(row.latest_happened_at),
                count(row.age_days if is_dated else None),
                _worded(row.used_for),
                _worded(row.message),
            ]
            for row, is_dated in zip(shown.itertuples(), dated, strict=True)
        ],
        numeric=frozenset({"Age in days"}),
        marked=frozenset(
            index for index, row in enumerate(shown.itertuples()) if _is_amiss(row)
        ),
    )


def freshness_section(freshness: pd.DataFrame) -> Section:
    """Return what was landed, how old it is, and what it is used for."""
    title = "What data was there"
    if freshness.empty:
        absent = "No freshness data: land any source to see this."
        return Section("freshness", title, absent=absent)
    return Section(
        "freshness",
        title,
        reading=" ".join(tell_freshness(freshness)),
        footnote=(
            "Age counts from the latest happening to the as-of day; tables without"
            " happenings have none. Marked: broken, stale, or absent with nothing in"
            " its place. Sources that were not landed and are not missed are left out."
        ),
        tables=[_freshness_table(freshness)],
    )


def _stage_table(stage: str, rows: pd.DataFrame) -> Table:
    """Return rows of one stage by source and entity, dispositions side by side."""
    wide = rows.pivot_table(
        index=["source_system", "entity"],
        columns="disposition",
        values="row_count",
        aggfunc="sum",
        fill_value=0,
    )
    shown = [name for name in DISPOSITIONS if name in wide.columns]
    columns = ["Source", "Entity", "Rows in", *(spaced(n).capitalize() for n in shown)]
    return Table(
        columns,
        [
            [
                source_system,
                entity,
                count(numbers.sum()),
                *(count(numbers[name]) for name in shown),
            ]
            for (source_system, entity), numbers in wide.iterrows()
        ],
        numeric=frozenset(columns[2:]),
        caption=STAGES[stage],
    )


def _rule_table(rows: pd.DataFrame, caption: str) -> Table:
    return Table(
        ["Source", "Entity", "Rule", "Rows"],
        [
            [row.source_system, row.entity, spaced(row.rule), count(row.row_count)]
            for row in rows.head(RULES_LISTED).itertuples()
        ],
        numeric=frozenset({"Rows"}),
        caption=caption,
    )


def quality_section(quality: Quality | None) -> Section:
    """Return what became of every row that came in, and why rows were refused."""
    title = "What became of every row"
    if quality is None:
        absent = "No data-quality data: land any source to see this."
        return Section("quality", title, absent=absent)
    tables = [
        _stage_table(stage, quality.rows[quality.rows["stage"] == stage])
        for stage in STAGES
        if (quality.rows["stage"] == stage).any()
    ]
    if len(quality.refused):
        caption = "Quarantined, by the rule that was broken"
        tables.append(_rule_table(quality.refused, caption))
    if len(quality.warned):
        caption = "Used, but somebody should know"
        tables.append(_rule_table(quality.warned, caption))
    return Section(
        "quality",
        title,
        reading=_read_quality(quality),
        footnote=(
            "Quarantined rows are kept with file, row and reason, and are in none of"
            " the numbers above. Repeated: identical copies. Superseded: an older row"
            " of the same key. Ignored: says nothing, such as an empty interval. Not"
            " yet known: after the as-of day."
        ),
        tables=tables,
    )


def _read_quality(quality: Quality) -> str:
    said = tell_quality(quality)
    if quality.refused.empty:
        return said
    most = quality.refused.iloc[0]
    return (
        f"{said} The most frequent reason is {spaced(most['rule'])} in"
        f" {most.source_system}/{most.entity}: {plural(int(most.row_count), 'row')}."
    )
