"""What units gave as reasons and remedies: `unit: words; unit: words`, those who say the same put together."""

from collections.abc import Collection
from functools import lru_cache

MOST_NAMED = 12  # more units than these are counted, or their names would hide what they say
FEW_NAMED = 3
_BETWEEN = "; "
_AFTER_NAME = ": "


def joined_words(text: str, units: Collection[str]) -> str:
    """`A: late; B: late; C: rain` as `A, B: late; C: rain`; a text in which no unit is named stays as it is."""
    return (
        _BETWEEN.join(f"{', '.join(names)}{_AFTER_NAME}{words}" for words, names in _said(text, units))
        or text
    )


def short_words(text: str, units: Collection[str]) -> str:
    """The same, but where very many say the same thing only the first are named and the others counted."""
    return (
        _BETWEEN.join(f"{_names(names)}{_AFTER_NAME}{words}" for words, names in _said(text, units)) or text
    )


def _names(names: list[str]) -> str:
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:FEW_NAMED])} và {len(names) - FEW_NAMED} đơn vị khác"


def _said(text: str, units: Collection[str]) -> list[tuple[str, list[str]]]:
    """What is said, and the units that say it, in the order of the text; nothing unless it begins with a unit."""
    if _AFTER_NAME not in text:
        return []
    told: list[tuple[str, str]] = []
    for piece in text.split(_BETWEEN):
        name, colon, words = piece.partition(_AFTER_NAME)
        if colon and name in units:
            told.append((name, words))
        elif told:  # a reason with a semicolon of its own
            told[-1] = (told[-1][0], told[-1][1] + _BETWEEN + piece)
        else:
            return []
    who: dict[str, tuple[str, list[str]]] = {}
    for name, words in told:
        who.setdefault(_alike(words), (words, []))[1].append(name)
    return list(who.values())


@lru_cache(maxsize=1024)
def _alike(words: str) -> str:
    """What makes two reasons the same: not their capitals, spaces or full stop."""
    return " ".join(words.split()).strip(" .").casefold()
