"""The formulas of a template and, beside each, the same rule in Python for the result written with it.

Only functions of Excel 2007; `c` gives the address of a column's cell in the row.
"""

from collections.abc import Callable
from typing import Any

from tasks.template.template_sheet import Asked
from tasks.template.template_words import word

Cell = Callable[[str], str]


def is_number(value: Any) -> bool:
    """What Excel's ISNUMBER says of a raw value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


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
