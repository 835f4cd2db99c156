"""Help pages in Vietnamese: cyclopts gathers what there is to say, this puts it on the screen."""

import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions

INDENT = 2
WIDEST_NAME = 28


class VietnameseHelp:
    """Formatter of help pages (cyclopts' protocol HelpFormatter), plain text."""

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        """One panel: a title, then a line for each command or parameter."""
        entries = [(_names(entry, panel.format), _description(entry, console)) for entry in panel.entries]
        if not entries:
            return
        widest = max(len(name) for name, _ in entries)
        column = INDENT + min(widest, WIDEST_NAME) + 2
        _print(console, f"{panel.title}:")
        for name, description in entries:
            _print(console, _lines(name, description, column, options.max_width))
        _print(console, "")

    def render_usage(self, console: "Console", options: "ConsoleOptions", usage: Any) -> None:
        """The line that shows how to call."""
        words = _plain(usage, console).strip()
        for english, vietnamese in _USAGE_WORDS:
            words = words.replace(english, vietnamese)
        if words:
            _print(console, f"Cách dùng: {words}\n")

    def render_description(self, console: "Console", options: "ConsoleOptions", description: Any) -> None:
        """What the command does."""
        words = _plain(description, console).strip()
        if words:
            _print(console, textwrap.fill(words, options.max_width) + "\n")


_USAGE_WORDS = [
    ("[OPTIONS]", "[THAM SỐ]"),
    ("COMMAND", "LỆNH"),
    ("[ARGS...]", "[TỆP...]"),
    ("[ARGS]", "[ĐƯỜNG DẪN]"),
    (" STR", " GIÁ TRỊ"),
]


def _print(console: "Console", text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _plain(thing: Any, console: "Console") -> str:
    if thing is None or isinstance(thing, str):
        return thing or ""
    with console.capture() as captured:
        console.print(thing, highlight=False, markup=False, soft_wrap=True, no_wrap=True, end="")
    return captured.get().strip()


def _names(entry: "HelpEntry", form: str) -> str:
    options = entry.all_options if form == "parameter" else (*entry.positive_names, *entry.positive_shorts)
    # A required argument may be given by place or by name; people write it by place.
    return ", ".join(dict.fromkeys(name for name in options if not name.startswith("--no-")))


def _description(entry: "HelpEntry", console: "Console") -> str:
    words = _plain(entry.description, console)
    return f"{words} (bắt buộc)" if entry.required else words


def _lines(name: str, description: str, column: int, width: int) -> str:
    gap = " " * column
    wrapped = textwrap.wrap(description, max(width - column, 30)) or [""]
    head = f"{'':{INDENT}}{name}"
    if len(head) + 2 > column:
        return "\n".join([head, *(gap + line for line in wrapped)])
    return "\n".join([head.ljust(column) + wrapped[0], *(gap + line for line in wrapped[1:])]).rstrip()
