"""What a file that was received turns out to be. Standard library only: the reading child imports it."""

TEMPLATE = "template"  # one of our workbooks
PLAIN = "plain"  # a table in a workbook that is known by its headings
CSV = "csv"
EVIDENCE = "evidence"  # kept beside a return and holds no figures: a signed scan, a letter

BOOKS = (
    TEMPLATE,
    PLAIN,
)  # what says names and measures beside its figures, and goes back as a marked workbook
