"""Where a verb runs: the workspace meant, the clock, the user at the keyboard; options that verbs share."""

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

if TYPE_CHECKING:
    from tasks.office.workspace import Workspace

FORMATS = ("table", "csv", "json")

Format = Annotated[
    Literal["table", "csv", "json"],
    Parameter(name="--format", help="dạng in dữ liệu: table (bảng), csv, json"),
]
PeriodName = Annotated[
    str, Parameter(name="--period", help="kỳ: 2013-Q4, 2013-H1, 2013-9M, 2013, 2013-03 hoặc 2011-2015")
]


@dataclass(frozen=True)
class Here:
    """What every verb knows without being told: the workspace given (None: the current folder)."""

    workspace: Path | None = None

    @property
    def root(self) -> Path:
        """The workspace's folder. Raises InputError if it is none or its settings are wrong."""
        from tasks.office.settings_reading import read_settings
        from tasks.office.workspace import workspace_root

        root = workspace_root(self.workspace)
        read_settings(root)
        return root

    def open(self) -> "Workspace":
        """The workspace, ready for work."""
        from tasks.office.workspace import open_workspace

        return open_workspace(self.workspace)


AsOf = Annotated[
    str | None,
    Parameter(name="--as-of", help="theo những gì đã ghi đến lúc ấy: 2013-07-23 hoặc 2013-07-23T17:00"),
]
Restated = Annotated[
    bool, Parameter(name="--restated", help="quy đổi về các đơn vị hiện nay; mặc định: đơn vị của kỳ ấy")
]

HereParameter = Annotated[Here, Parameter(parse=False)]


def now() -> datetime:
    """This instant; the only clock of the command line."""
    return datetime.now(UTC)


def user() -> str:
    """Who is at the keyboard, for the audit."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this account on this machine
        return "unknown"
