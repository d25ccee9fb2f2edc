"""Cases as a form that an expert can mark, in Markdown to print and in CSV to read back. No I/O.

The program's own answers are never on the form, and nothing in it hints at them: neither the names of the
cases nor their order.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from riskcli.compiled import LEVELS, Compiled
from riskcli.conditions import NOT_DONE
from riskcli.report.sections import escaped
from riskcli.report.wording import Wording
from riskcli.vignettes import Covering
from riskcli.words import any_of, say, say_many

ID, CANCER, EDITION, DIGEST = "id", "cancer", "edition", "digest"
LEVEL, OPTIONS, COMMENT = "level", "options", "comment"
TRACE = (ID, CANCER, EDITION, DIGEST)
"""The columns before the findings: which case of which table this is."""
MARKS = (LEVEL, OPTIONS, COMMENT)
"""The columns after the findings, left empty for the expert."""
NONE = "none"
"""What an expert writes for no option at all; an empty cell is no mark."""
BETWEEN = ";"
"""What stands between options in one cell."""


def how_to_mark(table: Compiled) -> tuple[str, ...]:
    """Say how the CSV form is filled in.

    Example:
        >>> from riskcli.loader import load_rules
        >>> print(how_to_mark(load_rules().get("other_solid"))[0])
        level: low, intermediate, high or very_high.
    """
    ids = ", ".join(option["id"] for option in table.table["options"])
    return (
        say("form.mark_level", column=LEVEL, levels=any_of(LEVELS)),
        say("form.mark_options", column=OPTIONS, between=BETWEEN, none=NONE, ids=ids),
        say("form.mark_comment", column=COMMENT),
    )


def case_ids(found: Covering) -> list[str]:
    """Return the name of every case on the form: the cancer and a number."""
    digits = len(str(len(found.cases)))
    return [f"{found.cancer}-{number:0{digits}}" for number in range(1, len(found.cases) + 1)]


def csv_form(found: Covering, table: Compiled) -> str:
    """Return the form as CSV: one row a case, one column a field that some case states.

    Example:
        >>> from riskcli.loader import load_rules
        >>> from riskcli.vignettes import covering
        >>> table = load_rules().get("other_solid")
        >>> print(csv_form(covering(table, 1), table).split(",digest,")[1].splitlines()[0])
        grade,nodes_positive,nodes_examined,vascular_invasion,postoperative_markers,level,options,comment
    """
    fields = [name for name in table.index if any(name in case.record for case in found.cases)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*TRACE, *fields, *MARKS])
    for name, case in zip(case_ids(found), found.cases, strict=True):
        findings = [case.record.get(field, "") for field in fields]
        writer.writerow(
            [name, table.name, table.table["edition"], table.digest, *findings, *[""] * len(MARKS)]
        )
    return text.getvalue()


def markdown_form(found: Covering, table: Compiled) -> str:
    """Return the form as Markdown: one block a case, to be ticked.

    Example:
        >>> from riskcli.loader import load_rules
        >>> from riskcli.vignettes import covering
        >>> table = load_rules().get("other_solid")
        >>> "[ ] low   [ ] intermediate" in markdown_form(covering(table, 2), table)
        True
    """
    form = _Form(table)
    blocks = [*form.head(len(found.cases))]
    for name, case in zip(case_ids(found), found.cases, strict=True):
        blocks += form.case(name, case.record)
    return "\n\n".join(blocks) + "\n"


class _Form:
    """Words one table's cases."""

    def __init__(self, table: Compiled) -> None:
        self.table = table
        self.labels: Mapping[str, Any] = table.common["labels"]
        self.wording = Wording(self.labels)

    def head(self, count: int) -> Iterator[str]:
        """Give what stands before the cases."""
        data, years = self.table.table, self.table.table["horizon_years"]
        yield f"# {say_many('form.heading', count, title=escaped(data['title']))}"
        yield say("form.please", years=years)
        premises = self._premises()
        if premises:
            yield say("form.premises", premises=premises)
        rows = [f"| {level['word']} | {level['band']} |" for level in self.table.common["levels"]]
        heads = f"| {say('form.likelihood')} | {say('form.within_years', years=years)} |"
        yield "\n".join([heads, "|---|---|", *rows])
        yield say("form.table", cancer=data["cancer"], edition=data["edition"], digest=self.table.digest)
        yield say("form.marked_by")
        yield say("form.date")

    def _premises(self) -> str:
        """Return what holds in every case, as far as the table has no field for it."""
        words = self.labels["premise_words"]
        return ", ".join(
            escaped(words.get(name, premise["why"]))
            for name, premise in self.table.common["premises"].items()
            if name not in self.table.index
        )

    def case(self, name: str, record: Mapping[str, Any]) -> Iterator[str]:
        """Give the block of one case."""
        yield f"## {name}"
        made = {field: value for field, value in record.items() if value != NOT_DONE}
        lines = [f"- {escaped(self.wording.shown(field, value))}" for field, value in made.items()]
        not_done = [self.wording.called(field) for field in record if field not in made]
        if not_done:
            lines.append(f"- {say('form.not_done', tests=escaped(', '.join(not_done)))}")
        yield "\n".join(lines)
        ticks = [f"[ ] {self.wording.level(level)}" for level in LEVELS]
        yield say("form.tick_one", levels="   ".join(ticks))
        yield "\n".join([say("form.tick_any"), "", *self._options(self.table.table["options"])])
        yield say("form.comment")

    def _options(self, options: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Give a line to tick for each option."""
        for option in options:
            kind = self.labels["kinds"][option["kind"]]
            yield f"- [ ] {escaped(kind)}: {escaped(option.get('short', option['name']))} (`{option['id']}`)"
        yield f"- [ ] {NONE}"
