"""`riskcli explain`: the background in plain words, topic by topic, and for one cancer."""

from __future__ import annotations

from typing import Annotated

import typer

from riskcli.case import cancer_id
from riskcli.cli.apart import keep_apart
from riskcli.cli.output import ANSWERED
from riskcli.cli.page import show_data, show_page
from riskcli.cli.routing import Job, Route
from riskcli.report.sections import Page, page_data

EXPLAIN = "explain"

JsonOption = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
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

    @app.callback(invoke_without_command=True)
    def explain(
        topic: str | None = typer.Argument(None, metavar="TOPIC", autocompletion=names),
        cancer: str | None = typer.Argument(None, metavar="CANCER", autocompletion=route.cancers),
        markdown: MarkdownOption = False,
        json_: JsonOption = False,
        output: OutputOption = None,
        rules: RulesOption = None,
    ) -> Job:
        def show() -> int:
            keep_apart(route, {"--output": output})
            name, of, page = _page(route, topic, cancer)
            if json_:
                show_data({"topic": name, "cancer": of, **page_data(page)}, output)
            else:
                show_page(page, markdown, output)
            return ANSWERED

        return show

    return app


def _page(route: Route, topic: str | None, cancer: str | None) -> tuple[str | None, str | None, Page]:
    """Return the page that is asked for, after the names of its topic and its cancer.

    Raises:
        CaseError: there is no such topic or cancer.
        RuleFileError: a rule file is faulty.
    """
    from riskcli.report.topics import cancer_topic, contents, find_topic

    if topic is None:
        return None, None, contents()
    found = find_topic(topic, route.rules.names)
    if cancer is None:
        return found.name, None, found.page()
    return found.name, cancer_id(cancer), cancer_topic(found, route.rules, cancer)
