"""What a workspace stands on, checked one by one; each row says how to mend what is wrong."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pandas as pd
import sqlalchemy as sa
from packaging.requirements import Requirement

from tasks.office.prefect_address import server_of
from tasks.office.settings import INBOX, Settings
from tasks.office.settings_reading import read_settings
from tasks.office.workspace import Workspace, open_workspace
from tasks.post.channels import channel_problems
from tiendo.calendars import holiday_years
from tiendo.errors import InputError, TiendoError
from warehouse.connecting import reading

OK, NOTE, WRONG_INPUT, BROKEN = "ổn", "lưu ý", "lỗi", "hỏng"
CODES = {OK: 0, NOTE: 0, BROKEN: 1, WRONG_INPUT: 2}
COLUMNS = ["check", "state", "found", "remedy"]

LITTLE_SPACE, NO_SPACE = 2 * 2**30, 200 * 2**20
DISTRIBUTION = "tiendo"

# Settings that are read and checked, and that no flow asks for yet.
WITHOUT_EFFECT = (("scale", "runner"),)

Row = tuple[str, str, str, str]


def health_checks(root: Path, now: datetime) -> pd.DataFrame:
    """COLUMNS and code, the exit code each row asks for: 0, 1 broken here, 2 something wrong was given."""
    rows = [*_pins(), *_disk(root), *_of_workspace(root, now)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.assign(code=frame.state.map(CODES))


def _pins() -> Iterator[Row]:
    """The packages installed are those that the project was tried with."""
    wrong = []
    for text in requires(DISTRIBUTION) or []:
        wanted = Requirement(text)
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            found = "không có"
        if found == "không có" or not wanted.specifier.contains(found, prereleases=True):
            wrong.append(f"{wanted.name} {found} (cần {wanted.specifier})")
    if wrong:
        yield "gói phần mềm", BROKEN, "; ".join(wrong), "cài lại bằng: make venv"
    else:
        yield "gói phần mềm", OK, "đúng bản đã khóa", ""


def _disk(root: Path) -> Iterator[Row]:
    free = shutil.disk_usage(root).free
    found = f"còn {free / 2**30:.1f} GB"
    state = BROKEN if free < NO_SPACE else NOTE if free < LITTLE_SPACE else OK
    yield "đĩa", state, found, "" if state == OK else "giải phóng chỗ trên đĩa chứa không gian làm việc"


def _of_workspace(root: Path, now: datetime) -> Iterator[Row]:
    try:
        settings = read_settings(root)
    except InputError as error:
        yield "cài đặt", WRONG_INPUT, str(error), "sửa tiendo.toml hoặc biến môi trường nói trên"
        return
    yield "cài đặt", OK, "đọc được, mọi khóa đúng", ""
    for check in (_secrets, _not_yet, _holidays, _channels):
        yield from check(settings, now)
    yield from _sources(root, settings)
    yield from _warehouse(root)
    yield from _server(root)


def _secrets(settings: Settings, _now: datetime) -> Iterator[Row]:
    url = sa.make_url(settings.warehouse.url) if "@" in settings.warehouse.url else None
    if url is not None and url.password and "TIENDO_WAREHOUSE_URL" not in os.environ:
        remedy = "chuyển cả địa chỉ sang biến môi trường TIENDO_WAREHOUSE_URL"
        yield "mật khẩu", NOTE, "[warehouse] url trong tiendo.toml có mật khẩu", remedy


def _not_yet(settings: Settings, _now: datetime) -> Iterator[Row]:
    for section, key in WITHOUT_EFFECT:
        given, usual = getattr(settings, section), type(getattr(settings, section))()
        if getattr(given, key) != getattr(usual, key):
            remedy = f"để {key} = {getattr(usual, key)!r}".replace("True", "true")
            yield "cài đặt", NOTE, f"[{section}] {key} chưa có tác dụng ở bản này", remedy


def _holidays(settings: Settings, now: datetime) -> Iterator[Row]:
    calendar = settings.make_calendar()
    today = calendar.civil_date(now)
    next_year = today + timedelta(days=365)
    missing = {today.year, next_year.year} - holiday_years([today, next_year])
    if missing:
        years = ", ".join(map(str, sorted(missing)))
        remedy = "cập nhật gói holidays, hoặc ghi [calendar] days_off"
        yield "ngày nghỉ lễ", NOTE, f"bảng ngày nghỉ chưa có Tết của {years}", remedy
    else:
        yield "ngày nghỉ lễ", OK, f"có đến {next_year.year}; múi giờ {calendar.timezone}", ""


def _channels(settings: Settings, _now: datetime) -> Iterator[Row]:
    references = {name: channel.url for name, channel in settings.channels.items()}
    problems = channel_problems(references, os.environ)
    for problem in problems:
        yield "kênh gửi", WRONG_INPUT, problem, "đặt biến môi trường, hoặc sửa [channels] trong tiendo.toml"
    if not references:
        remedy = "khai báo [channels.mail] để gửi thư"
        yield "kênh gửi", NOTE, "chưa có kênh nào; tin được ghi vào thư mục messages/", remedy
    elif not problems:
        yield "kênh gửi", OK, ", ".join(references), ""


def _sources(root: Path, settings: Settings) -> Iterator[Row]:
    """One row a source that is asked, reached or not; and what the settings leave aside."""
    names = settings.intake.sources
    for unused in [name for name in settings.sources if name not in names]:
        remedy = f'ghi thêm "{unused}" vào [intake] sources, hoặc bỏ mục này'
        yield f"nguồn {unused}", NOTE, "có mục trong cài đặt nhưng không được hỏi đến", remedy
    if INBOX not in names:
        remedy = f'ghi thêm "{INBOX}" vào [intake] sources'
        yield f"nguồn {INBOX}", NOTE, "không được hỏi đến; tệp của tiendo submit nằm lại đó", remedy
    if set(names) == {INBOX}:
        return
    from tasks.sources.asking import check_sources

    for answer in check_sources(root, settings):
        if not answer.failure:
            yield f"nguồn {answer.source}", OK, "trả lời", ""
        else:
            found, _, remedy = answer.failure.partition("; ")
            state = WRONG_INPUT if answer.is_misused else BROKEN
            yield (
                f"nguồn {answer.source}",
                state,
                found,
                remedy or f"đặt biến môi trường, hoặc sửa [sources.{answer.source}]",
            )


def _warehouse(root: Path) -> Iterator[Row]:
    try:
        workspace = open_workspace(root)
    except InputError as error:
        yield "kho số liệu", WRONG_INPUT, str(error), "sửa [warehouse] url, hoặc quyền của tệp kho"
        return
    except TiendoError as error:
        yield "kho số liệu", BROKEN, str(error), "chạy lại khi lượt đang ghi đã xong"
        return
    for check in _WAREHOUSE_CHECKS:
        yield check(workspace)


def _integrity(workspace: Workspace) -> Row:
    if workspace.engine.dialect.name != "sqlite":
        return "kho số liệu", OK, f"trả lời ({workspace.engine.dialect.name})", ""
    with reading(workspace.engine) as connection:
        found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    if found == "ok":
        return "kho số liệu", OK, "mở được, nguyên vẹn", ""
    return "kho số liệu", BROKEN, found, "dừng mọi lượt chạy và khôi phục warehouse.db từ bản sao lưu"


def _plan(workspace: Workspace) -> Row:
    try:
        loaded = workspace.current_plan()
    except InputError as error:
        return "kế hoạch", NOTE, str(error), "nạp bằng: tiendo plan load"
    return "kế hoạch", OK, f"{loaded.plan.term.name}, bản {loaded.version}", ""


_WAREHOUSE_CHECKS: tuple[Callable[[Workspace], Row], ...] = (_integrity, _plan)


def _server(root: Path) -> Iterator[Row]:
    server = server_of(root)
    if server is None:
        yield "máy chủ Prefect", NOTE, "không có; các lệnh chạy trực tiếp", "khởi động bằng: tiendo up"
    elif server.is_healthy():
        yield "máy chủ Prefect", OK, server.ui, ""
    else:
        remedy = "khởi động lại bằng: tiendo up"
        yield "máy chủ Prefect", NOTE, f"{server.ui} không trả lời; các lệnh chạy trực tiếp", remedy
