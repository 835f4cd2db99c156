"""The formulas of a template and, beside each, the same rule in Python for the result written with it.

Only functions of Excel 2007; `c` gives the address of a column's cell in the row.
"""

from collections.abc import Callable
from typing import Any

from tasks.template_sheet import Asked
from tasks.template_words import word
from tiendo.labels import codes, label
from tiendo.number_texts import QUALIFIER_WORDS

Cell = Callable[[str], str]

STATES_NAME = "tiendo_states"
STATUSES_NAME = "tiendo_statuses"
QUALIFIERS_NAME = "tiendo_qualifiers"

# How an approximate figure may begin, in small letters.
QUALIFIERS = tuple(word for words in QUALIFIER_WORDS.values() for word in words)

PERCENT = "%"


def is_number(value: Any) -> bool:
    """What Excel's ISNUMBER says of a raw value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def begins_as_qualified(cell: str) -> str:
    """Formula: the cell's text begins with one of the qualifiers."""
    return f"SUMPRODUCT(--(LEFT(LOWER({cell}),LEN({QUALIFIERS_NAME}))={QUALIFIERS_NAME}))>0"


def number_or_qualified(cell: str) -> str:
    """Formula of a data validation: a number, or a text that begins as an approximate figure does."""
    return f"=OR(ISNUMBER({cell}),{begins_as_qualified(cell)})"


def ratio_formula(row: Asked, c: Cell) -> str:
    """The ratio from its numerator and denominator, "" where they give none."""
    top, bottom = c("numerator"), c("denominator")
    given = f"AND(ISNUMBER({top}),ISNUMBER({bottom}))"
    return f'=IF({given},IF({bottom}<>0,{row.scale:.15g}*{top}/{bottom},""),"")'


def ratio_result(row: Asked) -> float | str:
    """What ratio_formula gives now."""
    if not (is_number(row.numerator) and is_number(row.denominator)) or row.denominator == 0:
        return ""
    return float(row.scale * row.numerator / row.denominator)


def figure(row: Asked) -> Any:
    """What stands in the row's value cell: as typed, or the ratio computed."""
    if row.ratio:
        return ratio_result(row)
    return "" if row.value is None else row.value


def has_percent(row: Asked) -> bool:
    """Whether a share of the year's plan can be shown."""
    return row.target is not None and row.target != 0 and row.accumulation != "state"


def percent_formula(row: Asked, c: Cell) -> str:
    """The share of the year's plan reached: a flow adds to the periods before."""
    value = c("value")
    to_date = f"N({c('previous')})+{value}" if _adds_up(row) else value
    return f'=IF(ISNUMBER({value}),({to_date})/{c("target")},"")'


def percent_result(row: Asked) -> float | str:
    """What percent_formula gives now (1 is the whole plan)."""
    value = figure(row)
    if not is_number(value) or not has_percent(row):
        return ""
    assert row.target
    return float((value + (row.previous or 0 if _adds_up(row) else 0)) / row.target)


def _adds_up(row: Asked) -> bool:
    return row.accumulation == "flow" and not row.ratio


# Each check is (formula of the condition, the same of the row as it is now, the word when it holds);
# the first that holds gives the cell's text.
Check = tuple[str, bool, str]


def checks(row: Asked, c: Cell, locale: str) -> list[Check]:
    """The checks of a row in their order; the last always holds."""
    declared = _declared(row, locale)
    filled = row.numerator not in (None, "") or row.denominator not in (None, "")
    filled = filled if row.ratio else row.value not in (None, "")
    no_figure = _blank_formula(row, c)
    state = c("state")
    other = f'AND({state}<>"",{state}<>"{label("state", "value", locale)}")'
    empty = "missing" if row.required else "optional"
    figure_checks = _ratio_checks(row, c) if row.ratio else _value_checks(row, c, locale)
    return [
        (
            f'AND({state}<>"",ISNA(MATCH({state},{STATES_NAME},0)))',
            declared is not None and declared not in codes("state", locale),
            "fix_state",
        ),
        (f"AND({other},{no_figure})", declared is not None and not filled, "ok"),
        (other, declared is not None, "fix_both"),
        (f'AND({no_figure},{state}<>"")', not filled and row.state not in (None, ""), "missing"),
        (no_figure, not filled, empty),
        *figure_checks,
        *_shortfall_checks(row, c),
        ("TRUE", True, "ok"),
    ]


def _declared(row: Asked, locale: str) -> str | None:
    """The state chosen, if it is another than that there is a figure."""
    text = None if row.state in (None, "") else label("state", str(row.state), locale)
    return None if text == label("state", "value", locale) else text


def _blank_formula(row: Asked, c: Cell) -> str:
    if row.ratio:
        return f'AND({c("numerator")}="",{c("denominator")}="")'
    return f'{c("value")}=""'


def _ratio_checks(row: Asked, c: Cell) -> list[Check]:
    top, bottom = c("numerator"), c("denominator")
    numbers = is_number(row.numerator) and is_number(row.denominator)
    return [
        (f'{top}=""', row.numerator in (None, ""), "missing_numerator"),
        (f'{bottom}=""', row.denominator in (None, ""), "missing_denominator"),
        (f"NOT(AND(ISNUMBER({top}),ISNUMBER({bottom})))", not numbers, "fix_number"),
        (f"{bottom}=0", row.denominator == 0, "fix_zero"),
    ]


def _value_checks(row: Asked, c: Cell, locale: str) -> list[Check]:
    value, note = c("value"), c("note")
    text = None if is_number(row.value) else str(row.value)
    qualified = text is not None and text.lower().startswith(QUALIFIERS)
    is_state = f"ISNUMBER(MATCH({value},{STATES_NAME},0))"
    found: list[Check] = [
        (is_state, text in codes("state", locale), "ok"),
        (f"AND(ISTEXT({value}),{_number_in_text(value)})", text is not None and _digits(text), "look_text"),
        (
            f"AND(NOT(ISNUMBER({value})),NOT({begins_as_qualified(value)}))",
            text is not None and not qualified,
            "fix_number",
        ),
        (f"NOT(ISNUMBER({value}))", text is not None, "ok"),
    ]
    if row.measure == PERCENT and row.previous is not None and row.previous > 1:
        small = text is None and 0 < abs(row.value) <= 1
        found.append(
            (_unless_noted(f"{value}<>0,ABS({value})<=1", note), small and not row.note, "look_percent")
        )
    if row.accumulation == "cumulative" and row.previous is not None:
        fell = text is None and row.value < row.previous
        found.append((_unless_noted(f"{value}<{c('previous')}", note), fell and not row.note, "look_fell"))
    return found


def _number_in_text(cell: str) -> str:
    """Formula: the text is a number to people, as where the machine's decimal mark is another one."""
    for mark in ".", ",", " ":
        cell = f'SUBSTITUTE({cell},"{mark}","")'
    return f"ISNUMBER(-{cell})"


def _digits(text: str) -> bool:
    return text.translate(str.maketrans("", "", "., ")).removeprefix("-").isdecimal()


def _unless_noted(condition: str, note: str) -> str:
    """A doubt is put to rest by a word in the note."""
    return f'AND({condition},{note}="")'


def _shortfall_checks(row: Asked, c: Cell) -> list[Check]:
    """A figure that falls short wants a reason and a remedy."""
    if row.reason_below is None or not has_percent(row):
        return []
    share, least = percent_result(row), row.reason_below / 100
    short = isinstance(share, float) and share < least
    formula = f"ISNUMBER({c('percent')}),N({c('percent')})<{least:.15g}"
    return [
        (f'AND({formula},{c(name)}="")', short and not getattr(row, name), f"missing_{name}")
        for name in ("reason", "remedy")
    ]


def check_formula(found: list[Check], locale: str) -> str:
    """The checks as one nested IF."""
    formula = f'"{word(found[-1][2], locale)}"'
    for condition, _, key in reversed(found[:-1]):
        formula = f'IF({condition},"{word(key, locale)}",{formula})'
    return f"={formula}"


def check_result(found: list[Check], locale: str) -> str:
    """What check_formula gives now."""
    return word(next(key for _, holds, key in found if holds), locale)


def rule_formula(locale: str) -> str:
    """The line of rules; the decimal mark is that of the machine on which the sheet is open."""
    mark = f'IF(MID(1/2,2,1)=",","{word("mark_comma", locale)}","{word("mark_point", locale)}")'
    return f'="{word("rule_before", locale)}"&{mark}&"{word("rule_after", locale)}"'


def rule_result(locale: str) -> str:
    """What rule_formula gives where the machine has the habits of the language."""
    mark = word("mark_point" if locale == "en" else "mark_comma", locale)
    return word("rule_before", locale) + mark + word("rule_after", locale)


def counter_formula(first: str, last: str, rows: int, locale: str) -> str:
    """How many rows are filled and how many need a correction, over a range of check cells."""
    area = f"{first}:{last}"
    missing, fix = (f'COUNTIF({area},"{stem(key, locale)}*")' for key in ("missing", "fix_number"))
    due = f'{rows}-COUNTIF({area},"{word("optional", locale)}")'
    parts = {
        "entered": f'({due}-COUNTIF({area},"{word("missing", locale)}"))',
        "all": f"({due})",
        "wrong": f"({missing}+{fix})",
    }
    text = word("counters", locale, **{name: f'"&{part}&"' for name, part in parts.items()})
    return f'="{text}"'


def counter_result(results: list[str], locale: str) -> str:
    """What counter_formula gives now, from the check of each row."""
    due = len(results) - results.count(word("optional", locale))
    stems = (stem("missing", locale), stem("fix_number", locale))
    wrong = sum(result.startswith(stems) for result in results)
    entered = due - results.count(word("missing", locale))
    return word("counters", locale, entered=entered, all=due, wrong=wrong)


def stem(key: str, locale: str) -> str:
    """The first word of a check's text: it alone decides the colour and the count."""
    return word(key, locale).split()[0]
