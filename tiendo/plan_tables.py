"""The tables of a plan: names, columns, kinds. Reading, checking, storing and exporting are made from these."""

from dataclasses import dataclass

LEVELS_OF_SEVERITY = ("error", "warning")
ACCUMULATIONS = ("flow", "cumulative", "stock", "rate", "state")
AGGREGATIONS = ("sum", "min", "max", "mean", "weighted_mean", "ratio", "any", "all", "count_met", "none")
TYPES = (
    "ratio",
    "gap",
    "rate",
    "every_year",
    "threshold",
    "range",
    "ceiling",
    "milestone",
    "rank",
    "benchmark",
    "any_of",
    "all_of",
    "reduction",
)
FLAGS = ("corridor", "geometric", "from_levels")
CHECKS = ("min", "max", "max_change_pct", "not_falling", "parts_sum", "compare")
ROLES = ("reporter", "head", "leader", "reviewer")
SCOPES = ("unit", "programme", "scheme", "indicator", "term")
ASKS = ("year_estimate", "outlook", "narrative")


@dataclass(frozen=True)
class Column:
    """One column of a plan table.

    kind: text, number, integer, date, yes_no, list (joined by `;`) or span (a period's name).
    `default` is what an empty cell means; `to` names the table whose code the cell must be.
    """

    name: str
    kind: str = "text"
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    to: str = ""


@dataclass(frozen=True)
class Table:
    """One table of a plan: its columns, and the columns that must be unique together."""

    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = False

    @property
    def names(self) -> list[str]:
        """The columns' names in their order."""
        return [column.name for column in self.columns]


def _text(name: str, **more: object) -> Column:
    return Column(name, "text", **more)  # type: ignore[arg-type]


def _code(name: str = "code") -> Column:
    return Column(name, "text", required=True)


def _number(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "number") for name in names)


def _date(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "date") for name in names)


_NAME = Column("name", "text", required=True)
_VALIDITY = _date("valid_from", "valid_to")
_ORDER = Column("order", "number")

TABLES: dict[str, Table] = {
    "term": Table(
        (
            _code(),
            _NAME,
            _text("authority", required=True, to="org_units"),
            Column("starts", "date", required=True),
            Column("ends", "date", required=True),
        ),
        key=("code",),
        required=True,
    ),
    "org_units": Table(
        (
            _code(),
            _NAME,
            _text("level", required=True),
            _text("parent", to="org_units"),
            *_VALIDITY,
            Column("reports", "yes_no", default="no"),
            Column("weight", "number"),
            _ORDER,
            _text("cluster"),
        ),
        key=("code", "valid_from"),
        required=True,
    ),
    "succession": Table(
        (
            _text("predecessor", required=True, to="org_units"),
            _text("successor", required=True, to="org_units"),
            Column("date", "date", required=True),
            _text("kind", required=True, choices=("merge", "split", "rename", "move", "abolish")),
            Column("share", "number"),
            _text("document"),
        ),
        key=("predecessor", "successor", "date"),
    ),
    "officers": Table(
        (
            _code(),
            _NAME,
            _text("title"),
            _text("unit", to="org_units"),
            _text("email"),
            _text("phone"),
            Column("channels", "list"),
            _text("locale", choices=("vi", "en")),
        ),
        key=("code",),
    ),
    "responsibilities": Table(
        (
            _text("officer", required=True, to="officers"),
            _text("role", required=True, choices=ROLES),
            _text("scope", required=True, choices=SCOPES),
            _code(),
            *_VALIDITY,
        ),
        key=("officer", "role", "scope", "code", "valid_from"),
    ),
    "programmes": Table((_code(), _NAME, _ORDER), key=("code",)),
    "schemes": Table(
        (
            _code(),
            Column("programme", "list", required=True, to="programmes"),
            _NAME,
            _ORDER,
            _text("lead_agency", to="org_units"),
            Column("coordinating_agencies", "list", to="org_units"),
            _text("document"),
        ),
        key=("code",),
    ),
    "indicators": Table(
        (
            _code(),
            _NAME,
            Column("scheme", "list", to="schemes"),
            Column("programme", "list", to="programmes"),
            Column("resolution", "yes_no", default="no"),
            _text("field"),
            _text("parent", to="indicators"),
            _ORDER,
            Column("unit", "text", required=True),
            Column("decimals", "integer"),
            Column("frequency", "text", required=True, choices=("month", "quarter", "half", "year")),
            _text("accumulation", required=True, choices=ACCUMULATIONS),
            _text("aggregation", required=True, choices=AGGREGATIONS),
            _text("weight_indicator", to="indicators"),
            Column("scale", "number", default="1"),
            _text("type", required=True, choices=TYPES),
            _text("direction", default="up", choices=("up", "down")),
            Column("flags", "list", choices=FLAGS),
            _text("part_of", to="indicators"),
            Column("reported_by", "list", default="tier"),
            _text("figure_of", to="org_units"),
            Column("tolerance_pct", "number"),
            _text("counts", choices=("yes", "no")),
            Column("weight", "number", default="1"),
            Column("required", "yes_no", default="yes"),
            _text("lead_agency", to="org_units"),
            Column("coordinating_agencies", "list", to="org_units"),
            _text("definition"),
            _text("data_source"),
            _text("document"),
        ),
        key=("code",),
        required=True,
    ),
    "targets": Table(
        (
            _text("indicator", required=True, to="indicators"),
            _text("unit", to="org_units"),
            Column("span", "span", required=True),
            _text("series", default="assigned"),
            Column("baseline", "number"),
            Column("baseline_year", "integer"),
            *_number("target", "low", "high", "cap"),
            Column("top_n", "integer"),
            _text("benchmark", to="indicators"),
            Column("offset", "number"),
            Column("due", "date"),
            _text("text"),
        ),
        key=("indicator", "unit", "span", "series"),
        required=True,
    ),
    "branches": Table(
        (
            _text("indicator", required=True, to="indicators"),
            _text("branch", required=True, to="indicators"),
        ),
        key=("indicator", "branch"),
    ),
    "stages": Table(
        (
            _text("indicator", required=True, to="indicators"),
            _text("stage", required=True),
            _NAME,
            Column("weight", "number", required=True),
            Column("due", "date"),
        ),
        key=("indicator", "stage"),
    ),
    "rules": Table(
        (
            _text("indicator", required=True, to="indicators"),
            _text("check", required=True, choices=CHECKS),
            Column("value", "number"),
            _text("other", to="indicators"),
            _text("severity", default="error", choices=LEVELS_OF_SEVERITY),
        ),
        key=("indicator", "check", "other"),
    ),
    "deadlines": Table(
        (
            _text("level", required=True),
            _text("frequency", required=True, choices=("month", "quarter", "half", "year")),
            _text("cut_off"),
            _text("due", required=True),
            Column("hour", "integer"),
            _text("locks"),
            Column("valid_from", "date"),
        ),
        key=("level", "frequency", "valid_from"),
    ),
    "rounds": Table(
        (
            _code(),
            _NAME,
            Column("period", "span", required=True),
            _text("kind", required=True, choices=("regular", "interim", "final", "ad_hoc")),
            _text("against", choices=("own", "year", "term")),
            Column("units", "list", to="org_units"),
            Column("indicators", "list", to="indicators"),
            *_date("opens", "cut_off", "due", "locks"),
            Column("asks", "list", choices=ASKS),
        ),
        key=("code",),
    ),
    "assignments": Table(
        (
            _code(),
            _NAME,
            Column("programme", "list", to="programmes"),
            Column("scheme", "list", to="schemes"),
            _text("source"),
            _text("document"),
            _text("lead_agency", required=True, to="org_units"),
            Column("coordinating_agencies", "list", to="org_units"),
            _text("product"),
            *_date("issued", "due"),
            _text("due_kind", choices=("dated", "standing", "awaiting")),
            Column("extended_to", "date"),
        ),
        key=("code",),
    ),
}
