"""Pages of HTML from the templates beside this module: every text escaped, nothing from elsewhere. No I/O.

Needs Jinja2, which is loaded when the first page is made.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from riskcli.report.terminal import clean
from riskcli.words import say

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_CITED = re.compile(r"\[(\d+)\]")


def need_more() -> str:
    """Return what is said where Jinja2 is not installed."""
    return say("page.need_more")


def render(template: str, **values: Any) -> str:
    """Return a page made from one of the templates of this package.

    Example:
        >>> render("base.css").startswith("body {")
        True
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    """Make what all pages are made with: it escapes every text and knows only the templates here."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    found = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        finalize=_harmless,
        loader=FunctionLoader(lambda name: files("riskcli.report").joinpath(name).read_text("utf-8")),
    )
    found.globals["say"] = say
    found.filters |= {"cited": cited, "css_text": css_text}
    return found


def _harmless(value: Any) -> Any:
    """Take control characters out of a text; what the template itself has made stays as it is."""
    return clean(value) if type(value) is str else value


def cited(text: str, numbers: Collection[str]) -> Markup:
    """Escape a text, and lead from the numbers of sources in it to the sources on the same page.

    Example:
        >>> print(cited("a < b [1][7]", {"1"}))
        a &lt; b <a href="#source-1">[1]</a>[7]
    """
    from markupsafe import Markup, escape

    parts = _CITED.split(clean(text))
    found = escape(parts[0])
    for number, rest in zip(parts[1::2], parts[2::2], strict=True):
        link = Markup('<a href="#source-{0}">[{0}]</a>') if number in numbers else Markup("[{0}]")
        found += link.format(number) + escape(rest)
    return found


def css_text(text: str) -> Markup:
    r"""Return a text as a string of a style sheet, in which no sign can end the string or the sheet.

    Example:
        >>> print(css_text('a "b" </style>'))
        "a \22 b\22  \3c \2f style\3e "
    """
    from markupsafe import Markup

    safe = "".join(
        sign if sign == " " or (sign.isascii() and sign.isalnum()) else f"\\{ord(sign):x} "
        for sign in clean(text)
    )
    return Markup(f'"{safe}"')
