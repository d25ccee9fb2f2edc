"""`riskcli explain`: the background in plain words, topic by topic, and for one cancer."""

from __future__ import annotations

from typing import Annotated

import typer

from riskcli.cli.output import ANSWERED
from riskcli.cli.page import show_page
from riskcli.cli.routing import Job, Route
from riskcli.report.sections import Page

EXPLAIN = "explain"

MarkdownOption = Annotated[bool, typer.Option("--markdown", help="Print as Markdown.")]
OutputOption = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file, in UTF-8.")
]
RulesOption = Annotated[
    str | None, typer.Option("--rules", metavar="DIR", help="Add or replace rule tables (a hospital's own).")
]


def explain_app(route: Route) -> typer.Typer:
    """Return the command; without a topic it lists them."""
    app = typer.Typer(
        name=EXPLAIN,
        help="Explain the background and the safety of the answers, in plain words; alone, list the topics.",
        context_settings={"allow_interspersed_args": True},
    )

    def names() -> list[str]:
        from riskcli.report.topics import topics

        return list(topics())

    def cancers() -> list[str]:
        return list(route.rules.names)

    @app.callback(invoke_without_command=True)
    def explain(
        topic: str | None = typer.Argument(None, metavar="TOPIC", autocompletion=names),
        cancer: str | None = typer.Argument(None, metavar="CANCER", autocompletion=cancers),
        markdown: MarkdownOption = False,
        output: OutputOption = None,
        rules: RulesOption = None,
    ) -> Job:
        def show() -> int:
            show_page(_page(route, topic, cancer), markdown, output)
            return ANSWERED

        return show

    return app


def _page(route: Route, topic: str | None, cancer: str | None) -> Page:
    """Return the page that is asked for.

    Raises:
        CaseError: there is no such topic or cancer.
        RuleFileError: a rule file is faulty.
    """
    from riskcli.report.topics import cancer_topic, contents, find_topic

    if topic is None:
        return contents()
    found = find_topic(topic, route.rules.names)
    return found.page() if cancer is None else cancer_topic(found, route.rules, cancer)
