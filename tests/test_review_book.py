"""The review workbook, read back cell by cell, and the sentence that stands on its first page."""

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import cycle
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.book_style import BAND_COLOURS, sheet_names
from tasks.review_book import review_bytes, write_review
from tasks.sheet_explain import FORMULAS, RULES
from tiendo.bands import ASSESSABLE, BANDS, BandRules
from tiendo.errors import InputError, TiendoError
from tiendo.judgement import ATTAINMENT_COLUMNS
from tiendo.periods import Period
from tiendo.plan import Plan, read_plan
from tiendo.plan_tables import TYPES
from tiendo.review import Review
from tiendo.rollup import LEVELS, rollup
from tiendo.wording import GROUPINGS, Grouping, date_text, grouped, number_text, official_sentence

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


def province_plan(indicators: int = 404, programme_name: str = PROGRAMMES[0]) -> Plan:
    """A province's plan: 7 programmes, 28 schemes, so many scheme indicators and 27 of the resolution."""
    programmes = [f"CT{n + 1}" for n in range(len(PROGRAMMES))]
    schemes = [f"DA{n + 1:02d}" for n in range(4 * len(programmes))]
    names = [programme_name, *PROGRAMMES[1:]]
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
        {"officer": f"L{n}", "role": "leader", "scope": "programme", "code": code}
        for n, code in enumerate(programmes)
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
        "programmes": [{"code": c, "name": n} for c, n in zip(programmes, names, strict=True)],
        "schemes": [
            {
                "code": code,
                "programme": programmes[n // 4],
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
        for band in waiting:
            if waiting[band]:
                waiting[band] -= 1
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
    frames = [rollup(plan, rows, level, rules) for level in LEVELS]
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
