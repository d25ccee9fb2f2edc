"""What a rule file may hold: each fault in one sentence with file, line and what would be right."""

from __future__ import annotations

import pytest
from input_side import GLAND, INPUT_RULES

from riskcli.errors import RuleFileError
from riskcli.loader import NOT_TABLES, packaged_directory
from riskcli.rule_files import read_common, read_table, read_vignettes, read_vocabulary

TABLE = (INPUT_RULES / f"{GLAND}.yaml").read_text(encoding="utf-8")
ROW = "likelihood.nodes-4-or-more"
LEVELS = "low, intermediate, high or very_high"


def line_of(text):
    """Return the line of the table on which a text first stands."""
    return TABLE[: TABLE.index(text)].count("\n") + 1


def refused(read, path):
    """Return the faults of a file as `line: message`."""
    with pytest.raises(RuleFileError) as caught:
        read(path)
    assert all(fault.file == str(path) for fault in caught.value.faults)
    return [f"{fault.line}: {fault.message}" for fault in caught.value.faults]


@pytest.fixture
def changed(tmp_path):
    """Return a function that gives the faults of the invented table with one text changed."""

    def faults(old, new):
        assert old in TABLE
        path = tmp_path / f"{GLAND}.yaml"
        path.write_text(TABLE.replace(old, new, 1), encoding="utf-8")
        return refused(read_table, path)

    return faults


ONE_FAULT = [
    # a word that is not one of a few
    ("level: very_high", "level: hgih", f'{ROW}.level: "hgih" is not allowed; use {LEVELS}'),
    ("status: draft", "status: final", 'status: "final" is not allowed; use draft or reviewed'),
    ("type: integer", "type: int", 'fields.grade.type: "int" is not allowed; use integer, number or word'),
    (
        "panel: factor",
        "panel: side",
        'fields.grade.panel: "side" is not allowed; use factor, marker or context',
    ),
    (
        "basis: judgement",
        "basis: guess",
        f'{ROW}.basis: "guess" is not allowed; use direct, converted or judgement',
    ),
    # a kind that does not fit
    ("horizon_years: 10", "horizon_years: ten", 'horizon_years: "ten" must be a whole number'),
    ("horizon_years: 10", "horizon_years: 10.5", "horizon_years: 10.5 must be a whole number"),
    ("horizon_years: 10", "horizon_years: [10]", "horizon_years: must be a whole number"),
    ("horizon_years: 10", "horizon_years: 100", "horizon_years: 100 must be 30 or less"),
    ("horizon_years: 10", "horizon_years: 0", "horizon_years: 0 must be 1 or more"),
    ('edition: "2026.1"', "edition: 2026.1", "edition: 2026.1 must be text; put it in quotes"),
    ("review_by: 2027-11-24", "review_by: soon", 'review_by: "soon" must be a date such as 2026-11-24'),
    ("review_by: 2027-11-24", "review_by: 2027", "review_by: 2027 must be a date such as 2026-11-24"),
    ("review_by: 2027-11-24", "review_by:", "review_by: must be a date such as 2026-11-24"),
    ("core: true", "core: maybe", 'fields.grade.core: "maybe" must be true or false'),
    ("scope: invented patients", 'scope: ""', 'scope: "" must not be empty'),
    ("year: 2001", "year: long ago", 'sources.cohort.year: "long ago" must be a whole number'),
    # lists and maps
    ("limits: [everything here is invented]", "limits: nothing", 'limits: "nothing" must be a list'),
    ("limits: [everything here is invented]", "limits: [a, 2]", "limits.2: 2 must be text; put it in quotes"),
    ("also_called: [invented gland tumour]", "also_called: [[a]]", "also_called.1: must be text"),
    ("allowed: 1..3", "allowed: 3", "fields.grade.allowed: 3 must be text or a list"),
    (
        "groups: {T1: [T1a, T1b]}",
        "groups: T1",
        'fields.t_category.groups: "T1" must be a map of keys and values',
    ),
    ("groups: {T1: [T1a, T1b]}", "groups: {T1: []}", "fields.t_category.groups.T1: must not be empty"),
    (
        "when: {metastasis: present}",
        "when: present",
        'out_of_scope.1.when: "present" must be a map of keys and values',
    ),
    ("when: {metastasis: present}", "when: {}", "out_of_scope.1.when: must not be empty"),
    ("source: cohort", "source: []", f"{ROW}.source: must not be empty"),
    ("source: cohort", "source: [cohort, 3]", f"{ROW}.source.2: 3 must be text; put it in quotes"),
    ("source: cohort", "source: 3", f"{ROW}.source: 3 must be a list"),
    (
        "text: grade}",
        "text: grade, says: slow}",
        'fields.grade.says: "slow" must be a map of keys and values',
    ),
    # names and ids
    (
        "id: nodes-4-or-more",
        "id: Nodes_4",
        'likelihood.Nodes_4.id: "Nodes_4" must be lower-case words joined by hyphens, such as nodes-1-3',
    ),
    (
        "  grade: {",
        "  Grade: {",
        "fields.Grade: the key must be lower-case words joined by underscores, such as nodes_positive",
    ),
    (
        "  cohort: {",
        "  The_Cohort: {",
        "sources.The_Cohort: the key must be lower-case words joined by hyphens, such as nodes-1-3",
    ),
    # keys
    ("worse: higher", "wrose: higher", "fields.grade: unknown key `wrose`; did you mean worse?"),
    ("limits: [", "limmits: [a]\nlimits: [", "unknown key `limmits`; did you mean limits?"),
    (
        "value: absent, why",
        "zzz: 1, value: absent, why",
        "fields.obstruction.assume: unknown key `zzz`; the keys here are value, why and when",
    ),
    ("why: four nodes, ", "", f"{ROW}: the key `why` is missing"),
    ("value: absent, why", "why", "fields.obstruction.assume: the key `value` is missing"),
    # what only a clinician may say
    (
        "status: draft",
        "status: reviewed",
        "reviewed_by: names nobody, but status is reviewed; leave it a draft",
    ),
    (
        "pn1mi: {",
        '1: 0\n      "1": 0\n      pn1mi: {',
        "fields.nodes_positive.synonyms: the key 1 is given twice, once in quotes; keep one",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), ONE_FAULT, ids=[message for *_, message in ONE_FAULT])
def test_a_fault_is_one_sentence_with_its_line(changed, old, new, message):
    (fault,) = changed(old, new)
    at = {"status: reviewed": "reviewed_by:", '1: 0\n      "1": 0\n      pn1mi: {': "    synonyms:"}.get(
        new, old
    )
    assert fault == f"{line_of(at)}: {message}"


def test_a_misspelt_key_is_both_unknown_and_missing(changed):
    line = line_of("level: very_high")
    assert changed("level: very_high", "levle: very_high") == [
        f"{line}: {ROW}: the key `level` is missing",
        f"{line}: {ROW}: unknown key `levle`; did you mean level?",
    ]


def test_a_missing_section_is_reported_where_the_file_begins(changed):
    assert changed("options: []\n", "") == ["2: the key `options` is missing"]


def test_an_empty_section_is_not_a_likelihood(changed):
    (fault,) = changed(TABLE[TABLE.index("likelihood:") : TABLE.index("options:")], "likelihood: []\n")
    assert fault == f"{line_of('likelihood:')}: likelihood: must not be empty"


def test_every_fault_of_a_file_is_reported_in_the_order_of_the_lines(tmp_path):
    text = TABLE.replace("horizon_years: 10", "horizon_years: ten").replace("level: low", "level: none")
    text = text.replace("core: true, panel", "core: maybe, panel", 1).replace("options: []", "optoins: []")
    path = tmp_path / f"{GLAND}.yaml"
    path.write_text(text, encoding="utf-8")
    found = refused(read_table, path)
    assert [fault.partition(": ")[2] for fault in found] == [
        "the key `options` is missing",
        'horizon_years: "ten" must be a whole number',
        'fields.grade.core: "maybe" must be true or false',
        f'likelihood.nothing.level: "none" is not allowed; use {LEVELS}',
        "unknown key `optoins`; did you mean options?",
    ]
    lines = [int(fault.partition(":")[0]) for fault in found]
    assert lines == sorted(lines)


# ---- derived values, which have two shapes


@pytest.mark.parametrize(
    ("derived", "messages"),
    [
        ("stage: [{when: {grade: 3}, is: [III]}]", ["derived.stage.1.is: must be text or a whole number"]),
        ("stage: [{when: {grade: 3}, is: 1.5}]", ["derived.stage.1.is: 1.5 must be text or a whole number"]),
        ("stage: [{when: {grade: 3}}]", ["derived.stage.1: the key `is` is missing"]),
        (
            "stage: [{when: {grade: 1}, is: I}, {whn: {grade: 3}, is: II}]",
            [
                "derived.stage.2: the key `when` is missing",
                "derived.stage.2: unknown key `whn`; did you mean when?",
            ],
        ),
        ("stage: I", ['derived.stage: "I" must be a list']),
        (
            "score: {points: {grade: {1: 0, 2: one, 3: 3}}}",
            ['derived.score.points.grade.2: "one" must be a whole number'],
        ),
        ("score: {points: [1]}", ["derived.score.points: must be a map of keys and values"]),
        (
            "score: {pionts: {grade: {1: 0}}}",
            [
                "derived.score: the key `points` is missing",
                "derived.score: unknown key `pionts`; did you mean points?",
            ],
        ),
        (
            'score: {points: {grade: {1: 0, "1": 1}}}',
            ["derived.score.points.grade: the key 1 is given twice, once in quotes; keep one"],
        ),
    ],
)
def test_a_fault_of_a_derived_value_is_about_the_shape_it_has(changed, derived, messages):
    line = line_of("likelihood:") + 1
    found = changed("likelihood:", f"derived:\n  {derived}\nlikelihood:")
    assert found == [f"{line}: {message}" for message in messages]


def test_both_shapes_of_a_derived_value_are_read(tmp_path):
    path = tmp_path / f"{GLAND}.yaml"
    derived = "derived:\n  stage: [{when: {grade: 3}, is: 3}]\n  score: {points: {grade: {1: 0, 2..3: 1}}}\n"
    path.write_text(TABLE.replace("likelihood:", f"{derived}likelihood:"), encoding="utf-8")
    found = read_table(path)[1].derived
    assert found["stage"][0].is_ == 3
    assert found["score"].points == {"grade": {"1": 0, "2..3": 1}}


def test_numbers_may_be_keys_where_their_text_is_meant(tmp_path):
    path = tmp_path / f"{GLAND}.yaml"
    path.write_text(
        TABLE.replace("text: grade}", "text: grade, says: {1: slow, 2..3: fast}}", 1), encoding="utf-8"
    )
    assert read_table(path)[1].fields["grade"].says == {"1": "slow", "2..3": "fast"}


# ---- the other files


def test_the_traps_of_yaml_are_closed_in_tables_too(changed):
    (fault,) = changed('nodes_positive: ">=4"', "nodes_positive: >=4")
    assert fault.startswith(f"{line_of('nodes-4-or-more')}: this is not YAML (")
    assert fault.endswith('); write bounds in quotes, as in ">=4"')
    line = line_of("grade: {type")
    assert changed("grade: {type: integer", "grade: {type: word, type: integer") == [
        f"{line}: the key type is given twice (first on line {line}); keep one"
    ]


def test_words_that_yaml_takes_for_something_else_stay_words(tmp_path):
    path = tmp_path / f"{GLAND}.yaml"
    path.write_text(
        TABLE.replace("[absent, present], worse", "[no, yes, off, 1:30], worse", 1), encoding="utf-8"
    )
    table = read_table(path)[1]
    assert table.fields["vascular_invasion"].allowed == ("no", "yes", "off", "1:30")
    assert str(table.evidence_checked) == "2026-11-24"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("{type: word, text: a}", "x.f: a field of words must have `values`, the list of them"),
        ("{type: integer, text: a}", "x.f: a field of numbers must have `min` and `max`"),
        ("{type: number, min: 1, text: a}", "x.f: a field of numbers must have `min` and `max`"),
        ("{type: number, min: 3, max: 3, text: a}", "x.f: `min` must be below `max`"),
        ("{type: text, text: a}", "x.f: only ref is text; use integer, number or word"),
        ("{type: number, min: a, max: 3, text: a}", 'x.f.min: "a" must be a number or a whole number'),
        ("{type: word, values: [1], text: a}", "x.f.values.1: 1 must be text; put it in quotes"),
        ("{type: word, values: [a]}", "x.f: the key `text` is missing"),
        ("{type: word, valeus: [a], text: a}", "x.f: unknown key `valeus`; did you mean values?"),
        ("words", 'x.f: "words" must be a map of keys and values'),
    ],
)
def test_a_vocabulary_whose_field_cannot_be_read_is_refused(tmp_path, word, message):
    path = tmp_path / "vocabulary.yaml"
    path.write_text(f"x:\n  f: {word}\n")
    assert refused(read_vocabulary, path) == [f"2: {message}"]


@pytest.mark.parametrize("text", ["", "- a\n"])
def test_a_vocabulary_that_is_no_map_is_refused(tmp_path, text):
    path = tmp_path / "vocabulary.yaml"
    path.write_text(text)
    assert refused(read_vocabulary, path)[0].startswith("1: is ")


def test_common_words_that_are_incomplete_are_refused(tmp_path):
    text = (packaged_directory() / "common.yaml").read_text(encoding="utf-8")
    path = tmp_path / "common.yaml"
    path.write_text(text.replace("uncertainty: >-", "uncertanty: >-"), encoding="utf-8")
    found = refused(read_common, path)
    assert any(fault.endswith("the key `uncertainty` is missing") for fault in found)
    assert any(fault.endswith("unknown key `uncertanty`; did you mean uncertainty?") for fault in found)


@pytest.mark.parametrize(
    ("place", "sentence", "message"),
    [
        (
            "meaning",
            '"in {foo}"',
            "has the slot {foo}, which is never filled in; use {band} or {years}",
        ),
        ("meaning", '"in {band"', "has brackets { } that do not pair; double those that are meant"),
        ("meaning", '"in {band} or {}"', "has the slot {}, which is never filled in; use {band} or {years}"),
        (
            "meaning",
            '"in {years.real}"',
            "has the slot {years.real}, which is never filled in; use {band} or {years}",
        ),
        (
            "meaning",
            '"in {band:d}"',
            "has the slot {band:d}, which is never filled in; use {band} or {years}",
        ),
        ("bands.below", '"{years}"', "has the slot {years}, which is never filled in; use {below} or {from}"),
        (
            "labels.decision.below",
            '"{rows} rows"',
            "has the slot {rows}, which is never filled in; use {count}",
        ),
    ],
)
def test_a_sentence_with_a_slot_that_is_never_filled_in_is_refused(tmp_path, place, sentence, message):
    path = tmp_path / "common.yaml"
    lines = (packaged_directory() / "common.yaml").read_text(encoding="utf-8").split("\n")
    at = 0
    for depth, key in enumerate(place.split(".")):
        at = next(n for n in range(at, len(lines)) if lines[n].startswith(f"{'  ' * depth}{key}:"))
    lines[at] = f"{lines[at].partition(':')[0]}: {sentence}"
    path.write_text("\n".join(lines), encoding="utf-8")
    (fault,) = refused(read_common, path)
    assert fault.startswith(f"{at + 1}: {place}: ")
    assert fault.endswith(message)


def test_there_are_just_four_levels(tmp_path):
    text = (packaged_directory() / "common.yaml").read_text(encoding="utf-8")
    path = tmp_path / "common.yaml"
    levels = text[text.index("levels:") : text.index("bands:")]
    rows = levels.split("  - id: ")
    for kept, message in (
        (rows[:3], "have 4 entries or more"),
        ([*rows, rows[1]], "have 4 entries or fewer"),
    ):
        path.write_text(text.replace(levels, "  - id: ".join(kept)), encoding="utf-8")
        (fault,) = refused(read_common, path)
        assert fault.endswith(f": levels: must {message}")


def test_vignettes_are_read_with_the_same_care(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("cancer: x\nvignettes:\n  - {id: a, case: {grade: 1}, level: hgih}\n")
    assert refused(read_vignettes, path) == [f'3: vignettes.a.level: "hgih" is not allowed; use {LEVELS}']
    path.write_text(
        "cancer: x\nvignettes:\n  - {id: a, case: {grade: 1}, level: high, out_of_scope: false}\n"
    )
    document, found = read_vignettes(path)
    assert found.vignettes[0].level == "high"
    assert document.line(("vignettes", 0)) == 3


def test_a_file_is_read_again_when_it_has_changed(tmp_path):
    path = tmp_path / f"{GLAND}.yaml"
    path.write_text(TABLE, encoding="utf-8")
    first = read_table(path)
    assert read_table(path)[1] is first[1]
    path.write_text(TABLE + "# a remark\n", encoding="utf-8")
    assert read_table(path)[1] is not first[1]


def test_every_packaged_file_is_read_without_a_fault():
    for path in sorted(packaged_directory().glob("*.yaml")):
        if path.stem == "common":
            assert read_common(path).levels
        elif path.stem == "vocabulary":
            assert read_vocabulary(path)["common"]
        elif path.name not in NOT_TABLES:
            assert read_table(path)[1].cancer == path.stem
