"""Words without what people write differently: case, accents, blanks. Standard library only."""

import unicodedata


def folded(word: str) -> str:
    """A word without case, accents and double blanks, to recognise it however it was typed."""
    plain = unicodedata.normalize("NFD", word.casefold().replace("đ", "d"))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())
