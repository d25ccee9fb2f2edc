"""Every kind of finding: a small table with one thing wrong is found on its line, and sound when mended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest

from riskcli import lints
from riskcli.cells import Cells
from riskcli.check import PARTS, check_table, check_targets, vignette_file
from riskcli.compiled import IMPOSSIBLE, NONE, Compiled
from riskcli.conditions import Domain, parse_entry
from riskcli.crosschecks import contradicts
from riskcli.diagram import Diagram, leaf_value
from riskcli.errors import CaseError
from riskcli.findings import CODES, Finding
from riskcli.loader import load_rules
from riskcli.proofs import worse_pairs
from riskcli.reach import Reach
from riskcli.tables import FieldSpec
from riskcli.witness import drop, path_to, reached, value_in

NAME = "example_tiny"
SOUND = (Path(__file__).parent / "data" / "check" / f"{NAME}.yaml").read_text(encoding="utf-8")
VOCABULARY = (Path(__file__).parent / "data" / "check" / "vocabulary.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Broken:
    """One thing wrong in the table: what replaces what, and the finding that is to come of it."""

    code: str
    changes: dict[str, str]
    line: str
    """The beginning of the line that is to be named, without its indentation."""
    row: str
    words: str
    """Words of the sentence."""
    case: dict[str, Any] = field(default_factory=dict)
    """What the case that is shown has to hold."""
    also: tuple[str, ...] = ()
    """Other findings that the same fault gives rise to."""


GRADE = "grade: {type: integer, allowed: 1..3, worse: higher, panel: factor, text: grade}"
FIGURE_20 = "    published: {percent: 20, endpoint: distant recurrence, treated: none, years: 10}\n"
FIGURE_12 = "    published: {percent: 12, endpoint: any recurrence, treated: none, years: 10}\n"
NO_NODE = "id: no-node, case: {grade: 2, nodes_positive: 0, invasion: absent}, level: low, rule: nothing, "
EXAMINED = "  nodes_examined: {type: integer, allowed: 0..9, panel: factor, text: looked at}\n"
BEFORE_THREE = "      - {id: wash-grade, when: {grade: 3}"
STAIN = (
    "{id: stain, when: {grade: 1..2, kit: stained, twin: '<10'}, level: very_high, why: x, basis: judgement, "
)
SPARE = "  spare: {title: Spare, year: 2001, kind: cohort, pmid: 2, at: x, seen: not_seen}\n"
SEVEN = "published: {percent: 7, endpoint: any recurrence, treated: none, years: 10}"
WASH_AGAIN = (
    "  - id: again\n    kind: surgery\n    name: Washing again\n    any_of:\n"
    "      - {id: again-grade, when: {grade: 3}, why: grade, source: cohort}\n"
    "      - {id: again-nodes, when: {stage: II}, why: nodes, source: cohort}\n"
)
NEVER = "{id: never, when: {stage: I, grade: 3}, level: low, why: x, basis: judgement, source: cohort}"

TESTS = [
    Broken("load", {"horizon_years: 10": "horizon_years: ten"}, "horizon_years: ten", NAME, "horizon_years"),
    Broken("load", {"level: low\n    why": "level: lo\n    why"}, "level: lo", NAME, "lo"),
    Broken(
        "worse",
        {GRADE: GRADE.replace("higher", "up")},
        "grade:",
        "grade",
        "grade: worse is up",
    ),
    Broken(
        "gap",
        {"invasion: absent, grade: 1..2}": "invasion: absent, grade: 1}", NO_NODE: NO_NODE.replace("2", "1")},
        "likelihood:",
        "likelihood",
        "no likelihood row answers some possible case.",
        {"grade": 2, "nodes_positive": 0, "invasion": "absent"},
        also=("threshold",),
    ),
    Broken(
        "derived-gap",
        {'">=1"}, is: II': "1..8}, is: II"},
        "stage:",
        "stage",
        "stage has no value for some possible case.",
        {"nodes_positive": 9},
        also=("gap", "threshold"),
    ),
    Broken(
        "unreachable",
        {"options:\n": f"  - {NEVER}\noptions:\n"},
        "- {id: never",
        "never",
        "row never never applies",
        also=("no-example",),
    ),
    Broken(
        "option-unreachable",
        {BEFORE_THREE: BEFORE_THREE.replace("3}", "3, stage: II}")},
        "- {id: wash-grade",
        "wash-grade",
        "criterion wash-grade of wash adds no case",
    ),
    Broken(
        "catch-all",
        {"when: {stage: I, invasion: absent, grade: 1..2}": "when: {}"},
        "- id: nothing",
        "nothing",
        "row nothing states no finding",
    ),
    Broken(
        "not-monotone",
        {
            "{stage: I, invasion: absent, grade: 3}": "{grade: 1, invasion: absent}",
        },
        "grade:",
        "grade",
        "grade 2 gives a lower level than 1, though it is declared worse.",
        {"grade": 1, "nodes_positive": 0, "invasion": "absent"},
        also=("gap", "example"),
    ),
    Broken(
        "exception-unused",
        {"examples:\n": "exceptions:\n  - {field: grade, why: not needed, source: cohort}\nexamples:\n"},
        "- {field: grade, why",
        "grade",
        "nothing needs the exception for grade.",
    ),
    Broken(
        "exception-name",
        {
            "examples:\n": "exceptions:\n  - {field: grade, when: {gradd: 3}, why: x, source: cohort}\n"
            "examples:\n"
        },
        "- {field: grade, when",
        "grade",
        "the exception for grade turns on gradd",
        also=("exception-unused",),
    ),
    Broken(
        "vacuous",
        {
            "derived:\n": "impossible:\n  - {when: {grade: 3, kit: stained}, why: never both}\nderived:\n",
            "likelihood:\n": f"likelihood:\n  - {STAIN}source: cohort}}\n",
            "twin: 9.9}, level: low, rule: nothing": "twin: 9.9}, level: very_high, rule: stain",
            "worse: higher, panel: marker": "panel: marker",
        },
        "grade:",
        "grade",
        "the claim that a worse grade never lowers the level rests on impossible rows.",
    ),
    Broken(
        "ruled-out",
        {"- id: rub\n": "- id: wash\n", "when: {stage: I}, why: no use": "when: {grade: 3}, why: no use"},
        "- id: wash",
        "wash",
        "wash is offered in a case in which it is also called not supported.",
        {"grade": 3},
    ),
    Broken(
        "dependent",
        {"when: {kit: stained, twin:": "when: {twin:"},
        "- {id: twin-10, when",
        "twin-10",
        "row twin-10 turns on twin, which applies only when kit is stained.",
        also=("unused-field",),
    ),
    Broken(
        "dependent",
        {BEFORE_THREE: BEFORE_THREE.replace("grade: 3", "twin: '>=10'")},
        "- {id: wash-grade",
        "wash-grade",
        "row wash-grade turns on twin",
    ),
    Broken(
        "impossible-nodes",
        {
            "derived:\n": f"{EXAMINED}impossible:\n"
            "  - {when: {nodes_positive: '>=1', nodes_examined: 0}, why: none}\nderived:\n"
        },
        "- {when: {nodes_positive: '>=1', nodes_examined",
        "nodes_examined",
        "would turn unknown nodes into negative ones.",
        also=("threshold",),
    ),
    Broken("band", {"percent: 20": "percent: 30"}, "- id: invasion", "invasion", "but its figure is 30 %."),
    Broken("band", {"percent: 20": "percent: 9.9"}, "- id: invasion", "invasion", "its figure is 9.9 %."),
    Broken(
        "direct",
        {FIGURE_20: FIGURE_20.replace("none", "hormones")},
        "- id: invasion",
        "invasion",
        "row invasion is direct, but its figure is not distant recurrence without further treatment over 10",
    ),
    Broken(
        "direct", {FIGURE_20: FIGURE_20.replace("distant", "any")}, "- id: invasion", "invasion", "direct"
    ),
    Broken(
        "direct", {FIGURE_20: FIGURE_20.replace("10", "5")}, "- id: invasion", "invasion", "over 10 years."
    ),
    Broken("direct", {FIGURE_20: ""}, "- id: invasion", "invasion", "row invasion is direct"),
    Broken("converted", {"    limits: half were local\n": ""}, "- id: nothing", "nothing", "no limits"),
    Broken(
        "converted",
        {FIGURE_12: ""},
        "- id: nothing",
        "nothing",
        "row nothing is converted but gives no figure",
    ),
    Broken(
        "unused-field",
        {"derived:\n": "  spot: {type: word, allowed: [red, blue], panel: factor, text: colour}\nderived:\n"},
        "spot:",
        "spot",
        "nothing turns on spot.",
    ),
    Broken("unused-source", {"fields:\n": f"{SPARE}fields:\n"}, "spare:", "spare", "nothing cites spare."),
    Broken("identifier", {"pmid: 1, ": ""}, "cohort:", "cohort", "cohort has no doi, pmid or url."),
    Broken("seen", {", on: 2026-11-22": ""}, "cohort:", "cohort", "cohort is abstract, which does not go"),
    Broken("seen", {"seen: abstract": "seen: not_seen"}, "cohort:", "cohort", "cohort is not_seen"),
    Broken(
        "no-example", {", rule: invasion": ""}, "- id: invasion", "invasion", "no example names row invasion."
    ),
    Broken("option-example", {", options: [wash]": ""}, "- id: wash", "wash", "no example offers wash."),
    Broken(
        "threshold",
        {"kit: stained, twin: 9.9": "kit: stained, twin: not_done"},
        "twin:",
        "twin",
        "twin: no examples on both sides of <10 | >=10.",
    ),
    Broken(
        "example",
        {NO_NODE: NO_NODE.replace("level: low, rule: nothing", "level: high")},
        "- {id: no-node",
        "no-node",
        "example no-node: the level is low, not high.",
        {"grade": 2, "nodes_positive": 0, "invasion": "absent"},
    ),
    Broken(
        "gate",
        {"[incomplete, biopsy_only]": "incomplete"},
        "out_of_scope:",
        "local_treatment",
        "local_treatment: biopsy_only is not turned away.",
    ),
    Broken(
        "gate",
        {'  - {when: {neoadjuvant_therapy: "yes"}, say: It was treated before.}\n': ""},
        "out_of_scope:",
        "neoadjuvant_therapy",
        "neoadjuvant_therapy: yes is not turned away.",
    ),
    Broken(
        "figures-out-of-order",
        {
            "stage: I, invasion: absent, grade: 3": "nodes_positive: 0, invasion: absent, grade: 3",
            "stage: I, invasion: absent, grade: 1..2": "nodes_positive: 0, invasion: absent, grade: 1..2",
            "why: grade, basis: judgement": f"why: grade, basis: converted, limits: half, {SEVEN}",
        },
        "- {id: grade-3, when",
        "grade-3",
        "worse finding than nothing, but its figure (7 %) is better than that of the other (12 %)",
    ),
    Broken(
        "repeated-option",
        {"not_supported:\n": f"{WASH_AGAIN}not_supported:\n", "options: [wash]}": "options: [wash, again]}"},
        "- id: again",
        "again",
        "option again is the same treatment for the same cases as wash.",
    ),
    Broken(
        "meaning",
        {"worse: stained, panel: marker": "worse: stained, unit: mm, panel: marker"},
        "kit:",
        "kit",
        "its unit is mm, but None in the vocabulary",
    ),
    Broken("dates", {"on: 2026-11-22": "on: 2026-11-25"}, "cohort:", "cohort", "was looked at after"),
    Broken("dates", {"year: 2001": "year: 2027"}, "cohort:", "cohort", "cohort is of 2027"),
    Broken("dates", {"review_by: 2027": "review_by: 2026"}, "review_by:", "review_by", "is not after"),
]
NOTES = {"vacuous"}


def written(directory: Path, text: str) -> Path:
    """Write the table and its vocabulary."""
    directory.mkdir(exist_ok=True)
    (directory / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    path = directory / f"{NAME}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def found_in(directory: Path, text: str = SOUND) -> list[Finding]:
    """Return what a check finds in a table."""
    return check_table(load_rules(written(directory, text).parent), NAME)


def line_of(text: str, beginning: str) -> int:
    """Return the number of the last line that begins so: rows stand below fields."""
    numbers = [n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith(beginning)]
    assert numbers, beginning
    return numbers[-1]


def test_the_table_that_is_broken_below_is_sound(tmp_path: Path) -> None:
    assert found_in(tmp_path) == []


@pytest.mark.parametrize("broken", TESTS, ids=[f"{broken.code}-{n}" for n, broken in enumerate(TESTS)])
def test_a_fault_is_found_on_its_line_with_its_words(broken: Broken, tmp_path: Path) -> None:
    text = SOUND
    for old, new in broken.changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    findings = found_in(tmp_path, text)
    assert {finding.code for finding in findings} == {broken.code, *broken.also}
    finding = next(finding for finding in findings if finding.code == broken.code)
    assert finding.line == line_of(text, broken.line)
    assert finding.file == str(tmp_path / f"{NAME}.yaml")
    assert (finding.row, finding.severity) == (broken.row, "note" if broken.code in NOTES else "fault")
    assert broken.words in finding.message
    assert broken.case.items() <= finding.case.items()
    assert str(finding).startswith(f"{finding.file}:{finding.line}: {broken.code}: ")
    assert finding.data()["message"] == finding.message
    assert re.search(r"[.!?]$", finding.message)
    assert re.search(r"[.`]$", finding.mend)


def test_a_diagram_that_grows_too_large_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = len(load_rules(written(tmp_path, SOUND).parent).get(NAME).store.fields)
    monkeypatch.setattr(lints, "MOST_NODES", nodes - 1)
    (finding,) = found_in(tmp_path)
    assert (finding.code, finding.line, finding.row) == ("states", line_of(SOUND, "cancer:"), NAME)
    assert f"need {nodes} nodes; the cap is {nodes - 1}." in finding.message
    monkeypatch.setattr(lints, "MOST_NODES", nodes)
    assert found_in(tmp_path) == []


AFIP = """
  - {id: large, when: {nodes_positive: ">=1", grade: 3}, level: very_high, why: x, basis: converted,
     limits: x, source: cohort,
     published: {percent: 71, endpoint: progressive disease, treated: none, years: 10}}
  - {id: middle, when: {nodes_positive: ">=1", grade: 2}, level: very_high, why: x, basis: converted,
     limits: x, source: cohort,
     published: {percent: 52, endpoint: progressive disease, treated: none, years: 10}}
"""


@pytest.mark.parametrize(("printed", "found"), [("71", False), ("7", True)])
def test_the_misprint_of_the_gist_table_is_caught(printed: str, found: bool, tmp_path: Path) -> None:
    """Tumours over 10 cm with many mitoses progressed in 71 %; the paper's table prints 7."""
    rows = AFIP.replace("percent: 71", f"percent: {printed}")
    codes = {
        finding.code for finding in found_in(tmp_path, SOUND.replace("likelihood:\n", f"likelihood:{rows}"))
    }
    assert ("figures-out-of-order" in codes) is found


@pytest.mark.parametrize(("endpoint", "found"), [("survival", False), ("death", True)])
def test_a_figure_of_survival_is_better_when_higher(endpoint: str, found: bool, tmp_path: Path) -> None:
    rows = AFIP.replace("percent: 71", "percent: 7").replace("progressive disease", endpoint)
    codes = {
        finding.code for finding in found_in(tmp_path, SOUND.replace("likelihood:\n", f"likelihood:{rows}"))
    }
    assert ("figures-out-of-order" in codes) is found


def test_every_kind_of_finding_has_a_table_that_shows_it() -> None:
    assert {broken.code for broken in TESTS} | {"states"} == set(CODES)


def test_a_code_in_the_source_is_one_that_is_explained() -> None:
    from riskcli import check, crosschecks, proofs

    source = "".join(
        Path(module.__file__ or "").read_text(encoding="utf-8")
        for module in (check, crosschecks, lints, proofs)
    )
    used = set(re.findall(r'(?:found|Finding)\(\s*"([a-z-]+)"', source))
    assert used == set(CODES)


def test_every_part_of_the_check_is_run(tmp_path: Path) -> None:
    from riskcli import crosschecks, proofs

    parts = {
        function
        for module in (crosschecks, proofs, lints)
        for name, function in vars(module).items()
        if callable(function)
        and not name.startswith("_")
        and getattr(function, "__annotations__", {}).get("subject") == "Subject"
        and getattr(function, "__annotations__", {}).keys() == {"subject", "return"}
    }
    assert parts == set(PARTS)


@pytest.mark.parametrize(("kinds", "faults"), [("stained", 0), ("[stained, clear]", 1), ("not_done", 1)])
def test_a_derived_name_may_imply_the_parent_of_a_dependent_field(
    kinds: str, faults: int, tmp_path: Path
) -> None:
    rest = (
        "[clear, not_done]"
        if kinds == "stained"
        else "not_done"
        if kinds.startswith("[")
        else "[stained, clear]"
    )
    derived = f"  kind:\n    - {{when: {{kit: {kinds}}}, is: K}}\n    - {{when: {{kit: {rest}}}, is: L}}\n"
    text = SOUND.replace("likelihood:\n", f"{derived}likelihood:\n", 1)
    text = text.replace("when: {kit: stained, twin:", "when: {kind: K, twin:", 1)
    found = [finding for finding in found_in(tmp_path, text) if finding.code == "dependent"]
    assert len(found) == faults


@pytest.mark.parametrize(
    ("when", "codes"),
    [
        ("{}", set()),
        ("{stage: I}", set()),
        ("{stage: [I, II]}", set()),
        ("{score: 0}", set()),
        ("{score: 0..1, invasion: absent}", set()),
        ("{invasion: absent}", set()),
        ("{stage: II}", {"not-monotone", "exception-unused"}),
        ("{score: '>=1'}", {"not-monotone", "exception-unused"}),
        ("{invasion: present}", {"not-monotone", "exception-unused"}),
    ],
)
def test_an_exception_covers_what_its_condition_says_and_no_more(
    when: str, codes: set[str], tmp_path: Path
) -> None:
    swapped = SOUND.replace("grade: 3}, level: intermediate", "grade: 1..2}, level: intermediate")
    swapped = swapped.replace(
        "invasion: absent, grade: 1..2}\n    level: low", "invasion: absent, grade: 3}\n    level: low"
    )
    swapped = swapped.replace("level: low, rule: nothing", "level: intermediate, rule: grade-3")
    swapped = swapped.replace(
        "level: intermediate, rule: grade-3}\n  - {id: invasion",
        "level: low, rule: nothing}\n  - {id: invasion",
    )
    score = "  score: {points: {nodes_positive: {0: 0, 1..9: 1}, invasion: {absent: 0, present: 2}}}\n"
    text = swapped.replace("likelihood:\n", f"{score}likelihood:\n", 1).replace(
        "examples:\n",
        f"exceptions:\n  - {{field: grade, when: {when}, why: swapped, source: cohort}}\nexamples:\n",
    )
    assert {finding.code for finding in found_in(tmp_path, text)} == codes


# ---- examples and worked cases


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ("case: {grade: 9}, level: low", "is refused (grade: 9 is not allowed"),
        ("case: {metastasis: present}, level: low", "is out of scope (metastasis: Spread is known.)"),
        ("case: {nodes_positive: 1}, out_of_scope: true", "is answered, though it states out_of_scope"),
        (
            "case: {nodes_positive: 0, invasion: absent}, level: low",
            "the level is low or intermediate, not low",
        ),
        (
            "case: {nodes_positive: 0, invasion: absent}, levels: [low]",
            "the level is low or intermediate, not low",
        ),
        ("case: {nodes_positive: 1}, rule: invasion", "the deciding row is nodes, not invasion"),
        (
            "case: {nodes_positive: 0, invasion: absent}, rule: nothing",
            "the deciding row is grade-3 or nothing, not nothing",
        ),
        ("case: {nodes_positive: 0, grade: 1}, options: [wash]", "option wash is absent, not matches"),
        ("case: {nodes_positive: 0}, options: [wash]", "option wash is depends, not matches"),
        ("case: {nodes_positive: 1}, depends: [wash]", "option wash is matches, not depends"),
        ("case: {nodes_positive: 1}, not_options: [wash]", "option wash is matches, not absent"),
        ("case: {nodes_positive: 1}, not_supported: [rub]", "rub is not listed as not supported"),
    ],
)
def test_what_an_example_states_is_held_against_the_answer(
    example: str, message: str, tmp_path: Path
) -> None:
    (finding,) = found_in(tmp_path, f"{SOUND}  - {{id: wrong, {example}}}\n")
    assert finding.code == "example"
    assert finding.message.startswith(f"example wrong: {message}")


@pytest.mark.parametrize(
    "example",
    [
        "case: {metastasis: present}, out_of_scope: true",
        "case: {nodes_positive: 0}, depends: [wash], not_supported: [rub]",
        "case: {grade: 2..3, nodes_positive: unknown}",
        "case: {}, levels: [low, intermediate, high]",
    ],
)
def test_an_example_that_holds_is_no_finding(example: str, tmp_path: Path) -> None:
    assert found_in(tmp_path, f"{SOUND}  - {{id: right, {example}}}\n") == []


WORKED = """\
cancer: example_tiny
vignettes:
  - {id: fine, case: {nodes_positive: 1}, level: high}
  - {id: wrong, case: {nodes_positive: 1}, level: low}
"""


def test_the_worked_cases_beside_the_tests_are_run(tmp_path: Path) -> None:
    written(tmp_path / "rules", SOUND)
    path = vignette_file(tmp_path / "rules" / f"{NAME}.yaml")
    path.parent.mkdir(parents=True)
    path.write_text(WORKED, encoding="utf-8")
    (finding,) = found_in(tmp_path / "rules")
    assert (finding.code, finding.file, finding.line, finding.row) == ("example", str(path), 4, "wrong")
    assert finding.message == "vignette wrong: the level is high, not low."
    path.write_text(WORKED.replace("level: low", "level: high"), encoding="utf-8")
    assert found_in(tmp_path / "rules") == []
    path.write_text("cancer: example_tiny\n", encoding="utf-8")
    (finding,) = found_in(tmp_path / "rules")
    assert (finding.code, finding.file, finding.line) == ("load", str(path), 1)


# ---- targets


def test_targets_are_cancers_files_and_directories(tmp_path: Path) -> None:
    path = written(tmp_path, SOUND)
    rules = load_rules(tmp_path)
    assert check_targets(rules, [NAME]) == ([], [NAME])
    assert check_targets(load_rules(), [str(path)]) == ([], [NAME])
    assert check_targets(load_rules(), [str(tmp_path)]) == ([], [NAME])
    assert check_targets(load_rules(), [str(tmp_path), "colon"])[1] == [NAME, "colon"]
    assert check_targets(rules, [])[1] == list(rules.names)
    with pytest.raises(CaseError, match="is not a cancer with a rule table"):
        check_targets(rules, ["nothing"])
    with pytest.raises(CaseError, match="is shared by tables and no table itself"):
        check_targets(rules, [str(tmp_path / "vocabulary.yaml")])


# ---- what the proofs stand on


def end(store: Diagram, root: int, case: Mapping[int, int]) -> int:
    """Return the leaf value in which a case ends."""
    while root >= 0:
        root = store.children[root][case[store.fields[root]]]
    return leaf_value(root)


def cases(table: Compiled, root: int) -> Iterator[dict[int, int]]:
    """Give every case of the fields that a diagram turns on."""
    places = sorted(Reach(table.store, table.space.full).tested(root))
    for cells in product(*(range(table.space.cells[place].count) for place in places)):
        yield dict(zip(places, cells, strict=True))


EXAMPLES = load_rules(Path(__file__).parent / "data" / "rules")


@pytest.mark.parametrize("name", ["example_duct", "example_gauge"])
def test_the_search_for_a_lower_level_finds_what_trying_every_case_finds(name: str) -> None:
    table = EXAMPLES.get(name)
    store, root = table.store, table.roots["level"]
    every = list(cases(table, root))
    unanswered = {leaf_value(IMPOSSIBLE), leaf_value(NONE)}
    for place in every[0]:
        for pair in permutations(range(table.space.cells[place].count), 2):
            found = drop(store, root, place, pair)
            lower = False
            for case in every:
                if case[place] == pair[0]:
                    ends = end(store, root, case), end(store, root, {**case, place: pair[1]})
                    lower = lower or (ends[1] < ends[0] and not unanswered & {*ends})
            assert (found is not None) == lower
            if found is not None:
                whole = {**dict.fromkeys(every[0], 0), **found}
                one = end(store, root, {**whole, place: pair[0]})
                other = end(store, root, {**whole, place: pair[1]})
                assert other < one
                assert not unanswered & {one, other}


@pytest.mark.parametrize("name", ["example_duct", "example_gauge"])
def test_every_end_is_reached_by_the_case_that_is_shown_for_it(name: str) -> None:
    table = EXAMPLES.get(name)
    for root in table.roots.values():
        every = list(cases(table, root))
        if len(every) > 20_000:
            continue
        ends = {end(table.store, root, case) for case in every}
        assert reached(table.store, root) == sum(1 << value for value in ends)
        for value in range(max(ends) + 2):
            found = path_to(table.store, root, lambda leaf, value=value: leaf == value)
            assert (found is not None) == (value in ends)
            if found is not None:
                assert end(table.store, root, {**dict.fromkeys(every[0], 0), **found}) == value


@pytest.mark.parametrize(
    ("domain", "worse", "pairs"),
    [
        (Domain(low=0, high=9, integer=True), "higher", [(0, 1), (0, 2), (1, 2)]),
        (Domain(low=0, high=9, integer=True), "lower", [(2, 1), (2, 0), (1, 0)]),
        (Domain(words=("a", "b", "c")), "c", [(0, 1), (0, 2), (1, 2)]),
        (Domain(words=("a", "b", "c")), "a", [(2, 1), (2, 0), (1, 0)]),
        (Domain(words=("a", "b", "c")), "b", [(0, 1), (2, 1)]),
        (Domain(words=("a", "b"), optional=True), "b", [(0, 1)]),
    ],
    ids=["higher", "lower", "last word", "first word", "middle word", "not done has no place"],
)
def test_worse_is_a_claim_about_pairs_of_cells(
    domain: Domain, worse: str, pairs: list[tuple[int, int]]
) -> None:
    cuts = [parse_entry("3..5", domain)] if domain.numeric else []
    assert sorted(worse_pairs(Cells.cut("x", domain, cuts), worse)) == sorted(pairs)


def test_worse_that_means_nothing_is_refused() -> None:
    with pytest.raises(
        ValueError, match="worse is sideways, which is neither higher, lower nor one of its words"
    ):
        worse_pairs(Cells.cut("x", Domain(words=("a", "b")), []), "sideways")


@pytest.mark.parametrize(
    ("domain", "cuts"),
    [
        (Domain(low=0, high=9, integer=True), [">=4", "7"]),
        (Domain(low=0, high=20), ["<0.1", ">=10", ">10"]),
        (Domain(low=0, high=20, optional=True), [">=10..<12"]),
        (Domain(words=("a", "b"), groups={"ab": ("a", "b")}), ["a"]),
    ],
)
def test_a_shown_value_lies_in_its_cell(domain: Domain, cuts: list[str]) -> None:
    cells = Cells.cut(
        "x", domain, [parse_entry(cut, domain) for cut in cuts if ".." not in cut or cut[0].isdigit()]
    )
    for cell in range(cells.count):
        assert cells.mask(parse_entry(value_in(cells, cell), domain)) == 1 << cell


def field_spec(allowed: list[str] | str, worse: str) -> FieldSpec:
    """Return a field with what is worse in it."""
    return FieldSpec(type="word", allowed=allowed, text="t", panel="factor", worse=worse)


@pytest.mark.parametrize(
    ("one", "other", "contradict"),
    [
        (field_spec("1..3", "higher"), field_spec("1..3", "lower"), True),
        (field_spec("1..3", "higher"), field_spec("1..5", "higher"), False),
        (
            field_spec(["negative", "positive"], "positive"),
            field_spec(["negative", "positive"], "negative"),
            True,
        ),
        (field_spec(["larynx", "hypopharynx"], "hypopharynx"), field_spec(["limb", "belly"], "belly"), False),
        (field_spec(["limb", "belly"], "belly"), field_spec(["limb", "chest"], "limb"), False),
    ],
)
def test_tables_contradict_each_other_about_what_is_worse_only_in_words_both_know(
    one: FieldSpec, other: FieldSpec, contradict: bool
) -> None:
    assert contradicts(one, other) == contradicts(other, one) == contradict
