"""The province of the corpus: many districts with one plan, their figures, and the genuine templates they were sent.

Each case of the corpus has a district to itself, so that no verdict depends on another file.
"""

import os
from dataclasses import dataclass, field
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path

import openpyxl
from corpus_books import BOOK_TEXTS, STRINGS, Parts, filled, parts_of, replaced, zipped
from intake_samples import instant

from tasks.office.plan_files import read_plan_folder
from tasks.office.workspace import Workspace, open_workspace
from tasks.template.signing import sign
from tasks.templates import issue_templates
from tiendo.periods import Period
from tiendo.plan import read_plan
from warehouse.plan_store import store_plan

FIRST = "D0001"
PERIOD = "2013-Q4"
PAST = "2013-Q3"
ISSUED = instant("2013-12-30 08:00")
PAST_NOW = instant("2013-10-08 09:00")  # 2013-Q3 is due on 10 October 2013
NOW = instant("2014-01-08 09:00")  # 2013-Q4 is open until 10 January 2014

SETTINGS = """
[workspace]
name = "Tỉnh Lào Cai"
locale = "{locale}"
[calendar]
name = "gregorian"
due_days = 10
lock_days = 400
[intake]
trust = "{trust}"
"""

INDICATORS = "code,name,programme,unit,frequency,accumulation,aggregation,scale,type,part_of,reported_by," """\
figure_of,required
CHE,Diện tích chè,CT1,ha,quarter,cumulative,sum,,ratio,,level:district,,yes
CHE-XK,Diện tích chè xuất khẩu,CT1,ha,quarter,stock,sum,,ratio,,level:district,,yes
VIEC,Việc làm mới,CT1,người,quarter,flow,sum,,ratio,,level:district,,yes
NUOC,Tỷ lệ hộ dùng nước sạch,CT1,%,quarter,stock,ratio,100,ratio,,level:district,,yes
NGHEO,Tỷ lệ hộ nghèo,CT1,%,quarter,stock,mean,,gap,,level:district,,no
XA,Số xã đạt chuẩn,CT2,xã,quarter,stock,sum,,ratio,,level:district,,yes
DUONG,Đường được bê tông hóa,CT2,km,quarter,flow,sum,,ratio,,level:district,,yes
VON,Tổng vốn,CT2,tỷ đồng,quarter,flow,sum,,ratio,,level:district,,yes
VON-NS,Vốn ngân sách,CT2,tỷ đồng,quarter,flow,sum,,ratio,VON,level:district,,yes
VON-DN,Vốn doanh nghiệp,CT2,tỷ đồng,quarter,flow,sum,,ratio,VON,level:district,,yes
THU,Thu ngân sách trên địa bàn,CT2,tỷ đồng,year,flow,sum,,ratio,,level:district,,yes
XNK,Giá trị xuất nhập khẩu,CT1,triệu USD,half,flow,sum,,ratio,,A01;A02;SCT,SCT,yes
"""  # fmt: skip

RULES = """indicator,check,value,other,severity
XA,min,0,,error
XA,max,20,,error
CHE-XK,compare,,CHE,error
"""

Figures = dict[str, float]


@dataclass(frozen=True)
class District:
    """One sender of the corpus: its genuine template, and what it means to say with it."""

    code: str
    number: int
    blank: bytes = b""
    places: dict[str, str] = field(
        default_factory=dict
    )  # `CHE.value` → I10: where the template has its cells

    @cached_property
    def figures(self) -> dict[tuple[str, str], dict[str, float]]:
        """Period and indicator → what a good return says: figures that no other district has."""
        n = self.number
        figures = {
            "CHE": 100 + n, "CHE-XK": 80, "VIEC": 1000 + n, "NGHEO": 30.5, "XA": 12, "DUONG": 8,
            "VON": 100 + n, "VON-NS": 60 + n, "VON-DN": 40,
        }  # fmt: skip
        quarter = {(PERIOD, code): {"value": figure} for code, figure in figures.items()}
        ratio = {(PERIOD, "NUOC"): {"numerator": 450 + n, "denominator": 1000}}
        return quarter | ratio | {("2013", "THU"): {"value": 500.25 + n}}

    @property
    def loaded(self) -> dict[str, Figures]:
        """Period → indicator → number, as the warehouse should have it of a good return."""
        numbers: dict[str, Figures] = {}
        for (period, code), said in self.figures.items():
            number = said.get("value", 100 * said.get("numerator", 0) / said.get("denominator", 1))
            numbers.setdefault(period, {})[code] = number
        return numbers

    @cached_property
    def book(self) -> Parts:
        """The parts of the template, filled as it should be."""
        typed = {
            self.places[f"{code}.{name}"]: figure
            for (_, code), said in self.figures.items()
            for name, figure in said.items()
        }
        return filled(parts_of(self.blank), typed)

    @cached_property
    def file(self) -> bytes:
        """The template, filled as it should be."""
        return zipped(self.book)

    def csv(self, period: str = PERIOD, **changes: str | None) -> str:
        """The district's quarter as CSV; a change is an indicator's `value,numerator,denominator,…` or None: no row."""
        rows = {}
        for (when, code), said in self.figures.items():
            if when == PERIOD:
                texts = [
                    f"{said[name]:g}" if name in said else ""
                    for name in ("value", "numerator", "denominator")
                ]
                rows[code] = ",".join(texts)
        rows |= {name.replace("_", "-"): text for name, text in changes.items()}
        lines = [f"{self.code},{period},{code},{text}" for code, text in rows.items() if text is not None]
        most = max(line.count(",") for line in lines)
        head = ",".join(CSV_HEAD.split(",")[: most + 1])
        return "\n".join([head, *(line + "," * (most - line.count(",")) for line in lines)]) + "\n"


CSV_HEAD = "unit,period,indicator,value,numerator,denominator,state,status,qualifier,outlook,note"


def cell_places(template: bytes) -> dict[str, str]:
    """`CHE.value` → A1 address of a template's cells, by openpyxl and the template's own field names."""
    sheet = openpyxl.load_workbook(BytesIO(template)).worksheets[0]
    head = next(
        row for row in sheet.iter_rows() if {"indicator", "period", "value"} <= {c.value for c in row}
    )
    columns = {str(cell.value): cell.column_letter for cell in head if cell.value}
    places = {f"head.{name}": f"{letter}{head[0].row}" for name, letter in columns.items()}
    for row in range(head[0].row + 1, sheet.max_row + 1):
        if code := sheet[f"{columns['indicator']}{row}"].value:
            places |= {f"{code}.{name}": f"{letter}{row}" for name, letter in columns.items()}
    status = next(row for row in sheet.iter_rows(max_row=head[0].row) if "status" in {c.value for c in row})
    places["sheet.status"] = f"{columns['measure']}{status[0].row}"
    return places


@dataclass
class Province:
    """A workspace with districts D0001 …, and the template of the first of them."""

    workspace: Workspace
    folder: Path
    first: bytes = b""

    def issue(self) -> None:
        """The template of the first district: those of the others differ from it in name and signature."""
        self.first = self.template(FIRST)
        self.places = cell_places(self.first)

    def template(self, code: str, period: str = PERIOD) -> bytes:
        """A template, issued for one district."""
        (path,) = issue_templates(
            self.workspace, Period.parse(period), [code], self.folder / "templates", ISSUED
        )
        return path.read_bytes()

    def district(self, number: int, has_past: bool = False) -> District:
        """The district of a number (from 1) with its template; with a past it shows last quarter's figures."""
        code = district_code(number)
        blank = self.template(code) if has_past else renamed(self.first, code, self.workspace.signing_key)
        return District(code, number, blank, self.places)

    def drop(self, folder: str, name: str | bytes, content: bytes) -> Path:
        """A file put into a unit's inbox ("": into the inbox itself)."""
        path = self.workspace.root / "inbox" / folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path


def renamed(template: bytes, code: str, key: bytes) -> bytes:
    """A template of the first district, as it would have been issued for another."""
    parts = parts_of(template)
    for name in BOOK_TEXTS:
        parts[name] = parts[name].replace(FIRST.encode(), code.encode())
    said = keys_of(template) | {"unit": code}
    return zipped(replaced(parts, STRINGS, (said["signature"], sign(said, key))))


@cache
def keys_of(template: bytes) -> dict[str, str]:
    """What the hidden sheet of a template says."""
    sheet = openpyxl.load_workbook(BytesIO(template), read_only=True)["_tiendo"]
    return {str(name): str(value) for name, value in sheet.iter_rows(values_only=True)}


def district_code(number: int) -> str:
    return f"D{number:04d}"


def officers_of(number: int) -> int:
    """How many officers report for a district: every fourth has two."""
    return 2 if number % 4 == 0 else 1


def made_province(folder: Path, districts: int, locale: str = "vi", trust: str = "folder") -> Province:
    """A new workspace in `folder/office` with the plan loaded; templates go to `folder/templates`."""
    root = folder / "office"
    (root / "plan").mkdir(parents=True)
    (root / "tiendo.toml").write_text(SETTINGS.format(locale=locale, trust=trust), encoding="utf-8")
    for name, text in _tables(districts).items():
        (root / "plan" / f"{name}.csv").write_text(text, encoding="utf-8")
    workspace = open_workspace(root)
    store_plan(workspace.engine, read_plan(read_plan_folder(root / "plan")), PAST_NOW, "test")
    return Province(workspace, folder)


def _tables(districts: int) -> dict[str, str]:
    codes = [district_code(number) for number in range(1, districts + 1)]
    agencies = ("A01", "A02", "SCT")
    units = [
        "code,name,level,parent,valid_from,valid_to,reports",
        "10,Tỉnh Lào Cai,province,,2000-01-01,,no",
        *(f"{code},Sở {code},agency,10,2000-01-01,,no" for code in agencies),
        *(f"{code},Huyện {code},district,10,2000-01-01,,yes" for code in codes),
    ]
    officers = [
        f"{code}-{n},Nguyễn Văn {n},{code}"
        for number, code in enumerate(codes, 1)
        for n in range(officers_of(number))
    ]
    targets = [f"DUONG,{code},2013,10" for code in codes]
    return {
        "term": "code,name,authority,starts,ends\nNK,Nhiệm kỳ 2011–2015,10,2011-01-01,2015-12-31\n",
        "org_units": "\n".join(units),
        "programmes": "code,name\nCT1,Phát triển kinh tế\nCT2,Xây dựng nông thôn mới\n",
        "officers": "\n".join(["code,name,unit", *officers]),
        "indicators": INDICATORS,
        "rules": RULES,
        "targets": "\n".join(["indicator,unit,span,target", "CHE,,2011-2015,100000", *targets]),
    }
