"""Whether the succession of units makes sense: both were there on the day, shares sum, nobody succeeds himself."""

from collections.abc import Mapping

import pandas as pd

from tiendo.plan_reading import problems
from tiendo.succession import STAYS_ITSELF, WHOLE, key_on, unit_keys

Tables = Mapping[str, pd.DataFrame]
Found = list[pd.DataFrame]

ROUNDING = 1e-6  # shares typed with a few decimals, as 0.33 + 0.33 + 0.34
NAME = "succession"


def check_succession(tables: Tables) -> Found:
    """Problems of the table succession: table, row, column, what is wrong, what would be right."""
    rows = tables[NAME]
    if rows.empty:
        return []
    units = tables["org_units"].assign(key=unit_keys(tables["org_units"], rows))
    before = key_on(units, rows.predecessor, rows.date - pd.Timedelta(days=1))
    after = key_on(units, rows.successor, rows.date)
    known = rows.assign(before=before, after=after)
    return [
        *_absent(known),
        *_shares(rows),
        *_several(rows),
        *_loops(known.dropna(subset=["before", "after"])),
        *_still_there(known.dropna(subset=["before", "after"]), units),
    ]


def ended_alone(tables: Tables) -> Found:
    """Oddities: reporting units that end within the term with nobody after them, so that their stocks end too."""
    units, rows, term = tables["org_units"], tables[NAME], tables["term"]
    ended = units[units.reports & (units.valid_to < term.ends.max()) & (units.valid_to >= term.starts.min())]
    days = ended.valid_to + pd.Timedelta(days=1)
    went_on = pd.MultiIndex.from_arrays([ended.code, days])
    heirs = pd.MultiIndex.from_frame(rows[["predecessor", "date"]])
    same = pd.MultiIndex.from_frame(units[["code", "valid_from"]])
    alone = ended[~went_on.isin(heirs) & ~went_on.isin(same)]
    return [
        problems(
            "org_units",
            alone.row,
            "valid_to",
            "đơn vị thôi hoạt động trong nhiệm kỳ mà không có đơn vị kế tục: số lũy kế của đơn vị dừng ở đó",
            "thêm dòng vào succession.csv: đơn vị nào kế tục, từ ngày nào",
        )
    ]


def _absent(rows: pd.DataFrame) -> Found:
    """Units that were not there: the predecessor the day before, the successor on the day."""
    found = []
    for row, code, day in _told(rows[rows.before.isna()], "predecessor"):
        problem = (
            f"ngày {day - pd.Timedelta(days=1):%Y-%m-%d} không có đơn vị {code} (đơn vị là mã cùng với ngày)"
        )
        found.append(
            problems(NAME, [row], "date", problem, "sửa date, hoặc valid_from và valid_to trong org_units")
        )
    for row, code, day in _told(rows[rows.after.isna()], "successor"):
        problem = f"ngày {day:%Y-%m-%d} chưa có đơn vị {code}"
        found.append(problems(NAME, [row], "date", problem, "sửa date, hoặc valid_from trong org_units"))
    return found


def _told(rows: pd.DataFrame, column: str) -> list[tuple[int, str, pd.Timestamp]]:
    return list(zip(rows.row, rows[column], rows.date, strict=True))


def _shares(rows: pd.DataFrame) -> Found:
    outside = ~(rows.share > 0) | (rows.share > WHOLE)
    found = [
        problems(
            NAME,
            rows.row[outside & rows.share.notna()],
            "share",
            "phần phải lớn hơn 0 và không quá 1",
            "ghi phần của đơn vị trước, ví dụ 0.4",
        ),
        problems(
            NAME,
            rows.row[rows.share.isna() & (rows.kind == "split")],
            "share",
            "chia tách cần phần của mỗi đơn vị mới",
            "ghi share, ví dụ 0.4; các phần của một đơn vị cộng lại bằng 1",
        ),
    ]
    whole = rows.assign(share=rows.share.fillna(WHOLE)).groupby(["predecessor", "date"]).share
    total = whole.transform("sum")
    wrong = (total - WHOLE).abs() > ROUNDING
    for row, code, sum_of in zip(rows.row[wrong], rows.predecessor[wrong], total[wrong], strict=True):
        problem = f"các phần của {code} cộng lại là {sum_of:.6g}, không phải 1"
        remedy = "sửa share; phần còn lại ở chính đơn vị ấy cũng ghi thành một dòng"
        found.append(problems(NAME, [row], "share", problem, remedy))
    return found


def _several(rows: pd.DataFrame) -> Found:
    """A rename or a move has one successor, and leaves the unit whole."""
    many = rows.groupby(["predecessor", "date"]).successor.transform("size") > 1
    wrong = rows.kind.isin(STAYS_ITSELF) & (many | (rows.share.notna() & (rows.share != WHOLE)))
    remedy = "ghi kind = split (với share) hoặc merge"
    return [problems(NAME, rows.row[wrong], "kind", "đổi tên, chuyển cấp trên không chia đơn vị ra", remedy)]


def _still_there(rows: pd.DataFrame, units: pd.DataFrame) -> Found:
    """Who became part of others is not there any more, unless a row says what stays."""
    now = key_on(units, rows.predecessor, rows.date)
    stays = pd.MultiIndex.from_frame(rows[["before", "date"]]).isin(
        pd.MultiIndex.from_frame(rows.loc[rows.before == rows.after, ["before", "date"]])
    )
    wrong = (now == rows.before) & ~stays & (rows.before != rows.after)
    return [
        problems(
            NAME,
            [row],
            "predecessor",
            f"{code} vẫn còn hiệu lực từ ngày {day:%Y-%m-%d} sau khi đã vào đơn vị khác",
            "ghi valid_to của đơn vị trong org_units là ngày hôm trước, hoặc thêm dòng nói phần ở lại",
        )
        for row, code, day in _told(rows[wrong], "predecessor")
    ]


def _loops(rows: pd.DataFrame) -> Found:
    """Units that would come after themselves, by way of others."""
    links = rows[rows.before != rows.after]
    reach = {key: set(some) for key, some in links.groupby("before").after}
    for _ in range(len(reach)):
        wider = {key: some.union(*(reach.get(each, set()) for each in some)) for key, some in reach.items()}
        if wider == reach:
            break
        reach = wider
    looping = [
        before in reach.get(after, set()) for before, after in zip(links.before, links.after, strict=True)
    ]
    return [
        problems(
            NAME,
            links.row[pd.Series(looping, index=links.index, dtype=bool)],
            "successor",
            "vòng lặp: đơn vị qua các đơn vị khác lại thành chính nó",
            "sửa predecessor, successor hoặc date",
        )
    ]
