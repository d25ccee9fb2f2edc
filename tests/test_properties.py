"""The engine against two oracles, over tables made at random."""

from __future__ import annotations

import dataclasses
import json

import pytest
from expected import Expected, choices_of, said
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle import deciding, rows_by_subtraction
from random_tables import trials

from riskcli.compiled import Compiled
from riskcli.errors import RuleFileError
from riskcli.evaluate import answer_data, assess_facts


def found(trial):
    """Return what the engine says and what brute force expects; only facts that allow some case."""
    expected = Expected(trial.oracle, trial.facts)
    assume(expected.level_of)
    return said(answer_data(trial.facts)), expected


@given(trials())
def test_the_levels_are_those_that_brute_force_finds(trial):
    seen, expected = found(trial)
    assert seen["levels"] == expected.levels()
    likelihood = answer_data(trial.facts)["likelihood"]
    assert (likelihood["lowest"], likelihood["highest"]) == (seen["levels"][0], seen["levels"][-1])
    assert likelihood["level"] == (seen["levels"][0] if len(seen["levels"]) == 1 else None)


@given(trials())
def test_the_reasons_are_the_rows_that_both_oracles_reach(trial):
    seen, expected = found(trial)
    assert seen["reasons"] == expected.reasons()
    assert {rule for rule, _ in seen["reasons"]} == rows_by_subtraction(trial.oracle, expected.choices)


@given(trials(gaps=True))
def test_a_table_without_a_row_for_some_case_is_a_fault_and_never_an_answer(trial):
    choices = choices_of(trial.oracle, trial.facts.boxes)
    rows = trial.oracle.ends(choices, trial.oracle.row)
    assert rows == rows_by_subtraction(trial.oracle, choices)
    if rows and None not in rows:
        expected = Expected(trial.oracle, trial.facts)
        assert said(answer_data(trial.facts))["reasons"] == expected.reasons()
    else:
        with pytest.raises(RuleFileError, match="has no row for some of these cases"):
            answer_data(trial.facts)


@given(trials())
def test_an_option_matches_in_all_cases_or_depends_on_the_fields_that_decide_it(trial):
    seen, expected = found(trial)
    assert seen["options"] == expected.options()


@given(trials())
def test_what_is_not_supported_is_ruled_out_in_every_case(trial):
    seen, expected = found(trial)
    assert seen["not_supported"] == expected.not_supported()


@given(trials())
def test_a_published_grouping_has_every_value_that_the_facts_allow(trial):
    seen, expected = found(trial)
    assert seen["systems"] == expected.systems()
    for system in answer_data(trial.facts)["systems"]:
        assert system["value"] == (system["values"][0] if len(system["values"]) == 1 else None)


@given(trials())
def test_an_unknown_decides_what_differs_with_it_and_settles_what_it_leaves_single(trial):
    seen, expected = found(trial)
    assert seen["unknown"] == expected.unknown()


@given(trials())
def test_what_is_to_settle_leaves_one_level_and_nothing_of_it_can_be_left_out(trial):
    _, expected = found(trial)
    names = answer_data(trial.facts)["to_settle"]
    assert names == [name for name in trial.oracle.fields if name in names]
    assert expected.settling(names)


@given(trials(impossible=False, several=False))
def test_without_impossible_rows_the_fields_that_settle_are_those_that_matter(trial):
    seen, expected = found(trial)
    matter = [trial.oracle.fields[place] for place in deciding(expected.level_of)]
    assert answer_data(trial.facts)["to_settle"] == matter
    assert [field for field, decides, _ in seen["unknown"] if "likelihood" in decides] == matter


@given(trials(), st.data())
def test_filling_in_an_unknown_never_widens_the_answer(trial, data):
    before, _ = found(trial)
    place = data.draw(st.integers(0, len(trial.oracle.fields) - 1))
    cell = data.draw(st.integers(0, trial.sample.compiled.space.cells[place].count - 1))
    boxes = tuple(
        (*box[:place], 1 << cell, *box[place + 1 :]) for box in trial.facts.boxes if box[place] >> cell & 1
    )
    assume(boxes)
    facts = dataclasses.replace(trial.facts, boxes=boxes)
    assume(Expected(trial.oracle, facts).level_of)
    after = said(answer_data(facts))
    assert set(after["levels"]) <= set(before["levels"])
    assert {rule for rule, _ in after["reasons"]} <= {rule for rule, _ in before["reasons"]}
    statuses, now = ({name: status for name, status, *_ in seen["options"]} for seen in (before, after))
    assert now.keys() <= statuses.keys()
    assert all(now.get(name) == "matches" for name, status in statuses.items() if status == "matches")
    assert set(before["not_supported"]) <= set(after["not_supported"])


@given(trials())
def test_a_table_saved_as_json_gives_the_same_answers(trial):
    found(trial)
    saved = json.loads(json.dumps(trial.sample.compiled.to_json()))
    again = dataclasses.replace(trial.facts, table=Compiled.from_json(saved, "packaged"))
    assert answer_data(again) == answer_data(trial.facts)


@given(trials())
def test_the_model_of_an_answer_is_the_answer_as_json_has_it(trial):
    found(trial)
    data = answer_data(trial.facts)
    for _ in range(2):  # the second time its shared parts are models already
        assert assess_facts(trial.facts).model_dump(mode="json") == json.loads(json.dumps(data))


@given(trials(), st.sets(st.integers(0, 1)))
def test_leaving_impossible_rows_out_makes_their_cases_possible_and_nothing_else(trial, rows):
    assume(max(rows, default=-1) < len(trial.sample.table.impossible))
    facts = dataclasses.replace(trial.facts, table=trial.sample.compiled.without(frozenset(rows)))
    oracle = trial.sample.oracle_without(rows)
    expected = Expected(oracle, facts)
    assume(expected.level_of)
    assert said(answer_data(facts)) == expected.everything()
