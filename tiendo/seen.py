"""What was seen of a file that cannot be taken, in the words of its sender: stands beside the finding's code.

Whoever reads a file says only which of these it is, with facts; in which language it is told is decided here.
"""

from collections.abc import Mapping
from typing import Any

from tiendo.labels import LOCALES
from tiendo.wording import number_text

KILOBYTE, MEGABYTE = 2**10, 2**20
BYTES = "_bytes"  # a fact whose name ends so is a size

SEEN: dict[str, tuple[str, str]] = {
    "file_size": ("{size_bytes}, giới hạn {limit_bytes}", "{size_bytes}, the limit is {limit_bytes}"),
    "unpacked_size": (
        "{size_bytes} sau khi mở nén, giới hạn {limit_bytes}",
        "{size_bytes} unpacked, the limit is {limit_bytes}",
    ),
    "sheet_size": (
        "trang “{sheet}” có {rows} dòng × {columns} cột, giới hạn {most_rows} × {most_columns}",
        "sheet “{sheet}” has {rows} rows × {columns} columns, the limit is {most_rows} × {most_columns}",
    ),
    "far_cell": (
        "trang “{sheet}” có dữ liệu ở ô {cell}, ngoài giới hạn {most_rows} dòng × {most_columns} cột",
        "sheet “{sheet}” has something in cell {cell}, beyond {most_rows} rows × {most_columns} columns",
    ),
    "row_count": ("{rows} dòng, giới hạn {most_rows} dòng", "{rows} rows, the limit is {most_rows}"),
    "content_size": (
        "nội dung đọc ra {size_bytes}, giới hạn {limit_bytes}",
        "{size_bytes} of content, the limit is {limit_bytes}",
    ),
    "entry_count": (
        "{entries} phần bên trong, giới hạn {most_entries}",
        "{entries} entries inside, the limit is {most_entries}",
    ),
    "ending": ("đuôi {suffix}", "ending {suffix}"),
    "no_ending": ("tên tệp không có đuôi", "the name has no ending"),
    "no_text": (
        "tên tệp có đuôi {suffix} nhưng nội dung không phải văn bản",
        "its name ends in {suffix} but the content is no text",
    ),
    "no_table": (
        "tên tệp có đuôi {suffix} nhưng nội dung không phải sổ tính hay bảng .csv",
        "its name ends in {suffix} but the content is neither a workbook nor a .csv table",
    ),
    "other_program": (
        "nội dung là {what}; mở bằng chương trình bảng tính rồi lưu lại dạng .xlsx",
        "the content is {what}; open it in a spreadsheet program and save it as .xlsx",
    ),
    "empty": ("tệp rỗng", "the file is empty"),
    "locked": ("nội dung đặt mật khẩu", "the content is protected by a password"),
    "broken_archive": (
        "sổ tính bị hỏng hoặc thiếu phần cuối",
        "the workbook is damaged or its end is missing",
    ),
    "broken_book": (
        "sổ tính bị hỏng bên trong (trình đọc báo: {error})",
        "the workbook is damaged inside (the reader says: {error})",
    ),
    "reader_died": (
        "trình đọc dừng giữa chừng khi đọc tệp ({death})",
        "the reader stopped while reading it ({death})",
    ),
    "not_opened": ("không mở được tệp ({error})", "it cannot be opened ({error})"),
    "no_field_row": (
        "không trang nào có dòng ẩn mang tên các cột {names}, cũng không có dòng tiêu đề nào đọc được",
        "no sheet has the hidden row of field names {names}, nor headings that can be read",
    ),
    "tables": ("các trang {names}", "sheets {names}"),
    "template_as_text": (
        "tệp mẫu đã bị lưu thành tệp chữ (.csv, .txt) nên mất phần ẩn; mở lại tệp mẫu, lưu dạng .xlsx",
        "the form was saved as a text file (.csv, .txt) and lost its hidden part; open the form, save it as .xlsx",
    ),
    "two_figures": (
        "hai cột đều có thể là số thực hiện: {names}; giữ lại một cột",
        "two columns could hold the figure: {names}; keep one",
    ),
    "fields_moved": (
        "tên ẩn của cột không khớp tiêu đề: {names}",
        "the hidden names of columns do not fit their headings: {names}",
    ),
    "not_understood": (
        "nội dung làm hỏng bước kiểm tra ({error}); văn phòng đã được báo",
        "its content upset the checks ({error}); the office has been told",
    ),
    "other_archive": (
        "nội dung là tệp nén {what}; gửi thẳng tệp số liệu, hoặc nén lại dạng .zip",
        "the content is a {what} archive; send the file itself, or pack it as .zip",
    ),
    "inner_archive": (
        "nội dung là tệp nén; chỉ mở tệp nén có đuôi .zip, và chỉ một lớp",
        "the content is an archive; only a .zip is opened, and only by one level",
    ),
    "empty_archive": ("tệp nén không có tệp nào bên trong", "the archive holds no file"),
    "by_headings": (
        "đã đọc bảng ở trang “{sheet}” theo tiêu đề cột",
        "the table of sheet “{sheet}” was read by its headings",
    ),
    "other_unit": (
        "tệp của đơn vị {unit}, gửi từ đơn vị {sender}",
        "a file of unit {unit}, sent by unit {sender}",
    ),
    "other_format": (
        "phần ẩn ghi dạng mẫu “{format}”, không phải của bản này",
        "its hidden part says format “{format}”, which this version does not have",
    ),
    "bad_quotes": (
        "dòng {line}: dấu ngoặc kép không khép lại hoặc đặt sai chỗ",
        "line {line}: a quotation mark is not closed or stands in the wrong place",
    ),
    "no_encoding": (
        "dòng {line}: chữ không ghi theo bảng mã UTF-8 (trong Excel chọn lưu kiểu CSV UTF-8)",
        "line {line}: the letters are not UTF-8 (in Excel save as CSV UTF-8)",
    ),
    "no_column": ("thiếu cột: {names}", "columns missing: {names}"),
    "long_cell": (
        "dòng {line}: một ô dài hơn {most} ký tự, có thể thiếu dấu ngoặc kép đóng",
        "line {line}: a cell of more than {most} characters; a closing quotation mark may be missing",
    ),
    "nearest_columns": (
        "không có cột {names}; đổi tên cột như mũi tên chỉ",
        "no such column: {names}; rename as the arrows say",
    ),
    "column_twice": ("cột lặp lại: {names}", "columns twice: {names}"),
    "too_many_cells": (
        "dòng {line}: {cells} ô, tiêu đề có {columns} cột",
        "line {line}: {cells} cells, the heading has {columns}",
    ),
    "entry_name": (
        "phần bên trong mang tên “{name}”, có thể ghi ra ngoài",
        "an entry is named “{name}”, which could be written outside",
    ),
    "entry_twice": (
        "hai phần bên trong cùng tên “{name}”",
        "two entries have the same name “{name}”",
    ),
    "entry_overlap": (
        "phần “{name}” nằm chồng lên phần khác",
        "the entry “{name}” lies upon another",
    ),
    "entry_ratio": (
        "phần “{name}” nở ra {ratio} lần khi mở nén",
        "the entry “{name}” unpacks to {ratio} times its size",
    ),
    "entry_size": (
        "phần “{name}” dài khác với ghi trong mục lục",
        "the entry “{name}” is not as long as its directory says",
    ),
    "doctype": (
        "phần “{name}” khai báo DOCTYPE hoặc ENTITY",
        "the entry “{name}” declares a DOCTYPE or an ENTITY",
    ),
    "encoding": (
        "phần “{name}” không ghi bằng UTF-8",
        "the entry “{name}” is not written in UTF-8",
    ),
    "external": (
        "phần “{name}” trỏ tới nơi khác: {target}",
        "the entry “{name}” points elsewhere: {target}",
    ),
    "letter_size": (
        "thư {size_bytes}, mỗi tệp giới hạn {limit_bytes}",
        "the message is {size_bytes}, the limit of a file is {limit_bytes}",
    ),
    "unlisted_address": (
        "thư gửi từ {address}, không có trong danh sách người nộp của đơn vị nào",
        "sent from {address}, which is not listed as a reporter of any unit",
    ),
    "unverified_address": (
        "thư ghi người gửi là {address}, nhưng máy chủ thư không xác nhận được",
        "it says it is from {address}, which the mail server could not verify",
    ),
}


def seen_text(key: str, facts: Mapping[str, Any] | None, locale: str) -> str:
    """What was seen (a key of SEEN, with the facts that its words name) in a language."""
    told = {
        name: size_text(fact, locale) if name.endswith(BYTES) else fact
        for name, fact in (facts or {}).items()
    }
    return SEEN[key][LOCALES.index(locale)].format_map(told)


def size_text(count: int, locale: str) -> str:
    """A size as its sender's file manager shows it: `14,2 kB`, `21,5 MB`."""
    unit, size = ("MB", count / MEGABYTE) if count >= MEGABYTE else ("kB", count / KILOBYTE)
    return f"{number_text(size, 1, locale)} {unit}"
