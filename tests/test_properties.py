"""The engine against two oracles, over tables made at random."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle import deciding, grouped, rows_by_subtraction, settles
from random_tables import LEVELS, Trial, choices_of, trials

from riskcli.compiled import Compiled
from riskcli.errors import RuleFileError
from riskcli.evaluate import assess_facts


def answered(trial: Trial) -> None:
    """Keep only facts that allow some possible case."""
    assume(trial.oracle.ends(trial.choices, trial.oracle.level))


@given(trials())
def test_the_levels_are_those_that_brute_force_finds(trial):
    answered(trial)
    found = trial.oracle.ends(trial.choices, trial.oracle.level)
    likelihood = trial.answer().likelihood
    assert likelihood.levels == tuple(level for level in LEVELS if level in found)
    assert (likelihood.lowest, likelihood.highest) == (likelihood.levels[0], likelihood.levels[-1])
    assert likelihood.level == (likelihood.lowest if len(found) == 1 else None)


@given(trials())
def test_the_reasons_are_the_rows_that_both_oracles_reach(trial):
    answered(trial)
    rows = trial.oracle.ends(trial.choices, trial.oracle.row)
    assert rows == rows_by_subtraction(trial.oracle, trial.choices)
    reasons = trial.answer().reasons
    reached = [row.id for row in trial.sample.table.likelihood if row.id in rows]
    assert [reason.rule for reason in reasons] == reached
    assert {reason.certain for reason in reasons} == {len(rows) == 1}


@given(trials(gaps=True))
def test_a_table_without_a_row_for_some_case_is_a_fault_and_never_an_answer(trial):
    rows = trial.oracle.ends(trial.choices, trial.oracle.row)
    assert rows == rows_by_subtraction(trial.oracle, trial.choices)
    if rows and None not in rows:
        assert trial.answer().reasons
    else:
        with pytest.raises(RuleFileError, match="has no row for some of these cases"):
            trial.answer()


@given(trials())
def test_an_option_matches_in_all_cases_or_depends_on_the_fields_that_decide_it(trial):
    answered(trial)
    found = {option.id: option for option in trial.answer().options}
    for option in trial.sample.table.options:
        status = trial.oracle.status(trial.choices, option)
        assert (found[option.id].status if option.id in found else None) == status
        if status:
            rules = trial.oracle.ends(trial.choices, trial.oracle.criterion, option) - {None}
            assert found[option.id].rules == tuple(c.id for c in option.any_of if c.id in rules)
            outcomes = trial.oracle.outcomes(trial.choices, trial.oracle.applies, option)
            matter = [trial.oracle.fields[place] for place in deciding(outcomes)]
            assert list(found[option.id].depends_on) == matter


@given(trials())
def test_what_is_not_supported_is_ruled_out_in_every_case(trial):
    answered(trial)
    found = {item.id for item in trial.answer().not_supported}
    for item in trial.sample.table.not_supported:
        assert (item.id in found) == (trial.oracle.status(trial.choices, item) == "matches")


@given(trials())
def test_a_published_grouping_has_every_value_that_the_facts_allow(trial):
    answered(trial)
    for system in trial.answer().systems:
        values = trial.oracle.ends(trial.choices, trial.oracle.derived, system.id) - {None}
        assert set(system.values) == {str(value) for value in values}
        assert system.value == (system.values[0] if len(values) == 1 else None)


@given(trials())
def test_an_unknown_decides_what_differs_with_it_and_settles_what_it_leaves_single(trial):
    answered(trial)
    oracle = trial.oracle
    levels = oracle.outcomes(trial.choices, oracle.level)
    decides = {oracle.fields[place]: ["likelihood"] for place in deciding(levels)}
    for option in trial.sample.table.options:
        for place in deciding(oracle.outcomes(trial.choices, oracle.applies, option)):
            decides.setdefault(oracle.fields[place], []).append(option.id)
    answer = trial.answer()
    assert [(item.field, list(item.decides)) for item in answer.unknown] == [
        (name, decides[name]) for name in oracle.fields if name in decides
    ]
    for item in answer.unknown:
        place = oracle.fields.index(item.field)
        single = [len(ends) == 1 for ends in grouped(levels, lambda case, place=place: case[place])]
        assert item.settles == ("always" if all(single) else "sometimes" if any(single) else "never")


@given(trials())
def test_what_is_to_settle_leaves_one_level_and_nothing_of_it_can_be_left_out(trial):
    answered(trial)
    levels = trial.oracle.outcomes(trial.choices, trial.oracle.level)
    places = [trial.oracle.fields.index(name) for name in trial.answer().to_settle]
    assert places == sorted(places)
    assert settles(levels, places)
    for place in places:
        assert not settles(levels, [other for other in places if other != place])


@given(trials(impossible=False, several=False))
def test_without_impossible_rows_the_fields_that_settle_are_those_that_matter(trial):
    answer = trial.answer()
    levels = trial.oracle.outcomes(trial.choices, trial.oracle.level)
    matter = [trial.oracle.fields[place] for place in deciding(levels)]
    assert list(answer.to_settle) == matter
    assert [item.field for item in answer.unknown if "likelihood" in item.decides] == matter


@given(trials())
def test_what_would_change_it_are_the_nearest_other_values_with_other_levels(trial):
    answered(trial)
    oracle, facts = trial.oracle, trial.facts
    known = [oracle.fields[place] for place in facts.known]
    names = {cells.field: cells.names for cells in trial.sample.compiled.space.cells}
    expected = []
    for name, value, levels in oracle.changes(trial.choices, known):
        ordered = [level for level in LEVELS if level in levels]
        shown = names[name][oracle.values[name].index(value)]
        expected.append((name, shown, ordered[0], ordered[-1]))
    found = trial.answer().what_would_change_it
    assert [(item.field, item.to, item.lowest, item.highest) for item in found] == expected


@given(trials())
def test_a_test_not_made_is_named_when_making_it_could_change_the_level_or_an_option(trial):
    answered(trial)
    oracle = trial.oracle

    def seen(choices):
        options = [oracle.status(choices, option) for option in trial.sample.table.options]
        return oracle.ends(choices, oracle.level), options

    expected = []
    for place in trial.facts.absent:
        name = oracle.fields[place]
        made = [{**one, name: oracle.values[name]} for one in trial.choices]
        if seen(made) != seen(trial.choices):
            expected.append(name)
    assert list(trial.answer().tests_that_could_change_it) == expected


@given(trials(), st.data())
def test_filling_in_an_unknown_never_widens_the_answer(trial, data):
    answered(trial)
    before = trial.answer()
    place = data.draw(st.integers(0, len(trial.oracle.fields) - 1))
    cell = data.draw(st.integers(0, trial.sample.compiled.space.cells[place].count - 1))
    boxes = tuple(
        (*box[:place], 1 << cell, *box[place + 1 :]) for box in trial.facts.boxes if box[place] >> cell & 1
    )
    assume(boxes)
    facts = dataclasses.replace(trial.facts, boxes=boxes)
    assume(trial.oracle.ends(choices_of(trial.oracle, boxes), trial.oracle.level))
    after = assess_facts(facts)
    assert set(after.likelihood.levels) <= set(before.likelihood.levels)
    assert {reason.rule for reason in after.reasons} <= {reason.rule for reason in before.reasons}
    statuses = {option.id: option.status for option in before.options}
    now = {option.id: option.status for option in after.options}
    assert now.keys() <= statuses.keys()
    assert all(now.get(name) == "matches" for name, status in statuses.items() if status == "matches")
    assert {item.id for item in before.not_supported} <= {item.id for item in after.not_supported}


@given(trials())
def test_a_table_saved_as_json_gives_the_same_answers(trial):
    answered(trial)
    saved = json.loads(json.dumps(trial.sample.compiled.to_json()))
    again = dataclasses.replace(trial.facts, table=Compiled.from_json(saved, "packaged"))
    assert assess_facts(again) == trial.answer()
