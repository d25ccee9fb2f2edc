"""`riskcli verify`: a saved answer made again, and what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer

from riskcli import words
from riskcli.case import cancer_of, read_case
from riskcli.cli.output import ANSWERED, DIFFERENT, say
from riskcli.cli.page import show_blocks, show_data
from riskcli.cli.routing import Job, Route, refuse_faulty
from riskcli.errors import OutOfScope
from riskcli.evaluate import answer_data
from riskcli.records import read_record
from riskcli.report.blocks import Block, Line
from riskcli.report.readings import reading_blocks
from riskcli.report.wording import table_heading
from riskcli.saved import Change, Saved, changes, unseal

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="A file that assess --save wrote.")]
UncheckedOption = Annotated[bool, typer.Option("--unchecked", help="Use a local table in spite of faults.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def verify_app(route: Route) -> typer.Typer:
    """Return the command."""
    app = typer.Typer(
        name="verify",
        help="Make a saved answer again. Exit code 0 the same, 5 another answer.",
        context_settings={"allow_interspersed_args": True},
    )

    @app.callback(invoke_without_command=True)
    def verify(file: FileArgument, json_: JsonOption = False, unchecked: UncheckedOption = False) -> Job:
        return lambda: _verify(route, file, json_)  # the rules know whether they go unchecked

    return app


def _verify(route: Route, file: str, as_json: bool) -> int:
    """Make the answer again and compare; return the exit code.

    Raises:
        CaseError: the file is none, or was changed.
        RuleFileError: a local table is faulty.
    """
    saved = unseal(read_record(file), file)
    cancer = cancer_of(saved.record)
    refuse_faulty(route.rules, [cancer] if cancer in route.rules.names else [])
    table = route.rules.get(cancer)
    try:
        again = answer_data(read_case(saved.record, table), date.today())
    except OutOfScope as error:
        found = [_turned_away(error)]
        again = {"provenance": {"edition": table.table["edition"], "sha256": table.digest}}
    else:
        found = list(changes(saved.answer, again))
    if as_json:
        show_data(_data(saved, again, found))
    else:
        rules = Block("", (Line(table_heading(table), "title"),))
        show_blocks([rules, *_blocks(file, saved, again, found)])
        say(words.say("verify.no_signature"))
    return DIFFERENT if found else ANSWERED


def _data(saved: Saved, again: dict[str, Any], found: list[Change]) -> dict[str, Any]:
    """Return the result as data."""
    return {
        "same": not found,
        "saved_on": saved.saved_on,
        "before": saved.answer["provenance"],
        "after": again["provenance"],
        "changes": [asdict(change) for change in found],
    }


def _blocks(file: str, saved: Saved, again: dict[str, Any], found: list[Change]) -> list[Block]:
    """Return the result as a report."""
    before, after = saved.answer["provenance"], again["provenance"]
    title, version = saved.answer["title"], saved.answer["riskcli"]
    made = words.say(
        "verify.saved", title=title, edition=before["edition"], day=saved.saved_on, version=version
    )
    lines = [Line(made, "title"), Line(_outcome(before, after, not found), "level")]
    lines += [Line(words.say("verify.change", **asdict(each)), hang=2) for each in found]
    return [Block("", tuple(lines)), *reading_blocks(saved.answer.get("reading"))]


def _outcome(before: Mapping[str, str], after: Mapping[str, str], same: bool) -> str:
    """Say whether the answer is the same, and with which rules."""
    now, then = after["edition"], before["edition"]
    if before["sha256"] == after["sha256"]:
        return words.say("verify.same" if same else "verify.another")
    if now == then:
        return words.say("verify.same_edition" if same else "verify.another_edition", edition=now)
    return words.say("verify.same_new" if same else "verify.another_new", edition=now, before=then)


def _turned_away(error: OutOfScope) -> Change:
    """Word that a case that had an answer has none now."""
    why = words.say("verify.out_of_scope", why=error)
    return Change(words.say("verify.answer"), words.say("verify.given"), why)
