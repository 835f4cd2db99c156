"""Versions: which part becomes which version of a unit's return, and what it keeps of the one before."""

import numpy as np
import pandas as pd

from tiendo.calendars import Calendar
from tiendo.deadlines import due_instants
from tiendo.parts import Grid

CASE = ["unit", "period"]  # what has versions
IN_TIME_VERDICTS = ("accepted", "accepted_with_warnings", "submitted")
INSTANT = "datetime64[us, UTC]"


def numbered(parts: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """The parts with version, is_duplicate and wave.

    parts: unit, period, content_digest, in the order in which their files count as received. current: unit,
    period, version, content_digest of the newest versions so far. A part that says what the newest version
    before it says is a duplicate of it and has its version; older contents sent again are a new version.
    `wave` counts the new versions of one unit and period within the batch from 1; it is 0 for duplicates.
    """
    newest = current.set_index(CASE)
    keys = pd.MultiIndex.from_frame(parts[CASE])
    digest_so_far = pd.Series(newest.content_digest.reindex(keys).to_numpy(), index=parts.index)
    before = parts.groupby(CASE, sort=False).content_digest.shift().fillna(digest_so_far)
    is_duplicate = parts.content_digest == before
    order = (~is_duplicate).groupby([parts.unit, parts.period], sort=False).cumsum()
    version = newest.version.reindex(keys).fillna(0).to_numpy() + order
    return parts.assign(
        version=version.astype("int64"), is_duplicate=is_duplicate, wave=order.mask(is_duplicate, 0)
    )


def replayed(parts: pd.DataFrame, files: pd.DataFrame, versions: pd.DataFrame) -> pd.Series:
    """Of each file that would bring back figures given up since (by number): when the very same was received before.

    parts: numbered; files: file, sha256, sender, received_at; versions: unit, period, sha256, sender, received_at of
    the earlier versions that came in files of the same bytes. Equal bytes are no new word of the sender's; who does
    mean the older figures saves the file anew.
    """
    key = ["sha256", "sender", *CASE]
    about = parts[["file", *CASE, "is_duplicate"]].merge(files[["file", "sha256", "sender", "received_at"]])
    earlier = pd.concat([versions[[*key, "received_at"]], about[[*key, "received_at"]]], ignore_index=True)
    first = earlier.drop_duplicates(key).set_index(key).received_at
    is_again = earlier.duplicated(key).to_numpy()[len(versions) :]
    again = about[is_again & ~about.is_duplicate.to_numpy()]
    return pd.Series(
        first.reindex(pd.MultiIndex.from_frame(again[key])).array, index=again.file, dtype=INSTANT
    )[lambda found: ~found.index.duplicated()]


def late_parts(parts: pd.DataFrame, history: pd.DataFrame, calendar: Calendar) -> pd.Series:
    """Which parts (unit, period, due, hour, received_at) came after their due hour and are no timely correction.

    history: unit, period, received_at, verdict of all earlier versions. Once a return has been accepted in
    time, its later versions are changes, not late returns; one that came in time and was sent back may be
    corrected within the calendar's correction days.
    """
    due = due_instants(calendar, parts.due, parts.hour)
    correct_by = due_instants(calendar, parts.due, parts.hour, calendar.correction_days)
    every = pd.concat([history[[*CASE, "received_at"]], parts[[*CASE, "received_at"]]])
    first = _earliest(every, parts)
    first_good = _earliest(history[history.verdict.isin(IN_TIME_VERDICTS)], parts)
    in_time = (parts.received_at <= due) | (first_good <= due)
    is_late: pd.Series = ~in_time & ~((first <= due) & (parts.received_at <= correct_by))
    return is_late


def _earliest(received: pd.DataFrame, parts: pd.DataFrame) -> pd.Series:
    """For each part the first instant at which any of the given was received for its unit and period."""
    first = received.astype({"received_at": INSTANT}).groupby(CASE).received_at.min()
    keys = pd.MultiIndex.from_frame(parts[CASE])
    return pd.Series(first.reindex(keys).array, index=parts.index, dtype=INSTANT)


def with_carried(
    values: pd.DataFrame, parts: pd.DataFrame, current: pd.DataFrame, keeps: Grid
) -> pd.DataFrame:
    """The values of the new versions, with those they keep of the version before and `carried_from`.

    values: part, place and the value's columns, of the good cells. parts: unit, period, version, wave (0:
    none). current: unit, period, version, place, the value's columns and carried_from, newest versions
    so far. keeps: part × indicator, where a cell was wrong or missing. A value carried twice names the one
    in which it was given.
    """
    values = values.assign(carried_from=np.nan)
    done = [values.iloc[:0]]
    before = current
    for wave in range(1, int(parts.wave.max() if len(parts) else 0) + 1):
        now = parts[parts.wave == wave]
        if wave > 1:
            before = replaced(before, parts[parts.wave == wave - 1], done[-1])
        own = values[values.part.isin(now.index)]
        known = before.merge(now.rename_axis("part").reset_index()[[*CASE, "part"]], on=CASE)
        kept = known[keeps[known.part, known.place]]
        kept = kept.assign(carried_from=kept.carried_from.fillna(kept.version))
        done.append(pd.concat([own, kept[values.columns]], ignore_index=True) if len(kept) else own)
    return pd.concat(done, ignore_index=True)


def replaced(current: pd.DataFrame, parts: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """The values of the newest versions, after those of the parts have taken their places."""
    superseded = pd.MultiIndex.from_frame(current[CASE]).isin(pd.MultiIndex.from_frame(parts[CASE]))
    fresh = values.join(parts[[*CASE, "version"]], on="part").drop(columns="part")
    return pd.concat([fresh, current[~superseded]])
