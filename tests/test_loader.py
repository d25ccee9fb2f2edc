"""Finding, reading and caching rule tables."""

from __future__ import annotations

import json
import os
import shutil
import threading
from pathlib import Path

import pytest
from input_side import GLAND, INPUT_RULES, PLAIN, SKIN

from riskcli import built, loader
from riskcli.case import read_case
from riskcli.compiled import Compiled
from riskcli.errors import CaseError, RuleFileError
from riskcli.loader import Rules, load_rules, packaged_directory, search

PACKAGED = packaged_directory()


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the invented rules that a test may change."""
    place = tmp_path / "local"
    shutil.copytree(INPUT_RULES, place)
    return place


@pytest.fixture
def unbuilt(tmp_path, monkeypatch):
    """Return an empty directory that stands for what the build left in the package."""
    target = tmp_path / "built"
    monkeypatch.setattr(built, "BUILT", target)
    return target


@pytest.fixture
def small(tmp_path, unbuilt, monkeypatch):
    """Let the invented tables stand for the packaged ones, so that building them is quick."""
    place = tmp_path / "rules"
    shutil.copytree(INPUT_RULES, place)
    shutil.copy(PACKAGED / "common.yaml", place)
    text = (PACKAGED / "vocabulary.yaml").read_text(encoding="utf-8")
    own = (place / "vocabulary.yaml").read_text(encoding="utf-8")
    (place / "vocabulary.yaml").write_text(f"{text}\n{own}", encoding="utf-8")
    monkeypatch.setattr(loader, "packaged_directory", lambda: place)
    return place


def edit(path: Path, old: str, new: str) -> None:
    """Change the first occurrence of a text in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults(place, name=GLAND):
    """Return what is wrong with a table, as `file:line: message` with the bare name of the file."""
    with pytest.raises(RuleFileError) as caught:
        Rules(place).get(name)
    return [str(fault).replace(f"{place}{os.sep}", "") for fault in caught.value.faults]


# ---- which tables there are


def test_the_packaged_tables_are_there_with_nothing_said():
    assert set(Rules().names) >= {"breast", "colon", "testis_nonseminoma", "other_solid"}
    assert not {"common", "vocabulary"} & set(Rules().names)
    assert Rules().origin("breast") == "packaged"


def test_a_directory_adds_its_tables():
    local = Rules(INPUT_RULES)
    assert set(local.names) == {*Rules().names, GLAND, PLAIN, SKIN}
    assert local.names == tuple(sorted(local.names))
    assert local.origin(GLAND) == str(INPUT_RULES / f"{GLAND}.yaml")
    assert local.origin("breast") == "packaged"


def test_a_single_file_adds_its_table_alone(copy):
    local = Rules(copy / f"{GLAND}.yaml")
    assert set(local.names) == {*Rules().names, GLAND}
    assert read_case({"grade": 2}, local.get(GLAND)).stated == {"grade": 2}


def test_a_local_table_replaces_the_packaged_one_and_says_where_it_is_from(tmp_path):
    shutil.copy(PACKAGED / "other_solid.yaml", tmp_path)
    edit(tmp_path / "other_solid.yaml", 'edition: "', 'edition: "local ')
    local = Rules(tmp_path)
    assert local.names == Rules().names
    assert local.origin("other_solid") == str(tmp_path / "other_solid.yaml")
    assert local.get("other_solid").origin == str(tmp_path / "other_solid.yaml")
    assert local.get("other_solid").digest != Rules().get("other_solid").digest
    assert local.index["other_solid"].edition.startswith("local ")
    assert Rules().get("other_solid").origin == "packaged"


def test_the_last_of_several_places_wins(tmp_path):
    for n in (1, 2):
        (tmp_path / str(n)).mkdir()
        shutil.copy(PACKAGED / "other_solid.yaml", tmp_path / str(n))
    two = Rules(tmp_path / "1", tmp_path / "2")
    assert two.file("other_solid").parent.name == "2"
    assert Rules(tmp_path / "2", tmp_path / "1").file("other_solid").parent.name == "1"


def test_a_place_may_be_given_as_text_and_relative(monkeypatch):
    monkeypatch.chdir(INPUT_RULES.parent)
    local = Rules("input_rules")
    monkeypatch.chdir("/")
    assert local.get(GLAND).name == GLAND
    assert Rules(str(INPUT_RULES)).get(GLAND).name == GLAND


def test_a_place_that_does_not_exist_is_a_rule_fault(tmp_path):
    with pytest.raises(RuleFileError) as caught:
        Rules(tmp_path / "none")
    assert str(caught.value) == (
        f"{tmp_path / 'none'}: does not exist; give a rule table (CANCER.yaml) or a directory of them"
    )


def test_a_directory_without_a_table_is_a_rule_fault(tmp_path):
    (tmp_path / "vocabulary.yaml").write_text("x: {}\n")
    (tmp_path / "notes.txt").write_text("nothing\n")
    with pytest.raises(RuleFileError) as caught:
        Rules(tmp_path)
    assert str(caught.value) == f"{tmp_path}: holds no rule table (a file CANCER.yaml)"


@pytest.mark.parametrize("name", ["common.yaml", "vocabulary.yaml", "table.yml", "table.json"])
def test_a_file_that_is_no_table_is_a_rule_fault(tmp_path, name):
    (tmp_path / name).write_text("a: 1\n")
    with pytest.raises(RuleFileError) as caught:
        Rules(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: is not a rule table; give a file CANCER.yaml"


def test_the_same_rules_are_handed_out_again():
    assert load_rules() is load_rules()
    assert load_rules(str(INPUT_RULES)) is load_rules(str(INPUT_RULES))
    assert load_rules(str(INPUT_RULES)) is not load_rules()


def test_a_table_is_compiled_once():
    local = Rules(INPUT_RULES)
    assert local.get(GLAND) is local.get(GLAND)


def test_a_cancer_without_a_table_is_a_case_error():
    with pytest.raises(CaseError, match="is not a cancer with a rule table"):
        Rules().get("toenail")


# ---- what stands beside a table


def test_a_vocabulary_beside_a_table_adds_to_the_packaged_one(copy):
    words = Rules(copy).vocabulary(GLAND)
    assert "budding" in words[GLAND]
    assert "metastasis" in words["common"]
    assert "her2" in words["breast"]
    assert GLAND not in Rules(copy).vocabulary("breast")


def test_a_vocabulary_beside_a_table_may_add_one_common_field(copy):
    with (copy / "vocabulary.yaml").open("a", encoding="utf-8") as file:
        file.write("common:\n  ward: {type: word, values: [a, b], text: the ward}\n")
    table = Rules(copy).get(GLAND)
    assert read_case({"ward": "A", "metastasis": "absent"}, table).stated == {
        "metastasis": "absent",
        "ward": "a",
    }


def test_common_words_beside_a_table_stand_instead_of_the_packaged_ones(copy):
    shutil.copy(PACKAGED / "common.yaml", copy)
    edit(copy / "common.yaml", "unknown_words:\n", "unknown_words:\n  - quite unclear\n")
    local = Rules(copy)
    assert read_case({"grade": "quite unclear"}, local.get(GLAND)).stated == {"grade": "unknown"}
    with pytest.raises(CaseError):
        read_case({"grade": "quite unclear"}, local.get("colon"))


# ---- digests


def test_a_digest_does_not_depend_on_the_ends_of_the_lines(copy):
    before = Rules(copy).digest(GLAND)
    for path in copy.glob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    after = Rules(copy)
    assert after.digest(GLAND) == before
    assert after.get(GLAND).digest == before
    assert read_case({"t_category": "pT2"}, after.get(GLAND)).stated == {"t_category": "T2"}


@pytest.mark.parametrize("file", [f"{GLAND}.yaml", "vocabulary.yaml"])
def test_a_digest_changes_with_every_file_a_table_is_read_with(copy, file):
    before, other = Rules(copy).digest(GLAND), Rules(copy).digest("colon")
    with (copy / file).open("a", encoding="utf-8") as stream:
        stream.write("# a remark\n")
    assert Rules(copy).digest(GLAND) != before
    assert Rules(copy).digest("colon") == other


def test_a_digest_covers_the_common_words(copy):
    before = Rules(copy).digest(GLAND)
    shutil.copy(PACKAGED / "common.yaml", copy)
    assert Rules(copy).digest(GLAND) == before
    edit(copy / "common.yaml", "unknown_words:\n", "unknown_words:\n  - quite unclear\n")
    assert Rules(copy).digest(GLAND) != before


def test_a_changed_file_is_read_anew_by_new_rules(copy):
    assert Rules(copy).get(GLAND).table["edition"] == "2026.1"
    edit(copy / f"{GLAND}.yaml", '"2026.1"', '"2026.22"')
    assert Rules(copy).get(GLAND).table["edition"] == "2026.22"
    assert "ward" not in Rules(copy).get(GLAND).vocabulary["here"]
    edit(
        copy / "vocabulary.yaml",
        "example_gland:\n",
        "example_gland:\n  ward: {type: word, values: [a], text: w}\n",
    )
    assert "ward" in Rules(copy).get(GLAND).vocabulary["here"]


# ---- what the build writes


def test_what_is_built_answers_as_what_is_compiled(small, unbuilt):
    compiled = Rules().get(GLAND)
    written = Rules().build(unbuilt)
    assert {path.stem for path in written} == {GLAND, PLAIN, SKIN, "index", "words"}
    assert all(path.is_file() for path in Rules().build(unbuilt / "deeper" / "still"))
    read_back = built.read_table(GLAND, Rules().digest(GLAND))
    assert json.dumps(read_back.to_json()) == json.dumps(compiled.to_json())
    from_file = Rules().get(GLAND)
    assert from_file is not compiled
    for record in ({"grade": 2, "nodes_positive": "1..3"}, {"t_category": "T2", "tumour_size_mm": 2.5}, {}):
        one, two = read_case(record, compiled), read_case(record, from_file)
        assert (one.boxes, one.stated, one.warnings, one.assumed) == (
            two.boxes,
            two.stated,
            two.warnings,
            two.assumed,
        )


def test_a_built_table_is_used_without_reading_the_rules(small, unbuilt, monkeypatch):
    Rules().build(unbuilt)
    monkeypatch.setattr(Rules, "compile", lambda *_: pytest.fail("compiled although it was built"))
    assert isinstance(Rules().get(GLAND), Compiled)


def test_a_built_table_of_other_rule_files_is_not_used(small, unbuilt):
    Rules().build(unbuilt)
    edit(small / f"{GLAND}.yaml", '"2026.1"', '"2026.2"')
    assert Rules().get(GLAND).table["edition"] == "2026.2"
    assert Rules().index[GLAND].edition == "2026.2"
    assert Rules().get(SKIN).table["edition"] == "2026.1"


@pytest.mark.parametrize("shared", ["common.yaml", "vocabulary.yaml"])
def test_a_built_table_of_other_shared_files_is_not_used(small, unbuilt, shared):
    Rules().build(unbuilt)
    with (small / shared).open("a", encoding="utf-8") as stream:
        stream.write("# a remark\n")
    assert built.read_table(GLAND, Rules().digest(GLAND)) is None
    assert Rules().get(GLAND).digest == Rules().digest(GLAND)


def test_a_table_built_by_other_code_is_not_used(small, unbuilt):
    Rules().build(unbuilt)
    path = unbuilt / f"{GLAND}.json"
    data = json.loads(path.read_bytes())
    path.write_text(json.dumps({**data, "compiler": "older", "children": "of another shape"}))
    assert built.read_table(GLAND, Rules().digest(GLAND)) is None
    assert Rules().get(GLAND).name == GLAND


def test_the_code_that_compiles_is_part_of_what_was_built(small, unbuilt, monkeypatch):
    Rules().build(unbuilt)
    assert built.read_table(GLAND, Rules().digest(GLAND)) is not None
    monkeypatch.setattr(built, "_COMPILER", ("cells",))
    built._compiler_digest.cache_clear()
    try:
        assert built.read_table(GLAND, Rules().digest(GLAND)) is None
    finally:
        built._compiler_digest.cache_clear()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '"x"', "\x00"])
def test_a_built_file_that_cannot_be_read_is_not_used(small, unbuilt, content):
    unbuilt.mkdir()
    for name in (GLAND, "index"):
        (unbuilt / f"{name}.json").write_text(content)
    assert Rules().get(GLAND).name == GLAND
    assert Rules().index[GLAND].title == "Carcinoma of the example gland"
    assert Rules().planned
    assert Rules().excluded


def test_a_build_leaves_nothing_of_an_earlier_one(small, unbuilt):
    Rules().build(unbuilt)
    (small / f"{SKIN}.yaml").unlink()
    Rules().build(unbuilt)
    assert {path.stem for path in unbuilt.iterdir()} == {GLAND, PLAIN, "index", "words"}


def test_a_build_takes_no_local_table(small, unbuilt, tmp_path):
    place = tmp_path / "hospital"
    place.mkdir()
    shutil.copy(small / f"{SKIN}.yaml", place)
    written = Rules(place).build(unbuilt)
    assert {path.stem for path in written} == {GLAND, PLAIN, "index", "words"}


def test_a_faulty_table_stops_the_build_and_leaves_the_last_one(small, unbuilt):
    Rules().build(unbuilt)
    edit(small / f"{SKIN}.yaml", "level: high", "level: hgih")
    with pytest.raises(RuleFileError):
        Rules().build(unbuilt)
    assert (unbuilt / f"{GLAND}.json").is_file()


def test_the_index_says_the_same_built_or_not(small, unbuilt):
    before = (Rules().index, Rules().excluded, Rules().planned)
    Rules().build(unbuilt)
    assert (Rules().index, Rules().excluded, Rules().planned) == before
    assert Rules().index[GLAND].also_called == ("invented gland tumour",)
    assert Rules().index[GLAND].digest == Rules().digest(GLAND)
    assert Rules().index[SKIN].also_called == ()


def test_the_built_index_is_used_without_reading_the_rules(small, unbuilt, monkeypatch):
    Rules().build(unbuilt)
    monkeypatch.setattr(Rules, "read", lambda *_: pytest.fail("read although it was built"))
    monkeypatch.setattr(
        "riskcli.rule_files.open_document", lambda *_: pytest.fail("read although it was built")
    )
    assert Rules().index[GLAND].status == "draft"
    assert "example_elsewhere" in Rules().planned
    assert "lymphoma" in {name for item in Rules().excluded for name in item["names"]}


def test_a_changed_list_of_excluded_cancers_is_read_anew(small, unbuilt):
    Rules().build(unbuilt)
    edit(
        small / "common.yaml",
        "excluded:\n",
        "excluded:\n  - {names: [toenail], say: Toenails do not spread.}\n",
    )
    with pytest.raises(CaseError, match="Toenails do not spread"):
        Rules().get("toenail")


def test_planned_cancers_are_those_of_the_vocabulary_without_a_table(small):
    planned = Rules().planned
    assert {"breast", "rectum", "example_elsewhere"} <= set(planned)
    assert not {GLAND, SKIN, "common"} & set(planned)


# ---- the index and the search


def test_the_index_names_every_table_without_compiling_any(monkeypatch):
    local = Rules(INPUT_RULES)
    monkeypatch.setattr(Rules, "compile", lambda *_: pytest.fail("compiled for a heading"))
    heading = local.index[GLAND]
    assert (heading.cancer, heading.title) == (GLAND, "Carcinoma of the example gland")
    assert (heading.edition, heading.status) == ("2026.1", "draft")
    assert heading.origin == str(INPUT_RULES / f"{GLAND}.yaml")
    assert list(local.index) == list(local.names)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bowel", "colon"),
        ("BOWEL cancer", "colon"),
        ("invented gland", GLAND),
        ("example-gland", GLAND),
        ("Tumour of the skin", SKIN),
        ("example_skin", SKIN),
    ],
)
def test_a_table_is_found_by_a_part_of_any_of_its_names(text, found):
    assert found in [heading.cancer for heading in search(Rules(INPUT_RULES), text)]


def test_a_search_for_what_no_table_is_called_finds_nothing():
    assert search(Rules(INPUT_RULES), "toenail") == []


def test_a_faulty_table_is_no_obstacle_to_the_others(copy):
    edit(copy / f"{SKIN}.yaml", "level: high", "level: hgih")
    local = Rules(copy)
    assert local.get(GLAND).name == GLAND
    with pytest.raises(CaseError, match="toenail"):
        local.get("toenail")
    with pytest.raises(RuleFileError):
        local.get(SKIN)
    with pytest.raises(RuleFileError):
        _ = local.index


# ---- threads


def test_threads_that_ask_at_once_get_one_table(copy):
    local, found, problems = Rules(copy), [], []
    start = threading.Barrier(8)

    def ask():
        start.wait()
        try:
            table = local.get(GLAND)
            for size in range(40):
                facts = read_case(
                    {"tumour_size_mm": size, "grade": size % 3 + 1, "nodes_positive": size}, table
                )
                found.append((id(table), size, facts.stated["grade"], facts.boxes))
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len({table for table, *_ in found}) == 1
    assert len(set(found)) == 40
    assert len(found) == 320


# ---- files that cannot be used


def test_a_file_that_is_not_utf_8_is_refused(copy):
    (copy / f"{GLAND}.yaml").write_bytes("cancer: é".encode("utf-16"))
    assert faults(copy) == [f"{GLAND}.yaml: is not UTF-8 text; save it as UTF-8"]


def test_a_byte_order_mark_does_no_harm(copy):
    path = copy / f"{GLAND}.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert Rules(copy).get(GLAND).name == GLAND


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "is empty; write `key: value` lines"),
        ("# nothing\n", "is empty; write `key: value` lines"),
        ("- a\n- b\n", "is not a map of keys and values; write `key: value` lines"),
        ("just words\n", "is not a map of keys and values; write `key: value` lines"),
    ],
)
def test_a_file_without_keys_is_refused(copy, content, fault):
    (copy / f"{GLAND}.yaml").write_text(content)
    assert faults(copy) == [f"{GLAND}.yaml:1: {fault}"]


def test_a_file_that_has_gone_is_refused(copy):
    local = Rules(copy)
    (copy / f"{GLAND}.yaml").unlink()
    with pytest.raises(
        RuleFileError, match=r"example_gland\.yaml: cannot be read \(No such file or directory\)"
    ):
        local.get(GLAND)
    with pytest.raises(RuleFileError, match="cannot be read"):
        local.read(GLAND)
    with pytest.raises(RuleFileError, match="cannot be read"):
        local.digest(GLAND)


def test_a_file_that_is_a_directory_is_refused(copy):
    (copy / f"{GLAND}.yaml").unlink()
    (copy / f"{GLAND}.yaml").mkdir()
    with pytest.raises(RuleFileError, match=r"example_gland\.yaml: cannot be read"):
        Rules(copy).read(GLAND)


def test_a_table_that_is_not_named_as_its_file_is_refused(copy):
    (copy / f"{GLAND}.yaml").rename(copy / "gland.yaml")
    assert faults(copy, "gland") == [
        "gland.yaml:2: cancer is example_gland, but the file is named gland.yaml; make the two agree"
    ]


def test_a_vocabulary_that_is_faulty_is_refused_with_its_own_name(copy):
    edit(copy / "vocabulary.yaml", "type: integer", "type: integr")
    (fault,) = faults(copy)
    assert fault.startswith(
        'vocabulary.yaml:3: example_gland.grade.type: "integr" is not allowed; use integer'
    )


def test_a_name_that_is_in_no_vocabulary_is_refused_with_the_nearest(copy):
    edit(copy / f"{GLAND}.yaml", "  grade: {type", "  grdae: {type")
    assert f"{GLAND}.yaml:26: grdae is not in the vocabulary; did you mean grade?" in faults(copy)
