"""The parameters that flows share, as the Prefect UI asks for them."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

WorkspaceFolder = Annotated[
    str | None, Field(title="Không gian làm việc", description="Thư mục của cơ quan; trống: theo máy chạy")
]
ReviewedPeriod = Annotated[
    str | None, Field(title="Kỳ", description="Ví dụ 2026-Q3, 2026-H1, 2026; trống: quý vừa hết hạn nộp")
]
Against = Annotated[
    str | None,
    Field(title="So với", description="own, year hoặc term; trống: theo cài đặt của không gian làm việc"),
]
AsOf = Annotated[
    datetime | None, Field(title="Theo số liệu đã ghi đến lúc", description="Trống: đến bây giờ")
]
RunInstant = Annotated[
    datetime | None, Field(title="Thời điểm của lượt chạy", description="Trống: giờ đã lên lịch")
]
Today = Annotated[date | None, Field(title="Như vào ngày", description="Trống: ngày đã lên lịch")]
DryRun = Annotated[bool, Field(title="Chạy thử", description="Chỉ cho xem, không gửi và không phát hành")]
