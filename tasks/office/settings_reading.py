"""`tiendo.toml` read and checked: what is wrong is said with file, key, what, and what would be right."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError as UnreadableVariable

from tasks.office.settings import PREFIX, WORKSPACE_VARIABLE, Settings
from tasks.sources.addresses import is_mailbox
from tiendo.errors import SettingsError
from tiendo.plan_reading import nearest

FILE = "tiendo.toml"
SECTIONS_OF_SECTIONS = ("channels", "sources")
SECRET_SECTIONS = ("channels", "sources", "warehouse")

# What pydantic found, as a sentence; {…} are filled from the error's own context.
_SENTENCES = {
    "literal_error": "phải là một trong: {expected}",
    "greater_than": "phải lớn hơn {gt}",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than": "phải nhỏ hơn {lt}",
    "less_than_equal": "không được quá {le}",
    "string_too_long": "dài quá {max_length} ký tự",
    "string_too_short": "không được để trống",
    "string_pattern_mismatch": "viết không đúng dạng",
    "value_error": "{error}",
    "missing": "thiếu khóa bắt buộc",
    "finite_number": "phải là một số hữu hạn",
}
_FAMILIES = {
    "string": "phải là chữ, đặt trong dấu ngoặc kép",
    "int": "phải là số nguyên",
    "float": "phải là số",
    "bool": "phải là true hoặc false",
    "date": "phải là ngày dạng 2026-02-13",
    "tuple": "phải là danh sách trong ngoặc vuông",
    "model": "phải là một mục có các khóa bên dưới",
    "dict": "phải là một mục có các khóa bên dưới",
}


def read_settings(root: Path) -> Settings:
    """The settings of the workspace in a folder.

    Raises SettingsError with every fault: file or variable, key, what is wrong, what would be right. No value
    of a channel or of the warehouse's url is repeated.
    """
    return make_settings(_read_toml(root / FILE), root / FILE)


def make_settings(given: dict[str, Any], file: Path) -> Settings:
    """The settings that a file's content and the environment make together."""
    try:
        return _with_mailboxes_verified(Settings(**given), file)
    except ValidationError as error:
        faults = [_fault(each, file) for each in error.errors(include_url=False)]
        raise SettingsError("; ".join(dict.fromkeys(faults))) from None
    except UnreadableVariable as error:
        field = re.search(r'field "(\w+)"', str(error))
        section = f"{PREFIX}{field[1] if field else ''}".upper()
        raise SettingsError(
            f'biến môi trường {section}_…: không đọc được; danh sách viết như ["inbox"] hoặc [-3, 1]'
        ) from None


def _with_mailboxes_verified(settings: Settings, file: Path) -> Settings:
    """The settings, unless a mailbox whose address is known would take anybody's word for who wrote."""
    for name, source in settings.sources.items():
        if is_mailbox(source.url, os.environ) and not source.verified_by:
            raise SettingsError(
                f"{file} [sources.{name}] verified_by: thiếu, nên không biết thư có đúng của người gửi hay không; "
                "ghi tên máy chủ thư của cơ quan, như trong tiêu đề Authentication-Results của một thư đã nhận"
            )
    return settings


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+), column (\d+)", str(error))
        where = f"dòng {place[1]}, cột {place[2]}" if place else "cuối tệp"
        raise SettingsError(
            f'{path} {where}: không phải TOML; viết dạng khóa = giá trị, chữ đặt trong "…"'
        ) from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: không phải UTF-8 (byte {error.start}); lưu lại dạng UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{path}: không đọc được ({error.strerror}); kiểm tra tệp và quyền đọc") from None


def _fault(error: ErrorDetails, file: Path) -> str:
    names = [str(part) for part in error["loc"] if not isinstance(part, int)]
    names = [name for name in names if re.fullmatch(r"[\w\- ]+", name)]  # pydantic adds names of its own
    place = _place(names, file)
    if error["type"] == "extra_forbidden":
        return f"{place}: {_unknown(names)}"
    context = error.get("ctx", {})
    sentence = _SENTENCES.get(error["type"]) or _FAMILIES.get(error["type"].split("_")[0], "không dùng được")
    said = sentence.format(**context).replace(" or ", " hoặc ")
    return f"{place}{_found(error, names)}: {said}{_remedy(names)}"


def _found(error: ErrorDetails, names: list[str]) -> str:
    """What stands there now; never of a section that may hold a secret."""
    scalar = isinstance(error.get("input"), str | int | float)
    return f" = {error['input']!r}" if scalar and names and names[0] not in SECRET_SECTIONS else ""


def _place(names: list[str], file: Path) -> str:
    if not names:  # of sections that do not fit together; the sentence names them
        return str(file)
    variable = f"{PREFIX}{'_'.join(names)}".upper()
    if variable in {name.upper() for name in os.environ if name != WORKSPACE_VARIABLE}:
        return f"biến môi trường {variable}"
    *section, key = names
    return f"{file} [{'.'.join(section)}] {key}" if section else f"{file} [{key}]"


def _unknown(names: list[str]) -> str:
    if len(names) == 1:
        return f"không có mục này; {nearest(names[0], Settings.model_fields)}"
    return f"không có khóa này; {nearest(names[-1], _section(names[0]).model_fields)}"


def _section(name: str) -> type[BaseModel]:
    annotation = Settings.model_fields[name].annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    section: type[BaseModel] = get_args(annotation)[
        1
    ]  # [channels.NAME], [sources.NAME]: sections of sections
    return section


def _remedy(names: list[str]) -> str:
    if len(names) < 2 or names[0] in SECTIONS_OF_SECTIONS:
        return ""
    field = _section(names[0]).model_fields.get(names[-1])
    return f" ({field.description})" if field else ""
