"""What makes a file as a whole unfit, or doubtful: sender, unit, period and the days on which it is taken."""

from pathlib import PurePosixPath

import pandas as pd

from tiendo.errors import InputError
from tiendo.finding_codes import CODES, WARNING
from tiendo.findings import findings, together
from tiendo.intake_rules import IntakeRules
from tiendo.kinds import EVIDENCE, PLAIN, TEMPLATE
from tiendo.labels import period_label
from tiendo.parts import Grid
from tiendo.period_acts import LOCK, LOCKING, is_locked, standing_act
from tiendo.period_texts import period_in
from tiendo.periods import Period
from tiendo.reporting import closing_periods
from tiendo.seen import seen_text
from tiendo.senders import speaks_for
from tiendo.wording import date_text

SETTLED_STATES = ("value", "none_occurred")  # claims of fact, which only a period that is open can have
UNKNOWN_REFUSAL = "unreadable"

UNICODE = ("UTF-8", "UTF-16")  # encodings that are nothing to be told of


def check_files(
    files: pd.DataFrame,
    parts: pd.DataFrame,
    rows: pd.DataFrame,
    owed: Grid,
    rules: IntakeRules,
    flaws: pd.DataFrame,
) -> pd.DataFrame:
    """Findings of level `file`: of each file the first sort of error, and its warnings.

    files: file, sender, path, kind, titles, received_at and recorded_at (UTC), rows (their number), code, seen and facts
    (why it could not be taken, or None), plan_version and period (of the template), decimal_comma, encoding, hidden,
    left_out, excess (rows), signed (False: not signed by us), replayed_on (the day on which it was received, if newer
    ones came since).
    parts: of `parts_of`; owed: their grid; rows: typed, with `part`. flaws: of cells (file, row, field, code, found).
    """
    locale = rules.locale
    found = [_refusals(files, locale), *_unfit(files[files.code.isna()], rules)]
    about = files.set_index("file")
    said = parts.assign(
        sender=about.sender.reindex(parts.file).to_numpy(),
        received_at=about.received_at.reindex(parts.file).array,
        recorded_at=about.recorded_at.reindex(parts.file).array,
        received_on=[rules.calendar.civil_date(at) for at in about.received_at.reindex(parts.file)],
        is_owed=pd.Series(owed.any(axis=1), index=parts.index),
    )
    said["of_closing"] = _closings(files, rules).reindex(parts.file).to_numpy()
    bad = {int(file) for each in found for file in each.file}
    found.append(_contradicted(files[~files.file.isin(bad)], rules))
    for check in (_wrong_sender, _unknown_unit, _unknown_period, _closed):
        bad = {int(file) for each in found for file in each.file}
        found.append(check(said[~said.file.isin(bad)], rows, rules))
    bad = {int(file) for each in found for file in each.file}
    found.append(_uncached(flaws[~flaws.file.isin(bad)], rows, locale))
    bad = {int(file) for each in found for file in each.file}
    return together([*found, *_doubtful(files[~files.file.isin(bad)], rules), _left_out(files, locale)])


def _refusals(files: pd.DataFrame, locale: str) -> pd.DataFrame:
    refused = files[files.code.notna()]
    codes = refused.code.where(refused.code.isin(CODES), UNKNOWN_REFUSAL)
    facts = [fact if isinstance(fact, dict) else {} for fact in refused.facts]
    told = refused[["file"]].assign(
        found=[
            seen_text(seen, fact, locale) if isinstance(seen, str) else ""
            for seen, fact in zip(refused.seen, facts, strict=True)
        ],
        **{name: [fact.get(name, "") for fact in facts] for name in ("sheet", "cell")},
    )
    return together(findings(some, str(code), locale=locale) for code, some in told.groupby(codes))


def _uncached(flaws: pd.DataFrame, rows: pd.DataFrame, locale: str) -> pd.DataFrame:
    """Formulas without a stored result: nobody knows what they would give."""
    where = rows[["file", "line", "sheet", "unit", "period", "indicator"]]
    wrong = flaws[flaws.code == "uncached_formula"]
    return findings(
        wrong.merge(where, left_on=["file", "row"], right_on=["file", "line"]),
        "uncached_formula",
        locale=locale,
    )


def _unfit(files: pd.DataFrame, rules: IntakeRules) -> list[pd.DataFrame]:
    stranger = ~files.sender.isin(rules.known_units)
    forged = ~stranger & files.signed.eq(False)
    again = ~stranger & ~forged & files.replayed_on.notna()
    empty = ~stranger & ~forged & ~again & (files.rows == 0) & (files.kind != EVIDENCE)
    days = [date_text(day, rules.locale) for day in files.replayed_on[again]]
    return [
        findings(files.loc[stranger, ["file"]], "unknown_unit", locale=rules.locale, found=files.sender),
        findings(files.loc[forged, ["file"]], "bad_signature", locale=rules.locale),
        findings(files.loc[again, ["file"]], "replayed", locale=rules.locale, received_on=days),
        findings(files.loc[empty, ["file"]], "no_figures", locale=rules.locale),
    ]


def _contradicted(files: pd.DataFrame, rules: IntakeRules) -> pd.DataFrame:
    """Templates that say to people another period than to programs: last period's form, written over."""
    told = []
    for file in files[files.kind == TEMPLATE].to_dict("records"):
        closing = period_in(file["period"] or "")
        names = [*(file["titles"] or ()), PurePosixPath(file["path"]).name]
        said = [period for period in map(period_in, names) if period]
        other = next((each for each in said if closing and each.last_month != closing.last_month), None)
        if other and closing:
            labels = {"of_period": closing, "said": other}
            words = {name: period_label(each, rules.locale) for name, each in labels.items()}
            told.append(
                findings(
                    pd.DataFrame([{"file": file["file"], **words}]), "period_differs", locale=rules.locale
                )
            )
    return together(told)


def _wrong_sender(parts: pd.DataFrame, _rows: pd.DataFrame, rules: IntakeRules) -> pd.DataFrame:
    speaks = speaks_for(rules.plan, parts.sender, parts.received_on, parts.unit, parts.cut_off)
    other = parts[~speaks & ~parts.sender.isin(rules.many_units_from)]
    first = other.drop_duplicates("file")
    where = first.drop(columns="unit")
    told = [
        seen_text("other_unit", {"unit": unit, "sender": sender}, rules.locale)
        for unit, sender in zip(first.unit, first.sender, strict=True)
    ]
    return findings(where, "wrong_sender", locale=rules.locale, found=told, field="unit")


def _unknown_unit(parts: pd.DataFrame, _rows: pd.DataFrame, rules: IntakeRules) -> pd.DataFrame:
    units = rules.plan.units
    pairs = parts[["unit", "cut_off"]].drop_duplicates()
    spans = pairs.merge(units[["code", "valid_from", "valid_to"]], left_on="unit", right_on="code")
    day = pd.to_datetime(spans.cut_off)
    valid = spans[~(spans.valid_from > day) & ~(spans.valid_to < day)]
    known = pd.MultiIndex.from_frame(valid[["unit", "cut_off"]])
    is_valid = pd.MultiIndex.from_frame(parts[["unit", "cut_off"]]).isin(known)
    # A unit is looked for on the period's last day; without a period it only has to be known.
    bad = parts[~(is_valid | ((parts.kind == "") & parts.unit.isin(rules.known_units)))]
    return findings(bad, "unknown_unit", locale=rules.locale, found=bad.unit, field="unit")


def _unknown_period(parts: pd.DataFrame, _rows: pd.DataFrame, rules: IntakeRules) -> pd.DataFrame:
    held = zip(parts.period, parts.of_closing, strict=True)
    is_other = pd.Series(
        [isinstance(closing, frozenset) and period not in closing for period, closing in held],
        index=parts.index,
        dtype=bool,
    )
    bad = parts[~parts.is_owed | is_other | (parts.last_month > rules.plan.term.span.last_month)]
    return findings(bad, "unknown_period", locale=rules.locale, found=bad.period, field="period")


def _closings(files: pd.DataFrame, rules: IntakeRules) -> pd.Series:
    """Of each template the periods that its closing holds (by file; None: any)."""
    templates = files[(files.kind == TEMPLATE) & files.code.isna()]
    held = {text: _periods_of(text, rules) for text in templates.period.unique()}
    return pd.Series([held[text] for text in templates.period], index=templates.file, dtype=object)


def _periods_of(closing: object, rules: IntakeRules) -> frozenset[str]:
    try:
        return frozenset(map(str, closing_periods(rules.plan, Period.parse(str(closing)))))
    except InputError:
        return frozenset()


def _closed(parts: pd.DataFrame, rows: pd.DataFrame, rules: IntakeRules) -> pd.DataFrame:
    locked = _locked(parts, rules)
    early = parts[_before(parts.received_on, parts.opens)]
    early = early[early.index.isin(_not_only_estimates(parts, rows))]
    locale = rules.locale
    opens = [date_text(day, locale) for day in early.opens]
    locks = [date_text(day, locale) for day in locked.locked_on]
    return together(
        [
            findings(locked, "period_locked", locale=locale, found=locked.period, locks=locks),
            findings(early, "period_not_open", locale=locale, found=early.period, opens=opens),
        ]
    )


def _locked(parts: pd.DataFrame, rules: IntakeRules) -> pd.DataFrame:
    """The parts whose period was locked when they came and is so still, with locked_on, the last day that was open.

    What came in time is taken though the office locked the period meanwhile; what came too late, once it unlocks it.
    """
    then = _locking(parts, rules, parts.received_at)
    now = _locking(parts, rules, parts.recorded_at)
    locked = parts[then.is_locked & now.is_locked]
    return locked.assign(locked_on=then.locked_on[locked.index])


def _locking(parts: pd.DataFrame, rules: IntakeRules, at: pd.Series) -> pd.DataFrame:
    """is_locked and locked_on of each part at an instant of its own."""
    days = pd.Series([rules.calendar.civil_date(instant) for instant in at], index=parts.index, dtype=object)
    acts = standing_act(rules.acts, parts[["unit", "period"]].assign(at=at, day=days), LOCKING)
    locked_by = acts.recorded_at.where(acts.act.eq(LOCK))
    locked_on = [
        natural if pd.isna(instant) else min(natural, rules.calendar.civil_date(instant))
        for natural, instant in zip(parts.locks, locked_by, strict=True)
    ]
    locked = is_locked(acts.act, _before(parts.locks, days))
    return pd.DataFrame({"is_locked": locked, "locked_on": locked_on}, index=parts.index)


def _before(days: pd.Series, others: pd.Series) -> pd.Series:
    """Whether each day comes before its other one; where one is absent it does not."""
    pairs = zip(days, others, strict=True)
    before = [not (pd.isna(day) or pd.isna(other)) and day < other for day, other in pairs]
    return pd.Series(before, index=days.index, dtype=bool)


def _not_only_estimates(parts: pd.DataFrame, rows: pd.DataFrame) -> set[int]:
    """Parts with a figure that claims to be more than an estimate, or without any estimate."""
    estimate = rows.status == "estimate"
    settled = rows.part[rows.state.isin(SETTLED_STATES) & ~estimate]
    return set(settled) | (set(parts.index) - set(rows.part[estimate]))


def _left_out(files: pd.DataFrame, locale: str) -> pd.DataFrame:
    many = files[files.excess.notna()]
    return findings(many[["file", "sheet"]], "more_rows", locale=locale, count=many.excess.astype("int64"))


def _doubtful(files: pd.DataFrame, rules: IntakeRules) -> list[pd.DataFrame]:
    locale = rules.locale
    version = pd.to_numeric(files.plan_version, errors="coerce")
    old = files[version.notna() & (version != rules.plan_version)]
    comma = files[files.decimal_comma.eq(True)]
    this, now = old.plan_version, rules.plan_version
    plain = files[files.kind == PLAIN]
    by_headings = [seen_text("by_headings", {"sheet": sheet}, rules.locale) for sheet in plain.sheet]
    encoded = files[files.encoding.notna() & ~files.encoding.isin(UNICODE)]
    hidden = files[files.hidden.fillna(0).astype(int) > 0]
    nameless = files[files.left_out.map(lambda lines: isinstance(lines, list) and len(lines) > 0).eq(True)]
    nameless = nameless.assign(count=nameless.left_out.map(len), first=nameless.left_out.map(min))
    return [
        findings(plain[["file"]], "not_a_template", locale=locale, severity=WARNING, found=by_headings),
        findings(encoded[["file"]], "old_encoding", locale=locale, encoding=encoded.encoding),
        findings(hidden[["file", "sheet", "hidden"]], "hidden_rows", locale=locale),
        findings(nameless[["file", "sheet", "count", "first"]], "row_without_code", locale=locale),
        findings(old[["file"]], "old_template", locale=rules.locale, template_version=this, plan_version=now),
        findings(comma[["file"]], "decimal_comma", locale=rules.locale),
    ]
