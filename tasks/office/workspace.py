"""A workspace opened: its folder, settings, warehouse and calendar in one frozen value."""

import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.office.settings import Settings
from tasks.office.settings_reading import FILE, read_settings
from tiendo.bands import BandRules
from tiendo.calendars import Calendar
from tiendo.errors import InputError
from tiendo.periods import Period
from tiendo.rounds import against_of
from warehouse.connecting import migrate as bring_up_to_date
from warehouse.connecting import open_warehouse
from warehouse.plan_store import LoadedPlan, load_plan

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

SQLITE = "sqlite:///"

# The keys that sign templates: the environment's, else those of a file only the office's account can read. A key is
# replaced by a new one before it; the old one goes when no template signed with it is out any more.
KEY_VARIABLE = "TIENDO_SIGNING_KEY"
KEY_FILE = ".signing-key"


@dataclass(frozen=True, eq=False)
class Workspace:
    """One authority's folder, ready for work; `plan_version`: the plan that counts (None: the one loaded last)."""

    root: Path
    settings: Settings
    engine: "Engine"
    calendar: Calendar
    bands: BandRules
    plan_version: int | None = None

    @property
    def name(self) -> str:
        """The workspace's name: as set, else its folder's."""
        return self.settings.workspace.name or self.root.name

    @property
    def signing_key(self) -> bytes:
        """The key that signs templates."""
        return self.signing_keys[0]

    @cached_property
    def signing_keys(self) -> tuple[bytes, ...]:
        """The keys of the templates' signatures, never shown: the first signs, all count. Made on first use."""
        given = os.environ.get(KEY_VARIABLE, "").encode().split()
        return tuple(given or _kept_keys(self.root / KEY_FILE))

    def current_plan(self, as_of: datetime | None = None) -> LoadedPlan:
        """The plan that counts (by default that loaded last, or last by an instant), with its version.

        Raises InputError if none was loaded.
        """
        if self.plan_version is not None:
            return load_plan(self.engine, self.plan_version)
        return load_plan(self.engine, as_of=as_of)

    def usual_against(self, period: Period, as_of: datetime | None = None) -> str:
        """What a review of a period is judged against if nobody says: as its round in the plan, else the settings."""
        return against_of(self.current_plan(as_of).plan, period, self.settings.review.against)


def open_workspace(path: str | Path | None, migrate: bool = True) -> Workspace:
    """The workspace in a folder (None: the current one), its warehouse brought to the newest schema.

    Raises InputError (SettingsError) if the folder, `tiendo.toml` or the warehouse cannot be used as is.
    """
    root = workspace_root(path)
    settings = read_settings(root)
    engine = open_warehouse(warehouse_url(root, settings))
    if migrate:
        bring_up_to_date(engine)
    return Workspace(root, settings, engine, settings.make_calendar(), settings.make_bands())


def workspace_root(path: str | Path | None) -> Path:
    """The absolute path of a workspace's folder. Raises InputError if there is none."""
    root = Path(path or ".").absolute()
    if not root.is_dir():
        raise InputError(f"không có thư mục {root}; tạo bằng: tiendo init {root}")
    if not (root / FILE).is_file():
        raise InputError(
            f"{root} không phải không gian làm việc (không có {FILE}); "
            "chỉ thư mục bằng --workspace hoặc TIENDO_WORKSPACE, hoặc tạo mới bằng: tiendo init THƯ_MỤC"
        )
    return root


def warehouse_url(root: Path, settings: Settings) -> str:
    """The warehouse's address; a relative SQLite file lies below the workspace."""
    url = settings.warehouse.url
    if not url.startswith(SQLITE) or url == SQLITE:
        return url
    file, mark, options = url.removeprefix(SQLITE).partition("?")
    return f"{SQLITE}{root / file}{mark}{options}" if file != ":memory:" else url


def made_folder(out: Path) -> Path:
    """The folder that `--out` names, made if need be. Raises InputError where it cannot be."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"--out {out}: không tạo được thư mục ({error.strerror}); chọn thư mục khác"
        ) from None
    return out


def _kept_keys(file: Path) -> list[bytes]:
    """The keys in a file, one a line, made with the file if there is none; of two that make it at once one wins."""
    try:
        if not file.exists():
            _write_once(file, secrets.token_hex(32))
        keys = file.read_bytes().split()
    except OSError as error:
        raise InputError(f"{file}: không dùng được khóa ký ({error.strerror}); kiểm tra quyền") from None
    if not keys:
        raise InputError(f"{file}: tệp khóa ký trống; xóa tệp để tạo khóa mới, hoặc khôi phục từ bản sao lưu")
    return keys


def _write_once(file: Path, text: str) -> None:
    """Write a file that only its owner reads; it appears whole, and never in the place of another."""
    handle, unfinished = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    with os.fdopen(handle, "w", encoding="ascii") as new:
        new.write(text)
    with suppress(FileExistsError):
        os.link(unfinished, file)
    Path(unfinished).unlink()
