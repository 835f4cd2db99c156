"""Which indicators are unlikely to be met: by the forecast, by the officer's judgement, or by both. SPEC §8."""

import pandas as pd

from tiendo.bands import ASSESSABLE, MET
from tiendo.outlooks import DOUBTFUL, NO, OFFICIAL, OUTLOOK, agreement, is_over
from tiendo.periods import Period
from tiendo.targets import ASSIGNED


def with_doubts(indicators: pd.DataFrame, term: Period, period: Period) -> pd.DataFrame:
    """The declared attainment rows of a review, one an indicator, with five statements (bool) of each.

    is_over: its span has ended by the review's end, so that nothing is foretold. by_forecast: it is on its way, and
    forecast not to be met. by_officer: the officer judges so. differs: a judgement, or an official band, says another
    thing than what is computed. is_official: it was given a band officially.
    """
    rows = indicators[indicators.series.fillna("").isin(["", ASSIGNED])].drop_duplicates("code")
    said = {OUTLOOK: _words(rows.judgement), OFFICIAL: _words(rows.official)}
    differs = [agreement(kind, words, rows, term, period).eq(NO) for kind, words in said.items()]
    over = is_over(rows, period)
    falls_short = rows.forecast_band.isin(ASSESSABLE) & ~rows.forecast_band.isin(MET)
    return rows.assign(
        is_over=over,
        by_forecast=falls_short & ~over,
        by_officer=said[OUTLOOK].isin(DOUBTFUL),
        differs=differs[0] | differs[1],
        is_official=said[OFFICIAL].ne(""),
    )


def _words(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "")


def doubts_sentence(doubts: pd.DataFrame, subject: str = "chỉ tiêu") -> str:
    """How many indicators are unlikely to be met, the computed and the judged as the two facts they are; "" for none."""
    forecast, judged = int(doubts.by_forecast.sum()), int(doubts.by_officer.sum())
    every = int((doubts.by_forecast | doubts.by_officer).sum())
    if not every:
        return ""
    both = forecast + judged - every
    within = f", {both} {subject} theo cả hai" if both else ""
    return (
        f"{every} {subject} dự kiến khó đạt: {forecast} {subject} theo dự báo, "
        f"{judged} {subject} theo nhận định của cán bộ{within}."
    )
