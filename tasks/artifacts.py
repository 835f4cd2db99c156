"""What a flow run leaves to read in the Prefect UI: a summary in words, tables. Outside a flow run nothing is left."""

import pandas as pd

from tasks.steps import in_flow_run
from tiendo.obligations import NOT_IN
from tiendo.review import Review, counts_of

# A table in the UI is for a look; the whole is in the workbook and the warehouse.
MOST_ROWS = 500


def escaped(text: object) -> str:
    """Text as it stands in markdown, so that nothing a unit wrote becomes a mark-up, a link or HTML."""
    plain = str(text).replace("\\", "\\\\").replace("\n", " ")
    for sign in "`*_{}[]()<>#+!|~":
        plain = plain.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return plain


def leave_table(key: str, rows: pd.DataFrame, description: str) -> None:
    """Leave a table artifact; `key` in [a-z0-9-]."""
    if not in_flow_run():
        return
    from prefect.artifacts import create_table_artifact

    shown = rows.head(MOST_ROWS).astype(object).where(rows.head(MOST_ROWS).notna(), "")
    table = [{str(name): escaped(cell) for name, cell in row.items()} for row in shown.to_dict("records")]
    create_table_artifact(key=key, table=table, description=description)


def leave_review(review: Review, report: str) -> None:
    """Leave the markdown summary of a review (`tom-tat-2026-q3`) and the tables of what is overdue and not in."""
    if not in_flow_run():
        return
    from prefect.artifacts import create_markdown_artifact

    period = str(review.period).lower()
    summary = summary_markdown(review, report)
    create_markdown_artifact(key=f"tom-tat-{period}", markdown=summary, description="Tóm tắt rà soát")
    leave_table(f"chi-tieu-qua-han-{period}", review.overdue, "Chỉ tiêu quá hạn")
    not_in = review.obligations[review.obligations.state.isin(NOT_IN)]
    leave_table(f"don-vi-qua-han-{period}", not_in, "Đơn vị quá hạn nộp")


def summary_markdown(review: Review, report: str) -> str:
    """The review in a page of markdown: the sentences, a table of the programmes, where the report lies."""
    lines = [
        f"# Rà soát {review.period}",
        "",
        escaped(review.sentence),
        "",
        escaped(review.resolution_sentence),
        "",
    ]
    lines += [
        "| Chương trình | Tổng | Vượt | Đạt | Trên | Dưới | Chưa triển khai |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    rows = review.rollups[review.rollups.level == "programme"]
    for _, row in rows.iterrows():
        counts = counts_of(row.to_dict())
        under = counts["lagging"] + counts["stalled"]
        cells = [
            int(row.n),
            counts["exceeded"],
            counts["met"],
            counts["advancing"],
            under,
            counts["not_started"],
        ]
        lines.append(f"| {escaped(row['name'])} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join([*lines, "", f"Báo cáo: `{report}`"])
