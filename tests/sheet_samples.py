"""Small templates for tests: rows of one unit, as the plan would ask for them."""

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from tasks.template.template_sheet import TemplateSheet
from tiendo.periods import Period

KEY = b"workspace key"


def row(indicator: str = "CT1.01", **changes: Any) -> dict[str, Any]:
    """One asked row: forest planted in the period, unless changed."""
    asked = {
        "indicator": indicator,
        "period": "2026-Q3",
        "name": "Diện tích trồng rừng mới tập trung",
        "measure": "ha",
        "programme": "Chương trình 1",
        "scheme": "Đề án 1",
        "decimals": None,
        "accumulation": "flow",
        "aggregation": "sum",
        "ratio": False,
        "definition": "Diện tích trồng mới đã nghiệm thu",
        "data_source": "Sở Nông nghiệp và Môi trường",
        "target": 1250.0,
        "previous": 625.0,
        "previous_texts": "",
        "required": True,
    }
    return asked | changes


WATER = row(
    "CT1.02",
    name="Tỷ lệ hộ dùng nước hợp vệ sinh",
    measure="%",
    accumulation="stock",
    aggregation="ratio",
    ratio=True,
    scale=100.0,
    decimals=1,
    target=86.5,
    previous=43.25,
)
OUTPUT = row("CT1.03", name="Giá trị sản xuất", measure="tỷ đồng", accumulation="cumulative", target=37500.0)


def sheet(rows: list[dict[str, Any]] | pd.DataFrame, **changes: Any) -> TemplateSheet:
    """A template of district 082 for the third quarter of 2026."""
    values: dict[str, Any] = {
        "workspace": "Lào Cai",
        "unit": "082",
        "unit_name": "Huyện Bát Xát",
        "period": Period.parse("2026-Q3"),
        "cut_off": date(2026, 9, 14),
        "due": date(2026, 9, 16),
        "due_hour": 17,
        "plan_version": 3,
        "issued_at": datetime(2026, 9, 1, 8, tzinfo=UTC),
        "rows": rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows),
        "key": KEY,
        "contact": ("Nguyễn Thị Hoa", "0214 3 840 000"),
    }
    return TemplateSheet(**(values | changes))


def many(count: int) -> list[dict[str, Any]]:
    """Rows as many as a province's plan has, of every kind, under 5 programmes and 27 schemes."""
    kinds = (row(), WATER, OUTPUT)
    return [
        kinds[n % 3]
        | {
            "indicator": f"CT{n // 10 + 1}.{n % 10 + 1:02d}",
            "name": f"{kinds[n % 3]['name']} trên địa bàn huyện, chỉ tiêu số {n + 1}",
            "programme": f"Chương trình {n * 5 // count + 1}: phát triển kinh tế - xã hội bền vững",
            "scheme": f"Đề án {n * 27 // count + 1}: xây dựng nông thôn mới giai đoạn 2025–2030",
        }
        for n in range(count)
    ]
