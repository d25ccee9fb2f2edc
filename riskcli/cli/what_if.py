"""`riskcli what-if`: the levels over other values of one or two findings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import typer

from riskcli.case import case_reader, read_case
from riskcli.cli.flags import IO, Parameter
from riskcli.cli.output import ANSWERED, terminal_width
from riskcli.cli.page import FILE_WIDTH, show_blocks, show_data
from riskcli.compiled import Compiled
from riskcli.evaluate import answer_data, assess_facts
from riskcli.report.blocks import report_words
from riskcli.values import phrase

VARY: Parameter = (
    "vary",
    "--vary",
    Annotated[
        str,
        typer.Option(
            "--vary",
            metavar="FIELDS",
            help="One field or two, as in grade,nodes_positive.",
            rich_help_panel=IO,
        ),
    ],
    "",
)


def show_what_if(table: Compiled, record: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Print or write the levels, and return the exit code.

    Raises:
        CaseError: the case is wrong, or what is to vary is no field.
    """
    from riskcli.report.what_if import grid_blocks, grid_data
    from riskcli.what_if import what_if

    aliases = case_reader(table).aliases
    said = [name.strip() for name in (values.get("vary") or "").split(",") if name.strip()]
    facts = read_case(record, table)
    grid = what_if(facts, [aliases.get(phrase(name), name) for name in said])
    output = values.get("output")
    if values["json_"]:
        show_data(grid_data(grid, answer_data(facts, date.today())), output)
        return ANSWERED
    width = FILE_WIDTH if output else terminal_width()
    blocks = grid_blocks(grid, assess_facts(facts, date.today()), report_words(table), width)
    show_blocks(blocks, output, values["no_color"])
    return ANSWERED
