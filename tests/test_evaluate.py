"""The answer to single cases of invented tables: what it says, in which words, and what it leaves out."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle import Oracle
from random_tables import make

from riskcli.case import read_case
from riskcli.errors import CaseError, RuleFileError
from riskcli.evaluate import answer_data, assess_facts
from riskcli.loader import Rules, load_rules
from riskcli.moves import neighbours
from riskcli.statics import Shared, derived_values, likelihood_of, option_status

RULES = Rules(Path(__file__).parent / "data" / "rules")
DUCT, GAUGE = RULES.get("example_duct"), RULES.get("example_gauge")
CLEAR = {
    "grade": 1,
    "invasion": "absent",
    "pattern": "usual",
    "nodes_positive": 0,
    "nodes_examined": 20,
    "extent": "E1a",
    "length_mm": 4,
    "receptor": "positive",
    "gene_score": 20,
}
JUDGED = {"why": "w", "basis": "judgement", "source": "s"}


def answer(record, table=DUCT, today=None):
    """Return the answer to a record."""
    return answer_data(read_case(record, table), today)


def changes(record, table=DUCT):
    """Return what would change the answer to a record, by field and other value."""
    return {
        (item["field"], item["to"]): (item["lowest"], item["highest"])
        for item in answer(record, table)["what_would_change_it"]
    }


# ---- the level


def test_a_fully_known_case_has_one_level_one_certain_reason_and_nothing_to_settle():
    found = answer(CLEAR)
    assert found["likelihood"]["level"] == "low"
    assert [(item["rule"], item["certain"]) for item in found["reasons"]] == [("nothing-adverse", True)]
    assert (found["unknown"], found["to_settle"]) == ([], [])


def test_an_open_case_has_every_level_and_every_reason_still_possible_worst_first():
    found = answer({**CLEAR, "nodes_positive": "unknown", "grade": "1..2"})
    assert found["likelihood"]["level"] is None
    assert found["likelihood"]["levels"] == ["low", "intermediate", "high", "very_high"]
    rules = [(item["rule"], item["certain"]) for item in found["reasons"]]
    assert rules == [
        ("nodes-4-or-more", False),
        ("nodes-1-3", False),
        ("middling", False),
        ("nothing-adverse", False),
    ]


@pytest.mark.parametrize(
    ("levels", "words", "band"),
    [
        ([0], "low", "under 10 in 100"),
        ([3], "very high", "50 or more in 100"),
        ([0, 1], "low or intermediate", "under 30 in 100"),
        ([1, 2], "intermediate or high", "10 to under 50 in 100"),
        ([1, 3], "intermediate or very high", "10 or more in 100"),
        ([0, 3], "low or very high", "anything from under 10 to over 50 in 100"),
    ],
)
def test_levels_are_worded_with_the_band_from_the_lowest_to_the_highest(levels, words, band):
    found = likelihood_of(GAUGE, sum(1 << (level + 2) for level in levels))
    assert (found["words"], found["band"]) == (words, band)
    assert found["meaning"] == (
        f"distant recurrence in {band} within 5 years, in people like this who had no further treatment"
    )
    assert found["horizon_years"] == 5


def test_a_table_that_leaves_a_case_without_a_row_refuses_it_and_names_itself():
    sample = make(
        names=["mark"],
        likelihood=[{"id": "a", "when": {"mark": "present"}, "level": "high", **JUDGED}],
    )
    with pytest.raises(RuleFileError) as refused:
        answer_data(sample.facts([{}]))
    assert str(refused.value) == "packaged:1: the random table has no row for some of these cases"
    assert answer_data(sample.facts([{"mark": ["present"]}]))["what_would_change_it"] == []


# ---- reasons, factors, sources


def test_a_reason_carries_its_figure_its_dispute_and_the_fields_behind_derived_names():
    (nodes,) = answer({**CLEAR, "nodes_positive": 4})["reasons"]
    assert nodes["published"] == {
        "percent": 55,
        "endpoint": "distant recurrence",
        "treated": "none",
        "years": 10,
        "group": None,
    }
    assert (nodes["route"], nodes["disputed"], nodes["fields"]) == ("lymph", None, ["nodes_positive"])
    (few,) = answer({**CLEAR, "nodes_positive": 3})["reasons"]
    assert few["disputed"] == {"why": "others see fewer", "level": "intermediate", "sources": ["guide"]}
    assert (few["published"], few["limits"]) == (None, "few such patients")
    (clear,) = answer(CLEAR)["reasons"]
    assert clear["fields"] == ["grade", "invasion", "pattern", "nodes_positive", "nodes_examined", "extent"]


def test_the_sources_are_those_cited_each_once_in_the_order_of_citing():
    found = answer({**CLEAR, "nodes_positive": 3})
    assert list(found["sources"]) == ["cohort", "other", "guide"]
    assert found["sources"]["cohort"]["at"] == "table 2"
    assert list(answer(CLEAR)["sources"]) == ["cohort", "guide", "other"]


def test_a_factor_is_worded_when_the_value_lies_wholly_inside_what_the_words_are_about():
    says = {item["field"]: item["says"] for item in answer(CLEAR)["factors"]}
    assert says["grade"] == "slow"
    assert says["nodes_positive"].startswith("No cancer was found")
    assert {item["field"]: item["value"] for item in answer(CLEAR)["factors"]}["grade"] == 1
    assert "grade" not in {item["field"] for item in answer({**CLEAR, "grade": "1..2"})["factors"]}
    fast = answer({**CLEAR, "grade": "2..3"})["factors"]
    assert ("grade", "2..3", "fast") in [(item["field"], item["value"], item["says"]) for item in fast]


def test_a_factor_is_worded_by_what_the_other_findings_leave_possible():
    record = {**CLEAR, "extent": ["E1a", "E1b"], "length_mm": "unknown"}
    assert answer(record)["factors"] == answer({**CLEAR, "extent": "E1"})["factors"]
    sample = make(
        fields={
            "count": {"type": "integer", "allowed": "0..4", "says": {"0..1": "few", "2..4": "many"}},
            "mark": {"type": "word", "allowed": ["absent", "present"]},
        },
        impossible=[{"when": {"mark": "present", "count": "0..1"}, "why": "w"}],
        likelihood=[{"id": "a", "when": {}, "level": "low", **JUDGED}],
    )
    facts = sample.facts([{"mark": ["present"], "count": [0, 2]}])
    facts = dataclasses.replace(facts, stated={"mark": "present", "count": "0..4"}, known=(0, 1))
    (factor,) = answer_data(facts)["factors"]
    assert factor == {"field": "count", "value": "0..4", "says": "many"}


# ---- options


def test_an_option_shows_the_criteria_that_may_hold_and_why_the_first_does():
    options = {
        item["id"]: item for item in answer({**CLEAR, "nodes_positive": 4, "receptor": "negative"})["options"]
    }
    assert options["wash"]["rules"] == ["wash-level"]
    assert (options["wash"]["status"], options["wash"]["agents"]) == ("matches", ["water"])
    assert options["wash"]["availability"] == {"UK": "everywhere"}
    assert (options["wash"]["why"], options["wash"]["limits"]) == ("the level is high", None)
    long = answer({**CLEAR, "nodes_positive": 4, "extent": "E3", "length_mm": 60, "receptor": "unknown"})
    (wash,) = [item for item in long["options"] if item["id"] == "wash"]
    assert (wash["rules"], wash["status"]) == (["wash-level", "wash-long"], "matches")
    assert wash["sources"] == ["guide", "cohort"]


def test_an_option_that_depends_names_the_fields_that_decide_it_and_they_are_unknown():
    found = answer({**CLEAR, "nodes_positive": 4, "receptor": "unknown"})
    (blocker,) = [item for item in found["options"] if item["id"] == "blocker"]
    assert (blocker["status"], blocker["depends_on"]) == ("depends", ["receptor"])
    assert found["unknown"] == [{"field": "receptor", "decides": ["wash", "blocker"], "settles": "always"}]
    assert found["to_settle"] == []


def test_what_is_not_supported_is_listed_only_when_certain():
    ruled_out = [item["id"] for item in answer({**CLEAR, "receptor": "negative"})["not_supported"]]
    assert ruled_out == ["blocker", "rubbing"]
    assert answer({**CLEAR, "receptor": "unknown", "grade": "unknown"})["not_supported"] == []


@pytest.mark.parametrize(
    ("ends", "status"),
    [(0b00, None), (0b10, None), (0b01, None), (0b100, "matches"), (0b101, "matches"), (0b1110, "depends")],
)
def test_an_option_matches_when_no_possible_case_lacks_it(ends, status):
    assert option_status(ends) == status


# ---- groupings


def test_a_published_grouping_has_one_value_or_all_that_are_possible():
    known = {item["id"]: (item["value"], item["values"]) for item in answer(CLEAR)["systems"]}
    assert known == {"stage-group": ("I", ["I"]), "weight-sum": ("0", ["0"])}
    open_ones = answer({**CLEAR, "invasion": "unknown", "extent": ["E2", "E3"], "length_mm": 30})["systems"]
    assert [(item["value"], item["values"]) for item in open_ones] == [
        (None, ["II", "I"]),
        (None, ["0", "1"]),
    ]


def test_the_values_of_a_derived_name_stand_in_the_order_of_its_leaves():
    assert derived_values(DUCT, "stage") == ["III", "II", "I"]
    assert derived_values(DUCT, "weight") == ["light", "heavy", "middling"]
    assert derived_values(DUCT, "score") == ["0", "1", "2", "3", "4"]


# ---- what would change it


def test_the_nearest_other_values_are_worded_as_conditions_are():
    found = answer({**CLEAR, "nodes_positive": 2})["what_would_change_it"]
    assert [(item["field"], item["from"], item["to"], item["lowest"], item["highest"]) for item in found] == [
        ("nodes_positive", "1..3", "0", "low", "low"),
        ("nodes_positive", "1..3", ">=4", "very_high", "very_high"),
        ("length_mm", "<=5", ">5..20", "high", "very_high"),
    ]


def test_a_value_known_only_in_part_is_worded_in_its_cells():
    found = answer({**CLEAR, "extent": ["E1a", "E3"], "length_mm": "unknown"})["what_would_change_it"]
    assert ["E1a", "E3"] in [item["from"] for item in found if item["field"] == "extent"]


def test_a_field_without_an_order_is_moved_to_every_other_value():
    assert neighbours(3, 0b010, False) == (0, 2)
    assert neighbours(3, 0b010, True) == (0, 2)
    assert neighbours(3, 0b001, False) == (1, 2)
    assert neighbours(3, 0b001, True) == (1,)
    assert neighbours(4, 0b0101, True) == (3,)
    assert neighbours(3, 0b1000, True) == ()
    record = {"gauge": 20, "fine": 2, "colour": "blue", "drip": 1, "kit": "clear"}
    assert not any(field == "colour" for field, _ in changes(record, GAUGE))
    quiet = {**CLEAR, "grade": 3, "pattern": "quiet"}
    assert changes(quiet)["pattern", "usual"] == ("high", "high")


def test_a_moved_value_takes_along_what_it_contradicts():
    """A length over 5 cannot be E1a: the extent moves with it, so the level is that of E1b to E4."""
    record = {**CLEAR, "nodes_examined": 11, "grade": 1}
    assert changes({**record, "extent": "E1b", "length_mm": 20})["length_mm", ">20..50"] == (
        "intermediate",
        "very_high",
    )


def test_a_moved_value_leaves_alone_what_it_does_not_contradict():
    """E1b to E2 contradicts the length of 20, not the nodes; E1b to E1a contradicts it too."""
    sample = make(
        fields={
            "shape": {"type": "word", "allowed": ["round", "flat", "long"], "worse": "long"},
            "size": {"type": "number", "allowed": "0..10"},
            "test": {"type": "word", "allowed": ["negative", "positive"], "optional": True},
        },
        impossible=[
            {"when": {"shape": "flat", "size": ">5"}, "why": "w"},
            {"when": {"shape": "round", "test": "positive"}, "why": "w"},
            {"when": {"shape": "flat", "test": "negative"}, "why": "w"},
        ],
        likelihood=[
            {"id": "a", "when": {"test": ["negative", "positive"]}, "level": "very_high", **JUDGED},
            {"id": "b", "when": {"shape": "flat", "size": "<=5"}, "level": "high", **JUDGED},
            {"id": "c", "when": {}, "level": "low", **JUDGED},
        ],
    )
    size = sample.oracle.values["size"]
    facts = sample.facts([{"shape": ["round"], "size": [size[1]], "test": ["not_done"]}], absent=["test"])
    found = {
        (item["field"], item["to"]): item["highest"] for item in answer_data(facts)["what_would_change_it"]
    }
    assert found == {("shape", "flat"): "high"}
    assert answer_data(facts)["tests_that_could_change_it"] == ["test"]


def test_more_positive_nodes_than_the_examined_ones_move_the_examined_ones_along():
    found = changes({**CLEAR, "nodes_examined": 11, "nodes_positive": 3})
    assert found["nodes_positive", ">=4"] == ("very_high", "very_high")
    fields = {
        "nodes_positive": {"type": "integer", "allowed": "0..30", "worse": "higher"},
        "nodes_examined": {"type": "integer", "allowed": "0..60"},
    }
    sample = make(
        fields=fields,
        likelihood=[
            {
                "id": "a",
                "when": {"nodes_positive": ">=20", "nodes_examined": ">=20"},
                "level": "very_high",
                **JUDGED,
            },
            {"id": "b", "when": {"nodes_positive": ">=20"}, "level": "low", **JUDGED},
            {"id": "c", "when": {"nodes_examined": 0}, "level": "intermediate", **JUDGED},
            {"id": "d", "when": {}, "level": "high", **JUDGED},
        ],
    )
    oracle: Oracle = sample.oracle
    assert oracle.values == {"nodes_positive": [0, 20], "nodes_examined": [0, 1, 20]}
    moved = answer_data(sample.facts([{"nodes_positive": [0], "nodes_examined": [1]}]))[
        "what_would_change_it"
    ]
    assert [(item["field"], item["to"], item["lowest"], item["highest"]) for item in moved] == [
        ("nodes_positive", ">=20", "very_high", "very_high")
    ]


def test_nodes_that_were_not_examined_are_unknown_and_no_other_value_to_move_to():
    record = {**CLEAR, "nodes_examined": 5}
    assert answer(record)["likelihood"]["level"] == "intermediate"
    assert ("nodes_examined", ">=12") in changes(record)
    assert ("nodes_examined", "0") not in changes(record)


def test_a_test_that_was_not_made_is_named_only_while_it_could_change_something():
    record = {name: value for name, value in CLEAR.items() if name != "gene_score"}
    assert answer(record)["tests_that_could_change_it"] == ["gene_score"]
    assert answer({**record, "nodes_positive": 4})["tests_that_could_change_it"] == []
    assert answer({**record, "receptor": "negative"})["tests_that_could_change_it"] == []
    twin = {"gauge": 20, "fine": 2, "colour": "green", "drip": 1, "kit": "stained"}
    assert answer(twin, GAUGE)["tests_that_could_change_it"] == ["twin"]
    assert answer({**twin, "kit": "clear"}, GAUGE)["tests_that_could_change_it"] == []  # it would not count


def test_a_test_that_says_not_done_is_no_value_to_move_from():
    record = {name: value for name, value in CLEAR.items() if name != "gene_score"}
    assert not any(field == "gene_score" for field, _ in changes({**record, "gene_score": "not_done"}))


# ---- contradictions


def test_a_contradiction_is_answered_without_the_row_it_breaks_and_warned_of():
    found = answer({**CLEAR, "extent": "E1a", "length_mm": 30})
    assert found["likelihood"]["level"] == "low"
    assert any("E1a is 5 mm or less" in warning for warning in found["warnings"])


def test_a_row_that_the_facts_break_ties_nothing_to_what_is_moved():
    table = DUCT.without(frozenset((0,)))
    assert table.left_out == {0}
    assert read_case({**CLEAR, "extent": "E1a", "length_mm": 30}, DUCT).table.left_out == {0}
    assert DUCT.left_out == frozenset()


# ---- the frame


def test_the_answer_echoes_the_record_and_says_where_it_comes_from():
    found = answer({**CLEAR, "ref": {"any": "thing"}})
    assert found["ref"] == {"any": "thing"}
    assert found["case"] == CLEAR
    assert found["provenance"]["sha256"] == DUCT.digest
    assert found["provenance"]["origin"] == str(RULES.file("example_duct"))
    assert (found["blood_test"], found["limits"]) == ("there is none", ["everything here is invented"])
    assert found["likely_sites"] == [{"site": "bone", "why": "the veins lead there", "sources": ["other"]}]


def test_a_table_past_its_review_date_is_warned_of_from_the_day_after():
    assert answer(CLEAR, today=date(2027, 11, 24))["warnings"] == []
    assert answer(CLEAR, today=date(2027, 11, 25))["warnings"] == [
        "The example_duct table was due for review by 2027-11-24; newer evidence may exist."
    ]


def test_the_model_shares_its_unchanging_parts_and_equals_the_plain_answer():
    facts = read_case(CLEAR, DUCT)
    one, other = assess_facts(facts), assess_facts(facts)
    assert one == other
    assert one.reasons[0] is other.reasons[0]
    assert one.provenance is other.provenance
    assert one.sources["cohort"] is other.sources["cohort"]
    assert one.model_dump(mode="json") == answer_data(facts)


def test_nothing_that_is_done_to_an_answer_shows_in_the_next():
    table = load_rules().get("breast")
    record = {"grade": 3, "nodes_positive": 12, "er": ["positive", "negative"]}
    before = assess_facts(read_case(record, table)).model_dump(mode="json")
    answer = assess_facts(read_case(record, table))
    maps = [answer.case, answer.sources, *answer.provenance.reviewed_by]
    maps += [option.availability for option in answer.options]
    assert any(option.availability for option in answer.options)
    for one in maps:
        for change in (
            lambda one=one: one.__setitem__("x", "y"),
            lambda one=one: one.update(x="y"),
            lambda one=one: one.setdefault("x", "y"),
            one.clear,
            one.popitem,
        ):
            with pytest.raises(TypeError, match="an answer is not to be changed"):
                change()
    lists = [item.value for item in (*answer.assumed, *answer.factors)]
    for value in (*lists, *answer.case.values()):
        if isinstance(value, list):
            value.append("x")
    assert isinstance(answer.case["er"], list)
    assert any(isinstance(value, list) for value in lists)
    assert assess_facts(read_case(record, table)).model_dump(mode="json") == before
    assert copy.deepcopy(answer) == answer == pickle.loads(pickle.dumps(answer))
    assert type(answer.model_dump()["case"]) is dict


def test_a_shared_part_is_a_part_like_any_other():
    part = Shared({"a": 1})
    assert (part, part.model) == ({"a": 1}, None)


# ---- counts of nodes, whole number by whole number


COUNTS = st.one_of(
    st.just("unknown"),
    st.integers(0, 30),
    st.tuples(st.integers(0, 14), st.integers(1, 16)).map(lambda pair: f"{pair[0]}..{sum(pair)}"),
    st.lists(st.integers(0, 30), min_size=2, max_size=3),
    st.integers(1, 30).map(">={}".format),
)


def numbers(raw, most):
    """Return the whole numbers a count may be."""
    if raw == "unknown":
        return range(most + 1)
    if isinstance(raw, list):
        return raw
    if isinstance(raw, int):
        return [raw]
    low, _, high = raw.removeprefix(">=").partition("..")
    return range(int(low), int(high or most) + 1)


@given(COUNTS, COUNTS, st.sampled_from([1, 2, "unknown"]))
def test_counts_that_cut_cells_leave_what_their_whole_numbers_leave_pair_by_pair(positive, examined, grade):
    record = {**CLEAR, "grade": grade, "nodes_positive": positive, "nodes_examined": examined}
    pairs = [
        (p, e)
        for p in numbers(positive, 30)
        for e in numbers(examined, 60)
        if p <= e or (e == 0 and positive == "unknown")
    ]
    try:
        facts = read_case(record, DUCT)
    except CaseError:
        assert not pairs or set(numbers(examined, 60)) == {0}
        return
    assume(set(numbers(examined, 60)) != {0} or positive == "unknown")
    oracle = Oracle(RULES.read("example_duct")[1], DUCT.space)
    grades = [1, 2, 3] if grade == "unknown" else [grade]
    levels = {
        oracle.level({**CLEAR, "grade": g, "nodes_positive": p, "nodes_examined": e})
        for p, e in pairs
        for g in grades
    }
    assert set(answer_data(facts)["likelihood"]["levels"]) == levels
