"""What is wrong with the words on the command line, as one Vietnamese sentence with its remedy."""

import difflib
from typing import TYPE_CHECKING, Any, get_args

import cyclopts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def usage_sentence(error: cyclopts.CycloptsError) -> str:
    """The sentence for an error of cyclopts."""
    for kind, say in _SENTENCES:
        if isinstance(error, kind):
            return say(error)
    return "dòng lệnh không đọc được; xem tiendo --help"


def _verb(error: cyclopts.CycloptsError) -> str:
    return " ".join(("tiendo", *(error.command_chain or ())))


def _help(error: cyclopts.CycloptsError) -> str:
    return f"xem {_verb(error)} --help"


def _nearest(word: str, known: "Iterable[str]") -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"có phải là {close[0]!r}? " if close else ""


def _unknown_command(error: Any) -> str:
    word = error.unused_tokens[0]
    verbs = [name for name in error.app or () if not name.startswith("-")]
    guess = _nearest(word, verbs)
    return f"không có lệnh {word!r}; {guess or 'các lệnh: ' + ', '.join(sorted(verbs))}".rstrip()


def _unknown_option(error: Any) -> str:
    word = error.token.keyword or error.token.value
    names = [name for argument in error.argument_collection if argument.parse for name in argument.names]
    return f"không có tham số {word}; {_nearest(word, names)}{_help(error)}"


def _missing(error: Any) -> str:
    name = error.keyword or error.argument.name
    for word in error.unused_tokens or ():
        if word.startswith("-") and word != name and _nearest(word, [name]):
            return f"không có tham số {word}; có phải là {name!r}? {_help(error)}"
    lacks = "cần một giá trị" if error.keyword else "là bắt buộc"
    return f"{name} {lacks}; {_help(error)}"


def _coercion(error: Any) -> str:
    name = (error.token.keyword if error.token else None) or error.argument.name
    found = f" {error.token.value!r}" if error.token else ""
    choices = [str(choice) for choice in get_args(error.target_type)]
    remedy = f"dùng một trong: {', '.join(choices)}" if choices else _help(error)
    return f"{name}: giá trị{found} không dùng được; {remedy}"


def _unused(error: Any) -> str:
    return f"thừa {' '.join(map(repr, error.unused_tokens))}; {_help(error)}"


def _repeated(error: Any) -> str:
    return f"{error.token.keyword} được ghi hai lần; giữ lại một"


_SENTENCES: "list[tuple[type[cyclopts.CycloptsError], Callable[[Any], str]]]" = [
    (cyclopts.UnknownCommandError, _unknown_command),
    (cyclopts.UnknownOptionError, _unknown_option),
    (cyclopts.MissingArgumentError, _missing),
    (cyclopts.CoercionError, _coercion),
    (cyclopts.UnusedCliTokensError, _unused),
    (cyclopts.RepeatArgumentError, _repeated),
]
