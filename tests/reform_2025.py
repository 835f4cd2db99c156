"""The reform of 1 July 2025 as plans: 10,035 communes and 5 islands became 3,321 communes, 63 provinces 34.

Made from the lists in `cases/reform_2025` (`SOURCES.md` there says whence). What the lists do not say is decided here:

- A split commune goes in equal parts to those that it became: the lists name no shares, and know the population of the
  new communes alone. 144 rows may only be two communes of one name; they are parts as well.
- The list of new communes decides about codes: the mapping's new 06970 (Ba Chẽ) is its 06978.
- Five island districts have no communes: they report themselves, and each became a commune whole.
- Districts gather what their communes report and have no figures of their own, so nothing succeeds them. Where the
  districts report (`by_districts`), the communes came after them, in shares by how many old communes each took in:
  after 1 July nobody else stands between commune and province.
- A commune that alone became the one of its code stayed itself, under another parent; so did a province that neither
  took in another nor was taken in. Every other unit is a new one, whatever code or name it bears again.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from tiendo.plan import Plan, read_plan

LISTS = Path(__file__).parent / "cases" / "reform_2025"
REFORM, EVE = "2025-07-01", "2025-06-30"
LISTED_FROM = "2025-03-01"  # of the communes nothing is said about the time before
COUNTRY = "VN"
ISLANDS = ("318", "471", "498", "536", "755")
CODE_IN_LIST = {"06970": "06978"}  # the mapping's code of a new commune → its code in the list of them
UNIT_COLUMNS = ["code", "name", "level", "parent", "reports", "valid_from", "valid_to"]

INDICATORS = """code,name,unit,programme,frequency,accumulation,aggregation,weight_indicator,scale,type,direction
FLOW,Việc làm mới,người,CT,quarter,flow,sum,,,ratio,up
STOCK,Số hộ,hộ,CT,quarter,stock,sum,,,ratio,up
SHARE,Hộ dùng nước sạch,%,CT,quarter,stock,ratio,,100,threshold,up
SPENT,Giải ngân,%,CT,quarter,flow,ratio,,100,threshold,up
MEAN,Mức hài lòng,điểm,CT,quarter,stock,weighted_mean,STOCK,,threshold,up
RANK,Xếp hạng,hạng,CT,quarter,state,none,,,rank,down
DONE,Đã có quy hoạch,việc,CT,quarter,state,any,,,milestone,up
MARK,Đạt chuẩn,việc,CT,quarter,state,none,,,milestone,up"""
TARGET, OWN_TARGET = 10.0, 12.0  # of the whole, and of each old commune for its FLOW of the year


def _table(text: str) -> pd.DataFrame:
    head, *lines = [line.split(",") for line in text.splitlines()]
    return pd.DataFrame(lines, columns=head, dtype="str")


@cache
def listed(name: str) -> pd.DataFrame:
    """One of the lists, every cell text; names without the doubled and trailing spaces of the source."""
    frame = pd.read_csv(LISTS / f"{name}.csv", dtype="str", keep_default_na=False)
    if "full_name" in frame:
        frame["name"] = frame.full_name.str.split().str.join(" ")
    return frame


@cache
def mapping() -> pd.DataFrame:
    """Who became whom: old, new (codes of those who report), share, kind, district, old_province, new_province."""
    rows = listed("merger_2025-07")
    old = rows.old_commune_code.where(rows.old_commune_code != "", rows.old_district_code)
    new = rows.new_commune_code.replace(CODE_IN_LIST)
    parts, taken = old.groupby(old).transform("size"), new.groupby(new).transform("size")
    kind = np.select([parts > 1, taken > 1], ["split", "merge"], "move")
    places = {"district": "old_district_code", "old_province": "old_province_code"}
    places |= {"new_province": "new_province_code"}
    frame = pd.DataFrame({name: rows[column] for name, column in places.items()})
    return frame.assign(old=old, new=new, share=1 / parts, kind=kind)


def _dated(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose valid_to is the day after the last one, as org_units has it."""
    last = pd.to_datetime(rows.valid_to.replace("", None)) - pd.Timedelta(days=1)
    return rows.assign(valid_to=last.dt.strftime("%Y-%m-%d").fillna(""))


def province_rows() -> pd.DataFrame:
    """Provinces with the dates of their names; one that took in others ends, and begins anew under its code."""
    rows, became = _dated(listed("provinces")), listed("merger_provinces_2025-07")
    grown = became.new_province_code[became.new_province_code.duplicated()]
    has_ended = (rows.valid_to != "") & (rows.valid_to < REFORM)
    goes_on = rows.code.isin(grown) & (rows.valid_from < REFORM) & ~has_ended
    rows = pd.concat(
        [rows.assign(valid_to=rows.valid_to.mask(goes_on, EVE)), rows[goes_on].assign(valid_from=REFORM)]
    )
    return rows.assign(level="province", parent=COUNTRY, reports="no")


def district_rows(report: bool) -> pd.DataFrame:
    """Districts until the eve of the reform; the islands report in any case."""
    rows = _dated(listed("districts")).rename(columns={"province_code": "parent"})
    does = np.where(report | rows.code.isin(ISLANDS), "yes", "no")
    return rows.assign(level="district", reports=does)


def commune_rows() -> pd.DataFrame:
    """Communes of districts until the eve of the reform, of provinces after it."""
    before = listed("communes_2025-03").rename(columns={"district_code": "parent"})
    after = listed("communes_2025-07").rename(columns={"province_code": "parent"})
    dated = [
        before.assign(valid_from=LISTED_FROM, valid_to=EVE),
        after.assign(valid_from=REFORM, valid_to=""),
    ]
    return pd.concat(dated).assign(level="commune", reports="yes")


def succession_rows(by_districts: bool) -> pd.DataFrame:
    """Communes (or districts) into communes, provinces into provinces, and the provinces that got another name."""
    rows = mapping()
    if by_districts:
        shares = rows.groupby(["district", "new"], as_index=False).share.sum()
        whole = shares.groupby("district").share.transform("sum")
        rows = shares.assign(old=shares.district, share=shares.share / whole, kind="split")
    became = listed("merger_provinces_2025-07").set_axis(["old", "new", "communes"], axis=1)
    merged = became[became.new.duplicated(keep=False)].assign(kind="merge", share=1.0)
    links = pd.concat([rows, merged])[["old", "new", "kind", "share"]].assign(date=REFORM)
    named = province_rows()
    named = named[named.code.duplicated() & ~named.valid_from.isin(["2021-11-01", REFORM])]
    renamed = named.assign(old=named.code, new=named.code, kind="rename", share=1.0, date=named.valid_from)
    links = pd.concat([links, renamed[links.columns]], ignore_index=True)
    return links.rename(columns={"old": "predecessor", "new": "successor"})


def tables_of(provinces: Sequence[str] = (), by_districts: bool = False) -> dict[str, pd.DataFrame]:
    """The raw plan of the whole country, or of the province(s) that some became (codes of after the reform).

    One province is the authority of its plan itself, else the country is. `by_districts`: districts report until the
    reform, communes after it.
    """
    communes = commune_rows()
    if by_districts:
        communes = communes[communes.valid_from == REFORM]
    parts = [province_rows(), district_rows(by_districts), communes]
    units = pd.concat(parts, ignore_index=True)[UNIT_COLUMNS]
    links = succession_rows(by_districts)
    if provinces:
        became = listed("merger_provinces_2025-07")
        olds = became.old_province_code[became.new_province_code.isin(provinces)]
        units = _below(units, {*provinces, *olds})
        links = links[links.predecessor.isin(units.code)]
    authority = provinces[0] if len(provinces) == 1 else COUNTRY
    top = {"code": COUNTRY, "name": "Cả nước", "level": "country", "parent": "", "reports": "no"}
    if authority == COUNTRY:
        units = pd.concat([pd.DataFrame([top | {"valid_from": "", "valid_to": ""}]), units])
    else:
        units = units.assign(parent=units.parent.replace(COUNTRY, ""))
    term = {"code": "NK", "name": "Nhiệm kỳ 2021–2025", "authority": authority}
    return {
        "term": pd.DataFrame([term | {"starts": "2021-01-01", "ends": "2025-12-31"}]),
        "org_units": units.reset_index(drop=True),
        "succession": links.assign(share=links.share.map(repr)).reset_index(drop=True),
        "programmes": _table("code,name\nCT,Chương trình"),
        "indicators": _table(INDICATORS),
        "targets": _targets(units),
    }


def _below(units: pd.DataFrame, provinces: set[str]) -> pd.DataFrame:
    """The rows of some provinces and of what lies below them, each by the parent that it names."""
    districts = units[units.parent.isin(provinces)].code
    there = units.code.isin(provinces) & (units.level == "province")
    return units[there | units.parent.isin(provinces) | units.parent.isin(districts)]


def _targets(units: pd.DataFrame) -> pd.DataFrame:
    """One for the whole of each indicator, and for each unit that reported before the reform its FLOW of the year."""
    codes = _table(INDICATORS).code
    whole = pd.DataFrame({"indicator": codes, "unit": "", "span": "2021-2025", "target": f"{TARGET}"})
    whole["top_n"] = np.where(codes == "RANK", "5", "")
    whole["target"] = whole.target.mask(codes == "RANK", "")
    old = units.code[(units.reports == "yes") & (units.valid_to == EVE)]
    own = pd.DataFrame({"indicator": "FLOW", "unit": old, "span": "2025", "target": f"{OWN_TARGET}"})
    return pd.concat([whole, own], ignore_index=True).fillna("")


def reform(provinces: Sequence[str] = (), by_districts: bool = False) -> Plan:
    """The plan of `tables_of`, read and checked as any plan."""
    return read_plan(tables_of(tuple(provinces), by_districts))
