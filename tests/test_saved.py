"""A saved answer: made again the same, changed rules told apart from changed files, accidents found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from catalogue_side import packaged
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from riskcli.errors import CaseError
from riskcli.loader import load_rules
from riskcli.saved import changes, seal, unseal

NOW = load_rules().get("colon").table["edition"]
FLAGS = ["colon", "--t-category", "T3", "--nodes-positive", "2", "--grade", "G2", "--lvi", "not identified"]


@pytest.fixture
def saved(tmp_path: Path, run: Run) -> Path:
    """Return a file with a saved answer."""
    file = tmp_path / "réponse 7.json"
    told = run("assess", *FLAGS, "--save", file)
    assert told.code == 0
    assert told.out.startswith("Adenocarcinoma of the colon")
    assert f"Saved to {file}" in told.err
    return file


def test_the_same_rules_give_the_same_answer(saved: Path, run: Run) -> None:
    told = run("verify", saved)
    assert told.code == 0
    assert "The same answer with the same rules." in told.out
    assert "signed outside" in told.err


def test_the_record_is_kept_as_it_was_given(saved: Path) -> None:
    data = json.loads(saved.read_text(encoding="utf-8"))
    assert data["record"] == {
        "cancer": "colon",
        "t_category": "T3",
        "nodes_positive": "2",
        "grade": "G2",
        "lvi": "not identified",
    }
    assert data["answer"]["provenance"]["sha256"]


def test_rules_that_changed_are_told_with_what_they_changed(saved: Path, tmp_path: Path, run: Run) -> None:
    rules = tmp_path / "rules"
    packaged(
        rules,
        "colon",
        (f'edition: "{NOW}"', 'edition: "2027.1"'),
        ("  - id: t3-n1\n", "  - id: t3-n1-renamed\n"),
        ("rule: t3-n1\n", "rule: t3-n1-renamed\n"),
    )
    told = run("--rules", rules, "verify", saved)
    shown = " ".join(told.out.split())
    assert told.code == 5
    assert f"Another answer with edition 2027.1 of the rules (it was {NOW}):" in shown
    assert "- decided by: was t3-n1, is t3-n1-renamed" in shown


def test_a_new_edition_without_effect_is_the_same_answer(saved: Path, tmp_path: Path, run: Run) -> None:
    rules = tmp_path / "rules"
    packaged(rules, "colon", (f'edition: "{NOW}"', 'edition: "2027.1"'))
    told = run("--rules", rules, "verify", saved)
    assert told.code == 0
    shown = " ".join(told.out.split())
    assert f"The same answer with edition 2027.1 of the rules (it was {NOW})." in shown


@pytest.mark.parametrize(
    ("old", "new"), [('"nodes_positive": "2"', '"nodes_positive": "3"'), ('"high"', '"low"'), ("T3", "T2")]
)
def test_an_accidental_change_is_found(old: str, new: str, saved: Path, run: Run) -> None:
    text = saved.read_text(encoding="utf-8")
    assert old in text
    saved.write_text(text.replace(old, new), encoding="utf-8")
    told = run("verify", saved)
    assert (told.code, told.out) == (2, "")
    assert told.err.endswith("was changed after it was saved: its checksum does not fit\n")


def test_another_layout_of_the_same_file_is_no_change(saved: Path, run: Run) -> None:
    saved.write_text(json.dumps(json.loads(saved.read_text(encoding="utf-8"))), encoding="utf-8")
    assert run("verify", saved).code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"cancer": "breast"}, "is no saved answer; riskcli assess --save FILE writes one"),
        ({**seal({}, {}, "x"), "version": 2}, "was saved by a later riskcli; take that one to verify it"),
    ],
)
def test_what_is_no_saved_answer_is_one_sentence(
    content: dict[str, Any], message: str, tmp_path: Path, run: Run
) -> None:
    file = tmp_path / "x.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    told = run("verify", file)
    assert (told.code, told.out) == (2, "")
    assert message in told.err


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path, run: Run) -> None:
    assert run("verify", tmp_path / "none.json").code == 2


def test_json_says_what_changed(saved: Path, run: Run) -> None:
    data = json.loads(run("verify", saved, "--json").out)
    assert (data["same"], data["changes"]) == (True, [])
    assert data["before"] == data["after"]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), PLAIN), st.dictionaries(st.text(max_size=3), PLAIN))
def test_what_is_sealed_can_be_written_read_and_opened(
    record: dict[str, Any], answer: dict[str, Any]
) -> None:
    kept = unseal(json.loads(json.dumps(seal(record, answer, "2026-11-25"))), "x")
    assert (kept.record, kept.answer) == (record, answer)


def test_a_checksum_that_is_gone_is_a_change() -> None:
    sealed = seal({}, {}, "2026-11-25")
    with pytest.raises(CaseError, match="its checksum does not fit"):
        unseal({key: value for key, value in sealed.items() if key != "checksum"}, "x")


def test_options_that_come_go_or_rest_on_other_criteria_are_told() -> None:
    def answer(*options: dict[str, Any], ruled_out: tuple[str, ...] = ()) -> dict[str, Any]:
        return {
            "likelihood": {"levels": ["low"]},
            "reasons": [{"rule": "r"}],
            "options": list(options),
            "not_supported": [{"id": name, "name": name.title()} for name in ruled_out],
        }

    wash = {"id": "wash", "name": "Washing", "status": "matches", "rules": ["a"]}
    found = changes(
        answer(wash, {**wash, "id": "dry", "name": "Drying"}, ruled_out=("steam",)),
        answer({**wash, "status": "depends"}, {**wash, "id": "iron", "name": "Ironing"}),
    )
    assert [(each.what, each.before, each.after) for each in found] == [
        ("option Washing", "matches", "may match"),
        ("option Drying", "matches", "not offered"),
        ("option Ironing", "not offered", "matches"),
        ("Steam", "not supported", "not listed"),
    ]
    (other,) = changes(answer(wash), answer({**wash, "rules": ["a", "b"]}))
    assert (other.what, other.before, other.after) == ("option Washing, by", "a", "a and b")


def test_a_faulty_local_table_is_refused_unless_it_is_to_go_unchecked(
    saved: Path, tmp_path: Path, run: Run
) -> None:
    rules = tmp_path / "rules"
    packaged(rules, "colon", ("evidence_checked: 2026-11-25", "evidence_checked: 2001-11-25"))
    told = run("--rules", rules, "verify", saved)
    assert (told.code, told.out) == (3, "")
    assert "--unchecked" in told.err
    assert run("--rules", rules, "verify", saved, "--unchecked").code == 0
