"""`riskcli rules list`, `show`, `audit` and `diff`: what the tables hold, what has aged, what changed."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from riskcli import words
from riskcli.cli.apart import keep_apart
from riskcli.cli.output import ANSWERED, DIFFERENT, WRONG_RULES, say, write
from riskcli.cli.page import shorter, show_blocks, show_data, show_page
from riskcli.cli.routing import Job, Route
from riskcli.errors import CaseError, Fault, Problem, RuleFileError, quoted
from riskcli.report.terminal import clean
from riskcli.values import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcli.changes import TableChange
    from riskcli.compiled import Compiled
    from riskcli.tables import Example

JsonOption = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
MarkdownOption = Annotated[bool, typer.Option("--markdown", help="Print as Markdown.")]
OutputOption = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file, in UTF-8.")
]
RulesOption = Annotated[
    str | None, typer.Option("--rules", metavar="DIR", help="Add or replace rule tables (a hospital's own).")
]


def add_catalogue(app: typer.Typer, route: Route) -> None:
    """Add the commands that show, age-check and compare rule tables."""

    @app.command("list")
    def list_(json_: JsonOption = False, rules: RulesOption = None) -> Job:
        """List every table: where it stands, what it rests on, and how large it is."""
        return lambda: list_tables(route, json_)

    @app.command()
    def show(
        cancer: str = typer.Argument(metavar="CANCER", autocompletion=route.cancers),
        row: Annotated[
            str | None, typer.Option("--row", metavar="ID", help="One row, with everything about it.")
        ] = None,
        markdown: MarkdownOption = False,
        json_: JsonOption = False,
        output: OutputOption = None,
        rules: RulesOption = None,
    ) -> Job:
        """Show a table as a person reads it: fields, rows in order, options, examples, sources."""
        return lambda: show_table(route, (cancer, row), (markdown, json_), output)

    @app.command()
    def audit(
        as_of: Annotated[
            str | None, typer.Option("--as-of", metavar="DATE", help="The day to ask about. [default: today]")
        ] = None,
        json_: JsonOption = False,
        rules: RulesOption = None,
    ) -> Job:
        """List what rests on evidence or reviews past their date. Exit code 3 when anything has aged."""
        return lambda: audit_tables(route, as_of, json_)

    @app.command()
    def diff(
        old: Annotated[str, typer.Argument(metavar="OLD", help="A file, a directory or a git revision.")],
        new: Annotated[str, typer.Argument(metavar="NEW", help="The same, of the newer rules.")],
        cancers: Annotated[
            list[str] | None, typer.Argument(metavar="CANCER", help="Default: every table.")
        ] = None,
        markdown: MarkdownOption = False,
        json_: JsonOption = False,
        cohort: Annotated[
            str | None,
            typer.Option("--cohort", metavar="FILE", help="Count real patients (CSV or JSON Lines)."),
        ] = None,
        rules: RulesOption = None,
    ) -> Job:
        """Say what changes for patients, over every possible case. Exit code 0 same, 5 different."""
        return lambda: diff_tables(route, (old, new), cancers or [], (markdown, json_), cohort)


# ---- list


def list_tables(route: Route, as_json: bool) -> int:
    """List every table that can be read; then report those that cannot.

    Raises:
        RuleFileError: a table is faulty.
    """
    from riskcli.catalogue import Summary, summary
    from riskcli.report.catalogue import summary_blocks

    today = date.today()
    summaries: list[Summary] = []
    faults: list[Fault] = []
    for name in route.rules.names:
        try:
            summaries.append(summary(route.rules, name, today))
        except RuleFileError as error:
            faults += error.faults
    if as_json:
        show_data({"tables": [found.data() for found in summaries]})
    else:
        show_blocks(summary_blocks([replace(found, origin=shorter(found.origin)) for found in summaries]))
    if faults:
        raise RuleFileError(faults)
    return ANSWERED


# ---- show


def show_table(
    route: Route, what: tuple[str, str | None], form: tuple[bool, bool], output: str | None
) -> int:
    """Show a table or one row of it.

    `what` is the cancer and the id of a row; `form` says whether Markdown and whether JSON is wanted.

    Raises:
        CaseError: there is no such table or row.
        RuleFileError: the table is faulty.
    """
    from riskcli.report.rows import Shown, row_data, table_data
    from riskcli.report.tables import row_page, table_page

    keep_apart(route, {"--output": output})
    (given, row), (markdown, as_json) = what, form
    rules = route.rules
    name = phrase(given).replace(" ", "_")
    if name not in rules.names:
        raise rules.no_table(given)
    found = Shown.of(rules, name, _vignettes(route, name))
    found = replace(found, document=replace(found.document, file=shorter(found.document.file)))
    if as_json:
        show_data(table_data(found) if row is None else row_data(found, row), output)
    else:
        show_page(table_page(found) if row is None else row_page(found, row), markdown, output)
    return ANSWERED


def _vignettes(route: Route, name: str) -> tuple[Example, ...]:
    """Return the worked cases that a clone keeps beside its tests; nothing elsewhere."""
    from riskcli.check import vignette_file
    from riskcli.rule_files import read_vignettes

    path = vignette_file(route.rules.file(name))
    return read_vignettes(path)[1].vignettes if path.is_file() else ()


# ---- audit


def audit_tables(route: Route, as_of: str | None, as_json: bool) -> int:
    """List what has aged, what was not seen and what is oldest; exit code 3 when anything has aged."""
    from riskcli.catalogue import audit

    found = audit(route.rules, _day(as_of))
    if as_json:
        show_data(found.data())
    else:
        lines = [clean(str(replace(item, file=shorter(item.file)))) for item in found.items]
        write(sys.stdout, "".join(f"{line}\n" for line in lines))
    aged = sum(item.aged for item in found.items)
    unseen = sum(item.code == "not-seen" for item in found.items)
    old = words.say("rule_tables.aged", number=aged) if aged else words.say("rule_tables.nothing_aged")
    new = words.say_many("rule_tables.unseen", unseen) if unseen else words.say("rule_tables.all_seen")
    names = words.all_of(route.rules.names)
    say(words.say("rule_tables.audited", tables=names, day=found.as_of, aged=old, unseen=new))
    return WRONG_RULES if found.overdue else ANSWERED


def _day(text: str | None) -> date:
    """Read a day as people write it in these files; today when none is given.

    Raises:
        CaseError: it is not a day.
    """
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        message = words.say("command.as_of_not", given=quoted(text))
        raise CaseError([Problem(None, text, message)]) from None


# ---- diff


def diff_tables(
    route: Route, sides: tuple[str, str], cancers: list[str], form: tuple[bool, bool], cohort: str | None
) -> int:
    """Compare two versions; exit code 5 when an answer changes.

    `form` says whether Markdown and whether JSON is wanted.

    Raises:
        CaseError: a side, a cancer or the cohort cannot be read.
        RuleFileError: a table is faulty.
    """
    from riskcli.changes import compare_versions
    from riskcli.patients import weigh
    from riskcli.report.changes import cohort_remarks, comparison_data, comparison_page
    from riskcli.revisions import opened, rule_directories

    markdown, as_json = form
    beside = rule_directories(route.own_rules)
    with ExitStack() as stack:
        old, new = (stack.enter_context(opened(side, beside)) for side in sides)
        changes = compare_versions(old, new, cancers)
        weighed = None if cohort is None else weigh(cohort, _pairs(changes))
        if as_json:
            show_data(comparison_data(old.label, new.label, changes, weighed))
        else:
            show_page(comparison_page(old.label, new.label, changes, weighed), markdown)
    if weighed is not None:
        say(*cohort_remarks(weighed))
    return ANSWERED if all(change.same for change in changes) else DIFFERENT


def _pairs(changes: Sequence[TableChange]) -> dict[str, tuple[Compiled, Compiled]]:
    """Return both versions of every table that has two.

    Raises:
        CaseError: there is none, so that no patient can be weighed.
    """
    pairs = {
        change.cancer: (change.before, change.after)
        for change in changes
        if change.before is not None and change.after is not None
    }
    if not pairs:
        message = words.say("cohort.no_pair")
        raise CaseError([Problem(None, None, message)])
    return pairs
