"""A finding that is moved, against the record asked for again with it: in every table, and at random."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from asked import Asked, Contradicts, Said
from expected import LEVELS, choices_of, said_of_others
from hypothesis import assume, given
from hypothesis import strategies as st
from random_tables import Sample, read_trials

from riskcli.case import read_case
from riskcli.compiled import Data
from riskcli.errors import CaseError
from riskcli.evaluate import answer_data
from riskcli.facts import Facts
from riskcli.loader import Rules, load_rules
from riskcli.scope import possible
from riskcli.varied import Varied
from riskcli.what_if import what_if
from riskcli.witness import value_in

PACKAGED = load_rules()
INVENTED = [Rules(Path(__file__).parent / "data" / place) for place in ("rules", "input_rules")]
TABLES = {name: rules.get(name) for rules in (PACKAGED, *INVENTED) for name in rules.names}


def levels(cancer: str, case: Data) -> tuple[str, ...]:
    """Return the levels of a case."""
    return tuple(answer_data(read_case(case, TABLES[cancer]))["likelihood"]["levels"])


def changes(cancer: str, case: Data) -> dict[tuple[str, str], tuple[str, str]]:
    """Return what would change an answer: by field and value, the lowest and the highest level."""
    found = answer_data(read_case(case, TABLES[cancer]))["what_would_change_it"]
    return {(item["field"], item["to"]): (item["lowest"], item["highest"]) for item in found}


def varied(cancer: str, case: Data, field: str) -> dict[str, tuple[str, ...]]:
    """Return the levels over the values of a field."""
    grid = what_if(read_case(case, TABLES[cancer]), [field])
    return {str(value): row[0] for value, row in zip(grid.axes[0].values, grid.levels, strict=True)}


# ---- cases that were answered wrongly


PROSTATE: Data = {
    "t_category": "T3a",
    "vascular_invasion": "absent",
    "margins": "negative",
    "preoperative_psa_ng_ml": 10,
    "psa_ng_ml": 0,
    "grade_group": 2,
}


def test_an_assumption_whose_condition_lapses_is_not_kept() -> None:
    asked = {str(grade): levels("prostate", {**PROSTATE, "grade_group": grade}) for grade in range(1, 6)}
    assert asked["3"] == ("intermediate", "high", "very_high")
    assert varied("prostate", PROSTATE, "grade_group") == {
        "1": asked["1"],
        "2": asked["2"],
        "3..4": asked["3"],
        "5": asked["5"],
    }
    assert changes("prostate", PROSTATE)["grade_group", "3"] == ("intermediate", "very_high")


CERVIX: Data = {
    "histology": "adenosquamous",
    "tumour_size_mm": 3,
    "stromal_invasion": "middle_third",
    "vascular_invasion": "absent",
}


def test_an_assumption_whose_condition_still_holds_is_kept() -> None:
    case = {**CERVIX, "nodes_examined": 11}
    assert levels("cervix", {**CERVIX, "nodes_examined": 12}) == levels("cervix", case) == ("low",)
    assert not [value for field, value in changes("cervix", case) if field == "nodes_examined"]


def test_the_case_as_it_is_is_possible_when_no_node_was_examined() -> None:
    case = {**CERVIX, "nodes_examined": 0}
    grid = what_if(read_case(case, TABLES["cervix"]), ["nodes_examined"])
    (here,) = grid.axes[0].stated
    assert grid.levels[here] == (levels("cervix", case),) == (("low",),)


@pytest.mark.parametrize(
    ("cancer", "case", "test"),
    [
        (
            "kidney",
            {
                "t_category": "T3b",
                "grade": 3,
                "sarcomatoid": "absent",
                "venous_thrombus": "present",
                "margins": "negative",
            },
            "n_category",
        ),
        (
            "endometrium",
            {
                "histology": "endometrioid",
                "grade": 3,
                "t_category": "T2",
                "vascular_invasion": "absent",
                "nodes_positive": 0,
            },
            "p53",
        ),
    ],
)
def test_a_test_that_would_narrow_the_level_is_named(cancer: str, case: Data, test: str) -> None:
    answer = answer_data(read_case(case, TABLES[cancer]))
    cells = TABLES[cancer].space.cells[TABLES[cancer].index[test]]
    made = [levels(cancer, {**case, test: word}) for word in cells.domain.words]
    assert any(len(one) < len(answer["likelihood"]["levels"]) for one in made)
    assert test in answer["tests_that_could_change_it"]


# ---- what is held


def holds_grid(asked: Asked, fields: list[str]) -> None:
    """Hold every entry of a grid against the same record with its values."""
    grid = what_if(asked.facts, fields)
    for i, value in enumerate(grid.axes[0].values):
        for j, other in enumerate(grid.axes[1].values if len(fields) > 1 else [None]):
            values: Data = dict(zip(fields, (value, other), strict=False))
            facts = asked.with_values(values)
            assert grid.levels[i][j] == (asked.says(facts)[0] if facts else ()), values


def holds_walks(facts: Facts) -> int:
    """Hold the boxes with a cell moved against the record read again; return how many there were."""
    varied, count = Varied(facts), 0
    for place in (*facts.known, *facts.absent):
        for cell in range(varied.cells[place].count - bool(varied.cells[place].not_done)):
            along = varied.along(place, 1 << cell)
            moved = {place: 1 << cell, **(along or {})}
            boxes = tuple(tuple(moved.get(n, mask) for n, mask in enumerate(box)) for box in facts.boxes)
            if along is not None and possible(facts.table, boxes):
                again = varied.asked(varied.at({place: 1 << cell}))
                assert again is not None
                assert set(again.boxes) == set(boxes)
                count += 1
    return count


# ---- every table, on random records


def value_of(cells: Any, rng: random.Random) -> Any:
    """Return a value of a field, now and then two, unknown or not done."""
    count = cells.count - bool(cells.not_done)
    kind = rng.random()
    if kind < 0.05:
        return "unknown"
    if kind < 0.15 and count > 1:
        return [value_in(cells, cell) for cell in rng.sample(range(count), 2)]
    return value_in(cells, rng.randrange(cells.count))


@cache
def gates(cancer: str) -> tuple[str, ...]:
    """Return the fields of the scope gate on which a table's scope turns."""
    return tuple(dict.fromkeys(name for scope in TABLES[cancer].boxes["scope"] for name in scope["gate"]))


def record(cancer: str, rng: random.Random) -> Data:
    """Return a random record: much, or little, of it left out."""
    table, share = TABLES[cancer], rng.choice((0.3, 0.6, 0.9, 1.0))
    found = {cells.field: value_of(cells, rng) for cells in table.space.cells if rng.random() < share}
    for name in gates(cancer):
        if rng.random() < 0.2:
            found[name] = rng.choice(table.vocabulary["here"][name]["values"])
    if "nodes_positive" in table.index and rng.random() < 0.7:  # what most reports state
        positive = rng.choice((0, 0, 1, 2, 3, 5, 12, 20))
        found |= {"nodes_positive": positive, "nodes_examined": positive + rng.choice((0, 1, 4, 8, 15))}
    return found


def cases(cancer: str, count: int, seed: int) -> Iterator[tuple[Data, Asked]]:
    """Give random records that are answered and do not contradict themselves."""
    rng = random.Random(f"{cancer} {seed}")
    given = 0
    while given < count:
        case = record(cancer, rng)
        try:
            facts = read_case(case, TABLES[cancer])
        except CaseError:
            continue
        if facts.table is TABLES[cancer]:
            given += 1
            yield case, Asked(TABLES[cancer], case)


@pytest.mark.parametrize("cancer", TABLES)
def test_what_would_change_an_answer_is_what_asking_again_says(cancer: str) -> None:
    for case, asked in cases(cancer, 25, seed=1):
        answer = answer_data(read_case(case, TABLES[cancer]))
        assert said_of_others(answer) == asked.everything(), case


@pytest.mark.parametrize("cancer", TABLES)
def test_every_entry_of_a_grid_is_what_asking_again_says(cancer: str) -> None:
    rng = random.Random(cancer)
    for _, asked in cases(cancer, 12, seed=2):
        fields = rng.sample(list(TABLES[cancer].index), rng.choice((1, 1, 2)))
        holds_grid(asked, fields)


@pytest.mark.parametrize("cancer", TABLES)
def test_a_walk_is_what_reading_again_gives(cancer: str) -> None:
    assert sum([holds_walks(asked.facts) for _, asked in cases(cancer, 25, seed=3)])


# ---- tables made at random, by brute force


def brute_force(sample: Sample) -> Callable[[Facts], Said]:
    """Return what gives the levels and options of facts by trying every case of them."""
    oracle = sample.oracle

    def says(facts: Facts) -> Said:
        choices = choices_of(oracle, facts.boxes)
        found = oracle.ends(choices, oracle.level)
        statuses = {option.id: oracle.status(choices, option) for option in oracle.table.options}
        return (
            tuple(level for level in LEVELS if level in found),
            {name: status for name, status in statuses.items() if status},
        )

    return says


def asked_of(trial: tuple[Sample, Data]) -> Asked:
    """Return the oracle of a random record; only of one that is answered and does not contradict itself."""
    sample, case = trial
    try:
        return Asked(sample.compiled, case, brute_force(sample))
    except (CaseError, Contradicts):
        assume(False)
        raise


@given(read_trials())
def test_what_would_change_an_answer_of_any_table_is_what_asking_again_says(
    trial: tuple[Sample, Data],
) -> None:
    asked = asked_of(trial)
    answer = answer_data(read_case(trial[1], trial[0].compiled))
    assert said_of_others(answer) == asked.everything()


@given(read_trials(), st.data())
def test_every_entry_of_a_grid_of_any_table_is_what_asking_again_says(
    trial: tuple[Sample, Data], data: st.DataObject
) -> None:
    asked = asked_of(trial)
    names = st.sampled_from(list(asked.table.index))
    fields = data.draw(st.lists(names, min_size=1, max_size=2, unique=True))
    holds_grid(asked, fields)


@given(read_trials())
def test_where_nothing_else_turns_on_a_finding_to_move_it_is_to_read_it_again(
    trial: tuple[Sample, Data],
) -> None:
    asked_of(trial)
    holds_walks(read_case(trial[1], trial[0].compiled))
