"""The command line `tiendo`: its verbs, exit codes, and what it says when something is wrong. FORMATS §4."""

import io
import logging
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Group, Parameter

from console import (
    audit_verbs,
    explain_verb,
    intake_verbs,
    judgement_verbs,
    period_verbs,
    plan_verbs,
    reading_verbs,
    review_verbs,
    submission_verbs,
    workspace_verbs,
)
from console.context import Here
from console.help_pages import VietnameseHelp
from console.printing import tell
from console.usage_errors import usage_sentence

DONE, FAILED, WRONG_INPUT = 0, 1, 2
LOG = "tiendo.log"

_COMMANDS = Group("Lệnh", sort_key=0)
_PARAMETERS = Group("Tham số", sort_key=1)
_GENERAL = Group("Chung", sort_key=2)


def build() -> App:
    """The application with every verb; no verb's own imports are made."""
    app = App(
        name="tiendo",
        help="tiến độ: từ báo cáo định kỳ của nhiều đơn vị đến một bản rà soát tin cậy của kế hoạch năm năm.",
        version=lambda: version("tiendo"),
        help_formatter=VietnameseHelp(),
        default_parameter=Parameter(show_default=False, show_choices=False, negative=(), show_env_var=False),
        exit_on_error=False,
        print_error=False,
        result_action="return_value",
        help_on_error=False,
        suppress_keyboard_interrupt=False,
    )
    modules = (
        workspace_verbs,
        plan_verbs,
        intake_verbs,
        submission_verbs,
        period_verbs,
        reading_verbs,
        explain_verb,
        judgement_verbs,
        review_verbs,
        audit_verbs,
    )
    for module in modules:
        module.add_to(app)
    _name_groups(app)
    app.meta.default(_launcher(app))
    app.meta.group_parameters = _GENERAL
    app.meta.suppress_keyboard_interrupt = False
    return app


def _name_groups(app: App) -> None:
    """The headings of an application's help and of its commands'."""
    app.group_commands, app.group_parameters, app.group_arguments = _COMMANDS, _PARAMETERS, _PARAMETERS
    for flag, meaning in (("--help", "in trang này"), ("--version", "in số hiệu bản")):
        if flag in app:
            app[flag].help, app[flag].group = meaning, (_GENERAL,)
    for name in app:
        if not name.startswith("-"):
            _name_groups(app[name])


def _launcher(app: App) -> Any:
    def launch(
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        workspace: Annotated[
            Path | None,
            Parameter(
                env_var="TIENDO_WORKSPACE",
                group=_GENERAL,
                help="thư mục của không gian làm việc; mặc định: TIENDO_WORKSPACE, rồi thư mục hiện tại",
            ),
        ] = None,
    ) -> Any:
        command, bound, ignored = app.parse_args(tokens)
        return command(*bound.args, **bound.kwargs, **dict.fromkeys(ignored, Here(workspace)))

    return launch


def main(arguments: Sequence[str] | None = None, app: App | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 failed, 2 the caller's input is wrong."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    return guarded(lambda: (app or build()).meta(words), words)


def guarded(work: Callable[[], Any], words: Sequence[str]) -> int:
    """Do some work asked for by the words on the command line, and turn what goes wrong into an exit code."""
    _speak_utf8()
    _log_to_stderr()
    try:
        result = work()
        sys.stdout.flush()
    except CycloptsError as error:
        tell(f"tiendo: {usage_sentence(error)}")
        return WRONG_INPUT
    except BrokenPipeError:  # the reader of our output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        tell("tiendo: đã dừng theo yêu cầu")
        return FAILED
    except Exception as error:
        return _explain(error, words)
    return result if isinstance(result, int) else DONE


def _speak_utf8() -> None:
    """What is printed is Vietnamese, whatever this machine's habits are."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


def _log_to_stderr() -> None:
    """Warnings of our own; Prefect keeps its runs' records itself, and a run's fault is told by its error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.WARNING)
    handler.addFilter(lambda record: not record.name.startswith("prefect"))
    logging.basicConfig(handlers=[handler], format="%(levelname)s %(name)s: %(message)s")


def _explain(error: Exception, words: Sequence[str]) -> int:
    """Say what is wrong, and give the exit code that says whose fault it is."""
    from tiendo.errors import InputError, TiendoError

    if isinstance(error, InputError):
        tell(f"tiendo: {error}")
        return WRONG_INPUT
    if isinstance(error, TiendoError):
        tell(f"tiendo: {error}")
        return FAILED
    log = _write_down(error, words)
    tell(f"tiendo: lỗi ngoài dự kiến ({type(error).__name__}); chi tiết trong {log}")
    return FAILED


def _write_down(error: Exception, words: Sequence[str]) -> Path:
    """The traceback goes to a log, with nothing of the environment's secrets in it."""
    from tasks.post.redaction import Redaction, secrets_of

    urls = [text for text in os.environ.values() if "://" in text]
    redaction = Redaction(frozenset(secret for url in urls for secret in secrets_of(url)))
    text = redaction.clean("".join(["tiendo ", " ".join(words), "\n", *traceback.format_exception(error)]))
    for folder in (_log_folder(words), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(exist_ok=True)
            with (folder / LOG).open("a", encoding="utf-8") as log:
                log.write(text + "\n")
            return folder / LOG
        except OSError:
            continue
    return Path(os.devnull)


def _log_folder(words: Sequence[str]) -> Path:
    """The folder `logs` of the workspace the words name, if it is one."""
    named = [after for word, after in pairwise(words) if word == "--workspace"]
    named += [word.partition("=")[2] for word in words if word.startswith("--workspace=")]
    root = Path(next(iter(named), os.environ.get("TIENDO_WORKSPACE", ".")))
    return root / "logs" if (root / "tiendo.toml").is_file() else Path(tempfile.gettempdir())


if __name__ == "__main__":
    sys.exit(main())
