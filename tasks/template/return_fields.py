"""Names that a return's writer and its reader share: fields, keys, markers. FORMATS §3.

Standard library only: the reading child imports it.
"""

# What a sender says about one indicator in one period.
ENTRY_FIELDS = (
    "value",
    "numerator",
    "denominator",
    "state",
    "status",
    "qualifier",
    "year_estimate",
    "outlook",
    "outlook_reason",
    "note",
    "reason",
    "remedy",
)
FIGURE_FIELDS = ("value", "numerator", "denominator")  # those that make the row's figure

# What a template says of a row by itself: read to be held against the plan, not to be taken.
LOCKED_FIELDS = ("name", "measure", "target", "previous")

CSV_FIELDS = ("unit", "period", "indicator", *ENTRY_FIELDS)
CSV_REQUIRED = ("unit", "period", "indicator")

# One raw cell row, as the reader gives it to typing.
RAW_FIELDS = ("unit", "period", "indicator", *LOCKED_FIELDS, *ENTRY_FIELDS)

# A row of a sheet that holds these names is the hidden row above a template's table.
TABLE_MARKS = frozenset({"indicator", "period", "value"})

# A row of headings of a table without them names the indicators by one of these.
HEADING_MARKS = frozenset({"indicator", "name"})

# `asks` says what a row of the table asks for: a ratio is given as numerator and denominator, and what
# stands in its value cell is the sheet's own formula.
ASKS_FIELD = "asks"
ASKS_RATIO = "ratio"

# Above the table, a row whose indicator column holds this word has the sheet's status; its period column
# names the field in whose column the choice stands.
STATUS_MARK = "status"

# The first line of a reading child: it has started.
READY = b"ready"

# Who made and who approved a return: named in a hidden column of a sheet of its own.
SENDER_FIELDS = ("prepared_by", "phone", "approved_by", "document_number", "document_date")

# What a unit says in words where the round asks, on a sheet of its own made like that of the sender.
NARRATIVE_FIELDS = (
    "highlights",
    "shortcomings",
    "outer_causes",
    "inner_causes",
    "good_practice",
    "proposals",
)
SENDER_VALUE, SENDER_MARK = 1, 2  # columns of these sheets, from 0

KEYS_SHEET = "_tiendo"
KEY_NAMES = ("format", "workspace", "plan_version", "unit", "period", "issued_at", "signature")
TEMPLATE_FORMAT = "tiendo-template-1"


def column_letters(index: int) -> str:
    """The letters of a column by its 0-based index: 0 -> A, 27 -> AB."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
