"""Tables of labels, as data sets publish them and as spreadsheets save them.

Excel writes a byte order mark, UTF-16 or the Chinese GBK, separates by semicolons or tabs, appends
blank rows, and turns 34 into 34.0. All of that is read here. What cannot be read raises
DataSetError with the file, the line and the remedy.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.datasets import DataSetError

WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .xls
REMEDY = 'save it as "CSV UTF-8"'
SEPARATORS = (",", ";", "\t")
YEARS = r"(\d{1,3})(?:[.,]0+)?"
AGE = re.compile(rf"{YEARS}(?:\s*[-–—~]\s*{YEARS})?")
OLDEST = re.compile(r"(?:more than\s*)?(\d{1,3})\s*\+?", re.IGNORECASE)  # "70+", "more than 70"
LAST_YEAR = 100
GENDERS = {"male": 0, "m": 0, "男": 0, "female": 1, "f": 1, "女": 1, "": None}


@dataclass(frozen=True)
class Row:
    """One line of a table; `cells` by column, "" where the line has none."""

    table: Path
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def error(self, problem: str) -> DataSetError:
        """The complaint about this line."""
        return DataSetError(f"{self.table}, line {self.line}: {problem}")

    def ages(self, column: str) -> tuple[int, int]:
        """`34` -> (34, 34), `20-29` -> (20, 29), `70+` -> (70, 100). Raises DataSetError."""
        text = self[column]
        low, high = 1, 0
        if match := AGE.fullmatch(text):
            low, high = int(match[1]), int(match[2] or match[1])
        elif match := OLDEST.fullmatch(text):
            low, high = int(match[1]), LAST_YEAR
        if low <= high:
            return low, high
        raise self.error(
            f"neither an age nor a range of ages: {text!r}; write 34, 20-29 or 70+ "
            f"(spreadsheets make dates of ranges unless the column is formatted as text)"
        )

    def number(self, column: str) -> float:
        """A number with a decimal point or comma. Raises DataSetError."""
        try:
            return float(self[column].replace(",", "."))
        except ValueError:
            raise self.error(f"not a number: {column} {self[column]!r}") from None

    def gender(self, column: str) -> int | None:
        """0 male, 1 female, None where the cell is empty. Raises DataSetError."""
        text = self[column].lower()
        if text not in GENDERS:
            raise self.error(f"not male, female or empty: {self[column]!r}")
        return GENDERS[text]

    def photo(self, column: str) -> str:
        """The photo's name, with slashes where Windows writes backslashes. Raises DataSetError."""
        if not self[column]:
            raise self.error(f"no photo: {column} is empty; name one, or delete the line")
        return self[column].replace("\\", "/")


def rows(table: Path, *columns: str) -> list[Row]:
    """The rows of `table` that are not blank. Its head must name the `columns`, in any order and
    with any capitals. Raises DataSetError."""
    lines = list(filled(table))
    if lines and lines[0][1][0].lower() == "sep=":  # Excel's own way to name the separator
        del lines[0]
    line, head = lines[0] if lines else (1, [])
    names = ["_".join(cell.lower().split()) for cell in head]
    for column in columns:
        if column not in names:
            raise DataSetError(
                f"{table}, line {line}: no column {column!r} in {', '.join(head)!r}; "
                f"the first line must name {', '.join(columns)}"
            )
    found = []
    for line, cells in lines[1:]:
        row = Row(table, line, dict(zip(names, cells, strict=False)))
        if any(cells[len(names) :]):
            raise row.error(
                f"{len(cells)} cells, but {len(names)} columns; put quotes around commas"
            )
        found.append(row)
    return found


def filled(table: Path) -> Iterator[tuple[int, list[str]]]:
    """The number and the cells of each line that is not blank."""
    content = text(table)
    first = next((line for line in content.splitlines() if line.strip(",;\t ")), "")
    lines = csv.reader(io.StringIO(content, newline=""), delimiter=max(SEPARATORS, key=first.count))
    try:
        for line in lines:
            cells = [cell.strip() for cell in line]
            if any(cells):
                yield lines.line_num, cells
    except csv.Error as error:
        raise DataSetError(f"{table}, line {lines.line_num}: {error}; {REMEDY}") from error


def words(file: Path) -> list[Row]:
    """The lines of a list that are not blank, each as the column `line`. Raises DataSetError."""
    lines = enumerate(text(file).splitlines(), start=1)
    return [Row(file, number, {"line": line.strip()}) for number, line in lines if line.strip()]


def text(file: Path) -> str:
    """The content of `file` in whatever encoding it was saved. Raises DataSetError."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise DataSetError(f"cannot read {file}: {error.strerror}") from error
    if data.startswith(WORKBOOK):
        raise DataSetError(f"{file} is a workbook, not a text: {REMEDY} under the same name")
    try:
        return data.decode(encoding(data))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataSetError(f"{file}, line {line}: neither UTF-8 nor GB18030; {REMEDY}") from error


def encoding(data: bytes) -> str:
    """UTF-16 by its mark or its zeros, UTF-8 if it is that, else GB18030, which includes GBK."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if 0 in data[:2]:
        return "utf-16-be" if data[0] == 0 else "utf-16-le"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"
