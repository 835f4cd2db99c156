"""The table of a template: groups, the line of each indicator, its hints and its checks."""

from typing import Any

from tasks.book.book_cells import cut
from tasks.book.book_style import FONT
from tasks.book.text_fit import line_count, row_height
from tasks.template.return_fields import ASKS_FIELD, ASKS_RATIO
from tasks.template.template_checks import (
    OUTLOOKS_NAME,
    STATES_NAME,
    check,
    check_formula,
    check_result,
    figure_or_words,
    until_changed,
)
from tasks.template.template_formulas import (
    has_percent,
    percent_formula,
    percent_result,
    ratio_formula,
    ratio_result,
)
from tasks.template.template_layout import FIRST_LINE, Group
from tasks.template.template_page import GROUP_FILLS, LINE_COLOUR, Page, needed_decimals, typed
from tasks.template.template_sheet import Asked
from tiendo.wording import number_text, raised

# Beyond it a double no longer tells one unit from the next.
LARGEST = 1e15

# What is asked where the figure is no amount, but a place in an order.
PLACES = ("milestone", "stages", "rank")

# What Excel takes in a hint's title and text.
TITLE_LENGTH, TEXT_LENGTH = 32, 255

OUTLOOK = ("outlook", "outlook_reason")

INDENT = 12  # pixels that an indented text does not have
LEAST_HEIGHT = 34.0  # points: two lines
GROUP_HEIGHTS = {"period": 26, "programme": 22, "scheme": 20}
NOTE_WIDTH, NOTE_SIZE, NOTE_LINE = 360, 10, 18  # pixels, points, pixels


def write_lines(page: Page) -> list[str]:
    """Writes groups and rows; gives what the check of each row says now."""
    for row, line in enumerate(page.layout.lines, FIRST_LINE):
        if isinstance(line, Group):
            _write_group(page, row, line)
    results = [_write_row(page, row, n, asked) for n, (row, asked) in enumerate(page.layout.asked(), 1)]
    choice = {"validate": "list", "source": f"={STATES_NAME}", **stop(page, "list")}
    choice |= {"input_title": page.word("state"), "input_message": page.word("hint_state")}
    place = page.at("state")
    page.out.validate((FIRST_LINE, place), (page.layout.last, place), choice)
    _offer_outlooks(page)
    _show_whole_numbers(page)
    return results


def _offer_outlooks(page: Page) -> None:
    """The list of outlooks, on the rows that ask for one."""
    for row, asked in page.layout.asked():
        if asked.asks_outlook:
            at = (row, page.at("outlook"))
            choice = {"validate": "list", "source": f"={OUTLOOKS_NAME}", **stop(page, "list")}
            choice |= {
                "input_title": cut(page.word("outlook"), TITLE_LENGTH),
                "input_message": cut(page.word("hint_outlook"), TEXT_LENGTH),
            }
            page.out.validate(at, at, choice)


def _write_group(page: Page, row: int, group: Group) -> None:
    look = {"bg_color": GROUP_FILLS[group.level], "bold": True, "italic": group.level == "scheme"}
    line = page.style(**look, top=1, bottom=1, border_color=LINE_COLOUR)
    for place in range(2, page.layout.columns.visible):
        page.out.blank(row, place, line)
    page.out.text(row, 0, group.mark, page.style(**look, border=1, border_color=LINE_COLOUR, align="center"))
    page.out.text(row, page.at("name"), group.text, line)
    page.out.sheet.set_row(row, GROUP_HEIGHTS[group.level])


def _write_row(page: Page, row: int, number: int, asked: Asked) -> str:
    """One line to fill; gives what its check says now."""
    _write_known(page, row, number, asked)
    _write_figures(page, row, asked)
    for name in ("state", "reason", "remedy", "note"):
        look = {"align": "center"} if name == "state" else {"indent": 1}
        style = page.input_of((asked.indicator, asked.period, name), text_wrap=True, **look)
        page.out.value(row, page.at(name), typed(page, asked, name), style)
    _write_share(page, row, asked)
    _write_outlook(page, row, asked)
    c = page.layout.cell(row)
    found = until_changed(asked, c, _wrong_figures(page, asked), check(asked, c, page.template.locale))
    formula, result = check_formula(found), check_result(found, page.template.locale)
    page.out.formula(row, page.at("check"), formula, page.locked(text_wrap=True, align="center"), result)
    _write_faults(page, row, asked)
    page.out.sheet.set_row(row, _height(page, asked, result))
    return result


def _wrong_figures(page: Page, asked: Asked) -> tuple[str, ...]:
    """The cells of a row's figure, if it was found wrong: a ratio may be mended in either of its parts."""
    parts = ("numerator", "denominator") if asked.ratio else ("value",)
    marks = [page.marks.get((asked.indicator, asked.period, name)) for name in parts]
    return parts if any(mark is not None and mark.severity == "error" for mark in marks) else ()


def _write_known(page: Page, row: int, number: int, asked: Asked) -> None:
    out = page.out
    centre, wrapped = page.locked(align="center", text_wrap=True), page.locked(text_wrap=True, indent=1)
    figure = page.locked(num_format=page.figure_format(asked, asked.target, asked.previous))
    out.number(row, page.at("tt"), number, centre)
    out.text(row, page.at("name"), asked.name, wrapped)
    out.note(row, page.at("name"), *comment(_explanation(page, asked)))
    out.text(row, page.at("measure"), asked.measure, centre)
    out.value(row, page.at("target"), asked.target, figure)
    out.value(row, page.at("previous"), asked.previous, figure)
    if page.layout.columns.has("asked"):
        out.text(row, page.at("asked"), page.word(f"ask_{asked.asks}"), centre)
    hidden = page.style()
    out.text(row, page.at("indicator"), asked.indicator, hidden)
    out.text(row, page.at("period"), asked.period, hidden)
    if asked.ratio:
        out.text(row, page.at(ASKS_FIELD), ASKS_RATIO, hidden)


def _write_figures(page: Page, row: int, asked: Asked) -> None:
    """The cells of the figure: a value to type, or a numerator and a denominator and the ratio they give."""
    parts = [name for name in ("numerator", "denominator") if page.layout.columns.has(name)]
    for name in parts if not asked.ratio else ():
        page.out.blank(row, page.at(name), page.locked())
    for name in parts if asked.ratio else ("value",):
        style = page.input_of((asked.indicator, asked.period, name), num_format=page.typed_format)
        page.out.value(row, page.at(name), typed(page, asked, name), style)
        page.out.validate((row, page.at(name)), (row, page.at(name)), _number_rule(page, row, asked, name))
    if asked.ratio:
        formula, result = ratio_formula(asked, page.layout.cell(row)), ratio_result(asked)
        style = page.locked(num_format=page.figure_format(asked, asked.target, asked.previous))
        page.out.formula(row, page.at("value"), formula, style, result)


def _write_share(page: Page, row: int, asked: Asked) -> None:
    style = page.locked(num_format=page.number_format("0.0%"))
    if has_percent(asked):
        formula = percent_formula(asked, page.layout.cell(row))
        page.out.formula(row, page.at("percent"), formula, style, percent_result(asked))
    else:
        page.out.blank(row, page.at("percent"), style)


def _write_outlook(page: Page, row: int, asked: Asked) -> None:
    """What the round asks beside the figure: the year's estimate, the outlook and its reason."""
    columns = page.layout.columns
    looks: dict[str, dict[str, Any]] = {
        "year_estimate": {"num_format": page.typed_format},
        "outlook": {"align": "center", "text_wrap": True},
        "outlook_reason": {"text_wrap": True, "indent": 1},
    }
    asks = {"year_estimate": asked.asks_year_estimate, **dict.fromkeys(OUTLOOK, asked.asks_outlook)}
    for name, is_asked in asks.items():
        if not columns.has(name):
            continue
        if not is_asked:
            page.out.blank(row, page.at(name), page.locked())
            continue
        style = page.input_of((asked.indicator, asked.period, name), **looks[name])
        page.out.value(row, page.at(name), typed(page, asked, name), style)
    if asked.asks_year_estimate:
        at = (row, page.at("year_estimate"))
        page.out.validate(at, at, _estimate_rule(page, row, asked))


def _estimate_rule(page: Page, row: int, asked: Asked) -> dict[str, Any]:
    """The data validation of the year's estimate."""
    formula = figure_or_words(page.layout.address(row, "year_estimate"))
    hint = {
        "input_title": cut(f"{page.word('year_estimate')} ({asked.measure})", TITLE_LENGTH),
        "input_message": cut(page.word("hint_year_estimate"), TEXT_LENGTH),
    }
    return {"validate": "custom", "value": formula, **hint, **stop(page, "value"), "error_type": "warning"}


def _number_rule(page: Page, row: int, asked: Asked, name: str) -> dict[str, Any]:
    """The data validation of a figure, with last period's figure in its hint."""
    hint = {
        "input_title": cut(_figure_name(page, asked, name), TITLE_LENGTH),
        "input_message": cut(f"{_last_time(page, asked)}\n{_what_to_type(page, asked)}", TEXT_LENGTH),
    }
    if asked.ratio:
        between = {"criteria": "between", "minimum": -LARGEST, "maximum": LARGEST}
        return {"validate": "decimal", **between, **hint, **stop(page, "part")}
    formula = figure_or_words(page.layout.address(row, name))
    # A warning only: the sheet may not know every way of writing an approximate figure.
    return {"validate": "custom", "value": formula, **hint, **stop(page, "value"), "error_type": "warning"}


def stop(page: Page, what: str) -> dict[str, Any]:
    """What a cell says to something that it does not take."""
    title = "stop_list" if what == "list" else "stop_title"
    text = "stop_list_text" if what == "list" else f"stop_{what}"
    return {"error_title": page.word(title), "error_message": page.word(text)}


def _last_time(page: Page, asked: Asked) -> str:
    text = asked.previous_texts
    if not text and asked.previous is not None:
        decimals = asked.decimals if asked.decimals is not None else needed_decimals(asked.previous)
        text = f"{number_text(asked.previous, decimals, page.template.locale)} {asked.measure}"
    return page.word("hint_last", text=text) if text else page.word("hint_no_last")


def _figure_name(page: Page, asked: Asked, name: str) -> str:
    """What a figure's cell takes: an amount in its unit of measure, or a place in an order."""
    if _is_place(asked):
        return page.word(f"value_{asked.asks}")
    ask = page.word(name if asked.ratio else f"ask_{asked.asks}")
    return page.word("hint_value", ask=ask, measure=asked.measure)


def _is_place(asked: Asked) -> bool:
    return not asked.ratio and asked.asks in PLACES


def _what_to_type(page: Page, asked: Asked) -> str:
    """How a figure is typed; of a milestone with the names of its stages."""
    if not _is_place(asked):
        return page.word("hint_number")
    return raised("; ".join([page.word(f"how_{asked.asks}"), *_stages(asked)])) + "."


def _stages(asked: Asked) -> list[str]:
    """The stages of a milestone, each with the number that says that it is done."""
    return [f"{number} = {name}" for number, name in enumerate(asked.stages, 1)]


def _explanation(page: Page, asked: Asked) -> str:
    """What the note on an indicator's name says: code, how to fill it, definition, source."""
    how = page.word("how_ratio" if asked.ratio else f"how_{asked.asks}")
    how = "\n".join([how, *_stages(asked)])
    whole = page.word(f"all_{asked.aggregation}")
    said = {"code": asked.indicator, "how": how, "whole": whole, "definition": asked.definition}
    said["data_source"] = asked.data_source
    return "\n".join(page.word(key, text=text) for key, text in said.items() if text)


def _height(page: Page, asked: Asked, result: str) -> float:
    """Height in points of a row that shows all its texts, with room for a reason of two lines."""
    texts = {name: str(typed(page, asked, name) or "") for name in ("reason", "remedy", "note")}
    if page.layout.columns.has("outlook_reason"):
        texts["outlook_reason"] = str(asked.outlook_reason or "")
    texts |= {"name": asked.name, "measure": asked.measure, "check": result}
    width = page.layout.columns.pixels
    lines = max(line_count(text, width(name) - INDENT) for name, text in texts.items())
    return row_height(lines, least=LEAST_HEIGHT)


def _write_faults(page: Page, row: int, asked: Asked) -> None:
    """Comments on the cells that something is wrong with."""
    for place, column in enumerate(page.layout.columns.all):
        mark = page.marks.get((asked.indicator, asked.period, column.name))
        if mark is not None and column.is_input:
            page.out.note(row, place, *comment(mark.text))


def comment(text: str) -> tuple[str, dict[str, Any]]:
    """A cell comment that is large enough for its text."""
    lines = line_count(text, NOTE_WIDTH, NOTE_SIZE)
    look = {"font_name": FONT, "font_size": NOTE_SIZE, "author": "tiendo", "color": "#FFFFE1"}
    return text, {**look, "width": NOTE_WIDTH, "height": NOTE_LINE * (lines + 1)}


def _show_whole_numbers(page: Page) -> None:
    """Cells to fill show the decimals that were typed; a whole number, no decimal mark without any."""
    first = "numerator" if page.layout.columns.has("numerator") else "value"
    cell = page.layout.address(FIRST_LINE, first)
    whole = page.style.book.add_format({"num_format": page.number_format("#,##0")})
    rule = {"type": "formula", "criteria": f"=AND(ISNUMBER({cell}),{cell}=INT({cell}))", "format": whole}
    area = (FIRST_LINE, page.at(first), page.layout.last, page.at("value"))
    page.out.sheet.conditional_format(*area, rule)
    if page.layout.columns.has("year_estimate"):
        place = page.at("year_estimate")
        cell = page.layout.address(FIRST_LINE, "year_estimate")
        beside = rule | {"criteria": f"=AND(ISNUMBER({cell}),{cell}=INT({cell}))"}
        page.out.sheet.conditional_format(FIRST_LINE, place, page.layout.last, place, beside)
