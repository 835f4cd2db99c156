"""What changed from one plan version to another, as a list that the office reads: what was added, dropped, redefined."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd

from tiendo.plan import Plan, plan_differences, row_codes
from tiendo.plan_tables import TABLES, Column
from tiendo.plan_words import COLUMN_WORDS, TABLE_WORDS, choices_of
from tiendo.targets import ASSIGNED
from tiendo.wording import lowered, number_text

CHANGE_COLUMNS = ["table", "code", "name", "change", "column", "before", "after"]

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
SAYS_NOTHING = "–"

# What of an indicator decides how its figure is made and judged: with another of these it is another figure.
DEFINING = frozenset(
    {
        "name", "unit", "frequency", "accumulation", "aggregation", "weight_indicator", "scale", "type",
        "direction", "flags", "reported_by", "figure_of", "definition",
    }
)  # fmt: skip
# What decides where it is counted, and whether.
PLACING = frozenset(
    {"scheme", "programme", "resolution", "field", "parent", "part_of", "counts", "weight", "required"}
)

_OF_INDICATORS = ("targets", "branches", "stages", "rules")
DECIMALS = 6  # of a number in a list that people read; as many as its plan gives, if fewer


@dataclass(frozen=True)
class Group:
    """One heading of the list: which rows of `plan_changes` it holds."""

    title: str
    table: str
    change: str
    columns: frozenset[str] | None = None  # of changed rows: those of these columns alone

    def holds(self, changes: pd.DataFrame) -> pd.Series:
        """Which rows belong here."""
        own = (changes.table == self.table) & (changes.change == self.change)
        return own if self.columns is None else own & changes.column.isin(self.columns)


_WORDS_OF_CHANGE = {ADDED: "thêm", REMOVED: "bỏ", CHANGED: "thay đổi"}

# A row belongs to the first group that holds it. Tables not named here follow under their own names.
GROUPS: list[Group] = [
    Group("Chỉ tiêu thêm", "indicators", ADDED),
    Group("Chỉ tiêu bỏ", "indicators", REMOVED),
    Group("Chỉ tiêu định nghĩa lại", "indicators", CHANGED, DEFINING),
    Group("Chỉ tiêu chuyển chỗ, đổi cách đếm", "indicators", CHANGED, PLACING),
    Group("Chỉ tiêu đổi thông tin khác", "indicators", CHANGED),
    Group("Mục tiêu đổi", "targets", CHANGED),
    Group("Mục tiêu thêm", "targets", ADDED),
    Group("Mục tiêu bỏ", "targets", REMOVED),
    Group("Đơn vị thêm", "org_units", ADDED),
    Group("Đơn vị thôi", "org_units", CHANGED, frozenset({"valid_to"})),
    Group("Đơn vị bỏ khỏi kế hoạch", "org_units", REMOVED),
    *(
        Group(f"{words}: {_WORDS_OF_CHANGE[change]}", table, change)
        for table, (words, _) in TABLE_WORDS.items()
        for change in (ADDED, REMOVED, CHANGED)
    ),
]


def row_count(plan: Plan, table: str) -> int:
    """How many rows a table of the plan has."""
    return len(plan.tables[table])


def counting_indicators(plan: Plan, counting: str = "component") -> pd.Index:
    """Codes of the indicators that count: `component` counts the components, `main` the main ones; others alike."""
    indicators = plan.indicators
    is_level = ~indicators.has_components if counting == "component" else indicators.parent.eq("")
    return indicators.index[indicators.counted & is_level]


# What is counted before the list, in this order; a count that stays the same is left out, but for the first.
COUNTS: Mapping[str, Callable[[Plan], int]] = {
    "Chỉ tiêu thành phần": lambda plan: len(counting_indicators(plan)),
    "Chỉ tiêu chủ yếu": lambda plan: len(counting_indicators(plan, "main")),
    "Chỉ tiêu Nghị quyết": lambda plan: int(plan.indicators.resolution.sum()),
    **{
        words: partial(row_count, table=table) for table, (words, _) in TABLE_WORDS.items() if table != "term"
    },
}


def plan_changes(old: Plan, new: Plan) -> pd.DataFrame:
    """What changed (CHANGE_COLUMNS), a row for each row added or removed and for each column changed.

    `code` names the row by its key, `name` as people do; of a target added `after` is what it demands, of one removed
    `before`.
    """
    found = plan_differences(old, new)
    found["name"] = ""
    for table in found.table.unique():
        own = found.table == table
        named = _named(table, old) | _named(table, new)
        found.loc[own, "name"] = found.code[own].map(named)
    for change, column, plan in ((ADDED, "after", new), (REMOVED, "before", old)):
        own = (found.table == "targets") & (found.change == change)
        found.loc[own, column] = found.code[own].map(_demands(plan))
    return found[CHANGE_COLUMNS]


def change_list(old: Plan, new: Plan) -> list[str]:
    """The changes as lines of a list: counts first, then a heading for each sort of change and a line for each row.

    Targets, rules and other rows of an indicator that was added or dropped are told with it, as numbers of them.
    """
    changes = plan_changes(old, new)
    if changes.empty:
        return ["Không có gì khác nhau."]
    of_others, along = _told_apart(changes, old, new)
    lines = list(_counts(old, new))
    for group, rows in _grouped(of_others):
        items = _items(rows, along)
        lines += ["", f"{group.title} ({len(items)}):", *items]
    return lines


def _named(table: str, plan: Plan) -> dict[str, str]:
    """Code of a row → its name."""
    rows = plan.tables[table]
    names = _NAMES.get(table, _own_name)(plan, rows)
    return dict(zip(row_codes(table, rows), names, strict=True))


def _own_name(_plan: Plan, rows: pd.DataFrame) -> list[str]:
    return list(rows["name"]) if "name" in rows else [""] * len(rows)


def _indicator_name(plan: Plan, rows: pd.DataFrame) -> list[str]:
    """The indicator's name; with the unit's, where the row is about one."""
    names = rows.indicator.map(plan.indicators["name"]).fillna("")
    if "unit" not in rows:
        return list(names)
    units = rows.unit.map(_unit_names(plan)).fillna("")
    return [f"{name}, {unit}" if unit else name for name, unit in zip(names, units, strict=True)]


def _officer_name(plan: Plan, rows: pd.DataFrame) -> list[str]:
    return list(rows.officer.map(plan.officers.set_index("code")["name"]).fillna(""))


def _both_units(plan: Plan, rows: pd.DataFrame) -> list[str]:
    names = _unit_names(plan)
    both = (rows[column].map(names).fillna("") for column in ("predecessor", "successor"))
    return [f"{one} → {other}" for one, other in zip(*both, strict=True)]


def _unit_names(plan: Plan) -> pd.Series:
    units = plan.tables["org_units"]
    return units.drop_duplicates("code", keep="last").set_index("code")["name"]


_NAMES: Mapping[str, Callable[[Plan, pd.DataFrame], list[str]]] = {
    **dict.fromkeys(_OF_INDICATORS, _indicator_name),
    "responsibilities": _officer_name,
    "succession": _both_units,
}


def _demands(plan: Plan) -> dict[str, str]:
    """Code of a target → what it demands: as printed, else its figure, range, rank, benchmark or date."""
    rows = plan.targets
    said = [
        text or _figure_demanded(row) for text, row in zip(rows.text, rows.to_dict("records"), strict=True)
    ]
    return dict(zip(row_codes("targets", rows), said, strict=True))


def _figure_demanded(row: Mapping[object, object]) -> str:
    low, high = (_number(row[name]) for name in ("low", "high"))
    due = row["due"]
    by = f"{due:%d/%m/%Y}" if isinstance(due, pd.Timestamp) and not pd.isna(due) else ""
    ways = (_number(row["target"]), f"{low}–{high}" if low or high else "", _number(row["top_n"]))
    return next(filter(None, (*ways, str(row["benchmark"]), by)), "")


def _number(cell: object) -> str:
    """A number as people read it, without decimals that it does not have."""
    text = number_text(float(cell), DECIMALS) if isinstance(cell, float | int) else ""
    return text.rstrip("0").rstrip(",") if "," in text else text


def _told_apart(changes: pd.DataFrame, old: Plan, new: Plan) -> tuple[pd.DataFrame, pd.Series]:
    """The changes without those that come with an indicator added or dropped; indicator → what came along, in words."""
    of = _indicator_of(old) | _indicator_of(new)
    owner = pd.Series(
        [of.get(key, "") for key in zip(changes.table, changes.code, strict=True)], index=changes.index
    )
    whole = changes[(changes.table == "indicators") & (changes.change != CHANGED)]
    fate = whole.set_index("code").change
    goes_along = (owner != "") & (owner.map(fate) == changes.change)
    counts = changes[goes_along].assign(owner=owner).groupby(["owner", "table"], sort=False).size()
    words = pd.Series(
        [
            f"{count} {lowered(TABLE_WORDS[table][0])}"
            for table, count in zip(counts.index.get_level_values("table"), counts, strict=True)
        ],
        index=counts.index.get_level_values("owner"),
        dtype="str",
    )
    return changes[~goes_along], words.groupby(level=0).agg(", ".join)


def _indicator_of(plan: Plan) -> dict[tuple[str, str], str]:
    """(table, code) of every row that only says more about an indicator → the indicator."""
    return {
        (table, code): indicator
        for table in _OF_INDICATORS
        for code, indicator in zip(
            row_codes(table, plan.tables[table]), plan.tables[table].indicator, strict=True
        )
    }


def _counts(old: Plan, new: Plan) -> Iterator[str]:
    for place, (words, count) in enumerate(COUNTS.items()):
        before, after = count(old), count(new)
        if before != after:
            yield f"{words}: {before} → {after}"
        elif not place:
            yield f"{words}: {after}, không đổi"


def _grouped(changes: pd.DataFrame) -> Iterator[tuple[Group, pd.DataFrame]]:
    """The groups that hold something, with their rows."""
    left = changes
    for group in GROUPS:
        held = group.holds(left)
        if held.any():
            yield group, left[held]
            left = left[~held]
    assert left.empty, "a change belongs to no group"


def _items(rows: pd.DataFrame, along: pd.Series) -> list[str]:
    """A line for each plan row: its code, its name, and what changed of it."""
    items = []
    for _, own in rows.groupby(["table", "code"], sort=False):
        first = own.iloc[0]
        said = [*_along(first, along), *(_told(row) for row in own.to_dict("records"))]
        words = "; ".join(filter(None, said))
        items.append(f"  {_label(first)}" + (f": {words}" if words else ""))
    return items


def _label(row: pd.Series) -> str:
    """What a row is called: `CHE Diện tích chè, huyện Bát Xát (2013)`."""
    if row.table != "targets":
        return f"{row.code} {row['name']}".strip()
    indicator, *_, span, series = row.code.split(" · ")
    return f"{indicator} {row['name']} ({span}{'' if series == ASSIGNED else f', {series}'})"


def _along(row: pd.Series, along: pd.Series) -> list[str]:
    words = along.get(row.code) if row.table == "indicators" and row.change != CHANGED else None
    return [f"cùng {words}"] if words else []


def _told(row: Mapping[object, object]) -> str:
    """What changed: `mục tiêu 1.000 → 1.200`; of a target added or dropped what it demands."""
    before, after = str(row["before"]), str(row["after"])
    if row["change"] != CHANGED:
        return before or after
    column = _COLUMNS[str(row["table"]), str(row["column"])]
    was, now = (_cell(str(row["table"]), column, text) for text in (before, after))
    return f"{_short(str(row['table']), column)} ({column.name}) {was} → {now}"


_COLUMNS: Mapping[tuple[str, str], Column] = {
    (name, column.name): column for name, table in TABLES.items() for column in table.columns
}


def _short(table: str, column: Column) -> str:
    """What a column is called within a sentence: the first words of what it means."""
    words = COLUMN_WORDS[table, column.name]
    ends = [at for at in map(words.find, (":", ";", ",", ".", "(")) if at > 0]
    return lowered(words[: min(ends, default=len(words))].strip())


def _cell(table: str, column: Column, text: str) -> str:
    """A cell as people read it: the meaning of a code, a number with its decimal comma."""
    if not text:
        return SAYS_NOTHING
    if column.kind in ("number", "integer"):
        return _number(float(text)) if column.kind == "number" else text
    meanings = choices_of(table, column)
    if meanings:
        return ", ".join(meanings.get(code, code) for code in text.split(";"))
    return f"“{text}”" if column.kind == "text" and not column.to else text
