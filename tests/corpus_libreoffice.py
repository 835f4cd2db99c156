"""LibreOffice opening a workbook and saving it again, as an office without Excel does."""

import shutil
import subprocess
from pathlib import Path

import pytest

needs_libreoffice = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="workbooks saved again by LibreOffice"
)

ATTEMPTS = 3  # beside other processes of its own it now and then ends without a word


def saved_again(path: Path, suffix: str, folder: Path) -> Path:
    """The workbook saved in the format of an ending (xlsx, ods, xls), in a folder."""
    made = folder / suffix / f"{path.stem}.{suffix}"
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        suffix,
        "--outdir",
        str(made.parent),
        str(path),
    ]
    for _ in range(ATTEMPTS):
        run = subprocess.run(command, check=False, capture_output=True, timeout=120)
        if run.returncode == 0 and made.exists():
            return made
    raise AssertionError(run.stderr.decode(errors="replace"))
