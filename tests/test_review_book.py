"""The review workbook, read back cell by cell, and the sentence that stands on its first page."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import cycle
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tasks.book.book_cells import check_written
from tasks.book.book_style import (
    BAND_COLOURS,
    LEAST_SCALE,
    PAGE_PIXELS,
    PAGE_POINTS_UNSCALED,
    SCALE,
    VIETNAMESE,
    sheet_names,
    target_places,
)
from tasks.book.letterhead import dated_text
from tasks.book.review_book import PAGES_OF, review_bytes, write_review
from tasks.book.sheet_explain import FORMULAS, RULES
from tasks.book.sheet_resolution import roman
from tasks.book.text_fit import HIGHEST_ROW, cut_to_lines, line_count, row_height
from tiendo.bands import ASSESSABLE, BANDS, BandRules
from tiendo.errors import InputError, TiendoError
from tiendo.judgement import ATTAINMENT_COLUMNS
from tiendo.periods import Period
from tiendo.plan import Plan, read_plan
from tiendo.plan_tables import TYPES
from tiendo.review import Review, counts_of
from tiendo.rollup import LEVELS, rollup
from tiendo.unit_words import MOST_NAMED, words_of_units
from tiendo.wording import (
    GROUPINGS,
    Grouping,
    band_words,
    date_text,
    grouped,
    number_text,
    official_sentence,
)

PROGRAMMES = [
    "Phát triển kinh tế nông, lâm nghiệp, xây dựng nông thôn mới",
    "Phát triển công nghiệp, tiểu thủ công nghiệp",
    "Phát triển thương mại, du lịch và kinh tế cửa khẩu",
    "Phát triển đô thị và kết cấu hạ tầng",
    "Phát triển văn hóa, xã hội, giảm nghèo",
    "Xây dựng Đảng và hệ thống chính trị",
    "Quốc phòng, an ninh và đối ngoại",
]
LEADERS = [
    "Bí thư Tỉnh ủy",
    "Phó Bí thư Thường trực Tỉnh ủy",
    "Chủ tịch UBND tỉnh",
    "Phó Chủ tịch Thường trực UBND tỉnh",
    "Trưởng Ban Tuyên giáo Tỉnh ủy",
    "Trưởng Ban Tổ chức Tỉnh ủy",
    "Chỉ huy trưởng Bộ Chỉ huy Quân sự tỉnh",
]
SCHEMES = [
    "Phát triển sản xuất nông nghiệp hàng hóa",
    "Bảo vệ và phát triển rừng",
    "Xây dựng nông thôn mới",
    "Phát triển công nghiệp khai thác, chế biến sâu khoáng sản",
]
AGENCIES = {
    "S01": "Sở Nông nghiệp và Phát triển nông thôn",
    "S02": "Sở Công Thương",
    "S03": "Sở Văn hóa, Thể thao và Du lịch",
    "S04": "Ban Tổ chức Tỉnh ủy",
}
KINDS_OF_FIGURE = [
    ("Sản lượng lương thực có hạt", "tấn", 57_000.0),
    ("Tỷ lệ che phủ rừng", "%", 53.0),
    ("Số xã đạt chuẩn nông thôn mới", "xã", 67.0),
    ("Tỷ lệ dân số nông thôn được sử dụng nước hợp vệ sinh", "%", 80.9),
    ("Giá trị sản xuất công nghiệp", "tỷ đồng", 15_000.0),
    ("Tổng lượt khách du lịch đến tỉnh", "lượt", 1_500_000.0),
    ("Giá trị xuất nhập khẩu qua cửa khẩu", "triệu USD", 1_391.5),
    ("Số lao động được giải quyết việc làm mới", "người", 56_359.0),
]
# Attainments in percent that fall into each band.
SCORES = {
    "exceeded": (128.0, 104.5),
    "met": (100.0,),
    "advancing": (72.0, 88.4, 61.3),
    "lagging": (41.0, 23.7),
    "stalled": (8.1,),
    "not_started": (0.0,),
}
PUBLISHED = {"exceeded": 20, "met": 32, "advancing": 236, "lagging": 90, "stalled": 15, "not_started": 11}
PUBLISHED_RESOLUTION = {"exceeded": 6, "met": 1, "advancing": 12, "not_applicable": 8}
REASON = "Vốn đối ứng giao chậm; thời tiết rét đậm, rét hại kéo dài đầu năm."


def province_plan(indicators: int = 404, programmes: Sequence[str] = PROGRAMMES) -> Plan:
    """A province's plan: 7 programmes, 28 schemes, so many scheme indicators and 27 of the resolution."""
    of = [f"CT{n + 1}" for n in range(len(programmes))]
    schemes = [f"DA{n + 1:02d}" for n in range(4 * len(of))]
    in_schemes = cycle(range(len(schemes)))
    rows, targets = [], []
    for number, at in zip(range(indicators), in_schemes, strict=False):
        name, unit, target = KINDS_OF_FIGURE[number % len(KINDS_OF_FIGURE)]
        code = f"{schemes[at]}-{number + 1:03d}"
        rows.append(_indicator(code, name, unit, scheme=schemes[at]))
        targets += [
            {"indicator": code, "span": "2011-2015", "target": str(target)},
            {"indicator": code, "span": "2013", "target": str(target * 0.6)},
        ]
    for number in range(28):  # the first is only a heading over two of the 27
        nobody = number == 0 or number >= 20
        name, unit, target = KINDS_OF_FIGURE[number % len(KINDS_OF_FIGURE)]
        code, parent = f"NQ-{number:02d}", "NQ-00" if number in (1, 2) else ""
        field = "Kinh tế" if number < 12 else "Văn hóa – xã hội"
        reported = "nobody" if nobody else "tier"
        about = {"resolution": "yes", "field": field, "parent": parent, "reported_by": reported}
        rows.append(_indicator(code, name, unit, **about))
        if number == 4:
            rows[-1] |= {"type": "range", "name": "GDP bình quân đầu người", "unit": "USD"}
            targets.append({"indicator": code, "span": "2011-2015", "low": "1900", "high": "2000"})
        elif not nobody:
            text = "trên 57,5%" if number == 3 else ""
            targets.append({"indicator": code, "span": "2011-2015", "target": str(target), "text": text})
    units = [{"code": "10", "name": "Tỉnh Lào Cai", "level": "province", "parent": "", "reports": "no"}]
    units += [
        {
            "code": f"{80 + n:03d}",
            "name": f"Huyện số {n}",
            "level": "district",
            "parent": "10",
            "reports": "yes",
        }
        for n in range(9)
    ]
    units += [
        {"code": code, "name": name, "level": "agency", "parent": "10", "reports": "no"}
        for code, name in AGENCIES.items()
    ]
    officers = [{"code": f"L{n}", "name": f"Nguyễn Văn {n + 1}", "title": t} for n, t in enumerate(LEADERS)]
    roles = [
        {"officer": f"L{n % len(LEADERS)}", "role": "leader", "scope": "programme", "code": code}
        for n, code in enumerate(of)
    ]
    tables = {
        "term": [
            {
                "code": "2011-2015",
                "name": "Nhiệm kỳ 2010–2015",
                "authority": "10",
                "starts": "2011-01-01",
                "ends": "2015-12-31",
            }
        ],
        "org_units": units,
        "officers": officers,
        "responsibilities": roles,
        "programmes": [{"code": c, "name": n} for c, n in zip(of, programmes, strict=True)],
        "schemes": [
            {
                "code": code,
                "programme": of[n // 4],
                "name": SCHEMES[n % 4],
                "lead_agency": list(AGENCIES)[n % 4],
            }
            for n, code in enumerate(schemes)
        ],
        "indicators": rows,
        "targets": targets,
    }
    return read_plan({name: pd.DataFrame(table, dtype=str).fillna("") for name, table in tables.items()})


def _indicator(code: str, name: str, unit: str, **about: str) -> dict[str, str]:
    usual = {"frequency": "quarter", "accumulation": "stock", "aggregation": "sum", "type": "ratio"}
    return {"code": code, "name": name, "unit": unit, "reported_by": "tier"} | usual | about


def _bands_of(counts: dict[str, int]) -> Iterable[str]:
    """The bands spread over the indicators, so that every programme has some of each."""
    waiting = dict(counts)
    late = waiting.pop("not_applicable", 0)  # in the plan those that nobody reports come last
    while any(waiting.values()):
        for band, left in waiting.items():
            if left:
                waiting[band] = left - 1
                yield band
    yield from ["not_applicable"] * late


def judged_rows(plan: Plan, bands: dict[str, str]) -> pd.DataFrame:
    """Attainment rows of the authority, with figures that lead to the given band of each indicator."""
    term = plan.targets[plan.targets["span"] == "2011-2015"].set_index("indicator")
    term = term.target.fillna(term.low)
    year = plan.targets[plan.targets["span"] == "2013"].set_index("indicator").target
    seen = dict.fromkeys(BANDS, 0)
    rows = []
    for indicator in plan.indicators.to_dict("records"):
        code, band = indicator["code"], bands[indicator["code"]]
        scores = SCORES.get(band, (float("nan"),))
        score = scores[seen[band] % len(scores)]
        seen[band] += 1
        target, of_year = term.get(code, float("nan")), year.get(code, float("nan"))
        actual = target * score / 100
        rows.append(
            {
                "code": code,
                "name": indicator["name"],
                "type": indicator["type"],
                "target": target,
                "term_target": target,
                "year_target": of_year,
                "actual": actual,
                "same_period": actual * 0.9,
                "baseline": target / 2,
                "status": "estimate" if seen[band] % 3 == 0 and band in ASSESSABLE else "final",
                "attainment": 100 * actual / target,
                "term_attainment": 100 * actual / target,
                "year_attainment": 100 * actual / of_year,
                "margin": actual - target,
                "band": band,
                "reason": REASON if band in ("lagging", "stalled", "not_started") else "",
                "remedy": "Bố trí vốn trong quý tới." if band in ("lagging", "stalled") else "",
                "flags": "partial" if seen[band] % 7 == 0 else "",
                "expected": 9,
                "reported": 7 if seen[band] % 7 == 0 else 9,
                "judgement": "unlikely" if band == "stalled" else "",
            }
        )
    frame = pd.DataFrame(rows).reindex(columns=[*ATTAINMENT_COLUMNS, *_BESIDE])
    usual = {"level": "indicator", "unit": "10", "period": "2013", "span": "2011-2015", "series": "assigned"}
    return frame.assign(**usual, weight=1.0)


_BESIDE = ["reason", "remedy", "year_attainment", "term_attainment"]


def rollups_of(plan: Plan, judged: pd.DataFrame, rules: BandRules) -> pd.DataFrame:
    """The rollups of every level, in the attainment columns."""
    rows = judged.assign(indicator=judged.code)
    frames = [rollup(plan, rows, level, rules, date(2013, 12, 31)) for level in LEVELS]
    return pd.concat(frames, ignore_index=True).reindex(columns=list(ATTAINMENT_COLUMNS))


def province_review(plan: Plan | None = None, **changes: object) -> Review:
    """The published review of Lào Cai for the end of 2013, by counts; figures are stand-ins."""
    plan = plan or province_plan()
    rules = BandRules()
    own, resolution = _bands_of(PUBLISHED), _bands_of(PUBLISHED_RESOLUTION)
    codes = plan.indicators.code
    bands = {code: next(own, "met") for code in codes[plan.indicators.programmes != ""]}
    of_resolution = codes[plan.indicators.resolution]
    bands |= {code: next(resolution) for code in of_resolution if code != "NQ-00"} | {"NQ-00": "advancing"}
    indicators = judged_rows(plan, bands)
    rollups = rollups_of(plan, indicators, rules)
    before = rollups.assign(index=rollups["index"] - [3.0 if n % 3 else -1.4 for n in range(len(rollups))])
    counts = {level: rollups[rollups.level == level].iloc[0][list(BANDS)] for level in ("term", "resolution")}
    period = Period.parse("2013")
    review = Review(
        workspace="lao_cai",
        letterhead="party",
        place="Lào Cai",
        plan=plan,
        plan_version=3,
        period=period,
        against="term",
        as_of=datetime(2013, 12, 20, 10, 30, tzinfo=UTC),
        today=date(2013, 12, 23),
        bands=rules,
        indicators=indicators,
        rollups=rollups,
        previous_rollups=before,
        obligations=returns(),
        overdue=late_targets(plan),
        sentence=official_sentence(counts["term"].to_dict(), period, True),
        resolution_sentence=official_sentence(
            counts["resolution"].to_dict(), period, True, subject="resolution"
        ),
        version=2,
        run="quarterly-review 2013",
    )
    return replace(review, **changes)  # type: ignore[arg-type]


def returns() -> pd.DataFrame:
    """Nine districts owe the year: seven are in, one was sent back, one has sent nothing."""
    states = ["accepted_on_time"] * 6 + ["accepted_late", "returned", "overdue"]
    received = pd.Timestamp("2013-12-15T03:00:00Z")
    return pd.DataFrame(
        {
            "unit": [f"{80 + n:03d}" for n in range(9)],
            "period": "2013",
            "opens": date(2013, 12, 2),
            "cut_off": date(2013, 12, 14),
            "due": date(2013, 12, 16),
            "locks": date(2014, 1, 15),
            "state": states,
            "received_at": [received] * 8 + [pd.NaT],
            "version": [1.0] * 8 + [float("nan")],
        }
    )


def late_targets(plan: Plan) -> pd.DataFrame:
    """Two targets and a stage whose dates have passed."""
    first = plan.indicators.iloc[0]
    rows = [
        (first.code, first["name"], "target", "", date(2013, 6, 30), 176, 41.0, "lagging", "S01"),
        (
            first.code,
            first["name"],
            "stage",
            "Phê duyệt dự án",
            date(2013, 9, 30),
            84,
            41.0,
            "lagging",
            "S01",
        ),
        (
            "NQ-05",
            "Giá trị sản xuất công nghiệp",
            "target",
            "",
            date(2013, 12, 1),
            22,
            float("nan"),
            "missing",
            "",
        ),
    ]
    columns = [
        "indicator",
        "name",
        "kind",
        "what",
        "due",
        "days_overdue",
        "attainment",
        "band",
        "lead_agency",
    ]
    return pd.DataFrame(rows, columns=columns)


# ---- the sentence

counts = st.fixed_dictionaries({band: st.integers(0, 500) for band in BANDS})
PERIODS = ["2013", "2013-Q3", "2013-H1", "2013-9M", "2013-03", "2011-2015"]


def numbers_of(sentence: str) -> tuple[int, list[int]]:
    """The total and the parts of a sentence; what stands in brackets is within a part."""
    body = re.sub(r"\(.*?\)", "", sentence).rstrip(".")
    start, parts = body.split(": ", 1)
    return int(re.findall(r"\d+", start)[-1]), [int(part.split()[0]) for part in parts.split("; ")]


@given(
    counts=counts,
    period=st.sampled_from(PERIODS),
    is_estimated=st.booleans(),
    locale=st.sampled_from(["vi", "en"]),
)
def test_the_parts_of_the_sentence_sum_to_its_total(
    counts: dict[str, int], period: str, is_estimated: bool, locale: str
) -> None:
    total, parts = numbers_of(official_sentence(counts, Period.parse(period), is_estimated, locale))
    assert total == sum(counts.values()) == sum(parts)


@given(counts=counts)
def test_no_count_is_lost_or_doubled_by_grouping(counts: dict[str, int]) -> None:
    assert sum(grouped(counts).values()) == sum(counts.values())
    assert grouped(counts)["below"] == counts["lagging"] + counts["stalled"] + counts["not_started"]


def test_the_published_sentence_of_lao_cai_comes_out_word_for_word() -> None:
    assert official_sentence(PUBLISHED, Period.parse("2013"), False) == (
        "Trong tổng số 404 chỉ tiêu: 52 chỉ tiêu vượt và đạt; 236 chỉ tiêu đạt trên 60%; "
        "116 chỉ tiêu đạt dưới 60% (trong đó: 15 chỉ tiêu dưới 20%, 11 chỉ tiêu chưa triển khai)."
    )


def test_an_estimated_sentence_says_so_first_and_names_what_is_not_judged() -> None:
    counts = PUBLISHED_RESOLUTION | {"missing": 2, "not_due": 1}
    assert official_sentence(counts, Period.parse("2013"), True, subject="resolution") == (
        "Ước tính đến hết năm 2013, trong tổng số 30 chỉ tiêu Nghị quyết: 7 chỉ tiêu vượt và đạt; "
        "12 chỉ tiêu đạt trên 60%; 0 chỉ tiêu đạt dưới 60%; 2 chỉ tiêu chưa có số liệu; "
        "1 chỉ tiêu chưa đến kỳ; 8 chỉ tiêu không áp dụng hoặc không cụ thể trong đề án."
    )


@pytest.mark.parametrize(
    ("rules", "elapsed", "words"),
    [
        pytest.param(BandRules(advancing=57.5), None, "đạt trên 57,5%", id="a setting of 57.5 percent"),
        pytest.param(
            BandRules(relative=True), 0.6, "đạt trên 60%", id="relative, three of five years have run"
        ),
        pytest.param(
            BandRules(relative=True), None, "đạt trên tiến độ thời gian", id="relative, several spans"
        ),
    ],
)
def test_the_threshold_printed_is_the_one_in_force(
    rules: BandRules, elapsed: float | None, words: str
) -> None:
    assert words in official_sentence(PUBLISHED, Period.parse("2013"), False, bands=rules, elapsed=elapsed)


def test_groupings_are_data() -> None:
    published = {
        "exceeded": Grouping(("exceeded",), "vượt", "exceeded"),
        "above": Grouping(("met", "advancing"), "đạt trên {advancing}", "above {advancing}"),
    }
    sentence = official_sentence(PUBLISHED_RESOLUTION, Period.parse("2013"), False, groupings=published)
    assert "6 chỉ tiêu vượt; 13 chỉ tiêu đạt trên 60%; 8 chỉ tiêu không áp dụng" in sentence


@pytest.mark.parametrize(
    ("counts", "groupings"),
    [
        pytest.param({"late": 1}, GROUPINGS, id="a band that is none"),
        pytest.param({}, GROUPINGS | {"all": Grouping(("met",), "đạt", "met")}, id="a band counted twice"),
        pytest.param({}, {"met": Grouping(("exceeded",), "vượt", "exceeded")}, id="the name of another band"),
    ],
)
def test_groupings_that_cannot_be_are_refused(counts: dict[str, int], groupings: dict[str, Grouping]) -> None:
    with pytest.raises(InputError):
        grouped(counts, groupings)


@pytest.mark.parametrize(
    ("number", "decimals", "locale", "text"),
    [
        pytest.param(1234.5, 1, "vi", "1.234,5", id="thousands by points"),
        pytest.param(27004, 0, "vi", "27.004", id="no decimals"),
        pytest.param(1234.5, 1, "en", "1,234.5", id="english"),
        pytest.param(0.25, 1, "vi", "0,3", id="half goes up"),
        pytest.param(2.675, 2, "vi", "2,68", id="half goes up whatever the double holds"),
        pytest.param(-0.04, 1, "vi", "0,0", id="no minus zero"),
        pytest.param(float("nan"), 1, "vi", "", id="nothing"),
    ],
)
def test_numbers_are_printed_as_vietnamese_offices_write_them(
    number: float, decimals: int, locale: str, text: str
) -> None:
    assert number_text(number, decimals, locale) == text


def test_dates_are_written_day_month_year() -> None:
    assert date_text(date(2026, 9, 14)) == "14/9/2026"
    assert dated_text("Lào Cai", date(2014, 2, 3)) == "Lào Cai, ngày 03 tháng 02 năm 2014"


# ---- the workbook


@pytest.fixture(scope="module")
def review() -> Review:
    return province_review()


@pytest.fixture(scope="module")
def small() -> Review:
    """The same review over few indicators, for what does not depend on their number."""
    return province_review(province_plan(28))


@pytest.fixture(scope="module")
def book(review: Review) -> Workbook:
    """The workbook with its computed values, as a preview shows it."""
    return openpyxl.load_workbook(io.BytesIO(review_bytes(review)), data_only=True)


@pytest.fixture(scope="module")
def formulas(review: Review) -> Workbook:
    """The workbook with its formulas."""
    return openpyxl.load_workbook(io.BytesIO(review_bytes(review)))


def texts_of(sheet: Worksheet) -> list[str]:
    return [cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)]


def rows_by(sheet: Worksheet, heading: str) -> list[dict[str, object]]:
    """The rows of a sheet's table by heading; a heading under another one goes by its own words."""
    cells = list(sheet.iter_rows(values_only=True))
    top = next(number for number, row in enumerate(cells) if heading in row)
    below = cells[top + 1] if any(cell is None for cell in cells[top]) else [None] * len(cells[top])
    names = [low or high for high, low in zip(cells[top], below, strict=True)]
    return [dict(zip(names, row, strict=True)) for row in cells[top + 1 :]]


def printed_columns(sheet: Worksheet) -> list[int]:
    """Widths in pixels of the columns in the sheet's print area."""
    last = openpyxl.utils.range_boundaries(str(sheet.print_area).split("!")[-1].replace("$", ""))[2]
    widths = {
        number: round(dimension.width * 8)
        for dimension in sheet.column_dimensions.values()
        for number in range(dimension.min, dimension.max + 1)
    }
    return [widths[number] for number in range(1, last + 1)]


def width_pixels_of(sheet: Worksheet) -> int:
    return sum(printed_columns(sheet))


def scale_of(sheet: Worksheet) -> float:
    """The scale in percent at which the sheet is one page wide."""
    return min(100.0, SCALE * PAGE_PIXELS / width_pixels_of(sheet))


def page_points_of(sheet: Worksheet) -> float:
    return 100 * PAGE_POINTS_UNSCALED / scale_of(sheet)


def height_of(sheet: Worksheet, first: int, last: int) -> float:
    return sum(sheet.row_dimensions[row].height or 15.75 for row in range(first, last + 1))


def test_the_sheets_come_in_their_order(book: Workbook) -> None:
    programmes = [f"CT{n + 1}" for n in range(7)]
    assert book.sheetnames == [
        "Tổng hợp", *programmes, "Chỉ tiêu Nghị quyết", "Quá hạn", "Khó đạt", "Nộp báo cáo", "Giải thích", "Số liệu",
    ]  # fmt: skip


def test_the_sentences_stand_on_the_first_sheet_as_text(book: Workbook, review: Review) -> None:
    texts = texts_of(book["Tổng hợp"])
    assert review.sentence in texts
    assert review.resolution_sentence in texts


def test_the_title_says_against_what_and_that_figures_are_estimates(book: Workbook) -> None:
    texts = texts_of(book["Tổng hợp"])
    assert "Kết quả thực hiện 7 chương trình công tác trọng tâm năm 2013 (số ước)" in texts
    assert any(text.startswith("Đánh giá so với mục tiêu nhiệm kỳ 2011–2015") for text in texts)
    assert any("7/9 đơn vị đã nộp đủ báo cáo" in text for text in texts)


PARTS = ("Vượt", "Đạt", "Đạt trên 60%", "Đạt dưới 60%", "Chưa có số liệu", "Không đánh giá")


def test_the_programmes_sum_to_the_total_and_every_row_to_its_indicators(book: Workbook) -> None:
    rows = rows_by(book["Tổng hợp"], "Tổng chỉ tiêu")
    programmes = [row for row in rows if str(row["TT"]).isdigit()]
    total = next(row for row in rows if row["TT"] == "TỔNG CỘNG")
    assert total["Tổng chỉ tiêu"] == 404
    assert (total["Vượt"], total["Đạt"], total["Đạt trên 60%"], total["Đạt dưới 60%"]) == (20, 32, 236, 116)
    assert (total["Dưới 20%"], total["Chưa triển khai"]) == (15, 11)
    for row in [*programmes, total]:
        assert row["Tổng chỉ tiêu"] == sum(row[name] for name in PARTS)  # type: ignore[misc]
    for name in ("Tổng chỉ tiêu", *PARTS):
        assert sum(row[name] for row in programmes) == total[name]  # type: ignore[misc]


def test_shares_stand_over_all_and_over_the_judged_indicators(small: Review) -> None:
    rollups = small.rollups.copy()
    term = rollups.index[rollups.level == "term"]
    rollups.loc[term, ["met", "not_applicable"]] = [3, 2]
    sheet = openpyxl.load_workbook(io.BytesIO(review_bytes(replace(small, rollups=rollups))), data_only=True)[
        "Tổng hợp"
    ]
    rows = {row["TT"]: row for row in rows_by(sheet, "Tổng chỉ tiêu")}
    assert rows["Tỷ lệ trên tổng số chỉ tiêu"]["Vượt"] == pytest.approx(5 / 28)
    assert rows["Tỷ lệ trên 26 chỉ tiêu đánh giá được"]["Vượt"] == pytest.approx(5 / 26)


def test_an_indicator_of_two_programmes_counts_once_in_the_total(small: Review) -> None:
    rollups = small.rollups.copy()
    term = rollups.index[rollups.level == "term"]
    rollups.loc[term, ["n", "advancing"]] = [27, 4]
    content = io.BytesIO(review_bytes(replace(small, rollups=rollups)))
    sheet = openpyxl.load_workbook(content)["Tổng hợp"]
    total = next(row for row in rows_by(sheet, "Tổng chỉ tiêu") if row["TT"] == "TỔNG CỘNG")
    assert total["Tổng chỉ tiêu"] == 27
    assert str(total["Vượt"]).startswith("=SUM(")
    assert any("nhiều chương trình" in text for text in texts_of(sheet))


def test_every_scheme_indicator_stands_once_with_its_band_in_words(book: Workbook, review: Review) -> None:
    judged = review.indicators.set_index("code")
    seen = {}
    for number in range(7):
        for row in rows_by(book[f"CT{number + 1}"], "Mã"):
            if row["Xếp mức"]:
                seen[row["Mã"]] = row
    assert len(seen) == 404
    for code, row in seen.items():
        assert row["Xếp mức"] == review.band_words[judged.band[code]]
        assert row["% KH"] == pytest.approx(judged.attainment[code])
        assert row["% năm"] == pytest.approx(judged.year_attainment[code])
        assert row["Mục tiêu năm 2013"] == pytest.approx(judged.year_target[code])
        assert row["KH lũy kế nhiệm kỳ 2011–2015"] == pytest.approx(judged.term_target[code])
        assert row["Thực hiện lũy kế"] == pytest.approx(judged.actual[code])


def test_the_quarter_s_the_year_s_and_the_term_s_target_stand_beside_each_other(small: Review) -> None:
    own = small.indicators.assign(span="2013-Q4", target=small.indicators.target / 4)
    own = own.assign(attainment=100 * own.actual / own.target)
    quarter = replace(small, indicators=own, period=Period.parse("2013-Q4"), against="own")
    sheet = openpyxl.load_workbook(io.BytesIO(review_bytes(quarter)), data_only=True)["CT1"]
    row = rows_by(sheet, "Mã")[1]
    names = ["Mục tiêu nhiệm kỳ 2011–2015", "Mục tiêu năm 2013", "KH lũy kế", "% KH", "% nhiệm kỳ", "% năm"]
    assert all(isinstance(row[name], int | float) for name in names)
    assert texts_of(sheet)[2] == "Kết quả quý IV/2013 (số ước) theo chỉ tiêu"


def test_the_longest_codes_words_and_figures_still_fit_the_page(small: Review) -> None:
    tables = {name: _as_text(frame.drop(columns="row")) for name, frame in small.plan.tables.items()}
    long = {code: f"{code}-{'x' * (63 - len(code))}" for code in tables["indicators"].code} | {"": ""}
    tables["indicators"] = tables["indicators"].assign(
        code=tables["indicators"].code.map(long),
        parent=tables["indicators"].parent.map(long),
        unit="triệu đồng/ha/năm theo giá so sánh",
        name="Tỷ lệ " * 60,
    )
    tables["targets"] = tables["targets"].assign(indicator=tables["targets"].indicator.map(long))
    raw = {name: frame for name, frame in tables.items() if len(frame)}
    rows = small.indicators.assign(code=small.indicators.code.map(long), span="2013-Q4", reason=REASON * 900)
    for name in ("target", "actual", "attainment", "year_target", "term_target", "same_period", "margin"):
        rows[name] = 1.5e15
    huge = replace(small, plan=read_plan(raw), indicators=rows, period=Period.parse("2013-Q4"), against="own")
    sheet = openpyxl.load_workbook(io.BytesIO(review_bytes(huge)))["CT1"]
    assert width_pixels_of(sheet) <= PAGE_PIXELS
    assert max(len(text) for text in texts_of(sheet)) <= 620


def test_an_indicator_that_nobody_reports_is_not_made_concrete(book: Workbook) -> None:
    rows = rows_by(book["Chỉ tiêu Nghị quyết"], "Chỉ tiêu")
    unspecified = [row for row in rows if row["Đánh giá"] == "Không cụ thể trong đề án"]
    assert len(unspecified) == 8
    assert all(row["% KH"] is None for row in unspecified)


def test_components_stand_under_their_main_indicator_by_field(book: Workbook) -> None:
    rows = rows_by(book["Chỉ tiêu Nghị quyết"], "Chỉ tiêu")
    assert [row["TT"] for row in rows[:5]] == ["I. Kinh tế", "1", "1.1", "1.2", "2"]


def test_targets_keep_their_printed_form(book: Workbook) -> None:
    column = "Mục tiêu NQ 2011–2015"
    shown = [row[column] for row in rows_by(book["Chỉ tiêu Nghị quyết"], "Chỉ tiêu")]
    assert "trên 57,5%" in shown
    assert "1.900–2.000" in shown
    assert 57000 in shown


def test_overdue_targets_and_missing_returns_are_listed_with_dates(book: Workbook) -> None:
    rows = rows_by(book["Quá hạn"], "Mã")
    assert [row["Mã"] for row in rows if row["Mã"]] == ["DA01-001", "DA01-001", "NQ-05", "087", "088"]
    assert rows[1]["Hạn"].date() == date(2013, 6, 30)  # type: ignore[attr-defined]
    assert [row["Số ngày quá hạn"] for row in rows if row["Mã"]] == [176, 84, 22, 7, 7]
    assert rows[2]["Chỉ tiêu, mốc hoặc đơn vị báo cáo"].endswith("Mốc: Phê duyệt dự án")  # type: ignore[attr-defined]


def test_the_explanation_names_formulas_thresholds_and_versions(book: Workbook) -> None:
    text = "\n".join(texts_of(book["Giải thích"]))
    for words in (
        "100 × A / T",
        "từ 60% đến dưới 100%",
        "Mục tiêu nhiệm kỳ 2011–2015",
        "14/12/2013",
        "17:30 ngày 20/12/2013",
        "phiên bản 3",
        "quarterly-review 2013",
        "Theo đơn vị lúc báo cáo",
    ):
        assert words in text


def test_the_data_sheet_is_flat_with_every_attainment_row_unrounded(book: Workbook, review: Review) -> None:
    sheet = book["Số liệu"]
    assert sheet.max_row == 1 + len(review.indicators) + len(review.rollups)
    header = [cell.value for cell in sheet[1]]
    assert len(set(header)) == len(header)
    rows = [dict(zip(header, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)]
    first = next(row for row in rows if row["Mã"] == "DA01-029")
    judged = review.indicators.set_index("code").loc["DA01-029"]
    assert first["% so mục tiêu"] == judged.attainment
    assert first["Chương trình"] == PROGRAMMES[0]
    term = next(row for row in rows if row["Cấp"] == "Toàn nhiệm kỳ")
    assert term["Tổng chỉ tiêu"] == 404


# ---- the form


def test_formulas_carry_their_computed_value(book: Workbook, formulas: Workbook) -> None:
    found = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    found += 1
                    assert isinstance(book[sheet.title][cell.coordinate].value, int | float)
    assert found > 800


def test_totals_and_percentages_are_formulas(formulas: Workbook) -> None:
    rows = rows_by(formulas["Tổng hợp"], "Tổng chỉ tiêu")
    total = next(row for row in rows if row["TT"] == "TỔNG CỘNG")
    assert re.fullmatch(r"=SUM\(D\d+:D\d+\)", str(total["Tổng chỉ tiêu"]))
    first = rows_by(formulas["CT1"], "Mã")[1]
    assert re.fullmatch(r"=100\*F\d+/E\d+", str(first["% KH"]))
    assert re.fullmatch(r"=100\*F\d+/D\d+", str(first["% năm"]))


HOSTILE = ["=1+1", "{=1+1}", "@SUM(A1)", "+1", "http://example.org", "file:///etc/passwd", "mailto:a@b.c"]


def test_nothing_from_input_becomes_a_formula_or_a_link() -> None:
    hostile = province_review(province_plan(28, programmes=HOSTILE))
    names = [name for name, _ in zip(cycle(HOSTILE), hostile.indicators.code, strict=False)]
    indicators = hostile.indicators.assign(name=names, reason=names, remedy=names)
    overdue = hostile.overdue.assign(name=HOSTILE[:3], what=HOSTILE[4:])
    content = review_bytes(replace(hostile, indicators=indicators, overdue=overdue, run=HOSTILE[0]))
    seen = set()
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            for cell in row:
                seen.add(cell.value)
                assert cell.data_type != "f" or re.match(r"=(SUM\(|100\*|\$)", str(cell.value)), cell.value
                assert cell.hyperlink is None or not cell.hyperlink.target
    assert set(HOSTILE) <= seen
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        relations = [archive.read(part).decode() for part in archive.namelist() if part.endswith(".rels")]
    assert not any("External" in text for text in relations)


def test_the_same_review_gives_the_same_bytes(review: Review) -> None:
    assert review_bytes(review) == review_bytes(replace(review))


def test_times_new_roman_is_the_only_font(small: Review) -> None:
    with zipfile.ZipFile(io.BytesIO(review_bytes(small))) as archive:
        styles = archive.read("xl/styles.xml").decode()
        chart = archive.read("xl/charts/chart1.xml").decode()
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
    assert set(re.findall(r'<name val="([^"]+)"', styles)) == {"Times New Roman"}
    assert set(re.findall(r'<sz val="([^"]+)"', styles)) == {"12", "13"}
    assert "<scheme" not in styles, "a scheme makes Excel show the theme's font instead"
    assert set(re.findall(r'typeface="([^"]+)"', chart)) == {"Times New Roman"}
    for sheet in sheets:
        if "<oddHeader" in sheet:
            assert sheet.count("Times New Roman") == 3


def test_every_page_is_a4_landscape_within_its_margins_with_titles_repeated(formulas: Workbook) -> None:
    for sheet in formulas:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.page_margins.left == pytest.approx(30 / 25.4)
        assert sheet.page_margins.right == pytest.approx(20 / 25.4)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert scale_of(sheet) >= (SCALE if sheet.title not in ("Tổng hợp", "Số liệu") else LEAST_SCALE)
        if sheet.title != "Tổng hợp":
            assert sheet.print_title_rows
            assert sheet.freeze_panes
        if sheet.title not in ("Tổng hợp", "Giải thích"):
            assert sheet.auto_filter.ref


def test_the_first_page_holds_the_whole_table_and_the_chart_has_the_next(formulas: Workbook) -> None:
    sheet = formulas["Tổng hợp"]
    assert [brk.id for brk in sheet.row_breaks.brk] == [
        next(c.row for row in sheet.iter_rows() for c in row if str(c.value).startswith("Ghi chú")) - 1
    ]
    end = sheet.row_breaks.brk[0].id
    assert height_of(sheet, 1, end) <= page_points_of(sheet)
    assert scale_of(sheet) >= 80
    drawing = sheet._charts
    assert len(drawing) == 1


def test_the_chart_has_alternative_text(small: Review) -> None:
    with zipfile.ZipFile(io.BytesIO(review_bytes(small))) as archive:
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
    assert small.sentence in drawing


def test_the_properties_say_period_and_version(formulas: Workbook, review: Review) -> None:
    properties = formulas.properties
    assert "2013" in properties.subject
    assert properties.keywords == "2013; v2"
    assert properties.created == review.as_of.replace(tzinfo=None)
    custom = {each.name: each.value for each in formulas.custom_doc_props}
    assert (custom["tiendo_period"], custom["tiendo_version"]) == ("2013", 2)


@pytest.mark.parametrize(
    ("letterhead", "words"),
    [
        pytest.param(
            "party", ["ĐẢNG BỘ TỈNH LÀO CAI", "TỈNH ỦY", "ĐẢNG CỘNG SẢN VIỆT NAM", "T/M BAN THƯỜNG VỤ"]
        ),
        pytest.param(
            "government", ["ỦY BAN NHÂN DÂN", "TỈNH LÀO CAI", "Độc lập - Tự do - Hạnh phúc", "CHỦ TỊCH"]
        ),
    ],
)
def test_the_letterhead_is_the_party_s_or_the_government_s(
    small: Review, letterhead: str, words: list[str]
) -> None:
    content = review_bytes(replace(small, letterhead=letterhead))
    texts = texts_of(openpyxl.load_workbook(io.BytesIO(content))["Tổng hợp"])
    assert set(words) <= set(texts)


@pytest.mark.parametrize("kind", PAGES_OF)
def test_a_report_of_any_kind_opens_and_leads_nowhere_that_is_not_there(small: Review, kind: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(review_bytes(small, kind)))
    links = [cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    for link in links:
        assert link.location.split("!")[0].strip("'") in book.sheetnames


def test_a_plan_without_programmes_or_resolution_still_has_its_report() -> None:
    tables = {name: frame.drop(columns="row") for name, frame in province_plan(12).tables.items()}
    indicators = tables["indicators"].iloc[:12].assign(scheme="")
    raw = {
        "term": tables["term"], "org_units": tables["org_units"], "indicators": indicators,
        "targets": tables["targets"][tables["targets"].indicator.isin(indicators.code)],
    }  # fmt: skip
    plan = read_plan({name: _as_text(frame) for name, frame in raw.items()})
    judged = judged_rows(plan, dict.fromkeys(plan.indicators.code, "met"))
    rules = BandRules()
    bare = replace(
        province_review(),
        plan=plan,
        indicators=judged,
        rollups=rollups_of(plan, judged, rules),
        previous_rollups=pd.DataFrame(columns=["level", "code", "index"]),
        obligations=returns().iloc[:0],
        overdue=late_targets(plan).iloc[:0],
        sentence="",
        resolution_sentence="",
    )
    book = openpyxl.load_workbook(io.BytesIO(review_bytes(bare)), data_only=True)
    assert book.sheetnames == [
        "Tổng hợp",
        "Chỉ tiêu khác",
        "Quá hạn",
        "Khó đạt",
        "Nộp báo cáo",
        "Giải thích",
        "Số liệu",
    ]
    assert len([row for row in rows_by(book["Chỉ tiêu khác"], "Mã") if row["Xếp mức"] == "Đạt"]) == 12


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    words = {"True": "yes", "False": "no", "nan": "", "NaT": ""}
    return frame.astype(str).replace(words)


def test_the_file_appears_whole_or_not_at_all(tmp_path: Path, small: Review) -> None:
    path = tmp_path / "BaoCao_2013_v2.xlsx"
    write_review(path, small)
    assert path.read_bytes() == review_bytes(small)
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(TiendoError, match="could not be written"):
        write_review(tmp_path / "nowhere" / path.name, small)


def test_what_was_not_written_is_an_error(book: Workbook) -> None:
    class Sheet:
        def get_name(self) -> str:
            return "CT1"

    with pytest.raises(TiendoError, match="CT1!B3"):
        check_written(-2, Sheet(), 2, 1)  # type: ignore[arg-type]
    check_written(0, Sheet(), 2, 1)  # type: ignore[arg-type]


def test_counts_that_do_not_sum_make_no_review(review: Review) -> None:
    rollups = review.rollups.assign(met=review.rollups.met + 1)
    with pytest.raises(InputError, match="not the number of indicators"):
        replace(review, rollups=rollups)


@pytest.mark.parametrize("programmes", [3, 8, 14])
def test_however_many_programmes_the_first_page_holds_them_or_the_headings_are_repeated(
    programmes: int,
) -> None:
    names = [f"{PROGRAMMES[n % 7]} ({n})" for n in range(programmes)]
    sheet = book_of(province_review(province_plan(4 * programmes, programmes=names)))["Tổng hợp"]
    needed = height_of(sheet, 1, sheet.row_breaks.brk[0].id)
    assert scale_of(sheet) >= LEAST_SCALE
    assert bool(sheet.print_title_rows) == (needed > page_points_of(sheet))
    assert needed <= page_points_of(sheet) or programmes == 14


# ---- long texts, pages, drafts

SAID = "Vốn đối ứng giao chậm"
OTHER = "Mưa lũ; đường sạt lở"


def in_units(*said: tuple[int, str]) -> pd.DataFrame:
    """What units (by number) say of an indicator, as the rows that come out of the warehouse."""
    return pd.DataFrame(
        [("X", f"Huyện số {unit}", words) for unit, words in said], columns=["indicator", "name", "words"]
    )


def with_reasons(review: Review, said: pd.DataFrame) -> Review:
    words = words_of_units(said).loc["X"]
    told = {"reason": words.whole, "reason_short": words.short, "remedy": ""}
    return replace(review, indicators=review.indicators.assign(**told))


def book_of(review: Review, kind: str = "province", is_draft: bool = False) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(review_bytes(review, kind, is_draft)), data_only=True)


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        pytest.param(
            in_units((0, SAID), (1, SAID), (2, OTHER), (3, f"{SAID}.")),
            f"Huyện số 0, Huyện số 1, Huyện số 3: {SAID}; Huyện số 2: {OTHER}",
            id="those who say the same stand together",
        ),
        pytest.param(in_units((0, SAID)), f"Huyện số 0: {SAID}", id="one unit"),
        pytest.param(in_units((0, SAID), (0, SAID)), f"Huyện số 0: {SAID}", id="twice, for two periods"),
    ],
)
def test_units_with_the_same_reason_are_named_together(said: pd.DataFrame, whole: str) -> None:
    assert words_of_units(said).whole.to_dict() == {"X": whole}


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from([SAID, OTHER, "Thiếu đất: 3 ha"])), min_size=1))
def test_joining_reasons_loses_no_unit_and_no_reason(said: list[tuple[int, str]]) -> None:
    texts = words_of_units(in_units(*said)).loc["X"]
    for unit, words in said:
        assert re.search(rf"Huyện số {unit}\b", texts.whole)
        assert words in texts.whole
        assert words in texts.short
    assert max(part.count("Huyện số") for part in texts.short.split("; ")) <= MOST_NAMED


def test_a_reason_of_many_units_is_printed_once_and_whole_in_the_data(small: Review) -> None:
    said = with_reasons(small, in_units(*((n, SAID) for n in range(9))))
    book = book_of(said)
    names = ", ".join(f"Huyện số {n}" for n in range(9))
    notes = rows_by(book["CT1"], "Mã")[1]["Nguyên nhân, ghi chú"]
    assert str(notes).startswith(f"{names}: {SAID}")
    assert rows_by(book["Số liệu"], "Mã")[0]["Nguyên nhân"] == f"{names}: {SAID}"


@pytest.mark.parametrize("kind", ["province", "programme"])
def test_no_printed_text_is_higher_than_its_row(small: Review, kind: str) -> None:
    reason = in_units(*((n % 9, f"{SAID} đợt {n}, {'mặt bằng vướng ' * (n % 4)}") for n in range(60)))
    book = book_of(with_reasons(small, reason), kind)
    long = 0
    for sheet in (sheet for sheet in book if sheet.title != "Số liệu"):
        widths = printed_columns(sheet)
        merged = {cell for area in sheet.merged_cells.ranges for row in area.rows for cell in row}
        for row in sheet.iter_rows(max_col=len(widths)):
            height = sheet.row_dimensions[row[0].row].height or 15.75
            assert height <= HIGHEST_ROW
            for cell, pixels in zip(row, widths, strict=True):
                text = cell.value
                if (
                    isinstance(text, str)
                    and cell.alignment.wrap_text
                    and (cell.row, cell.column) not in merged
                ):
                    assert 15.75 * line_count(text, pixels) <= height, (
                        sheet.title,
                        cell.coordinate,
                    )
                    long += text.endswith("… (xem đủ ở trang Số liệu)" if kind == "province" else "…")
    assert long >= 28, "the reasons of every indicator are too long to print"
    if kind == "province":
        assert rows_by(book["Số liệu"], "Mã")[0]["Nguyên nhân"] == words_of_units(reason).whole["X"]


def test_figures_stand_at_the_top_beside_long_notes(formulas: Workbook) -> None:
    cells = next(row for row in formulas["CT1"].iter_rows() if str(row[0].value).startswith("DA01-"))
    assert {cell.alignment.vertical for cell in cells} == {"top"}


@given(st.text(alphabet="ab ệ;", max_size=300), st.integers(60, 300), st.integers(1, 6))
def test_a_text_cut_to_lines_takes_no_more_than_these(text: str, pixels: int, most: int) -> None:
    shown = cut_to_lines(text, pixels, most, "…")
    assert line_count(shown, pixels) <= most
    assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))


def pages_of(sheet: Worksheet) -> list[list[int]]:
    """The rows of each page, by the sheet's breaks."""
    ends = [brk.id for brk in sheet.row_breaks.brk]
    return [
        list(range(first + 1, last + 1))
        for first, last in zip([0, *ends], [*ends, sheet.max_row], strict=True)
    ]


def test_no_page_of_a_table_ends_with_the_heading_of_a_group(book: Workbook) -> None:
    sheets = [book[f"CT{n + 1}"] for n in range(7)] + [book["Chỉ tiêu Nghị quyết"]]
    for sheet in sheets:
        head = [int(row) for row in re.findall(r"\d+", str(sheet.print_title_rows))]
        groups = {area.min_row for area in sheet.merged_cells.ranges if area.min_row > head[1]}
        assert groups
        pages = pages_of(sheet)
        assert len(pages) > 1
        for number, rows in enumerate(pages):
            assert rows[-1] not in groups, f"{sheet.title}: row {rows[-1]} ends page {number + 1}"
            repeated = height_of(sheet, *head) if number else 0
            assert repeated + height_of(sheet, rows[0], rows[-1]) <= page_points_of(sheet)


def test_the_data_sheet_prints_the_columns_a_reader_asks_for(book: Workbook) -> None:
    sheet = book["Số liệu"]
    printed = [cell.value for cell in sheet[1][: len(printed_columns(sheet))]]
    assert printed[:3] == ["Cấp", "Mã", "Tên"]
    assert {"Mục tiêu", "Thực hiện lũy kế", "% so mục tiêu", "Xếp mức"} <= set(printed)
    assert sheet.max_column > len(printed)


@pytest.mark.parametrize("kind", PAGES_OF)
def test_a_draft_says_on_every_sheet_that_it_is_not_issued(small: Review, kind: str) -> None:
    draft, issued = book_of(small, kind, is_draft=True), book_of(small, kind)
    for sheet in draft:
        assert sheet.oddFooter.right.text.startswith("Bản nháp – chưa phát hành")
        assert "Phiên bản" not in str(sheet.oddFooter.right.text)
        assert ("BẢN NHÁP – CHƯA PHÁT HÀNH" in texts_of(sheet)) == (sheet.title != "Số liệu")
    assert "Bản nháp – chưa phát hành, lập ngày 23/12/2013" in texts_of(draft["Giải thích"])
    assert "2; v2" not in str(draft.properties.keywords)
    assert "nháp" in str(draft.properties.keywords)
    for sheet in issued:
        assert not any("nháp" in text.casefold() for text in texts_of(sheet))
        assert "Phiên bản 2" in sheet.oddFooter.right.text


@pytest.mark.parametrize(
    ("target", "decimals", "places"),
    [
        pytest.param(20.9, 0, 1, id="a target with a decimal that its figure has not"),
        pytest.param(21.0, 0, 0, id="a whole target"),
        pytest.param(21.0, 2, 2, id="as many as the figure"),
        pytest.param(17.675, 1, 3, id="three decimals"),
        pytest.param(100 / 3, 0, 3, id="never more than three"),
        pytest.param(57_000 * 0.6 + 1e-11, 0, 0, id="the noise of a double is none"),
        pytest.param(20.9, float("nan"), 1, id="a plan without decimals"),
    ],
)
def test_targets_are_printed_with_the_decimals_they_have(target: float, decimals: float, places: int) -> None:
    assert target_places(target, decimals) == places


def test_a_percentage_can_be_recomputed_from_the_target_beside_it(small: Review) -> None:
    """A target of 20,9 was printed as 21 beside 105,3 % for 22."""
    tables = {name: _as_text(frame.drop(columns="row")) for name, frame in small.plan.tables.items()}
    tables["indicators"] = tables["indicators"].assign(decimals="0")
    plan = read_plan({name: frame for name, frame in tables.items() if len(frame)})
    rows = small.indicators.assign(target=20.9, term_target=20.9, actual=22.0, attainment=100 * 22 / 20.9)
    sheet = openpyxl.load_workbook(io.BytesIO(review_bytes(replace(small, plan=plan, indicators=rows))))[
        "CT1"
    ]
    row = next(row for row in sheet.iter_rows() if str(row[0].value).startswith("DA01-"))
    forms = {cell.value: cell.number_format for cell in row if isinstance(cell.value, int | float)}
    assert forms[20.9] == f"{VIETNAMESE}#,##0.0"
    assert forms[22] in (f"{VIETNAMESE}#,##0", f'{VIETNAMESE}#,##0" (ước)"')


def test_the_explanation_names_the_sources(book: Workbook) -> None:
    rows = {row["Nội dung"]: row for row in rows_by(book["Giải thích"], "Nội dung")}
    source = rows["Nguồn số liệu"]
    assert source["Cách tính, giá trị"] == "9 đơn vị phải gửi 9 báo cáo; đã có 7 báo cáo, qua 8 lần nộp"
    assert source["Ghi chú"] == "1 cần sửa, 6 đúng hạn, 1 trễ hạn, 1 quá hạn."
    assert rows["Chốt số liệu"]["Cách tính, giá trị"] == "14/12/2013"
    assert rows["Lần chạy"]["Cách tính, giá trị"] == "quarterly-review 2013"


# ---- parts


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        pytest.param(
            ["CT1", "ct1", "Đ", "đ"], ["CT1", "ct1 (2)", "Đ", "đ (2)"], id="case does not tell apart"
        ),
        pytest.param(["a/b:c", "[x]?*"], ["a-b-c", "-x---"], id="signs that are not allowed"),
        pytest.param(["x" * 40, "x" * 40], ["x" * 31, "x" * 27 + " (2)"], id="too long"),
        pytest.param(["", "History", "'a'"], ["Trang (2)", "History (2)", "a"], id="empty, reserved, quoted"),
    ],
)
def test_sheet_names_are_made_safe(wanted: list[str], names: list[str]) -> None:
    assert sheet_names(wanted) == names


@given(st.lists(st.text(max_size=45), max_size=8))
def test_sheet_names_are_always_accepted(wanted: list[str]) -> None:
    names = sheet_names(wanted)
    assert len({name.casefold() for name in names}) == len(wanted)
    assert all(0 < len(name) <= 31 and name == unicodedata.normalize("NFC", name) for name in names)


def test_each_band_has_a_colour_and_a_rule_and_each_type_a_formula() -> None:
    assert set(BAND_COLOURS) == set(RULES) == set(band_words(BandRules())) == set(BANDS)
    assert set(FORMULAS) == set(TYPES)


@given(st.text(alphabet="ab ệ", max_size=120), st.integers(20, 400))
def test_a_narrower_cell_never_takes_fewer_lines(text: str, pixels: int) -> None:
    assert line_count(text, pixels) >= line_count(text, pixels + 40) >= 1
    assert row_height(line_count(text, pixels)) <= 409


def test_counts_of_a_rollup_are_whole_numbers() -> None:
    row = dict.fromkeys(BANDS, float("nan")) | {"met": 3.0}
    assert counts_of(row) == dict.fromkeys(BANDS, 0) | {"met": 3}


def test_fields_are_numbered_in_roman_numerals() -> None:
    assert [roman(n) for n in (1, 4, 9, 14)] == ["I", "IV", "IX", "XIV"]
