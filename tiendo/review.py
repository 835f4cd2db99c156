"""What a report says: everything the pages of one review need, in one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

import pandas as pd

from tiendo.bands import BANDS, BandRules
from tiendo.errors import InputError
from tiendo.period_acts import EXCEPTION_COLUMNS
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.report_changes import ReportChanges
from tiendo.rollup import counting_rows
from tiendo.targets import elapsed_share
from tiendo.timeliness import TIMELINESS_COLUMNS
from tiendo.unlikely import doubts_sentence, with_doubts
from tiendo.wording import band_words, thresholds_text

LETTERHEADS = ("party", "government")


@dataclass(frozen=True)
class Review:
    """One review of one period, judged; the frames are not to be changed.

    workspace: the workspace's name. letterhead: party or government. place: where the report is dated
    (`Lào Cai`). plan, plan_version, period. against: own, year or term. as_of: the instant up to which the
    warehouse was read. today: the civil date of the report. bands: the thresholds in force.
    indicators: attainment columns (FORMATS §4) at level `indicator` of the authority, or of one unit; and
    reason, remedy (the units' words; `…_short`: where many units say the same they are counted), year_attainment,
    term_attainment (percent), so_far (`ahead.with_forecast`), and outlooks.BESIDE_ROWS.
    rollups: attainment columns of the other levels. previous_rollups: those of the period before, if any.
    obligations: unit, period, opens, cut_off, due, locks, state, received_at, version.
    overdue: indicator, name, kind (target, stage), what (the stage), due, days_overdue, attainment, band,
    lead_agency. sentence, resolution_sentence: the official sentences ("" where nothing is counted).
    view: as_reported or restated. version: the report's number. run: what made it. cut_off: last day of the
    period's data window. counting: component or main, the level that counts. timezone: of what is printed.
    exceptions: what was let pass (period_acts.EXCEPTION_COLUMNS, received_at where a receipt was dated back).
    timeliness: what was expected and came, of the term so far (`timeliness.by_unit`).
    changes: what it says otherwise than the report issued before it (None: there is none).

    Raises InputError where the counts of a level do not sum to its n, or the letterhead is unknown.
    """

    workspace: str
    letterhead: str
    place: str
    plan: Plan
    plan_version: int
    period: Period
    against: str
    as_of: datetime
    today: date
    bands: BandRules
    indicators: pd.DataFrame
    rollups: pd.DataFrame
    previous_rollups: pd.DataFrame
    obligations: pd.DataFrame
    overdue: pd.DataFrame
    sentence: str
    resolution_sentence: str
    view: str = "as_reported"
    version: int = 1
    run: str = ""
    cut_off: date | None = None
    counting: str = "component"
    timezone: str = "Asia/Ho_Chi_Minh"
    exceptions: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=EXCEPTION_COLUMNS))
    timeliness: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=TIMELINESS_COLUMNS))
    changes: ReportChanges | None = None

    def __post_init__(self) -> None:
        if self.letterhead not in LETTERHEADS:
            raise InputError(
                f"[workspace] letterhead = {self.letterhead!r} is not one; write {' or '.join(LETTERHEADS)}"
            )
        bands = self.rollups[list(BANDS)].astype(float).sum(axis=1)
        off = self.rollups[bands != self.rollups.n]
        if len(off):
            names = ", ".join(f"{row.level} {row.code}" for row in off.itertuples())
            raise InputError(f"the counts over all bands are not the number of indicators: {names}")

    @property
    def is_estimated(self) -> bool:
        """Whether any figure of the review is an estimate (số ước)."""
        return bool((self.indicators.status == "estimate").any())

    @cached_property
    def elapsed(self) -> float | None:
        """The elapsed share of the judged targets' spans, where it is the same for all of them."""
        spans = self.indicators["span"][self.indicators.attainment.notna()].dropna().astype(str).unique()
        frame = pd.DataFrame(
            [(span.first_month, span.last_month) for span in map(Period.parse, spans)],
            columns=["span_start", "span_end"],
        )
        shares = elapsed_share(frame, self.period).unique()
        return float(shares[0]) if len(shares) == 1 else None

    @cached_property
    def band_words(self) -> dict[str, str]:
        """Band → the word printed for it, with the thresholds in force."""
        return band_words(self.bands, self.elapsed)

    @cached_property
    def limits(self) -> dict[str, str]:
        """The thresholds in force, as words for `{advancing}` and `{stalled}`."""
        return thresholds_text(self.bands, self.elapsed)

    @cached_property
    def doubts(self) -> pd.DataFrame:
        """The declared indicator rows with what speaks against their being met (`unlikely.with_doubts`)."""
        return with_doubts(self.indicators, self.plan.term.span, self.period)

    @cached_property
    def doubts_sentence(self) -> str:
        """How many of the indicators that count are unlikely to be met; "" where none is."""
        rows = self.doubts.assign(indicator=self.doubts.code)
        return doubts_sentence(counting_rows(self.plan, rows, self.counting))

    @cached_property
    def unit(self) -> str:
        """The code of the unit whose figures these are: the authority, or one unit below it."""
        return str(self.indicators.unit.iloc[0]) if len(self.indicators) else self.plan.term.authority

    @cached_property
    def subject(self) -> str:
        """The name of that unit on the day of the report."""
        return self.plan.unit_name(self.unit, self.today)

    @cached_property
    def returns(self) -> pd.DataFrame:
        """The obligations that the report is about: of every unit, or of the one unit alone."""
        own = self.obligations.unit == self.unit
        return self.obligations if self.unit == self.plan.term.authority else self.obligations[own]

    @cached_property
    def authority(self) -> str:
        """The name of the authority on the day of the report."""
        return self.plan.unit_name(self.plan.term.authority, self.today)

    def level(self, name: str) -> pd.DataFrame:
        """The rollup rows of one level, indexed by code."""
        return self.rollups[self.rollups.level == name].set_index("code", drop=False).rename_axis(None)


def counts_of(row: Mapping[Any, Any]) -> dict[str, int]:
    """The counts by band of one rollup row; none where it holds no count."""
    return {band: 0 if pd.isna(row[band]) else int(row[band]) for band in BANDS}
