"""What is made once and measured many times, kept in the machine's folder for temporary files."""

import ast
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.plan_data import Size
from benchmarks.returns_data import Return
from benchmarks.workbooks import fill_inbox, make_returns, make_workspace
from tasks.template.return_fields import TEMPLATE_FORMAT

SOURCES = ("plan_data.py", "returns_data.py")
WORKERS = 2


def store() -> Path:
    """The folder of what is kept; another one as soon as the generator or the template's format changes."""
    here = Path(__file__).parent
    codes = [ast.dump(ast.parse((here / name).read_text(encoding="utf-8"))) for name in SOURCES]
    digest = hashlib.sha256("".join([*codes, TEMPLATE_FORMAT]).encode()).hexdigest()
    return Path(tempfile.gettempdir()) / "tiendo-benchmarks" / digest[:12]


def returns_of(size: Size, quarter: int, careless_every: int = 0) -> Path:
    """The folder with one filled workbook a unit for a quarter (numbered from 0)."""
    folder = store() / size.name / f"returns-{quarter}-{careless_every}"
    if not folder.is_dir():
        with scratch() as room:
            workspace = make_workspace(room / "workspace", size)
            returns = [Return(size, n, quarter, careless_every) for n in range(size.units)]
            make_returns(workspace, returns, folder, WORKERS)
    return folder


def workspace_with(size: Size, returns: Path | None, root: Path) -> Path:
    """A new workspace in a folder, its plan loaded, with the returns in its inbox."""
    make_workspace(root, size).engine.dispose()
    if returns is not None:
        fill_inbox(root, returns)
    return root


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards, on the same disk as what is kept."""
    store().mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(dir=store(), prefix="run-"))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)
