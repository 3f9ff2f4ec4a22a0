"""A table as CSV: read so that a cell can be changed and every other byte stays; or made anew."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SEPARATORS = ",;\t"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # how a cell begins that spreadsheets compute


@dataclass(frozen=True)
class Table:
    """A text of CSV: where each cell stands in it, and its value."""

    text: str
    places: list[list[tuple[int, int]]]
    values: list[list[str]]

    @property
    def headings(self) -> list[str]:
        """Return the values of the first row."""
        return self.values[0]

    def row(self, number: int) -> dict[str, str]:
        """Return a row as {heading: value}."""
        return dict(zip(self.headings, self.values[number], strict=False))

    def changed(self, cells: Mapping[tuple[int, int], str]) -> str:
        """Return the text with other values, {(row, column): value}; all else is as it was.

        A value must need no quotes: a number is such.
        """
        text = self.text
        for (row, column), value in sorted(cells.items(), reverse=True):
            start, end = self.places[row][column]
            text = text[:start] + value + text[end:]
        return text


def read(text: str) -> Table:
    """Return the Table of a text, whichever separator and ends of lines it has."""
    first = next(iter(text.splitlines()), "")
    separator = max(SEPARATORS, key=re.sub(r'"[^"]*"', "", first).count)
    pattern = re.compile(rf'"(?:[^"]|"")*"[^{separator}\r\n]*|[^{separator}\r\n]*')
    at, places, row = int(text.startswith("\ufeff")), [], []
    while True:
        found = pattern.match(text, at)
        row.append(found.span())
        at = found.end()
        if text.startswith(separator, at):
            at += 1
            continue
        places.append(row)
        row = []
        at += 2 if text.startswith("\r\n", at) else 1
        if at >= len(text):
            break
    return Table(text, places, [[_value(text[slice(*one)]) for one in row] for row in places])


def _value(cell):
    if cell.startswith('"') and cell.endswith('"') and len(cell) > 1:
        return cell[1:-1].replace('""', '"')
    return cell


def made(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a CSV for people to open: a cell that a spreadsheet would compute begins with a '.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([headings, *(map(harmless, row) for row in rows)])
    return out.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    begins = cell.lstrip(" ").startswith(FORMULA)
    return f"'{cell}" if begins else cell
