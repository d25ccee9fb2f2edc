"""How likely are micrometastases after surgery for a solid cancer: a best guess that can be checked.

`assess` answers one record, `load_rules` reads other rule tables. Everything runs on this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from riskcli._version import __version__
from riskcli.errors import CaseError, OutOfScope, RiskcliError, RuleFileError

if TYPE_CHECKING:
    from riskcli.assessment import Assessment
    from riskcli.cohort.native import assess_frame
    from riskcli.loader import Rules

__all__ = [
    "Assessment",
    "CaseError",
    "OutOfScope",
    "RiskcliError",
    "RuleFileError",
    "Rules",
    "__version__",
    "assess",
    "assess_frame",
    "load_rules",
]


def load_rules(path: Any = None) -> Rules:
    """Return the packaged rule tables, with those of a directory or file added or replaced.

    Raises:
        RuleFileError: the path holds no table. A faulty table is reported when it is first asked for.
    Example:
        >>> "breast" in load_rules().names
        True
    """
    from riskcli.loader import load_rules as load

    return load() if path is None else load(path)


def assess(record: Mapping[str, Any], rules: Rules | None = None) -> Assessment:
    """Answer one record: the likelihood of micrometastases, why, what is unknown, and options to discuss.

    `record` is flat, `{"cancer": "breast", "grade": 3, ...}`; what is absent is open, not negative.
    `rules` defaults to the packaged tables. Thread-safe.

    Raises:
        CaseError: the record is wrong; `problems` holds every reason.
        OutOfScope: the record is sound but no table may answer it.
        RuleFileError: a rule file is faulty.
    Example:
        >>> assess({"cancer": "breast", "grade": 3, "nodes_positive": 12}).likelihood.highest
        'very_high'
    """
    from datetime import date

    from riskcli.case import cancer_of, read_case
    from riskcli.evaluate import assess_facts

    table = (rules or load_rules()).get(cancer_of(record))
    return assess_facts(read_case(record, table), date.today())


def __getattr__(name: str) -> Any:
    """Load the models, and what needs a data frame library, only when they are asked for."""
    if name == "Assessment":
        from riskcli.assessment import Assessment

        return Assessment
    if name == "Rules":
        from riskcli.loader import Rules

        return Rules
    if name != "assess_frame":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from riskcli.cohort.native import assess_frame
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'data frames need more libraries; install them with pip install "riskcli[cohort]"',
            name=error.name,
        ) from None
    return assess_frame
