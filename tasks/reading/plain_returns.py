"""Returns in tables that are no template: what their rows are of is looked up in the plan."""

from dataclasses import replace
from pathlib import PurePosixPath

import pandas as pd

from tasks.reading.raw_texts import digests, whole_digest
from tasks.reading.returns import Reading
from tasks.template.return_fields import ENTRY_FIELDS
from tiendo.intake_rules import IntakeRules
from tiendo.kinds import PLAIN
from tiendo.period_texts import period_in
from tiendo.periods import Period
from tiendo.plain_tables import with_codes

KEYS = ["unit", "period", "indicator"]


def with_plain_resolved(reading: Reading, received: pd.DataFrame, rules: IntakeRules) -> Reading:
    """The reading with unit, period and indicator of plain tables filled in, and what they say anew.

    received: file, sender, path.
    """
    plain = reading.files[reading.files.kind.eq(PLAIN) & reading.files.code.isna()]
    if plain.empty:
        return reading
    cells, files = reading.cells.copy(), reading.files.set_index("file")
    said = [reading.digests[~reading.digests.file.isin(plain.file)]]
    for record in plain.merge(received[["file", "sender", "path"]], on="file").to_dict("records"):
        file, sender = record["file"], record["sender"]
        own = cells.file == file
        closing = _closing(record["period"], record["titles"], PurePosixPath(record["path"]).name)
        filled = with_codes(cells[own], sender, closing, rules.plan, rules.calendar)
        cells.loc[own, KEYS] = filled[KEYS].to_numpy(dtype=object)
        own_digests = _digests(filled)
        said.append(own_digests.assign(file=file))
        about = {"unit": sender, "period": str(closing) if closing else None}
        about["content_digest"] = whole_digest(list(own_digests.itertuples(index=False, name=None)))
        for name, text in about.items():
            files.at[file, name] = text
    return replace(
        reading, cells=cells, files=files.reset_index(), digests=pd.concat(said, ignore_index=True)
    )


def _closing(key: str | None, titles: list[str], name: str) -> Period | None:
    """The period of a table: as its hidden key says, else as its titles and the file's name say with one voice."""
    if key:
        return period_in(key)
    found = {period for text in (*titles, name) if (period := period_in(text))}
    return max(found) if len({period.last_month for period in found}) == 1 else None


def _digests(rows: pd.DataFrame) -> pd.DataFrame:
    columns = {name: rows[name].tolist() for name in (*KEYS, *ENTRY_FIELDS)}
    return pd.DataFrame(digests(columns), columns=["unit", "period", "rows", "content_digest"])
