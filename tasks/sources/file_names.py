"""Names of files as people and every program can read them, whatever a sender's program made of them."""

import unicodedata

# What programs leave beside files, and files that are not whole yet.
NOT_SENT = (".", "~$")
NOT_SENT_NAMES = ("Thumbs.db", "desktop.ini")
NOT_WHOLE = (".part", ".filepart", ".tmp", ".crdownload")

LONGEST_NAME = 120


def is_sent(name: str) -> bool:
    """Whether a name is one that somebody gave to a file to be sent."""
    return not name.startswith(NOT_SENT) and name not in NOT_SENT_NAMES


def is_whole(name: str) -> bool:
    """Whether a name is not one that programs give to a file while it is uploaded."""
    return not name.lower().endswith(NOT_WHOLE)


def readable(name: str) -> str:
    """A name as text that every program can show; bytes that are no text become question marks."""
    return unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())


def plain_name(name: str, instead: str) -> str:
    """The last part of a name that a stranger's program wrote, in NFC, with nothing in it that commands anything.

    `instead` is the name of a file that is left without one.
    """
    last = readable(name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join("_" if unicodedata.category(letter).startswith("C") else letter for letter in last)
    stem, dot, suffix = shown.strip(" .").rpartition(".")
    whole = f"{stem[: LONGEST_NAME - len(suffix)]}{dot}{suffix[:LONGEST_NAME]}"
    return whole or instead
