"""The steps of assess: judge a period, keep the judgement, and put together what its report says."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime

import pandas as pd

from tasks.adjusting import with_changes
from tasks.issued import PROVINCE
from tasks.office.workspace import Workspace
from tasks.reading_figures import JudgedPeriod, judge_period, level_table, obligations_of
from tasks.returns_so_far import exceptions_for, timeliness_so_far, with_stages
from tasks.steps import step
from tiendo.bands import BANDS
from tiendo.measures import AS_REPORTED
from tiendo.outlooks import BESIDE_ROWS
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan
from tiendo.reporting import closing_periods
from tiendo.review import Review, counts_of
from tiendo.rollup import LEVELS, counting_rows
from tiendo.targets import AGAINST, ASSIGNED, overdue_targets
from tiendo.unit_words import words_of_units
from tiendo.wording import official_sentence
from warehouse.connecting import reckoning
from warehouse.intake_store import last_recorded
from warehouse.review_store import ReviewBasis, latest_review, next_report_version, store_review
from warehouse.texts import reasons_and_remedies


@dataclass(frozen=True)
class Made:
    """Of a report that was issued: its number, and the instant at which its review was stored."""

    version: int
    at: datetime


@dataclass(frozen=True)
class Assessed:
    """A stored review and what its report says."""

    review_id: int
    review: Review


@step(name="judge")
def judge_figures(
    workspace: Workspace,
    period: Period,
    against: str,
    today: date,
    as_of: datetime | None,
    view: str = AS_REPORTED,
) -> JudgedPeriod:
    """The period judged for the authority, against what is asked and, beside it, against the year and the term."""
    kinds = list(dict.fromkeys([against, *AGAINST]))
    return judge_period(workspace, period, kinds, today, as_of, view=view)


@step(name="store the judgement")
def store_judgement(
    workspace: Workspace,
    judged: JudgedPeriod,
    today: date,
    as_of: datetime | None,
    now: datetime,
    run: str = "",
) -> Assessed:
    """Keep the judged figures with all that they were judged from; the same ones on the same basis are kept once."""
    against = next(iter(judged.rows))
    read_at = as_of or last_recorded(workspace.engine) or now
    review = with_changes(workspace, review_of(workspace, judged, today, read_at, run))
    basis = ReviewBasis(
        period=str(review.period),
        against=against,
        as_of=review.as_of,
        view=judged.view,
        plan_version=review.plan_version,
        band_rules=json.dumps(asdict(workspace.bands), sort_keys=True),
    )
    rows = pd.concat([review.indicators, review.rollups], ignore_index=True)
    return Assessed(store_review(workspace.engine, basis, rows, now, today), review)


def review_of(
    workspace: Workspace,
    judged: JudgedPeriod,
    today: date,
    as_of: datetime,
    run: str = "",
    unit: str = "",
    made: Made | None = None,
) -> Review:
    """What the report on a judged period says, about the authority or one `unit`.

    `as_of`: the instant up to which the warehouse was read. `made`: where a report is made again, its number and when its
    review was stored.
    """
    plan, period = judged.loaded.plan, judged.moment.period
    against = next(iter(judged.rows))
    unit = unit or plan.term.authority
    own = {kind: rows[rows.unit == unit] for kind, rows in judged.rows.items()}
    rollups = pd.concat(
        [level_table(workspace, judged, own[against], level) for level in LEVELS], ignore_index=True
    )
    settings = workspace.settings
    review = Review(
        workspace=workspace.name,
        letterhead=settings.workspace.letterhead,
        place=settings.workspace.place or place_of(plan.unit_name(plan.term.authority)),
        plan=plan,
        plan_version=judged.loaded.version,
        period=period,
        against=against,
        as_of=as_of.astimezone(UTC),
        today=today,
        bands=workspace.bands,
        indicators=_indicator_rows(workspace, judged, own, as_of),
        rollups=rollups,
        previous_rollups=_previous_rollups(workspace, judged, today, unit, as_of, made),
        obligations=with_stages(workspace, closing_obligations(workspace, plan, period, today, as_of), as_of),
        overdue=overdue_targets(
            plan, own[against].assign(code=own[against].indicator), workspace.calendar, today
        ),
        sentence="",
        resolution_sentence="",
        view=judged.view,
        version=made.version if made else next_version(workspace, plan, period),
        run=run,
        cut_off=workspace.calendar.bounds(period)[1],
        counting=settings.review.counting,
        timezone=settings.workspace.timezone,
        exceptions=exceptions_for(workspace, plan, period, today, as_of),
        timeliness=timeliness_so_far(workspace, plan, period, today, as_of),
    )
    said, of_resolution = _sentences(workspace, review, own[against])
    return replace(review, sentence=said, resolution_sentence=of_resolution)


# What stands before a unit's own name and is left out where a letter is dated.
_KINDS_OF_UNIT = ("Tỉnh ", "Thành phố ", "Huyện ", "Thị xã ", "Quận ", "Xã ", "Phường ", "Thị trấn ")


def place_of(name: str) -> str:
    """The place that letters of a unit are dated from: `Tỉnh Lào Cai` writes from `Lào Cai`."""
    kind = next((kind for kind in _KINDS_OF_UNIT if name.startswith(kind)), "")
    return name.removeprefix(kind)


def next_version(workspace: Workspace, plan: Plan, period: Period) -> int:
    """The number that the authority's next report of a period gets."""
    return next_report_version(workspace.engine, str(period), PROVINCE, plan.term.authority)


def _indicator_rows(
    workspace: Workspace, judged: JudgedPeriod, own: dict[str, pd.DataFrame], as_of: datetime
) -> pd.DataFrame:
    """The authority's attainment rows, with the year's and the term's attainment and all words beside."""
    against = next(iter(own))
    table = level_table(workspace, judged, own[against], "indicator")
    beside = own[against].set_index(["indicator", "series"])[["so_far", *BESIDE_ROWS]]
    table = table.join(beside, on=["code", "series"])
    for kind in ("year", "term"):
        rows = own[kind]
        holds = rows[(rows.span_kind == kind) & rows.has_target].set_index(["indicator", "series"]).attainment
        keys = pd.MultiIndex.from_frame(table[["code", "series"]])
        table[f"{kind}_attainment"] = holds.reindex(keys).to_numpy()
    plan, period = judged.loaded.plan, judged.moment.period
    names = plan.units_on(workspace.calendar.bounds(period)[1])["name"].to_dict()
    with reckoning(workspace.engine) as connection:
        closings = [judged.moment.closing(frequency) for frequency in FREQUENCIES]
        said = reasons_and_remedies(connection, closings, as_of)
    for column in ("reason", "remedy"):
        rows = said[said[column] != ""]
        texts = words_of_units(rows.assign(name=rows.unit.map(names).fillna(rows.unit), words=rows[column]))
        table[column] = table.code.map(texts.whole.to_dict()).astype("str").fillna("")
        table[f"{column}_short"] = table.code.map(texts.short.to_dict()).astype("str").fillna("")
    return table


def _sentences(workspace: Workspace, review: Review, own: pd.DataFrame) -> tuple[str, str]:
    """The official sentence on the programmes' indicators, and the one on the resolution's ("" where none count)."""
    indicators = review.plan.indicators
    counting = counting_rows(review.plan, own, review.counting)
    belongs = {
        "term": ("indicators", indicators.index[indicators.programmes != ""]),
        "resolution": ("resolution", indicators.index[indicators.resolution]),
    }
    found = {}
    for level, (subject, codes) in belongs.items():
        rows = review.level(level)
        rows = rows[rows.n > 0]
        estimated = bool((counting.status[counting.indicator.isin(codes)] == "estimate").any())
        found[level] = "" if rows.empty else official_sentence(
            counts_of(rows.iloc[0].to_dict()),
            review.period,
            estimated,
            workspace.settings.workspace.locale,
            bands=review.bands,
            elapsed=review.elapsed,
            subject=subject,
        )  # fmt: skip
    return found["term"], found["resolution"]


def _previous_rollups(
    workspace: Workspace, judged: JudgedPeriod, today: date, unit: str, as_of: datetime, made: Made | None
) -> pd.DataFrame:
    """The rollups of the period before: as reviewed by then, else as they come out (none before the term)."""
    against = next(iter(judged.rows))
    period = judged.moment.period.previous()
    if period.last_month < judged.loaded.plan.term.span.first_month or period.kind == "term":
        return judged_nothing()
    is_authority = unit == judged.loaded.plan.term.authority
    by = made.at if made else None
    stored = (
        latest_review(workspace.engine, str(period), against, judged.view, as_of, by)
        if is_authority
        else None
    )
    if stored is not None:
        rows = stored.attainment
        return rows[rows.level != "indicator"].reset_index(drop=True)
    nodes = "authority" if is_authority else "all"
    before = judge_period(workspace, period, [against], today, judged.as_of, nodes, judged.view)
    own = before.rows[against]
    own = own[own.unit == unit]
    return pd.concat([level_table(workspace, before, own, level) for level in LEVELS], ignore_index=True)


def judged_nothing() -> pd.DataFrame:
    """No rollup rows."""
    return pd.DataFrame(columns=["level", "code", "n", "index", *BANDS])


def closing_obligations(
    workspace: Workspace, plan: Plan, period: Period, today: date, as_of: datetime | None = None
) -> pd.DataFrame:
    """The obligations of all periods that close with this one (OBLIGATION_COLUMNS), as known at an instant."""
    month = Period("month", period.last_month // 12, period.last_month % 12 + 1)
    return obligations_of(workspace, plan, closing_periods(plan, month), today, as_of)


def counts_line(review: Review) -> Sequence[int]:
    """Counts of the three groupings of the headline: met or better, over and under the threshold."""
    row = review.rollups[review.rollups.level == "term"]
    counts = counts_of(row.iloc[0].to_dict()) if len(row) else dict.fromkeys(BANDS, 0)
    under = counts["lagging"] + counts["stalled"] + counts["not_started"]
    return counts["exceeded"] + counts["met"], counts["advancing"], under


def main_rows(review: Review) -> pd.DataFrame:
    """The indicator rows of the declared series, one an indicator."""
    rows = review.indicators.sort_values("series", key=lambda s: s != ASSIGNED, kind="stable")
    return rows.drop_duplicates("code")
