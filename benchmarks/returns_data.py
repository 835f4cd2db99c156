"""What the units of the measured plan report: for a unit and quarter the same figures on every machine.

One unit makes every mistake and gets its workbook back with them marked; the others now and then type a number
as text, declare that nothing occurred, or give a reason.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.plan_data import BLOCK, UNDISTURBED, Size, scale_of, sort_of

SEED = 20_160_101
CARELESS = 5  # the number of the unit that makes mistakes
MISTAKES = 5

TEXT_SHARE, QUALIFIED_SHARE = 0.02, 0.01
NONE_OCCURRED_SHARE, NOT_DUE_SHARE = 0.015, 0.005
REASON_SHARE, NOTE_SHARE = 0.10, 0.05

REASONS = (
    "Giải phóng mặt bằng chậm, vốn giao muộn",
    "Thời tiết không thuận lợi, dịch bệnh trên vật nuôi",
    "Một số xã chưa hoàn thành thủ tục đầu tư",
)
REMEDIES = (
    "Đôn đốc các xã, giao ban hằng tháng",
    "Đề nghị tỉnh bổ sung vốn trong quý tới",
)
NOTE = "Số liệu theo báo cáo của phòng chuyên môn"


@dataclass(frozen=True)
class Return:
    """One unit's figures of one quarter (numbered from 0), before and after they are typed into cells."""

    size: Size
    unit: int
    quarter: int
    careless_every: int = 0  # every so many units one more makes mistakes

    @property
    def code(self) -> str:
        """The unit's code."""
        return self.size.unit_codes[self.unit]

    @property
    def is_careless(self) -> bool:
        """Whether this unit makes mistakes."""
        return self.unit == CARELESS or (self.careless_every > 0 and self.unit % self.careless_every == 0)

    def cells(self) -> pd.DataFrame:
        """What was typed, one row an indicator: its code, and columns of template_sheet.Asked."""
        codes = self.size.indicator_codes
        cells = pd.DataFrame({"indicator": codes, **self._figures()})
        chance = self._random("texts").random((5, len(codes)))
        free = np.array([n % BLOCK not in UNDISTURBED for n in range(len(codes))])
        plain = free & ~np.array([sort_of(n).is_ratio for n in range(len(codes))])
        self._type_as_text(cells, chance[0], plain)
        self._declare(cells, chance[1], plain)
        explained, noted = chance[2] < REASON_SHARE, chance[3] < NOTE_SHARE
        cells["reason"] = [_of(REASONS, self.unit) if holds else None for holds in explained]
        cells["remedy"] = [_of(REMEDIES, self.unit) if holds else None for holds in explained]
        cells["note"] = [NOTE if holds else None for holds in noted]
        if self.is_careless:
            self._make_mistakes(cells, np.flatnonzero(plain))
        return cells

    def _random(self, what: str) -> np.random.Generator:
        return np.random.default_rng([SEED, self.unit, self.quarter, len(what)])

    def _figures(self) -> dict[str, list[float | None]]:
        """The figures themselves: value, or numerator and denominator, rounded as officers round them."""
        noise = self._random("figures").random(self.size.indicators)
        own = 0.5 + np.random.default_rng([SEED, self.unit]).random(self.size.indicators)
        values: list[float | None] = []
        tops: list[float | None] = []
        bottoms: list[float | None] = []
        for n in range(self.size.indicators):
            figure = self._figure(n, float(own[n]), float(noise[n]))
            is_ratio = sort_of(n).is_ratio
            values.append(None if is_ratio else round(figure, 2))
            bottoms.append(round(scale_of(n) * own[n], 2) if is_ratio else None)
            tops.append(round(figure * own[n] * 0.6, 2) if is_ratio else None)
        for n in range(self.size.indicators):
            self._relate(values, n)
        return {"value": values, "numerator": tops, "denominator": bottoms}

    def _figure(self, n: int, own: float, noise: float) -> float:
        wave = 0.95 + 0.1 * noise
        if sort_of(n).is_ratio:
            return scale_of(n) * wave
        growth = (self.quarter + noise) / 4 if sort_of(n).accumulation == "cumulative" else 1.0
        return scale_of(n) * own * wave * growth

    def _relate(self, values: list[float | None], n: int) -> None:
        """A sum is that of its parts, what must not exceed another figure does not; but for mistakes."""
        start, place = n - n % BLOCK, n % BLOCK
        is_wrong = self.is_careless and n < BLOCK
        if place == 1 and n + 2 < self.size.indicators:
            values[n] = round(
                ((values[n + 1] or 0.0) + (values[n + 2] or 0.0)) * (1.1 if is_wrong else 1.0), 2
            )
        if place == 6:
            values[n] = round((values[start + 5] or 0.0) * 0.8 * (1.5 if is_wrong else 1.0), 2)

    def _type_as_text(self, cells: pd.DataFrame, chance: np.ndarray, plain: np.ndarray) -> None:
        cells["value"] = cells["value"].astype(object).where(cells["value"].notna(), None)
        for n in np.flatnonzero(plain & (chance < TEXT_SHARE + QUALIFIED_SHARE)):
            text = vietnamese(float(cells.value[n]))
            cells.at[n, "value"] = f"trên {text}" if chance[n] < QUALIFIED_SHARE else text

    def _declare(self, cells: pd.DataFrame, chance: np.ndarray, plain: np.ndarray) -> None:
        cells["state"] = None
        none, later = chance < NONE_OCCURRED_SHARE, chance > 1 - NOT_DUE_SHARE
        for state, holds in (("none_occurred", none), ("not_due", later)):
            cells.loc[plain & holds, "state"] = state
            cells.loc[plain & holds, "value"] = None

    def _make_mistakes(self, cells: pd.DataFrame, places: np.ndarray) -> None:
        picked = self._random("mistakes").choice(places, size=min(MISTAKES, len(places)), replace=False)
        for at, n in enumerate(picked):
            cells.loc[n, ["value", "state"]] = [[None, "chưa rõ", -5.0, "khoảng vài chục", None][at], None]
        ratios = [n for n in range(self.size.indicators) if sort_of(n).is_ratio]
        cells.loc[ratios[self.unit % len(ratios)], "denominator"] = 0.0


def vietnamese(number: float) -> str:
    """A number as a Vietnamese officer types it: 1.234,50."""
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


def _of(texts: tuple[str, ...], n: int) -> str:
    return texts[n % len(texts)]
