"""The words that people see for the codes of the core, in Vietnamese and English."""

from functools import cache

from tiendo.periods import Period

WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "band": {
        "exceeded": ("Vượt", "Exceeded"),
        "met": ("Đạt", "Met"),
        "advancing": ("Từ 60% đến dưới 100%", "60% to under 100%"),
        "lagging": ("Từ 20% đến dưới 60%", "20% to under 60%"),
        "stalled": ("Dưới 20%", "Under 20%"),
        "not_started": ("Chưa triển khai", "Not started"),
        "missing": ("Chưa có số liệu", "No data"),
        "unassessable": ("Chưa đủ căn cứ", "Not assessable"),
        "not_due": ("Chưa đến kỳ", "Not due"),
        "not_applicable": ("Không áp dụng", "Not applicable"),
    },
    "state": {
        "value": ("Có số liệu", "Figure given"),
        "none_occurred": ("Không phát sinh", "None occurred"),
        "not_started": ("Chưa triển khai", "Not started"),
        "not_due": ("Chưa đến kỳ", "Not due"),
        "not_applicable": ("Không áp dụng", "Not applicable"),
    },
    "status": {
        "estimate": ("Ước tính", "Estimate"),
        "preliminary": ("Sơ bộ", "Preliminary"),
        "final": ("Chính thức", "Final"),
    },
    "outlook": {
        "met": ("Đã đạt", "Met"),
        "will_meet": ("Sẽ đạt", "Will be met"),
        "unlikely": ("Khó đạt", "Unlikely"),
        "will_not": ("Không đạt", "Will not be met"),
    },
    "pace": {
        "on_track": ("Đúng tiến độ", "On track"),
        "slow": ("Chậm", "Slow"),
        "very_slow": ("Rất chậm", "Very slow"),
        "moving_away": ("Đi lùi", "Moving away"),
    },
    "verdict": {
        "accepted": ("Đã nhận", "Accepted"),
        "accepted_with_warnings": ("Đã nhận, có lưu ý", "Accepted with warnings"),
        "returned": ("Cần sửa", "To correct"),
        "rejected": ("Không nhận", "Rejected"),
        "duplicate": ("Trùng lần nộp trước", "Duplicate"),
        "attached": ("Đã nhận bản ký", "Attached"),
    },
    "obligation": {
        "not_open": ("Chưa mở", "Not open"),
        "open": ("Đang mở", "Open"),
        "submitted": ("Đã nộp", "Submitted"),
        "returned": ("Cần sửa", "To correct"),
        "accepted_on_time": ("Đúng hạn", "On time"),
        "accepted_late": ("Trễ hạn", "Late"),
        "overdue": ("Quá hạn", "Overdue"),
        "locked_missing": ("Khóa, chưa có", "Locked, missing"),
        "waived": ("Được miễn", "Waived"),
    },
    "against": {
        "own": ("mục tiêu của kỳ", "the period's own target"),
        "year": ("kế hoạch năm", "the year's target"),
        "term": ("mục tiêu nhiệm kỳ", "the term's target"),
    },
    "type": {
        "ratio": ("Tỷ lệ so mục tiêu", "Ratio to target"),
        "gap": ("Quãng đường từ số gốc", "Gap from baseline"),
        "rate": ("Tốc độ bình quân năm", "Yearly rate"),
        "every_year": ("Năm nào cũng đạt", "Every year"),
        "threshold": ("Ngưỡng", "Threshold"),
        "range": ("Khoảng", "Range"),
        "ceiling": ("Mức trần", "Ceiling"),
        "milestone": ("Mốc hoàn thành", "Milestone"),
        "rank": ("Xếp hạng", "Rank"),
        "benchmark": ("So với chuẩn", "Benchmark"),
        "any_of": ("Một trong các nhánh", "Any of"),
        "all_of": ("Tất cả các nhánh", "All of"),
        "reduction": ("Mức giảm mỗi năm", "Reduction a year"),
    },
    "severity": {
        "error": ("Lỗi", "Error"),
        "warning": ("Lưu ý", "Warning"),
        "info": ("Thông tin", "Note"),
    },
    "level": {
        "indicator": ("Chỉ tiêu", "Indicator"),
        "main": ("Chỉ tiêu chủ yếu", "Main indicator"),
        "scheme": ("Đề án", "Scheme"),
        "programme": ("Chương trình", "Programme"),
        "field": ("Lĩnh vực", "Field"),
        "leader": ("Lãnh đạo phụ trách", "Leader"),
        "agency": ("Đơn vị chủ trì", "Lead agency"),
        "resolution": ("Chỉ tiêu Nghị quyết", "Resolution"),
        "term": ("Toàn nhiệm kỳ", "Term"),
    },
    "frequency": {
        "month": ("Tháng", "Month"),
        "quarter": ("Quý", "Quarter"),
        "half": ("6 tháng", "Half year"),
        "year": ("Năm", "Year"),
    },
}

LOCALES = ("vi", "en")


def label(group: str, code: str, locale: str = "vi") -> str:
    """The word for a code; an unknown code stands for itself."""
    words = WORDS[group].get(code)
    return words[LOCALES.index(locale)] if words else code


@cache
def codes(group: str, locale: str = "vi") -> dict[str, str]:
    """Word → code, for reading back what a list in a workbook offered."""
    return {words[LOCALES.index(locale)]: code for code, words in WORDS[group].items()}


_ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}


def period_label(period: Period, locale: str = "vi") -> str:
    """The name of a Period as the reviews print it: Quý III/2026, 6 tháng đầu năm 2026, Năm 2026."""
    year, number = period.year, period.number
    vi = {
        "month": f"Tháng {number}/{year}",
        "quarter": f"Quý {_ROMAN.get(number)}/{year}",
        "half": f"6 tháng {'đầu' if number == 1 else 'cuối'} năm {year}",
        "nine_months": f"9 tháng năm {year}",
        "year": f"Năm {year}",
        "term": f"Nhiệm kỳ {year}–{number}",
    }
    en = {
        "month": f"{year}-{number:02d}",
        "quarter": f"Q{number}/{year}",
        "half": f"{'First' if number == 1 else 'Second'} half of {year}",
        "nine_months": f"Nine months of {year}",
        "year": f"{year}",
        "term": f"Term {year}–{number}",
    }
    return (vi if locale == "vi" else en)[period.kind]
