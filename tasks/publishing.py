"""The steps of publish: a review's report frozen under a number, and the word sent that it is out."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd

from tasks.adjusting import issued_before, with_changes
from tasks.assessing import (
    Assessed,
    Made,
    counts_line,
    judge_figures,
    review_of,
    store_judgement,
)
from tasks.book.review_book import PAGES_OF, write_review
from tasks.issued import PROVINCE, Then, reviewed_then
from tasks.office.workspace import Workspace, made_folder
from tasks.post.messages import Letter, compose, desk_of
from tasks.post.recipients import Directory
from tasks.post.told import change_lines, told_of
from tasks.reading_figures import judge_period
from tasks.steps import step
from tiendo.errors import InputError
from tiendo.measures import AS_REPORTED
from tiendo.periods import Period
from tiendo.report_changes import ReportChanges
from tiendo.review import Review
from tiendo.targets import AGAINST
from tiendo.wording import number_text
from warehouse.connecting import writing
from warehouse.intake_store import last_recorded
from warehouse.outbox_store import enqueue
from warehouse.review_store import issued_reports, latest_review, record_report

DRAFTS = "nhap"
REMADE = "lam-lai"  # where issued reports are made again
NOT_STORED = 0  # the number of a review that was only looked at
REPORTS = "reports"


@dataclass(frozen=True)
class Published:
    """A report as it was issued: its path below the workspace, its number, and the messages put out about it."""

    path: str
    version: int
    messages: int


def report_folder(workspace: Workspace, period: Period) -> Path:
    """Where the reports of a period lie."""
    return workspace.root / REPORTS / str(period)


def report_name(period: Period, version: int) -> str:
    """The name of the file of the authority's report."""
    return f"BaoCao_{period}_v{version}.xlsx"


@step(name="draft report")
def draft_report(workspace: Workspace, assessed: Assessed) -> str:
    """Write the draft of a review's report; its path below the workspace.

    A review that was issued already is not drafted again: the issued report's path is given instead.
    """
    review = assessed.review
    issued = issued_reports(workspace.engine, str(review.period))
    same = issued[(issued.review == assessed.review_id) & (issued.kind == PROVINCE)]
    if len(same):
        return str(same.iloc[-1].path)
    folder = report_folder(workspace, review.period) / DRAFTS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / report_name(review.period, review.version)
    write_review(path, review)
    return path.relative_to(workspace.root).as_posix()


def assess_period(
    workspace: Workspace,
    period: Period,
    against: str | None,
    as_of: datetime | None,
    now: datetime,
    dry_run: bool = False,
    view: str = AS_REPORTED,
) -> tuple[Assessed, str]:
    """Judge a period, keep the judgement and draft its report: what was assessed, and the draft's path.

    With `dry_run` nothing is kept and nothing drafted: the path is "". As of an instant of which a report was issued it
    is that report's review again: with its plan, thresholds and day.
    """
    against = against or workspace.usual_against(period, as_of)
    today = workspace.calendar.civil_date(as_of or now)
    if as_of is not None:
        asked, as_of = as_of, last_recorded(workspace.engine, as_of) or as_of
        if then := _issued_as_of(workspace, period, against, view, as_of, asked):
            workspace, today = then.workspace, then.today
    judged = judge_figures(workspace, period, against, today, as_of, view)
    if dry_run:
        review = review_of(workspace, judged, today, as_of or now)
        return Assessed(NOT_STORED, with_changes(workspace, review)), ""
    assessed = store_judgement(workspace, judged, today, as_of, now)
    return assessed, draft_report(workspace, assessed)


def _issued_as_of(
    workspace: Workspace, period: Period, against: str, view: str, as_of: datetime, asked: datetime
) -> Then | None:
    """The report that was issued of what was known at an instant, `asked` for by itself or by the report's day."""
    day = workspace.calendar.civil_date(asked - timedelta(microseconds=1))  # a day is asked for by its end
    issued = issued_before(workspace, period, against, view)
    same = [then for then in issued if then.as_of == as_of and (asked == as_of or then.today == day)]
    return same[-1] if same else None


@step(name="publish report")
def publish_report(
    workspace: Workspace, assessed: Assessed, draft: str, now: datetime, waits: bool = False
) -> Published:
    """Freeze a draft under the next number, note its hash, and put out the messages; twice changes nothing.

    With `waits` nothing is issued: the draft stays a draft.
    """
    review = assessed.review
    if waits or Path(draft).parent.name != DRAFTS:
        return Published(draft, review.version if waits else review.version - 1, 0)
    source = workspace.root / draft
    target = report_folder(workspace, review.period) / source.name
    content = source.read_bytes()
    unfinished = target.with_name(f".{target.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(target)
    path = target.relative_to(workspace.root).as_posix()
    # The word goes out first: its keys stop a second one, while a noted report would stop this one.
    messages = announce(workspace, review, path, now)
    record_report(
        workspace.engine,
        assessed.review_id,
        kind=PROVINCE,
        unit=review.plan.term.authority,
        version=review.version,
        path=path,
        sha256=hashlib.sha256(content).hexdigest(),
        issued_at=now,
    )
    source.unlink()
    return Published(path, review.version, messages)


def announce(workspace: Workspace, review: Review, path: str, now: datetime) -> int:
    """Tell the leaders and the office that a report is out; how many messages were put into the outbox."""
    directory = Directory(review.plan, review.today)
    settings = workspace.settings
    desk = desk_of(directory, settings.channels, settings.workspace.locale, settings.workspace.timezone)
    met, over, under = counts_line(review)
    changes = review.changes
    threshold = number_text(review.bands.advancing, 0)
    letter = Letter(
        "review_issued",
        {
            "headline": f"{met} vượt và đạt, {over} trên {threshold}%, {under} dưới {threshold}%",
            "sentence": review.sentence or review.resolution_sentence,
            "lines": programme_lines(review),
            "bands": review.bands,
            **_adjusted(changes),
        },
        unit=review.plan.term.authority,
        period=review.period,
        about=f"v{review.version}",
        attachments=(path,),
    )
    before = told_of(workspace, changes.path, directory) if changes else ()
    people = dict.fromkeys((*directory.informed, *before))
    messages = compose([(letter, person) for person in people], desk, now)
    with writing(workspace.engine) as connection:
        return enqueue(connection, messages)


def _adjusted(changes: ReportChanges | None) -> dict[str, object]:
    """What the message says of an adjusted report; of a first one, that it is none."""
    if changes is None:
        return {"adjusted": 0, "replaced": 0, "count": 0, "moved": 0, "changes": []}
    return {
        "adjusted": changes.number,
        "replaced": changes.before.version,
        "count": changes.rows.code.nunique(),
        "moved": changes.moved,
        "changes": change_lines(changes.rows),
    }


def programme_lines(review: Review) -> list[str]:
    """A line a programme: how many of its indicators stand where."""
    rows = review.rollups[review.rollups.level == "programme"]
    threshold = number_text(review.bands.advancing, 0)
    return [
        f"{row['name']}: {int(row.exceeded + row.met)}/{int(row.n)} vượt và đạt, {int(row.advancing)} trên {threshold}%, "
        f"{int(row.lagging + row.stalled + row.not_started)} dưới {threshold}%"
        for _, row in rows.iterrows()
    ]


def awaits_approval(workspace: Workspace) -> bool:
    """Whether a draft waits until somebody publishes it (setting `[review] approval`)."""
    return workspace.settings.review.approval


def drafted(workspace: Workspace, period: Period, against: str, now: datetime) -> tuple[Assessed, str]:
    """The last review of a period and its draft, for publishing by hand.

    Raises InputError if the period was not assessed, or its draft is not there any more.
    """
    stored = latest_review(workspace.engine, str(period), against)
    if stored is None:
        raise InputError(f"kỳ {period} chưa được rà soát; chạy `tiendo review --period {period}`")
    today = workspace.calendar.civil_date(now)
    judged = judge_figures(workspace, period, against, today, None)
    review = with_changes(workspace, review_of(workspace, judged, today, stored.basis.as_of))
    draft = report_folder(workspace, period) / DRAFTS / report_name(period, review.version)
    if not draft.is_file():
        raise InputError(
            f"kỳ {period} không có bản nháp chờ phát hành (đã phát hành rồi?); xem reports/{period}, "
            f"hoặc chạy `tiendo review --period {period}`"
        )
    return Assessed(stored.id, review), draft.relative_to(workspace.root).as_posix()


def write_report_files(
    workspace: Workspace,
    period: Period,
    kind: str,
    unit: str | None,
    out: Path | None,
    today: date,
    as_of: datetime | None = None,
    view: str = AS_REPORTED,
) -> list[Path]:
    """Write the report files of one kind and send nothing: province, unit, programme or overdue.

    as_of: by what was known then (None: now).

    Returns their paths. Raises InputError for a kind or unit that is not one, or a folder that cannot be made.
    """
    if kind not in PAGES_OF:
        raise InputError(f"--kind {kind!r}: không có loại này; dùng {', '.join(PAGES_OF)}")
    against = workspace.usual_against(period, as_of)
    kinds = list(dict.fromkeys([against, *AGAINST]))
    nodes = "all" if kind == "unit" else "authority"
    judged = judge_period(workspace, period, kinds, today, as_of, nodes, view)
    known = sorted(set(judged.rows[against].unit) - {judged.loaded.plan.term.authority})
    if kind != "unit":
        units = [judged.loaded.plan.term.authority]
    elif unit is None:
        units = known
    elif unit in known:
        units = [unit]
    else:
        raise InputError(
            f"--unit {unit!r}: không có số liệu kỳ {period} của đơn vị này; dùng {', '.join(known[:20])}"
        )
    folder = made_folder(out or report_folder(workspace, period))
    read_at = as_of or last_recorded(workspace.engine) or workspace.calendar.instant(today, 0)
    paths = []
    for code in units:
        review = review_of(workspace, judged, today, read_at, unit=code)
        if kind == PROVINCE:
            review = with_changes(workspace, review)
        name = f"BaoCao_{period}.xlsx" if kind == PROVINCE else f"BaoCao_{period}_{kind}_{code}.xlsx"
        paths.append(folder / name)
        write_review(paths[-1], review, kind, is_draft=True)
    return paths


@dataclass(frozen=True)
class Remade:
    """An issued report made again: where it was written, and whether it is the very file that was issued."""

    path: Path
    is_same: bool


def remake_report(workspace: Workspace, period: Period, version: int, out: Path | None) -> Remade:
    """Make an issued report again, from what was known then: its plan, thresholds, instant and day.

    The file as issued is not touched. Raises InputError for a version that was not issued, or where the file would
    take the issued one's place.
    """
    then = reviewed_then(workspace, period, version)
    folder = made_folder(out or report_folder(workspace, period) / REMADE)
    path = folder / report_name(period, version)
    if path.resolve() == (workspace.root / then.report.path).resolve():
        raise InputError(f"--out {out}: đó là nơi giữ báo cáo đã phát hành; chọn thư mục khác")
    write_review(path, _review_again(then, period))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Remade(path, digest == then.report.sha256)


def _review_again(then: Then, period: Period) -> Review:
    """What an issued report said, reckoned anew."""
    judged = judge_figures(then.workspace, period, then.against, then.today, then.as_of, then.view)
    made = Made(then.version, then.review.created_at)
    review = review_of(then.workspace, judged, then.today, then.as_of, made=made)
    return with_changes(then.workspace, review)


def published_table(published: Published, review: Review) -> pd.DataFrame:
    """One row: period, report (path below the workspace), version, messages, sentence."""
    row = {
        "period": str(review.period),
        "report": published.path,
        "version": published.version,
        "messages": published.messages,
        "sentence": review.sentence or review.resolution_sentence,
    }
    return pd.DataFrame([row])
