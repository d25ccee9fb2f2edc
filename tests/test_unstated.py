"""What a record leaves unsaid: dependent tests, what reports omit, and the premises of every table."""

from __future__ import annotations

import pytest
from input_side import GLAND, INPUT_RULES, SKIN, allowed, assumed, cells_of, facts, known, table

from riskcli.case import read_case
from riskcli.loader import Rules

# ---- tests that depend on another finding


def test_a_dependent_value_is_left_out_when_its_parent_rules_it_out():
    found = facts({"er": "negative", "gene_score": 30})
    assert found.warnings == (
        "gene_score applies only when er is positive, but that is negative: gene_score was not used.",
    )
    assert known(found) == {"er"}
    assert allowed(found)["gene_score"] == {"not_done"}
    found = facts({"er": "negative", "er_percent": 50})
    assert found.warnings == (
        "er_percent applies only when er is positive, but that is negative: er_percent was not used.",
    )
    assert known(found) == {"er"}


@pytest.mark.parametrize("record", [{"gene_score": 30}, {"gene_score": 30, "er": "unknown"}])
def test_a_dependent_value_without_its_parent_is_used_with_a_warning(record):
    found = facts(record)
    assert found.warnings == ("gene_score is stated without er; it applies only when that is positive.",)
    assert known(found) == {"gene_score"}


def test_a_dependent_value_beside_its_parent_needs_no_warning():
    assert facts({"er": "positive", "gene_score": 30}).warnings == ()
    assert facts({"er": ["positive", "negative"], "gene_score": 30}).warnings == ()


def test_a_dependent_test_that_was_not_made_says_nothing_about_its_parent():
    found = facts({"er": "negative", "gene_score": "not done"})
    assert found.warnings == ()
    assert assumed(facts({"gene_score": "not done"}))["er"] == "positive"
    assert assumed(facts({"gene_score": "unknown"}))["er"] == "positive"


def test_an_optional_parent_of_a_stated_value_was_not_left_undone():
    found = facts({"marker_level": 50}, SKIN)
    assert found.warnings == (
        "marker_level is stated without marker; it applies only when that is positive.",
    )
    assert "positive" in allowed(found)["marker"]
    found = facts({"marker_level": 50, "marker": "not done"}, SKIN)
    assert found.warnings == (
        "marker_level applies only when marker is positive, but that is not_done: marker_level was not used.",
    )


def test_one_parent_that_rules_a_value_out_is_enough_said():
    found = facts({"late_level": 50, "marker": "negative", "scar": "absent"}, SKIN)
    assert found.warnings == (
        "late_level applies only when marker is positive, but that is negative: late_level was not used.",
    )
    assert facts({"late_level": 50}, SKIN).warnings == (
        "late_level is stated without marker; it applies only when that is positive.",
        "late_level is stated without scar; it applies only when that is present.",
    )


# ---- assumptions and premises


def test_what_a_report_conventionally_omits_is_assumed_and_listed_with_the_reason():
    found = facts({})
    assert found.assumed[-2:] == (
        {"field": "obstruction", "value": "absent", "why": "it is always recorded when present"},
        {"field": "er", "value": "positive", "why": "nearly all are"},
    )
    assert allowed(found)["obstruction"] == {"absent"}


@pytest.mark.parametrize("said", ["present", "absent", "unknown", ["absent", "present"]])
def test_what_is_stated_is_not_assumed_even_when_it_is_unknown(said):
    found = facts({"obstruction": said})
    assert "obstruction" not in assumed(found)
    if said == "unknown":
        assert allowed(found)["obstruction"] == {"absent", "present"}


def test_stating_a_dependent_field_drops_the_assumption_on_its_parent():
    assert assumed(facts({}))["er"] == "positive"
    for record in ({"gene_score": 20}, {"er_percent": 20}):
        found = facts(record)
        assert "er" not in assumed(found)
        assert allowed(found)["er"] == {"negative", "positive"}


def test_a_conditional_assumption_holds_only_when_everything_the_facts_allow_meets_it():
    thin = {"depth_mm": 0.5, "ulceration": "absent"}
    assert assumed(facts(thin, SKIN))["nodes_positive"] == 0
    assert cells_of(thin, "nodes_positive", SKIN) == {"0"}
    for record in (
        {"depth_mm": 0.5},
        {"depth_mm": "0.5..0.9", "ulceration": "absent"},
        {"ulceration": "absent"},
    ):
        assert "nodes_positive" not in assumed(facts(record, SKIN))
    assert assumed(facts({"depth_mm": "<0.8", "ulceration": "absent"}, SKIN))["nodes_positive"] == 0


def test_the_first_assumption_whose_condition_holds_is_taken():
    assert assumed(facts({"depth_mm": 60}, SKIN))["nodes_positive"] == ">=1"
    assert cells_of({"depth_mm": 60}, "nodes_positive", SKIN) == {">=1"}
    assert [item["field"] for item in facts({"depth_mm": 60}, SKIN).assumed].count("nodes_positive") == 1
    assert assumed(facts({"depth_mm": 40}, SKIN))["nodes_positive"] == 0


def test_a_condition_holds_where_what_lies_outside_it_cannot_be():
    # a wide tumour is over 15 mm deep, so the condition "over 15 mm" needs no stated depth
    assert assumed(facts({"spread_class": "wide"}, SKIN))["nodes_positive"] == 0
    assert "nodes_positive" not in assumed(facts({"spread_class": "narrow"}, SKIN))


def test_nodes_that_nobody_had_to_look_at_are_assumed_though_none_was_examined():
    thin = {"depth_mm": 0.5, "ulceration": "absent", "nodes_examined": 0}
    assert assumed(facts(thin, SKIN))["nodes_positive"] == 0
    assert cells_of(thin, "nodes_positive", SKIN) == {"0"}
    thick = {**thin, "depth_mm": 2}
    assert "nodes_positive" not in assumed(facts(thick, SKIN))
    assert len(cells_of(thick, "nodes_positive", SKIN)) > 1


def test_what_other_facts_rule_out_is_not_assumed(tmp_path):
    for path in INPUT_RULES.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        given = "text: examined nodes, assume: {value: 1..11, why: few are looked at}}"
        text = text if path.stem == "vocabulary" else text.replace("text: examined nodes}", given)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    local = Rules(tmp_path).get(GLAND)
    assert assumed(read_case({"nodes_positive": 2}, local))["nodes_examined"] == "1..11"
    many = read_case({"nodes_positive": 15}, local)
    assert "nodes_examined" not in assumed(many)
    assert allowed(many)["nodes_examined"] == {">=12"}


def test_an_optional_test_may_be_assumed_instead_of_left_undone():
    place = table(SKIN).index["graft"]
    found = facts({}, SKIN)
    assert assumed(found)["graft"] == "absent"
    assert allowed(found)["graft"] == {"absent"}
    assert place not in found.absent
    deep = facts({"depth_mm": 70}, SKIN)  # for which an absent graft cannot be
    assert "graft" not in assumed(deep)
    assert allowed(deep)["graft"] == {"not_done"}
    assert place in deep.absent
    assert "spread_class" not in assumed(deep)
    assert assumed(deep)["scar"] == "absent"


def test_an_assumption_that_the_facts_exclude_is_not_made():
    deep = facts({"depth_mm": 30}, SKIN)
    assert "spread_class" not in assumed(deep)
    assert assumed(deep)["scar"] == "absent"
    assert allowed(deep)["spread_class"] == {"narrow", "wide"}
    assert deep.warnings == ()
    assert assumed(facts({"depth_mm": 20}, SKIN))["spread_class"] == "narrow"


def test_an_assumption_stays_when_the_contradiction_is_between_stated_facts():
    found = facts({"spread_class": "narrow", "depth_mm": 30}, SKIN)
    assert assumed(found)["scar"] == "absent"
    assert len(found.warnings) == 1


def test_the_premises_come_first_among_what_was_assumed():
    found = facts({})
    assert [item["field"] for item in found.assumed] == [
        "metastasis",
        "disease",
        "local_treatment",
        "neoadjuvant_therapy",
        "obstruction",
        "er",
    ]
    assert found.assumed[0] == {"field": "metastasis", "value": "absent", "why": "no known distant spread"}


def test_a_stated_premise_is_no_assumption():
    stated = {
        "metastasis": "M0",
        "disease": "first",
        "local_treatment": "complete",
        "neoadjuvant_therapy": "no",
    }
    assert set(assumed(facts(stated))) == {"obstruction", "er"}


def test_a_gate_field_that_the_table_has_is_no_premise():
    assert "neoadjuvant_therapy" not in assumed(facts({}, SKIN))
    assert cells_of({}, "neoadjuvant_therapy", SKIN) == {"no", "yes"}


def test_facts_that_contradict_each_other_meet_no_condition_that_they_do_not_state():
    record: dict[str, object] = {"cancer": "penile", "t_category": "T1a", "perineural_invasion": "absent"}
    record |= {"vascular_invasion": "absent", "n_category": "N0", "extranodal_extension": "present"}
    assert taken(record)["grade"] == "1..2"
    del record["vascular_invasion"]
    assert not {"grade", "vascular_invasion"} & set(taken(record))


def test_nodes_are_not_taken_as_clear_where_a_stated_finding_contradicts_the_category():
    record: dict[str, object] = {"cancer": "penile", "t_category": "T1a"}
    assert taken(record)["n_category"] == "N0"
    for finding in ({"grade": 3}, {"vascular_invasion": "present"}, {"perineural_invasion": "present"}):
        assert not {"n_category", "extranodal_extension"} & set(taken(record | finding))


def taken(record: dict[str, object]) -> dict[str, object]:
    return {item["field"]: item["value"] for item in read_case(record, Rules().get("penile")).assumed}
