"""From a table's rows to cells and diagrams: what each section becomes, and every name that leads nowhere."""

from __future__ import annotations

import pytest
from random_tables import FIELDS, common, make, vocabulary

from riskcli.compiled import FIRST, IMPOSSIBLE, NONE, Compiled, domain_data, read_domain
from riskcli.compiling import TableFaults, compile_table, field_domain
from riskcli.conditions import Domain
from riskcli.diagram import leaf_value
from riskcli.tables import FieldSpec

JUDGED = {"why": "w", "basis": "judgement", "source": "s"}
ALL = {"id": "all", "when": {}, "level": "low", **JUDGED}
NAMES = ["count", "shape", "mark", "test"]


def row(when, level="low", name="one", **more):
    """Return a likelihood row."""
    return {"id": name, "when": when, "level": level, **JUDGED, **more}


def option(name="opt", *whens):
    """Return an option with a criterion for each condition."""
    any_of = [{"id": f"{name}-{i}", "when": when, "why": "w", "source": "s"} for i, when in enumerate(whens)]
    return {"id": name, "kind": "surgery", "name": name, "any_of": any_of or [criterion({})]}


def criterion(when, name="crit", source="s"):
    """Return one criterion."""
    return {"id": name, "when": when, "why": "w", "source": source}


def compiled(**sections) -> Compiled:
    """Return a table with these sections, compiled."""
    return make(**{"names": NAMES, "likelihood": [ALL], **sections}).compiled


def faults(**sections):
    """Return the faults of a table, as (path, message)."""
    with pytest.raises(TableFaults) as refused:
        compiled(**sections)
    assert str(refused.value) == "; ".join(message for _, message in refused.value.found)
    return list(refused.value.found)


def end(table: Compiled, root: str, **cells: str) -> int:
    """Return the leaf of a case, its cells given by name (the first cell of the others)."""
    case = [
        names.index(cells.get(item.field, names[0]))
        for item, names in zip(table.space.cells, table.names, strict=True)
    ]
    ref = table.roots[root]
    while ref >= 0:
        ref = table.store.children[ref][case[table.store.fields[ref]]]
    return leaf_value(ref)


# ---- what the sections become


def test_the_first_row_that_holds_decides_the_level():
    table = compiled(
        likelihood=[row({"count": ">=2"}, "high", "b"), row({"count": ">=1"}, "very_high", "a"), ALL]
    )
    assert [end(table, "rows", count=cell) - FIRST for cell in ("0", "1", ">=2")] == [2, 1, 0]
    assert [end(table, "level", count=cell) - FIRST for cell in ("0", "1", ">=2")] == [0, 3, 2]
    assert [row["level"] for row in table.table["likelihood"]] == ["high", "very_high", "low"]


def test_a_case_without_a_row_has_an_end_of_its_own():
    table = compiled(likelihood=[row({"count": ">=2"})])
    assert end(table, "level", count="0..1") == leaf_value(NONE)
    assert end(table, "rows", count="0..1") == leaf_value(NONE)


def test_an_example_may_state_nothing():
    found = compiled(examples=[{"id": "nothing", "case": {}}])
    assert found.table["examples"][0]["case"] == {}


def test_impossible_and_out_of_scope_cases_are_impossible_in_every_diagram():
    table = compiled(
        impossible=[{"when": {"mark": "present"}, "why": "w"}],
        out_of_scope=[{"when": {"shape": "long"}, "say": "s"}, {"when": {"metastasis": "b"}, "say": "s"}],
        options=[option("opt", {})],
        not_supported=[option("no", {})],
        derived={"d": [{"when": {}, "is": "x"}]},
    )
    roots = ["level", "rows", "option:0", "not:0", "derived:d", "feasible"]
    assert {end(table, root, mark="present") for root in roots} == {leaf_value(IMPOSSIBLE)}
    assert {end(table, root, shape="long") for root in roots} == {leaf_value(IMPOSSIBLE)}
    assert {end(table, root) for root in roots[:5]} == {FIRST}
    assert end(table, "feasible") == 1


@pytest.mark.parametrize(
    ("without", "mark", "long"), [((), 0, 0), ((0,), FIRST, 0), ((1,), 0, 0), ((-1,), FIRST, FIRST)]
)
def test_impossible_rows_can_be_left_out_and_with_minus_one_the_scope_too(without, mark, long):
    sample = make(
        names=NAMES,
        likelihood=[ALL],
        impossible=[{"when": {"mark": "present"}, "why": "w"}, {"when": {"count": 4}, "why": "w"}],
        out_of_scope=[{"when": {"shape": "long"}, "say": "s"}],
    )
    table = sample.compiled.without(frozenset(without))
    assert (end(table, "level", mark="present"), end(table, "level", shape="long")) == (mark, long)
    assert table.left_out == (frozenset((0, 1)) if without == (-1,) else frozenset(without))


def test_an_option_gives_the_first_of_its_criteria_that_holds():
    table = compiled(
        likelihood=[row({"count": ">=2"}, "high"), ALL],
        options=[option("opt", {"level": "high", "mark": "present"}, {"level": ["high", "low"]})],
    )
    assert end(table, "option:0", count=">=2", mark="present") - FIRST == 0
    assert end(table, "option:0", count=">=2", mark="absent") - FIRST == 1
    assert end(table, "option:0", count="0..1", mark="present") - FIRST == 1


def test_a_level_that_no_row_gives_is_met_by_no_case():
    table = compiled(likelihood=[row({"count": ">=2"}, "high")], options=[option("opt", {"level": "low"})])
    assert table.roots["option:0"] == NONE


def test_points_are_summed_whatever_their_sign_and_their_sums_can_be_asked_for():
    table = compiled(
        derived={
            "score": {"points": {"count": {"0..1": -2, "2..4": 1}, "mark": {"absent": 0, "present": -1}}},
            "low": [{"when": {"score": [-3, -2]}, "is": 1}, {"when": {"score": "0..1"}, "is": "other"}],
        },
        systems=[{"id": "s", "name": "s", "from": "score", "source": "s"}],
    )
    found = {
        (count, mark): end(table, "derived:score", count=count, mark=mark) - FIRST - 3
        for count in ("0..1", ">=2")
        for mark in ("absent", "present")
    }
    assert found == {
        ("0..1", "absent"): -2,
        ("0..1", "present"): -3,
        (">=2", "absent"): 1,
        (">=2", "present"): 0,
    }
    assert [end(table, "derived:low", count=count) - FIRST for count in ("0..1", ">=2")] == [0, 1]


def test_a_derived_value_written_as_a_number_or_as_text_is_the_same_value():
    table = compiled(
        derived={"d": [{"when": {"mark": "present"}, "is": 1}, {"when": {}, "is": "2"}]},
        likelihood=[row({"d": 2}, "high", "a"), row({"d": ["1"]}, "low", "b")],
    )
    assert [end(table, "level", mark=mark) - FIRST for mark in ("absent", "present")] == [2, 0]


def test_a_derived_name_may_use_those_above_it():
    table = compiled(
        derived={
            "a": [{"when": {"mark": "present"}, "is": "x"}],
            "b": [{"when": {"a": "x", "count": 0}, "is": "y"}, {"when": {}, "is": "z"}],
        },
        likelihood=[row({"b": "y"}, "high", "a"), ALL],
    )
    assert end(table, "derived:a") == leaf_value(NONE)
    assert end(table, "level", mark="present", count="0") - FIRST == 2
    assert end(table, "level", mark="absent", count="0") - FIRST == 0
    assert table.boxes["row_fields"] == [["count", "mark"], []]


def test_conditions_that_are_no_diagrams_are_kept_as_pairs_of_field_and_mask():
    table = compiled(
        fields={
            **{name: FIELDS[name] for name in ("count", "mark", "test")},
            "assay": {
                **FIELDS["assay"],
                "only_if": {"test": "positive"},
                "assume": {"value": "not_done", "why": "w", "when": {"mark": "absent"}},
            },
        },
        names=None,
        impossible=[{"when": {"count": ">=3", "mark": "absent"}, "why": "w"}],
        warnings=[{"when": {"count": 0}, "say": "s"}],
        out_of_scope=[{"when": {"disease": "b", "mark": "present"}, "say": "s"}],
    )
    boxes = table.boxes
    assert table.names[0] == ("0", "1..2", ">=3")
    assert boxes["impossible"] == [[[0, 0b100], [1, 0b01]]]
    assert boxes["warnings"] == [[[0, 0b001]]]
    assert boxes["scope"] == [{"gate": {"disease": ["b"]}, "box": [[1, 0b10]]}]
    assert boxes["only_if"] == {"assay": [[2, 0b010]]}
    assert boxes["assume"] == {"assay": [{"when": [[1, 0b01]], "mask": 0b10}]}


def test_a_field_is_cut_at_the_thresholds_of_every_section():
    table = compiled(
        fields={
            "nodes_positive": {
                "type": "integer",
                "allowed": "0..20",
                "says": {"0..1": "few"},
                "assume": {"value": "0..3", "why": "w"},
            }
        },
        names=None,
        derived={"d": {"points": {"nodes_positive": {"0..5": 0, "6..20": 1}}}},
        impossible=[{"when": {"nodes_positive": 20}, "why": "w"}],
        warnings=[{"when": {"nodes_positive": ">=18"}, "say": "s"}],
        out_of_scope=[{"when": {"nodes_positive": ">=19"}, "say": "s"}],
        likelihood=[row({"nodes_positive": ">=8"}), {**ALL, "id": "rest"}],
        options=[option("opt", {"nodes_positive": ">=10"})],
        not_supported=[option("no", {"nodes_positive": ">=12"})],
        exceptions=[
            {"field": "nodes_positive", "when": {"nodes_positive": ">=14"}, "why": "w", "source": "s"}
        ],
    )
    starts = [name.removeprefix(">=").split("..")[0] for name in table.names[0]]
    assert starts == ["0", "2", "4", "6", "8", "10", "12", "14", "18", "19", "20"]


def test_words_about_a_factor_are_kept_with_the_cells_that_lie_wholly_inside():
    table = compiled(
        fields={"count": {"type": "integer", "allowed": "0..4", "says": {"0": "none", ">=2": "many"}}},
        names=None,
        likelihood=[row({"count": ">=3"}), {**ALL, "id": "rest"}],
    )
    assert table.names == (("0", "1", "2", ">=3"),)
    assert table.boxes["says"] == {"count": [[0b0001, "none"], [0b1100, "many"]]}


def test_common_words_about_a_factor_hold_where_the_table_has_none_and_has_the_value():
    nodes = {"nodes_positive": {"type": "integer", "allowed": "0..30"}}
    sample = make(fields=nodes, likelihood=[row({"nodes_positive": ">=4"}), {**ALL, "id": "rest"}])
    words = common().factors["nodes_positive"]
    assert list(words) == ["0", ">=1"]
    says = sample.compiled.boxes["says"]["nodes_positive"]
    assert says == [[0b00, words["0"]], [0b10, words[">=1"]]]


def test_the_table_is_kept_as_json_has_it_without_what_says_nothing():
    table = compiled()
    assert table.table["edition"] == "2026.1"
    assert "derived" not in table.table
    assert table.table["likelihood"] == [
        {"id": "all", "level": "low", "why": "w", "basis": "judgement", "source": ["s"]}
    ]
    assert table.vocabulary["here"]["count"] == {"type": "integer", "text": "count", "min": 0, "max": 4}
    assert table.vocabulary["others"] == []


# ---- values


def spec(**keys) -> FieldSpec:
    """Return a field with these keys."""
    return FieldSpec.model_validate({"text": "t", "panel": "factor", **keys})


def test_a_field_has_the_values_it_allows():
    assert field_domain(spec(type="integer", allowed="0..90", optional=True)) == Domain(
        low=0, high=90, integer=True, optional=True
    )
    assert field_domain(spec(type="number", allowed="0.5..2")) == Domain(low=0.5, high=2)
    shape = field_domain(spec(type="word", allowed=["a", "b"], groups={"ab": ["a", "b"]}))
    assert (shape.words, shape.groups, shape.numeric) == (("a", "b"), {"ab": ("a", "b")}, False)
    assert read_domain(domain_data(shape)) == shape


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"type": "word", "allowed": "a..b"}, "allowed must be a list of words"),
        ({"type": "word", "allowed": []}, "allowed must be a list of words"),
        ({"type": "word", "allowed": ["a", "not_done"]}, "write optional: true instead of not_done"),
        ({"type": "word", "allowed": ["a", "b", "a"]}, "a is given twice"),
        ({"type": "word", "allowed": ["a"], "groups": {"g": ["b"]}}, "group g holds b, which is not allowed"),
        ({"type": "word", "allowed": ["a"], "groups": {"a": ["a"]}}, "group a has the name of a value"),
        (
            {"type": "word", "allowed": ["a"], "groups": {"not_done": ["a"]}},
            "group not_done has the name of a value",
        ),
        (
            {"type": "number", "allowed": "0..9", "groups": {"g": ["1"]}},
            "groups are for words; write a range where it is needed",
        ),
        ({"type": "number", "allowed": ["0", "9"]}, "allowed must be a range of numbers such as 0..90"),
        ({"type": "number", "allowed": "9"}, "allowed must be a range of numbers such as 0..90"),
        ({"type": "number", "allowed": "0..inf"}, "allowed must be a range of numbers such as 0..90"),
        ({"type": "number", "allowed": "-1..9"}, "allowed must be a range of numbers such as 0..90"),
        ({"type": "number", "allowed": "9..9"}, "allowed must be a range of numbers such as 0..90"),
        ({"type": "integer", "allowed": "9..3"}, "allowed must be a range of whole numbers such as 0..90"),
        ({"type": "integer", "allowed": "0..2.5"}, "allowed must be a range of whole numbers such as 0..90"),
        ({"type": "integer", "allowed": "0.5..2"}, "allowed must be a range of whole numbers such as 0..90"),
    ],
)
def test_values_that_cannot_be_read_are_refused(keys, message):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the message is compared whole)
        field_domain(spec(**keys))
    assert str(refused.value) == message


# ---- names that lead nowhere


FAULTS = [
    (
        {"names": ["count", "mrak"], "fields": {"mrak": FIELDS["mark"]}},
        [(("fields", "mrak"), "mrak is not in the vocabulary; did you mean mark?")],
    ),
    (
        {"fields": {"count": {"type": "number", "allowed": "0..4"}}},
        [(("fields", "count", "type"), "count is integer in the vocabulary")],
    ),
    (
        {"fields": {"count": {"type": "integer", "allowed": "4..0"}}},
        [(("fields", "count", "allowed"), "allowed must be a range of whole numbers such as 0..90")],
    ),
    (
        {"fields": {"count": {"type": "integer", "allowed": "0..5"}}},
        [(("fields", "count", "allowed"), "the vocabulary has 0..4 for count")],
    ),
    (
        {"fields": {"mark": {"type": "word", "allowed": ["absent", "present", "maybe"]}}},
        [(("fields", "mark", "allowed"), "maybe is not in the vocabulary of mark")],
    ),
    (
        {"likelihood": [row({"count": ">=9", "mark": "many"})]},
        [
            (("likelihood", 0, "when", "count"), "count: '>=9' lies outside 0..4"),
            (("likelihood", 0, "when", "mark"), "mark: 'many' is not one of absent, present"),
        ],
    ),
    (
        {"likelihood": [row({"conut": 1})]},
        [
            (
                ("likelihood", 0, "when", "conut"),
                "conut cannot be used here; it is not a field; did you mean count?",
            )
        ],
    ),
    (
        {"likelihood": [row({"level": "low"})]},
        [(("likelihood", 0, "when", "level"), "level cannot be used here; it is not a field")],
    ),
    (
        {"options": [option("opt", {"level": ["low", "middling"]})]},
        [
            (
                ("options", 0, "any_of", 0, "when", "level"),
                "middling is not a level; use low, intermediate, high, very_high",
            )
        ],
    ),
    (
        {
            "derived": {"d": [{"when": {"mark": "present"}, "is": "x"}]},
            "likelihood": [row({"d": "y"})],
        },
        [(("likelihood", 0, "when", "d"), "d: 'y' is not one of x")],
    ),
    (
        {
            "derived": {"d": {"points": {"mark": {"absent": 0, "present": 1}}}},
            "options": [option("opt", {"d": ">=2"})],
        },
        [(("options", 0, "any_of", 0, "when", "d"), "d: '>=2' lies outside 0..1")],
    ),
    (
        {
            "derived": {"a": [{"when": {"b": "x"}, "is": "x"}], "b": [{"when": {}, "is": "x"}]},
        },
        [(("derived", "a", 0, "when", "b"), "b cannot be used here; it is not a field")],
    ),
    (
        {"derived": {"shape": [{"when": {}, "is": "x"}]}, "names": ["count"]},
        [
            (
                ("derived", "shape"),
                "shape is a field of the vocabulary; give the derived value another name",
            )
        ],
    ),
    (
        {"derived": {"d": {"points": {"size": {"0..10": 1}}}}},
        [(("derived", "d", "points", "size"), "size is not a field of this table")],
    ),
    (
        {"derived": {"d": {"points": {"count": {"0..1": 1, "1..2": 2}}}}},
        [
            (("derived", "d", "points", "count"), "count 1 is given points twice"),
            (("derived", "d", "points", "count"), "count >=3 has no points; write every value out"),
        ],
    ),
    (
        {"derived": {"d": {"points": {"test": {"negative": 0, "positive": 1}}}}},
        [(("derived", "d", "points", "test"), "test not_done has no points; write every value out")],
    ),
    (
        {"impossible": [{"when": {"size": 1}, "why": "w"}]},
        [(("impossible", 0, "when", "size"), "size cannot be used here; it is not a field")],
    ),
    (
        {"warnings": [{"when": {"size": 1, "mark": "present"}, "say": "s"}]},
        [(("warnings", 0, "when", "size"), "size is not a field of this table")],
    ),
    (
        {"out_of_scope": [{"when": {"disaese": "b"}, "say": "s"}]},
        [(("out_of_scope", 0, "when", "disaese"), "disaese is not a field; did you mean disease?")],
    ),
    (
        {"out_of_scope": [{"when": {"disease": "z"}, "say": "s"}]},
        [(("out_of_scope", 0, "when", "disease"), "disease: 'z' is not one of a, b")],
    ),
    (
        {"fields": {"count": {**FIELDS["count"], "only_if": {"marc": "present"}}, "mark": FIELDS["mark"]}},
        [(("fields", "count", "only_if", "marc"), "marc is not a field of this table; did you mean mark?")],
    ),
    (
        {"fields": {"count": {**FIELDS["count"], "assume": {"value": 9, "why": "w"}}}},
        [(("fields", "count", "assume", 0, "value"), "count: 9 lies outside 0..4")],
    ),
    (
        {"fields": {"count": {**FIELDS["count"], "says": {"few": "w"}}}},
        [(("fields", "count", "says", "few"), "count: 'few' is not a number or a range")],
    ),
    (
        {"likelihood": [{**ALL, "source": ["t"]}]},
        [(("likelihood", 0, "source"), 'cites "t", which is not in sources')],
    ),
    (
        {"likelihood": [{**ALL, "disputed": {"why": "w", "level": "high", "source": "t"}}]},
        [(("likelihood", 0, "disputed"), 'cites "t", which is not in sources')],
    ),
    (
        {"options": [{**option(), "any_of": [criterion({}, source="t")]}]},
        [(("options", 0, "any_of", 0, "source"), 'cites "t", which is not in sources')],
    ),
    (
        {"sites": [{"site": "x", "why": "w", "source": "t"}]},
        [(("sites", 0, "source"), 'cites "t", which is not in sources')],
    ),
    (
        {"likelihood": [{**ALL, "route": "magic"}]},
        [(("likelihood", 0, "route"), "magic is not a route of common.yaml")],
    ),
    (
        {"systems": [{"id": "x", "name": "x", "from": "count", "source": "s"}]},
        [(("systems", 0, "from"), "count is not a derived name")],
    ),
    (
        {
            "derived": {
                "group": [{"when": {"count": "0..1"}, "is": "few"}, {"when": {"count": ">=2"}, "is": "many"}]
            },
            "systems": [
                {
                    "id": "x",
                    "name": "x",
                    "from": "group",
                    "source": "s",
                    "outside": ["none"],
                    "says": {"man": "t"},
                }
            ],
        },
        [
            (("systems", 0, "outside"), '"none" is not a value of group'),
            (("systems", 0, "says"), '"man" is not a value of group; did you mean many?'),
        ],
    ),
    (
        {"exceptions": [{"field": "size", "why": "w", "source": "s"}]},
        [(("exceptions", 0, "field"), "size is not a field of this table")],
    ),
    (
        {"likelihood": [row({"count": 1}), {**ALL, "id": "one"}]},
        [(("likelihood", 1), "the id one is given twice; ids are unique and for life")],
    ),
    (
        {"options": [option("a", {}), option("a", {})]},
        [
            (("options", 1), "the id a is given twice; ids are unique and for life"),
            (("options", 1, "any_of", 0), "the id a-0 is given twice; ids are unique and for life"),
        ],
    ),
    (
        {"examples": [{"id": "e", "case": {}}, {"id": "e", "case": {}}]},
        [(("examples", 1), "the id e is given twice; ids are unique and for life")],
    ),
]


@pytest.mark.parametrize(("sections", "expected"), FAULTS)
def test_a_name_or_value_that_leads_nowhere_is_a_fault_at_its_place(sections, expected):
    sections = dict(sections)
    if "fields" in sections:
        sections["names"] = None
    assert faults(**sections) == expected


def test_an_option_may_carry_the_id_of_one_that_is_not_supported():
    table = compiled(
        options=[option("a", {"mark": "present"})], not_supported=[option("a", {"mark": "absent"})]
    )
    assert {"option:0", "not:0"} <= table.roots.keys()


def test_every_fault_of_a_stage_is_reported_at_once():
    found = faults(
        likelihood=[row({"count": 9}, name="a"), row({"mark": "x"}, name="b")],
        warnings=[{"when": {"shape": "x"}, "say": "s"}],
    )
    assert [path[0] for path, _ in found] == ["warnings", "likelihood", "likelihood"]


def test_a_table_says_where_it_comes_from():
    sample = make(names=NAMES, likelihood=[ALL])
    table = compile_table(sample.table, common(), vocabulary(), digest="abc", origin="/srv/x.yaml")
    assert (table.digest, table.origin, table.name, table.without) == ("abc", "/srv/x.yaml", "random", None)
    again = Compiled.from_json(table.to_json(), "packaged")
    assert (again.digest, again.origin, again.index) == ("abc", "packaged", table.index)
