"""How a figure is judged, in words and with its numbers put in: the formulas of SPEC §6, the bands of §7.

A: actual to date, T: target, B: baseline.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tiendo.wording import short_number

Row = Mapping[Any, Any]

# Target type → attainment in percent, margin, and what to know (SPEC §6).
FORMULAS: dict[str, tuple[str, str, str]] = {
    "ratio": ("100 × A / T", "A − T", "Càng cao càng tốt."),
    "gap": (
        "100 × (A − B) / (T − B)",
        "A − T, theo chiều của chỉ tiêu",
        "Đi lùi thì mang dấu âm và in nguyên.",
    ),
    "rate": (
        "100 × r / T, r là tốc độ bình quân năm",
        "r − T (điểm %)",
        "Tốc độ không cộng dồn; tính từ mức: r = ((A/B)^(1/số năm) − 1) × 100.",
    ),
    "every_year": (
        "100 × số năm đạt / số năm đến hạn",
        "năm thấp nhất − T",
        "Năm đến hạn mà không có số liệu là không đạt.",
    ),
    "threshold": (
        "càng cao càng tốt: 100 × A / T; càng thấp càng tốt: 100 × T / A",
        "A − T, theo chiều của chỉ tiêu",
        "Xếp mức vượt, đạt theo chênh lệch; “∞”: A = 0 khi mức cho phép lớn hơn 0.",
    ),
    "range": (
        "dưới khoảng: 100 × A / cận dưới; trong khoảng: 100; trên khoảng: 100 × A / cận trên",
        "phần nằm ngoài khoảng",
        "Hành lang: vượt cận trên là không đạt, 100 × cận trên / A.",
    ),
    "ceiling": (
        "A ≤ T: 100; A > T: 100 × max(0; 1 − (A − T) / max(|T|; mức chặn))",
        "T − A",
        "Chỉ tiêu “không để xảy ra”: T có thể bằng 0.",
    ),
    "milestone": (
        "0 hoặc 100, hoặc tổng trọng số các mốc đã xong",
        "số ngày sớm (+), trễ (−)",
        "Xong trễ vẫn là 100, có ghi chú.",
    ),
    "rank": (
        "A ≤ N: 100; A > N: 100 × max(0; (B − A) / (B − N)); không có số gốc: 100 × N / A",
        "N − A (bậc)",
        "N: nhóm dẫn đầu phải vào.",
    ),
    "benchmark": (
        "100 × A / (chuẩn + k)",
        "A − (chuẩn + k)",
        "Chưa có chuẩn thì chưa đủ căn cứ, không phải không đạt.",
    ),
    "any_of": ("cao nhất trong các nhánh", "của nhánh quyết định", "Ghi chú nêu nhánh quyết định."),
    "all_of": ("thấp nhất trong các nhánh", "của nhánh quyết định", "Ghi chú nêu nhánh quyết định."),
    "reduction": (
        "100 × r / T, r là số điểm giảm mỗi năm",
        "r − T (điểm)",
        "Tính từ mức: r = (B − A) / số năm.",
    ),
}
OF_COMPONENTS = "100 × số chỉ tiêu thành phần đạt / số chỉ tiêu thành phần áp dụng"

# What each band means; `{advancing}`, `{stalled}` are the thresholds in force.
RULES = {
    "exceeded": "trên 100% (cách tính Ngưỡng: tốt hơn mục tiêu)",
    "met": "bằng 100%",
    "advancing": "từ {advancing} đến dưới 100%",
    "lagging": "từ {stalled} đến dưới {advancing}",
    "stalled": "dưới {stalled}, đã triển khai",
    "not_started": "mọi đơn vị phải báo cáo đều ghi chưa triển khai",
    "missing": "đã đến hạn mà chưa đơn vị nào báo cáo",
    "unassessable": "thiếu mẫu số, số gốc, chuẩn so sánh hoặc mục tiêu",
    "not_due": "chưa có số liệu nào phải báo cáo",
    "not_applicable": "các đơn vị báo không áp dụng, hoặc chỉ tiêu không cụ thể trong đề án",
}


def shown(number: Any) -> str:
    """A number as short as it is exact to six decimals; "?" where there is none."""
    if number is None or np.isnan(number):
        return "?"
    return "∞" if np.isinf(number) else short_number(float(number)).replace("-", "−")


def figure(number: Any) -> str:
    """A number within a formula: negative ones stand in brackets."""
    text = shown(number)
    return f"({text})" if text.startswith("−") else text


def _share(row: Row) -> str:
    return f"100 × {figure(row['actual'])} / {figure(row['target'])}"


def _gap(row: Row) -> str:
    a, t, b = (figure(row[name]) for name in ("actual", "target", "baseline"))
    return f"100 × ({a} − {b}) / ({t} − {b})"


def _threshold(row: Row) -> str:
    pair = [figure(row["actual"]), figure(row["target"])]
    if row["actual"] == row["target"] == 0:
        return "A = T = 0: 100"
    if row["direction"] == "up":
        return "100 × {} / {}".format(*pair)
    return "100 × {1} / {0}".format(*pair)


def _range(row: Row) -> str:
    a, low, high = (row[name] for name in ("actual", "low", "high"))
    if a < low:
        return f"100 × {figure(a)} / {figure(low)}"
    if a <= high:
        return f"trong khoảng {figure(low)}–{figure(high)}: 100"
    if "corridor" in row["kinds"]:
        return f"100 × {figure(high)} / {figure(a)}"
    return f"100 × {figure(a)} / {figure(high)}"


def _ceiling(row: Row) -> str:
    a, t = figure(row["actual"]), figure(row["target"])
    if row["actual"] <= row["target"]:
        return f"{a} ≤ {t}: 100"
    size = np.fmax(abs(row["target"]), abs(row["cap"]))
    return f"100 × max(0; 1 − ({a} − {t}) / {figure(size)})"


def _rank(row: Row) -> str:
    a, n, b = (figure(row[name]) for name in ("actual", "top_n", "baseline"))
    if row["actual"] <= row["top_n"]:
        return f"{a} ≤ {n}: 100"
    if row["baseline"] > row["top_n"]:
        return f"100 × max(0; ({b} − {a}) / ({b} − {n}))"
    return f"100 × {n} / {a}"


_IN_NUMBERS: dict[str, Callable[[Row], str]] = {
    "ratio": _share,
    "rate": _share,
    "reduction": _share,
    "benchmark": _share,
    "gap": _gap,
    "every_year": lambda row: f"100 × {figure(row['years_met'])} / {figure(row['years_due'])}",
    "threshold": _threshold,
    "range": _range,
    "ceiling": _ceiling,
    "milestone": lambda row: f"100 × {figure(row['done'])}",
    "rank": _rank,
}


def attainment_in_numbers(row: Row) -> str:
    """The formula of a judged row's attainment with its numbers put in: `100 × 45 / 60 = 75%`.

    `row`: a row of `judgement.judge`. "" where there is no attainment, or it is taken from branches or components.
    """
    of_type = _IN_NUMBERS.get(str(row["type"]))
    if of_type is None or row["attainment"] is None or np.isnan(row["attainment"]):
        return ""
    return f"{of_type(row)} = {shown(row['attainment'])}%"
