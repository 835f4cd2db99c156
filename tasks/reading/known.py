"""What a reading child is told of the plan and of our templates: headings, locked texts, declared states.

A table without field names is known by its headings: those of our own templates, and what people write.
"""

from functools import cache
from typing import Any

from tasks.reading.reading_csv import HEADINGS as COMMON
from tasks.template.return_fields import CSV_FIELDS
from tasks.template.template_words import WORDS
from tiendo.folding import folded
from tiendo.labels import WORDS as WORDS_OF_CODES
from tiendo.plan import Plan

# Columns of a template that are taken from it under their own names.
TEMPLATE_FIELDS = (
    "name",
    "measure",
    "target",
    "previous",
    "numerator",
    "denominator",
    "state",
    "reason",
    "remedy",
    "note",
    "outlook_reason",
)
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


def what_is_known(plan: Plan) -> dict[str, Any]:
    """headings: folded heading → field. locked: field → indicator → what the plan says. declared: states as words.

    sender_sheets: names of the sheets that say who made a return, and in words what there is to say.
    """
    indicators = plan.indicators
    states = [(code, *words) for code, words in WORDS_OF_CODES["state"].items() if code != "value"]
    return {
        "headings": known_headings(),
        "locked": {"name": indicators["name"].to_dict(), "measure": indicators["unit"].to_dict()},
        "sender_sheets": [*WORDS["sheet_sender"], *WORDS["sheet_narrative"]],
        "declared": [word for words in states for word in words],
    }
