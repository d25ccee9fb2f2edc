"""Answers a second in one process, one core: distinct random records, each validated and fully explained.

    python tests/benchmarks/answers.py [RECORDS]

Printed against the bare decision in the same run (the level alone, from cells already known), fully known
and with a quarter of the fields left out. Aim: 5,000 full answers a second, fully known.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import Any

import riskcli
from riskcli.case import read_case
from riskcli.compiled import Compiled
from riskcli.errors import CaseError
from riskcli.scope import possible
from riskcli.walk import View
from riskcli.witness import value_in


def records(table: Compiled, count: int, missing: float) -> list[dict[str, Any]]:
    """Return distinct records of a table that can be assessed and do not contradict themselves."""
    rng = random.Random(1)
    found: dict[str, dict[str, Any]] = {}
    while len(found) < count:
        record: dict[str, Any] = {"cancer": table.name}
        for place, cell in enumerate(possible_case(table, rng)):
            cells = table.space.cells[place]
            if rng.random() >= missing:
                record[cells.field] = value_in(cells, cell)
        if "nodes_examined" in record:
            record["nodes_examined"] = 90
        record["ref"] = len(found)
        try:
            read_case(record, table)
        except CaseError:
            continue
        found[str(record)] = record
    return list(found.values())


def possible_case(table: Compiled, rng: random.Random) -> list[int]:
    """Return a cell for each field, chosen at random among those that some possible case has."""
    box = list(table.space.full)
    chosen = []
    for place, cells in enumerate(table.space.cells):
        order = list(range(cells.count - bool(cells.not_done)))
        rng.shuffle(order)
        for cell in order:
            box[place] = 1 << cell
            if possible(table, [tuple(box)]):
                break
        chosen.append(cell)
    return chosen


def rate(work: Callable[[Any], object], items: list[Any]) -> float:
    """Return how many items a second of one core are done, after a pass to warm up."""
    for item in items[:200]:
        work(item)
    start = time.process_time()
    for item in items:
        work(item)
    return len(items) / (time.process_time() - start)


def main() -> None:
    """Print the rates for every table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    rules = riskcli.load_rules()
    for name in rules.names:
        table = rules.get(name)
        for label, missing in (("fully known", 0.0), ("a quarter missing", 0.25)):
            cases = records(table, count, missing)
            facts = [read_case(case, table) for case in cases]

            def bare(fact: Any) -> int:
                view = View(fact.table.store, fact.boxes)
                return view.ends(view.take(fact.table.roots["level"]))

            decisions = rate(bare, facts)
            full = rate(lambda case: riskcli.assess(case, rules), cases)
            print(
                f"{name:20} {label:18} {full:7.0f} answers/s  "
                f"{decisions / full:5.1f} x the bare decision ({decisions:.0f}/s)"
            )


if __name__ == "__main__":
    main()
