"""What units gave as reasons and remedies, put together: those who say the same are named in one breath."""

import pandas as pd

MOST_NAMED = 12  # more units than these are counted, or their names would hide what they say
FEW_NAMED = 3


def words_of_units(said: pd.DataFrame) -> pd.DataFrame:
    """What is said of each indicator: `whole` (`A, B: late; C: rain`), and `short`, where many are counted.

    said: indicator, name (the unit's), words (not empty). Indexed by indicator; neither order nor a word is lost.
    """
    alike = said.words.str.split().str.join(" ").str.strip(" .").str.casefold()
    groups = said.assign(alike=alike).groupby(["indicator", "alike"], sort=False)
    words, names = groups.words.first(), groups.name.agg(lambda column: list(dict.fromkeys(column)))
    lines = pd.DataFrame(
        {
            "whole": [f"{', '.join(each)}: {text}" for each, text in zip(names, words, strict=True)],
            "short": [f"{_counted(each)}: {text}" for each, text in zip(names, words, strict=True)],
        },
        index=words.index,
        dtype="str",
    )
    return lines.groupby("indicator", sort=False).agg("; ".join)


def _counted(names: list[str]) -> str:
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:FEW_NAMED])} và {len(names) - FEW_NAMED} đơn vị khác"
