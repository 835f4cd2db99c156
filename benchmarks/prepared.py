"""What is made once and measured many times, kept in the machine's folder for temporary files."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.plan_data import Size
from benchmarks.workbooks import fill_inbox, make_returns, make_workspace
from tasks.template.return_fields import TEMPLATE_FORMAT

SOURCES = ("plan_data.py", "returns_data.py")
WORKERS = 2


def store() -> Path:
    """The folder of what is kept; another one as soon as the generator or the template's format changes."""
    here = Path(__file__).parent
    content = b"".join((here / name).read_bytes() for name in SOURCES) + TEMPLATE_FORMAT.encode()
    return Path(tempfile.gettempdir()) / "tiendo-benchmarks" / hashlib.sha256(content).hexdigest()[:12]


def returns_of(size: Size, quarter: int) -> Path:
    """The folder with one filled workbook a unit for a quarter (numbered from 0)."""
    folder = store() / size.name / f"returns-{quarter}"
    if not folder.is_dir():
        with scratch() as room:
            make_returns(make_workspace(room / "workspace", size), size, quarter, folder, WORKERS)
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
