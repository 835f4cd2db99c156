"""What officers say of an indicator beside what is computed: its outlook, and an official band no formula gives. SPEC §8.

An outlook comes with a unit's return, or is given by the office or a leader; an official band only by these. Neither
ever changes a computed band or a count.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tiendo.bands import ASSESSABLE, BANDS, MET
from tiendo.errors import InputError
from tiendo.labels import WORDS
from tiendo.measures import Moment
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.plan_reading import nearest
from tiendo.reporting import reporter_sets
from tiendo.succession import key_on
from tiendo.targets import ASSIGNED

OUTLOOK, OFFICIAL = "outlook", "official"
WITHDRAWN = "withdrawn"  # from its period on nothing is said any more
VERDICTS: dict[str, tuple[str, ...]] = {
    OUTLOOK: (*WORDS["outlook"], WITHDRAWN),
    OFFICIAL: (*BANDS, WITHDRAWN),
}
DOUBTFUL = ("unlikely", "will_not")

# What an outlook claims: of the figure as it is now or as it will be at the end, and whether the target is met then.
NOW, END = "band", "forecast_band"
CLAIMS: dict[str, tuple[str, bool]] = {
    "met": (NOW, True),
    "will_meet": (END, True),
    "unlikely": (END, False),
    "will_not": (END, False),
}
YES, NO = "yes", "no"

# What stands beside a judged row for the reader, not in the warehouse's table of attainment.
BESIDE_ROWS = [f"{name}_{what}" for name in ("judgement", "official") for what in ("reason", "author")]

# A judgement as it holds: unit is the authority's code for its own figure.
HELD_COLUMNS = ["indicator", "unit", "kind", "verdict", "reason", "author", "recorded_at"]
_KEY = ["indicator", "unit", "kind"]


@dataclass(frozen=True)
class OfficerJudgement:
    """One judgement as an officer gives it: of an indicator, for the authority (unit "") or one unit, from a period on.

    kind: a key of VERDICTS; verdict: one of its words. Raises InputError for another, or without a reason or author.
    """

    indicator: str
    unit: str
    period: str
    kind: str
    verdict: str
    reason: str
    author: str

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS[self.kind]:
            known = VERDICTS[self.kind]
            raise InputError(
                f"--{self.kind} {self.verdict!r}: không có giá trị này; {nearest(self.verdict, known)}"
            )
        for option, text in (("--reason", self.reason), ("--author", self.author)):
            if not text.strip():
                raise InputError(f"{option} để trống; nhận định nào cũng cần lý do và người nhận định")


def speakers(plan: Plan, moment: Moment) -> pd.Series:
    """Indicator → the unit whose outlook is the authority's: the one whose figure it is (figure_of), else the lead agency
    if it reports it, else the only reporter. Others are left out.
    """
    sets, members = reporter_sets(plan, moment.units_day)
    about = plan.indicators.loc[sets.index, ["figure_of", "lead"]].assign(set=sets)
    pairs = about.rename_axis("indicator").reset_index().merge(members, on="set")
    pairs["rank"] = np.select([pairs.unit == pairs.figure_of, pairs.unit == pairs["lead"]], [0, 1], 2)
    alone = ~pairs.indicator.duplicated(keep=False)
    own = pairs[(pairs.figure_of == "") | (pairs["rank"] == 0)]
    speaking = own[(own["rank"] < 2) | alone[own.index]].sort_values("rank", kind="stable")
    return speaking.drop_duplicates("indicator").set_index("indicator").unit


def held(plan: Plan, moment: Moment, given: pd.DataFrame, returned: pd.DataFrame) -> pd.DataFrame:
    """The judgements that hold in a review, one an indicator, unit and kind (HELD_COLUMNS).

    given: what the office and leaders gave, in the order of recording: indicator, unit ("" for the authority), period,
    kind, verdict, reason, author, recorded_at; each holds from its period until a later one. returned: outlooks of the
    current returns: indicator, unit, verdict, reason, recorded_at; they hold where the office has given none.
    """
    own = returned.assign(kind=OUTLOOK, author=returned.unit)
    for_all = own[own.unit == own.indicator.map(speakers(plan, moment))].assign(unit=plan.term.authority)
    every = pd.concat([own[HELD_COLUMNS], for_all[HELD_COLUMNS], _given(plan, moment, given)])
    every = every.assign(recorded_at=pd.to_datetime(every.recorded_at, utc=True))
    return every.drop_duplicates(_KEY, keep="last").sort_values(_KEY, ignore_index=True)


def _given(plan: Plan, moment: Moment, given: pd.DataFrame) -> pd.DataFrame:
    ends = given.period.map({text: Period.parse(text).last_month for text in given.period.unique()})
    rows = given.assign(unit=given.unit.mask(given.unit == "", plan.term.authority), end=ends.astype(float))
    rows = rows[(rows.end <= moment.period.last_month) & _is_same_unit(plan, moment, rows)]
    rows = rows.sort_values("end", kind="stable")
    last = rows.drop_duplicates(_KEY, keep="last")
    return last.loc[last.verdict != WITHDRAWN, HELD_COLUMNS]


def _is_same_unit(plan: Plan, moment: Moment, rows: pd.DataFrame) -> pd.Series:
    """Whether the code still is of the unit that was judged: codes are reused."""
    last_days = {text: moment.calendar.bounds(Period.parse(text))[1] for text in rows.period.unique()}
    then = key_on(plan.units, rows.unit, pd.to_datetime(rows.period.map(last_days)))
    now = key_on(plan.units, rows.unit, pd.Series(pd.Timestamp(moment.units_day), index=rows.index))
    return then == now


def with_judgements(rows: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """The judged rows with judgement (an outlook) and official (a band), and of each the reason and author.

    Columns: judgement, judgement_reason, judgement_author, official, official_reason, official_author; "" where nothing
    is said. A judgement is of the declared target, not of another series.
    """
    for kind, name in ((OUTLOOK, "judgement"), (OFFICIAL, "official")):
        said = held[held.kind == kind].set_index(["indicator", "unit"])
        columns = {name: "verdict", f"{name}_reason": "reason", f"{name}_author": "author"}
        if said.empty:
            rows = rows.assign(**dict.fromkeys(columns, ""))
            continue
        here = said.reindex(pd.MultiIndex.from_frame(rows[["indicator", "unit"]]))
        is_declared = rows.series == ASSIGNED
        for column, source in columns.items():
            texts = pd.Series(here[source].to_numpy(), index=rows.index, dtype="str").fillna("")
            rows = rows.assign(**{column: texts.where(is_declared, "")})
    return rows


def agreement(kind: str, verdict: pd.Series, rows: pd.DataFrame, term: Period, period: Period) -> pd.Series:
    """yes or no: whether each verdict is what the computed band and forecast_band say; "" where they say nothing of it.

    An outlook agrees as CLAIMS says; where nothing is forecast, a target that is met now is taken to stay so. Where
    the judged span is over by the period's end while the term's target goes on, an outlook is of the latter, and nothing
    is said. An official band agrees with the same computed one. rows: band, forecast_band, span, term_target.
    """
    if kind == OFFICIAL:
        same, known = verdict == rows.band, rows.band.isin(ASSESSABLE)
    else:
        is_met = {when: rows[when].isin(MET) for when in (NOW, END)}
        is_known = {NOW: rows.band.isin(ASSESSABLE), END: rows.forecast_band.isin(ASSESSABLE)}
        is_met[END] = is_met[END].where(is_known[END], is_met[NOW])
        is_known[END] = is_known[END] | is_met[NOW]
        of_word = [verdict == word for word in CLAIMS]
        same = _chosen(of_word, [is_met[when] == wanted for when, wanted in CLAIMS.values()], rows.index)
        known = _chosen(of_word, [is_known[when] for when, _ in CLAIMS.values()], rows.index)
        known &= ~(is_over(rows, period) & rows.term_target.notna() & (term.last_month > period.last_month))
    words = np.where(known & verdict.ne(""), np.where(same, YES, NO), "")
    return pd.Series(words, index=rows.index, dtype="str")


def is_over(rows: pd.DataFrame, period: Period) -> pd.Series:
    """Whether the span of each row's target has ended by the period's end."""
    ends = {text: Period.parse(text).last_month for text in rows["span"].dropna().unique()}
    return rows["span"].map(ends).astype(float) <= period.last_month


def _chosen(conditions: list[pd.Series], choices: list[pd.Series], index: pd.Index) -> pd.Series:
    return pd.Series(np.select(conditions, choices, False), index=index, dtype=bool)
