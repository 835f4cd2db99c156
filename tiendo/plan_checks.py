"""Whether the tables of a plan make sense together: contradictions refuse it, oddities are warnings."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from tiendo.errors import PROBLEM_COLUMNS
from tiendo.periods import Period
from tiendo.plan_reading import nearest, nearest_code, problems
from tiendo.round_checks import check_deadlines, check_rounds
from tiendo.succession_checks import check_succession, ended_alone

Tables = Mapping[str, pd.DataFrame]
Found = list[pd.DataFrame]

# A sum of targets or of weights typed with one decimal may differ by rounding alone.
ROUNDING = 1e-6

# The columns a target of each type cannot do without. A missing baseline makes `gap` unassessable instead.
NEEDED = {
    "ratio": ("target",),
    "gap": ("target",),
    "rate": ("target",),
    "every_year": ("target",),
    "threshold": ("target",),
    "range": ("low", "high"),
    "ceiling": ("target",),
    "benchmark": ("benchmark",),
    "reduction": ("target",),
}
NOT_ZERO = ("ratio", "rate", "reduction")
ADDED_UP = (
    "ratio",
    "gap",
    "threshold",
    "ceiling",
    "every_year",
)  # their targets are amounts, like their figures


def check_meaning(tables: Tables) -> Found:
    """Problems (PROBLEM_COLUMNS) that make a plan contradict itself."""
    checks = CHECKS if len(tables["term"]) else [_term]  # the others ask when the term is
    return [problem for check in checks for problem in check(tables) if len(problem)]


def plan_warnings(tables: Tables) -> pd.DataFrame:
    """Oddities of a plan that can be loaded all the same (PROBLEM_COLUMNS)."""
    found = [problem for check in WARNINGS for problem in check(tables) if len(problem)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=PROBLEM_COLUMNS)


def _term(tables: Tables) -> Found:
    term = tables["term"]
    if len(term) != 1:
        return [problems("term", [2], "code", f"có {len(term)} dòng", "ghi đúng một nhiệm kỳ")]
    return [
        problems("term", term.row[term.starts >= term.ends], "ends", "kết thúc trước khi bắt đầu", "sửa ngày")
    ]


def _units(tables: Tables) -> Found:
    units = tables["org_units"]
    backwards = units.valid_from > units.valid_to
    found = [problems("org_units", units.row[backwards], "valid_to", "hết hiệu lực trước khi có", "sửa ngày")]
    ordered = units.sort_values(["code", "valid_from"], na_position="first")
    previous = ordered.groupby("code").valid_to.shift()
    again = ordered.code.duplicated()
    overlap = again & ~(previous < ordered.valid_from)
    fix = "đặt valid_to của dòng trước sớm hơn valid_from của dòng này"
    found.append(problems("org_units", ordered.row[overlap], "valid_from", "hai đơn vị cùng mã một lúc", fix))
    return found + _cycles("org_units", units, "parent")


def _cycles(name: str, frame: pd.DataFrame, column: str) -> Found:
    above = dict(zip(frame.code, frame[column], strict=True))

    def returns(code: str) -> bool:
        seen = {code}
        at = above.get(code, "")
        while at and at not in seen:
            seen.add(at)
            at = above.get(at, "")
        return bool(at == code)

    looping = frame.code.map(returns).astype(bool)
    return [problems(name, frame.row[looping], column, "vòng lặp: mã là cấp trên của chính nó", "sửa mã")]


def _indicators(tables: Tables) -> Found:
    frame = tables["indicators"]
    branched = frame.type.isin(("any_of", "all_of"))
    checks = [
        (
            (frame.aggregation == "weighted_mean") & (frame.weight_indicator == ""),
            "weight_indicator",
            "bình quân gia quyền cần chỉ tiêu trọng số",
            "ghi mã chỉ tiêu làm trọng số",
        ),
        (
            branched & ~frame.code.isin(tables["branches"].indicator),
            "type",
            "loại any_of/all_of cần các nhánh",
            "thêm các nhánh vào branches.csv",
        ),
        (~(frame.scale > 0), "scale", "hệ số phải lớn hơn 0", "ghi 1 hoặc 100"),
        (frame.weight < 0, "weight", "trọng số âm", "ghi số từ 0 trở lên"),
        (frame.code == frame.weight_indicator, "weight_indicator", "là chính nó", "ghi chỉ tiêu khác"),
    ]
    found = [problems("indicators", frame.row[wrong], *words) for wrong, *words in checks]
    for column in ("parent", "part_of"):
        found += _cycles("indicators", frame, column)
    return found + _reported_by(tables)


def _reported_by(tables: Tables) -> Found:
    frame, units = tables["indicators"], tables["org_units"]
    codes, levels, known = set(units.code), set(units.level), set(frame.code)
    source_of = dict(zip(frame.code, frame.reported_by, strict=True))
    branched = set(frame.code[frame.type.isin(("any_of", "all_of"))])
    found = []
    for row, code, text, figure_of in zip(
        frame.row, frame.code, frame.reported_by, frame.figure_of, strict=True
    ):
        words = text.split(";")
        for word in words:
            problem, remedy = _reporter_problem(word, words, codes, levels, known, units)
            if problem:
                found.append(problems("indicators", [row], "reported_by", problem, remedy))
        if text.startswith("source:") and _source_loops(code, source_of):
            found.append(problems("indicators", [row], "reported_by", "nguồn quay vòng", "lấy nguồn khác"))
        if text.removeprefix("source:") in branched:
            problem = "nguồn thuộc loại any_of/all_of, không có số riêng"
            found.append(problems("indicators", [row], "reported_by", problem, "lấy một nhánh làm nguồn"))
        if figure_of and words != ["tier"] and figure_of not in words and "level:" not in text:
            remedy = f"thêm {figure_of} vào reported_by"
            found.append(
                problems("indicators", [row], "figure_of", f"{figure_of} không báo cáo chỉ tiêu này", remedy)
            )
    return found


def _reporter_problem(
    word: str, words: list[str], codes: set[str], levels: set[str], known: set[str], units: pd.DataFrame
) -> tuple[str, str]:
    alone = word == "nobody" or word.startswith("source:")
    if alone and len(words) > 1:
        return f"{word!r} không đi cùng giá trị khác", "chỉ ghi một giá trị"
    if word == "tier":
        return ("", "") if units.reports.any() else ("không có đơn vị nào reports=yes", "sửa org_units.csv")
    if word.startswith("level:"):
        level = word.removeprefix("level:")
        return ("", "") if level in levels else (f"không có cấp {level!r}", nearest(level, levels))
    if word.startswith("source:"):
        code = word.removeprefix("source:")
        return (
            ("", "") if code in known else (f"không có chỉ tiêu {code!r}", nearest_code(code, sorted(known)))
        )
    if word == "nobody" or word in codes:
        return "", ""
    remedy = "ghi tier, level:…, mã đơn vị, source:… hoặc nobody"
    return f"{word!r} không phải đơn vị", f"{remedy}; {nearest_code(word, sorted(codes))}"


def _source_loops(code: str, source_of: dict[str, str]) -> bool:
    seen = set()
    while code not in seen:
        seen.add(code)
        text = source_of.get(code, "")
        if not text.startswith("source:"):
            return False
        code = text.removeprefix("source:")
    return True


def _targets(tables: Tables) -> Found:
    targets = _with_type(tables)
    whole = targets[targets.unit == ""]
    found = []
    for kind, columns in NEEDED.items():
        for column in columns:
            lacking = targets[(targets.type == kind) & (targets[column].isna() | targets[column].eq(""))]
            fix = f"ghi cột {column}"
            found.append(problems("targets", lacking.row, column, f"mục tiêu loại {kind} cần {column}", fix))
    zero = whole[whole.type.isin(NOT_ZERO) & whole.target.eq(0)]
    fix = "dùng loại ceiling hoặc threshold, hoặc sửa mục tiêu"
    found.append(problems("targets", zero.row, "target", "mục tiêu bằng 0 không tính được tỷ lệ", fix))
    same = targets[(targets.type == "gap") & targets.target.eq(targets.baseline)]
    found.append(
        problems(
            "targets", same.row, "target", "mục tiêu bằng số gốc", "dùng loại threshold, hoặc sửa số gốc"
        )
    )
    upside = targets[(targets.type == "range") & (targets.low > targets.high)]
    found.append(problems("targets", upside.row, "low", "cận dưới lớn hơn cận trên", "đổi chỗ low và high"))
    uncapped = targets[(targets.type == "ceiling") & targets.target.eq(0) & ~(targets.cap > 0)]
    found.append(problems("targets", uncapped.row, "cap", "mức trần 0 cần cap lớn hơn 0", "ghi cap"))
    unranked = targets[(targets.type == "rank") & ~(targets.top_n.fillna(targets.target) >= 1)]
    found.append(problems("targets", unranked.row, "top_n", "xếp hạng cần top_n từ 1", "ghi top_n"))
    # An empty unit means the authority, so its code beside it says the same target twice.
    plain = targets.assign(unit=targets.unit.replace(tables["term"].authority.iloc[0], ""))
    again = targets[plain.duplicated(["indicator", "unit", "span", "series"])]
    found.append(
        problems("targets", again.row, "unit", "trùng với mục tiêu để trống đơn vị", "xóa một trong hai dòng")
    )
    own = targets[(targets.type == "benchmark") & (targets.benchmark == targets.indicator)]
    found.append(problems("targets", own.row, "benchmark", "so với chính nó", "ghi chỉ tiêu khác"))
    return found + _spans(tables, targets)


def _with_type(tables: Tables) -> pd.DataFrame:
    indicators = tables["indicators"][["code", "type", "flags", "aggregation", "counts", "tolerance_pct"]]
    return tables["targets"].merge(indicators, left_on="indicator", right_on="code", how="left")


def _spans(tables: Tables, targets: pd.DataFrame) -> Found:
    """Spans of more than a year must be the term's or lie within it; a single year may precede it."""
    term = tables["term"].iloc[0]
    whole = Period("term", term.starts.year, term.ends.year)
    beyond = [
        Period.parse(span).years.start > whole.number or Period.parse(span).years[-1] < whole.year
        for span in targets["span"]
    ]
    outside = targets[np.array(beyond, dtype=bool)] if beyond else targets.iloc[:0]
    return [
        problems(
            "targets", outside.row, "span", f"ngoài nhiệm kỳ {whole}", "sửa span, hoặc nhiệm kỳ trong term"
        )
    ]


def _branches(tables: Tables) -> Found:
    branches = tables["branches"]
    own = branches[branches.indicator == branches.branch]
    found = [problems("branches", own.row, "branch", "nhánh là chính nó", "ghi chỉ tiêu khác")]
    types = tables["indicators"].set_index("code").type
    stray = branches[~branches.indicator.map(types).isin(("any_of", "all_of"))]
    fix = "sửa type thành any_of hoặc all_of, hoặc xóa dòng"
    found.append(problems("branches", stray.row, "indicator", "chỉ tiêu không có loại any_of/all_of", fix))
    nested = branches[branches.branch.map(types).isin(("any_of", "all_of"))]
    fix = "ghi thẳng các nhánh của chỉ tiêu đó"
    found.append(problems("branches", nested.row, "branch", "nhánh lại là any_of/all_of", fix))
    return found


def _stages(tables: Tables) -> Found:
    stages = tables["stages"]
    types = tables["indicators"].set_index("code").type
    stray = stages[stages.indicator.map(types) != "milestone"]
    found = [
        problems("stages", stray.row, "indicator", "chỉ tiêu không phải milestone", "sửa type hoặc xóa dòng")
    ]
    light = stages[~(stages.weight > 0)]
    found.append(problems("stages", light.row, "weight", "trọng số phải lớn hơn 0", "ghi số dương"))
    return found


def _rules(tables: Tables) -> Found:
    rules = tables["rules"]
    valued = rules.check.isin(("min", "max", "max_change_pct")) & rules.value.isna()
    paired = (rules.check == "compare") & (rules.other == "")
    return [
        problems("rules", rules.row[valued], "value", "phép kiểm tra này cần giá trị", "ghi cột value"),
        problems("rules", rules.row[paired], "other", "phép so sánh cần chỉ tiêu thứ hai", "ghi cột other"),
    ]


# What the code of a responsibility names, by its scope.
SCOPE_TABLES = {
    "unit": "org_units",
    "programme": "programmes",
    "scheme": "schemes",
    "indicator": "indicators",
    "term": "term",
}


def _responsibilities(tables: Tables) -> Found:
    found = []
    for scope, rows in tables["responsibilities"].groupby("scope"):
        table = SCOPE_TABLES[str(scope)]
        known = sorted(set(tables[table].code))
        for row, code in zip(rows.row, rows.code, strict=True):
            if code not in known:
                problem = f"không có mã {code!r} trong bảng {table}"
                found.append(problems("responsibilities", [row], "code", problem, nearest_code(code, known)))
    return found


CHECKS: list[Callable[[Tables], Found]] = [
    _term,
    _units,
    _indicators,
    _targets,
    _branches,
    _stages,
    _rules,
    _responsibilities,
    check_deadlines,
    check_rounds,
    check_succession,
]


def _counts_itself(tables: Tables) -> Found:
    frame = tables["indicators"]
    auxiliary = (
        frame.code.isin(frame.weight_indicator)
        | frame.code.isin(tables["targets"].benchmark)
        | frame.code.isin(tables["branches"].branch)
        | (frame.part_of != "")
    )
    said, silent = auxiliary & (frame.counts == "yes"), auxiliary & (frame.counts == "")
    return [
        problems(
            "indicators",
            frame.row[said],
            "counts",
            "trọng số, chuẩn so sánh, nhánh hoặc phần của tổng được đếm như chỉ tiêu",
            "ghi counts = no nếu không phải cam kết riêng",
        ),
        problems(
            "indicators",
            frame.row[silent],
            "counts",
            "trọng số, chuẩn so sánh, nhánh hoặc phần của tổng: không được đếm",
            "ghi counts = yes nếu là cam kết riêng",
        ),
    ]


def _without_target(tables: Tables) -> Found:
    frame = tables["indicators"]
    expects = (
        ~frame.reported_by.eq("nobody")
        & ~frame.type.isin(("any_of", "all_of"))
        & ~frame.counts.eq("no")
        & ~frame.code.isin(frame.parent)
        & ~frame.code.isin(frame.weight_indicator)
        & ~frame.code.isin(tables["targets"].benchmark)
        & ~frame.code.isin(tables["branches"].branch)
        & frame.part_of.eq("")
    )
    lacking = expects & ~frame.code.isin(tables["targets"].indicator)
    return [
        problems(
            "indicators",
            frame.row[lacking],
            "code",
            "không có mục tiêu nào: sẽ là 'Chưa đủ căn cứ'",
            "thêm vào targets.csv, hoặc counts = no",
        )
    ]


def _unit_zero_targets(tables: Tables) -> Found:
    targets = _with_type(tables)
    zero = targets[(targets.unit != "") & targets.type.isin(NOT_ZERO) & targets.target.eq(0)]
    return [
        problems(
            "targets",
            zero.row,
            "target",
            "mục tiêu của đơn vị bằng 0: chỉ tiêu không áp dụng ở đơn vị đó",
            "ghi mục tiêu khác 0, hoặc để nguyên nếu đúng như vậy",
        )
    ]


def _units_against_whole(tables: Tables) -> Found:
    """Σ of the units' targets against the authority's, within the indicator's tolerance (in percent)."""
    targets = _with_type(tables)
    targets = targets[(targets.aggregation == "sum") & targets.type.isin(ADDED_UP)]
    keys = ["indicator", "span", "series"]
    parts = targets[targets.unit != ""].groupby(keys).target.sum().rename("parts")
    whole = targets[targets.unit == ""].merge(parts, on=keys)
    allowed = whole.target.abs() * whole.tolerance_pct.fillna(0) / 100 + whole.target.abs() * ROUNDING
    apart = whole[(whole.parts - whole.target).abs() > allowed]
    return [
        problems(
            "targets",
            [row],
            "target",
            f"tổng mục tiêu các đơn vị là {parts:.12g}, của cả cấp là {target:.12g}",
            "sửa mục tiêu, hoặc ghi tolerance_pct cho chỉ tiêu",
        )
        for row, parts, target in zip(apart.row, apart.parts, apart.target, strict=True)
    ]


def _many_reporters_of_none(tables: Tables) -> Found:
    frame = tables["indicators"]
    many = frame.reported_by.str.contains(";") | (frame.reported_by == "tier")
    wrong = (frame.aggregation == "none") & many & (frame.figure_of == "")
    return [
        problems(
            "indicators",
            frame.row[wrong],
            "aggregation",
            "nhiều đơn vị báo cáo nhưng không cộng gộp được: cả cấp không có số",
            "ghi figure_of, hoặc chọn cách gộp",
        )
    ]


def _summed_rates(tables: Tables) -> Found:
    """Rates per year are never summed, neither over time nor over units."""
    frame = tables["indicators"]
    is_rate = frame.type.isin(("rate", "reduction")) & ~frame["flags"].str.contains("from_levels")
    many = frame.reported_by.str.contains(";|tier|level:") & (frame.figure_of == "")
    over_time, over_units = (
        is_rate & (frame.accumulation == "flow"),
        is_rate & many & (frame.aggregation == "sum"),
    )
    return [
        problems(
            "indicators",
            frame.row[over_time],
            "accumulation",
            "tốc độ hằng năm không cộng dồn được",
            "ghi accumulation = rate, hoặc cờ from_levels nếu báo cáo mức",
        ),
        problems(
            "indicators",
            frame.row[over_units],
            "aggregation",
            "tốc độ của các đơn vị không cộng được",
            "ghi mean, weighted_mean hoặc none, hoặc cờ from_levels nếu báo cáo mức",
        ),
    ]


WARNINGS: list[Callable[[Tables], Found]] = [
    _counts_itself,
    _without_target,
    _unit_zero_targets,
    _units_against_whole,
    _many_reporters_of_none,
    _summed_rates,
    ended_alone,
]
