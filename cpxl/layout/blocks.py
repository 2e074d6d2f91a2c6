"""The parts that sheets are made of; where each lands is worked out in `place.py`.

A sheet is a title, lines below it, and a list of blocks, one below the other. A block is a table: a heading row and
rows of values. Every sheet has the same three kinds of columns: A holds labels, B words, C and what follows figures. So
tables that stand below each other all have the widths that they want, and nothing is merged (`grid.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from cpxl.model import Value
from cpxl.quarters import is_quarter
from cpxl.units import UNITS, Unit

if TYPE_CHECKING:
    from cpxl.layout.place import Here


class Kind(Enum):
    """What the cells of a column hold."""

    TEXT = "text"
    COUNT = "count"  # a whole number, or N/A
    NUMBER = "number"  # any number, or N/A
    CHANGE = "change"  # a number with its sign
    PERCENT = "percent"
    PERCENT_CHANGE = "percent_change"
    TIME = "time"  # a date, or a time in words


NUMERIC = frozenset({Kind.COUNT, Kind.NUMBER, Kind.CHANGE, Kind.PERCENT, Kind.PERCENT_CHANGE})


@dataclass(frozen=True)
class Column:
    """A column of a block.

    key: the field of the record that it holds.
    entered: the lead (or coordinator) fills it in; every other column is locked.
    choices: the list to choose from, where there is one.
    prompt: what Excel shows beside the cell while it is being filled in.
    private: for leads and coordinator; left out for partners.
    may_lack: a form that was issued before config changed may not have it.
    formerly: headings that it had in forms of before.
    warns: a figure above 0 is shown as something at risk.
    unit: what all its figures are counted in; where a row says it, None.
    one_line: it is shown on one line, as far as there is room.
    """

    key: str
    heading: str
    kind: Kind = Kind.TEXT
    entered: bool = False
    choices: tuple[str, ...] = ()
    prompt: str = ""
    private: bool = False
    may_lack: bool = False
    formerly: tuple[str, ...] = ()
    warns: bool = False
    unit: Unit | None = None
    one_line: bool = False


@dataclass(frozen=True)
class Link:
    """A link to a cell, or a name, of a sheet of the workbook; the text says where it goes."""

    sheet: str
    text: str
    cell: str = "A1"

    @property
    def location(self) -> str:
        """`'Women''s Safety'!C7`."""
        quoted = self.sheet.replace("'", "''")
        return f"'{quoted}'!{self.cell}"


@dataclass(frozen=True)
class Heading:
    """The heading of a section in a cell of a table. level: 1, or 2 for one in another."""

    text: str
    level: int


@dataclass(frozen=True)
class FileLink:
    """A link to a file that lies beside the workbook, in the same folder; its name is what is shown."""

    file: str

    @property
    def target(self) -> str:
        """Its name as links have it: `50%25 of all.xlsx`. What is not ASCII stays, as in links that Excel makes."""
        return "".join(sign if ord(sign) > 127 else quote(sign, safe=" &'()+,;=@!$") for sign in self.file)


@dataclass(frozen=True)
class Formula:
    """A live formula and the value it has now, so that a viewer that does not calculate shows the same."""

    text: Callable[[Here], str]
    value: Value


@dataclass(frozen=True)
class Sparkline:
    """A small line in a cell, over a row (from 0) of another block of the sheet, from one column to another."""

    block: str
    row: int
    first: str
    last: str


Content = Value | Link | Heading | FileLink | Formula | Sparkline
Row = Mapping[str, Content]
UNIT, OF, REVISED, FACT = HIDDEN = ("unit", "of", "revised", "fact")
"""What no column shows: by it a row says what its figures are counted in; the quarter or month that they are of, where
that is not the sheet's; which of its columns have figures that were published otherwise, a line each; and what it is,
where its label may be another's too."""

MARK = "[r]"
"""Stands behind a figure that was published otherwise."""
ALWAYS_EMPTY = 2
"""Rows that are still to be filled in, below what a lead has entered."""


@dataclass(frozen=True)
class Block:
    """A table on a sheet.

    name: without the prefix `cpxl_`; a reader finds the block by it.
    table: the Excel Table's name, where other programs rely on it; blank for one that follows from sheet and block.
    intro: a line above the table. check: says live, beside the title, whether what was entered adds up.
    room: for entries there are at least so many rows, and always some of them empty.
    empty: what to print instead where there is no row.
    totalled: the last row is a total.
    private: for leads and coordinator; left out for partners.
    optional: a row in which nothing is entered is as good as none.
    by_quarter: it has a column for each of some quarters.
    formerly: its names in workbooks of before. former: columns that only forms of before have.
    may_lack: a master of 0.1.0 has it not.
    greyed: the column, and how its words begin, of rows whose figures are not of the quarter.
    takes_picture: a picture may be pasted into its first row, which is as high as one.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row] = ()
    intro: str = ""
    check: Formula | None = None
    room: int = 0
    empty: str = ""
    totalled: bool = False
    private: bool = False
    optional: bool = False
    by_quarter: bool = False
    table: str = ""
    formerly: Sequence[str] = ()
    former: Sequence[Column] = ()
    may_lack: bool = False
    greyed: tuple[str, Sequence[str]] | None = None
    takes_picture: bool = False

    @cached_property
    def keys(self) -> list[str]:
        """The key of each column."""
        return [column.key for column in self.columns]

    @cached_property
    def headings(self) -> list[str]:
        """The heading of each column."""
        return [column.heading for column in self.columns]

    def is_of_other_forms(self, heading: str) -> bool:
        """Whether a heading that is none of the block's may be one in a form issued before config changed."""
        return self.by_quarter and is_quarter(heading)

    @cached_property
    def entered(self) -> list[Column]:
        """The columns that a lead fills in."""
        return [column for column in self.columns if column.entered]

    @cached_property
    def lines_above(self) -> int:
        """How many lines stand above the headings."""
        return sum(map(bool, (self.title, self.intro)))

    @cached_property
    def body(self) -> list[Row]:
        """All rows as they stand on the sheet; a table has at least one."""
        spare = max(self.room - len(self.rows), ALWAYS_EMPTY) if self.room else 0
        rows = [*self.rows, *[{} for _ in range(spare)]]
        return rows or [{self.columns[0].key: self.empty}]


class Shape(Enum):
    """Kinds of chart."""

    STACKED = "stacked"
    SHARES = "shares"
    MONTHS = "months"
    LINES = "lines"


@dataclass(frozen=True)
class Series:
    """One series of a chart: cells of a block, along a row or down a column; its name, or the cell that has it.

    colour: one of the theme's; of a chart of lines, how the line looks.
    """

    name: str | Callable[[Here], str]
    values: Callable[[Here], str]
    colour: str


@dataclass(frozen=True)
class Chart:
    """A native chart over a block of the same sheet. `alt_text` says in words what it shows.

    axis: what its figures are. every: of how many labels one is shown. height: in rows of a line each.
    """

    block: str
    shape: Shape
    title: str
    alt_text: str
    categories: Callable[[Here], str]
    series: Sequence[Series]
    axis: str
    every: int = 1
    height: int = 11

    @property
    def name(self) -> str:
        """What Excel's selection pane calls it."""
        return f"Chart: {self.title}"[:250]


@dataclass(frozen=True)
class Sentence:
    """What stands in place of a table without rows: the table's title, and a sentence."""

    title: str
    text: str


@dataclass(frozen=True)
class Line:
    """A line below a sheet's title: what it says, and the style that it has in the theme."""

    content: Content
    style: str = "subtitle"


@dataclass(frozen=True)
class Picture:
    """A picture with a title, and a line that says what it shows. size: its width and height on a sheet, in pixels."""

    title: str
    text: str
    content: bytes
    size: tuple[int, int]

    @property
    def height(self) -> int:
        """Rows that it takes, of a line each."""
        return self.size[1] // LINE + 2


LINE = 20
"""Pixels that a row of one line is high."""
Item = Block | Chart | Sentence | Picture


@dataclass(frozen=True)
class Sheet:
    """A sheet: title in A1, lines below it, then blocks and charts.

    widths: of its columns, in characters, where they are not those of the grid: on data sheets.
    protected: a form, on which only what is entered can be changed. It has no Excel Tables, which could not grow there.
    loose: cells that are no part of them: row and column from 0, and what stands there.
    """

    name: str
    title: str
    lines: Sequence[Line] = ()
    items: Sequence[Item] = ()
    protected: bool = False
    hidden: bool = False
    loose: Sequence[tuple[int, int, Content]] = ()
    widths: Sequence[float] = ()

    @property
    def blocks(self) -> list[Block]:
        """The sheet's blocks, top to bottom."""
        return [item for item in self.items if isinstance(item, Block)]

    @property
    def subtitle(self) -> Value:
        """The first line below the title."""
        return plain(self.lines[0].content) if self.lines else None


@dataclass(frozen=True)
class Workbook:
    """A workbook to write: its sheets in order and what stands in its properties and page margins.

    author: who it says has saved it; blank in what goes out.
    is_return: a form that goes out, in which nothing comes in between tables: names say aloud where their headings are.
    made: the day on which it says that it was made, so that it is the same whenever it is; today, if none is given.
    """

    title: str
    marking: str
    footer: str
    sheets: Sequence[Sheet]
    author: str = ""
    is_return: bool = False
    made: date | None = None


def unit_of(column: Column, row: Row) -> Unit | None:
    """What a figure is counted in; None where nothing says it."""
    return column.unit or UNITS.get(str(row.get(UNIT)))


def is_revised(column: Column, row: Row) -> bool:
    """Whether a figure was published otherwise."""
    return column.key in str(row.get(REVISED) or "").split("\n")


def units_by_label(block: Block) -> dict[Value, Unit]:
    """What the figures of each row are counted in, by what stands in its first column, where rows say so."""
    return {plain(row.get(block.keys[0])): UNITS[str(row[UNIT])] for row in block.rows if str(row.get(UNIT)) in UNITS}


def plain(content: Content) -> Value:
    """The value that a cell shows."""
    match content:
        case Formula(_, value):
            return value
        case Link(text=text) | Heading(text=text):
            return text
        case FileLink(file):
            return file
        case Sparkline():
            return None
    return content


SHOWN = Link | Heading | Sparkline
"""What is more than a value, and goes out as it is."""


def for_partners(sheet: Sheet) -> Sheet:
    """The sheet with values only: no formulas, nothing to fill in, nothing private."""
    return replace(
        sheet, protected=False, items=[_published(i) for i in sheet.items if not getattr(i, "private", False)]
    )


def _published(item: Item) -> Item:
    if not isinstance(item, Block):
        return item
    if not item.rows:
        return Sentence(item.title, item.empty)
    columns = [replace(column, entered=False, choices=(), prompt="") for column in item.columns if not column.private]
    rows = [
        {c.key: content if isinstance(content := row.get(c.key), SHOWN) else plain(content) for c in columns}
        | {key: row[key] for key in HIDDEN if key in row}
        for row in item.rows
    ]
    return replace(item, columns=columns, rows=rows, check=None, room=0)
