"""Edits of a filled template, one function each: what an officer, a program or an enemy may have done to it."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from random import Random

import openpyxl
from corpus_books import (
    BOOK,
    BOOK_RELS,
    KEYS,
    MAIN,
    MEGABYTE,
    RELATIONS,
    SHEET,
    SHEET_RELS,
    STRINGS,
    TYPES,
    Entry,
    Parts,
    archive_of,
    bomb,
    cell_xml,
    column_of,
    deflated,
    entries_of,
    filled,
    ole,
    parts_of,
    replaced,
    row_of,
    row_xml,
    shifted,
    with_cell,
    zipped,
)
from corpus_office import District
from openpyxl.workbook import Workbook

from tasks.template.return_fields import KEY_NAMES

Builder = Callable[[District], bytes]

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17)
JPG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01" + bytes(40)
DOCX = zipped({TYPES: b"<Types/>", "_rels/.rels": b"<Relationships/>", "word/document.xml": b"<w:document/>"})
HOSTILE_ADDRESS = "http://enemy.example/x"


def good(district: District) -> bytes:
    """The template as it should be filled."""
    return district.file


def plain(content: bytes | str) -> Builder:
    """Bytes that have nothing to do with the template."""
    return lambda _: content if isinstance(content, bytes) else content.encode()


def of_parts(edit: Callable[[Parts], Parts]) -> Builder:
    """The filled template with its parts changed."""
    return lambda district: zipped(edit(district.book))


def changed(part: str, *changes: tuple[str, str]) -> Builder:
    """The filled template with texts of one part replaced."""
    return lambda district: zipped(replaced(district.book, part, *changes))


def typed(**cells: object) -> Builder:
    """The filled template with something else typed into cells: `CHE_value` is CHE's value, `VON__DN_note` VON-DN's."""

    def build(district: District) -> bytes:
        said = {address_of(district, name): value for name, value in cells.items()}
        parts = filled(
            district.book, {address: value for address, value in said.items() if value is not None}
        )
        for address in (address for address, value in said.items() if value is None):
            parts = with_cell(parts, address, "<c {r}{s}/>")
        return zipped(parts)

    return build


def address_of(district: District, name: str) -> str:
    code, _, field = name.rpartition("_")
    return district.places[f"{code.replace('__', '-')}.{field}"]


def element(**cells: str) -> Builder:
    """The filled template with the elements of cells written anew; `{r}` and `{s}` are their address and style."""

    def build(district: District) -> bytes:
        parts = district.book
        for name, xml in cells.items():
            parts = with_cell(parts, address_of(district, name), xml)
        return zipped(parts)

    return build


def by_openpyxl(edit: Callable[[Workbook, District], None]) -> Builder:
    """The filled template opened, changed and saved by another program."""

    def build(district: District) -> bytes:
        book = openpyxl.load_workbook(BytesIO(district.file))
        edit(book, district)
        out = BytesIO()
        book.save(out)
        return out.getvalue()

    return build


def cut(share: float = 1.0, less: int = 0) -> Builder:
    """The file's beginning."""
    return lambda district: district.file[: int(len(district.file) * share) - less]


def flipped(mark: bytes, after: int = 0) -> Builder:
    """The file with one bit flipped, some bytes after the first place of a mark."""

    def build(district: District) -> bytes:
        content = bytearray(district.file)
        content[content.index(mark) + after] ^= 0x10
        return bytes(content)

    return build


# Archives


def with_entries(*more: Entry) -> Builder:
    """The filled template with more entries, whatever they are called."""
    return lambda district: archive_of([*entries_of(district.book), *more])


def locked(district: District) -> bytes:
    """A zip whose entries say that they are encrypted."""
    return archive_of(Entry(name.encode(), part, flags=0x801) for name, part in district.book.items())


def overlapping(district: District) -> bytes:
    entries = entries_of(district.book)
    first = entries[0]
    return archive_of([*entries, Entry(b"xl/worksheets/sheet9.xml", first.content, at=0)])


def with_wrong_size(part: str, size: int) -> Builder:
    """The directory says another size of a part than it has."""

    def build(district: District) -> bytes:
        return archive_of(
            Entry(name.encode(), content, size=size if name == part else None)
            for name, content in district.book.items()
        )

    return build


def bombed(part: str, mark: str, block: bytes, times: int) -> Builder:
    """A part that unpacks to hundreds of megabytes: a block many times before a mark."""

    def build(district: District) -> bytes:
        start, end = district.book[part].split(mark.encode(), 1)
        return archive_of(
            bomb(part, start, block, times, mark.encode() + end)
            if name == part
            else Entry(name.encode(), content)
            for name, content in district.book.items()
        )

    return build


def padded(*sizes: int) -> Builder:
    """The template with XML parts of these sizes that pack some ninefold, as text does."""

    def build(district: District) -> bytes:
        entries = entries_of(district.book)
        for n, size in enumerate(sizes):
            content = b"<a>" + _text(size) + b"</a>"
            entries.append(Entry(f"xl/worksheets/more{n}.xml".encode(), content, packed=_packed(content)))
        return archive_of(entries)

    return build


def _text(size: int) -> bytes:
    random = Random(1)
    return b"".join(random.randbytes(512).hex().encode() * 16 for _ in range(size // 16384))


def _packed(content: bytes) -> bytes:
    known = _PACKED.get(len(content))
    if known is None:
        known = _PACKED[len(content)] = deflated(content)
    return known


_PACKED: dict[int, bytes] = {}


# XML


def declared(part: str, doctype: str, use: str = "") -> Builder:
    """A part with a DOCTYPE; of an entity the use stands for the first text."""

    def edit(parts: Parts) -> Parts:
        text = parts[part].decode()
        head, root = re.match(r"(<\?xml.*?\?>\s*)(.*)", text, re.DOTALL).groups()
        return parts | {
            part: (head + doctype + (root.replace("<t>", f"<t>{use}", 1) if use else root)).encode()
        }

    return of_parts(edit)


LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>{}]>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
)
OUTSIDE = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"


def recoded(part: str, encoding: str, doctype: str = "") -> Builder:
    """A part in another encoding, as its declaration says."""

    def edit(parts: Parts) -> Parts:
        text = parts[part].decode().replace('encoding="UTF-8"', f'encoding="{encoding}"')
        text = text.replace("?>", f"?>{doctype}", 1)
        return parts | {part: text.encode(encoding)}

    return of_parts(edit)


def linked(kind: str, target: str = HOSTILE_ADDRESS, part: str = SHEET_RELS) -> Builder:
    """A part with one more link to the outside."""
    link = f'<Relationship Id="rId99" Type="{RELATIONS}/{kind}" Target="{target}" TargetMode="External"/>'

    def edit(parts: Parts) -> Parts:
        parts = replaced(parts, part, ("</Relationships>", f"{link}</Relationships>"))
        if kind == "hyperlink":
            links = '<hyperlinks><hyperlink ref="B10" r:id="rId99"/></hyperlinks><pageMargins'
            parts = replaced(parts, SHEET, ("<pageMargins", links))
        return parts

    return of_parts(edit)


LINK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"


def with_external_link(content: str, link: str = "", **cells: str) -> Builder:
    """A workbook with an external link part, and elements of cells that use it."""

    def build(district: District) -> bytes:
        parts = replaced(
            district.book,
            BOOK_RELS,
            (
                "</Relationships>",
                f'<Relationship Id="rId98" Type="{RELATIONS}/externalLink" '
                'Target="externalLinks/externalLink1.xml"/></Relationships>',
            ),
        )
        parts = replaced(
            parts,
            BOOK,
            (
                "</sheets>",
                '</sheets><externalReferences><externalReference r:id="rId98"/></externalReferences>',
            ),
        )
        override = (
            f'<Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="{LINK_TYPE}"/></Types>'
        )
        parts = replaced(parts, TYPES, ("</Types>", override))
        xml = f'<?xml version="1.0" encoding="UTF-8"?><externalLink xmlns="{MAIN}" xmlns:r="{RELATIONS}">{content}'
        parts["xl/externalLinks/externalLink1.xml"] = f"{xml}</externalLink>".encode()
        if link:
            package = "http://schemas.openxmlformats.org/package/2006/relationships"
            parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
                f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{package}">{link}</Relationships>'
            ).encode()
        for name, xml in cells.items():
            parts = with_cell(parts, address_of(district, name), xml)
        return zipped(parts)

    return build


DDE = '<ddeLink ddeService="cmd" ddeTopic="/c calc"><ddeItems><ddeItem name="A0" advise="1"/></ddeItems></ddeLink>'
OTHER_BOOK = '<externalBook r:id="rId1"><sheetNames><sheetName val="So"/></sheetNames></externalBook>'
OTHER_BOOK_LINK = (
    f'<Relationship Id="rId1" Type="{RELATIONS}/externalLinkPath" '
    'Target="file:///C:/Bao%20cao/so%20lieu.xlsx" TargetMode="External"/>'
)


# Rows and cells of the entry sheet


def with_rows(rows: str) -> Builder:
    """More rows after the last."""
    return changed(SHEET, ("</sheetData>", f"{rows}</sheetData>"))


def far(address: str, inner: str = "<v>7</v>", quote: str = '"', style: str = "") -> str:
    """A row with one cell."""
    row = row_of(address.upper())
    return f"<row r={quote}{row}{quote}><c r={quote}{address}{quote}{style}>{inner}</c></row>"


def many_rows(first: int, last: int) -> Builder:
    """A number in each row of a range."""

    def build(district: District) -> bytes:
        rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n % 9}</v></c></row>' for n in range(first, last + 1))
        parts = replaced(district.book, SHEET, ("</sheetData>", f"{rows}</sheetData>"))
        return archive_of(
            Entry(name.encode(), content, packed=_packed(content) if name == SHEET else None)
            for name, content in parts.items()
        )

    return build


def without_references(district: District) -> bytes:
    """Rows and cells without their `r`; every row has all its cells, so that nothing moves."""
    parts = district.book
    xml = parts[SHEET].decode()
    begin, end = xml.index("<sheetData>") + len("<sheetData>"), xml.index("</sheetData>")
    rows = {int(n): row for n, row in re.findall(r'(?s)<row r="(\d+)"[^>]*>(.*?)</row>', xml[begin:end])}
    body = "".join(f"<row>{''.join(_all_cells(rows.get(n, ''), n))}</row>" for n in range(1, max(rows) + 1))
    return zipped(parts | {SHEET: (xml[:begin] + body + xml[end:]).encode()})


def _all_cells(row: str, number: int) -> Iterator[str]:
    cells = dict(re.findall(r'(?s)<c r="([A-Z]+)\d+"([^>]*/>|[^>]*>.*?</c>)', row))
    for letter in "ABCDEFGHIJKLMNOPQRST":
        yield f"<c{cells[letter]}" if letter in cells else "<c/>"


def lower_case(parts: Parts) -> Parts:
    xml = re.sub(r'<c r="([A-Z]+\d+)"', lambda m: f'<c r="{m[1].lower()}"', parts[SHEET].decode())
    return parts | {SHEET: xml.encode()}


def prefixed(parts: Parts) -> Parts:
    """All elements of the sheet, the texts and the book with the prefix `x:`."""

    def with_prefix(part: bytes) -> bytes:
        xml = re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", part.decode())
        return xml.replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"').encode()

    return parts | {name: with_prefix(parts[name]) for name in (SHEET, KEYS, STRINGS, BOOK)}


def single_quoted(parts: Parts) -> Parts:
    """All attributes of the rows and cells in single quotes."""
    xml = parts[SHEET].decode()
    begin, end = xml.index("<sheetData>"), xml.index("</sheetData>")
    body = re.sub(r"<[^>]+>", lambda m: m[0].replace('"', "'"), xml[begin:end])
    return parts | {SHEET: (xml[:begin] + body + xml[end:]).encode()}


def strict(parts: Parts) -> Parts:
    """The namespaces of "Strict" OOXML."""
    pairs = {
        MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
        RELATIONS: "http://purl.oclc.org/ooxml/officeDocument/relationships",
    }
    made = dict(parts)
    for usual, other in pairs.items():
        made = {name: content.replace(usual.encode(), other.encode()) for name, content in made.items()}
    return replaced(made, BOOK, ("<workbook ", '<workbook conformance="strict" '))


def with_macros(parts: Parts) -> Parts:
    parts = replaced(
        parts,
        TYPES,
        ("spreadsheetml.sheet.main+xml", "EXCEL"),
        (
            "application/vnd.openxmlformats-officedocument.EXCEL",
            "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        ),
        ("</Types>", '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'),
    )
    link = (
        '<Relationship Id="rId97" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" '
    )
    parts = replaced(
        parts, BOOK_RELS, ("</Relationships>", f'{link}Target="vbaProject.bin"/></Relationships>')
    )
    return parts | {"xl/vbaProject.bin": ole("PROJECT", "_VBA_PROJECT")}


def without_field_row(parts: Parts) -> Parts:
    """The hidden row with the names of the fields emptied, in a book that Excel has reckoned through."""
    parts = replaced(parts, SHEET, (row_xml(parts, 5), '<row r="5"/>'))
    return replaced(parts, SHEET, ("</f><v></v>", "</f><v>45.1</v>"))


def unfinished_checks(parts: Parts) -> Parts:
    """The sheet's own check column without its stored results."""
    xml = re.sub(r'(?s)(<c r="O\d+"[^>]*>)(<f>.*?</f>)<v>.*?</v>', r"\1\2<v></v>", parts[SHEET].decode())
    return parts | {SHEET: xml.encode()}


def without_keys(parts: Parts) -> Parts:
    """The workbook without its hidden sheet `_tiendo`."""
    text = parts[BOOK].decode()
    sheet = re.search(r'<sheet name="_tiendo"[^>]*/>', text)[0]
    parts = replaced(parts, BOOK, (sheet, ""))
    parts = replaced(
        parts,
        BOOK_RELS,
        (f'<Relationship Id="rId4" Type="{RELATIONS}/worksheet" Target="worksheets/sheet4.xml"/>', ""),
    )
    return {name: content for name, content in parts.items() if name != KEYS}


def merged(first: str, last: str) -> Builder:
    """Input cells merged, as `CHE_value`."""

    return lambda district: with_merged(f"{address_of(district, first)}:{address_of(district, last)}")(
        district
    )


def merged_by_excel(first: str, last: str) -> Builder:
    """The same, and nothing left in the last of them."""

    def build(district: District) -> bytes:
        parts = with_cell(parts_of(merged(first, last)(district)), address_of(district, last), "<c {r}{s}/>")
        return zipped(parts)

    return build


def with_merged(*areas: str) -> Builder:
    """More areas of merged cells."""

    def build(district: District) -> bytes:
        old = re.search(r'<mergeCells count="\d+">', district.book[SHEET].decode())[0]
        new = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
        return zipped(replaced(district.book, SHEET, (old, f"<mergeCells>{new}")))

    return build


def hidden(*codes: str, filtered: bool = False) -> Builder:
    """Rows hidden, by hand or by a filter."""

    def build(district: District) -> bytes:
        parts = district.book
        for code in codes:
            number = row_of(district.places[f"{code}.value"])
            parts = replaced(parts, SHEET, (f'<row r="{number}"', f'<row r="{number}" hidden="1"'))
        if filtered:
            area = '<autoFilter ref="A7:O23"><filterColumn colId="2"><filters><filter val="km"/></filters>'
            area += "</filterColumn></autoFilter><mergeCells"
            parts = replaced(parts, SHEET, ("<mergeCells", area))
        return zipped(parts)

    return build


def sorted_by_hand(district: District) -> bytes:
    """What is seen of two rows changed places; their hidden codes did not."""
    parts = district.book
    rows = [row_of(district.places[f"{code}.value"]) for code in ("CHE", "VIEC")]
    old = [row_xml(parts, number) for number in rows]
    cells = [re.findall(r"(?s)<c [^>]*/>|<c .*?</c>", row) for row in old]
    seen = [[cell for cell in row if len(_letters(cell)) == 1 and _letters(cell) <= "O"] for row in cells]
    kept = [[cell for cell in row if _letters(cell) > "O"] for row in cells]
    for number, text, moved, own in zip(rows, old, reversed(seen), kept, strict=True):
        head = text[: text.index(">") + 1]
        row = "".join(shifted(cell, number) for cell in moved) + "".join(own)
        parts = replaced(parts, SHEET, (text, f"{head}{row}</row>"))
    return zipped(parts)


def _letters(cell: str) -> str:
    return column_of(re.search(r'r="([A-Z]+\d+)"', cell)[1])


def with_row_after_table(cells: dict[str, object]) -> Builder:
    """One more row below the table, with cells by field."""

    def build(district: District) -> bytes:
        number = row_of(district.places["THU.value"]) + 1
        letters = {column_of(district.places[f"head.{field}"]): value for field, value in cells.items()}
        text = "".join(
            cell_xml(f"{letter}{number}", "", letters[letter]) for letter in sorted(letters, key=_rank)
        )
        assert f'<row r="{number}"' not in district.book[SHEET].decode()
        after = row_xml(district.book, number - 1)
        return zipped(replaced(district.book, SHEET, (after, f'{after}<row r="{number}">{text}</row>')))

    return build


def _rank(letters: str) -> tuple[int, str]:
    return len(letters), letters


def without_row(code: str) -> Builder:
    """An indicator's row deleted; the others stay where they are."""

    def build(district: District) -> bytes:
        row = row_xml(district.book, row_of(district.places[f"{code}.value"]))
        return zipped(replaced(district.book, SHEET, (row, "")))

    return build


def key(name: str, value: str) -> Builder:
    """The hidden sheet says something else under a key."""
    address = f"B{KEY_NAMES.index(name) + 1}"
    return lambda district: zipped(filled(district.book, {address: value}, KEYS))


def with_second_unit(district: District) -> bytes:
    """The hidden sheet says its unit, and further down another's."""
    row = "".join(cell_xml(f"{letter}20", "", text) for letter, text in (("A", "unit"), ("B", "D0001")))
    return zipped(replaced(district.book, KEYS, ("</sheetData>", f'<row r="20">{row}</row></sheetData>')))


def field_everywhere(field: str, value: str) -> Builder:
    """A hidden column says something else in every row of the quarter."""

    def build(district: District) -> bytes:
        parts = district.book
        for period, code in district.figures:
            if period != "2013":
                address = district.places[f"{code}.{field}"]
                parts = with_cell(parts, address, cell_xml(address, "", value))
        return zipped(parts)

    return build


# Tables of other programs


def csv(edit: Callable[[str], str | bytes] = lambda text: text, **changes: str | None) -> Builder:
    """The district's quarter as CSV, with rows changed and the whole then edited."""

    def build(district: District) -> bytes:
        made = edit(district.csv(**changes))
        return made if isinstance(made, bytes) else made.encode()

    return build


def with_notes(encode: Callable[[str], bytes]) -> Builder:
    """The quarter as CSV with a Vietnamese note, in another encoding."""

    def build(district: District) -> bytes:
        figure = f"{district.figures['2013-Q4', 'CHE']['value']:g}"
        return encode(district.csv(CHE=f"{figure},,,,,,,{NOTE}"))

    return build


NOTE = "Đã nghiệm thu diện tích trồng mới; người dân hưởng ứng"


def with_semicolons(district: District) -> bytes:
    """The quarter as a Vietnamese Excel saves it."""
    return district.csv().replace(",", ";").replace(".", ",").encode()


def table_of_another_program(district: District) -> bytes:
    """A plain workbook: headings and rows, nothing hidden."""
    book = openpyxl.Workbook()
    book.active.append(["Kỳ", "Mã chỉ tiêu", "Chỉ tiêu", "Thực hiện", "Tử số", "Mẫu số"])
    for (period, code), said in district.figures.items():
        book.active.append(
            [period, code, code, said.get("value"), said.get("numerator"), said.get("denominator")]
        )
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def archive(**members: Builder | bytes) -> Builder:
    """A zip of files; `_` in a name stands for the point."""

    def build(district: District) -> bytes:
        made = {name.replace("_", "."): member for name, member in members.items()}
        return zipped({name: m if isinstance(m, bytes) else m(district) for name, m in made.items()})

    return build


def large(size: int) -> bytes:
    return b"PK\x03\x04" + Random(7).randbytes(size)


# OpenDocument

_ODS_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"


def ods(rows: str = "", head: str = "", encrypted: bool = False, **cells: str) -> Builder:
    """The district's figures as a plain OpenDocument table; `cells` gives an indicator's value cell anew, `rows` adds."""

    def build(district: District) -> bytes:
        table = [["Kỳ", "Mã chỉ tiêu", "Thực hiện", "Tử số", "Mẫu số"]]
        for (period, code), said in district.figures.items():
            table.append([period, code, *(said.get(name) for name in ("value", "numerator", "denominator"))])
        lines = "".join(f"<table:table-row>{_ods_cells(line, cells)}</table:table-row>" for line in table)
        content = (
            f'<?xml version="1.0" encoding="UTF-8"?>{head}<office:document-content {_ODS_SPACES} '
            'office:version="1.2"><office:body><office:spreadsheet><table:table table:name="So lieu">'
            f"{lines}{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
        )
        secret = "<manifest:encryption-data/>" if encrypted else ""
        entry = (
            f'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">{secret}'
        )
        manifest = (
            f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="{_MANIFEST}">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/>'
            f"{entry}</manifest:file-entry></manifest:manifest>"
        )
        return zipped(
            {
                "mimetype": ODS_TYPE.encode(),
                "content.xml": content.encode(),
                "META-INF/manifest.xml": manifest.encode(),
            }
        )

    return build


def _ods_cells(line: list[object], cells: dict[str, str]) -> str:
    new = cells.get(str(line[1]).replace("-", "__"))
    made = [ods_cell(value) for value in line]
    return "".join([*made[:2], new or made[2], *made[3:]])


def ods_cell(value: object, attributes: str = "") -> str:
    if value is None:
        return f"<table:table-cell{attributes}/>"
    kind = "string" if isinstance(value, str) else f'float" office:value="{value}'
    text = f"<text:p>{value}</text:p>"
    return f'<table:table-cell office:value-type="{kind}"{attributes}>{text}</table:table-cell>'


def ods_row(value: object, rows: int = 1, columns: int = 1) -> str:
    cell = ods_cell(value, f' table:number-columns-repeated="{columns}"')
    return f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'


# Archives as other programs write them


class _Stream(io.RawIOBase):
    """Where a program writes that cannot go back."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:
        self.written += content
        return len(content)


def streamed(district: District) -> bytes:
    """An archive whose sizes stand behind the entries."""
    out = _Stream()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in district.book.items():
            archive.writestr(name, content)
    return bytes(out.written)


def unpacked(district: District) -> bytes:
    return archive_of(
        Entry(name.encode(), content, packed=content, method=0) for name, content in district.book.items()
    )


def in_another_folder(parts: Parts) -> Parts:
    """The table's part lies elsewhere than programs put it."""
    parts = replaced(parts, BOOK_RELS, ("worksheets/sheet1.xml", "tables/table.xml"))
    parts = replaced(parts, TYPES, (f"/{SHEET}", "/xl/tables/table.xml"))
    moved = {SHEET: "xl/tables/table.xml", SHEET_RELS: "xl/tables/_rels/table.xml.rels"}
    return {moved.get(name, name): content for name, content in parts.items()}


def half_prefixed(parts: Parts) -> Parts:
    """The rows and cells with a prefix, below a root without."""
    xml = parts[SHEET].decode().replace(f'xmlns="{MAIN}"', f'xmlns="{MAIN}" xmlns:x="{MAIN}"')
    begin, end = xml.index("<sheetData>"), xml.index("</sheetData>") + len("</sheetData>")
    body = re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", xml[begin:end])
    return parts | {SHEET: (xml[:begin] + body + xml[end:]).encode()}


def with_long_notes(district: District) -> bytes:
    """Notes of eight million letters each."""
    note = _text(8 * MEGABYTE).decode()
    notes = {district.places[f"{code}.note"]: note for code in ("CHE", "VIEC", "XA", "DUONG", "VON")}
    parts = filled(district.book, notes)
    return archive_of(
        Entry(name.encode(), content, packed=_packed(content) if name == SHEET else None)
        for name, content in parts.items()
    )


def unknown_rows(count: int) -> Builder:
    """The quarter as CSV, and many rows of indicators that the plan does not have."""
    return csv(
        lambda text: text + "".join(f"{text.splitlines()[1][:5]},2013-Q4,LA{n},1,,\n" for n in range(count))
    )
