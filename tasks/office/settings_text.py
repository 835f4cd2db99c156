"""`tiendo.toml` as `init` writes it: every key with its meaning and default, made from the settings."""

import json
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tasks.office.settings import PREFIX, ChannelSettings, Settings, SourceSettings

HEAD = f"""\
# Cài đặt của không gian làm việc. Khóa nào xóa đi thì lấy giá trị mặc định.
# Biến môi trường {PREFIX}<MỤC>_<KHÓA> (ví dụ {PREFIX}WAREHOUSE_URL) thắng giá trị ghi ở đây.
# Không ghi mật khẩu vào tệp này.
"""


def settings_text(**given: dict[str, Any]) -> str:
    """The commented file; `given` holds, by section and key, the values that are not the defaults."""
    parts = [HEAD]
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            parts.append(_section(name, section, given.get(name, {})))
        else:
            parts.append(EXAMPLES[name]())
    return "\n".join(parts)


def _section(name: str, section: type[BaseModel], given: dict[str, Any]) -> str:
    lines = [f"# {section.__doc__}", f"[{name}]"]
    for key, field in section.model_fields.items():
        lines += [f"# {field.description}{_choices(field)}", _line(key, field, given)]
    return "\n".join(lines) + "\n"


def _choices(field: FieldInfo) -> str:
    if get_origin(field.annotation) is not Literal:
        return ""
    return f" ({' | '.join(map(_toml, get_args(field.annotation)))})"


def _line(key: str, field: FieldInfo, given: dict[str, Any]) -> str:
    value = given.get(key, field.default)
    # A key without a default is shown, but says nothing until its mark is taken away.
    return f"# {key} = 10" if value is None else f"{key} = {_toml(value)}"


def _toml(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _channel_example() -> str:
    meaning = ChannelSettings.model_fields["url"].description
    lines = [str(ChannelSettings.__doc__), "[channels.mail]", f"# {meaning}", 'url = "env:TIENDO_MAIL_URL"']
    return _commented(lines)


def _source_example() -> str:
    fields = SourceSettings.model_fields
    lines = [
        str(SourceSettings.__doc__),
        'Ghi thêm tên nguồn vào [intake] sources, ví dụ ["inbox", "hop-thu"].',
    ]
    lines += ["[sources.hop-thu]", f"# {fields['url'].description}", 'url = "env:TIENDO_HOP_THU_URL"']
    lines += [f"# {fields['options'].description}", "options = {}"]
    for key in ("verified_by", "folder", "done_folder"):
        lines += [f"# {fields[key].description}", f"{key} = {_toml(fields[key].default)}"]
    return _commented(lines)


def _commented(lines: list[str]) -> str:
    return "".join(f"# {line}\n" for line in lines)


EXAMPLES = {"channels": _channel_example, "sources": _source_example}  # sections that hold sections
