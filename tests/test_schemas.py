"""The JSON Schemas agree with what the program reads and writes."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from authoring_side import NAMES, RULES, Program, covered, table, worked_cases
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator as Validator

import riskcli
from riskcli.case import case_reader, read_case
from riskcli.errors import CaseError
from riskcli.evaluate import assess_facts
from riskcli.rule_files import open_document
from riskcli.schemas import assessment_schema, case_schema, rules_schema
from riskcli.values import ValueProblem, ValueReader


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """The commands of authors."""
    return Program(capsys)


@cache
def case_validator(name: str) -> Validator:
    """Return the validator of cases of one cancer."""
    return Validator(case_schema(table(name)))


@cache
def rules_validator() -> Validator:
    """Return the validator of rule tables."""
    return Validator(rules_schema(RULES.vocabulary(NAMES[0])))


@cache
def answer_validator() -> Validator:
    """Return the validator of answers."""
    return Validator(assessment_schema())


def complaints(validator: Validator, data: Any) -> list[str]:
    """Return what a schema says against data."""
    return [f"{error.json_path}: {error.message[:120]}" for error in validator.iter_errors(data)]


def test_every_schema_is_a_schema_of_2020_12() -> None:
    schemas = [assessment_schema(), rules_schema(RULES.vocabulary(NAMES[0]))]
    for schema in (*schemas, *(case_schema(table(name)) for name in NAMES)):
        Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert json.loads(json.dumps(schema)) == schema


# ---- cases


@pytest.mark.parametrize("name", NAMES)
def test_every_worked_case_of_a_table_fits_its_schema(name: str) -> None:
    for case in worked_cases(name):
        assert complaints(case_validator(name), {"cancer": name, **case}) == [], case


@pytest.mark.parametrize("name", NAMES)
def test_every_case_of_the_form_fits_the_schema(name: str) -> None:
    for case in covered(name).cases:
        assert complaints(case_validator(name), {"cancer": name, **case.record}) == []
        assert (
            complaints(case_validator(name), {"cancer": name, **{k: str(v) for k, v in case.record.items()}})
            == []
        )


GIVEN: dict[str, list[Any]] = {
    "grade": [3, "3", "G3", "g2.", "II", "1..2", ">=2", "2+", "<3", "2/3", [1, "2..3"], "2-3", "1 to 2"],
    "t_category": ["T3", "pT3", "ypT2", "T3/T4a", ["T3", "T4a"], "T4", "t3.", "T2|T3"],
    "nodes_positive": [0, 90, "1..3", ">=4", "4+", "pN1b", "N2", "0|2", ["4..6", 1]],
    "cea_ng_ml": [0, 4.9, "<=5", ">5", "> 5..10", ".5", "5 ng/ml", "not_done", "not done"],
    "vascular_invasion": ["present", "Absent", "not identified", "L1", "cannot be assessed"],
    "tumour_budding": ["high", "not_done", ["low", "not_done"], "unknown", "not stated", None, "", " "],
    "metastasis": ["absent", "present"],
    "ref": [17, "x", {"any": ["thing"]}, None],
}
WAYS = [(field, value) for field, values in GIVEN.items() for value in values]
"""Every way in which a value may be given, for the table of the colon."""


@pytest.mark.parametrize(("field", "value"), WAYS)
def test_every_way_of_giving_a_value_fits_the_schema_and_the_reader(field: str, value: Any) -> None:
    record = {"cancer": "colon", field: value}
    assert complaints(case_validator("colon"), record) == []
    try:
        read_case(record, table("colon"))
    except riskcli.OutOfScope:
        assert value in ("present", "ypT2")


WRONG: list[dict[str, Any]] = [
    {},
    {"grade": 2},
    {"cancer": "breast", "grade": 2},
    {"cancer": "colon", "grade": 4},
    {"cancer": "colon", "grade": 0},
    {"cancer": "colon", "grade": 2.5},
    {"cancer": "colon", "grade": True},
    {"cancer": "colon", "grade": {"value": 2}},
    {"cancer": "colon", "grade": [2, [3]]},
    {"cancer": "colon", "grade": [2, ""]},
    {"cancer": "colon", "grade": [2, None]},
    {"cancer": "colon", "grade": [2, 4]},
    {"cancer": "colon", "grade": "not_done"},
    {"cancer": "colon", "grade": "high-ish"},
    {"cancer": "colon", "grade": "2 or so"},
    {"cancer": "colon", "t_category": "T9"},
    {"cancer": "colon", "t_category": 3},
    {"cancer": "colon", "t_category": "T3/T9"},
    {"cancer": "colon", "t_category": "T3 T4a"},
    {"cancer": "colon", "nodes_positive": -1},
    {"cancer": "colon", "nodes_positive": 99},
    {"cancer": "colon", "nodes_positive": "1-Mar"},
    {"cancer": "colon", "nodes_positive": "3/12"},
    {"cancer": "colon", "cea_ng_ml": "5 mg"},
    {"cancer": "colon", "cea_ng_ml": "5,2"},
    {"cancer": "colon", "vascular_invasion": "maybe-ish"},
    {"cancer": "colon", "vascular_invasion": 5},
    {"cancer": "colon", "gradee": 2},
    {"cancer": "colon", "": 2},
]


@pytest.mark.parametrize("record", WRONG)
def test_a_wrong_case_does_not_fit_the_schema_and_the_reader_refuses_it_too(record: dict[str, Any]) -> None:
    assert complaints(case_validator("colon"), record)
    if record.get("cancer") == "colon":
        with pytest.raises(CaseError):
            read_case(record, table("colon"))


def test_a_field_of_another_cancer_and_another_name_of_a_field_are_allowed() -> None:
    assert (
        complaints(case_validator("colon"), {"cancer": "colon", "er": "positive", "LVI status": "present"})
        == []
    )
    assert complaints(case_validator("colon"), {"cancer": "colon", "LVI": "nonsense"})


def test_every_field_is_described_with_its_unit() -> None:
    definitions = case_schema(table("breast"))["$defs"]
    for name in table("breast").table["fields"]:
        assert len(definitions[name]["description"]) > 20
    assert "(mm)" in definitions["tumour_size_mm"]["description"]
    assert definitions["recurrence_score"]["description"].endswith("Left out: not done.")


ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 500),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(["unknown", "not_done", "1..3", ">=4", "4+", "T3", "pT3", "present", "5 mm", "3/2"]),
)


@st.composite
def given_values(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Draw a record of one cancer whose values are of any JSON type, many of them allowed."""
    definitions = case_schema_of(name)["$defs"]
    fields = list(case_reader(table(name)).readers)
    chosen = draw(st.lists(st.sampled_from(fields), max_size=5, unique=True))
    record: dict[str, Any] = {"cancer": name}
    for field in chosen:
        patterns = [
            st.from_regex(part["pattern"], fullmatch=True)
            for part in definitions[f"{field}.value"]["anyOf"]
            if "pattern" in part
        ]
        one = st.one_of(ATOMS, *patterns)
        record[field] = draw(st.one_of(one, st.lists(one, max_size=3)))
    return record


@cache
def case_schema_of(name: str) -> dict[str, Any]:
    """Return the schema of cases of one cancer, made once."""
    return case_schema(table(name))


@settings(max_examples=150)
@given(st.sampled_from(NAMES).flatmap(lambda name: given_values(name)))
def test_what_the_schema_accepts_the_reader_reads_or_refuses_with_a_sentence(record: dict[str, Any]) -> None:
    compiled = table(record["cancer"])
    if complaints(case_validator(record["cancer"]), record):
        return
    try:
        facts = read_case(record, compiled)
    except CaseError as error:
        said = [str(problem) for problem in error.problems]
    else:
        said = [assess_facts(facts).likelihood.words]
    assert all(map(str.strip, said))


PLAIN = st.one_of(st.booleans(), st.integers(-5, 500), st.floats(allow_nan=False, allow_infinity=False))


@settings(max_examples=300)
@given(st.sampled_from(NAMES), st.data(), st.one_of(PLAIN, st.lists(PLAIN, min_size=1, max_size=3)))
def test_of_numbers_and_truth_the_schema_accepts_exactly_what_the_reader_does(
    name: str, data: st.DataObject, value: Any
) -> None:
    readers = case_reader(table(name)).readers
    field = data.draw(st.sampled_from(list(readers)))
    fits = not complaints(case_validator(name), {"cancer": name, field: value})
    assert fits == is_read(readers[field], value)


def is_read(reader: ValueReader, value: Any) -> bool:
    """Say whether a reader takes a value."""
    try:
        reader.read(value)
    except ValueProblem:
        return False
    return True


# ---- answers


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_fits_the_schema_of_answers(name: str) -> None:
    answered = 0
    for case in worked_cases(name):
        try:
            answer = riskcli.assess({"cancer": name, "ref": {"any": 1}, **case})
        except CaseError:
            continue
        answered += 1
        assert complaints(answer_validator(), answer.model_dump(mode="json")) == [], case
    assert answered > 10


def test_an_answer_with_a_part_missing_or_wrong_does_not_fit() -> None:
    whole = riskcli.assess({"cancer": "colon", "grade": 2}).model_dump(mode="json")
    assert complaints(answer_validator(), whole) == []
    for key in whole:
        assert complaints(answer_validator(), {k: v for k, v in whole.items() if k != key}), key
    for path, value in (
        (("likelihood", "lowest"), "certain"),
        (("reasons", 0, "certain"), "yes"),
        (("options", 0, "status"), "recommended"),
        (("unknown", 0, "settles"), "perhaps"),
        (("warnings",), "one"),
    ):
        data = copy.deepcopy(whole)
        inner = data
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        assert complaints(answer_validator(), data), path


def test_an_answer_may_carry_keys_that_later_versions_add() -> None:
    whole = riskcli.assess({"cancer": "colon"}).model_dump(mode="json")
    assert complaints(answer_validator(), {**whole, "later": 1}) == []


def test_the_parts_of_an_answer_are_described_by_their_docstrings() -> None:
    schema = assessment_schema()
    assert schema["$defs"]["Likelihood"]["properties"]["level"]["description"] == (
        "Set exactly when one level is left."
    )
    assert schema["$defs"]["Unknown"]["description"] == "A field that is open and still matters."
    assert "title" not in schema["properties"]["cancer"]


# ---- rule tables


def rule_data(path: Path) -> Any:
    """Return a rule file as the loader reads it, its keys as JSON writes them."""
    return json.loads(json.dumps(open_document(path).data))


TESTS = Path(__file__).parent
RULE_FILES = [RULES.file(name) for name in NAMES] + [
    path
    for place in ("rules", "input_rules")
    for path in sorted((TESTS / "data" / place).glob("example_*.yaml"))
]


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_every_rule_table_fits_the_schema_of_rules(path: Path) -> None:
    assert complaints(rules_validator(), rule_data(path)) == []


@pytest.mark.parametrize("cancer", ["kidney", "gist", "lung_nsclc"])
def test_a_skeleton_fits_the_schema_of_rules(cancer: str, program: Program, tmp_path: Path) -> None:
    assert program("rules", "new", cancer, "-o", tmp_path / f"{cancer}.yaml").code == 0
    assert complaints(rules_validator(), rule_data(tmp_path / f"{cancer}.yaml")) == []


BROKEN: list[tuple[tuple[str | int, ...], Any]] = [
    (("status",), "final"),
    (("edition",), 2026.1),
    (("evidence_checked",), 20261124),
    (("horizon_years",), 0),
    (("horizon_years",), "ten"),
    (("limits",), "one"),
    (("likelyhood",), []),
    (("likelihood",), []),
    (("likelihood", 0, "level"), "very high"),
    (("likelihood", 0, "basis"), "guess"),
    (("likelihood", 0, "id"), "Nodes 4"),
    (("out_of_scope", 0, "when"), {}),
    (("likelihood", 0, "when"), {"grade": None}),
    (("likelihood", 0, "when"), {"grade": []}),
    (("likelihood", 0, "when"), {"grade": {"at_least": 2}}),
    (("likelihood", 0, "source"), []),
    (("likelihood", 0, "why"), ""),
    (("likelihood", 0, "published"), {"percent": 120, "endpoint": "x", "treated": "none", "years": 10}),
    (("options", 0, "kind"), "prayer"),
    (("options", 0, "any_of"), []),
    (("options", 0, "short"), "x" * 60),
    (("fields", "grade", "type"), "text"),
    (("fields", "grade", "panel"), "other"),
    (("fields", "grade", "core"), "perhaps"),
    (("fields", "Grade"), {"type": "integer", "allowed": "1..3", "text": "t", "panel": "factor"}),
    (("sources", "Not an id"), {"title": "t", "year": 2001, "kind": "cohort", "at": "x", "seen": "abstract"}),
    (("examples", 0, "levels"), ["certain"]),
]


def changed(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Return data with one place changed."""
    whole = copy.deepcopy(data)
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return whole


@pytest.mark.parametrize(("path", "value"), BROKEN)
def test_a_broken_rule_table_does_not_fit(path: tuple[str | int, ...], value: Any) -> None:
    data = rule_data(RULES.file("other_solid"))
    assert complaints(rules_validator(), changed(data, path, value))


@pytest.mark.parametrize(
    "key", ["title", "status", "reviewed_by", "scope", "sources", "fields", "likelihood"]
)
def test_a_rule_table_without_a_part_does_not_fit(key: str) -> None:
    data = rule_data(RULES.file("other_solid"))
    del data[key]
    assert complaints(rules_validator(), data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("likelihood", 0, "source"), "seed-page"),
        (("likelihood", 0, "source"), ["seed-page", "seed-spread"]),
        (("likelihood", 0, "when"), {"grade": [1, ">=3"], "nodes_positive": "1..3"}),
        (("fields", "grade", "core"), True),
        (("fields", "grade", "core"), "true"),
        (("fields", "grade", "assume"), {"value": 1, "why": "w"}),
        (("fields", "grade", "assume"), [{"value": 1, "why": "w", "when": {"nodes_positive": 0}}]),
        (("derived",), {"score": {"points": {"grade": {"1..2": 0, "3": 1}}}}),
        (("derived",), {"stage": [{"when": {}, "is": 1}, {"when": {"grade": 3}, "is": "III"}]}),
    ],
)
def test_every_form_that_the_loader_takes_fits(path: tuple[str | int, ...], value: Any) -> None:
    data = rule_data(RULES.file("other_solid"))
    assert complaints(rules_validator(), changed(data, path, value)) == []


def test_an_editor_is_offered_the_fields_of_the_vocabulary_and_told_what_each_part_is() -> None:
    schema = rules_schema(RULES.vocabulary(NAMES[0]))
    assert {"grade", "breslow_mm", "t_category"} <= set(schema["properties"]["fields"]["properties"])
    assert {"grade", "breslow_mm", "t_category"} <= set(schema["$defs"]["When"]["properties"])
    assert schema["$defs"]["LikelihoodRow"]["description"].startswith("One row of the likelihood table")
    assert schema["$defs"]["When"]["description"].startswith("Conditions by name")


# ---- the command


@pytest.mark.parametrize(
    ("args", "title"),
    [
        (("case", "colon"), "A case: Adenocarcinoma of the colon"),
        (("assessment",), "Assessment"),
        (("rules",), "Table"),
    ],
)
def test_the_command_prints_each_schema_or_writes_it(
    args: tuple[str, ...], title: str, program: Program, tmp_path: Path
) -> None:
    told = program("schema", *args)
    assert (told.code, told.err) == (0, "")
    assert told.json["title"] == title
    Validator.check_schema(told.json)
    target = tmp_path / "some.schema.json"
    again = program("schema", *args, "-o", target)
    assert (again.code, again.out, again.err) == (0, "", f"Written to {target}.\n")
    assert json.loads(target.read_text(encoding="utf-8")) == told.json


def test_a_cancer_without_a_table_has_no_schema(program: Program) -> None:
    told = program("schema", "case", "nowhere")
    assert (told.code, told.out) == (2, "")
    assert '"nowhere" is not a cancer with a rule table' in told.err
