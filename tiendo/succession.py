"""Units over time: which rows of org_units are one unit, and what became of it. SPEC §2.

A unit is a code together with a date: codes are reused and names repeat. Its *key* is its code where it is the first
that bore it, else the code and the day from which it has it (`00004@2025-07-01`). Figures are kept under keys; people
and files say codes.
"""

import pandas as pd

from tiendo.calendars import Calendar
from tiendo.periods import Period

# Changes that leave a unit what it was, whatever its row says anew.
STAYS_ITSELF = ("rename", "move")
WHOLE = 1.0
LINK_COLUMNS = ["date", "predecessor", "successor", "share", "is_new"]
STEP_COLUMNS = ["number", "predecessor", "successor", "share"]


def code_of(key: str) -> str:
    """The code of a unit's key."""
    return key.partition("@")[0]


def unit_keys(units: pd.DataFrame, succession: pd.DataFrame) -> pd.Series:
    """The key of each row of org_units.

    Rows of one code are one unit where the later one follows on the earlier one without a gap, and is a rename or a
    move of it, or bears the same name and succeeds nobody.
    """
    ordered = units.sort_values(["code", "valid_from"], na_position="first", kind="stable")
    again = ordered.code.duplicated()
    follows = again & (ordered.valid_from == ordered.valid_to.shift() + pd.Timedelta(days=1))
    is_heir, is_renamed = _began_by(ordered, succession)
    same_name = ordered["name"] == ordered["name"].shift()
    is_same = follows & (is_renamed | (same_name & ~is_heir))
    started = ordered.valid_from.dt.strftime("%Y-%m-%d")
    own = ordered.code.where(~again, ordered.code + "@" + started.fillna(""))
    # What goes on bears the key of the row before it.
    keys = own.mask(is_same).groupby(ordered.code).ffill()
    return keys.reindex(units.index).astype("str")


def _began_by(units: pd.DataFrame, succession: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Of each row of org_units: whether it began by succeeding another, and whether by a rename or move of itself."""
    itself = (succession.predecessor == succession.successor) & succession.kind.isin(STAYS_ITSELF)
    places = pd.MultiIndex.from_frame(units[["code", "valid_from"]])
    found = []
    for rows in (succession[~itself], succession[itself]):
        starts = pd.MultiIndex.from_frame(rows[["successor", "date"]])
        found.append(pd.Series(places.isin(starts), index=units.index))
    return found[0], found[1]


def key_on(units: pd.DataFrame, codes: pd.Series, days: pd.Series) -> pd.Series:
    """The key of the unit that bore each code on a day (org_units with `key`); absent where there was none."""
    asked = pd.DataFrame({"code": codes.to_numpy(), "day": days.to_numpy(), "at": range(len(codes))})
    rows = asked.merge(units[["code", "key", "valid_from", "valid_to"]], on="code")
    valid = rows[~(rows.valid_from > rows.day) & ~(rows.valid_to < rows.day)].drop_duplicates(
        "at", keep="last"
    )
    return valid.set_index("at")["key"].reindex(range(len(codes))).set_axis(codes.index)


def links_of(units: pd.DataFrame, succession: pd.DataFrame) -> pd.DataFrame:
    """Who became whom (LINK_COLUMNS, keys), in the order of their days; a share not given is the whole.

    units: org_units with `key`. is_new: the successor began with it. Of a unit that stays itself nothing is said.
    """
    began = units.drop_duplicates("key").set_index("key").valid_from
    before = succession.date - pd.Timedelta(days=1)
    frame = pd.DataFrame(
        {
            "date": succession.date,
            "predecessor": key_on(units, succession.predecessor, before),
            "successor": key_on(units, succession.successor, succession.date),
            "share": succession.share.fillna(WHOLE),
        }
    ).dropna(subset=["predecessor", "successor"])
    frame["is_new"] = frame.successor.map(began).eq(frame.date)
    stays = (frame.predecessor == frame.successor) & (frame.share == WHOLE)
    return frame[~stays].sort_values("date", kind="stable").reset_index(drop=True)


def steps_of(links: pd.DataFrame, kind: str, calendar: Calendar) -> pd.DataFrame:
    """What each unit's figures become from one period of a kind to the next (STEP_COLUMNS).

    `number`: the index of the first period by whose last day a change has come; several changes within it are one.
    """
    numbers = {day: first_ending(day, kind, calendar).index for day in links.date.unique()}
    steps = [step_of(rows).assign(number=number) for number, rows in links.groupby(links.date.map(numbers))]
    return pd.concat([_no_steps(), *steps], ignore_index=True)[STEP_COLUMNS]


def step_of(links: pd.DataFrame) -> pd.DataFrame:
    """predecessor, successor, share: changes on one day or several, one after the other, as one.

    Whoever takes in others keeps what it had itself.
    """
    whole = links.iloc[:0][["predecessor", "successor", "share"]]
    for _, rows in links.groupby("date"):
        moved = whole.merge(rows, left_on="successor", right_on="predecessor", suffixes=("", "_now"))
        moved = moved.assign(successor=moved.successor_now, share=moved.share * moved.share_now)
        kept = whole[~whole.successor.isin(rows.predecessor)]
        direct = rows[~rows.predecessor.isin(whole.predecessor)]
        columns = list(whole.columns)
        whole = pd.concat([each[columns] for each in (kept, moved, direct) if len(each)], ignore_index=True)
    whole = whole.groupby(["predecessor", "successor"], as_index=False).agg(share=("share", "sum"))
    began = links.successor[links.is_new]
    own = pd.Index(whole.successor.unique()).difference(whole.predecessor).difference(began)
    themselves = pd.DataFrame({"predecessor": own, "successor": own, "share": WHOLE})
    return pd.concat([whole, themselves], ignore_index=True)


def _no_steps() -> pd.DataFrame:
    kinds = {"number": "int64", "predecessor": "str", "successor": "str", "share": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def first_ending(day: pd.Timestamp, kind: str, calendar: Calendar) -> Period:
    """The first period of a kind that ends on a day or after it."""
    period = Period("month", day.year, day.month).at_end(kind) or Period("year", day.year)
    while calendar.bounds(period.previous())[1] >= day.date():
        period = period.previous()
    while calendar.bounds(period)[1] < day.date():
        period = period.next()
    return period


# How the figures of several units become one unit's (SPEC §2, restating follows the indicator's aggregation).
# ADDED: amounts add, of a part its share. LEAST, MOST, WEIGHTED: of the figures of all; a part has the figure of
# the whole. ALONE: one whole predecessor's figure is the successor's; of several, or of a part, there is none.
ADDED, LEAST, MOST, WEIGHTED, ALONE = "added", "least", "most", "weighted", "alone"

_BY_AGGREGATION = {
    "sum": ADDED,
    "ratio": ADDED,  # numerators and denominators
    "min": LEAST,
    "max": MOST,
    "mean": ALONE,  # what is not weighted cannot be weighted anew
    "weighted_mean": WEIGHTED,
    "any": MOST,
    "all": LEAST,
    "count_met": ALONE,
    "none": ALONE,
}
NOT_AMOUNTS = ("rank", "milestone")


def merging_rules(indicators: pd.DataFrame) -> pd.DataFrame:
    """indicator, rule (ADDED … ALONE), weight_indicator (where WEIGHTED) of each of the plan's indicators."""
    rule = indicators.aggregation.map(_BY_AGGREGATION)
    is_state = indicators.accumulation.eq("state") | indicators.type.isin(NOT_AMOUNTS)
    declared = indicators.aggregation.isin(("any", "all"))
    rule = rule.mask(is_state & ~declared, ALONE)
    # Rates of a year are no amounts, whatever is added up of them over units.
    rule = rule.mask(indicators.accumulation.eq("rate") & rule.eq(ADDED), ALONE)
    # What is summed up over time is an amount, though over units only the least or the most of it may be asked.
    of_flow = indicators.accumulation.eq("flow") & (
        rule.isin((LEAST, MOST)) | indicators.aggregation.eq("mean")
    )
    rule = rule.mask(of_flow, ADDED)
    return pd.DataFrame(
        {
            "indicator": indicators.index,
            "rule": rule.to_numpy(),
            "weight_indicator": indicators.weight_indicator.where(rule.eq(WEIGHTED), "").to_numpy(),
        }
    )
