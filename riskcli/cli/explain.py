"""`riskcli explain`: the background in plain words, topic by topic."""

from __future__ import annotations

from typing import Annotated

import typer

from riskcli.cli.output import ANSWERED
from riskcli.cli.page import show_page
from riskcli.cli.routing import Job, Route
from riskcli.report.sections import Page
from riskcli.report.topics import TOPICS, Topic, contents

EXPLAIN = "explain"

MarkdownOption = Annotated[bool, typer.Option("--markdown", help="Print as Markdown.")]
OutputOption = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file, in UTF-8.")
]


def explain_app(route: Route) -> typer.Typer:
    """Return the command with one word for each topic; without a topic it lists them."""
    app = typer.Typer(
        name=EXPLAIN,
        help="Explain the background and the safety of the answers, in plain words.",
        invoke_without_command=True,
    )

    @app.callback()
    def explain(ctx: typer.Context) -> Job | None:
        return (lambda: _show(contents(), False, None)) if ctx.invoked_subcommand is None else None

    for topic in TOPICS.values():
        _add_topic(app, topic)
    return app


def _add_topic(app: typer.Typer, topic: Topic) -> None:
    """Add the word of one topic."""

    def tell(markdown: MarkdownOption = False, output: OutputOption = None) -> Job:
        return lambda: _show(topic.page(), markdown, output)

    app.command(topic.name, help=topic.says)(tell)


def _show(page: Page, markdown: bool, output: str | None) -> int:
    """Show a page and return the exit code."""
    show_page(page, markdown, output)
    return ANSWERED
