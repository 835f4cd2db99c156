"""Headings by which a table without field names is known: those of our own templates, and what people write."""

from functools import cache

from tasks.reading.reading_csv import HEADINGS as COMMON
from tasks.template.return_fields import CSV_FIELDS
from tasks.template.template_words import WORDS
from tiendo.folding import folded

# Columns of a template that are taken from it under their own names.
TEMPLATE_FIELDS = ("name", "numerator", "denominator", "state", "reason", "remedy", "note")
FIGURE_WORDS = "value"  # words whose key begins so are headings of the figure


@cache
def known_headings() -> dict[str, str]:
    """Folded heading, without what stands in parentheses → field."""
    own = {text: key for key in TEMPLATE_FIELDS for text in WORDS[key]}
    figures = {
        text: "value" for key, words in WORDS.items() if key.startswith(FIGURE_WORDS) for text in words
    }
    fields = {name: name for name in CSV_FIELDS}
    every = {**COMMON, **figures, **own, **fields, "tên chỉ tiêu": "name", "nội dung chỉ tiêu": "name"}
    return {folded(text.partition("(")[0]): field for text, field in every.items()}
