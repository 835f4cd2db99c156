"""How much room a text takes in Times New Roman, so that rows are high enough and columns wide enough.

A spreadsheet does not grow a row for wrapped text in merged cells, and a viewer may not grow any.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

# Advance widths of Times New Roman in thousandths of the font size.
_WIDTHS = {
    250: " ,.·\n",
    278: "/:;\\ijlt",
    333: "'!()-I[]`fr|",
    389: "Js",
    444: '?acez"',
    500: "#$*0123456789_bdghknopquvxyđ–«»^{}",
    556: "FPS≥≤≈~ơư",
    611: "+<=>×ELTZ",
    667: "BCR",
    722: "ADGHKNOQUVXYwĐƠƯ",
    778: "&m",
    833: "%",
    889: "M",
    944: "W@▲▼",
    1000: "—…",
}
_WIDTH_OF = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_UNKNOWN = 722  # as wide as a capital: room to spare is better than a cut line
_BOLD = 1.06
_SLACK = 1.04  # no two programs set the same line equally long
_PIXELS_PER_POINT = 96 / 72
CELL_PADDING = 8  # pixels that a cell keeps clear on its two sides
_LINE = 1.3125  # height of a line in font sizes: as Excel makes it, more than the font asks for
_PADDING = 1.0  # points above and below the text of a row
_PIECE = re.compile("[^-]*-|[^-]+")
_SPACE = re.compile(r"\s+")
HIGHEST_ROW = 409.0  # points; Excel's limit


def width_pixels(text: str, size: float = 12, bold: bool = False) -> float:
    """Width in pixels (96 to the inch) of one line of text at a font size in points."""
    thousandths = sum(_letter_width(letter) for letter in text)
    return thousandths / 1000 * size * _PIXELS_PER_POINT * (_BOLD if bold else 1) * _SLACK


@lru_cache(maxsize=4096)
def _letter_width(letter: str) -> int:
    plain = letter if letter in _WIDTH_OF else unicodedata.normalize("NFD", letter)[0]
    return _WIDTH_OF.get(plain, _UNKNOWN)


def line_count(text: str, pixels: float, size: float = 12, bold: bool = False) -> int:
    """Lines that a text takes in a cell so many pixels wide, broken at spaces and after hyphens."""
    room = max(pixels - CELL_PADDING, 1.0)
    return sum(_lines_of(pieces, room) for pieces in _pieces_of(text, size, bold))


def cut_to_lines(text: str, pixels: float, most: int, ending: str, bold: bool = False) -> str:
    """The text, or as many of its first words as take, with the ending, at most `most` lines of a cell."""
    if line_count(text, pixels, bold=bold) <= most:
        return text

    def lines_up_to(end: int) -> int:
        return line_count(_ended(text[:end], ending), pixels, bold=bold)

    words = [space.start() for space in _SPACE.finditer(text)]
    if whole := bisect_right(words, most, key=lines_up_to):
        return _ended(text[: words[whole - 1]], ending)
    letters = range(len(text))
    return _ended(text[: letters[bisect_right(letters, most, key=lines_up_to) - 1]], ending)


def _ended(text: str, ending: str) -> str:
    return text.rstrip(" \n,;:") + ending


@lru_cache(maxsize=8192)
def _pieces_of(text: str, size: float, bold: bool) -> tuple[tuple[tuple[float, float], ...], ...]:
    """For each paragraph its unbreakable pieces: the space before each, and its own width."""
    space = width_pixels(" ", size, bold)
    return tuple(
        tuple(
            (0.0 if number else space, width_pixels(piece, size, bold))
            for word in paragraph.split(" ")
            for number, piece in enumerate(_PIECE.findall(word))
        )
        for paragraph in text.split("\n")
    )


def _lines_of(pieces: tuple[tuple[float, float], ...], room: float) -> int:
    lines, used = 1, 0.0
    for space, width in pieces:
        if used and used + space + width > room:
            lines, used = lines + 1, 0.0
        used += (space if used else 0.0) + width
        while used > room:  # a piece longer than the line is broken
            lines, used = lines + 1, used - room
    return lines


def row_height(lines: int, size: float = 12, least: float = 0.0) -> float:
    """Height in points of a row that holds so many lines, within what Excel allows."""
    return min(max(lines * size * _LINE + 2 * _PADDING, least), HIGHEST_ROW)
