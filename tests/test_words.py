"""The sentences of the program: each is in the file and used, none in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from conftest import Run
from words_side import (
    LEFT,
    PACKAGE,
    RIGHT,
    leaves,
    outside,
    stray_words,
    used_keys,
    uses,
    uses_in_template,
    wrong_uses,
)

from riskcli import changes, diff, patients, tables, words
from riskcli.cohort import comparators, outcomes, validation
from riskcli.compiled import LEVELS

TEMPLATES = sorted((PACKAGE / "report").glob("*.jinja"))
WORDS = words._read()
SENTENCES = dict(leaves(WORDS))


MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "words.py"]
IN_CODE = list(uses(MODULES))
IN_TEMPLATES = [use for path in TEMPLATES for use in uses_in_template(path)]
OWN = ("lists.and", "lists.or", "hints.did_you_mean", "counts.row.one", "counts.row.several")
"""What `riskcli.words` says itself, and in its examples."""


# ---- the file and the code


def test_enough_is_looked_at() -> None:
    assert len(IN_CODE) > 500
    assert len(IN_TEMPLATES) > 20
    assert {use.where.partition(":")[0] for use in IN_CODE} >= {"report/tables.py", "cli/cohort.py"}


def test_what_is_said_is_in_the_file_with_the_names_that_are_put_in() -> None:
    assert wrong_uses([*IN_CODE, *IN_TEMPLATES]) == []


def test_every_sentence_of_the_file_is_said_somewhere() -> None:
    used = used_keys(MODULES) | {key for use in IN_TEMPLATES for key in use.keys}
    assert [key for key in SENTENCES if key not in used and key not in OWN] == []


def test_a_pair_has_both_its_forms() -> None:
    ends = {key.rpartition(".")[0] for key in SENTENCES if key.endswith((".one", ".several"))}
    assert [start for start in ends if not {f"{start}.one", f"{start}.several"} <= SENTENCES.keys()] == []


def test_what_data_call_something_has_its_words() -> None:
    answers = {diff.NOT_ANSWERED, diff.ABSENT, diff.OFFERED, diff.NOT_LISTED, diff.LISTED, diff.TURNED_AWAY}
    answers |= {changes.NO_VALUE, changes.WARNED_OF, patients.REFUSED}
    verdicts = {validation.INSIDE, validation.BELOW, validation.ABOVE, validation.UNJUDGED}
    for key, codes in (
        ("diff.answers", answers),
        ("diff.besides", set(changes.KINDS) - {"reading"}),
        ("diff.nothing_of", set(changes.KINDS)),
        ("validation.verdicts", verdicts),
        (
            "validation.reasons",
            {outcomes.MISSING, outcomes.NO_NUMBER, outcomes.NEGATIVE, outcomes.DATE, outcomes.NINES},
        ),
        ("validation.systems", {comparators.NODES_ALONE, comparators.GRADE_ALONE}),
        ("codes.levels", set(LEVELS)),
        ("codes.basis", set(get_args(tables.Basis))),
        ("codes.seen", set(get_args(tables.Seen))),
        ("codes.source_kinds", set(get_args(tables.SourceKind))),
        ("codes.panel", set(get_args(tables.FieldSpec.model_fields["panel"].annotation))),
        ("codes.status", set(get_args(tables.Table.model_fields["status"].annotation))),
    ):
        assert set(words.section(key)) == codes, key


def test_a_sentence_says_what_it_is_given_and_never_reads_it_as_a_sentence() -> None:
    assert words.say("explain.in_general", topic="{others}", others="{0}") == (
        "{others} is told in general only; {0} take a cancer"
    )


def test_the_built_sentences_are_those_of_the_file_and_are_left_alone_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "BUILT", tmp_path)
    path = words.build(tmp_path)
    assert words._sentences.__wrapped__() == WORDS
    path.write_text(path.read_text("utf-8").replace("degrees", "steps"), "utf-8")
    assert words._sentences.__wrapped__()["counts"]["degree"]["several"] == "{number} steps"
    path.write_text(re.sub('"digest": "..', '"digest": "zz', path.read_text("utf-8")), "utf-8")
    assert words._sentences.__wrapped__() == WORDS


# ---- no sentence in the code

CLEAN = (
    *(f"report/{path.name}" for path in sorted((PACKAGE / "report").glob("*.py"))),
    *("agreement.py", "catalogue.py", "changes.py", "diff.py", "kappa.py", "marked.py", "patients.py"),
    *("revisions.py", "saved.py", "what_if.py", "why.py"),
    *(f"cohort/{name}.py" for name in ("comparators", "gaps", "judging", "survival", "validation")),
)
"""The modules that show text to people and hold no sentence of their own."""
NOT_FOR_PEOPLE = {
    # What data call something; words.yaml has the words for it.
    *(diff.NOT_ANSWERED, diff.ABSENT, diff.NOT_LISTED, diff.LISTED, diff.TURNED_AWAY),
    *(changes.NO_VALUE, changes.WARNED_OF, validation.UNJUDGED),
    *(comparators.NODES_ALONE, comparators.GRADE_ALONE),
    # The mark of a saved answer, a command line, a link, and the names of methods.
    *("riskcli saved answer", "riskcli explain {} {}", '<a href="#source-{0}">[{0}]</a>', "Harrell"),
}
_TWO_WORDS = re.compile(r"(?<![\w{-])[A-Za-z{][\w{}']*[,;:]? [a-z]{2,}|[a-z]{2,}[,;:]? \{|^[A-Z][a-z]+[.:]?$")
"""Two words in a row, a word before what is put in, or a heading."""
_NAMES = re.compile(r"^(?:doi|PMID|sha256|riskcli) (?=\{\})")
"""What stands before an identifier in every language."""


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Give the texts of a module with their lines, without docstrings and tables of what codes mean."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out = [
        node for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    left_out += [
        node
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) in ("CODES", "KINDS")
    ]
    skipped = {id(part) for node in left_out for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            yield (
                node.lineno,
                "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values),
            )  # type: ignore[misc]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value


def sentences_in(path: Path) -> list[str]:
    """Return what looks like a sentence or a heading among the texts of a module."""
    return [
        f"{path.name}:{line}: {text}"
        for line, text in texts(path)
        if _TWO_WORDS.search(_NAMES.sub("", text)) and text not in NOT_FOR_PEOPLE
    ]


@pytest.mark.parametrize("name", CLEAN)
def test_a_module_that_shows_text_holds_no_sentence(name: str) -> None:
    assert sentences_in(PACKAGE / name) == []


def test_a_sentence_in_the_code_is_found(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        '"""What it does."""\n'
        'A = "too few"\nB = f"{1} of {2}, each"\nC = f"row {1}"\nD = "Level"\n'
        'E = f"{1}: {2}"\nF = "report.words"\nG = "nodes_positive"\nH = f"- {1}"\n',
        encoding="utf-8",
    )
    found = [int(text.split(":")[1]) for text in sentences_in(path)]
    assert found == [2, 3, 4, 5]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_words_of_its_own(path: Path) -> None:
    assert template_words(path.read_text(encoding="utf-8")) == ["riskcli"] * (
        path.name == "document.html.jinja"
    )


def template_words(text: str) -> list[str]:
    """Return the words between the tags of a template, and those of attributes that are read out."""
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|<style>.*?</style>", "", text, flags=re.DOTALL)
    read_out = re.findall(r'(?:alt|aria-label|title|placeholder)="([^"]*)"', text)
    return re.findall(r"[A-Za-z]+", " ".join([re.sub(r"<[^>]*>", " ", text), *read_out]))


def test_words_of_a_template_are_found() -> None:
    assert template_words('<p title="so">{{ say("a") }} is <b>{% if x %}not{% endif %}</b></p>') == [
        "is",
        "not",
        "so",
    ]


def test_a_word_without_marks_is_found() -> None:
    text = f"{LEFT}of {LEFT}3{RIGHT} rows{RIGHT} too few 5 {LEFT}x{RIGHT} grade_2"
    assert stray_words(text, data="grade") == ["too", "few"]
    with pytest.raises(AssertionError):
        outside(f"{LEFT}a")
    with pytest.raises(AssertionError):
        outside(f"a{RIGHT}")


def test_an_answer_in_json_reads_no_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> None:
        raise AssertionError("a sentence was read")

    monkeypatch.setattr(words, "_sentences", never)
    assert run("assess", "breast", "--grade", "3", "--nodes-positive", "2", "--json").code == 0
    assert run("assess", "breast", "--grade", "3", "--nodes-positive", "2").code != 0, "a report reads some"
