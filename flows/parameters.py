"""The parameters that flows share, as the Prefect UI asks for them."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field


def _asked(title: str, description: str) -> Any:
    # Prefect gives each field its parameter's name as a title; only what is extra in the schema stands.
    return Field(json_schema_extra={"title": title, "description": description})


WorkspaceFolder = Annotated[
    str | None, _asked("Không gian làm việc", "Thư mục của cơ quan; trống: theo máy chạy")
]
ReviewedPeriod = Annotated[
    str | None, _asked("Kỳ", "Ví dụ 2026-Q3, 2026-H1, 2026; trống: quý vừa hết hạn nộp")
]
Against = Annotated[
    str | None, _asked("So với", "own, year hoặc term; trống: theo cài đặt của không gian làm việc")
]
AsOf = Annotated[datetime | None, _asked("Theo số liệu đã ghi đến lúc", "Trống: đến bây giờ")]
Restated = Annotated[bool, _asked("Quy đổi về đơn vị hiện nay", "Không: theo các đơn vị của kỳ ấy")]
RunInstant = Annotated[datetime | None, _asked("Thời điểm của lượt chạy", "Trống: giờ đã lên lịch")]
Today = Annotated[date | None, _asked("Như vào ngày", "Trống: ngày đã lên lịch")]
DryRun = Annotated[bool, _asked("Chạy thử", "Chỉ cho xem, không gửi và không ghi")]
