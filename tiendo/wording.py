"""Figures, dates and counts as people read them: `1.234,5`, `14/9/2026`, a review's official sentence."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from tiendo.bands import BANDS, BandRules
from tiendo.errors import InputError
from tiendo.labels import LOCALES, label, period_label
from tiendo.periods import Period

# A double holds 15 decimal digits; what stands behind them is noise and must not decide a rounding.
_DIGITS = 15


@dataclass(frozen=True)
class Grouping:
    """Bands counted under one name in the official sentence: its words, and the bands also named inside it.

    `{advancing}` and `{stalled}` in the words become the thresholds in force.
    """

    bands: tuple[str, ...]
    vi: str
    en: str
    inside: tuple[str, ...] = ()


# Only groupings bear these names (SPEC §7); a report may hand in others.
GROUPINGS: dict[str, Grouping] = {
    "met_or_better": Grouping(("exceeded", "met"), "vượt và đạt", "exceeded or met"),
    "above": Grouping(("advancing",), "đạt trên {advancing}", "above {advancing}"),
    "below": Grouping(
        ("lagging", "stalled", "not_started"),
        "đạt dưới {advancing}",
        "below {advancing}",
        inside=("stalled", "not_started"),
    ),
}

# The bands whose name is a threshold, so that the label prints the one in force.
_THRESHOLD_BANDS = {
    "advancing": ("Từ {advancing} đến dưới 100%", "{advancing} to under 100%"),
    "lagging": ("Từ {stalled} đến dưới {advancing}", "{stalled} to under {advancing}"),
    "stalled": ("Dưới {stalled}", "Under {stalled}"),
}
_ELAPSED = ("tiến độ thời gian", "the share of time elapsed")
_OF = (" ", " of ")
_OR = ("hoặc", "or")

UNSPECIFIED = ("Không cụ thể trong đề án", "Not made concrete in a scheme")

# What a sentence counts: the noun after the total, and after each part.
SUBJECTS = {
    "indicators": (("chỉ tiêu", "chỉ tiêu "), ("indicators", "")),
    "resolution": (("chỉ tiêu Nghị quyết", "chỉ tiêu "), ("resolution indicators", "")),
}


def number_text(number: float, decimals: int = 1, locale: str = "vi") -> str:
    """A number as printed, half rounded up: `1.234,5` (vi), `1,234.5` (en); "" where there is none."""
    if not math.isfinite(number):
        return ""
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(f"{number:.{_DIGITS}g}").quantize(step, rounding=ROUND_HALF_UP)
    english = f"{rounded + 0:,f}"  # adding 0 makes -0.0 plain 0.0
    return english if locale == "en" else english.translate(str.maketrans(",.", ".,"))


def short_number(number: float, locale: str = "vi") -> str:
    """A number without decimals it does not need: `60`, `57,5`."""
    text = number_text(number, 6, locale)
    return text.rstrip("0").rstrip(".,")


def date_text(day: date, locale: str = "vi") -> str:
    """A date as written: `14/9/2026` (vi), `2026-09-14` (en)."""
    return f"{day:%Y-%m-%d}" if locale == "en" else f"{day.day}/{day.month}/{day.year}"


def thresholds_text(bands: BandRules, elapsed: float | None = None, locale: str = "vi") -> dict[str, str]:
    """The thresholds in force, as words for `{advancing}` and `{stalled}`.

    `elapsed`: the elapsed share of the targets' span, where one share holds for all that is printed;
    without it relative thresholds are named, not numbered.
    """
    if bands.relative and elapsed is None:
        words, of = _ELAPSED[LOCALES.index(locale)], _OF[LOCALES.index(locale)]
        part = short_number(round(100 * bands.stalled / bands.advancing, 1), locale)
        return {"advancing": words, "stalled": f"{part}%{of}{words}"}
    limits = (cast(float, limit) for limit in bands.thresholds(1.0 if elapsed is None else elapsed))
    advancing, stalled = (f"{short_number(round(limit, 1), locale)}%" for limit in limits)
    return {"advancing": advancing, "stalled": stalled}


def band_words(bands: BandRules, elapsed: float | None = None, locale: str = "vi") -> dict[str, str]:
    """Band → its word, with the thresholds in force."""
    limits = thresholds_text(bands, elapsed, locale)
    words = {band: label("band", band, locale) for band in BANDS}
    forms = {band: form[LOCALES.index(locale)] for band, form in _THRESHOLD_BANDS.items()}
    return words | {band: form.format(**limits) for band, form in forms.items()}


def grouped(counts: Mapping[str, int], groupings: Mapping[str, Grouping] = GROUPINGS) -> dict[str, int]:
    """Counts by grouping, then by each band that no grouping holds; together they are all the counts.

    Raises InputError where a count is of no band, two groupings hold the same band, or one has a band's name.
    """
    held = [band for grouping in groupings.values() for band in grouping.bands]
    if twice := sorted({band for band in held if held.count(band) > 1}):
        raise InputError(f"groupings count {', '.join(twice)} twice; keep each band in one grouping")
    if unknown := sorted({*counts, *held} - set(BANDS)):
        raise InputError(f"{', '.join(unknown)}: not a band; the bands are {', '.join(BANDS)}")
    if shadowed := sorted(set(groupings) & set(BANDS) - set(held)):
        raise InputError(f"groupings named {', '.join(shadowed)} hold other bands; name them otherwise")
    sums = {
        name: sum(int(counts.get(band, 0)) for band in grouping.bands) for name, grouping in groupings.items()
    }
    return sums | {band: int(counts.get(band, 0)) for band in BANDS if band not in held}


def official_sentence(
    counts: Mapping[str, int],
    period: Period,
    estimated: bool,
    locale: str = "vi",
    *,
    bands: BandRules | None = None,
    elapsed: float | None = None,
    groupings: Mapping[str, Grouping] = GROUPINGS,
    subject: str = "indicators",
) -> str:
    """The sentence that a review is known by, from the counts by band; its parts sum to its total.

    `bands` gives the thresholds printed (the default rules otherwise), `subject` is a key of SUBJECTS.
    Groupings are always named; a band outside them only when it is not zero.
    """
    rules = bands or BandRules()
    sums = grouped(counts, groupings)
    whole, each = SUBJECTS[subject][LOCALES.index(locale)]
    words = {band: lowered(word) for band, word in band_words(rules, elapsed, locale).items()}
    limits = thresholds_text(rules, elapsed, locale)
    parts = []
    for name, grouping in groupings.items():
        text = (grouping.vi, grouping.en)[LOCALES.index(locale)].format(**limits)
        inside = [f"{int(counts[band])} {each}{words[band]}" for band in grouping.inside if counts.get(band)]
        parts.append(f"{sums[name]} {each}{text}{_within(inside, locale)}")
    words["not_applicable"] += f" {_OR[LOCALES.index(locale)]} {lowered(UNSPECIFIED[LOCALES.index(locale)])}"
    rest = [band for band in sums if band not in groupings and sums[band]]
    parts += [f"{sums[band]} {each}{words[band]}" for band in rest]
    return _opening(period, estimated, locale, f"{sum(sums.values())} {whole}") + "; ".join(parts) + "."


def _opening(period: Period, estimated: bool, locale: str, total: str) -> str:
    if locale == "en":
        start = f"Estimated to the end of {period_label(period, locale)}, of" if estimated else "Of"
        return f"{start} {total}: "
    start = f"Ước tính đến hết {lowered(period_label(period))}, trong" if estimated else "Trong"
    return f"{start} tổng số {total}: "


def _within(inside: list[str], locale: str) -> str:
    if not inside:
        return ""
    return f" ({'of which' if locale == 'en' else 'trong đó'}: {', '.join(inside)})"


def lowered(text: str) -> str:
    """The text with a small first letter, to stand within a sentence."""
    return text[:1].lower() + text[1:]


def raised(text: str) -> str:
    """The text with a capital first letter, to stand alone."""
    return text[:1].upper() + text[1:]
