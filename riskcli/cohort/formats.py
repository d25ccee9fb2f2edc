"""What a file of a cohort may be, and a cohort that can be read once. Loads no data frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from riskcli.errors import quoted
from riskcli.errors import refused as refused  # for all that read and write files
from riskcli.records import STDIN, unreadable
from riskcli.words import any_of, say

if TYPE_CHECKING:
    import polars as pl

CSV, TSV, PARQUET, XLSX, JSONL = "csv", "tsv", "parquet", "xlsx", "jsonl"
FORMATS = {
    ".csv": CSV,
    ".txt": CSV,
    ".tsv": TSV,
    ".tab": TSV,
    ".parquet": PARQUET,
    ".pq": PARQUET,
    ".xlsx": XLSX,
    ".xlsm": XLSX,
    ".jsonl": JSONL,
    ".ndjson": JSONL,
}
"""The format that a file's name stands for; `.gz` may follow those of text."""
TEXT = (CSV, TSV, JSONL)
_OTHER_DELIMITERS = (";", "\t", "|", ",")


@dataclass
class Source:
    """A cohort that can be read once, batch by batch."""

    name: str
    """What it is called in sentences."""
    headers: list[str]
    batches: Callable[[], Iterator[pl.DataFrame]]
    size: int | None = None
    """How much there is to read, in the unit of `done`; None when that is not known."""
    done: Callable[[], int] = lambda: 0
    """How much has been read."""
    typed: bool = True
    """Whether a column has one type throughout."""
    untouched: frozenset[str] = frozenset()
    """Columns that are not to be read, whatever they are called."""
    remembered: int | None = None
    """How many different answers are worth remembering, where rows cost so much that few are enough."""
    notes: Callable[[], list[str]] = list
    """What is to be said of the whole file, when it was read."""


def need_more() -> str:
    """Say how what cohorts need is installed."""
    return say("cohort_file.need_more")


def other_delimiter(headers: Sequence[str]) -> str:
    r"""Return what is to be said when the names of all columns seem to stand in one; mostly nothing.

    Example:
        >>> other_delimiter(["id;grade"])
        '; ";" stands in the name of the one column: where it parts columns, give --delimiter ";"'
        >>> other_delimiter(["id", "a;b"])
        ''
    """
    if len(headers) != 1:
        return ""
    for mark in _OTHER_DELIMITERS:
        if mark in headers[0]:
            tab = mark == "\t"
            said = say("cohort_file.tab") if tab else quoted(mark)
            return say("cohort_file.other_delimiter", mark=said, given="tab" if tab else quoted(mark))
    return ""


def format_of(path: str, said: str | None = None) -> str:
    """Return the format of a file: what is said, or what its name stands for.

    Raises:
        CaseError: neither says.
    Example:
        >>> format_of("cohort.csv.gz"), format_of("-", "tsv")
        ('csv', 'tsv')
    """
    if said is not None:
        if said not in {*FORMATS.values()}:
            raise refused(
                say("cohort_file.no_format", said=said, formats=any_of(sorted({*FORMATS.values()})))
            )
        return said
    if path == STDIN:
        return CSV
    inner = Path(path.removesuffix(".gz")).suffix.lower()
    if inner not in FORMATS:
        raise refused(say("cohort_file.no_ending", name=path, endings=any_of(list(FORMATS))))
    return FORMATS[inner]


def look_at(path: str) -> None:
    """Refuse a file that cannot be opened.

    Raises:
        CaseError: in one sentence.
    """
    try:
        if Path(path).is_dir():
            raise refused(say("cohort_file.directory", name=path))
        with Path(path).open("rb") as file:
            if Path(path).is_file() and not file.read(1):
                raise refused(say("file.empty", name=path))
    except FileNotFoundError:
        raise refused(say("file.missing", name=path)) from None
    except OSError as error:
        raise refused(unreadable(path, error)) from None
    except ValueError:  # a name that no file can have
        raise refused(say("file.missing", name=path)) from None
