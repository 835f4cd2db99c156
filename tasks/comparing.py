"""Comparing the versions of a return: what a later one says otherwise, and why."""

import pandas as pd

from tasks.office.workspace import Workspace
from tiendo.errors import InputError
from tiendo.periods import Period
from tiendo.plan_reading import nearest
from tiendo.version_differences import version_differences
from warehouse.connecting import reading
from warehouse.correction_store import corrections_of, values_of
from warehouse.intake_store import submissions_of

NOTHING = 0  # the version before the first: it says nothing


def differences(
    workspace: Workspace, period: Period, unit: str, old: int | None = None, new: int | None = None
) -> pd.DataFrame:
    """What a version (by default the current one) says otherwise than an older one (the one before it).

    Columns of `version_differences.DIFFERENCE_COLUMNS`; attrs `old` and `new` name the versions. Version 0 says nothing.
    Raises InputError for an unknown unit, a period without a return, a version that is not there.
    """
    plan = workspace.current_plan().plan
    known = sorted(set(plan.units.code))
    if unit not in known:
        raise InputError(f"--unit {unit!r}: kế hoạch không có đơn vị này; {nearest(unit, known)[:200]}")
    versions = submissions_of(workspace.engine, [unit], [str(period)]).version.tolist()
    if not versions:
        raise InputError(
            f"{unit} chưa có báo cáo kỳ {period}; xem bằng: tiendo submission list --period {period}"
        )
    new = versions[-1] if new is None else new
    old = new - 1 if old is None else old
    for option, version in (("--from", old), ("--to", new)):
        if version not in (NOTHING, *versions):
            there = ", ".join(map(str, versions))
            raise InputError(
                f"{option} {version}: báo cáo {unit} {period} không có bản này; các bản: {there}"
            )
    with reading(workspace.engine) as connection:
        values = values_of(connection, unit, str(period))
        made = corrections_of(connection, [str(period)], [unit])
    between = made[made.version.between(min(old, new) + 1, max(old, new))]
    told = version_differences(
        values[values.version == old], values[values.version == new], between, plan.indicators["name"]
    )
    told.attrs.update(old=old, new=new)
    return told
