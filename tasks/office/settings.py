"""Settings of a workspace: `tiendo.toml`, with TIENDO_* of the environment on top. FORMATS §1.

Each key says here, once, what it means, what it may be and its default; `init` writes its file from this.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from tiendo.bands import BandRules
from tiendo.calendars import Calendar

PREFIX = "TIENDO_"

# The folder of the workspace, not a setting of it; it shares its name with the section [workspace].
WORKSPACE_VARIABLE = "TIENDO_WORKSPACE"

INBOX = "inbox"  # the source that every workspace has

# Options of a source that hold a secret: S3's key, secret and token, SSH's password and passphrase.
SECRET_NAMES = re.compile(r"^(key|secret|token)$|pass|secret", re.IGNORECASE)

_STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

# A section is written as a whole in the environment's `TIENDO_<SECTION>_<KEY>`, so keys may hold underscores.
_FROM_ENVIRONMENT = SettingsConfigDict(
    frozen=True,
    extra="forbid",
    env_prefix=PREFIX,
    env_nested_delimiter="_",
    env_nested_max_split=1,
    nested_model_default_partial_update=True,
)


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"không có múi giờ {name!r} (nếu máy thiếu dữ liệu múi giờ: pip install tzdata)")
    return name


def _by_reference(url: object) -> object:
    # The text itself is not repeated: it may be the secret.
    if not str(url).startswith("env:") or not str(url).removeprefix("env:").isidentifier():
        raise ValueError('ghi "env:TÊN_BIẾN"; địa chỉ thật nằm trong biến môi trường đó, không nằm trong tệp')
    return url


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("mỗi nguồn chỉ ghi một lần")
    return names


def _options_by_reference(options: Mapping[str, Any]) -> Mapping[str, Any]:
    # What is secret is known by its name; the text itself is not repeated.
    for name, value in options.items():
        if isinstance(value, Mapping):
            _options_by_reference(value)
        elif SECRET_NAMES.search(name) and not str(value).startswith("env:"):
            raise ValueError(f'{name}: ghi "env:TÊN_BIẾN"; khóa và mật khẩu nằm trong biến môi trường')
    return options


def _working_hours(hours: str) -> str:
    first, _, last = hours.partition("-")
    if not first < last:
        raise ValueError("giờ đầu phải trước giờ cuối")
    return hours


SourceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9\-]{0,39}$")]
Percent = Annotated[float, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0, le=1000)]
Size = Annotated[int, Field(ge=1)]
Hour = Annotated[int, Field(ge=0, le=24)]
Clock = r"([01]\d|2[0-3]):[0-5]\d"


class WorkspaceSettings(BaseModel):
    """Cơ quan và cách trình bày."""

    model_config = _STRICT
    name: str = Field(default="", max_length=120, description="tên không gian làm việc; trống: tên thư mục")
    locale: Literal["vi", "en"] = Field(default="vi", description="ngôn ngữ của báo cáo, biểu mẫu và thư")
    timezone: Annotated[str, AfterValidator(_known_timezone)] = Field(
        default="Asia/Ho_Chi_Minh", description="múi giờ của mọi ngày và giờ"
    )
    letterhead: Literal["party", "government"] = Field(
        default="party", description="thể thức: của Đảng, của chính quyền"
    )
    place: str = Field(
        default="", max_length=60, description="địa danh ghi trước ngày của báo cáo; trống: theo tên cơ quan"
    )


class WarehouseSettings(BaseModel):
    """Kho số liệu. Mật khẩu không ghi ở đây: đặt cả địa chỉ vào biến môi trường TIENDO_WAREHOUSE_URL."""

    model_config = _STRICT
    url: str = Field(
        default="sqlite:///warehouse.db",
        min_length=1,
        repr=False,
        description="SQLite (đường dẫn tính từ thư mục này) hoặc postgresql+psycopg://máy/kho",
    )


class CalendarSettings(BaseModel):
    """Lịch kỳ báo cáo và thời hạn."""

    model_config = _STRICT
    name: Literal["nd09", "gregorian"] = Field(
        default="nd09",
        description="nd09: từ ngày 15 đến ngày 14 (Nghị định 09/2019); gregorian: tháng dương lịch",
    )
    opens_working_days: Count = Field(default=10, description="mở nhận trước hạn bao nhiêu ngày làm việc")
    due_working_days: Count = Field(default=2, description="hạn gửi sau ngày chốt bao nhiêu ngày làm việc")
    due_days: Count | None = Field(
        default=None, description="hoặc bao nhiêu ngày thường; khi ghi thì thay cho due_working_days"
    )
    due_hour: Hour = Field(default=17, description="giờ cuối cùng của ngày hạn còn tính là đúng hạn")
    correction_days: Count = Field(
        default=1, description="bản trả lại được sửa trong bao nhiêu ngày làm việc vẫn là đúng hạn"
    )
    lock_days: int = Field(default=30, ge=0, le=100_000, description="khóa kỳ sau hạn bao nhiêu ngày")
    days_off: tuple[date, ...] = Field(default=(), description="ngày nghỉ thêm, ví dụ [2026-02-13]")
    working_days: tuple[date, ...] = Field(default=(), description="ngày làm bù")


class BandSettings(BaseModel):
    """Ngưỡng xếp mức, tính bằng phần trăm."""

    model_config = _STRICT
    advancing: Annotated[float, Field(gt=0, le=100)] = Field(
        default=60.0, description="từ mức này trở lên: trên 60%"
    )
    stalled: Percent = Field(default=20.0, description="dưới mức này: dưới 20%")
    relative: bool = Field(default=False, description="true: ngưỡng tính theo phần thời gian đã qua")
    coverage_floor: Percent = Field(default=80.0, description="độ bao phủ tối thiểu để in mức đạt bình quân")

    @model_validator(mode="after")
    def _ordered(self) -> "BandSettings":
        if self.stalled > self.advancing:
            raise ValueError("stalled phải nhỏ hơn hoặc bằng advancing")
        return self


class IntakeSettings(BaseModel):
    """Nhận báo cáo."""

    model_config = _STRICT
    sources: Annotated[tuple[str, ...], AfterValidator(_each_once)] = Field(
        default=(INBOX,),
        min_length=1,
        description="nơi nhận tệp: inbox là thư mục ở đây; tên khác là một mục [sources.TÊN]",
    )
    trust: Literal["folder", "folder+signature"] = Field(
        default="folder", description="tin theo thư mục, hoặc đòi thêm chữ ký của biểu mẫu"
    )
    partial: bool = Field(default=True, description="true: tệp có ô sai vẫn nhận các ô đúng")
    many_units_from: tuple[str, ...] = Field(
        default=(), description="đơn vị được gửi một tệp cho nhiều đơn vị"
    )
    max_file_mb: Size = Field(default=20, description="cỡ tệp tối đa (MB)")
    max_part_mb: Size = Field(default=50, description="cỡ tối đa của một phần sau khi giải nén (MB)")
    max_unpacked_mb: Size = Field(default=200, description="cỡ tối đa cả tệp sau khi giải nén (MB)")
    max_rows: Size = Field(default=100_000, description="số dòng tối đa của một tệp")
    max_columns: Size = Field(default=200, description="số cột tối đa của một tệp")
    max_seconds: Size = Field(default=60, description="thời gian đọc tối đa (giây)")


class RuleSettings(BaseModel):
    """Quy tắc kiểm tra số liệu."""

    model_config = _STRICT
    large_change_pct: float = Field(
        default=300.0, gt=0, description="thay đổi so với kỳ trước quá bao nhiêu % thì hỏi lại"
    )
    reason_required: Literal["off", "warn", "require"] = Field(
        default="warn", description="thiếu nguyên nhân, giải pháp: bỏ qua, nhắc, hay trả lại"
    )


class ReviewSettings(BaseModel):
    """Rà soát và báo cáo."""

    model_config = _STRICT
    approval: bool = Field(
        default=False, description="true: đơn vị nộp chờ văn phòng duyệt, bản rà soát chờ phát hành"
    )
    estimates: bool = Field(default=True, description="số ước được tính vào rà soát")
    unapproved: Literal["marked", "left_out"] = Field(
        default="marked", description="số chưa duyệt: đánh dấu hay để ngoài"
    )
    against: Literal["own", "year", "term"] = Field(
        default="own", description="so với mục tiêu của kỳ, kế hoạch năm, hay mục tiêu nhiệm kỳ"
    )
    counting: Literal["component", "main"] = Field(
        default="component", description="đếm chỉ tiêu thành phần hay chỉ tiêu chủ yếu"
    )
    alert_change_pct: Annotated[float, Field(ge=0)] = Field(
        default=5.0,
        description="số liệu của báo cáo đã phát hành đổi quá bao nhiêu % (hoặc đổi xếp mức) thì báo người nhận",
    )


class ChannelSettings(BaseModel):
    """Một kênh gửi tin: ghi tên biến môi trường giữ địa chỉ Apprise ({email}, {phone}: của người nhận)."""

    model_config = _STRICT
    url: Annotated[str, BeforeValidator(_by_reference)] = Field(description="ví dụ env:TIENDO_MAIL_URL")


class SourceSettings(BaseModel):
    """Một nguồn nhận tệp ngoài thư mục inbox: thư mục SFTP, kho S3, hộp thư."""

    model_config = _STRICT
    url: Annotated[str, BeforeValidator(_by_reference)] = Field(
        description="tên biến môi trường giữ địa chỉ, ví dụ env:TIENDO_SFTP_URL"
    )
    options: Annotated[dict[str, Any], AfterValidator(_options_by_reference)] = Field(
        default_factory=dict,
        description="tùy chọn kết nối của fsspec, ví dụ endpoint_url, known_hosts; giá trị có thể là env:TÊN_BIẾN",
    )
    verified_by: str = Field(
        default="",
        pattern=r"^[\w.\-]*$",
        description="hộp thư: tên máy chủ thư của cơ quan, như trong tiêu đề Authentication-Results",
    )
    folder: str = Field(
        default="", max_length=120, description="hộp thư: thư mục đọc thư; trống: theo địa chỉ"
    )
    done_folder: str = Field(
        default="tiendo",
        min_length=1,
        max_length=120,
        description="hộp thư: thư mục chuyển thư đã nhận vào",
    )

    @model_validator(mode="after")
    def _verified(self) -> "SourceSettings":
        is_mailbox = bool(self.folder) or self.done_folder != type(self).model_fields["done_folder"].default
        if is_mailbox and not self.verified_by:
            raise ValueError("hộp thư cần verified_by, để biết người gửi là thật")
        return self


class ReminderSettings(BaseModel):
    """Nhắc hạn và báo quá hạn."""

    model_config = _STRICT
    ladder: tuple[Annotated[int, Field(ge=-366, le=366)], ...] = Field(
        default=(-10, -3, -1, 1, 3, 5),
        description="các bước nhắc: số ngày làm việc so với hạn (âm: trước hạn)",
    )
    hours: Annotated[str, AfterValidator(_working_hours)] = Field(
        default="07:30-17:00",
        pattern=f"^{Clock}-{Clock}$",
        description="giờ được gửi nhắc, chỉ vào ngày làm việc",
    )
    mass_alarm_share: float = Field(
        default=0.5, ge=0, le=1, description="quá phần này số đơn vị cùng quá hạn thì hỏi văn phòng trước"
    )


class ScaleSettings(BaseModel):
    """Quy mô."""

    model_config = _STRICT
    runner: str = Field(
        default="local",
        pattern=r"^(local|tcp://[\w.\-]+:\d+)$",
        description="local, hoặc tcp://máy:8786 của Dask",
    )
    chunk: Size = Field(default=64, description="số tệp trong một lượt đọc")


class Settings(BaseSettings):
    """All settings of a workspace, checked; read once at the edge by `settings_reading` and passed on."""

    model_config = _FROM_ENVIRONMENT
    workspace: WorkspaceSettings = WorkspaceSettings()
    warehouse: WarehouseSettings = WarehouseSettings()
    calendar: CalendarSettings = CalendarSettings()
    bands: BandSettings = BandSettings()
    intake: IntakeSettings = IntakeSettings()
    sources: dict[SourceName, SourceSettings] = Field(default_factory=dict)
    rules: RuleSettings = RuleSettings()
    review: ReviewSettings = ReviewSettings()
    channels: dict[str, ChannelSettings] = Field(default_factory=dict)
    reminders: ReminderSettings = ReminderSettings()
    scale: ScaleSettings = ScaleSettings()

    @model_validator(mode="after")
    def _sources_are_there(self) -> "Settings":
        missing = [name for name in self.intake.sources if name != INBOX and name not in self.sources]
        if missing:
            named = ", ".join(map(repr, missing))
            raise ValueError(f"[intake] sources: chưa có mục [sources.{missing[0]}] cho nguồn {named}")
        if INBOX in self.sources:
            raise ValueError(f"[sources.{INBOX}]: {INBOX} là thư mục ở đây, không cần mục; đặt tên khác")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then what the file says."""
        assert isinstance(env_settings, EnvSettingsSource)
        here = WORKSPACE_VARIABLE.lower()
        env_settings.env_vars = {name: text for name, text in env_settings.env_vars.items() if name != here}
        return env_settings, init_settings

    def make_calendar(self) -> Calendar:
        """The core's calendar of these settings."""
        given = self.calendar.model_dump(exclude={"days_off", "working_days"})
        days_off, working_days = frozenset(self.calendar.days_off), frozenset(self.calendar.working_days)
        zone = ZoneInfo(self.workspace.timezone).key
        return Calendar(**given, timezone=zone, days_off=days_off, working_days=working_days)

    def make_bands(self) -> BandRules:
        """The core's band thresholds of these settings."""
        return BandRules(**self.bands.model_dump())
