"""What a scan of a workbook's bytes finds out about each sheet, that the reader of its values does not tell.

Standard library only: the reading child imports it.
"""

from dataclasses import dataclass, field

Cell = tuple[int, int]  # row and column, from 0
Area = tuple[int, int, int, int]  # first row, first column, last row, last column, from 0


@dataclass
class SheetFacts:
    """One sheet: cells that hold an error (as Excel writes it: `#REF!`), formulas without a stored result, merged
    areas (of more than one row, at least), and rows that are hidden or filtered away."""

    errors: dict[Cell, str] = field(default_factory=dict)
    uncached: set[Cell] = field(default_factory=set)
    merged: list[Area] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)

    @property
    def is_plain(self) -> bool:
        """Whether every cell is what its reader says."""
        return not (self.errors or self.uncached or self.merged)


Facts = dict[str, SheetFacts]  # by the sheet's name
