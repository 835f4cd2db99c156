"""Messages handed over to real servers: each once, its fate noted, no secret told."""

import json
import logging
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from receivers import free_port, mail_server, web_hook
from small_province import desk
from sqlalchemy.engine import Engine

from tasks.post.channels import Channel, Parcel, channel_problems, deliver, open_channels
from tasks.post.delivery import GIVE_UP_AFTER, PostOffice, dispatch, own_file
from tasks.post.messages import Letter, compose
from tasks.post.outcomes import Outcome
from tasks.post.recipients import Recipient
from tasks.post.redaction import Redaction, redact_logs, secrets_of
from tiendo.bands import BandRules
from tiendo.errors import DeliveryError, SettingsError
from tiendo.periods import Period
from warehouse.connecting import migrate, open_warehouse, reading, writing
from warehouse.outbox_store import enqueue, in_state
from warehouse.schema import delivery

NOW = datetime(2026, 9, 14, 2, tzinfo=UTC)
LATER = NOW + timedelta(minutes=30)  # longer than a dead run's messages are held
Q3 = Period.parse("2026-Q3")
SECRET = "hunter2-Mật-khẩu"
REVIEW = {
    "headline": "52 vượt và đạt",
    "sentence": "Trong tổng số 404 chỉ tiêu: 52 chỉ tiêu vượt và đạt <b>.",
    "lines": ["Chương trình 1: 12/40 đạt"],
    "bands": BandRules(),
    **{"adjusted": 0, "replaced": 0, "count": 0, "moved": 0, "changes": []},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "Báo cáo Quý III.xlsx").write_bytes(b"PK\x03\x04 a workbook")
    return tmp_path


@pytest.fixture
def engine(root: Path) -> Iterator[Engine]:
    """A warehouse in a file; where the two databases could differ a test takes `either` of them."""
    engine = open_warehouse(f"sqlite:///{root}/warehouse.db")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def either(warehouse_url: str) -> Iterator[Engine]:
    engine = open_warehouse(warehouse_url)
    migrate(engine)
    yield engine
    engine.dispose()


def post_office(engine: Engine, root: Path, now: datetime = NOW, **options: object) -> PostOffice:
    """A post office at an instant; channels by name, e.g. mail="mailto://…"."""
    fields = {name: options.pop(name) for name in ("send", "sleep") if name in options}
    pause = options.pop("pause_seconds", 0.0)
    timeout = options.pop("timeout_seconds", 5.0)
    channels = {name: Channel(name, str(url), timeout) for name, url in options.items()}
    return PostOffice(engine, root, channels, lambda: now, pause_seconds=pause, **fields)


def post(engine: Engine, *people: str, channel: str = "mail", **options: object) -> None:
    """Put one letter for each person into the outbox."""
    letter = Letter("review_issued", REVIEW, period=Q3, **options)
    each = [
        (letter, Recipient(name, f"Bà {name}", f"{name}@huyen.example", "0912345678", (channel,)))
        for name in people
    ]
    with writing(engine) as connection:
        enqueue(connection, compose(each, desk(channel), NOW))


def fates(engine: Engine) -> dict[str, str]:
    rows = in_state(engine, ["pending", "sending", "sent", "failed", "unknown"])
    return dict(zip(rows.recipient, rows.state, strict=True))


def delivery_log(engine: Engine) -> pd.DataFrame:
    with reading(engine) as connection:
        return pd.read_sql(sa.select(delivery), connection)


def test_a_mail_arrives_whole(engine, root):
    post(engine, "my", attachments=("reports/Báo cáo Quý III.xlsx",))
    with mail_server() as server:
        done = dispatch(post_office(engine, root, mail=server.url()))
    assert list(done.state) == ["sent"], done.detail.item()
    [(address, mail)] = server.received
    assert address == "my@huyen.example"
    assert mail["To"] == "my@huyen.example"
    assert mail["From"] == "tiendo@laocai.example"
    assert mail["Subject"] == "[Báo cáo] Rà soát Quý III/2026 – 52 vượt và đạt [BC:2026-Q3]"
    assert mail["X-Tiendo-Reference"] == "BC:2026-Q3"
    html = mail.get_body(("html",)).get_content()
    assert "<strong>Trong tổng số 404 chỉ tiêu: 52 chỉ tiêu vượt và đạt &lt;b&gt;.</strong>" in html
    [attached] = mail.iter_attachments()
    assert attached.get_filename() == "Báo cáo Quý III.xlsx"
    assert attached.get_content() == b"PK\x03\x04 a workbook"


def test_the_text_part_of_a_mail_says_all_that_the_message_says(engine, root):
    post(engine, "my")
    body = in_state(engine, ["pending"]).body_text.item()
    with mail_server() as server:
        dispatch(post_office(engine, root, mail=server.url()))
    [(_, mail)] = server.received
    lines = mail.get_body(("plain",)).get_content().splitlines()
    assert [line for line in lines if line] == [line for line in body.splitlines() if line]


def test_a_web_hook_gets_text_reference_and_file(engine, root):
    post(engine, "my", channel="hook", attachments=("reports/Báo cáo Quý III.xlsx",))
    with web_hook() as hook:
        dispatch(post_office(engine, root, hook=hook.url()))
    [(headers, message)] = hook.received
    assert message["title"].startswith("[Báo cáo] Rà soát Quý III/2026")
    assert message["message"].startswith("Kính gửi: Bà my.\n\nTrong tổng số 404")
    assert headers["X-Tiendo-Reference"] == "BC:2026-Q3"
    assert message["attachments"][0]["filename"] == "Báo cáo Quý III.xlsx"


def test_a_text_message_is_its_text_and_nothing_more(engine, root):
    post(engine, "my", channel="sms")
    with web_hook() as hook:
        dispatch(post_office(engine, root, sms=hook.url("/hook", "?:to={phone}")))
    [(_, message)] = hook.received
    assert message["title"] == ""
    assert message["message"].endswith("BC:2026-Q3")
    assert message["to"] == "0912345678"


def test_one_refused_recipient_costs_the_others_nothing_and_nobody_gets_two(either, root):
    post(either, "my", "refused", "hai")
    with mail_server(refuses=("refused",)) as server:
        office = post_office(either, root, mail=server.url())
        first, second = dispatch(office), dispatch(office)
    assert fates(either) == {"my": "sent", "refused": "failed", "hai": "sent"}
    assert sorted(server.addresses) == ["hai@huyen.example", "my@huyen.example"]
    assert "no such user" in first.set_index("recipient").detail["refused"]
    assert second.empty


def test_what_is_written_again_is_not_sent_again(engine, root):
    with mail_server() as server:
        for _ in range(2):
            post(engine, "my")
            dispatch(post_office(engine, root, mail=server.url()))
    assert server.addresses == ["my@huyen.example"]


@pytest.mark.parametrize("receiver", ["mail", "hook"])
def test_a_server_that_does_not_answer_leaves_unknown_and_gets_no_second_copy(engine, root, receiver):
    post(engine, "slow", channel=receiver)
    with mail_server(hangs_on=("slow",)) as server, web_hook() as hook:
        urls = {"mail": server.url(), "hook": hook.url("/hang")}
        dispatch(post_office(engine, root, timeout_seconds=0.2, **urls))
        assert fates(engine) == {"slow": "unknown"}
        again = dispatch(post_office(engine, root, LATER, timeout_seconds=0.2, **urls))
    assert again.empty
    assert len(server.received) + len(hook.received) == 1  # it did arrive, as it may


def test_an_urgent_message_is_repeated_once_with_the_same_reference(either, root):
    post(either, "slow", urgent=True)
    with mail_server(hangs_on=("slow",)) as server:
        for minutes in range(4):
            now = NOW + timedelta(minutes=minutes)
            dispatch(post_office(either, root, now, timeout_seconds=0.2, mail=server.url()))
    assert fates(either) == {"slow": "unknown"}
    assert len(server.received) == 2
    assert len({mail["X-Tiendo-Reference"] for _, mail in server.received}) == 1
    assert list(delivery_log(either).outcome) == ["unknown", "repeated", "unknown"]


def test_a_server_that_says_not_now_is_asked_again_later(either, root):
    post(either, "grey")
    with mail_server(puts_off=("grey",)) as server:
        dispatch(post_office(either, root, mail=server.url()))
        assert fates(either) == {"grey": "pending"}
        assert dispatch(post_office(either, root, mail=server.url())).empty  # not at once
        server.puts_off = ()
        dispatch(post_office(either, root, LATER, mail=server.url()))
    assert fates(either) == {"grey": "sent"}
    assert server.addresses == ["grey@huyen.example"]


def test_a_server_that_is_down_is_left_alone_and_costs_no_message(engine, root):
    post(engine, "my", "hai", "lo")
    down = f"mailto://127.0.0.1:{free_port()}?from=a@b.example&to={{email}}"
    calls = []

    def counted(channel: Channel, parcel: Parcel) -> Outcome:
        calls.append(parcel.address)
        return deliver(channel, parcel)

    dispatch(post_office(engine, root, send=counted, mail=down))
    assert len(calls) == 1
    assert set(fates(engine).values()) == {"pending"}
    with mail_server() as server:
        dispatch(post_office(engine, root, LATER, mail=server.url()))
    assert len(server.received) == 3


@pytest.mark.parametrize("silent", [True, False], ids=["says nothing", "does not let us in"])
def test_a_server_that_never_took_the_message_gets_it_later(engine, root, silent):
    post(engine, "my")
    with mail_server(admits=False) as strict, socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1] if silent else strict.port
        url = f"mailto://user:password@127.0.0.1:{port}?from=a@b.example&to={{email}}"
        dispatch(post_office(engine, root, timeout_seconds=0.2, mail=url))
    assert fates(engine) == {"my": "pending"}


def test_after_days_without_a_server_the_message_has_failed(engine, root):
    post(engine, "my")
    down = f"mailto://127.0.0.1:{free_port()}?from=a@b.example&to={{email}}"
    dispatch(post_office(engine, root, NOW + GIVE_UP_AFTER, mail=down))
    assert fates(engine) == {"my": "failed"}


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from tasks.post.channels import Channel, deliver
from tasks.post.delivery import PostOffice, dispatch
from warehouse.connecting import open_warehouse

warehouse, root, url, now = sys.argv[1], Path(sys.argv[2]), sys.argv[3], datetime.fromisoformat(sys.argv[4])

def send_and_die(channel, parcel):
    outcome = deliver(channel, parcel)
    assert outcome.kind == "sent", outcome
    os.kill(os.getpid(), signal.SIGKILL)

engine = open_warehouse(warehouse)
dispatch(PostOffice(engine, root, {"mail": Channel("mail", url)}, lambda: now, send=send_and_die))
"""


def test_killed_between_sending_and_noting_it_is_unknown_and_not_sent_again(either, root):
    post(either, "my", "hai")
    with mail_server() as server:
        warehouse = either.url.render_as_string(hide_password=False)
        arguments = [warehouse, str(root), server.url(), NOW.isoformat()]
        died = subprocess.run(
            [sys.executable, "-c", KILLED, *arguments], cwd=Path(__file__).parents[1], check=False
        )
        assert died.returncode == -signal.SIGKILL
        assert sorted(fates(either).values()) == ["pending", "sending"]
        dispatch(post_office(either, root, LATER, mail=server.url()))
    assert sorted(fates(either).values()) == ["sent", "unknown"]
    assert sorted(server.addresses) == ["hai@huyen.example", "my@huyen.example"]


def test_two_runs_at_once_send_each_message_once(either, root):
    names = [f"canbo{number}" for number in range(20)]
    post(either, *names)
    with mail_server() as server:
        runs = [
            Thread(target=dispatch, args=(post_office(either, root, mail=server.url()),)) for _ in range(3)
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
    assert sorted(server.addresses) == sorted(f"{name}@huyen.example" for name in names)
    assert set(fates(either).values()) == {"sent"}


def test_nothing_goes_out_before_its_hour(engine, root):
    post(engine, "my", not_before=LATER)
    with mail_server() as server:
        assert dispatch(post_office(engine, root, mail=server.url())).empty
        assert list(dispatch(post_office(engine, root, LATER, mail=server.url())).state) == ["sent"]


def test_each_host_has_its_pace(engine, root):
    post(engine, "my", "hai", "lo")
    post(engine, "x", channel="hook")
    waits = []
    took = {"send": lambda channel, parcel: Outcome("sent"), "sleep": waits.append, "pause_seconds": 60.0}
    dispatch(post_office(engine, root, mail="mailtos://a.example", hook="json://b.example", **took))
    assert len(waits) == 2
    assert all(59 < wait <= 60 for wait in waits)


def test_without_channels_a_message_becomes_a_file_once(engine, root):
    post(engine, "my", channel="file", attachments=("reports/Báo cáo Quý III.xlsx",))
    done = dispatch(post_office(engine, root))
    assert fates(engine) == {"my": "sent"}
    [file] = (root / "messages").rglob("*.*")
    assert file.relative_to(root).as_posix() == done.detail.item()
    assert file.parent.name == "2026-Q3"
    text = file.read_text(encoding="utf-8")
    assert "Tiêu đề: [Báo cáo] Rà soát Quý III/2026" in text
    assert "Kèm theo: reports/Báo cáo Quý III.xlsx" in text
    assert "Kính gửi: Bà my." in text


@pytest.mark.parametrize(
    ("path", "why"),
    [
        pytest.param("reports/không có.xlsx", "no such file", id="missing"),
        pytest.param("../outside.txt", "above the workspace", id="above"),
        pytest.param("/etc/hostname", "absolute", id="absolute"),
        pytest.param("file:///etc/hostname", "a URL that Apprise would read", id="file URL"),
        pytest.param("http://127.0.0.1/x", "a URL that Apprise would fetch", id="web address"),
        pytest.param("link.txt", "a link that leads out", id="link"),
        pytest.param("reports", "a folder", id="folder"),
    ],
)
def test_only_own_files_are_attached(engine, root, path, why):
    (root / "link.txt").symlink_to("/etc/hostname")
    (root.parent / "outside.txt").write_text("x")
    with pytest.raises(DeliveryError):
        own_file(root, path)
    post(engine, "my", attachments=(path,))
    with mail_server() as server:
        dispatch(post_office(engine, root, mail=server.url()))
    assert fates(engine) == {"my": "failed"}, why
    assert server.received == []


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("mailto://user:pw@mail.example?to={email}", "mailtos", id="mail in the clear"),
        pytest.param("mailtos://u:p@mail.example?to={email}&mode=insecure", "mailtos", id="clear, hidden"),
        pytest.param("mailtos://u:p@mail.example?to={email}&optional=yes", "optional", id="hides failures"),
        pytest.param("mailtos://u:p@mail.example?to={email}&o%70tional=yes", "optional", id="hides it twice"),
        pytest.param("mailtos://u:p@mail.example?to={email}&retry=2", "retry", id="sends again by itself"),
        pytest.param("mailtos://u:p@mail.example?to={email}&cc=a@b.example", "cc", id="copies"),
        pytest.param("mailtos://u:p@mail.example?to={email}&bcc=a@b.example", "cc", id="blind copies"),
        pytest.param("mailtos://u:p@mail.example?to=a@b.example,{email}", "một người nhận", id="two at once"),
        pytest.param("nosuch://token", "không đọc được", id="no such service"),
        pytest.param("just words", "không đọc được", id="no URL"),
        pytest.param("mailtos://u:p@mail.example?to={email}&rto=x", None, id="an odd option"),
        pytest.param("mailtos://u:p@mail.example?to={email}&from=tiendo@x.example", None, id="right"),
        pytest.param("mailto://127.0.0.1:2525?from=a@b.example&to={email}", None, id="in the clear, at home"),
        pytest.param("jsons://hook.example/a?:to={phone}", None, id="a web hook"),
    ],
)
def test_an_address_that_hides_failures_or_tells_secrets_is_refused(url, problem):
    problems = channel_problems({"mail": "env:TIENDO_MAIL_URL"}, {"TIENDO_MAIL_URL": url})
    if problem is None:
        assert problems == []
    else:
        assert problem in problems[0]
        assert problems[0].startswith("[channels.mail] url: ")
        assert "u:p@" not in problems[0]


@pytest.mark.parametrize(
    ("references", "problem"),
    [
        ({"mail": "env:TIENDO_MAIL_URL"}, "biến môi trường TIENDO_MAIL_URL chưa được đặt"),
        ({"mail": f"mailtos://u:{SECRET}@mail.example"}, 'ghi "env:TÊN_BIẾN"'),
        ({"file": "env:X"}, "hãy đặt tên khác"),
    ],
)
def test_a_channel_without_its_address_is_a_fault_of_the_settings(references, problem):
    with pytest.raises(SettingsError, match="channels") as raised:
        open_channels(references, {})
    assert problem in str(raised.value)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("recipient", "url"),
    [
        pytest.param("", "mailto://127.0.0.1?from=a@b.example&to={email}", id="no address"),
        pytest.param("a@b.example,c@d.example", "mailto://127.0.0.1?to={email}", id="two addresses"),
        pytest.param("a@b.example?bcc=x@y.example", "mailto://127.0.0.1?to={email}", id="with options"),
        pytest.param("a@b.example\r\nBcc: x@y.example", "mailto://127.0.0.1?to={email}", id="a header"),
        pytest.param("0912x", "json://127.0.0.1?:to={phone}", id="no telephone number"),
    ],
)
def test_a_wrong_address_is_not_handed_over(recipient, url):
    with pytest.raises(DeliveryError, match="kênh mail"):
        deliver(Channel("mail", url), Parcel(recipient, "t", "x"))


def test_a_redirect_is_not_taken_for_sent(engine, root):
    post(engine, "my", channel="hook")
    with web_hook() as hook:
        dispatch(post_office(engine, root, hook=hook.url("/moved")))
    assert fates(engine) == {"my": "failed"}


SECRET_URLS = [
    f"mailtos://tiendo:{SECRET}@127.0.0.1:1?from=a@b.example&to={{email}}",
    f"mailtos://{SECRET}@127.0.0.1:1?user=tiendo&from=a@b.example&to={{email}}",
    f"json://127.0.0.1:1/hook/{SECRET}",
    f"json://127.0.0.1:1/hook?+X-Token={SECRET}",
    f"tgram://123456789:{SECRET}/12315544/",
    f"nosuch://{SECRET}",
    f"mailtos://tiendo:{SECRET}@127.0.0.1:1?to={{email}}&mode=nonsense",
]


@pytest.mark.parametrize("url", SECRET_URLS)
def test_no_secret_is_told(engine, root, caplog, url):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    post(engine, "my")
    office = post_office(engine, root, timeout_seconds=0.2, mail=url)
    redact_logs(secrets_of(url))
    if "127.0.0.1" in url or url.startswith("nosuch"):
        dispatch(office)
    logging.getLogger("apprise").error("Could not load URL: %s", url)
    logging.getLogger("prefect.flow_runs").warning("parameters: %r", {"url": url})
    try:
        raise RuntimeError(url)
    except RuntimeError:
        logging.getLogger("somewhere.else").exception("failed with %s", SECRET)
    told = caplog.text + repr(office) + delivery_log(engine).to_string()
    assert SECRET not in told
    assert "failed with ***" in caplog.text


def test_a_log_call_that_is_wrong_itself_neither_stops_us_nor_tells(caplog):
    redact_logs([SECRET])
    logging.getLogger("apprise").warning("%d of %s", SECRET)  # noqa: PLE1206 - it is what is tested
    assert caplog.messages == ["%d of %s ('***',)"]


@given(st.text(max_size=40), st.text(st.characters(codec="utf-8"), min_size=4, max_size=20))
def test_any_address_can_be_hidden(scheme, password):
    for url in (f"mailtos://user:{password}@mail.example", f"{scheme}://{password}", f"{scheme}{password}"):
        assert url not in Redaction(secrets_of(url)).clean(f"could not load {url} today")
    hidden = Redaction(secrets_of(f"mailtos://user:{quote(password, safe='')}@mail.example/x?y=z"))
    assert hidden.clean(f"login {password} failed") == "login *** failed"


def test_a_word_that_is_no_secret_stays_in_the_log(caplog):
    caplog.set_level(logging.INFO)
    redact_logs(
        secrets_of("mailtos://tiendo:pw-of-the-mail@mail.laocai.example:587?from=tiendo@laocai.example")
    )
    logging.getLogger("tasks").info("tiendo sent 5 messages by mail.laocai.example in %d s", 3)
    assert "tiendo sent 5 messages by mail.laocai.example in 3 s" in caplog.text


def test_secrets_named_earlier_stay_hidden_and_the_filter_is_not_stacked(caplog):
    redact_logs(["first-secret"])
    redact_logs(["second-secret"])
    logging.getLogger("apprise").warning("first-secret, second-secret")
    assert caplog.messages == ["***, ***"]
    assert len([f for f in logging.getLogger("apprise").filters if hasattr(f, "secrets")]) == 1


def test_a_fault_inside_apprise_is_noted_without_its_text(engine, root):
    post(engine, "my")

    def broken(channel: Channel, parcel: Parcel) -> Outcome:
        raise DeliveryError(f"kênh {channel.name}: hỏng")

    dispatch(post_office(engine, root, send=broken, mail="mailtos://x.example"))
    assert fates(engine) == {"my": "failed"}
    assert json.loads(delivery_log(engine).detail.to_json())["0"] == "kênh mail: hỏng"


def test_a_message_for_a_channel_that_is_gone_has_failed_and_says_so(engine, root):
    post(engine, "my", channel="zalo")
    assert "không có trong cài đặt" in dispatch(post_office(engine, root)).detail.item()
