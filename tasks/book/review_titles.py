"""What the titles of a review say: the period, whether figures are estimates, against what, up to when."""

from datetime import date

import pandas as pd

from tiendo.labels import label, period_label
from tiendo.obligations import IN
from tiendo.periods import Period
from tiendo.review import Review
from tiendo.wording import date_text, lowered, raised

VIEWS = {
    "as_reported": "theo đơn vị lúc báo cáo",
    "restated": "quy đổi theo đơn vị hiện nay",
}
NOT_OWED = ("waived", "not_open")


def period_text(review: Review) -> str:
    """The period within a title: `năm 2013`, with `(số ước)` beside estimates; a unit's report names it."""
    mark = " (số ước)" if review.is_estimated else ""
    of_unit = "" if review.unit == review.plan.term.authority else f" của {review.subject}"
    return lowered(period_label(review.period)) + of_unit + mark


def against_text(review: Review) -> str:
    """What attainment is judged against (`mục tiêu nhiệm kỳ 2011–2015`); where there is none, what else."""
    wanted = review.period.kind if review.against == "own" else review.against
    asked = _target_words(review, review.against)
    rows = review.indicators
    spans = rows["span"][rows.target.notna() | rows.attainment.notna()].dropna()
    used = {Period.parse(span).kind for span in spans.astype(str).unique()}
    if used <= {wanted}:
        return asked
    instead = used - {wanted}
    if wanted not in used and len(instead) == 1 and instead <= {"year", "term"}:
        return f"{_target_words(review, instead.pop())} (không có {label('against', review.against)})"
    return f"{asked}, nơi không có thì mục tiêu gần nhất"


def _target_words(review: Review, against: str) -> str:
    term = review.plan.term.span
    tails = {"own": "", "year": f" {review.period.years[-1]}", "term": f" {term.year}–{term.number}"}
    return label("against", against) + tails[against]


def adjusted_text(review: Review) -> str:
    """Which adjusted version a report is and of which it takes the place; "" for a first one."""
    changes = review.changes
    if changes is None:
        return ""
    return f"{raised(changes.title)}, thay bản số {changes.before.version} phát hành ngày {date_text(changes.issued_on)}"


def cut_off_of(review: Review) -> date | None:
    """Last day of the data window: the review's own, else the latest of its obligations."""
    if review.cut_off or review.returns.empty:
        return review.cut_off
    return pd.Timestamp(review.returns.cut_off.max()).date()


def standing_text(review: Review) -> str:
    """How far the data goes: cut-off, units whose returns are all in, whose units they are."""
    cut_off = cut_off_of(review)
    parts = [f"Số liệu chốt ngày {date_text(cut_off)}"] if cut_off else []
    owed = review.returns[~review.returns.state.isin(NOT_OWED)]
    if len(owed):
        is_in = owed.state.isin([*IN, "submitted"]).groupby(owed.unit).all()
        parts.append(f"{int(is_in.sum())}/{len(is_in)} đơn vị đã nộp đủ báo cáo")
    parts.append(VIEWS[review.view])
    return raised(" · ".join(parts))


def judged_text(review: Review) -> str:
    """The line under every title: against what, and up to when."""
    return f"Đánh giá so với {against_text(review)} · {lowered(standing_text(review))}"


def leaders_of(review: Review) -> dict[str, list[tuple[str, str]]]:
    """Programme → name and title ("" if not given) of its leaders on the day of the report."""
    plan, today = review.plan, pd.Timestamp(review.today)
    roles = plan.tables["responsibilities"]
    valid = ~(roles.valid_from > today) & ~(roles.valid_to < today)
    leads = roles[valid & (roles.role == "leader") & (roles.scope == "programme")]
    named = leads.merge(
        plan.tables["officers"], left_on="officer", right_on="code", suffixes=("", "_officer")
    )
    leaders: dict[str, list[tuple[str, str]]] = {}
    for row in named.to_dict("records"):
        leaders.setdefault(row["code"], []).append((row["name"], row["title"]))
    return leaders
