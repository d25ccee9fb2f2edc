"""How an answer came about: rows, conditions, what is enough, and options, held against the answer itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import Run

import riskcli
from riskcli.case import read_case
from riskcli.errors import CaseError
from riskcli.loader import load_rules
from riskcli.why import Why, why

RULES = load_rules()
COLON: dict[str, Any] = {
    "t_category": "T3",
    "nodes_positive": 0,
    "nodes_examined": 9,
    "grade": 2,
    "vascular_invasion": "absent",
    "perineural_invasion": "absent",
    "tumour_deposits": "absent",
}
FLAGS = [part for name, value in COLON.items() for part in (f"--{name.replace('_', '-')}", str(value))]


def cases() -> list[tuple[str, dict[str, Any]]]:
    """Return every example of every packaged table that is in scope."""
    found = []
    for name in RULES.names:
        for example in RULES.get(name).table["examples"]:
            try:
                read_case(example["case"], RULES.get(name))
            except CaseError:
                continue
            found.append((name, example["case"]))
    return found


CASES = cases()


def decision(name: str, case: dict[str, Any]) -> Why:
    """Return how the answer to a case came about."""
    return why(read_case(case, RULES.get(name)))


@pytest.mark.parametrize("name", RULES.names)
def test_rows_and_options_stand_as_the_answer_says(name: str) -> None:
    for case in (case for cancer, case in CASES if cancer == name):
        answer, found = riskcli.assess({"cancer": name, **case}), decision(name, case)
        shown = [(row.id, row.status == "decides") for row in found.rows if row.status != "does_not_apply"]
        assert shown == [(reason.rule, reason.certain) for reason in answer.reasons]
        assert found.rows[-1].status != "does_not_apply"
        assert len(found.rows) + found.below == len(RULES.get(name).table["likelihood"])
        for row in found.rows:
            if row.status == "decides":
                assert {tick.status for tick in row.ticks} == {"met"}
            if row.status == "may_decide":
                assert "not_met" not in {tick.status for tick in row.ticks}
        offered = {option.id: option.status for option in answer.options}
        met = {criterion.option for criterion in found.criteria if criterion.status == "met"}
        near = {criterion.option for criterion in found.criteria if criterion.status != "not_met"}
        assert {option for option, status in offered.items() if status == "matches"} <= near
        assert met <= {option for option, status in offered.items() if status == "matches"}
        assert near == set(offered)


@pytest.mark.parametrize("name", RULES.names)
def test_what_is_enough_is_enough_and_none_of_it_can_be_left_out(name: str) -> None:
    for case in [case for cancer, case in CASES if cancer == name][:12]:
        answer, found = riskcli.assess({"cancer": name, **case}), decision(name, case)
        assert (found.enough is None) == (answer.likelihood.level is None)
        if found.enough is None or any("do not fit" in warning for warning in answer.warnings):
            continue
        kept = {field: list(value) if isinstance(value, tuple) else value for field, value in found.enough}
        assert set(kept) <= set(answer.case)
        others = {field: "unknown" for field in answer.case if field not in kept}
        again = riskcli.assess({"cancer": name, **kept, **others})
        assert again.likelihood.levels == (answer.likelihood.level,)
        for field in kept:
            fewer = {other: value for other, value in kept.items() if other != field}
            less = riskcli.assess({"cancer": name, **fewer, **others, field: "unknown"})
            assert len(less.likelihood.levels) > 1, field


@pytest.mark.parametrize(
    ("cancer", "case"),
    [
        (
            "head_and_neck",
            {
                "primary_site": "oropharynx",
                "t_category": "T4a",
                "nodes_examined": 1,
                "perineural_invasion": "absent",
                "cisplatin_eligible": "no",
            },
        ),
        ("colon", COLON),
    ],
)
def test_every_number_of_a_range_that_is_enough_is_enough(cancer: str, case: dict[str, Any]) -> None:
    found = dict(decision(cancer, case).enough or ())
    others = {field: "unknown" for field in case if field not in found}
    level = riskcli.assess({"cancer": cancer, **case}).likelihood.level
    examined = str(found["nodes_examined"])
    low, _, high = examined.partition("..")
    for number in range(int(low), int(high or low) + 1):
        again = riskcli.assess({"cancer": cancer, **found, **others, "nodes_examined": number})
        assert again.likelihood.level == level
    again = riskcli.assess({"cancer": cancer, **found, **others, "nodes_examined": examined})
    assert again.likelihood.level == level


def test_few_nodes_examined_are_enough_whatever_the_grade_and_the_vessels_are() -> None:
    found = decision("colon", COLON)
    assert found.enough == (
        ("t_category", "T3"),
        ("nodes_positive", "0"),
        ("tumour_deposits", "absent"),
        ("nodes_examined", "1..11"),
    )


def test_a_row_that_is_passed_over_names_what_it_wanted_and_what_there_is() -> None:
    row = next(row for row in decision("colon", COLON).rows if row.id == "t3-nodes-4-6")
    (tick,) = (tick for tick in row.ticks if tick.status == "not_met")
    assert (tick.name, tick.here) == ("nodes_positive", "0")


def test_what_a_table_works_out_is_ticked_like_a_finding() -> None:
    row = decision("colon", COLON).rows[-1]
    stage = next(tick for tick in row.ticks if tick.name == "stage_number")
    assert (stage.status, stage.here) == ("met", "II")
    open_case = decision("colon", {"t_category": "T3"})
    stages = {tick.here for row in open_case.rows for tick in row.ticks if tick.name == "stage_number"}
    assert stages == {("II", "III")}


def test_several_levels_have_no_sufficient_reason_and_every_row_that_may_decide() -> None:
    found = decision("colon", {"t_category": "T3"})
    assert found.enough is None
    assert sum(row.status == "may_decide" for row in found.rows) > 1


@pytest.mark.parametrize("width", ["60", "80", "120"])
def test_the_screen_shows_the_decision_before_the_uncertainty(
    width: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    told = run("assess", "colon", *FLAGS, "--why").out
    text = " ".join(told.split())
    assert max(map(len, told.splitlines())) <= int(width)
    assert "Decided by intermediate: clear nodes, but one high-risk feature (t3-n0-one-feature)" in text
    assert "[x] risk features one" in text
    assert "nothing else that was reported can change the level" in text
    assert "very high (t3-nodes-4-6): positive nodes 0, not 4 to 6" in text
    assert "[ ] mismatch repair (MMR) deficient (here not done)" in text
    assert text.index("Criteria") < text.index("Uncertainty")


def test_json_has_the_decision_only_when_it_is_asked_for(run: Run) -> None:
    assert "decision" not in json.loads(run("assess", "colon", *FLAGS, "--json").out)
    data = json.loads(run("assess", "colon", *FLAGS, "--json", "--why").out)["decision"]
    assert data["rows"][-1]["id"] == "t3-n0-one-feature"
    assert {"field": "nodes_positive", "value": "0"} in data["enough"]


def test_a_finding_that_was_stated_is_shown_as_stated_and_not_as_the_range_that_the_table_uses() -> None:
    found = decision("breast", {"grade": 2, "tumour_size_mm": 18, "nodes_positive": "1..3", "er": "positive"})
    failed = [
        (tick.name, tick.here)
        for ticks in (*(row.ticks for row in found.rows), *(one.ticks for one in found.criteria))
        for tick in ticks
        if tick.status == "not_met"
    ]
    assert ("tumour_size_mm", "18") in failed
    assert ("grade", "2") in failed
    assert ("nodes_positive", "1..3") in failed
    assert not [here for name, here in failed if name == "tumour_size_mm" and here != "18"]
