"""What the check column of a template says of each row: as a formula, and as its result now.

Only functions of Excel 2007. The words stand in a named list: formulas stay short, and a return that is full
of them is read in a fifth less time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from tasks.template.template_formulas import Cell, has_percent, is_number, percent_result
from tasks.template.template_sheet import Asked
from tasks.template.template_words import word
from tiendo.labels import codes, label
from tiendo.number_texts import QUALIFIER_WORDS
from tiendo.outlooks import DOUBTFUL

# Named lists of the hidden sheet.
STATES_NAME = "td_states"
STATUSES_NAME = "td_statuses"
OUTLOOKS_NAME = "td_outlooks"
BEGINNINGS_NAME = "td_beginnings"
CHECKS_NAME = "td_checks"

# What the check column can say, by the keys of its words.
CHECK_WORDS = (
    "ok",
    "optional",
    "missing",
    "missing_numerator",
    "missing_denominator",
    "missing_reason",
    "missing_remedy",
    "missing_outlook_reason",
    "fix_number",
    "fix_zero",
    "fix_state",
    "fix_both",
    "fix_marked",
    "look_fell",
    "look_percent",
    "look_text",
)

PERCENT = "%"


@cache
def beginnings(locale: str) -> tuple[str, ...]:
    """How a text in a figure's cell may begin, in small letters: as an approximate figure, or as a state."""
    qualifiers = (text for texts in QUALIFIER_WORDS.values() for text in texts)
    return *qualifiers, *(text.lower() for text in codes("state", locale))


def begins_as_known(cell: str) -> str:
    """Formula: the cell's text begins in one of these ways."""
    return f"SUMPRODUCT(--(LEFT(LOWER({cell}),LEN({BEGINNINGS_NAME}))={BEGINNINGS_NAME}))>0"


def figure_or_words(cell: str) -> str:
    """Formula of a data validation: a number, or a text that may stand in its place."""
    return f"=OR(ISNUMBER({cell}),{begins_as_known(cell)})"


@dataclass(frozen=True)
class Choice:
    """One question of a check: its formula, whether it holds for the row as it is now, and what follows."""

    formula: str
    holds: bool
    then: "Check"
    otherwise: "Check"


Check = Choice | str  # a question, or the key of the words that answer


def check(row: Asked, c: Cell, locale: str) -> Check:
    """What the check column of a row asks, and answers."""
    state, value = c("state"), label("state", "value", locale)
    said = label("state", str(row.state or ""), locale)
    blank, is_blank = _blank(row, c)
    figure = _ratio_check(row, c) if row.ratio else _value_check(row, c, locale)
    unfilled: Check = "missing" if row.required else Choice(f'{state}=""', not said, "optional", "missing")
    of_figure = Choice(
        f'AND({state}<>"",ISNA(MATCH({state},{STATES_NAME},0)))',
        bool(said) and said not in codes("state", locale),
        "fix_state",
        Choice(
            f'AND({state}<>"",{state}<>"{value}")',
            said not in ("", value),
            Choice(blank, is_blank, "ok", "fix_both"),
            Choice(blank, is_blank, unfilled, figure),
        ),
    )
    return _outlook_check(row, c, locale, of_figure) if row.asks_outlook else of_figure


def _outlook_check(row: Asked, c: Cell, locale: str, otherwise: Check) -> Check:
    """An outlook that is not good wants its reason."""
    outlook = c("outlook")
    poor = [label("outlook", code, locale) for code in DOUBTFUL]
    is_poor = f"OR({','.join(f'{outlook}={_quoted(text)}' for text in poor)})"
    holds = label("outlook", str(row.outlook or ""), locale) in poor and not row.outlook_reason
    formula = f'AND({is_poor},{c("outlook_reason")}="")'
    return Choice(formula, holds, "missing_outlook_reason", otherwise)


def _quoted(text: str) -> str:
    return f'"{text}"'


def _blank(row: Asked, c: Cell) -> tuple[str, bool]:
    """Whether nothing of a figure is given."""
    names = ("numerator", "denominator") if row.ratio else ("value",)
    formulas = [f'{c(name)}=""' for name in names]
    return _all(formulas), all(getattr(row, name) in (None, "") for name in names)


def _all(formulas: list[str]) -> str:
    return formulas[0] if len(formulas) == 1 else f"AND({','.join(formulas)})"


def _ratio_check(row: Asked, c: Cell) -> Check:
    top, bottom = c("numerator"), c("denominator")
    numbers = is_number(row.numerator) and is_number(row.denominator)
    last = Choice(f"{bottom}=0", row.denominator == 0, "fix_zero", _shortfall_check(row, c))
    both = Choice(f"AND(ISNUMBER({top}),ISNUMBER({bottom}))", numbers, last, "fix_number")
    part = Choice(f'{bottom}=""', row.denominator in (None, ""), "missing_denominator", both)
    return Choice(f'{top}=""', row.numerator in (None, ""), "missing_numerator", part)


def _value_check(row: Asked, c: Cell, locale: str) -> Check:
    value, text = c("value"), str(row.value)
    stripped = f'SUBSTITUTE(SUBSTITUTE({value},".",""),",","")'
    look = Choice(f"ISNUMBER(-{stripped})", _is_number_in_text(text), "look_text", "fix_number")
    begins = text.lower().startswith(beginnings(locale))
    words = Choice(begins_as_known(value), begins, "ok", look)
    return Choice(f"ISNUMBER({value})", is_number(row.value), _number_check(row, c), words)


def _is_number_in_text(text: str) -> bool:
    """A number to people, as where the machine's decimal mark is another one."""
    return text.replace(".", "").replace(",", "").removeprefix("-").isdecimal()


def _number_check(row: Asked, c: Cell) -> Check:
    """A doubt about a number is put to rest by a word in the note."""
    value, note = c("value"), c("note")
    number = row.value if is_number(row.value) else 0
    rest = _shortfall_check(row, c)
    if row.measure == PERCENT and row.previous is not None and row.previous > 1:
        small = 0 < abs(number) <= 1 and not row.note
        rest = Choice(f'AND({value}<>0,ABS({value})<=1,{note}="")', small, "look_percent", rest)
    if row.accumulation == "cumulative" and row.previous is not None:
        fell = number < row.previous and not row.note
        rest = Choice(f'AND({value}<{c("previous")},{note}="")', fell, "look_fell", rest)
    return rest


def _shortfall_check(row: Asked, c: Cell) -> Check:
    """A figure that falls short wants a reason and a remedy."""
    if row.reason_below is None or not has_percent(row):
        return "ok"
    share, least = percent_result(row), row.reason_below / 100
    remedy = Choice(f'{c("remedy")}=""', not row.remedy, "missing_remedy", "ok")
    reason = Choice(f'{c("reason")}=""', not row.reason, "missing_reason", remedy)
    return Choice(f"{c('percent')}<{least:.15g}", isinstance(share, float) and share < least, reason, "ok")


def until_changed(row: Asked, c: Cell, names: Iterable[str], otherwise: Check) -> Check:
    """A figure that was sent back as wrong stays to be mended until another stands in one of its cells."""
    figures = {name: getattr(row, name) for name in names}
    if not figures or not all(map(is_number, figures.values())):
        return otherwise
    same = [f"{c(name)}={figure:.15g}" for name, figure in figures.items()]
    return Choice(_all(same), True, "fix_marked", otherwise)


def check_formula(asked: Check) -> str:
    """The questions as nested IFs that pick the words from their list."""
    return f"=INDEX({CHECKS_NAME},{_number_of(asked)})"


def _number_of(asked: Check) -> str:
    if isinstance(asked, str):
        return str(CHECK_WORDS.index(asked) + 1)
    return f"IF({asked.formula},{_number_of(asked.then)},{_number_of(asked.otherwise)})"


def check_result(asked: Check, locale: str) -> str:
    """What check_formula gives now."""
    while isinstance(asked, Choice):
        asked = asked.then if asked.holds else asked.otherwise
    return word(asked, locale)
