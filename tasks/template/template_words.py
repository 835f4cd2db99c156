"""What a template says to the officer who fills it, in Vietnamese and English."""

from tiendo.finding_codes import brief
from tiendo.labels import LOCALES
from tiendo.wording import raised


def _check_words(code: str, before: tuple[str, str] = ("", "")) -> tuple[str, str]:
    """What the check column says of a cell: the words in which the office would send it back."""
    vi, en = (f"{word}{brief(code, locale)}" for word, locale in zip(before, LOCALES, strict=True))
    return raised(vi), raised(en)


WORDS: dict[str, tuple[str, str]] = {
    "sheet_entry": ("Nhập số liệu", "Figures"),
    "sheet_guide": ("Hướng dẫn", "How to fill"),
    "sheet_sender": ("Thông tin nộp", "About this return"),
    "sheet_narrative": ("Lời văn", "In words"),
    "sheet_faults": ("Lỗi", "Findings"),
    "title": ("BIỂU NHẬP SỐ LIỆU – {period}", "FIGURES TO REPORT – {period}"),
    "subtitle": (
        "Đơn vị: {unit} – {name}   ·   Chốt số liệu: {cut_off}   ·   Hạn nộp: {hour} giờ 00 ngày {due}",
        "Unit: {unit} – {name}   ·   Cut-off: {cut_off}   ·   Due: {hour}:00 on {due}",
    ),
    # The decimal mark is the machine's own: a formula finds it out.
    "rule_before": (
        "Chỉ nhập ô nền vàng. Số thập phân dùng dấu ",
        "Fill the yellow cells only. Decimal mark: ",
    ),
    "mark_comma": ("phẩy (12,5)", "comma (12,5)"),
    "mark_point": ("chấm (12.5)", "point (12.5)"),
    "rule_after": (
        ". Không ghi ký hiệu % hoặc đơn vị tính. Không có số thì chọn ở cột Tình trạng, không để trống.",
        ". No % sign, no unit of measure. Where there is no figure choose in the column State.",
    ),
    "status_label": ("Số liệu của cả biểu là:", "All figures here are:"),
    "status_hint": (
        "Chọn một lần cho cả biểu: Ước tính, Sơ bộ hoặc Chính thức.",
        "Choose once for the whole sheet.",
    ),
    "counters": ("Đã nhập {entered}/{all} · Cần sửa {wrong}", "Filled {entered}/{all} · To correct {wrong}"),
    "footer": ("Mẫu {period} – {unit} {name}", "Form {period} – {unit} {name}"),
    "page": ("Trang &P/&N", "Page &P/&N"),
    "sign_officer": ("NGƯỜI LẬP BIỂU", "PREPARED BY"),
    "sign_head": ("THỦ TRƯỞNG ĐƠN VỊ", "HEAD OF UNIT"),
    # headings of the table
    "tt": ("TT", "No."),
    "name": ("Chỉ tiêu", "Indicator"),
    "measure": ("ĐVT", "Measure"),
    "target": ("Kế hoạch năm", "Year's plan"),
    "previous": ("Lũy kế kỳ trước", "To date, last period"),
    "asked": ("Cách ghi", "Ask"),
    "numerator": ("Tử số", "Numerator"),
    "denominator": ("Mẫu số", "Denominator"),
    "value": ("Thực hiện (ghi theo cột {column})", "Actual (see column {column})"),
    "value_flow": ("Thực hiện trong kỳ", "Actual in the period"),
    "value_cumulative": ("Thực hiện lũy kế", "Actual to date"),
    "value_stock": ("Hiện có cuối kỳ", "Level at the end"),
    "value_rate": ("Thực hiện của năm", "Actual of the year"),
    "value_state": ("Kết quả đến cuối kỳ", "State at the end"),
    "value_milestone": ("Đã hoàn thành (1) hay chưa (0)", "Done (1) or not (0)"),
    "value_stages": ("Số giai đoạn đã hoàn thành", "Stages done"),
    "value_rank": ("Thứ hạng", "Rank"),
    "value_ratio": ("Tỷ lệ (tự tính)", "Ratio (computed)"),
    "percent": ("% kế hoạch", "% of plan"),
    "state": ("Tình trạng", "State"),
    "year_estimate": ("Ước cả năm", "Estimate of the year"),
    "outlook": ("Khả năng hoàn thành", "Outlook"),
    "outlook_reason": ("Lý do của khả năng hoàn thành", "Reason of the outlook"),
    "reason": ("Nguyên nhân", "Reason"),
    "remedy": ("Giải pháp", "Remedy"),
    "note": ("Ghi chú", "Note"),
    "check": ("Kiểm tra", "Check"),
    # what a row asks for
    "ask_flow": ("trong kỳ", "in period"),
    "ask_cumulative": ("lũy kế", "to date"),
    "ask_stock": ("hiện có", "level"),
    "ask_rate": ("của năm", "of year"),
    "ask_state": ("kết quả", "state"),
    "ask_milestone": ("1 hoặc 0", "1 or 0"),
    "ask_stages": ("số giai đoạn", "stages"),
    "ask_rank": ("thứ hạng", "rank"),
    "how_flow": (
        "ghi số phát sinh trong kỳ; máy cộng các kỳ thành lũy kế",
        "give what came about in the period; the periods are added up",
    ),
    "how_cumulative": (
        "ghi số cộng dồn đến hết kỳ; không nhỏ hơn kỳ trước",
        "give the figure to date; it should not fall",
    ),
    "how_stock": ("ghi số hiện có vào ngày chốt số liệu", "give the level on the cut-off day"),
    "how_rate": ("ghi mức của riêng năm báo cáo", "give the figure of the year alone"),
    "how_state": ("ghi kết quả đạt được đến ngày chốt số liệu", "give the state reached on the cut-off day"),
    "how_milestone": ("ghi 1 khi đã hoàn thành, 0 khi chưa", "give 1 when it is done, 0 when it is not"),
    "how_stages": (
        "ghi số giai đoạn đã hoàn thành, 0 khi chưa có",
        "give the number of stages done, 0 when there is none",
    ),
    "how_rank": ("ghi thứ hạng, 1 là cao nhất", "give the rank, 1 being the highest"),
    "how_ratio": (
        "ghi Tử số và Mẫu số, tỷ lệ tự tính",
        "give numerator and denominator, the ratio is computed",
    ),
    "all_sum": ("số chung bằng tổng các đơn vị", "the whole is the sum of the units"),
    "all_min": ("số chung là số nhỏ nhất của các đơn vị", "the whole is the least of the units"),
    "all_max": ("số chung là số lớn nhất của các đơn vị", "the whole is the largest of the units"),
    "all_mean": ("số chung là bình quân các đơn vị", "the whole is the mean of the units"),
    "all_weighted_mean": ("số chung là bình quân có trọng số", "the whole is a weighted mean"),
    "all_ratio": (
        "số chung bằng tổng tử số chia tổng mẫu số",
        "the whole is the sum of numerators over the sum of denominators",
    ),
    "all_any": ("đạt khi có đơn vị đạt", "met when a unit has met it"),
    "all_all": ("đạt khi mọi đơn vị đạt", "met when every unit has met it"),
    "all_count_met": ("số chung là số đơn vị đạt", "the whole is the number of units that met it"),
    "all_none": ("chỉ đơn vị này báo cáo", "this unit alone reports it"),
    # the note on an indicator's name
    "code": ("Mã: {text}", "Code: {text}"),
    "how": ("Cách ghi: {text}", "How: {text}"),
    "whole": ("Tổng hợp: {text}", "Whole: {text}"),
    "definition": ("Định nghĩa: {text}", "Definition: {text}"),
    "data_source": ("Nguồn số liệu: {text}", "Source: {text}"),
    # hints and refusals on cells
    "hint_value": ("Số {ask}, tính bằng {measure}", "Figure {ask}, in {measure}"),
    "hint_last": ("Kỳ trước: {text}.", "Last period: {text}."),
    "hint_no_last": ("Kỳ trước: chưa có số liệu.", "Last period: no figure."),
    "hint_number": (
        "Chỉ ghi số, ví dụ 12,5; số gần đúng ghi: trên 60, gần 60.",
        "A number only; if approximate: >60, ~60.",
    ),
    "stop_title": ("Ô này cần một con số", "A number is needed"),
    "stop_value": (
        "Ghi số, ví dụ 12,5 (không kèm đơn vị tính), hoặc số gần đúng: trên 60, gần 60. "
        "Nếu không có số, để trống và chọn ở cột Tình trạng. Vẫn giữ nội dung vừa ghi?",
        "Write a number without its unit, or an approximate one: >60, ~60. "
        "If there is none, choose in the column State. Keep what you wrote?",
    ),
    "stop_part": (
        "Ghi số, ví dụ 1250, không kèm đơn vị tính.",
        "Write a number without its unit of measure.",
    ),
    "hint_state": (
        "Để trống nếu đã ghi số. Không có số thì chọn một dòng.",
        "Leave empty beside a figure; choose where there is none.",
    ),
    "hint_year_estimate": (
        "Số dự kiến của cả năm, ghi như cột kế hoạch năm.",
        "What the whole year is expected to give, written as the year's plan is.",
    ),
    "hint_outlook": (
        "Chỉ tiêu này đến hết thời gian kế hoạch có đạt không; khó đạt, không đạt thì ghi lý do ở cột bên.",
        "Whether the indicator will be met in the end; if not, say why beside.",
    ),
    "hint_narrative": (
        "Trả lời bằng vài câu những điều đợt báo cáo này hỏi: kết quả, tồn tại, nguyên nhân, kiến nghị.",
        "A few sentences on what this round asks: results, shortcomings, causes, proposals.",
    ),
    "stop_list": ("Chọn trong danh sách", "Choose from the list"),
    "stop_list_text": (
        "Bấm mũi tên ở góc ô và chọn một dòng.",
        "Click the arrow beside the cell and choose.",
    ),
    # the check column
    "ok": ("Hợp lệ", "Valid"),
    "optional": ("Không bắt buộc", "Optional"),
    "missing": _check_words("missing_value"),
    "missing_numerator": _check_words("missing_numerator"),
    "missing_denominator": _check_words("missing_denominator"),
    "missing_reason": ("Thiếu nguyên nhân", "Missing reason"),
    "missing_remedy": ("Thiếu giải pháp", "Missing remedy"),
    "missing_outlook_reason": ("Thiếu lý do khó đạt", "Missing reason of the outlook"),
    "fix_number": _check_words("not_a_number", ("Sửa: ", "Fix: ")),
    "fix_zero": _check_words("zero_denominator", ("Sửa: ", "Fix: ")),
    "fix_state": ("Sửa: tình trạng ngoài danh sách", "Fix: unknown state"),
    "fix_both": ("Sửa: vừa có số vừa chọn tình trạng", "Fix: figure and state"),
    "fix_marked": ("Sửa: xem trang Lỗi", "Fix: see Findings"),
    "look_fell": _check_words("fell", ("Xem lại: ", "Look: ")),
    "look_percent": ("Xem lại: 12,5% ghi là 12,5", "Look: write 12.5% as 12.5"),
    "look_text": ("Xem lại: số ghi dạng chữ", "Look: number as text"),
    # the sheet of findings
    "faults_title": ("CÁC Ô CẦN SỬA – {name}, {period}", "WHAT TO CORRECT – {name}, {period}"),
    "faults_rule": (
        "Bấm vào địa chỉ để đến ô. Sửa xong, lưu tệp rồi nộp lại; số liệu khác được giữ nguyên.",
        "Click an address to go to the cell. Correct, save and send the file again.",
    ),
    "fault_number": ("TT", "No."),
    "fault_severity": ("Mức", "Severity"),
    "fault_cell": ("Ô", "Cell"),
    "fault_indicator": ("Chỉ tiêu", "Indicator"),
    "fault_found": ("Đã ghi", "Found"),
    "fault_message": ("Vì sao", "Why"),
    "fault_fix": ("Cách sửa", "How to mend"),
    "fault_everywhere": ("Cả tệp", "Whole file"),
    "fault_note": ("{severity}: {message}\n{fix}", "{severity}: {message}\n{fix}"),
    # information on the sender
    "sender_title": ("THÔNG TIN NỘP", "ABOUT THIS RETURN"),
    "prepared_by": ("Người lập biểu", "Prepared by"),
    "phone": ("Điện thoại", "Phone"),
    "approved_by": ("Người duyệt", "Approved by"),
    "document_number": ("Số văn bản", "Document number"),
    "document_date": ("Ngày văn bản (ngày/tháng/năm)", "Document date"),
    # what the round asks in words
    "narrative_title": ("BÁO CÁO BẰNG LỜI – {period}", "IN WORDS – {period}"),
    "narrative_rule": (
        "Mỗi ô vài câu ngắn; không có gì để nêu thì để trống.",
        "A few short sentences each; leave empty what there is nothing to say of.",
    ),
    "highlights": ("Kết quả nổi bật", "Highlights"),
    "shortcomings": ("Tồn tại, hạn chế", "Shortcomings"),
    "outer_causes": ("Nguyên nhân khách quan", "Causes from outside"),
    "inner_causes": ("Nguyên nhân chủ quan", "Causes within"),
    "good_practice": ("Cách làm hay", "Good practice"),
    "proposals": ("Kiến nghị", "Proposals"),
}


def word(key: str, locale: str, **details: object) -> str:
    """The words for a key in a language, with the details filled in."""
    return WORDS[key][LOCALES.index(locale)].format(**details)
