"""A new rule table begins as a skeleton that loads, compiles and answers its own examples."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from authoring_side import RULES, Program

from riskcli.check import check_table
from riskcli.compiled import LEVELS
from riskcli.errors import CaseError
from riskcli.loader import Rules
from riskcli.skeleton import skeleton
from riskcli.tables import Word
from riskcli.trials import differences

TODAY = date(2026, 11, 25)
VOCABULARY = RULES.vocabulary(RULES.names[0])
CANCERS = [name for name in VOCABULARY if name != "common"]


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """The commands of authors."""
    return Program(capsys)


def written(cancer: str, place: Path) -> Rules:
    """Write the skeleton of a cancer into a directory and read it as rules."""
    (place / f"{cancer}.yaml").write_text(skeleton(cancer, VOCABULARY, TODAY), encoding="utf-8")
    return Rules(place)


@pytest.mark.parametrize("cancer", CANCERS)
def test_the_skeleton_of_every_cancer_of_the_vocabulary_compiles(cancer: str, tmp_path: Path) -> None:
    rules = written(cancer, tmp_path)
    document, table = rules.read(cancer)
    compiled = rules.get(cancer)
    fields = {name: word for name, word in VOCABULARY[cancer].items() if name != "neoadjuvant_therapy"}
    assert list(table.fields) == list(fields)
    for name, spec in table.fields.items():
        word = fields[name]
        assert (spec.type, spec.unit, spec.worse, spec.core) == (word.type, word.unit, word.worse, word.core)
        if word.type == "word":
            assert {*spec.allowed, *spec.groups} == set(word.values)
        else:
            domain = compiled.space.cells[compiled.index[name]].domain
            assert (domain.low, domain.high) == (word.min, word.max)
    assert {row.level for row in table.likelihood} == set(LEVELS)
    assert document.data["status"] == "draft"


@pytest.mark.parametrize("cancer", CANCERS)
def test_all_that_a_check_still_finds_is_fields_without_a_row(cancer: str, tmp_path: Path) -> None:
    rules = written(cancer, tmp_path)
    findings = check_table(rules, cancer)
    assert {finding.code for finding in findings} <= {"unused-field", "threshold"}
    assert findings, "there is something left to do"


@pytest.mark.parametrize("cancer", CANCERS)
def test_the_examples_of_the_skeleton_are_answered_as_they_say(cancer: str, tmp_path: Path) -> None:
    rules = written(cancer, tmp_path)
    examples = rules.read(cancer)[1].examples
    assert {example.level for example in examples} == set(LEVELS)
    for example in examples:
        assert list(differences(rules.get(cancer), example)) == []


@pytest.mark.parametrize("cancer", CANCERS)
def test_every_place_for_the_author_is_marked_and_no_figure_is_made_up(cancer: str) -> None:
    text = skeleton(cancer, VOCABULARY, TODAY)
    data = yaml.safe_load(text)
    for row in data["likelihood"]:
        assert row["why"].startswith("TODO")
        assert row["basis"] == "judgement"
        assert "published" not in row
    assert all(row["say"].startswith("TODO") for row in data["out_of_scope"])
    assert data["sources"]["todo-source"]["seen"] == "not_seen"
    assert text.startswith("# yaml-language-server: $schema=rules.schema.json\n")
    assert max(len(line) for line in text.splitlines() if line.startswith("#")) <= 110
    assert "recommend" not in text.lower()


def test_in_situ_cancer_and_treatment_before_surgery_are_turned_away(tmp_path: Path) -> None:
    whens = [row.when for row in written("colon", tmp_path).read("colon")[1].out_of_scope]
    assert {"t_category": "Tis"} in whens
    assert {"neoadjuvant_therapy": "yes"} in whens
    assert "# Once there are rows for treatment before surgery" in skeleton("bladder", VOCABULARY, TODAY)
    assert "# Once there are rows for treatment before surgery" not in skeleton("colon", VOCABULARY, TODAY)


def test_a_local_vocabulary_with_numbers_alone_is_enough() -> None:
    words = {
        "count": Word(type="integer", text="a count", min=0, max=9, worse="higher"),
        "size_mm": Word(type="number", text="a size", min=0.5, max=90, worse="higher", unit="mm"),
    }
    data = yaml.safe_load(skeleton("invented", {"common": {}, "invented": words}, TODAY))
    assert data["fields"]["size_mm"]["allowed"] == "0.5..90"
    assert data["likelihood"][0]["when"] == {"count": ">=1", "size_mm": ">=1.5"}


def test_too_few_fields_to_begin_with_are_refused() -> None:
    words = {"shape": Word(type="word", text="a shape", values=("round", "flat"))}
    with pytest.raises(CaseError, match="fewer than two fields to begin with"):
        skeleton("invented", {"common": {}, "invented": words}, TODAY)


# ---- the command


THERE = "There is a table for gist already; a copy of it may be a better beginning.\n"


def test_new_prints_the_skeleton_and_today_is_its_date(program: Program) -> None:
    told = program("rules", "new", "gist")
    assert (told.code, told.err) == (0, THERE)
    assert told.out == skeleton("gist", VOCABULARY, date.today())


def test_new_writes_a_file_that_loads_and_never_overwrites_one(program: Program, tmp_path: Path) -> None:
    target = tmp_path / "gist.yaml"
    told = program("rules", "new", "gist", "-o", target)
    assert (told.code, told.out, told.err) == (0, "", f"Written to {target}.\n{THERE}")
    assert Rules(tmp_path).get("gist").name == "gist"
    target.write_text("mine", encoding="utf-8")
    told = program("rules", "new", "gist", "-o", target)
    assert (told.code, told.out) == (2, "")
    assert told.err == f"{target} exists and is left as it is; move it away to begin anew\n"
    assert target.read_text(encoding="utf-8") == "mine"


def test_a_file_under_another_name_would_not_load_and_is_refused(program: Program, tmp_path: Path) -> None:
    told = program("rules", "new", "gist", "-o", tmp_path / "stomach.yaml")
    assert told.code == 2
    assert told.err.endswith("a table's file is named after its cancer; write gist.yaml\n")
    assert not list(tmp_path.iterdir())


def test_a_cancer_outside_the_vocabulary_is_refused_with_where_to_add_it(program: Program) -> None:
    told = program("rules", "new", "kidny")
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        "cancer: kidny is not in the vocabulary; did you mean kidney?; its fields stand there first: "
        "add a section kidny to a vocabulary.yaml beside the table\n"
    )


def test_a_vocabulary_beside_the_new_file_is_taken(program: Program, tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_text(
        "invented:\n"
        '  crack: {type: word, values: ["absent", "present"], worse: "present", text: "a crack"}\n'
        '  stain: {type: word, values: ["absent", "present"], worse: "present", text: "a stain"}\n',
        encoding="utf-8",
    )
    told = program("rules", "new", "invented", "-o", tmp_path / "invented.yaml")
    assert told.code == 0
    assert Rules(tmp_path).get("invented").table["fields"].keys() == {"crack", "stain"}
    again = program("rules", "new", "invented", rules=tmp_path)
    assert again.code == 0, "so is one beside one's own tables"
