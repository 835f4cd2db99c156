"""Mutants: what chance may do to the bytes of a file, to the XML of a workbook, to the lines of a CSV.

None changes the text of a figure: what a mutant says of an indicator is either what the original says, or nothing.
"""

import re
from collections.abc import Callable
from random import Random

from corpus_books import BOOK, BOOK_RELS, KEYS, SHEET, STRINGS, TYPES, Parts, zipped

Mutation = Callable[[bytes, Random], bytes]

# Bytes


def flip(content: bytes, random: Random) -> bytes:
    """One bit."""
    made = bytearray(content)
    made[random.randrange(len(made))] ^= 1 << random.randrange(8)
    return bytes(made)


def overwrite(content: bytes, random: Random) -> bytes:
    """Some bytes by others."""
    at = random.randrange(len(content))
    block = random.randbytes(random.randint(1, 64))
    return content[:at] + block + content[at + len(block) :]


def truncate(content: bytes, random: Random) -> bytes:
    return content[: random.randrange(len(content))]


def insert(content: bytes, random: Random) -> bytes:
    at = random.randrange(len(content) + 1)
    return content[:at] + random.randbytes(random.randint(1, 64)) + content[at:]


def delete(content: bytes, random: Random) -> bytes:
    at = random.randrange(len(content))
    return content[:at] + content[at + random.randint(1, 200) :]


def double(content: bytes, random: Random) -> bytes:
    """A block twice."""
    at = random.randrange(len(content))
    end = at + random.randint(1, 2000)
    return content[:end] + content[at:end] + content[end:]


def swap(content: bytes, random: Random) -> bytes:
    """Two blocks change places."""
    a, b, c, d = sorted(random.randrange(len(content) + 1) for _ in range(4))
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def zero(content: bytes, random: Random) -> bytes:
    """A block of zeros, as a lost sector of a disk."""
    at = random.randrange(len(content))
    size = min(512, len(content) - at)
    return content[:at] + bytes(size) + content[at + size :]


def _in_record(magic: bytes, first: int, last: int) -> Mutation:
    """A byte of one of an archive's records, some bytes after its magic."""

    def mutate(content: bytes, random: Random) -> bytes:
        at = random.choice([found.start() for found in re.finditer(re.escape(magic), content)])
        made = bytearray(content)
        made[min(at + random.randint(first, last), len(made) - 1)] = random.choice((0, 1, 8, 0x7F, 0xFF))
        return bytes(made)

    return mutate


ANYWHERE: dict[str, Mutation] = {
    "flip": flip,
    "overwrite": overwrite,
    "truncate": truncate,
    "insert": insert,
    "delete": delete,
    "double": double,
    "swap": swap,
    "zero": zero,
}
IN_ARCHIVES: dict[str, Mutation] = {
    "local header": _in_record(b"PK\x03\x04", 0, 29),
    "directory": _in_record(b"PK\x01\x02", 0, 45),
    "name in the directory": _in_record(b"PK\x01\x02", 46, 70),
    "end of the directory": _in_record(b"PK\x05\x06", 0, 21),
}

# XML

Edit = Callable[[str, Random], str]
ELEMENTS = re.compile(
    r"<(c|row|si|sheet|Relationship|Override|mergeCell|definedName)\b[^>]*?(?:/>|>.*?</\1>)", re.DOTALL
)
CELLS = re.compile(r"<c\b[^>]*?(?:/>|>.*?</c>)", re.DOTALL)
TAGS = re.compile(r"<[^>]+>")
TYPES_OF_CELLS = ("s", "str", "b", "e", "n", "d", "inlineStr", "x", "")
NO_FIGURE_COLUMNS = "ABCDEFJKLMNO"  # where a figure that strays does not stand for another


def _one(pattern: "re.Pattern[str]", edit: Callable[[str, Random], str]) -> Edit:
    """One match of a pattern edited."""

    def mutate(xml: str, random: Random) -> str:
        found = list(pattern.finditer(xml))
        if not found:
            return xml
        match = random.choice(found)
        return xml[: match.start()] + edit(match[0], random) + xml[match.end() :]

    return mutate


def swap_elements(xml: str, random: Random) -> str:
    """Two elements of one kind change places."""
    found = list(ELEMENTS.finditer(xml))
    if len(found) < 2:
        return xml
    first = random.choice(found)
    same = [match for match in found if match[1] == first[1] and match is not first]
    if not same:
        return xml
    a, b = sorted((first, random.choice(same)), key=re.Match.start)
    return xml[: a.start()] + b[0] + xml[a.end() : b.start()] + a[0] + xml[b.end() :]


def retype(cell: str, random: Random) -> str:
    """A cell of another type."""
    kind = random.choice(TYPES_OF_CELLS)
    bare = re.sub(r' t="\w*"', "", cell, count=1)
    return bare.replace("<c ", f'<c t="{kind}" ', 1)


def move(cell: str, random: Random) -> str:
    """A cell at another address, where no figure is asked, or none that can be."""
    row = random.choice((1, 5, 9, 12, 18, 40, 1_048_576, 99_999_999))
    address = random.choice(
        (f"{random.choice(NO_FIGURE_COLUMNS)}{row}", f"XFD{row}", "", "I", "12", "$I$10", "i")
    )
    return re.sub(r' r="[^"]*"', f' r="{address}"', cell, count=1)


def renumber(row: str, random: Random) -> str:
    """A row that says another number; its cells have their own addresses."""
    return re.sub(r' r="\d+"', f' r="{random.choice((1, 9, 11, 500, 2_000_000))}"', row, count=1)


def cut(xml: str, random: Random) -> str:
    return xml[: random.randrange(len(xml))]


def declare(xml: str, random: Random) -> str:
    entity = random.choice(("<!DOCTYPE x>", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "<!ENTITY a 'b'>"))
    at = xml.index("?>") + 2 if random.random() < 0.8 else random.randrange(len(xml))
    return xml[:at] + entity + xml[at:]


def comment(xml: str, random: Random) -> str:
    """A comment between two tags."""
    at = random.choice([match.end() for match in re.finditer(r">(?=<)", xml)])
    return f"{xml[:at]}<!-- {random.choice(('a', '<c>', '<sheetData>', '<v>1</v>'))} -->{xml[at:]}"


def twist(tag: str, random: Random) -> str:
    """A tag with other letters, without its end, or with other quotes."""
    return random.choice(
        (tag.swapcase(), tag[:-1], tag.replace('"', "'"), f"<x:{tag[1:]}", tag.replace(" ", "\n", 1))
    )


XML: dict[str, Edit] = {
    "drop an element": _one(ELEMENTS, lambda element, random: ""),
    "double an element": _one(ELEMENTS, lambda element, random: element * 2),
    "swap two elements": swap_elements,
    "retype a cell": _one(CELLS, retype),
    "drop a value": _one(
        re.compile(r"<v>[^<]*</v>"), lambda value, random: random.choice(("", "<v/>", "<v></v>"))
    ),
    "move a cell": _one(CELLS, move),
    "renumber a row": _one(re.compile(r"<row\b.*?</row>", re.DOTALL), renumber),
    "cut": cut,
    "declare": declare,
    "comment": comment,
    "twist a tag": _one(TAGS, twist),
}
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "cp037", "utf-7", "cp1258")
PARTS = (SHEET, SHEET, SHEET, STRINGS, STRINGS, KEYS, BOOK, BOOK_RELS, TYPES)


def xml_mutant(parts: Parts, random: Random) -> tuple[str, bytes]:
    """A name, and the workbook with one part mutated, in a sound archive."""
    part = random.choice(PARTS)
    if random.random() < 0.06:
        encoding = random.choice(ENCODINGS)
        text = parts[part].decode().encode(encoding, "replace")
        return f"{encoding} in {part}", zipped(parts | {part: text})
    name = random.choice(list(XML))
    text = XML[name](parts[part].decode(), random)
    return f"{name} in {part}", zipped(parts | {part: text.encode()})


def byte_mutant(content: bytes, random: Random) -> tuple[str, bytes]:
    """A name, and the file with some of its bytes lost or changed."""
    mutations = ANYWHERE | (IN_ARCHIVES if content.startswith(b"PK") else {})
    name = random.choice(list(mutations))
    return name, mutations[name](content, random)


# CSV


def csv_mutant(text: str, random: Random) -> tuple[str, bytes]:
    """Lines that are lost, doubled or in another order, other line ends, letters of other encodings, plain noise."""
    head, *lines = text.splitlines()
    name = random.choice(list(CSV))
    return name, CSV[name](head, lines, random)


def _table(head: str, lines: list[str], end: str = "\n") -> bytes:
    return (end.join([head, *lines]) + end).encode()


def _with_line(line: bytes | str) -> Callable[[str, list[str], Random], bytes]:
    def mutate(head: str, lines: list[str], random: Random) -> bytes:
        at = random.randrange(len(lines) + 1)
        text = line.encode() if isinstance(line, str) else line
        return _table(head, lines[:at]) + text + b"\n" + _table("", lines[at:])

    return mutate


CSV: dict[str, Callable[[str, list[str], Random], bytes]] = {
    "lines lost": lambda head, lines, random: _table(head, [line for line in lines if random.random() < 0.8]),
    "lines doubled": lambda head, lines, random: _table(head, [*lines, random.choice(lines)]),
    "lines in another order": lambda head, lines, random: _table(head, random.sample(lines, len(lines))),
    "the heading among the lines": lambda head, lines, random: _table(lines[0], [head, *lines[1:]]),
    "old line ends": lambda head, lines, random: _table(head, lines, "\r"),
    "two line ends": lambda head, lines, random: _table(head, lines, "\r\n\r\n"),
    "an open quote": _with_line('"'),
    "quotes in the middle": _with_line('D0001,2013-Q4,"CH"E,5'),
    "too many cells": _with_line("," * 300),
    "blanks": _with_line(" , , , "),
    "a line of NUL": _with_line(bytes(40)),
    "a line of noise": lambda head, lines, random: _with_line(random.randbytes(50))(head, lines, random),
    "noise": lambda head, lines, random: random.randbytes(random.randint(1, 3000)),
    "noise after the heading": lambda head, lines, random: head.encode() + b"\n" + random.randbytes(2000),
    "UTF-16": lambda head, lines, random: (
        _table(head, lines).decode().encode(random.choice(("utf-16", "utf-16-be")))
    ),
    "UTF-32": lambda head, lines, random: _table(head, lines).decode().encode("utf-32"),
    "semicolons in the heading": lambda head, lines, random: _table(head.replace(",", ";"), lines),
    "tabs": lambda head, lines, random: _table(head, lines).replace(b",", b"\t"),
    "a comma more in one line": lambda head, lines, random: _table(head, [f",{lines[0]}", *lines[1:]]),
}
