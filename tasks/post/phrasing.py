"""A letter put in words, from the files in `wording/`.

A wording file is `<kind>.<form>.<language>.j2`. Form `mail`: the first line is the subject, blank lines part
paragraphs; the HTML part is made from the same file, so that neither says less. Form `sms`: one short text.
"""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup

from tiendo.labels import period_label
from tiendo.periods import Period
from tiendo.wording import band_words, date_text, number_text

WORDING = Path(__file__).parent / "wording"

SMS_LENGTH = 160
MOST_PERIODS = 4  # that a subject names
NAME_LENGTH = 80  # of an indicator's name beside its code
SUBJECT_LENGTH = 250
HTML_BYTES = 100_000
VALUE_LENGTH = 400  # of one value in a message; a cell can hold 32 767 letters
HTML_ROOM = 2_000  # for the frame and the line that says something was left out

_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_PLAIN = str.maketrans({"đ": "d", "Đ": "D", "–": "-", "—": "-", "→": ">", "…": "...", "“": '"', "”": '"'})
_WEEKDAYS = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_AND_MORE = {"vi": "{} và {} kỳ khác", "en": "{} and {} more"}
_MORE = {"vi": "… (thư dài, đã lược bớt)", "en": "… (cut short)"}


def put_in_words(kind: str, form: str, locale: str, context: Mapping[str, object]) -> tuple[str, str, str]:
    """Subject, text and HTML of a letter of one kind; a text message has neither subject nor HTML.

    `form` is mail or sms; `context` holds what the wording asks for.
    """
    name = f"{kind}.{form}.{locale}.j2"
    text = wording_environment(locale, as_html=False).get_template(name).render(context)
    if form == "sms":
        return "", sms_text(text, str(context["reference"])), ""
    subject, body = _parted(text)
    html = _parted(wording_environment(locale, as_html=True).get_template(name).render(context))[1]
    return subject_line(subject, str(context["tag"])), body, html_letter(_PARAGRAPHS.split(html), locale)


def _parted(letter: str) -> tuple[str, str]:
    """Subject line and body, paragraphs parted by one empty line."""
    subject, _, body = letter.strip().partition("\n")
    return subject, "\n\n".join(_PARAGRAPHS.split(body.strip()))


def subject_line(text: str, tag: str) -> str:
    """A subject of one line and at most SUBJECT_LENGTH letters; the tag at its end stays whole."""
    line = _one_line(text)
    if len(line) <= SUBJECT_LENGTH:
        return line
    return f"{line[: SUBJECT_LENGTH - len(tag) - 2].rstrip()}… {tag}"


def html_letter(paragraphs: Iterable[str], locale: str) -> str:
    """A letter of at most HTML_BYTES from paragraphs of safe HTML: inline style, no picture, no link.

    Apprise makes the text part of a mail from it, which is why it holds no table.
    """
    style = "font-family:'Times New Roman',serif;font-size:13pt;line-height:1.4;color:#111;max-width:48em"
    shown, room = [], HTML_BYTES - HTML_ROOM
    for paragraph in paragraphs:
        block = f'<p style="margin:0 0 10pt 0">{paragraph.replace(chr(10), "<br>")}</p>'
        room -= len(block.encode())
        if room < 0:
            shown.append(f"<p>{_MORE[locale]}</p>")
            break
        shown.append(block)
    head = f'<html lang="{locale}"><head><meta charset="utf-8"></head>'
    return f'{head}<body><div style="{style}">{"".join(shown)}</div></body></html>'


def sms_text(text: str, reference: str) -> str:
    """At most 160 letters of plain ASCII, ending with the reference."""
    decomposed = unicodedata.normalize("NFD", text.translate(_PLAIN))
    plain = _one_line(decomposed.encode("ascii", "ignore").decode())
    room = SMS_LENGTH - len(reference) - 1
    short = plain if len(plain) <= room else plain[: room - 3].rstrip() + "..."
    return f"{short} {reference}"


def _one_line(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


@cache
def wording_environment(locale: str, as_html: bool) -> jinja2.Environment:
    """Jinja2 over the folder `wording/`, with the filters that a wording may use; HTML escapes values."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WORDING),
        autoescape=as_html,  # noqa: S701 - the other environment makes plain text
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_tidy,
    )
    environment.filters |= {
        "strong": (lambda text: Markup("<strong>{}</strong>").format(_tidy(text))) if as_html else _tidy,
        "date": lambda day: date_text(day, locale),
        "deadline": lambda instant: deadline_text(instant, locale),
        "moment": jinja2.pass_context(lambda c, at: moment_text(at, c["timezone"], locale)),
        "band": jinja2.pass_context(lambda c, code: band_words(c["bands"], locale=locale)[code]),
        "number": lambda number, decimals=1: number_text(number, decimals, locale),
        "named": lambda period: period_label(period, locale),
        "periods": lambda periods: periods_text(periods, locale),
        "brief": lambda text: textwrap.shorten(text, NAME_LENGTH, placeholder="…"),
    }
    return environment


def _tidy(value: object) -> object:
    """A value as it may stand in a line: one line, NFC, not endless. What is HTML already stays."""
    if value is None:
        return ""
    if isinstance(value, Markup):
        return value
    start = str(value)[: 4 * VALUE_LENGTH]  # room for NFD; normalising a whole cell's worth is slow
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", start))
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 1] + "…"


def periods_text(periods: Iterable[Period], locale: str) -> str:
    """The names of periods, each once; of many the first ones and how many more there are."""
    names = [period_label(period, locale) for period in dict.fromkeys(periods)]
    shown = ", ".join(names[:MOST_PERIODS])
    more = len(names) - MOST_PERIODS
    return _AND_MORE[locale].format(shown, more) if more > 0 else shown


def deadline_text(due: datetime, locale: str) -> str:
    """A due instant as a reminder names it: `17 giờ 00, thứ Hai, 14/9/2026`."""
    hour = f"{due:%H:%M}" if locale == "en" else f"{due:%H} giờ {due:%M}"
    return f"{hour}, {_WEEKDAYS[locale][due.weekday()]}, {date_text(due.date(), locale)}"


def moment_text(at: datetime, timezone: str, locale: str) -> str:
    """An instant as a receipt names it, in the workspace's time zone: `09:12 ngày 11/9/2026`."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local:%H:%M}{' ngày ' if locale == 'vi' else ', '}{date_text(local.date(), locale)}"
