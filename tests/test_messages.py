"""What messages say, to whom and by which channel they go, and that one letter is written once."""

import html
import json
import re
import unicodedata
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import jinja2.meta
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_province import desk, directory, plan_of

from tasks.post.messages import (
    COMMON,
    KINDS,
    MESSAGE_COLUMNS,
    Letter,
    administrators,
    compose,
    no_messages,
)
from tasks.post.phrasing import (
    HTML_BYTES,
    SUBJECT_LENGTH,
    WORDING,
    html_letter,
    sms_text,
    subject_line,
    wording_environment,
)
from tasks.post.recipients import Directory, Recipient
from tiendo.bands import BandRules
from tiendo.periods import Period

NOW = datetime(2026, 9, 11, 2, 12, tzinfo=UTC)
Q3 = Period.parse("2026-Q3")
DUE = datetime(2026, 9, 14, 17, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
MY = Recipient("my", "Bà Giàng Thị Mỷ", "my@batxat.example", "0912 345 678")
FINDINGS = [
    {
        "unit": "",
        "sheet": "Nhập số liệu",
        "cell": "F9",
        "indicator": "CT1.02",
        "name": "Diện tích chè",
        "found": "875 ha",
        "message": "không phải số.",
        "fix": "nhập 875.",
        "code": "not_a_number",
    },
    {
        "unit": "",
        "sheet": "",
        "cell": "",
        "indicator": "",
        "name": "",
        "found": "",
        "message": "biểu mẫu cũ.",
        "fix": "",
        "code": "old_template",
    },
]
FILE = {
    "unit_name": "Huyện Bát Xát",
    "file": "Mau_082_2026-Q3.xlsx",
    "received_at": NOW,
    "receipt": "000123",
}
SUBMISSIONS = [{"unit": "", "period": Q3, "version": 2, "valid": 41, "owed": 41, "kept": 1}]
OWED = {
    "unit": "Huyện Bát Xát",
    "period": Q3,
    "due": DUE,
    "days": 3,
    "owed": 41,
    "received": 34,
    "missing": [{"code": f"CT1.{n:02d}", "name": f"Chỉ tiêu {n}"} for n in range(7)],
}
ITEMS = {"items": [OWED], "periods": [Q3], "days": 3, "owed": 41, "missing": 7}
LATE = ITEMS | {"items": [OWED | {"days": -2}], "days": -2}
PAST = {
    "indicator": "CT1.02",
    "name": "Diện tích chè",
    "kind": "target",
    "what": "",
    "due": date(2026, 6, 30),
    "days_overdue": 73,
    "attainment": 87.46,
    "band": "advancing",
    "lead_agency": "Sở Nông nghiệp",
}
CHANGE = {
    "code": "CT1.02",
    "name": "Diện tích chè",
    "change": "875 → 912",
    "band_before": "lagging",
    "band": "advancing",
    "causes": "Huyện Bát Xát, 2026-Q3: 875 → 912 (văn phòng hiệu chỉnh, lần 2: nhầm dòng)",
}
CONTEXTS: dict[str, dict[str, object]] = {
    "received": {
        **FILE,
        "submissions": SUBMISSIONS,
        "changes": [
            {"unit": "", "indicator": "CT1.02", "name": "Diện tích chè", "before": "≥ 875", "after": "912"}
        ],
        "warnings": FINDINGS[:1],
    },
    "to_correct": {
        **FILE,
        "submissions": SUBMISSIONS,
        "findings": FINDINGS,
        "warnings": [FINDINGS[0] | {"message": "thay đổi lớn.", "cell": "F12", "code": "large_change"}],
    },
    "rejected": {**FILE, "verdict": "rejected", "findings": FINDINGS[1:], "kept_beside": []},
    "sent_back": {
        "unit_name": "Huyện Bát Xát",
        "version": 2,
        "reason": "Số chè lệch sổ.",
        "correct_by": DUE,
        "locks": date(2026, 10, 14),
        "is_locked": False,
    },
    "corrected": {
        "unit_name": "Huyện Bát Xát",
        "version": 3,
        "corrections": [
            {
                "indicator": "CT1.02",
                "name": "Diện tích chè",
                "field": "value",
                "was": "875",
                "now": "912.5",
                "reason": "đọc nhầm",
            }
        ],
    },
    "reminder": ITEMS,
    "overdue": LATE,
    "overdue_indicators": {"items": [PAST], "bands": BandRules()},
    "mass_alarm": {"overdue": 3, "expected": 4, "units": ["Bát Xát", "Sa Pa"], "share": 50.0},
    "review_issued": {
        "headline": "52 vượt và đạt, 236 trên 60%, 116 dưới 60%",
        "sentence": "Trong tổng số 404 chỉ tiêu: 52 chỉ tiêu vượt và đạt.",
        "lines": ["Chương trình 1: 12/40 đạt", "Chương trình 2: 9/31 đạt"],
        "bands": BandRules(),
        "adjusted": 1,
        "replaced": 1,
        "count": 1,
        "moved": 1,
        "changes": [CHANGE],
    },
    "report_changed": {
        "version": 1,
        "issued_on": date(2026, 9, 20),
        "count": 2,
        "moved": 1,
        "changes": [CHANGE],
        "bands": BandRules(),
    },
    "failed_run": {
        "flow": "quarterly-review",
        "step": "load",
        "done": 8,
        "total": 9,
        "error": "Đĩa đầy.",
        "remedy": "Dọn đĩa rồi chạy lại.",
    },
}


def written(kind: str, locale: str = "vi", recipient: Recipient = MY, **changes: object) -> pd.DataFrame:
    """The rows of one letter about Bát Xát's third quarter, by mail and text message."""
    person = Recipient(
        recipient.code, recipient.name, recipient.email, recipient.phone, ("mail", "sms"), locale
    )
    letter = Letter(kind, CONTEXTS[kind] | changes, unit="082", period=Q3)
    return compose([(letter, person)], desk("mail", "sms"), NOW).set_index("channel", drop=False)


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("received", "[Đã nhận] Báo cáo Quý III/2026 – hợp lệ 41/41 [BC:2026-Q3:082]"),
        ("to_correct", "[Cần sửa] Báo cáo Quý III/2026 – 2 điểm [BC:2026-Q3:082]"),
        ("rejected", "[Không nhận] Tệp Mau_082_2026-Q3.xlsx [BC:2026-Q3:082]"),
        ("sent_back", "[Trả lại] Báo cáo Quý III/2026, lần nộp 2 – đề nghị sửa và nộp lại [BC:2026-Q3:082]"),
        ("corrected", "[Đính chính] Báo cáo Quý III/2026 – 1 số liệu, nay là bản 3 [BC:2026-Q3:082]"),
        (
            "reminder",
            "[Nhắc hạn] Báo cáo Quý III/2026 – còn 3 ngày làm việc – còn 7/41 chỉ tiêu [BC:2026-Q3:082]",
        ),
        ("overdue", "[Quá hạn 2 ngày] Báo cáo Quý III/2026 – còn 7/41 chỉ tiêu [BC:2026-Q3:082]"),
        (
            "overdue_indicators",
            "[Quá thời hạn] 1 chỉ tiêu chưa đạt khi đã qua thời hạn mục tiêu [BC:2026-Q3:082]",
        ),
        (
            "mass_alarm",
            "[Cần xác nhận] 3/4 đơn vị có vẻ quá hạn Quý III/2026 – chưa gửi cho đơn vị nào [BC:2026-Q3:082]",
        ),
        (
            "review_issued",
            "[Báo cáo điều chỉnh 1] Rà soát Quý III/2026 – 52 vượt và đạt, 236 trên 60%, 116 dưới 60% [BC:2026-Q3:082]",
        ),
        (
            "report_changed",
            "[Số liệu đổi] Báo cáo rà soát Quý III/2026 bản số 1 – 2 chỉ tiêu, 1 chuyển mức [BC:2026-Q3:082]",
        ),
        (
            "failed_run",
            "[Lỗi] quarterly-review Quý III/2026 dừng ở bước load – 8/9 đơn vị xong [BC:2026-Q3:082]",
        ),
    ],
)
def test_the_subject_says_what_it_is_about(kind, subject):
    assert written(kind).subject["mail"] == subject


@pytest.mark.parametrize(
    ("kind", "phrases"),
    [
        (
            "received",
            [
                "lúc 09:12 ngày 11/9/2026",
                "mã tiếp nhận 000123",
                "lần nộp 2, hợp lệ 41/41",
                "CT1.02 Diện tích chè: ≥ 875 → 912",
                "Ô F9",
            ],
        ),
        (
            "to_correct",
            [
                "– Ô F9 (trang Nhập số liệu) – CT1.02 Diện tích chè: ghi “875 ha” – không phải số. "
                "Cách sửa: nhập 875. [not_a_number]",
                "Lưu ý (không cản việc tiếp nhận",
                "– Ô F12 (trang Nhập số liệu) – CT1.02 Diện tích chè: ghi “875 ha” – thay đổi lớn.",
                "– Cả tệp: biểu mẫu cũ. [old_template]",
                "số liệu lần 1 vẫn được giữ",
            ],
        ),
        ("rejected", ["không có số liệu nào được ghi", "biểu mẫu cũ.", "Mã tiếp nhận: 000123"]),
        (
            "reminder",
            [
                "17 giờ 00, thứ Hai, 14/9/2026",
                "Đã nhận 34/41 chỉ tiêu",
                "CT1.06 Chỉ tiêu 6.",
                "Nếu đã nộp, xin bỏ qua",
            ],
        ),
        ("overdue", ["đã quá 2 ngày", "cho biết lý do"]),
        (
            "overdue_indicators",
            ["thời hạn 30/6/2026, đã quá 73 ngày, đạt 87,5% (Từ 60% đến dưới 100%); chủ trì: Sở Nông nghiệp"],
        ),
        ("mass_alarm", ["Bát Xát, Sa Pa", "mức 50%", "mass_alarm_share = 1"]),
        (
            "review_issued",
            ["52 chỉ tiêu vượt và đạt", "– Chương trình 2: 9/31 đạt", "bản điều chỉnh 1, thay bản số 1"],
        ),
        (
            "report_changed",
            [
                "bản số 1 ngày 20/9/2026, số liệu của 2 chỉ tiêu đã thay đổi, trong đó 1 chỉ tiêu chuyển mức",
                "– CT1.02 Diện tích chè: 875 → 912, Từ 20% đến dưới 60% → Từ 60% đến dưới 100%. Do: Huyện Bát Xát",
                "… và 1 chỉ tiêu khác",
                "phát hành bản điều chỉnh",
            ],
        ),
        ("failed_run", ["Đĩa đầy.", "Việc cần làm: Dọn đĩa rồi chạy lại."]),
    ],
)
def test_the_text_is_complete_by_itself(kind, phrases):
    row = written(kind).loc["mail"]
    assert row.body_text.startswith("Kính gửi: Bà Giàng Thị Mỷ.")
    assert "Đầu mối: Bà Nguyễn Thị Vân Phòng, 0203 111 222." in row.body_text
    for phrase in phrases:
        assert phrase in row.body_text


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_html_says_what_the_text_says_and_nothing_from_outside(kind, locale):
    row = written(kind, locale).loc["mail"]
    body = row.body_html.partition("<body>")[2].replace("<br>", "\n").replace("</p>", "\n\n")
    shown = html.unescape(re.sub(r"<[^>]+>", "", body)).strip()
    assert re.sub(r"\s+", " ", shown) == re.sub(r"\s+", " ", row.body_text)
    assert not re.search(r"<(img|a|link|script|style|table)\b|https?:", row.body_html)


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("form", ["mail", "sms"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_wording_and_asks_for_declared_fields_only(kind, form, locale):
    environment = wording_environment(locale, as_html=True)
    asked = set()
    names = [f"{kind}.{form}.{locale}.j2"]
    for name in names:
        tree = environment.parse(environment.loader.get_source(environment, name)[0])
        asked |= jinja2.meta.find_undeclared_variables(tree)
        names += [each for each in jinja2.meta.find_referenced_templates(tree) if each]
    assert asked <= {*KINDS[kind], *COMMON, "findings"}  # `findings` is a name inside received


def test_no_wording_is_left_over():
    kinds = {path.name.split(".")[0] for path in WORDING.glob("[a-z]*.j2")}
    assert kinds == set(KINDS)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("rejected", "không nhận được"),
        ("duplicate", "không thay đổi gì"),
        ("attached", "chưa nhận tệp số liệu"),
    ],
)
def test_a_file_that_brings_no_figures_is_answered_by_its_verdict(verdict, words):
    assert words in written("rejected", verdict=verdict).body_text["mail"]


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("vi", "giữ kèm báo cáo Quý III/2026, Năm 2026 đã nhận"),
        ("en", "kept beside the unit's return Q3/2026, 2026"),
    ],
)
def test_a_signed_copy_beside_a_return_asks_for_nothing_more(locale, words):
    rows = written("rejected", locale, verdict="attached", kept_beside=[Q3, Period.parse("2026")])
    assert words in rows.body_text["mail"]
    assert "tệp mẫu" not in rows.body_text["mail"]
    assert "chua nhan" not in rows.body_text["sms"]


def test_what_was_found_of_a_whole_file_is_seen_and_not_written():
    said = FINDINGS[1] | {"found": "tên tệp có đuôi .xlsx"}
    text = written("rejected", findings=[said]).body_text["mail"]
    assert "– Cả tệp: thấy “tên tệp có đuôi .xlsx” – biểu mẫu cũ. [old_template]" in text


def test_a_long_name_of_an_indicator_is_cut_at_a_word():
    text = written("to_correct", findings=[FINDINGS[0] | {"name": "Tỷ lệ hộ dân " * 20}]).body_text["mail"]
    assert "CT1.02 Tỷ lệ hộ dân Tỷ lệ hộ dân" in text
    assert re.search(r"Tỷ lệ hộ…: ghi|dân…: ghi", text)


MANY = [
    {
        "unit": f"Huyện {n}",
        "period": Period.parse(f"2026-Q{quarter}"),
        "version": 1,
        "valid": 4,
        "owed": 4,
        "kept": 0,
    }
    for quarter in (1, 2)
    for n in range(15)
]


def test_a_file_of_many_units_names_each_period_once_and_each_unit_on_its_line():
    row = written("received", submissions=MANY, warnings=[FINDINGS[0] | {"unit": "Huyện 3"}]).loc["mail"]
    assert row.subject == "[Đã nhận] Báo cáo Quý I/2026, Quý II/2026 – hợp lệ 120/120 [BC:2026-Q3:082]"
    assert "– Huyện 14, Quý II/2026: lần nộp 1, hợp lệ 4/4 chỉ tiêu." in row.body_text
    assert "– Ô F9 (trang Nhập số liệu) – Huyện 3 – CT1.02 Diện tích chè: ghi" in row.body_text


def test_a_file_of_many_periods_counts_those_it_does_not_name():
    periods = [Period.of_index("month", n) for n in range(24_300, 24_320)]
    rows = written("received", submissions=[MANY[0] | {"period": each} for each in periods])
    assert "Tháng 4/2025 và 16 kỳ khác – hợp lệ 80/80 [BC:" in rows.subject["mail"]


@given(st.text(max_size=600))
def test_a_subject_keeps_its_tag_whole_and_stands_on_one_line(text):
    tag = "[BC:2026-Q3:082]"
    subject = subject_line(f"{text} {tag}", tag)
    assert len(subject) <= SUBJECT_LENGTH
    assert subject.endswith(tag)
    assert "\n" not in subject


def test_what_a_cell_holds_is_text_in_every_part():
    nasty = "</p><script>alert(1)</script>\r\nBcc: all@example\r\n\r\n{{ 7*7 }}"
    row = written("to_correct", findings=[FINDINGS[0] | {"found": nasty}], file=f"a\r\nX: y{nasty}").loc[
        "mail"
    ]
    assert "<script>" not in row.body_html
    assert "&lt;script&gt;" in row.body_html
    assert "<script>alert(1)</script> Bcc: all@example {{ 7*7 }}" in row.body_text
    rejected = written("rejected", file="a\r\nBcc: x\u2028y\x00z.xlsx").subject["mail"]
    assert rejected.isprintable()
    assert "a Bcc: x y z.xlsx" in rejected


def test_a_message_is_nfc_whatever_the_file_name_was():
    decomposed = unicodedata.normalize("NFD", "Mẫu huyện Bát Xát.xlsx")
    frame = written("received", file=decomposed)
    assert unicodedata.is_normalized("NFC", frame.body_text["mail"] + frame.body_html["mail"])
    assert "Mẫu huyện Bát Xát.xlsx" in frame.body_text["mail"]


def test_endless_findings_make_no_endless_mail():
    findings = [dict.fromkeys(FINDINGS[0], "Ấ<" * 20000) for _ in range(5_000)]
    row = written("to_correct", findings=findings).loc["mail"]
    assert len(row.body_html.encode()) <= HTML_BYTES
    assert "… và 4970 điểm khác" in row.body_text
    assert len(row.body_text) < 100_000


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=30_000), max_size=8), st.sampled_from(["vi", "en"]))
def test_html_never_exceeds_its_limit(paragraphs, locale):
    letter = html_letter((html.escape(each) for each in paragraphs), locale)
    assert len(letter.encode()) <= HTML_BYTES


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_text_message_is_short_plain_and_carries_the_reference(kind, locale):
    row = written(kind, locale).loc["sms"]
    assert row.body_text.isascii()
    assert row.body_text.isprintable()
    assert len(row.body_text) <= 160
    assert row.body_text.endswith(" BC:2026-Q3:082")
    assert "http" not in row.body_text
    assert (row.subject, row.body_html) == ("", "")


@given(st.text(max_size=500))
def test_any_text_becomes_a_short_plain_one(text):
    short = sms_text(text, "BC:2026-Q3:082")
    assert short.isascii()
    assert short.isprintable()
    assert len(short) <= 160


def test_vietnamese_without_diacritics_stays_readable():
    assert sms_text("Đề nghị nộp trước 17 giờ – “Bát Xát”", "BC:1") == (
        'De nghi nop truoc 17 gio - "Bat Xat" BC:1'
    )


@pytest.mark.parametrize(
    ("channels", "recipient", "ways"),
    [
        pytest.param((), MY, {("file", "")}, id="no channel configured: a file"),
        pytest.param(("mail",), MY, {("mail", "my@batxat.example")}, id="names none: by mail"),
        pytest.param(("teams",), MY, {("teams", "my@batxat.example")}, id="the only channel there is"),
        pytest.param(("admin",), MY, {("file", "")}, id="the administrator's channel is for nobody else"),
        pytest.param(
            ("mail", "sms"),
            Recipient("my", "Mỷ", "my@x.vn", "0912345678", ("sms", "mail")),
            {("mail", "my@x.vn"), ("sms", "0912345678")},
            id="both that she names",
        ),
        pytest.param(
            ("mail", "sms"),
            Recipient("my", "Mỷ", "", "0912345678", ("sms", "mail")),
            {("sms", "0912345678")},
            id="no mail address: by text message alone",
        ),
        pytest.param(("mail",), Recipient("080", "Lào Cai"), {("file", "")}, id="no address at all: a file"),
        pytest.param(
            ("mail",),
            Recipient("my", "Mỷ", "my@x.vn", channels=("zalo",)),
            {("mail", "my@x.vn")},
            id="names a channel that is not configured",
        ),
    ],
)
def test_the_channels_of_a_recipient(channels, recipient, ways):
    letter = Letter("reminder", ITEMS, unit="082", period=Q3)
    frame = compose([(letter, recipient)], desk(*channels), NOW)
    assert set(zip(frame.channel, frame.address, strict=True)) == ways


def test_a_letter_is_one_row_a_recipient_and_channel_however_often_it_is_written():
    letter = Letter("received", CONTEXTS["received"], unit="082", period=Q3, about="sha256")
    again = Letter("received", CONTEXTS["received"] | {"receipt": "9"}, unit="082", period=Q3, about="sha256")
    other = Letter("received", CONTEXTS["received"], unit="082", period=Q3, about="another sha256")
    frame = compose([(letter, MY), (again, MY), (other, MY)], desk("mail"), NOW)
    assert len(frame) == 2
    assert frame.dedupe_key.is_unique


def test_rows_have_the_outboxs_columns_and_instants():
    at_once = written("received")
    later = NOW.replace(hour=23)
    letter = Letter(
        "to_correct",
        CONTEXTS["to_correct"],
        attachments=("returns/2026-Q3/Mẫu sửa.xlsx",),
        not_before=later,
    )
    frame = compose([(letter, MY)], desk("mail"), NOW)
    assert list(frame.columns) == MESSAGE_COLUMNS
    assert at_once.not_before.iloc[0] == at_once.created_at.iloc[0] == pd.Timestamp(NOW)
    assert frame.not_before.item() == pd.Timestamp(later)
    assert json.loads(frame.attachments.item()) == ["returns/2026-Q3/Mẫu sửa.xlsx"]
    assert "Tệp kèm theo (Mẫu sửa.xlsx)" in frame.body_text.item()
    assert (
        no_messages()
        .dtypes.drop(["not_before", "created_at"])
        .equals(frame.dtypes.drop(["not_before", "created_at"]))
    )


def test_an_officer_reads_their_own_language():
    frame = written("overdue", "en")
    assert frame.subject["mail"].startswith("[Overdue by 2 days] Return Q3/2026")
    assert "due 17:00, Monday, 2026-09-14 (2 days ago)" in frame.body_text["mail"]


@pytest.mark.parametrize(
    ("unit", "reporters"),
    [
        pytest.param("082", ["my"], id="her own unit; the head has another duty"),
        pytest.param("083", ["hai"], id="named for it"),
        pytest.param("084", ["hai"], id="named for a second one"),
        pytest.param("SNN", ["anna"], id="the officer of an agency"),
        pytest.param("080", ["080"], id="nobody: the unit itself"),
    ],
)
def test_who_reports_for_a_unit(unit, reporters):
    assert [each.code for each in directory().reporters(unit)] == reporters


def test_a_responsibility_counts_from_its_first_to_its_last_day():
    duties = "officer,role,scope,code,valid_from,valid_to\nhai,reporter,unit,084,2026-03-01,2026-06-30"
    plan = plan_of(responsibilities=duties)
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 6, 30), date(2026, 7, 1)]
    found = [[each.code for each in Directory(plan, day).reporters("084")] for day in days]
    assert found == [["084"], ["hai"], ["hai"], ["084"]]


def test_a_unit_with_a_head_only_is_told_through_the_head():
    plan = plan_of(responsibilities="officer,role,scope,code\nlo,head,unit,080\nmy,leader,programme,CT1")
    assert [each.code for each in Directory(plan, date(2026, 9, 1)).reporters("080")] == ["lo"]


def test_the_leader_nearest_to_an_indicator_answers_for_it():
    duties = "officer,role,scope,code\nchau,leader,programme,CT1\nlo,leader,scheme,DA1\nvp,leader,term,NK"
    near = Directory(plan_of(responsibilities=duties), date(2026, 9, 1))
    far = Directory(plan_of(responsibilities=duties.replace("scheme,DA1", "unit,082")), date(2026, 9, 1))
    assert [each.code for each in near.leaders("R1")] == ["lo"]
    assert [each.code for each in far.leaders("R1")] == ["chau"]


def test_an_issued_report_goes_to_the_leaders_and_the_office():
    assert [each.code for each in directory().informed] == ["chau", "vp"]


def test_failed_runs_go_to_the_administrators_channel_or_else_to_the_office():
    assert [each.code for each in administrators(desk("mail", "admin"), directory())] == ["admin"]
    assert [each.code for each in administrators(desk("mail"), directory())] == ["vp"]
