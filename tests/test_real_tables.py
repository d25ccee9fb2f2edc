"""The packaged and the invented tables against brute force, on random records with a few fields open."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from expected import LEVELS, Expected, choices_of, said
from oracle import Oracle, rows_by_subtraction

from riskcli.case import read_case
from riskcli.cells import Cells
from riskcli.compiled import Compiled, Data
from riskcli.errors import CaseError
from riskcli.evaluate import answer_data
from riskcli.facts import Facts
from riskcli.loader import Rules
from riskcli.proofs import worse_pairs
from riskcli.tables import Table
from riskcli.witness import value_in

RULES = Rules(Path(__file__).parent / "data" / "rules")
NAMES = RULES.names
MOST_CASES = 60
"""The most completions that brute force is put to."""


@cache
def read(name: str) -> tuple[Compiled, Table, Oracle]:
    """Return a table compiled, as it was written, and as brute force reads it."""
    compiled, table = RULES.get(name), RULES.read(name)[1]
    return compiled, table, Oracle(table, compiled.space)


def value_of(cells: Cells, rng: random.Random) -> object:
    """Return a value of a field: one cell of it, or sometimes two."""
    count = cells.count - bool(cells.not_done)
    if rng.random() < 0.9 or count < 2:
        return value_in(cells, rng.randrange(count))
    return [value_in(cells, cell) for cell in rng.sample(range(count), 2)]


def records(name: str, most_open: int, seed: int) -> Iterator[tuple[Data, Facts]]:
    """Give random records of a table that can be, a few of their fields unknown or left out."""
    compiled = read(name)[0]
    rng = random.Random(seed)
    while True:
        record: Data = {}
        for cells in compiled.space.cells:
            if not (cells.not_done and rng.random() < 0.5):
                record[cells.field] = value_of(cells, rng)
        for field in rng.sample(list(record), min(len(record), rng.randint(0, most_open))):
            record[field] = "unknown"
        try:
            facts = read_case(record, compiled)
        except CaseError:
            continue
        if facts.table is compiled:
            yield record, facts


def size_of(facts: Facts) -> int:
    """Return how many completions the facts have, possible or not."""
    total = 0
    for box in facts.boxes:
        cases = 1
        for mask in box:
            cases *= mask.bit_count()
        total += cases
    return total


@pytest.mark.parametrize("name", NAMES)
def test_a_table_answers_as_brute_force_does(name):
    oracle = read(name)[2]
    found = (facts for _, facts in records(name, 3, seed=1) if size_of(facts) <= MOST_CASES)
    for facts, _ in zip(found, range(16), strict=False):
        answer, expected = answer_data(facts), Expected(oracle, facts)
        assert said(answer) == expected.everything()
        assert expected.settling(answer["to_settle"])


@pytest.mark.parametrize("name", NAMES)
def test_the_rows_still_possible_are_those_that_subtraction_leaves_when_much_is_open(name):
    compiled, _, oracle = read(name)
    for (_, facts), _ in zip(records(name, len(compiled.space.cells), seed=2), range(4), strict=False):
        rows = rows_by_subtraction(oracle, choices_of(oracle, facts.boxes))
        assert {reason["rule"] for reason in answer_data(facts)["reasons"]} == rows


def worse_cases(name: str, seed: int) -> Iterator[tuple[str, Data, Data]]:
    """Give pairs of fully known cases that differ in one field, the second in a worse value of it."""
    compiled, table, oracle = read(name)
    rng = random.Random(seed)
    worse = [field for field, spec in table.fields.items() if spec.worse]
    while True:
        field = rng.choice(worse)
        cells = compiled.space.cells[compiled.index[field]]
        better, worst = rng.choice(worse_pairs(cells, str(table.fields[field].worse)))
        case = {name: rng.choice(values) for name, values in oracle.values.items()}
        pair = [{**case, field: oracle.values[field][cell]} for cell in (better, worst)]
        excepted = any(
            row.field == field and any(oracle.holds(row.when, one) for one in pair)
            for row in table.exceptions
        )
        if not excepted and all(not any(oracle.holds(when, one) for when in oracle.never) for one in pair):
            yield field, pair[0], pair[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_worse_finding_never_lowers_the_level(name):
    compiled, _, oracle = read(name)

    def level(case: Data) -> int:
        box = tuple(1 << oracle.values[field].index(value) for field, value in case.items())
        facts = Facts(compiled, (box,), stated={}, known=(), absent=(), assumed=())
        return LEVELS.index(answer_data(facts)["likelihood"]["level"])

    for (field, better, worse), _ in zip(worse_cases(name, seed=3), range(300), strict=False):
        assert level(better) <= level(worse), (field, better, worse)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_read_back_from_json_answers_alike(name):
    compiled = read(name)[0]
    again = Compiled.from_json(json.loads(json.dumps(compiled.to_json())), compiled.origin)
    for (record, facts), _ in zip(records(name, 4, seed=4), range(12), strict=False):
        assert answer_data(read_case(record, again)) == answer_data(facts)
