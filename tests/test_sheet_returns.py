"""The sheet Nộp báo cáo, read back cell by cell: who sent what when, how complete and timely, what was let pass."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.engine import Engine
from test_review_book import (
    height_of,
    page_points_of,
    pages_of,
    printed_columns,
    province_plan,
    province_review,
    rows_by,
    scale_of,
    texts_of,
)
from test_warehouse import a_batch, a_plan

from tasks.book.book_style import SCALE, WORSE
from tasks.book.review_book import review_bytes
from tasks.book.sheet_returns import exception_texts
from tasks.book.text_fit import line_count
from tasks.closing import Order, act_on_period
from tasks.office.workspace import Workspace
from tasks.returns_so_far import exceptions_for, timeliness_so_far, with_stages
from tiendo.periods import Period
from tiendo.plan import Plan, read_plan
from tiendo.review import Review
from tiendo.timeliness import by_unit
from warehouse.connecting import writing
from warehouse.dated_back import dated_back
from warehouse.intake_store import commit_intake, record_backdating
from warehouse.plan_store import store_plan
from warehouse.schema import approval

SHEET = "Nộp báo cáo"
DUE = date(2013, 12, 16)
TODAY = date(2013, 12, 23)
LONG_NAME = "Thị trấn Nông trường Phong Hải, huyện Bảo Thắng – khu vực biên giới số {}"

# unit → state, received (UTC), version, in the quarter's closing of the year's end.
SENT = {
    "080": ("accepted_on_time", "2013-12-16T09:59:00Z", 1),
    "081": ("accepted_late", "2013-12-16T10:01:00Z", 1),
    "082": ("accepted_late", "2013-12-18T02:30:00Z", 3),
    "083": ("overdue", None, None),
    "084": ("returned", "2013-12-15T03:00:00Z", 2),
    "085": ("waived", None, None),
}


def plan_of(units: int, long: bool) -> Plan:
    """The province's plan with so many districts."""
    tables = {name: frame.drop(columns="row") for name, frame in province_plan(4).tables.items()}
    known = tables["org_units"]
    above = known[known.level != "district"]
    name = LONG_NAME if long else "Huyện số {}"
    districts = pd.DataFrame({"code": [f"{80 + n:03d}" for n in range(units)]})
    districts["name"] = [name.format(n) for n in range(units)]
    districts = districts.assign(level="district", parent="10", reports=True)
    raw = tables | {"org_units": pd.concat([above, districts]).reindex(columns=known.columns)}
    return read_plan({name: _as_text(frame) for name, frame in raw.items()})


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype(str).replace({"True": "yes", "False": "no", "nan": "", "NaT": "", "None": ""})


def owed(unit: str, period: str, state: str, received: str | None, version: int | None) -> dict[str, object]:
    return {
        "unit": unit, "period": period, "opens": date(2013, 12, 2), "cut_off": date(2013, 12, 14), "due": DUE,
        "locks": date(2014, 1, 15), "state": state, "received_at": pd.Timestamp(received) if received else pd.NaT,
        "version": float("nan") if version is None else float(version),
    }  # fmt: skip


def returns(units: int) -> pd.DataFrame:
    """What the units owe at the year's end: a quarter's return and a year's."""
    rows = []
    for number in range(units):
        unit = f"{80 + number:03d}"
        rows.append(owed(unit, "2013-Q4", *SENT.get(unit, SENT["080"])))
        rows.append(owed(unit, "2013", *SENT["080"]))
    return pd.DataFrame(rows)


def so_far(returns: pd.DataFrame) -> pd.DataFrame:
    """The term's returns: those of the closing, and three quarters before it that all came in time but unit 083's."""
    before = [
        returns[returns.period == "2013-Q4"].assign(period=f"2013-Q{n}", due=date(2013, 3 * n, 18))
        for n in (1, 2, 3)
    ]
    earlier = pd.concat(before)
    earlier["state"] = "accepted_on_time"
    earlier["state"] = earlier.state.mask((earlier.unit == "083") & (earlier.period == "2013-Q2"), "overdue")
    return by_unit(pd.concat([earlier, returns]), TODAY)


def exception(act: str, unit: str, period: str, reason: str, **more: object) -> dict[str, object]:
    said = {
        "act": act,
        "unit": unit,
        "period": period,
        "reason": reason,
        "expires": pd.NaT,
        "received_at": pd.NaT,
    }
    at = pd.Timestamp(datetime(2013, 12, 17, 1, 15, tzinfo=UTC))
    return said | {"recorded_at": at, "recorded_by": "nguyen.van.a"} | more


EXCEPTIONS = pd.DataFrame(
    [
        exception(
            "waive", "085", "2013-Q4", "Lũ quét ngày 20/11, trụ sở ngập", expires=pd.Timestamp("2014-01-31")
        ),
        exception("lock", "", "2013", "Đã chốt số liệu trình Ban Thường vụ."),
        exception(
            "backdate", "082", "2013-Q4", "Gửi bản giấy", received_at=pd.Timestamp("2013-12-14T03:05:00Z")
        ),
        exception("unlock", "081", "2013-Q3", '=HYPERLINK("http://x")', recorded_by=""),
    ]
)


def a_review(units: int = 9, long: bool = False, **changes: object) -> Review:
    """A review of 2013 with returns of all kinds."""
    plan, sent = plan_of(units, long), returns(units)
    review = province_review(plan, obligations=sent, exceptions=EXCEPTIONS, timeliness=so_far(sent))
    return replace(review, **changes)  # type: ignore[arg-type]


def sheet_of(review: Review, is_computed: bool = True) -> Worksheet:
    book: Workbook = openpyxl.load_workbook(io.BytesIO(review_bytes(review)), data_only=is_computed)
    return book[SHEET]


@pytest.fixture(scope="module")
def review() -> Review:
    return a_review()


@pytest.fixture(scope="module")
def sheet(review: Review) -> Worksheet:
    return sheet_of(review)


def lines_of(sheet: Worksheet, state: str = "Tình trạng") -> dict[str, list[dict[str, object]]]:
    """Code → its lines, those of the quarter and of the year."""
    found: dict[str, list[dict[str, object]]] = {}
    for row in rows_by(sheet, "Mã"):
        if row["Mã"] and row[state]:
            found.setdefault(str(row["Mã"]), []).append(row)
    return found


def clock(value: object) -> str | None:
    """A date of a cell as it is printed."""
    return f"{value:%H:%M %d/%m/%Y}" if isinstance(value, datetime) else None


@pytest.mark.parametrize(
    ("unit", "received", "version", "days", "word"),
    [
        pytest.param(
            "080", "16:59 16/12/2013", 1, None, "Đúng hạn", id="a minute before the hour is in time"
        ),
        pytest.param("081", "17:01 16/12/2013", 1, 1, "Trễ hạn", id="a minute after it is a day late"),
        pytest.param("082", "09:30 18/12/2013", 3, 2, "Trễ hạn", id="two days late, at the third try"),
        pytest.param("083", None, None, 7, "Quá hạn", id="not there, a week after it was due"),
        pytest.param("084", "10:00 15/12/2013", 2, None, "Cần sửa", id="sent back"),
        pytest.param("085", None, None, None, "Được miễn", id="waived"),
    ],
)
def test_each_return_says_when_it_came_how_often_and_how_late(
    sheet: Worksheet, unit: str, received: str | None, version: int | None, days: int | None, word: str
) -> None:
    row = lines_of(sheet)[unit][0]
    assert (clock(row["Hạn nộp"]), clock(row["Nhận lúc"])) == ("00:00 16/12/2013", received)
    assert (row["Lần nộp"], row["Số ngày trễ"], row["Tình trạng"]) == (version, days, word)


def test_what_is_late_or_missing_is_red_beside_its_word(sheet: Worksheet) -> None:
    red = {
        str(cell.value)
        for row in sheet.iter_rows()
        for cell in row
        if cell.font.color is not None and cell.font.color.rgb == f"FF{WORSE.removeprefix('#')}"
    }
    assert red == {"Trễ hạn", "Quá hạn"}


@pytest.mark.parametrize(
    ("unit", "place", "counts", "shares"),
    [
        pytest.param("080", 0, (4, 4, 4), (1, 1), id="always in time"),
        pytest.param("081", 0, (4, 4, 3), (1, 0.75), id="complete, once late"),
        pytest.param("083", 0, (4, 2, 2), (0.5, 0.5), id="two of four never came"),
        pytest.param("084", 0, (4, 3, 3), (0.75, 0.75), id="what was sent back is not there yet"),
        pytest.param("085", 0, (3, 3, 3), (1, 1), id="what is waived is not expected"),
        pytest.param(
            "083", 1, (1, 1, 1), (1, 1), id="the year's returns are counted apart from the quarters'"
        ),
    ],
)
def test_a_unit_s_completeness_and_timeliness_run_over_the_term_so_far(
    sheet: Worksheet, unit: str, place: int, counts: tuple[int, ...], shares: tuple[float, ...]
) -> None:
    row = lines_of(sheet)[unit][place]
    assert (row["Phải nộp"], row["Đã nhận"], row["Đúng hạn"]) == counts
    assert (row["% đầy đủ"], row["% đúng hạn"]) == shares


def totals_of(sheet: Worksheet) -> dict[str, list[tuple[object, ...]]]:
    fields = ("Phải nộp", "Đã nhận", "Đúng hạn", "% đầy đủ", "% đúng hạn")
    rows = [row for row in rows_by(sheet, "Mã") if row["Đơn vị báo cáo"] and not row["Mã"]]
    names = dict.fromkeys(str(row["Đơn vị báo cáo"]) for row in rows)
    return {n: [tuple(r[f] for f in fields) for r in rows if r["Đơn vị báo cáo"] == n] for n in names}


def test_every_period_has_its_total_and_all_of_them_one(review: Review, sheet: Worksheet) -> None:
    quarter, year, whole = (35, 32, 30), (9, 9, 9), (44, 41, 39)
    assert totals_of(sheet) == {
        "Cộng": [(*quarter, 32 / 35, 30 / 35), (*year, 1, 1)],
        "Tất cả các kỳ": [(*whole, 41 / 44, 39 / 44)],
    }
    formulas = [cell for row in sheet_of(review, False).iter_rows(values_only=True) for cell in row]
    assert sum(str(cell).startswith("=SUM(") for cell in formulas) == 6


def test_a_heading_counts_what_came(sheet: Worksheet) -> None:
    texts = texts_of(sheet)
    assert "Quý IV/2013: đã nhận 6/9 báo cáo, trễ hạn 2, quá hạn chưa nhận 1, được miễn 1" in texts
    assert "Năm 2013: đã nhận 9/9 báo cáo" in texts


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param(
            "1. Miễn nộp báo cáo – 085 Huyện số 5, quý IV/2013, đến hết ngày 31/1/2014. Lý do: Lũ quét ngày 20/11, "
            "trụ sở ngập. Người ghi: nguyen.van.a, lúc 08:15 ngày 17/12/2013.",
            id="a waiver with its end",
        ),
        pytest.param(
            "2. Khóa kỳ trước hạn – mọi đơn vị, năm 2013. Lý do: Đã chốt số liệu trình Ban Thường vụ. "
            "Người ghi: nguyen.van.a, lúc 08:15 ngày 17/12/2013.",
            id="an early lock of every unit, its reason with one full stop",
        ),
        pytest.param(
            "3. Ghi nhận lùi ngày – 082 Huyện số 2, quý IV/2013, coi như nhận lúc 10:05 ngày 14/12/2013. "
            "Lý do: Gửi bản giấy. Người ghi: nguyen.van.a, lúc 08:15 ngày 17/12/2013.",
            id="a receipt dated back",
        ),
        pytest.param(
            '4. Mở khóa kỳ – 081 Huyện số 1, quý III/2013. Lý do: =HYPERLINK("http://x"). '
            "Người ghi: không rõ người ghi, lúc 08:15 ngày 17/12/2013.",
            id="an unlock without an end, nothing of it a formula",
        ),
    ],
)
def test_an_exception_says_what_for_whom_until_when_why_and_by_whom(sheet: Worksheet, sentence: str) -> None:
    assert sentence in texts_of(sheet)
    assert "Ngoại lệ: 4" in texts_of(sheet)


@pytest.mark.parametrize(
    ("count", "names"),
    [
        pytest.param(3, "Gồm: 080 Huyện số 0; 081 Huyện số 1; 082 Huyện số 2.", id="a few are named"),
        pytest.param(50, f"Gồm: {'; '.join(f'{80 + n:03d}' for n in range(50))}.", id="of many the codes"),
    ],
)
def test_what_was_said_of_many_units_alike_is_said_once(count: int, names: str) -> None:
    units = [f"{80 + n:03d}" for n in range(count)]
    alike = pd.DataFrame([exception("waive", unit, "2013", "Bão số 6") for unit in units])
    texts = exception_texts(a_review(units=60, exceptions=alike))
    assert texts == [
        f"1. Miễn nộp báo cáo – {count} đơn vị, năm 2013. Lý do: Bão số 6. "
        f"Người ghi: nguyen.van.a, lúc 08:15 ngày 17/12/2013. {names}"
    ]


def test_of_thousands_of_units_as_many_codes_as_a_row_holds_are_printed(review: Review) -> None:
    alike = pd.DataFrame([exception("waive", f"{n:05d}", "2013", "Bão số 6") for n in range(3000)])
    sheet = sheet_of(replace(review, exceptions=alike))
    assert not _cut_off(sheet)
    assert any(
        text.startswith("1. Miễn nộp báo cáo – 3000 đơn vị") and text.endswith("…")
        for text in texts_of(sheet)
    )


def test_a_unit_s_own_report_shows_its_own_returns_and_exceptions(review: Review) -> None:
    own = replace(review, indicators=review.indicators.assign(unit="085"))
    sheet = sheet_of(own)
    assert set(lines_of(sheet)) == {"085"}
    assert "Ngoại lệ: 2" in texts_of(sheet), "its waiver, and the lock of all units"


def test_where_nothing_is_owed_and_nothing_was_let_pass_the_sheet_says_so(review: Review) -> None:
    bare = replace(
        review,
        obligations=review.obligations.iloc[:0],
        exceptions=review.exceptions.iloc[:0],
        timeliness=review.timeliness.iloc[:0],
    )
    assert {"Không đơn vị nào phải nộp báo cáo cho kỳ này", "Ngoại lệ: không có"} <= set(
        texts_of(sheet_of(bare))
    )


def test_where_returns_are_approved_each_shows_its_stage(review: Review) -> None:
    stages = review.obligations.assign(stage=["confirmed", "accepted"] * 9)
    lines = lines_of(sheet_of(replace(review, obligations=stages)))
    assert [row["Xác nhận, duyệt"] for row in lines["080"]] == ["Thủ trưởng đã xác nhận", "Đã duyệt"]
    plain = sheet_of(replace(review, obligations=review.obligations.assign(stage="validated")))
    assert "Xác nhận, duyệt" not in texts_of(plain), "where nobody approves there is nothing to say"


def test_the_stage_is_that_of_the_version_that_stands(office: Workspace) -> None:
    received(office.engine, "080", "2011-Q1", "2011-04-08T03:00", "2011-04-08T03:00")
    owed = pd.DataFrame(
        {"unit": ["080", "082"], "period": "2011-Q1", "version": [1.0, float("nan")], "state": "open"}
    )
    assert list(with_stages(office, owed).stage) == ["validated", ""]
    with writing(office.engine) as connection:
        said = {"id": 1, "submission": 1, "act": "accepted", "recorded_at": at("2011-04-10T03:00")}
        connection.execute(sa.insert(approval).values(said))
    assert list(with_stages(office, owed).stage) == ["accepted", ""]
    assert list(with_stages(office, owed, at("2011-04-09T00:00")).stage) == ["validated", ""], "as known then"


def test_sixty_units_with_the_longest_names_print_whole_on_pages_of_one_width() -> None:
    sheet = sheet_of(a_review(units=60, long=True))
    assert scale_of(sheet) >= SCALE
    pages = pages_of(sheet)
    assert len(pages) > 4
    head = [int(row) for row in str(sheet.print_title_rows).replace("$", "").split(":")]
    for number, rows in enumerate(pages):
        repeated = height_of(sheet, *head) if number else 0
        assert repeated + height_of(sheet, rows[0], rows[-1]) <= page_points_of(sheet)
    assert not _cut_off(sheet)


def _cut_off(sheet: Worksheet) -> list[str]:
    """The cells whose text needs more lines than their row has room for."""
    widths = printed_columns(sheet)
    merged = {area.coord.split(":")[0]: area for area in sheet.merged_cells.ranges}
    found = []
    for row in sheet.iter_rows(max_col=len(widths)):
        for cell in (cell for cell in row if isinstance(cell.value, str)):
            area = merged.get(cell.coordinate)
            first, last = (area.min_col, area.max_col) if area else (cell.column, cell.column)
            bottom = area.max_row if area else cell.row
            room = sum(widths[first - 1 : last])
            needed = 15.75 * line_count(cell.value, room, bold=bool(cell.font.b))
            if cell.alignment.wrap_text and needed > height_of(sheet, cell.row, bottom) + 0.01:
                found.append(f"{cell.coordinate}: {cell.value}")
    return found


def test_the_same_review_gives_the_same_sheet(review: Review) -> None:
    assert review_bytes(review) == review_bytes(a_review())


def test_days_are_counted_by_the_clock_of_the_workspace(review: Review) -> None:
    sent = review.obligations[review.obligations.version.notna()]
    late = sent.assign(received_at=pd.Timestamp(DUE, tz="UTC") + timedelta(hours=18))
    row = lines_of(sheet_of(replace(review, obligations=late)))["081"][0]
    assert (clock(row["Nhận lúc"]), row["Số ngày trễ"]) == ("01:00 17/12/2013", 1), (
        "already the next day in Hà Nội"
    )


# ---- what the review is told


@pytest.fixture
def planned(engine: Engine) -> Engine:
    """A warehouse with a plan in it."""
    store_plan(engine, a_plan(), at("2013-01-01T00:00"), "admin")
    return engine


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def received(engine: Engine, unit: str, period: str, received_at: str, recorded_at: str) -> None:
    """An accepted return of a unit, recorded later than it came."""
    batch = a_batch([unit], period, at=at(received_at), indicators=["CHE"])
    times = {"received_at": at(received_at), "recorded_at": at(recorded_at)}
    commit_intake(
        engine,
        replace(
            batch, receipts=batch.receipts.assign(**times), submissions=batch.submissions.assign(**times)
        ),
    )


def dated(engine: Engine, unit: str, period: str, received_at: str, recorded_at: str) -> None:
    """The office says when the return really came."""
    file = pd.DataFrame({"sha256": [f"{unit}/{period}/1"], "sender": unit, "path": "giay.xlsx"})
    said = {"received_at": at(received_at), "recorded_at": at(recorded_at)}
    record_backdating(engine, file, reason="gửi bản giấy", recorded_by="an", **said)


def test_a_return_dated_back_is_known_by_its_unit_and_period(planned: Engine) -> None:
    received(planned, "080", "2013-Q4", "2014-01-09T03:00", "2014-01-20T03:00")
    dated(planned, "080", "2013-Q4", "2014-01-09T03:00", "2014-01-20T02:00")
    received(planned, "082", "2013-Q4", "2014-01-20T03:00", "2014-01-20T03:00")
    dated(planned, "082", "2013-Q4", "2014-01-08T03:00", "2014-01-21T03:00")
    found = dated_back(planned, ["2013-Q4"])
    assert found[["act", "unit", "period", "reason", "recorded_by"]].to_numpy().tolist() == [
        ["backdate", "080", "2013-Q4", "gửi bản giấy", "an"]
    ], "a date said of a file that had been taken by its own date changed nothing"
    assert found.received_at.tolist() == [pd.Timestamp("2014-01-09T03:00Z")]
    assert dated_back(planned, ["2013-Q3"]).empty
    assert dated_back(planned, ["2013-Q4"], as_of=at("2014-01-19T00:00")).empty


ORDERS = [
    ("waive", "2013-Q4", "082", "2014-01-02T01:00"),
    ("lock", "2013", "", "2014-01-03T01:00"),
    ("unlock", "2013-Q2", "080", "2013-12-01T01:00"),
    ("waive", "2013-Q1", "080", "2013-04-02T01:00"),
]


def test_a_review_lists_what_was_let_pass_for_it_or_since_its_period_began(office: Workspace) -> None:
    for act, period, unit, when in ORDERS:
        units = (unit,) if unit else ()
        act_on_period(office, Order(act, Period.parse(period), units, "lý do", None), at(when), "an")
    received(office.engine, "080", "2013-Q4", "2014-01-09T03:00", "2014-01-20T03:00")
    dated(office.engine, "080", "2013-Q4", "2014-01-09T03:00", "2014-01-20T02:00")
    plan, period, today = office.current_plan().plan, Period.parse("2013"), date(2014, 1, 31)
    found = exceptions_for(office, plan, period, today)
    assert found[["act", "period", "unit"]].to_numpy().tolist() == [
        ["lock", "2013", ""], ["backdate", "2013-Q4", "080"], ["waive", "2013-Q4", "082"], ["unlock", "2013-Q2", "080"],
        ["waive", "2013-Q1", "080"],
    ]  # fmt: skip
    assert found.received_at.notna().tolist() == [False, True, False, False, False]
    quarter = exceptions_for(office, plan, Period.parse("2013-Q4"), today)
    assert list(quarter.period) == ["2013", "2013-Q4", "2013-Q4", "2013-Q2"], (
        "the first quarter's waiver is old"
    )
    early = exceptions_for(office, plan, period, today, as_of=at("2013-12-31T00:00"))
    assert list(early.act) == ["unlock", "waive"]


def test_completeness_runs_over_all_that_was_owed_in_the_term_so_far(office: Workspace) -> None:
    plan, today = office.current_plan().plan, date(2011, 11, 1)
    received(office.engine, "080", "2011-Q1", "2011-04-08T03:00", "2011-04-08T03:00")
    received(office.engine, "080", "2011-Q2", "2011-09-09T03:00", "2011-09-09T03:00")
    found = timeliness_so_far(office, plan, Period.parse("2011-Q3"), today)
    assert list(found.period.unique()) == ["2011-Q1", "2011-Q2", "2011-H1", "2011-Q3"]
    own = found[found.unit == "080"].set_index("period")
    assert own.on_time.to_dict() == {"2011-Q1": 1, "2011-Q2": 0, "2011-H1": 0, "2011-Q3": 0}
    assert own.accepted.to_dict() == {"2011-Q1": 1, "2011-Q2": 1, "2011-H1": 0, "2011-Q3": 0}
    then = timeliness_so_far(office, plan, Period.parse("2011-Q3"), today, as_of=at("2011-05-01T00:00"))
    assert then.accepted.sum() == 1, "as it was known then"
