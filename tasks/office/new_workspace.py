"""A new workspace made: commented settings, a plan to begin with and an empty one to fill, an inbox."""

from pathlib import Path
from typing import Any

from tasks.office.plan_export import EXCEL_UTF8
from tasks.office.plan_guide import EMPTY_WORKBOOK
from tasks.office.plan_workbook import write_plan_workbook
from tasks.office.settings_reading import FILE
from tasks.office.settings_text import settings_text
from tiendo.errors import InputError

EXAMPLES = Path(__file__).parent.parent / "example"
SMALL, PROVINCE = "small", "province"


def make_workspace(folder: Path, example: str = SMALL, **settings: dict[str, Any]) -> Path:
    """A workspace in a new or empty folder, with the plan of an example; `settings` by section and key.

    The empty workbook stands beside plan/, not in it: a plan is either tables or a workbook.

    Returns its absolute path. Raises InputError, with nothing written, if the folder holds something already.
    """
    root = folder.absolute()
    try:
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise InputError(f"{root}: đã có nội dung; chọn thư mục mới hoặc thư mục trống")
        (root / "plan").mkdir(parents=True)
        (root / "inbox").mkdir()
        for table in sorted((EXAMPLES / example / "plan").glob("*.csv")):
            (root / "plan" / table.name).write_text(table.read_text(encoding="utf-8"), encoding=EXCEL_UTF8)
        write_plan_workbook(root / EMPTY_WORKBOOK, {})
        (root / FILE).write_text(settings_text(**settings), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{root}: không tạo được ({error.strerror}); chọn nơi khác hoặc cấp quyền") from None
    return root
