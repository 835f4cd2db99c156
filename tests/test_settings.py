"""Settings: every default, the environment on top, and for every fault the place and the remedy."""

import tomllib
from pathlib import Path

import pytest

from tasks.office.settings import Settings
from tasks.office.settings_reading import read_settings
from tasks.office.settings_text import settings_text
from tasks.office.workspace import open_workspace, warehouse_url
from tiendo.bands import BandRules
from tiendo.calendars import Calendar
from tiendo.errors import InputError, SettingsError


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TIENDO_WAREHOUSE_URL", "TIENDO_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)


def workspace_with(folder: Path, text: str) -> Path:
    (folder / "tiendo.toml").write_text(text, encoding="utf-8")
    return folder


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    settings = read_settings(workspace_with(tmp_path, ""))
    assert settings.make_calendar() == Calendar()
    assert settings.make_bands() == BandRules()
    assert settings.intake.sources == ("inbox",)
    assert settings.reminders.ladder == (-10, -3, -1, 1, 3, 5)


def test_the_file_that_init_writes_says_every_key_and_its_default(tmp_path: Path) -> None:
    text = settings_text()
    assert read_settings(workspace_with(tmp_path, text)) == Settings()
    said = tomllib.loads(text.replace("# due_days = 10", "due_days = 10"))
    for name, field in Settings.model_fields.items():
        if name not in ("channels", "sources"):
            assert set(said[name]) == set(type(field.default).model_fields), name


def test_a_key_that_init_is_given_stands_in_its_file() -> None:
    text = settings_text(workspace={"name": 'Tỉnh "A"'}, intake={"many_units_from": ["VP"]})
    said = tomllib.loads(text)
    assert said["workspace"]["name"] == 'Tỉnh "A"'
    assert said["intake"]["many_units_from"] == ["VP"]


def test_dates_may_be_written_as_toml_dates_or_as_texts(tmp_path: Path) -> None:
    text = '[calendar]\ndays_off = [2026-02-13, "2026-02-14"]\ndue_days = 10\n'
    calendar = read_settings(workspace_with(tmp_path, text)).make_calendar()
    assert {day.isoformat() for day in calendar.days_off} == {"2026-02-13", "2026-02-14"}
    assert calendar.due_days == 10


def test_a_file_saved_by_notepad_is_read(tmp_path: Path) -> None:
    (tmp_path / "tiendo.toml").write_bytes(b'\xef\xbb\xbf[workspace]\r\nname = "A"\r\n')
    assert read_settings(tmp_path).workspace.name == "A"


@pytest.mark.parametrize(
    ("variable", "text", "section", "key", "value"),
    [
        pytest.param("TIENDO_WAREHOUSE_URL", "postgresql+psycopg://h/d", "warehouse", "url", None, id="url"),
        pytest.param(
            "TIENDO_CALENDAR_DUE_HOUR", "12", "calendar", "due_hour", 12, id="key with an underscore"
        ),
        pytest.param("TIENDO_REMINDERS_LADDER", "[-3, 1]", "reminders", "ladder", (-3, 1), id="list"),
        pytest.param("TIENDO_REVIEW_APPROVAL", "true", "review", "approval", True, id="switch"),
    ],
)
def test_the_environment_wins_over_the_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    text: str,
    section: str,
    key: str,
    value: object,
) -> None:
    monkeypatch.setenv(variable, text)
    monkeypatch.setenv("TIENDO_WORKSPACE", "/somewhere")  # the folder's variable is no setting
    settings = read_settings(workspace_with(tmp_path, "[calendar]\ndue_hour = 9\nlock_days = 7\n"))
    assert getattr(getattr(settings, section), key) == (text if value is None else value)
    assert settings.calendar.lock_days == 7, "the rest of a section stays as the file says"


FAULTS = [
    pytest.param("[calender]\nx = 1", ["[calender]", "có phải là 'calendar'?"], id="unknown section"),
    pytest.param(
        "[calendar]\nduedays = 3", ["[calendar] duedays", "có phải là 'due_days'?"], id="unknown key"
    ),
    pytest.param('[calendar]\nname = "lunar"', ["[calendar] name", "'lunar'", "'nd09'"], id="unknown choice"),
    pytest.param("[calendar]\nlock_days = 1.5", ["[calendar] lock_days", "số nguyên"], id="not whole"),
    pytest.param("[calendar]\ndue_hour = 25", ["[calendar] due_hour", "24"], id="too large"),
    pytest.param('[calendar]\ndays_off = ["Tết"]', ["[calendar] days_off", "2026-02-13"], id="not a date"),
    pytest.param("[bands]\nadvancing = nan", ["[bands] advancing", "hữu hạn"], id="not a number"),
    pytest.param(
        "[bands]\nadvancing = 10", ["[bands]", "stalled", "advancing"], id="thresholds out of order"
    ),
    pytest.param('[workspace]\ntimezone = "Asia/Hanoi"', ["timezone", "Asia/Hanoi"], id="unknown time zone"),
    pytest.param('[reminders]\nhours = "17:00-08:00"', ["[reminders] hours"], id="hours backwards"),
    pytest.param('[intake]\nsources = ["ftp"]', ["[intake] sources", "[sources.ftp]"], id="unknown source"),
    pytest.param(
        '[intake]\nsources = ["inbox", "inbox"]', ["[intake] sources", "một lần"], id="source twice"
    ),
    pytest.param('[intake]\nsources = "inbox"', ["[intake] sources", "danh sách"], id="sources not a list"),
    pytest.param("[intake]\nsources = []", ["[intake] sources"], id="no source at all"),
    pytest.param("[sources.ftp]\n", ["[sources.ftp] url", "bắt buộc"], id="a source without an address"),
    pytest.param(
        '[sources.inbox]\nurl = "env:X"', ["[sources.inbox]", "đặt tên khác"], id="inbox is built in"
    ),
    pytest.param(
        '[sources.ftp]\nurl = "env:X"\nfolders = "a"',
        ["[sources.ftp] folders", "'folder'"],
        id="key of a source",
    ),
    pytest.param(
        '[sources.thu]\nurl = "env:X"\nfolder = "INBOX"',
        ["[sources] thu", "verified_by"],
        id="a mailbox unproved",
    ),
    pytest.param('[review]\napproval = "maybe"', ["[review] approval", "true hoặc false"], id="not a switch"),
    pytest.param("calendar = 4", ["[calendar]", "mục"], id="a section that is a value"),
    pytest.param("[channels]\nmail = 3", ["[channels] mail"], id="a channel that is a value"),
    pytest.param(
        '[channels.mail]\nurl = "env:X"\nto = "a"', ["[channels.mail] to"], id="unknown key of a channel"
    ),
    pytest.param("[workspace]\nname = \n", ["dòng 2"], id="not TOML"),
    pytest.param("[workspace", ["tiendo.toml", "không phải TOML"], id="cut off"),
]


@pytest.mark.parametrize(("text", "said"), FAULTS)
def test_a_fault_names_the_file_the_key_and_the_remedy(tmp_path: Path, text: str, said: list[str]) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(workspace_with(tmp_path, text))
    for part in [*said, "tiendo.toml"]:
        assert part in str(error.value)
    assert "\n" not in str(error.value), "one sentence"


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(
            workspace_with(tmp_path, '[calendar]\nname = "x"\nlock_days = "y"\n[bands]\nstalled = 200')
        )
    for key in ("[calendar] name", "[calendar] lock_days", "[bands] stalled"):
        assert key in str(error.value)


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        pytest.param("TIENDO_CALENDAR_DUE_HOUR", "noon", id="wrong value"),
        pytest.param("TIENDO_CALENDAR_HOUR", "9", id="unknown key"),
        pytest.param("TIENDO_REMINDERS_LADDER", "-3,1", id="not a list"),
    ],
)
def test_a_fault_of_the_environment_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, text: str
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(SettingsError, match="biến môi trường TIENDO_"):
        read_settings(workspace_with(tmp_path, ""))


@pytest.mark.parametrize(
    "text", ['[channels.mail]\nurl = "mailtos://me:hunter2@mail.example"', "[channels.mail]\n"]
)
def test_a_channel_is_named_by_its_variable_and_its_address_is_never_repeated(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(workspace_with(tmp_path, text))
    assert "hunter2" not in str(error.value)
    assert "[channels.mail] url" in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        'url = "sftp://me:hunter2@may.example/nop"',
        'url = "env:X"\noptions = { password = "hunter2" }',
        'url = "env:X"\noptions = { client_kwargs = { secret = "hunter2" } }',
    ],
)
def test_a_source_is_named_by_its_variables_and_its_secrets_are_never_repeated(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(workspace_with(tmp_path, f"[sources.ftp]\n{text}"))
    assert "hunter2" not in str(error.value)
    assert "[sources.ftp]" in str(error.value)
    assert "env:TÊN_BIẾN" in str(error.value)


def test_a_mailbox_that_takes_anybodys_word_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '[sources.hop-thu]\nurl = "env:TIENDO_HOP_THU_URL"\n'
    workspace_with(tmp_path, text)
    assert read_settings(tmp_path).sources["hop-thu"].done_folder == "tiendo"
    monkeypatch.setenv("TIENDO_HOP_THU_URL", "imaps://me:hunter2@mail.example/INBOX")
    with pytest.raises(SettingsError, match=r"\[sources\.hop-thu\] verified_by") as error:
        read_settings(tmp_path)
    assert "hunter2" not in str(error.value)
    workspace_with(tmp_path, f'{text}verified_by = "mail.example"\n')
    assert read_settings(tmp_path).sources["hop-thu"].verified_by == "mail.example"


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "tiendo.toml").write_bytes('[workspace]\nname = "Tỉnh"'.encode("utf-16"))
    with pytest.raises(SettingsError, match="UTF-8"):
        read_settings(tmp_path)


def test_a_missing_folder_and_a_folder_without_settings_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="không có thư mục"):
        open_workspace(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"tiendo\.toml"):
        open_workspace(tmp_path)
    assert not list(tmp_path.iterdir()), "nothing was made"


def test_a_relative_warehouse_lies_in_the_workspace(tmp_path: Path) -> None:
    settings = read_settings(workspace_with(tmp_path, '[warehouse]\nurl = "sqlite:///data/w.db"'))
    assert warehouse_url(tmp_path, settings) == f"sqlite:///{tmp_path}/data/w.db"


def test_the_signing_key_is_made_once_and_only_the_office_reads_it(tmp_path: Path) -> None:
    workspace = open_workspace(workspace_with(tmp_path, ""))
    again = open_workspace(tmp_path)
    assert workspace.signing_key == again.signing_key
    assert (tmp_path / ".signing-key").stat().st_mode & 0o077 == 0


def test_the_environments_signing_key_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIENDO_SIGNING_KEY", "shared")
    assert open_workspace(workspace_with(tmp_path, "")).signing_key == b"shared"
    assert not (tmp_path / ".signing-key").exists()
