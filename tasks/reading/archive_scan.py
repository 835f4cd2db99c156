"""What a zip archive says of itself, looked at before anything in it is trusted. Standard library only.

Entries are unpacked here by their directory and checked against it, so that whoever reads them afterwards reads
what was looked at: no second reader sees another entry, or a longer one.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from itertools import pairwise

from tasks.reading.raw_texts import RefusedError

Limits = Mapping[str, int]
Entries = dict[str, zipfile.ZipInfo]  # by name, folders left out

ENCRYPTED_FLAG = 0x1
LOCAL_HEADER = struct.Struct("<4s22xHH")  # magic, lengths of name and extra field
LOCAL_MAGIC = b"PK\x03\x04"

# Deflate reaches 1032; a sheet of empty rows some 60. Small entries may be as even as they like.
MOST_RATIO = 300
RATIO_MATTERS = 5 * 2**20
SHOWN_LENGTH = 60  # of an entry's name

# A name that, were it written to disk, could leave its folder.
_STRAY = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\\|\x00")


def entries_of(content: bytes, limits: Limits) -> Entries:
    """The entries of an archive, by name; raises RefusedError for one that is broken, locked, too large or hostile.

    Nothing is unpacked.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError) as error:
        raise RefusedError("unreadable", "broken_archive") from error
    if len(found) > limits["entries"]:
        raise RefusedError("too_large", "entry_count", entries=len(found), most_entries=limits["entries"])
    files = [entry for entry in found if not entry.filename.endswith("/")]
    _check_names(found)
    if any(entry.flag_bits & ENCRYPTED_FLAG for entry in files):
        raise RefusedError("encrypted", "locked")
    _check_places(found)
    _check_sizes(files, limits)
    return {entry.filename: entry for entry in files}


def _check_names(found: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in found:
        name = entry.orig_filename
        if _STRAY.search(name):
            raise RefusedError("hostile", "entry_name", name=_shown(name))
        if (folded := name.lower()) in seen:
            raise RefusedError("hostile", "entry_twice", name=_shown(name))
        seen.add(folded)


def _check_places(found: list[zipfile.ZipInfo]) -> None:
    """No entry begins within another: then the same bytes would count many times."""
    in_order = sorted(found, key=lambda entry: entry.header_offset)
    for entry, following in pairwise(in_order):
        if following.header_offset < entry.header_offset + LOCAL_HEADER.size + entry.compress_size:
            raise RefusedError("hostile", "entry_overlap", name=_shown(following.filename))


def _check_sizes(files: list[zipfile.ZipInfo], limits: Limits) -> None:
    for entry in files:
        ratio = entry.file_size // max(entry.compress_size, 1)
        if entry.file_size > RATIO_MATTERS and ratio > MOST_RATIO:
            raise RefusedError("hostile", "entry_ratio", name=_shown(entry.filename), ratio=ratio)
    largest = max((entry.file_size for entry in files), default=0)
    whole = sum(entry.file_size for entry in files)
    for size, most in ((largest, limits["part_bytes"]), (whole, limits["unpacked_bytes"])):
        if size > most:
            raise RefusedError("too_large", "unpacked_size", size_bytes=size, limit_bytes=most)


def unpacked(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """An entry's bytes, as long as its directory says and with its checksum; raises RefusedError otherwise."""
    packed = _packed(content, entry)
    if entry.compress_type == zipfile.ZIP_STORED:
        data = packed
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        # With room for all of it from the beginning this is three times as fast as growing. Should it be longer
        # than it says, the limit of this process's memory ends it.
        try:
            data = zlib.decompress(packed, -zlib.MAX_WBITS, max(entry.file_size, 1))
        except zlib.error as error:
            raise RefusedError("unreadable", "broken_archive") from error
        except MemoryError as error:
            raise RefusedError("hostile", "entry_size", name=_shown(entry.filename)) from error
    else:
        raise RefusedError("unreadable", "broken_archive")
    if len(data) != entry.file_size:
        raise RefusedError("hostile", "entry_size", name=_shown(entry.filename))
    if zlib.crc32(data) != entry.CRC:
        raise RefusedError("unreadable", "broken_archive")
    return data


def beginning(content: bytes, entry: zipfile.ZipInfo, length: int) -> bytes:
    """The first bytes of an entry, b"" where it cannot be unpacked."""
    packed = _packed(content, entry)
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        return packed[:length]
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, length)
    except zlib.error:
        return b""


def _packed(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    at = entry.header_offset
    try:
        magic, name_length, extra_length = LOCAL_HEADER.unpack_from(content, at)
    except struct.error as error:
        raise RefusedError("unreadable", "broken_archive") from error
    start = at + LOCAL_HEADER.size + name_length + extra_length
    packed = content[start : start + entry.compress_size]
    if magic != LOCAL_MAGIC or len(packed) != entry.compress_size:
        raise RefusedError("unreadable", "broken_archive")
    return packed


def stored(parts: Mapping[str, bytes]) -> bytes:
    """An archive of the parts, not packed: what is handed on to a reader."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as writer:
        for name, part in parts.items():
            writer.writestr(zipfile.ZipInfo(name), part)
    return archive.getvalue()


def _shown(name: str) -> str:
    return name[:SHOWN_LENGTH].encode("utf-8", "replace").decode().replace("\x00", "␀")
