"""Acts on periods: what the office locks, unlocks and waives, for one unit or for all, and what stands of it. SPEC §3.

Acts are read in the order in which they were recorded. Of those on locking the last one that still holds decides, and
where none does the period's own dates; so it is, apart from them, with waivers. An act for all units counts like one for
each. An unlock or a waiver holds to the end of the day on which it expires; to take a waiver back is to waive anew until
today.
"""

import pandas as pd

LOCK, UNLOCK, WAIVE = "lock", "unlock", "waive"
ACTS = (LOCK, UNLOCK, WAIVE)
LOCKING = (LOCK, UNLOCK)
NO_ACT = ""
EVERY_UNIT = ""

ACT_COLUMNS = ["id", "act", "period", "unit", "reason", "expires", "recorded_at", "recorded_by"]
EXCEPTION_COLUMNS = ["act", "unit", "period", "reason", "expires", "recorded_at", "recorded_by"]
_TYPES = {"id": "int64", "expires": "datetime64[us]", "recorded_at": "datetime64[us, UTC]"}


def no_acts() -> pd.DataFrame:
    """No acts (ACT_COLUMNS)."""
    return pd.DataFrame({name: pd.Series(dtype=_TYPES.get(name, "str")) for name in ACT_COLUMNS})


def standing_act(acts: pd.DataFrame, asked: pd.DataFrame, kinds: tuple[str, ...]) -> pd.DataFrame:
    """The act that decides in each case: act, reason, expires, recorded_at, recorded_by; act is NO_ACT where none does.

    acts: ACT_COLUMNS. asked: unit, period, at (the instant up to which acts are seen), day (the civil day on which they
    have to hold), its index without doubles. kinds: which acts compete, LOCKING or (WAIVE,).
    """
    told = ["act", "reason", "expires", "recorded_at", "recorded_by"]
    if acts.empty:  # as of most periods; a review asks for all of the term
        return acts[told].reindex(asked.index).assign(act=NO_ACT)
    some = acts[acts.act.isin(kinds)]
    keys = asked[["unit", "period", "at", "day"]].rename_axis("case").reset_index()
    of_unit = keys.merge(some[some.unit != EVERY_UNIT], on=["unit", "period"])
    of_all = keys.merge(some[some.unit == EVERY_UNIT].drop(columns="unit"), on="period")
    found = pd.concat([each[["case", "at", "day", "id", *told]] for each in (of_unit, of_all)])
    found = found[(found.recorded_at <= found["at"]) & ~(found.expires < pd.to_datetime(found.day))]
    last = found.sort_values("id").drop_duplicates("case", keep="last").set_index("case")[told]
    last = last.reindex(asked.index)
    return last.assign(act=last.act.astype("str").fillna(NO_ACT))


def is_locked(act: pd.Series, is_past: pd.Series) -> pd.Series:
    """Whether returns are refused, by the standing act on locking and by whether the day of locking is past."""
    locked: pd.Series = act.eq(LOCK) | (is_past & act.ne(UNLOCK))
    return locked


def exceptions(acts: pd.DataFrame, at: pd.Timestamp, day: pd.Timestamp) -> pd.DataFrame:
    """The acts that stand at an instant and hold on a day (EXCEPTION_COLUMNS), by period, unit and act.

    Of a period and unit one on locking and one waiver at most; what a later act for all units put aside is left out.
    """
    seen = acts[(acts.recorded_at <= at) & ~(acts.expires < day)].sort_values("id")
    seen = seen.assign(about=seen.act.mask(seen.act.isin(LOCKING), "locking"))
    last = seen.drop_duplicates(["period", "unit", "about"], keep="last")
    of_all = last[last.unit == EVERY_UNIT].set_index(["period", "about"]).id
    later = of_all.reindex(pd.MultiIndex.from_frame(last[["period", "about"]])).to_numpy()
    standing = last[~(last.id < later)]
    return standing.sort_values(["period", "unit", "id"])[EXCEPTION_COLUMNS].reset_index(drop=True)
