"""Cases in which an entry of `not_supported` must not be listed: its evidence says nothing of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from riskcli.case import read_case
from riskcli.compiled import Compiled
from riskcli.evaluate import assess_facts
from riskcli.rule_files import open_document

FILE = Path(__file__).parent / "data" / "unlisted.yaml"


class Unlisted(BaseModel):
    """A case, the ids that must not be listed as not supported, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    case: dict[str, Any]
    unlisted: tuple[str, ...]
    why: str


def read_unlisted() -> dict[str, list[Unlisted]]:
    """Return the cases of each cancer."""
    cases = TypeAdapter(dict[str, list[Unlisted]]).validate_python(open_document(FILE).data)
    return cases


def is_listed(compiled: Compiled, case: Unlisted) -> bool:
    """Say whether an id that must not be listed as not supported is."""
    return any(wrongly_listed(compiled, case))


def wrongly_listed(compiled: Compiled, case: Unlisted) -> Iterator[str]:
    """Give the ids that are listed as not supported and must not be."""
    answer = assess_facts(read_case(case.case, compiled))
    listed = {item.id for item in answer.not_supported}
    yield from (name for name in case.unlisted if name in listed)
