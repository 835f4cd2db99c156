"""Lists written on the command line: `--level scheme,programme`, `--unit 080 082`."""

from collections.abc import Collection, Sequence

from tiendo.errors import InputError
from tiendo.plan_reading import nearest


def listed(texts: Sequence[str]) -> list[str]:
    """The words of an option given once or often, with commas or without, each once."""
    return list(dict.fromkeys(word.strip() for text in texts for word in text.split(",") if word.strip()))


def chosen(texts: Sequence[str], known: Collection[str], option: str) -> list[str]:
    """The words of an option, each one of those known. Raises InputError for another."""
    words = listed(texts)
    for word in words:
        if word not in known:
            raise InputError(f"{option} {word!r}: không có giá trị này; {nearest(word, known)}")
    return words
