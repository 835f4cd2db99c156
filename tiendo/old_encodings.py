"""Vietnamese typed before Unicode: text whose letters only a font made Vietnamese, and files in old code pages.

*TCVN3* (TCVN 5712:1993, fonts `.VnTime`) has one code for each lower-case letter and each capital without a tone;
toned capitals are the lower-case codes shown in a font of capitals (`.VnTimeH`). *VNI* (VNI-Windows) writes most
letters as a plain letter and a mark. In a Unicode cell, or read as windows-1252, `Không phát sinh` then stands as
`Kh«ng ph¸t sinh` (TCVN3) or `Khoâng phaùt sinh` (VNI). Nothing in a file says so: words are judged by whether they
are Vietnamese syllables after conversion and were none before.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import AnyStr

_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT = "\u0300\u0309\u0303\u0301\u0323"
_TONES = (_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT)
_VOWELS = "aăâeêioôơuưy"


def _toned(vowel: str) -> str:
    return "".join(unicodedata.normalize("NFC", vowel + tone) for tone in _TONES)


# Each vowel with the tones in their order.
_TCVN3_TONED = {
    "a": "µ¶·¸¹",
    "ă": "»¼½¾Æ",
    "â": "ÇÈÉÊË",
    "e": "ÌÎÏÐÑ",
    "ê": "ÒÓÔÕÖ",
    "i": "×ØÜÝÞ",
    "o": "ßáâãä",
    "ô": "åæçèé",
    "ơ": "êëìíî",
    "u": "ïñòóô",
    "ư": "õö÷øù",
    "y": "úûüýþ",
}

# How a letter stands in the encoding -> the letter.
TCVN3: dict[str, str] = dict(zip("¡¢£¤¥¦§¨©ª«¬\u00ad®", "ĂÂÊÔƠƯĐăâêôơưđ", strict=True)) | {
    code: letter
    for vowel, codes in _TCVN3_TONED.items()
    for code, letter in zip(codes, _toned(vowel), strict=True)
}

# A letter, what it stands for, and its marks: for each tone alone, with a circumflex, with a breve.
_VNI_MARKS = (("aeouyôö", "aeouyơư", "øûõùï"), ("aeo", "âêô", "àåãáä"), ("a", "ă", "èúüéë"))
_VNI_ALONE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "í": "í", "ò": "ị", "î": "ỵ"}


def _vni_small() -> dict[str, str]:
    table = _VNI_ALONE | {"aâ": "â", "eâ": "ê", "oâ": "ô", "aê": "ă"}
    for bases, letters, marks in _VNI_MARKS:
        for base, letter in zip(bases, letters, strict=True):
            table |= zip((base + mark for mark in marks), _toned(letter), strict=True)
    del table["yï"]  # ỵ has a code of its own
    return table


# Beside a capital the mark is a capital too, or, as many typed, a small letter.
VNI: dict[str, str] = {
    form: letter.upper() if form[0].isupper() else letter
    for code, letter in _vni_small().items()
    for form in (code, code.upper(), code[0].upper() + code[1:])
}

_TCVN3_TABLE = str.maketrans(TCVN3)
_OF_VNI = re.compile("|".join(sorted(VNI, key=len, reverse=True)))

_CODES = "".join(TCVN3)
_SIGNS = re.compile(r"[¡-¿×÷\u00ad]")  # letters only by a font
_SUSPICIOUS = re.compile(f"[{_CODES}À-ÿ]")
# Letters that only Unicode has: whoever typed one did not type in an old encoding.
_ONLY_UNICODE = re.compile("[ăđĩũơưĂĐĨŨƠƯ\u0300-\u036f\u1ea0-\u1ef9]")
_WORD = re.compile(f"[A-Za-zÀ-ỹ{_CODES}]+")
_NO_ASCII = re.compile(r"[^\x00-\x7f]+")
_CAPITALS = re.compile(f"(?<![A-Za-z{_CODES}])[A-Z{_CODES}]{{2,}}+(?![a-z])")
_CASED = re.compile("[A-Za-z¡-§]")
_SMALL = re.compile("[a-z]")

# A syllable without its tone: initial, then vowels and final, both together a rime of the language. `qu` is an
# initial, and `gi` before a vowel.
_RIME = (
    r"oa|oe|uê|uơ|uya?|[iuư]a|[aeêioôơuưy]"
    r"|a[iouy]|â[uy]|eo|i?êu|iu|oa[ioy]|oeo|(ô|oa|uô|ươ?|[oơu])i|uây|uyu|ươ?u|yêu"
    r"|o?a(ch|nh|[cmpt]|ng?)|(ă|oă|â|oe|o|u|ươ|iê|ư|e|ô|oo)([cmpt]|ng?)|(ê|uy)(ch|nh|[nmpt])|i(ch|nh|[mnpt])"
    r"|uê(ch|nh)|ơ[mnpt]|uâ(ng?|t)|uô([cmt]|ng?)|uyê[nt]|yê([mt]|ng?)|ăk"
)
_SYLLABLE = re.compile(
    r"(b|ch|d|đ|h|kh|l|m|nh?|ph?|qu|r|s|th?|tr|v|x|c(?![eêiy])|k(?=[eêiy])|gh(?=[eêi])"
    rf"|ng(?![eêi])|ngh(?=[eêi])|gi(?=[{_VOWELS}])|g(?![eêy]))?(?=({_RIME})\Z)(?P<vowels>[{_VOWELS}]+)(?P<final>.*)"
)
_EITHER_VOWEL = ("oa", "oe", "uy")  # hòa and hoà, thủy and thuỷ
_GLIDE = re.compile(r"([aâêiuươy]u|[ae]o|[aoôơuư]i|[aâ]y)\Z")
_STOPS = ("c", "ch", "k", "p", "t")
_STOPPED_TONES = frozenset((_ACUTE, _DOT))

# From this length a word is told by itself; shorter ones only beside another.
_LONG_SIGNS, _LONG_MARKS = 3, 4
_MOST_LETTERS = 20  # of a word: no syllable has as many in any encoding, so the rest says nothing
# `N·m` and `µm` are measures.
_MEASURE = re.compile(r"µ[A-Za-z]{0,2}|[A-Za-z]{1,2}·[A-Za-z]{1,2}")

_BYTE_WORD = re.compile(rb"(?<![A-Za-z\x80-\xff])[A-Za-z]*+[\x80-\xff][A-Za-z\x80-\xff]*")
_LETTERS = re.compile(r"[^\W\d_]+|\ufffd")
_MOST_WORDS = 2000  # of a file: enough to tell its encoding by
_SAMPLE_BYTES = 4096
_MANY, _FEW = 0.3, 0.05  # shares of 0 bytes in UTF-16, in every second place and in the others


@dataclass(frozen=True)
class Recognised:
    """A text that was typed in an old encoding: the encoding's name, and the text in Unicode (NFC)."""

    encoding: str
    text: str


@dataclass(frozen=True)
class Decoded:
    """The text of a file, and the name of the encoding it was in."""

    text: str
    encoding: str


class UndecodableError(ValueError):
    """Bytes in none of the encodings that are known; `line` (from 1) has the first that is not UTF-8."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}: neither Unicode nor an old Vietnamese encoding")
        self.line = line


def from_tcvn3(text: str) -> str:
    """TCVN3 read as windows-1252 -> Unicode; among capitals a toned letter is a capital too."""
    converted = text.translate(_TCVN3_TABLE)
    if _is_capitals(text):
        return converted.upper()
    pieces, done = [], 0
    for word in _CAPITALS.finditer(text):
        if _is_capitals(word[0]):
            pieces += [converted[done : word.start()], converted[slice(*word.span())].upper()]
            done = word.end()
    return "".join([*pieces, converted[done:]])


def _is_capitals(text: str) -> bool:
    """Whether at least two letters have a case of their own, and all of them are capitals."""
    return _SMALL.search(text) is None and len(_CASED.findall(text)) > 1


def from_vni(text: str) -> str:
    """VNI-Windows read as windows-1252 -> Unicode."""
    return _OF_VNI.sub(lambda code: VNI[code[0]], text)


ENCODINGS: dict[str, Callable[[str], str]] = {"TCVN3": from_tcvn3, "VNI": from_vni}


@lru_cache(maxsize=2**14)
def is_syllable(word: str, strict: bool = False) -> bool:
    """Whether a word in Unicode is spelled as a Vietnamese syllable, written small, Big or BIG.

    `strict` asks for the tone on its right vowel; else it may stand beside it, as hands slip (`qúy`, `cuả`).
    """
    if not (word.isupper() or not word[1:] or word[1:].islower()):
        return False
    plain, tones = _parted(word.lower())
    match = _SYLLABLE.fullmatch(plain)
    if match is None or len(tones) > 1:
        return False
    vowels, final = match["vowels"], match["final"]
    if not tones:
        return not (strict and final in _STOPS)
    place, tone = tones[0][0] - match.start("vowels"), tones[0][1]
    if final in _STOPS and tone not in _STOPPED_TONES:
        return False
    is_beside = not strict and not (place == len(vowels) - 1 and _GLIDE.search(vowels))
    return is_beside or place in _tone_places(vowels, final)


def _parted(word: str) -> tuple[str, list[tuple[int, str]]]:
    """A word without tones, and its tones with the places of their letters."""
    letters: list[str] = []
    tones = []
    for place, letter in enumerate(unicodedata.normalize("NFC", word)):
        marks = unicodedata.normalize("NFD", letter)
        tones += [(place, mark) for mark in marks if mark in _TONES]
        letters.append(unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES)))
    return "".join(letters), tones


def _tone_places(vowels: str, final: str) -> tuple[int, ...]:
    last = len(vowels) - 1
    if vowels in _EITHER_VOWEL and not final:
        return (0, 1)
    if final or vowels in ("uê", "uơ") or last == 0:
        return (last,)
    return (last - 1,)


def recognised(text: str) -> Recognised | None:
    """The text in Unicode, if it was typed in TCVN3 or VNI; None if there is any doubt."""
    if not _SUSPICIOUS.search(text):
        return None
    text = unicodedata.normalize("NFC", text)
    if _ONLY_UNICODE.search(text):
        return None
    words = _words(text)
    scores = {name: _evidence(words, convert) for name, convert in ENCODINGS.items()}
    name = _winner(scores)
    if name is None:
        return None
    return Recognised(name, unicodedata.normalize("NFC", ENCODINGS[name](text)))


def recognised_texts(texts: Iterable[str]) -> dict[str, Recognised]:
    """Of many texts those typed in an old encoding, each with what it says."""
    found = {text: recognised(text) for text in set(texts) if not text.isascii()}
    return {text: recognition for text, recognition in found.items() if recognition is not None}


def _words(text: str) -> set[str]:
    return {word[0][:_MOST_LETTERS] for word in _WORD.finditer(text) if not _MEASURE.fullmatch(word[0])}


def _evidence(words: Iterable[str], convert: Callable[[str], str]) -> int:
    """How much speaks for an encoding: syllables that it makes of words, less the words that are none by it."""
    told = short = against = 0
    for word in words:
        after = convert(word)
        if not is_syllable(after.lower(), strict=not word.isascii()):
            against += _is_word(after)
        elif not word.isascii() and after != word and not is_syllable(word):
            is_told = _is_told(word, after)
            told, short = told + is_told, short + (not is_told)
    if not told and (against or short < 2):
        return 0
    return max(told + short - against, 0)


def _is_word(word: str) -> bool:
    """Whether a word is more than initials or a measure: it has a vowel and is not in capitals alone."""
    return len(word) > 1 and not word.isupper() and any(c in _VOWELS for c in _parted(word.lower())[0])


def _is_told(word: str, after: str) -> bool:
    """Whether a word that becomes a syllable can be no name of another language, such as `Häng` or `laïc`."""
    if re.search(r"[a-zà-ÿ][À-ÖØ-Þ]", word) or len(_NO_ASCII.findall(word)) > 1:
        return True
    if _SIGNS.search(word):
        return len(after) >= _LONG_SIGNS
    return _LONG_MARKS <= len(after) < len(word)


def _winner(scores: dict[str, int]) -> str | None:
    """The name with the highest score above 0; None if two have it."""
    best = max(scores.values())
    names = [name for name, score in scores.items() if score == best]
    return names[0] if best > 0 and len(names) == 1 else None


def decoded(content: bytes) -> Decoded:
    """The text of a file in Unicode or in an old Vietnamese encoding: UTF-8, UTF-16, windows-1258, TCVN3, VNI.

    Raises UndecodableError, a ValueError, for anything else: windows-1252 cannot be told from binary data.
    """
    if encoding := _utf16(content):
        try:
            return Decoded(content.decode(encoding), "UTF-16")
        except UnicodeDecodeError as error:
            before = content[: error.start].decode(encoding, "ignore")
            raise UndecodableError(_lines(before, "\n", "\r")) from error
    try:
        return Decoded(content.decode("utf-8-sig"), "UTF-8")
    except UnicodeDecodeError as error:
        if found := _old(content):
            return found
        raise UndecodableError(_lines(content[: error.start], b"\n", b"\r")) from error


def _lines(before: AnyStr, line_feed: AnyStr, carriage_return: AnyStr) -> int:
    return max(before.count(line_feed), before.count(carriage_return)) + 1


def _utf16(content: bytes) -> str | None:
    """The codec of a text whose every second byte is mostly 0, as it is where most letters are plain."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = content[:_SAMPLE_BYTES]
    first, second = (start[n::2].count(0) / max(len(start) // 2, 1) for n in (0, 1))
    if min(first, second) > _FEW or max(first, second) < _MANY:
        return None
    return "utf-16-le" if second > first else "utf-16-be"


def _old(content: bytes) -> Decoded | None:
    """A text in the old encoding that makes the most syllables of its words; None if none or two do."""
    words = _byte_words(content)
    latin = _words("\n".join(word.decode("latin-1") for word in words))
    scores = {name: _evidence(latin, convert) for name, convert in ENCODINGS.items()}
    scores["windows-1258"] = _evidence_1258(words)
    name = _winner(scores)
    if name is None:
        return None
    try:
        text = content.decode("cp1258" if name == "windows-1258" else "cp1252")
    except UnicodeDecodeError:
        return None
    return Decoded(unicodedata.normalize("NFC", ENCODINGS[name](text) if name in ENCODINGS else text), name)


def _byte_words(content: bytes) -> set[bytes]:
    words: set[bytes] = set()
    for word in _BYTE_WORD.finditer(content):
        words.add(word[0][:_MOST_LETTERS])
        if len(words) == _MOST_WORDS:
            break
    return words


def _evidence_1258(words: Iterable[bytes]) -> int:
    """Syllables, less other words twice: French has the same accents in the same code page."""
    texts = (unicodedata.normalize("NFC", word.decode("cp1258", "replace")) for word in words)
    found = {word for text in texts for word in _LETTERS.findall(text) if not word.isascii()}
    good = sum(is_syllable(word.lower(), strict=True) for word in found)
    return max(good - 2 * (len(found) - good), 0)
