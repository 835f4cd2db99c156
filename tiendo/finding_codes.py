"""Every code of a finding: how grave it is, what it holds for, and its words in both languages. FORMATS §3.

The words are format strings over the columns that `findings` is given, and `period_name`, the name of the
row's period; what was found stands beside the message, not in it.
"""

import re
from dataclasses import dataclass

SEVERITIES = ERROR, WARNING, INFO = "error", "warning", "info"
FILE, ROW, WHOLE = "file", "row", "whole"


# Doubts that a word in the row's note answers: with it they are only told, not asked again.
CONFIRMABLE = (
    "out_of_range",
    "unit_slip",
    "percent_as_fraction",
    "large_change",
    "fell",
    "parts_do_not_sum",
    "compare_failed",
    "undoes_correction",
)


@dataclass(frozen=True)
class Code:
    """One code. An error of level `file` loads nothing of the file, one of level `row` not its cell.

    `whole` is said of a submission as a whole. The words: message and remedy, Vietnamese and English.
    """

    severity: str
    level: str
    vi: str
    vi_fix: str
    en: str
    en_fix: str


CODES: dict[str, Code] = {
    "unreadable": Code(
        ERROR,
        FILE,
        "không đọc được tệp.",
        "Mở tệp bằng Excel, lưu lại rồi nộp lại.",
        "the file cannot be read.",
        "Open it in Excel, save it and send it again.",
    ),
    "encrypted": Code(
        ERROR,
        FILE,
        "tệp đặt mật khẩu nên không mở được.",
        "Bỏ mật khẩu rồi nộp lại.",
        "the file is protected by a password.",
        "Remove the password and send it again.",
    ),
    "too_large": Code(
        ERROR,
        FILE,
        "tệp vượt quá giới hạn cho phép.",
        "Xóa các trang, dòng, hình không thuộc mẫu rồi nộp lại.",
        "the file is beyond the limits.",
        "Remove sheets, rows and pictures that are not of the form, and send it again.",
    ),
    "hostile": Code(
        ERROR,
        FILE,
        "tệp có nội dung không an toàn nên không được mở.",
        "Tải lại tệp mẫu, điền số rồi nộp lại.",
        "the file holds something unsafe and was not opened.",
        "Take a new form, fill it and send it.",
    ),
    "unknown_format": Code(
        ERROR,
        FILE,
        "không phải loại tệp nhận được.",
        "Nộp tệp mẫu .xlsx, hoặc tệp .csv.",
        "this kind of file is not taken.",
        "Send the form as .xlsx, or a .csv file.",
    ),
    "not_a_template": Code(
        ERROR,
        FILE,
        "không phải tệp mẫu của hệ thống.",
        "Dùng tệp mẫu của kỳ này; tệp .csv cần đủ các cột unit, period, indicator.",
        "this is not a form of this system.",
        "Use the form of this period; a .csv needs the columns unit, period, indicator.",
    ),
    "no_attachment": Code(
        ERROR,
        FILE,
        "thư không có tệp số liệu đính kèm.",
        "Trả lời thư này, đính kèm tệp mẫu đã điền.",
        "the mail has no file attached.",
        "Answer this mail with the filled form attached.",
    ),
    "two_tables": Code(
        ERROR,
        FILE,
        "tệp có hai bảng số liệu khác nhau.",
        "Giữ lại một bảng đúng, xóa bảng kia rồi nộp lại.",
        "the file has two tables that say different things.",
        "Keep the right one, delete the other and send it again.",
    ),
    "period_differs": Code(
        ERROR,
        FILE,
        "phần ẩn của tệp mẫu là của {of_period}, nhưng tiêu đề hoặc tên tệp ghi {said}.",
        "Tải tệp mẫu của đúng kỳ, chép số sang rồi nộp; nếu chỉ tên tệp sai thì đổi tên.",
        "the form was made for {of_period}, but its title or name says {said}.",
        "Take the form of the right period, copy the figures and send it; if only the name is wrong, rename it.",
    ),
    "replayed": Code(
        ERROR,
        FILE,
        "tệp này đã nhận ngày {received_on}, sau đó đơn vị đã nộp bản mới hơn.",
        "Nếu đúng là muốn quay lại số cũ: mở tệp, lưu lại rồi nộp.",
        "this very file was received on {received_on}, and a newer one after it.",
        "If you do want its figures back: open it, save it and send it again.",
    ),
    "no_figures": Code(
        ERROR,
        FILE,
        "tệp không có dòng chỉ tiêu nào.",
        "Điền số vào tệp mẫu rồi nộp lại.",
        "the file has no row of an indicator.",
        "Fill the form and send it again.",
    ),
    "old_template": Code(
        WARNING,
        FILE,
        "tệp mẫu làm theo kế hoạch cũ (bản {template_version}, nay là bản {plan_version}).",
        "Lần sau tải tệp mẫu mới.",
        "the form was made for an older plan (version {template_version}, now {plan_version}).",
        "Take a new form next time.",
    ),
    "bad_signature": Code(
        ERROR,
        FILE,
        "tệp mẫu không phải do cơ quan này phát hành, hoặc phần ẩn đã bị sửa.",
        "Tải lại tệp mẫu, chép số sang rồi nộp lại.",
        "the form was not issued by this office, or its hidden part was changed.",
        "Take a new form, copy the figures into it and send it.",
    ),
    "wrong_sender": Code(
        ERROR,
        FILE,
        "nơi gửi không được nộp thay đơn vị này.",
        "Nộp qua hộp nhận, hoặc từ địa chỉ thư, của chính đơn vị.",
        "the sender may not report for this unit.",
        "Send it through the inbox, or from a mail address, of the unit itself.",
    ),
    "unknown_unit": Code(
        ERROR,
        FILE,
        "kế hoạch không có đơn vị này, hoặc đơn vị không hoạt động trong kỳ.",
        "Kiểm tra mã đơn vị.",
        "the plan has no such unit, or it did not exist in that period.",
        "Check the unit's code.",
    ),
    "unknown_period": Code(
        ERROR,
        FILE,
        "không phải kỳ mà đơn vị {unit} phải báo cáo.",
        "Ghi kỳ dạng 2013-Q4, 2013-H1, 2013 hoặc 2013-03, đúng kỳ được giao.",
        "not a period for which unit {unit} owes a return.",
        "Write 2013-Q4, 2013-H1, 2013 or 2013-03, a period that is owed.",
    ),
    "period_not_over": Code(
        ERROR,
        FILE,
        "kỳ này chưa hết (đến {ends}); nhập số liệu cũ chỉ dành cho kỳ đã qua.",
        "Bỏ các dòng của kỳ này; đơn vị nộp báo cáo kỳ này như thường lệ.",
        "the period is not over before {ends}; only figures of past periods are imported.",
        "Leave out the rows of this period; the unit sends its return as usual.",
    ),
    "has_return": Code(
        ERROR,
        FILE,
        "đơn vị đã có báo cáo kỳ này (lần {version}), số của đơn vị không bị số nhập đè lên.",
        "Bỏ các dòng này; số nào sai thì sửa bằng tiendo correct.",
        "the unit has reported for this period (version {version}); its figures are not replaced by imported ones.",
        "Leave these rows out; correct what is wrong by tiendo correct.",
    ),
    "given_twice": Code(
        ERROR,
        ROW,
        "chỉ tiêu này của đơn vị trong kỳ này đã có ở {first}.",
        "Giữ một trong hai dòng.",
        "this indicator of the unit in this period stands already in {first}.",
        "Keep one of the two rows.",
    ),
    "period_not_open": Code(
        ERROR,
        FILE,
        "kỳ chưa mở (mở ngày {opens}); trước ngày đó chỉ nhận số ước.",
        "Nộp lại từ ngày {opens}, hoặc ghi tình trạng số liệu là Ước tính.",
        "the period is not open before {opens}; until then only estimates are taken.",
        "Send it on {opens} or later, or mark the figures as estimates.",
    ),
    "period_locked": Code(
        ERROR,
        FILE,
        "kỳ đã khóa từ sau ngày {locks}.",
        "Liên hệ văn phòng để xin mở khóa.",
        "the period was locked after {locks}.",
        "Ask the office to unlock it.",
    ),
    "uncached_formula": Code(
        ERROR,
        FILE,
        "ô là công thức chưa có kết quả.",
        "Mở tệp bằng Excel, chờ tính xong, lưu lại rồi nộp lại.",
        "the cell is a formula without a stored result.",
        "Open the file in Excel, let it compute, save and send it again.",
    ),
    "decimal_comma": Code(
        WARNING,
        FILE,
        "tệp .csv dùng dấu chấm phẩy và dấu phẩy thập phân; số được đọc theo cách viết đó.",
        "Nếu có thể, xuất .csv với dấu phẩy ngăn cột và dấu chấm thập phân.",
        "the .csv uses semicolons and decimal commas; numbers were read that way.",
        "If you can, export with commas between columns and decimal points.",
    ),
    "old_encoding": Code(
        WARNING,
        FILE,
        "chữ ghi theo bảng mã cũ {encoding}; đã đổi sang Unicode.",
        "Kiểm tra lại phần chữ; lần sau dùng phông và bảng mã Unicode.",
        "texts are in the old encoding {encoding}; they were turned into Unicode.",
        "Check the texts; use a Unicode font next time.",
    ),
    "hidden_rows": Code(
        INFO,
        FILE,
        "{hidden} dòng của bảng đang ẩn hoặc bị lọc; số trong đó vẫn được tính.",
        "Bỏ lọc, bỏ ẩn để thấy các dòng này.",
        "{hidden} rows of the table are hidden or filtered away; their figures count all the same.",
        "Clear the filter or unhide to see them.",
    ),
    "more_rows": Code(
        INFO,
        FILE,
        "còn {count} dòng khác sai như vậy, không liệt kê.",
        "Chỉ để lại các chỉ tiêu của đơn vị, mỗi chỉ tiêu một dòng.",
        "{count} more rows are wrong in the same way and are not listed.",
        "Keep the unit's own indicators only, one row each.",
    ),
    "row_without_code": Code(
        WARNING,
        FILE,
        "{count} dòng có số nhưng không có mã chỉ tiêu nên không được nhận (đầu tiên: dòng {first}).",
        "Ghi số vào đúng dòng của chỉ tiêu trong tệp mẫu.",
        "{count} rows hold figures without an indicator's code and were not taken (the first is row {first}).",
        "Write the figures into the indicators' own rows of the form.",
    ),
    "unknown_indicator": Code(
        ERROR,
        ROW,
        "đơn vị không phải báo cáo chỉ tiêu này trong kỳ.",
        "Xóa dòng này, hoặc sửa mã chỉ tiêu.",
        "the unit does not owe this indicator in this period.",
        "Remove the row or correct the indicator's code.",
    ),
    "duplicate_indicator": Code(
        ERROR,
        ROW,
        "chỉ tiêu xuất hiện {times} lần trong một kỳ nên không biết lấy số nào.",
        "Giữ lại một dòng, ghi số đúng.",
        "the indicator stands {times} times in one period.",
        "Keep one row.",
    ),
    "missing_value": Code(
        ERROR,
        ROW,
        "thiếu số liệu.",
        "Ghi số; không có thì chọn Tình trạng: không phát sinh, chưa triển khai, chưa đến kỳ, không áp dụng.",
        "missing figure.",
        "Write it; if there is none choose a state: none occurred, not started, not due, not applicable.",
    ),
    "not_a_number": Code(
        ERROR,
        ROW,
        "không phải số.",
        "Nhập {suggested}.",
        "not a number.",
        "Write {suggested}.",
    ),
    "ambiguous_number": Code(
        WARNING,
        ROW,
        "số ghi dạng chữ có hai cách đọc: {reading} hoặc {other_reading}; đã lấy {reading}.",
        "Nếu đúng thì thôi; nếu không, nhập lại dưới dạng số.",
        "a number as text with two readings: {reading} or {other_reading}; {reading} was taken.",
        "Leave it if that is right; else type it again as a number.",
    ),
    "missing_numerator": Code(
        ERROR,
        ROW,
        "thiếu tử số.",
        "Ghi tử số.",
        "missing numerator.",
        "Write the numerator.",
    ),
    "missing_denominator": Code(
        ERROR,
        ROW,
        "thiếu mẫu số.",
        "Ghi mẫu số.",
        "missing denominator.",
        "Write the denominator.",
    ),
    "zero_denominator": Code(
        ERROR,
        ROW,
        "mẫu số bằng 0.",
        "Sửa mẫu số; nếu không phát sinh thì chọn ở cột Tình trạng.",
        "the denominator is 0.",
        "Correct it; if none occurred choose that state.",
    ),
    "out_of_range": Code(
        ERROR,
        ROW,
        "ngoài khoảng cho phép ({limit}).",
        "Kiểm tra số và đơn vị tính.",
        "outside what is allowed ({limit}).",
        "Check the figure and its unit of measure.",
    ),
    "unit_slip": Code(
        WARNING,
        ROW,
        "có thể nhầm đơn vị tính: {slip} so với kỳ trước ({previous}).",
        "Kiểm tra đơn vị tính ({measure}); nếu đúng, ghi một lời ở Ghi chú.",
        "maybe a wrong unit of measure: {slip} last period's figure ({previous}).",
        "Check the unit of measure ({measure}); if right, say so in the note.",
    ),
    "percent_as_fraction": Code(
        WARNING,
        ROW,
        "quá nhỏ đối với chỉ tiêu tính bằng {measure}: ô định dạng phần trăm lưu 12,5% thành 0,125.",
        "Ghi 12,5 thay vì 12,5%; nếu số này đúng, ghi một lời ở Ghi chú.",
        "too small for an indicator in {measure}: a cell in percent format keeps 12.5% as 0.125.",
        "Write 12.5 instead of 12.5%; if the figure is right, say so in the note.",
    ),
    "large_change": Code(
        WARNING,
        ROW,
        "thay đổi {change}% so với kỳ trước ({previous}), quá {limit}%.",
        "Kiểm tra số; nếu đúng, ghi một lời ở Ghi chú.",
        "changed by {change}% from last period ({previous}), more than {limit}%.",
        "Check the figure; if right, say so in the note.",
    ),
    "fell": Code(
        WARNING,
        ROW,
        "nhỏ hơn kỳ trước ({previous}), trong khi số này không giảm.",
        "Kiểm tra số; nếu là số điều chỉnh, ghi một lời ở Ghi chú.",
        "below last period's ({previous}), though this figure should not fall.",
        "Check the figure; if it is a correction, say so in the note.",
    ),
    "parts_do_not_sum": Code(
        ERROR,
        ROW,
        "các phần ({parts}) cộng lại là {total}, lệch {gap}.",
        "Sửa số này hoặc các phần cho khớp.",
        "its parts ({parts}) sum to {total}, off by {gap}.",
        "Make the figure and its parts agree.",
    ),
    "compare_failed": Code(
        ERROR,
        ROW,
        "lớn hơn mức cho phép theo chỉ tiêu {other} ({limit}).",
        "Sửa một trong hai số.",
        "more than indicator {other} allows ({limit}).",
        "Correct one of the two figures.",
    ),
    "reason_required": Code(
        WARNING,
        ROW,
        "mới đạt {attainment}% mục tiêu mà thiếu {lacking}.",
        "Ghi nguyên nhân và giải pháp.",
        "{attainment}% of the target, and {lacking} is missing.",
        "Give the reason and the remedy.",
    ),
    "sources_differ": Code(
        WARNING,
        ROW,
        "số của {agency} là {agency_figure}, cộng từ các đơn vị khác là {tier_figure}.",
        "Đối chiếu hai nguồn; báo cáo dùng số của {agency} và in cả hai.",
        "{agency} gives {agency_figure}, the other units together {tier_figure}.",
        "Compare the two sources; reports use the figure of {agency} and print both.",
    ),
    "undoes_correction": Code(
        WARNING,
        ROW,
        "lặp lại số cũ mà văn phòng đã đính chính (nay là {corrected}; lý do: {why}).",
        "Ghi {corrected}; nếu đúng là số cũ, ghi một lời ở Ghi chú.",
        "the old figure again, which the office has corrected (now {corrected}; the reason: {why}).",
        "Write {corrected}; if the old figure is right, say so in the note.",
    ),
    "bad_state": Code(
        ERROR,
        ROW,
        "tình trạng không hợp lệ hoặc trái với số đã ghi.",
        "Chọn một trong danh sách: {known}; đã ghi số thì để trống.",
        "the state is not one of the list, or contradicts the figure.",
        "Choose one of: {known}; leave it empty beside a figure.",
    ),
    "bad_status": Code(
        ERROR,
        ROW,
        "loại số liệu không có trong danh sách.",
        "Chọn một trong: {known}.",
        "the status is not one of the list.",
        "Choose one of: {known}.",
    ),
    "bad_qualifier": Code(
        ERROR,
        ROW,
        "dấu chỉ số gần đúng không có trong danh sách.",
        "Ghi một trong: {known}.",
        "the qualifier is not one of the list.",
        "Write one of: {known}.",
    ),
    "bad_outlook": Code(
        ERROR,
        ROW,
        "khả năng hoàn thành không có trong danh sách.",
        "Chọn một trong: {known}.",
        "the outlook is not one of the list.",
        "Choose one of: {known}.",
    ),
    "outlook_reason_required": Code(
        WARNING,
        ROW,
        "ghi khả năng hoàn thành là {outlook} mà thiếu lý do.",
        "Ghi lý do của khả năng hoàn thành.",
        "the outlook is {outlook}, and its reason is missing.",
        "Give the reason of the outlook.",
    ),
    "merged_cells": Code(
        ERROR,
        ROW,
        "ô gộp chung nhiều dòng ({area}) nên không rõ số của dòng nào.",
        "Bỏ gộp ô, ghi số cho từng dòng.",
        "the cell is merged over several rows ({area}), so it is not clear whose figure it is.",
        "Unmerge it and give each row its figure.",
    ),
    "locked_cell_changed": Code(
        ERROR,
        ROW,
        "ô khóa khác với kế hoạch: {column} phải là “{expected}”.",
        "{remedy}.",
        "a locked cell differs from the plan: {column} should be “{expected}”.",
        "{remedy}.",
    ),
    "redefined": Code(
        ERROR,
        ROW,
        "cách ghi chỉ tiêu đã đổi so với kế hoạch của tệp mẫu này (bản {template_version}).",
        "Tải tệp mẫu mới, ghi số theo cách mới.",
        "the indicator is reported in another way than in the plan of this form (version {template_version}).",
        "Take a new form and give the figure in the new way.",
    ),
    "copy_of_previous": Code(
        WARNING,
        WHOLE,
        "toàn bộ số liệu {period_name} giống hệt kỳ trước.",
        "Kiểm tra xem có nộp nhầm tệp của kỳ trước không.",
        "all figures of {period_name} are those of the last period.",
        "Check whether last period's file was sent by mistake.",
    ),
    "late": Code(
        WARNING,
        WHOLE,
        "báo cáo {period_name} nộp sau hạn ({due}).",
        "Lần sau nộp trước {hour} giờ ngày hạn.",
        "the return of {period_name} was sent after the due date ({due}).",
        "Send it before {hour}:00 on the due day.",
    ),
}


# What a code says where it is but a warning.
AS_WARNING = {
    "not_a_template": Code(
        WARNING,
        FILE,
        "không phải tệp mẫu của hệ thống; số trong bảng vẫn được nhận.",
        "Không phải làm gì; lần sau nên dùng tệp mẫu của kỳ.",
        "this is not a form of this system; the figures of its table were taken all the same.",
        "Nothing; use the form of the period next time.",
    )
}


def words_of(code: str, severity: str | None = None) -> Code:
    """The words of a code, as grave as it is said to be (None: as it is)."""
    return AS_WARNING.get(code, CODES[code]) if severity == WARNING else CODES[code]


def said_at_large(code: str, locale: str) -> tuple[str, str]:
    """Message and remedy of a code where no certain cell is meant: `…` stands for the details of one."""
    of = CODES[code]
    words = (of.vi, of.vi_fix) if locale == "vi" else (of.en, of.en_fix)
    message, fix = (re.sub(r"\{(\w+)\}", lambda name: _at_large(name[1], locale), text) for text in words)
    return message, fix


def _at_large(detail: str, locale: str) -> str:
    words = {
        "suggested": ("một con số", "a number"),
        "measure": ("%", "%"),
        "remedy": ("Tải tệp mẫu mới, chép số sang", "Take a new form and copy the figures into it"),
    }
    return words.get(detail, ("…", "…"))[0 if locale == "vi" else 1]


def brief(code: str, locale: str) -> str:
    """The message of a code in the few words that a cell has room for: up to its first detail."""
    return re.split(r"[(:{]", CODES[code].vi if locale == "vi" else CODES[code].en)[0].rstrip(" .")
