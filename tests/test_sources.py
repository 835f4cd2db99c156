"""Where files come from: SFTP, S3, a mailbox; what is taken, who sent it, and what a source that is down delays."""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import boto3
import fsspec
import pandas as pd
import pytest
from collecting import NOW, SETTINGS, quarter, rows_of, with_plan
from hypothesis import given
from hypothesis import strategies as st
from intake_samples import TABLES, frame_of, instant
from moto.server import ThreadedMotoServer
from receivers import free_port
from source_servers import OURS, MailServer, SftpServer, mail_server, sftp_server

from console.main import main
from flows.collect import collect
from tasks.intake import (
    BYTES_A_BATCH,
    answer_senders,
    batches,
    load_returns,
    read_files,
    receive_files,
    validate_returns,
)
from tasks.office.health import health_checks
from tasks.office.workspace import Workspace
from tasks.receiving import let_go
from tasks.sources.addresses import Address, address_of
from tasks.sources.arrivals import Arrival
from tasks.sources.asking import Answer, _in_threads, ask_sources
from tasks.sources.file_names import plain_name
from tasks.sources.letters import attachments_of, from_address, is_automatic, read_letter
from tasks.sources.mail_senders import unit_meant, units_by_address
from tasks.sources.mail_trust import is_verified, read_results
from tasks.sources.opening import archive_of
from tasks.sources.remote_folder import MEGABYTE, RemoteFolder
from tiendo.plan import read_plan
from tiendo.seen import SEEN, seen_text
from warehouse.schema import outbox, receipt, submission

CAME = instant("2014-01-07 16:30")
OFFICERS = {
    "officers": """code,name,unit,email
my,Giàng Thị Mỷ,080,My@LaoCai.example
lo,Lò A Sáng,082,lo@batxat.example
hai,Vàng Văn Hai,S03,hai@so.example
vp,Vân Phòng,10,vp@tinhuy.example""",
    "responsibilities": """officer,role,scope,code
my,reporter,unit,080
lo,head,unit,082
hai,reporter,unit,S03
hai,reporter,unit,082
hai,reporter,unit,083""",
}


def office_with(folder: Path, settings: str = "") -> Workspace:
    """A workspace in a folder with the sample's plan and officers, loaded."""
    return with_plan(folder, SETTINGS + settings, {**TABLES, **OFFICERS})


def arrived(office: Workspace, now: datetime = NOW) -> dict[str, tuple[Arrival, ...]]:
    """What each source gives, by its name; none may fail."""
    given = list(ask_sources(office, now))
    assert [each.failure for each in given] == [""] * len(given)
    return {each.source: each.arrivals for each in given}


def collected(office: Workspace, now: datetime = NOW) -> pd.DataFrame:
    """One collecting: (file, unit, verdict) of each file."""
    return collect.fn(workspace=str(office.root), now=now)


# Folders that fsspec reaches


@pytest.fixture
def sftp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    with sftp_server(tmp_path / "sftp") as server:
        monkeypatch.setenv("TIENDO_SFTP_URL", server.url())
        yield server


def with_sftp(tmp_path: Path, known_hosts: Path, more: str = "") -> Workspace:
    options = f'options = {{ known_hosts = "{known_hosts}" }}\n'
    source = (
        f'[intake]\nsources = ["inbox", "so-nganh"]\n{more}[sources.so-nganh]\nurl = "env:TIENDO_SFTP_URL"\n'
    )
    return office_with(tmp_path / "office", source + options)


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_file_of_a_units_folder_over_sftp_is_received_as_that_units(
    sftp: SftpServer, tmp_path: Path
) -> None:
    office = with_sftp(tmp_path, sftp.known_hosts)
    file = put(sftp.folder, "080/quý 4.csv", quarter())
    inside = put(sftp.folder, "082/nam 2013/bao cao.csv", quarter(unit="082"))
    lost = put(sftp.folder, "lac.csv", quarter())
    found = {each.path: each for each in arrived(office)["so-nganh"]}
    assert {path: each.sender for path, each in found.items()} == {
        "so-nganh/080/quý 4.csv": "080",
        "so-nganh/082/nam 2013/bao cao.csv": "082",
        "so-nganh/lac.csv": "",
    }
    assert Path(found["so-nganh/080/quý 4.csv"].archived).read_text() == quarter()
    assert found["so-nganh/080/quý 4.csv"].received_at is None, "its time of change is its sender's word"
    received = receive_files(office, NOW, Answer("so-nganh", tuple(found.values())))
    assert set(received.source) == {"so-nganh"}
    assert set(received.received_at) == {pd.Timestamp(NOW)}
    let_go(received)
    assert not (file.exists() or inside.exists() or lost.exists())


@pytest.mark.parametrize(
    "name", [".quy4.csv", "quy4.csv.part", "quy4.csv.filepart", "a.TMP", "~$a.xlsx", ".x/a.csv"]
)
def test_what_is_not_whole_or_not_sent_is_left(sftp: SftpServer, tmp_path: Path, name: str) -> None:
    office = with_sftp(tmp_path, sftp.known_hosts)
    left = put(sftp.folder, f"080/{name}", quarter())
    (left.parent / "link.csv").symlink_to(left)
    assert arrived(office)["so-nganh"] == ()
    assert left.exists()


def test_a_file_that_changed_after_it_was_copied_is_not_removed(sftp: SftpServer, tmp_path: Path) -> None:
    office = with_sftp(tmp_path, sftp.known_hosts)
    file = put(sftp.folder, "080/quy4.csv", quarter())
    received = receive_files(office, NOW, Answer("so-nganh", arrived(office)["so-nganh"]))
    file.write_text(quarter(2000))
    let_go(received)
    assert file.read_text() == quarter(2000)


@dataclass
class Changing:
    """A file system whose file is listed otherwise once it was read."""

    before: dict[str, Any]
    after: dict[str, Any]

    def open(self, _place: str, _mode: str) -> BytesIO:
        return BytesIO(b"half")

    def info(self, _place: str) -> dict[str, Any]:
        return self.before | self.after


@pytest.mark.parametrize(
    ("after", "is_taken"),
    [
        pytest.param({}, True, id="it stayed as it was"),
        pytest.param({"size": 9}, False, id="it grew"),
        pytest.param({"mtime": CAME}, False, id="it was written again"),
        pytest.param({"ETag": '"b"'}, False, id="another version took its place"),
    ],
)
def test_a_file_is_taken_if_it_is_listed_the_same_before_and_after(
    tmp_path: Path, after: dict[str, Any], is_taken: bool
) -> None:
    listed = {"name": "/nop/080/a.csv", "type": "file", "size": 4, "mtime": NOW, "ETag": '"a"'}
    source = RemoteFolder("xa", Address("x://y"), archive_of(tmp_path), 20)
    found = source._arrival(Changing(listed, after), "/nop", monotonic() + 60, listed)
    assert bool(found) == is_taken


def test_a_file_that_cannot_be_read_keeps_no_other_waiting(sftp: SftpServer, tmp_path: Path) -> None:
    office = with_sftp(tmp_path, sftp.known_hosts)
    put(sftp.folder, "080/hong.csv", "x")
    put(sftp.folder, "082/tot.csv", quarter(unit="082"))
    sftp.breaks.append("hong.csv")
    assert [each.path for each in arrived(office)["so-nganh"]] == ["so-nganh/082/tot.csv"]
    sftp.breaks.append("tot.csv")
    _, answer = ask_sources(office, NOW)
    assert "hỏng đĩa" in answer.failure, "when nothing can be read, the source is down"


def test_a_file_far_too_large_is_told_and_left_where_it_is(sftp: SftpServer, tmp_path: Path) -> None:
    office = with_sftp(tmp_path, sftp.known_hosts, "max_file_mb = 1\n")
    file = put(sftp.folder, "080/phim.csv", "")
    os.truncate(file, 5 * MEGABYTE)
    (found,) = arrived(office)["so-nganh"]
    assert (found.sender, found.code, found.seen, found.size) == (
        "080",
        "too_large",
        "file_size",
        5 * MEGABYTE,
    )
    assert Path(found.archived).stat().st_size < 1000
    let_go(receive_files(office, NOW, Answer("so-nganh", (found,))))
    assert file.exists()


def test_a_machine_whose_key_is_not_known_is_refused(sftp: SftpServer, tmp_path: Path) -> None:
    other = tmp_path / "known_hosts"
    other.write_text(
        "[127.0.0.1]:1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDN7iWlgxvRuqKoe9sIPDYxXmrUjUzVnxtqBEOOgSxfV\n"
    )
    put(sftp.folder, "080/quy4.csv", quarter())
    for known, said in ((other, "known_hosts"), (tmp_path / "nowhere", "ssh-keyscan")):
        office = with_sftp(tmp_path / f"at_{known.name}", known)
        (answer,) = (each for each in ask_sources(office, NOW) if each.source == "so-nganh")
        assert said in answer.failure
        assert answer.arrivals == ()


def test_a_wrong_password_is_told_and_shown_nowhere(
    sftp: SftpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TIENDO_SFTP_URL", sftp.url("sai-mat-khau-9"))
    office = with_sftp(tmp_path, sftp.known_hosts)
    with caplog.at_level(logging.DEBUG):
        (answer,) = (each for each in ask_sources(office, NOW) if each.source == "so-nganh")
    assert "mật khẩu" in answer.failure
    for shown in (answer.failure, caplog.text, repr(office.settings), repr(answer)):
        assert "sai-mat-khau-9" not in shown


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("TIENDO_S3_URL", "s3://nop/bao-cao")
    monkeypatch.setenv("TIENDO_S3_SECRET", "bi-mat-cua-kho")
    login = {
        "aws_access_key_id": "khoa",
        "aws_secret_access_key": "bi-mat-cua-kho",
        "region_name": "us-east-1",
    }
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", **login)
    client.create_bucket(Bucket="nop")
    yield client
    server.stop()


def with_s3(tmp_path: Path, client: Any) -> Workspace:
    login = 'key = "env:TIENDO_S3_SECRET", secret = "env:TIENDO_S3_SECRET"'
    options = f'{{ endpoint_url = "{client.meta.endpoint_url}", {login} }}'
    source = f'[intake]\nsources = ["kho"]\n[sources.kho]\nurl = "env:TIENDO_S3_URL"\noptions = {options}\n'
    return office_with(tmp_path / "office", source)


def test_a_file_of_an_s3_bucket_is_received_and_removed(bucket: Any, tmp_path: Path) -> None:
    office = with_s3(tmp_path, bucket)
    assert arrived(office) == {"kho": ()}, "a prefix is there only while something lies below it"
    for name, text in {
        "080/quy4.csv": quarter(),
        "082/a/b.csv.part": "half",
        "082/": "",
        ".an/a.csv": "x",
    }.items():
        bucket.put_object(Bucket="nop", Key=f"bao-cao/{name}", Body=text.encode())
    bucket.put_object(Bucket="nop", Key="khac/080/quy4.csv", Body=b"not ours")
    (found,) = arrived(office, datetime.now(UTC) + timedelta(days=1))["kho"]
    assert (found.path, found.sender, Path(found.archived).read_text()) == (
        "kho/080/quy4.csv",
        "080",
        quarter(),
    )
    assert abs(found.received_at - datetime.now(UTC)) < timedelta(minutes=5), "the store's own clock"
    let_go(receive_files(office, NOW, Answer("kho", (found,))))
    kept = [each["Key"] for each in bucket.list_objects_v2(Bucket="nop")["Contents"]]
    assert sorted(kept) == [
        "bao-cao/.an/a.csv",
        "bao-cao/082/",
        "bao-cao/082/a/b.csv.part",
        "khac/080/quy4.csv",
    ]


def test_a_bucket_that_is_not_there_is_told(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIENDO_S3_URL", "s3://khong-co/bao-cao")
    (answer,) = ask_sources(with_s3(tmp_path, bucket), NOW)
    assert "kiểm tra đường dẫn" in answer.failure


def test_a_folder_of_this_machine_and_a_folder_in_memory_are_sources_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "chia-se", "080/a.csv", quarter())
    (tmp_path / "chia-se" / "080" / "b.csv").symlink_to(tmp_path / "chia-se" / "080" / "a.csv")
    monkeypatch.setenv("TIENDO_SHARE", f"file://{tmp_path}/chia-se")
    monkeypatch.setenv("TIENDO_MEMORY", "memory://nop")
    fsspec.filesystem("memory").pipe("/nop/082/c.csv", quarter(unit="082").encode())
    names = '[intake]\nsources = ["chia-se", "bo-nho"]\n'
    shares = '[sources.chia-se]\nurl = "env:TIENDO_SHARE"\n[sources.bo-nho]\nurl = "env:TIENDO_MEMORY"\n'
    office = office_with(tmp_path / "office", names + shares)
    found = arrived(office)
    assert [each.path for each in found["chia-se"]] == ["chia-se/080/a.csv"]
    assert [each.path for each in found["bo-nho"]] == ["bo-nho/082/c.csv"]
    for name, files in found.items():
        let_go(receive_files(office, NOW, Answer(name, files)))
    assert not (tmp_path / "chia-se/080/a.csv").exists()
    assert fsspec.filesystem("memory").find("/nop") == []


# Mail: what its sender's program and our own server wrote


PROVED = f"{OURS}; dmarc=pass header.from=laocai.example"


@pytest.mark.parametrize(
    ("headers", "verified"),
    [
        pytest.param([PROVED], True, id="dmarc passes"),
        pytest.param(
            [f"{OURS} 1; DMARC=Pass (p=none) header.from=laocai.example"], True, id="version, case, comment"
        ),
        pytest.param(
            [f"{OURS}; dkim=pass header.d=laocai.example header.s=a"], True, id="signed by its domain"
        ),
        pytest.param(
            [f"{OURS}; dkim=pass header.i=@laocai.example"], True, id="signed, as some servers write it"
        ),
        pytest.param(
            [f"{OURS}; spf=pass smtp.mailfrom=my@laocai.example"], True, id="sent from its domain's server"
        ),
        pytest.param(
            [f"{OURS}; spf=fail smtp.mailfrom=a@x; dkim=pass header.d=laocai.example"],
            True,
            id="one is enough",
        ),
        pytest.param([], False, id="nothing is said"),
        pytest.param([f"{OURS}; none"], False, id="nothing was checked"),
        pytest.param([f"{OURS}; dmarc=fail header.from=laocai.example"], False, id="dmarc fails"),
        pytest.param(
            [f"{OURS}; dmarc=fail; spf=pass smtp.mailfrom=my@laocai.example"],
            False,
            id="dmarc fails, spf passes",
        ),
        pytest.param([f"{OURS}; dkim=pass header.d=evil.example"], False, id="signed by another domain"),
        pytest.param([f"{OURS}; dkim=pass header.d=example"], False, id="signed by a top-level domain"),
        pytest.param([f"{OURS}; dkim=pass header.d=a.laocai.example"], False, id="signed by a domain below"),
        pytest.param(
            [f"{OURS}; spf=pass smtp.mailfrom=a@evil.example"], False, id="sent from another's server"
        ),
        pytest.param([f"{OURS}; spf=pass smtp.helo=laocai.example"], False, id="only a greeting was checked"),
        pytest.param([f"{OURS}; dmarc=pass header.from=evil.example"], False, id="dmarc passes for another"),
        pytest.param(
            ["mx.evil.example; dmarc=pass header.from=laocai.example"], False, id="another server says so"
        ),
        pytest.param([f"{OURS}; dmarc=fail", PROVED], False, id="a forged header below our own"),
        pytest.param(["mx.evil.example; dmarc=pass", PROVED], True, id="a stranger's header above our own"),
        pytest.param([f"mx.evil.example (x; {PROVED})"], False, id="hidden in a comment"),
        pytest.param([f'{OURS}; spf=fail reason="; dmarc=pass"'], False, id="hidden in a quoted reason"),
        pytest.param(
            [f"{OURS}; spf=fail (; dmarc=pass (a) ; dmarc=pass)"], False, id="hidden in nested comments"
        ),
    ],
)
def test_who_vouches_for_a_sender(headers: list[str], verified: bool) -> None:
    assert is_verified(headers, OURS, "laocai.example") == verified


@given(st.text(alphabet='a;=("\\) .', max_size=30))
def test_no_header_stops_the_reading_of_results(text: str) -> None:
    read_results(text)


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        pytest.param(["My@LaoCai.example"], "My@LaoCai.example", id="bare"),
        pytest.param(['"Mỷ, Giàng" <my@laocai.example>'], "my@laocai.example", id="a comma in quotes"),
        pytest.param(
            ["=?utf-8?b?TeG7tw==?=\n <my@laocai.example>"], "my@laocai.example", id="encoded and folded"
        ),
        pytest.param(["my@laocai.example <a@evil.example>"], "a@evil.example", id="the name is no address"),
        pytest.param(["my@laocai.example, a@evil.example"], "", id="two senders"),
        pytest.param(["my@laocai.example", "a@evil.example"], "", id="two headers"),
        pytest.param(["<my@laocai.example> <a@evil.example>"], "", id="two in brackets"),
        pytest.param(["a@evil.example (<my@laocai.example>)"], "", id="one in a comment"),
        pytest.param(["my@laocai.example\x00@evil.example"], "", id="a control character"),
        pytest.param([], "", id="none"),
    ],
)
def test_whom_a_message_says_it_is_from(headers: list[str], address: str) -> None:
    raw = "".join(f"From: {each}\r\n" for each in headers) + "\r\n"
    assert from_address(read_letter(raw.encode())) == address


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("Auto-Submitted: auto-generated; x=1", True),
        ("Auto-Submitted: No", False),
        ("Precedence: Bulk", True),
        ("Precedence: first-class", False),
        ("X-Autoreply: yes", True),
        ("Return-Path: <>", True),
        ("Return-Path: <my@laocai.example>", False),
        ("From: Tiendo <VP@tinhuy.example>", True),
        ("From: my@laocai.example", False),
    ],
)
def test_what_a_program_wrote(header: str, automatic: bool) -> None:
    assert is_automatic(read_letter(f"{header}\r\n\r\n".encode()), "vp@tinhuy.example") == automatic


PART = "--b\r\nContent-Type: {kind}{name}\r\nContent-Disposition: {said}{more}\r\n\r\nx\r\n"


def part(kind: str = "text/csv", said: str = "attachment", name: str = "", more: str = "") -> str:
    return PART.format(kind=kind, said=said, name=name, more=more)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        pytest.param(part(said='attachment; filename="a.csv"'), ["a.csv"], id="plain"),
        pytest.param(part(said='attachment; filename="=?utf-8?b?QsOhby5jc3Y=?="'), ["Báo.csv"], id="RFC 2047"),
        pytest.param(part(said="attachment; filename*=utf-8''B%C3%A1o%20c%C3%A1o.csv"), ["Báo cáo.csv"], id="RFC 2231"),
        pytest.param(
            part(said="attachment; filename*0*=utf-8''B%C3%A1o; filename*1=\"1.csv\""), ["Báo1.csv"], id="in pieces"
        ),
        pytest.param(part(said='attachment; filename="Báo.csv"'), ["Báo.csv"], id="plain UTF-8"),
        pytest.param(part(said="attachment; filename*=utf-8''Ba%CC%81o.csv"), ["Báo.csv"], id="NFD becomes NFC"),
        pytest.param(part(name='; name="b.csv"'), ["b.csv"], id="named by its type"),
        pytest.param(part(said='attachment; filename="../../etc/passwd"'), ["passwd"], id="leads up"),
        pytest.param(part(said="attachment; filename=\"C:\\\\x\\\\a.csv\""), ["a.csv"], id="a path of Windows"),
        pytest.param(part(said='attachment; filename=".."'), ["tep-1.csv"], id="no name at all"),
        pytest.param(part(said="attachment; filename*=utf-8''a%0Db%00%E2%80%AE.csv"), ["a_b__.csv"], id="controls"),
        pytest.param(part(said='attachment; filename="=?x-no?q?a.csv?="'), ["=?x-no?q?a.csv?="], id="no charset"),
        pytest.param(part(said='inline; filename="a.xlsx"', kind="application/zip"), ["a.xlsx"], id="inline file"),
        pytest.param(
            part(said='inline; filename="logo.png"', kind="image/png", more="\r\nContent-ID: <1>"), [], id="a logo"
        ),
        pytest.param(
            part(said='attachment; filename="ky.png"', kind="image/png", more="\r\nContent-ID: <f_1>"),
            ["ky.png"],
            id="a scan as Gmail sends it",
        ),
        pytest.param(part(said="inline", kind="text/html"), [], id="the text itself"),
        pytest.param(part(said='attachment; filename="smime.p7s"', kind="application/pkcs7-signature"), [], id="S/MIME"),
        pytest.param(part(said="attachment", kind="message/rfc822"), ["tep-1.eml"], id="a message attached"),
        pytest.param(part(said='attachment; filename="a.csv"') * 2, ["a.csv", "a.csv"], id="two of one name"),
    ],
)  # fmt: skip
def test_what_is_attached_and_what_it_is_called(written: str, names: list[str]) -> None:
    raw = f'Content-Type: multipart/mixed; boundary="b"\r\n\r\n{written}--b--\r\n'
    assert [each.name for each in attachments_of(read_letter(raw.encode()))] == names


@given(st.text(max_size=200))
def test_a_plain_name_is_one_plain_name(name: str) -> None:
    plain = plain_name(name, "tep.csv")
    assert plain and plain == plain_name(plain, "tep.csv")
    assert not set(plain) & set("/\\\0\n") and plain not in (".", "..")
    assert len(plain) <= 250


@given(st.binary(max_size=300))
def test_no_message_stops_the_reading_of_mail(raw: bytes) -> None:
    letter = read_letter(raw)
    from_address(letter), is_automatic(letter, ""), attachments_of(letter)


def test_who_may_send_for_which_unit() -> None:
    plan = read_plan({name: frame_of(text) for name, text in {**TABLES, **OFFICERS}.items()})
    assert units_by_address(plan, NOW.date()) == {
        "my@laocai.example": ("080",),
        "lo@batxat.example": ("082",),
        "hai@so.example": ("082", "S03"),
        "vp@tinhuy.example": ("10",),
    }, "083 is no more"


@pytest.mark.parametrize(
    ("subject", "name", "unit"),
    [
        pytest.param("Re: [Nhắc hạn] Báo cáo [BC:2013-Q4:S03]", "so lieu.xlsx", "S03", id="the subject's"),
        pytest.param("Re: [Không nhận] Tệp a.csv [BC:S03]", "so lieu.xlsx", "S03", id="without a period"),
        pytest.param(
            "Re: [Nhắc hạn] Báo cáo [BC:2013-Q4:S03]",
            "Mau_082_2013-Q4.xlsx",
            "082",
            id="the file's before it",
        ),
        pytest.param(
            "Báo cáo [BC:2013-Q4]", "Mau_S03_2013-Q4.xlsx", "S03", id="the file's, no unit in the subject"
        ),
        pytest.param("Báo cáo", "Mau_S03_2013-Q4.xlsx", "S03", id="the file's"),
        pytest.param("Báo cáo", "canSua_S03_2013-Q4_a1.xlsx", "S03", id="the file sent back"),
        pytest.param("[BC:2013-Q4:080]", "Mau_S03_2013-Q4.xlsx", "S03", id="a reference to a unit of others"),
        pytest.param("Báo cáo", "quy4.xlsx", "082", id="the first"),
    ],
)
def test_for_which_unit_a_file_is(subject: str, name: str, unit: str) -> None:
    assert unit_meant(("082", "S03"), subject, name) == unit


# Mail: a mailbox


@pytest.fixture(scope="module")
def dovecot() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def post(dovecot: MailServer, monkeypatch: pytest.MonkeyPatch) -> MailServer:
    """The mailbox, empty, its address in the environment."""
    for folder in ("INBOX", "tiendo"):
        with dovecot.box() as box:
            status, said = box.select(folder)
            if status == "OK" and said != [b"0"]:
                box.store("1:*", "+FLAGS", r"(\Deleted)")
                box.expunge()
    monkeypatch.setenv("TIENDO_HOP_THU_URL", dovecot.url())
    return dovecot


def with_mail(tmp_path: Path, more: str = "") -> Workspace:
    source = (
        f'[intake]\nsources = ["inbox", "hop-thu"]\n{more}[sources.hop-thu]\nurl = "env:TIENDO_HOP_THU_URL"\n'
    )
    return office_with(tmp_path / "office", f'{source}verified_by = "{OURS}"\n')


def mail(
    sender: str = "Giàng Thị Mỷ <my@laocai.example>",
    files: dict[str, str] | None = None,
    subject: str = "Báo cáo quý 4",
    proof: str | None = None,
    **headers: str,
) -> EmailMessage:
    """A message with files, proved by our own server unless said otherwise (empty: not at all)."""
    letter = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2].strip(">")
    if proof != "":
        letter["Authentication-Results"] = proof or f"{OURS}; dmarc=pass header.from={domain}"
    letter["From"], letter["To"], letter["Subject"] = sender, "nop@tinhuy.example", subject
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content("Kính gửi văn phòng.")
    for name, text in ({"quy4.csv": quarter()} if files is None else files).items():
        kind, _, below = ("application/pdf" if name.endswith(".pdf") else "text/csv").partition("/")
        letter.add_attachment(text.encode(), maintype=kind, subtype=below, filename=name)
    return letter


BOTH = {"quy4.csv": quarter(), "ky.pdf": "%PDF-1.4 signed"}
UNSEEN = ("wrong_sender", "unverified_address")

MESSAGES = [
    pytest.param(mail(), [("my@laocai.example/quy4.csv", "080", None, None)], id="an attachment"),
    pytest.param(
        mail(files=BOTH),
        [("my@laocai.example/quy4.csv", "080", None, None), ("my@laocai.example/ky.pdf", "080", None, None)],
        id="a workbook and its scan",
    ),
    pytest.param(mail("LO@BatXat.example"), [("LO@BatXat.example/quy4.csv", "082", None, None)], id="a head of a unit"),
    pytest.param(
        mail("la@evil.example"),
        [("la@evil.example/quy4.csv", "", "wrong_sender", "unlisted_address")],
        id="an address nobody knows",
    ),
    pytest.param(
        mail(proof=f"{OURS}; dmarc=fail header.from=laocai.example"),
        [("my@laocai.example/quy4.csv", "", *UNSEEN)],
        id="our server says it is forged",
    ),
    pytest.param(mail(proof=""), [("my@laocai.example/quy4.csv", "", *UNSEEN)], id="our server says nothing"),
    pytest.param(
        mail(proof="mx.evil.example; dmarc=pass header.from=laocai.example"),
        [("my@laocai.example/quy4.csv", "", *UNSEEN)],
        id="another server vouches for it",
    ),
    pytest.param(
        mail("hai@so.example", subject="Re: [Cần sửa] Báo cáo [BC:2013-Q4:S03]"),
        [("hai@so.example/quy4.csv", "S03", None, None)],
        id="one of several units by the subject",
    ),
    pytest.param(
        mail("hai@so.example", {"Mau_S03_2013-Q4.csv": "x"}),
        [("hai@so.example/Mau_S03_2013-Q4.csv", "S03", None, None)],
        id="one of several units by the file's name",
    ),
    pytest.param(
        mail(files={}, subject="Gửi/nộp sau"),
        [("my@laocai.example/Gửi-nộp sau.eml", "080", "no_attachment", None)],
        id="no attachment",
    ),
    pytest.param(mail("la@evil.example", {}), [], id="no attachment, of nobody known"),
    pytest.param(mail(Auto_Submitted="auto-replied"), [], id="an answer of somebody on leave"),
    pytest.param(mail(files={}, Return_Path="<>"), [], id="a bounce"),
    pytest.param(mail("nop@tinhuy.example"), [], id="our own"),
]  # fmt: skip


@pytest.mark.parametrize(("letter", "files"), MESSAGES)
def test_what_a_message_brings(
    post: MailServer,
    tmp_path: Path,
    letter: EmailMessage,
    files: list[tuple[str, str, str | None, str | None]],
) -> None:
    office = with_mail(tmp_path)
    post.put(letter, CAME)
    found = arrived(office)["hop-thu"]
    assert [(each.path, each.sender, each.code, each.seen) for each in found] == [
        (f"hop-thu/{path}", *rest) for path, *rest in files
    ]
    assert {each.received_at for each in found} <= {CAME}
    assert len({each.stamp for each in found}) == len(found)
    for each in found:
        assert each.seen is None or (each.seen in SEEN and seen_text(each.seen, each.facts, "en"))
    if not found:
        assert (post.count("INBOX"), post.count("tiendo")) == (0, 1), "moved away, told to nobody"
    else:
        assert (post.count("INBOX"), post.unseen(), post.count("tiendo")) == (1, 1, 0), "as it was"
        let_go(receive_files(office, NOW, Answer("hop-thu", found)))
        assert (post.count("INBOX"), post.count("tiendo")) == (0, 1)


def test_a_message_far_too_large_is_told_from_its_headers(post: MailServer, tmp_path: Path) -> None:
    office = with_mail(tmp_path, "max_file_mb = 1\n")
    post.put(mail(files={"phim.csv": "x" * 5 * MEGABYTE}))
    (found,) = arrived(office)["hop-thu"]
    assert (found.sender, found.code, found.seen) == ("080", "too_large", "letter_size")
    assert found.size < 2000
    assert "6,8 MB" in seen_text(found.seen, found.facts, "vi")


def test_mail_is_collected_and_answered_to_the_officer(post: MailServer, tmp_path: Path) -> None:
    office = with_mail(tmp_path)
    post.put(mail(files=BOTH), CAME)
    post.put(mail("la@evil.example", {"x.csv": quarter()}), CAME)
    post.put(mail("lo@batxat.example", {}, "Chưa có số"), CAME)
    table = collected(office)
    assert table[["file", "unit", "verdict"]].to_numpy().tolist() == [
        ["hop-thu/la@evil.example/x.csv", "", "rejected"],
        ["hop-thu/lo@batxat.example/Chưa có số.eml", "082", "rejected"],
        ["hop-thu/my@laocai.example/ky.pdf", "080", "attached"],
        ["hop-thu/my@laocai.example/quy4.csv", "080", "accepted"],
    ]
    assert (post.count("INBOX"), post.count("tiendo")) == (0, 3)
    letters = rows_of(office, outbox)
    assert set(letters.recipient) == {"my", "hai", "vp"}, (
        "who reports for the units, and the office; nobody else"
    )
    told = letters.set_index("recipient").body_text
    assert "thư gửi từ la@evil.example, không có trong danh sách người nộp" in told["vp"]
    assert "thư không có tệp số liệu đính kèm" in told["hai"]
    assert set(rows_of(office, receipt).source) == {"hop-thu"}
    assert rows_of(office, submission).received_at.tolist() == [pd.Timestamp(CAME)]


def test_a_message_recorded_but_not_moved_is_only_moved(post: MailServer, tmp_path: Path) -> None:
    office = with_mail(tmp_path)
    post.put(mail(files=BOTH), CAME)
    received = receive_files(office, NOW, Answer("hop-thu", arrived(office)["hop-thu"]))
    validated = validate_returns(office, received, read_files(office, received))
    load_returns(office, validated, answer_senders(office, validated, NOW))  # killed here
    assert post.count("INBOX") == 1
    known = len(rows_of(office, receipt)), len(rows_of(office, outbox))
    assert collected(office).empty
    assert (post.count("INBOX"), post.count("tiendo")) == (0, 1)
    assert (len(rows_of(office, receipt)), len(rows_of(office, outbox))) == known


def test_the_same_file_mailed_again_is_a_duplicate_and_is_answered(post: MailServer, tmp_path: Path) -> None:
    office = with_mail(tmp_path)
    for _ in range(2):
        post.put(mail(), CAME)
        collected(office)
    assert rows_of(office, receipt).verdict.tolist() == ["accepted", "duplicate"]


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_a_mail_server_must_prove_who_it_is(
    post: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("TIENDO_HOP_THU_URL", post.secure_url(scheme))
    office = with_mail(tmp_path)
    post.put(mail(), CAME)
    _, answer = ask_sources(office, NOW)
    assert "chứng chỉ" in answer.failure
    monkeypatch.setenv("SSL_CERT_FILE", str(post.certificate))
    assert len(arrived(office)["hop-thu"]) == 1


def test_numbers_that_a_mail_server_gave_anew_move_nothing(post: MailServer, tmp_path: Path) -> None:
    office = with_mail(tmp_path)
    post.put(mail(), CAME)
    (found,) = arrived(office)["hop-thu"]
    found.waiting.source.let_go([type(found.waiting)(found.waiting.source, found.waiting.place, "1")])
    assert post.count("INBOX") == 1


# All together


def failing(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, more: str = "") -> Workspace:
    """An office with the inbox and a source that is down."""
    monkeypatch.setenv("TIENDO_X", url)
    source = f'[intake]\nsources = ["inbox", "xa"]\n[sources.xa]\nurl = "env:TIENDO_X"\n{more}'
    return office_with(tmp_path / "office", source)


DOWN = [
    pytest.param("imap://a:mat-khau-7@127.0.0.1:{port}/INBOX", "từ chối kết nối", id="mailbox, refused"),
    pytest.param("imap://a:mat-khau-7@mail.invalid/INBOX", "imaps://", id="mailbox in the clear"),
    pytest.param(
        "imaps://a:mat-khau-7@mail.invalid/INBOX", "không tìm thấy máy chủ", id="mailbox, no such host"
    ),
    pytest.param("imaps://a:mat-khau-7@[/INBOX", "địa chỉ viết sai", id="an address that is none"),
    pytest.param("sftp://a:mat-khau-7@127.0.0.1:{port}/x", "từ chối kết nối", id="SFTP, refused"),
    pytest.param("file:///khong/co/o/day", "kiểm tra đường dẫn", id="no such folder"),
    pytest.param("gopher://a:mat-khau-7@x/", "gopher", id="an unknown kind"),
    pytest.param("/mnt/x", "giao_thức", id="no kind at all"),
    pytest.param("", "TIENDO_X chưa được đặt", id="not in the environment"),
]


@pytest.mark.parametrize(("url", "said"), DOWN)
def test_a_source_that_is_down_delays_only_itself(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    url: str,
    said: str,
) -> None:
    known = tmp_path / "known_hosts"
    known.write_text("")
    more = (
        f'options = {{ known_hosts = "{known}" }}\n'
        if url.startswith("sftp")
        else f'verified_by = "{OURS}"\n'
    )
    office = failing(tmp_path, url.format(port=free_port()), monkeypatch, more)
    put(office.root / "inbox", "080/ky.pdf", "%PDF-1.4")
    with caplog.at_level(logging.DEBUG):
        assert main(["--workspace", str(office.root), "collect", "--format", "csv"]) == 0
    out, err = capsys.readouterr()
    assert "inbox/080/ky.pdf" in out
    assert "Nguồn xa không trả lời: " in err
    assert "các nguồn khác vẫn nhận bình thường; sẽ thử lại ở lượt sau" in err
    checks = health_checks(office.root, NOW)
    row = checks[checks.check == "nguồn xa"].iloc[0]
    assert row.code in (1, 2) and row.remedy
    for shown in (err, f"{row.found}; {row.remedy}"):
        assert said in shown
    for shown in (out, err, caplog.text, checks.to_csv()):
        assert "mat-khau-7" not in shown


def test_a_wrong_password_of_a_mailbox_does_not_leak(
    post: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office = failing(tmp_path, post.url("sai-mat-khau-9"), monkeypatch, f'verified_by = "{OURS}"\n')
    with caplog.at_level(logging.DEBUG):
        inbox, answer = ask_sources(office, NOW)
    assert (inbox.source, inbox.failure) == ("inbox", "")
    assert "mật khẩu" in answer.failure
    for shown in (answer.failure, caplog.text):
        assert "sai-mat-khau-9" not in shown


def test_a_source_that_answers_slowly_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    began, held = monotonic(), Event()
    office = office_with(
        tmp_path / "office",
        '[intake]\nsources = ["a", "b"]\n[sources.a]\nurl = "env:PATH"\n[sources.b]\nurl = "env:PATH"\n',
    )

    def work(name: str, _address: Address) -> tuple[Arrival, ...]:
        if name == "a":
            held.wait(5)
        return ()

    given = _in_threads(office.settings, work)
    assert next(given).source == "b"
    assert monotonic() - began < 4
    held.set()
    assert next(given).source == "a"


def test_doctor_shows_each_source_and_what_is_set_but_not_asked(
    sftp: SftpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = with_sftp(tmp_path, sftp.known_hosts)
    with (office.root / "tiendo.toml").open("a") as file:
        file.write('[sources.cu]\nurl = "env:TIENDO_OLD"\n')
    checks = health_checks(office.root, NOW).set_index("check")
    assert checks.state["nguồn so-nganh"] == "ổn"
    assert (checks.state["nguồn cu"], checks.code["nguồn cu"]) == ("lưu ý", 0)


def test_options_by_reference_are_secret() -> None:
    environment = {"URL": "s3://nop/a", "KEY": "bi-mat-cua-kho"}
    address = address_of("env:URL", {"client_kwargs": {"x": "env:KEY"}}, environment)
    assert address.options == {"client_kwargs": {"x": "bi-mat-cua-kho"}}
    assert "bi-mat" not in address.redaction.clean("failed with bi-mat-cua-kho") + repr(address)


# Batches


def waiting_rows(groups: list[list[int]]) -> pd.DataFrame:
    """Files received, by the sizes (in MB) of those that share a message."""
    rows = [(number, f"m{number}", size * MEGABYTE) for number, sizes in enumerate(groups) for size in sizes]
    return pd.DataFrame(rows, columns=["number", "waiting", "size"])


@pytest.fixture(scope="module")
def office_of_two(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return office_with(tmp_path_factory.mktemp("two") / "office", "[scale]\nchunk = 1\n")


@pytest.mark.parametrize(
    ("groups", "sizes"),
    [
        pytest.param([[1]] * 20, [16, 4], id="so many files"),
        pytest.param([[30], [30], [30]], [2, 1], id="so many bytes"),
        pytest.param([[1] * 15, [1, 1]], [15, 2], id="a message is not split"),
        pytest.param([[1] * 40, [1]], [40, 1], id="not even one with more files than a batch"),
        pytest.param([[100], [1]], [1, 1], id="nor one larger than a batch"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_how_files_are_put_into_batches(
    office_of_two: Workspace, groups: list[list[int]], sizes: list[int]
) -> None:
    assert [len(batch) for batch in batches(office_of_two, waiting_rows(groups))] == sizes


@given(groups=st.lists(st.lists(st.integers(0, 80), min_size=1, max_size=5), max_size=30), seed=st.randoms())
def test_a_message_is_whole_in_one_batch_and_nothing_is_lost(
    office_of_two: Workspace, groups: list[list[int]], seed: Any
) -> None:
    rows = waiting_rows(groups)
    order = list(rows.index)
    seed.shuffle(order)
    rows = rows.loc[order]
    given = list(batches(office_of_two, rows))
    assert sorted(index for batch in given for index in batch.index) == sorted(rows.index)
    of = [set(batch.waiting) for batch in given]
    assert sum(map(len, of)) == len(set().union(*of))
    for batch in given:
        assert batch.waiting.nunique() == 1 or (len(batch) <= 16 and batch["size"].sum() <= BYTES_A_BATCH)


def test_of_a_message_known_in_part_only_the_rest_is_received(post: MailServer, tmp_path: Path) -> None:
    office = with_mail(tmp_path)
    post.put(mail(files={"ky.pdf": "%PDF-1", "ky2.pdf": "%PDF-2"}), CAME)
    both = arrived(office)["hop-thu"]
    first = receive_files(office, NOW, Answer("hop-thu", both[:1]))
    validated = validate_returns(office, first, read_files(office, first))
    load_returns(office, validated, answer_senders(office, validated, NOW))
    rest = receive_files(office, NOW, Answer("hop-thu", both))
    assert rest.path.tolist() == ["hop-thu/my@laocai.example/ky2.pdf"]
    assert post.count("INBOX") == 1, "not let go before the rest is recorded"
    assert len(collected(office)) == 1
    assert post.count("INBOX") == 0
