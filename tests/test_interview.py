"""The questions of `riskcli assess`: which comes next, how an answer is taken, and what is said."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from riskcli.cli import main
from riskcli.compiled import Compiled
from riskcli.errors import CaseError, OutOfScope, listed
from riskcli.interview import Interview, interview
from riskcli.loader import load_rules
from riskcli.quantities import ValueProblem
from riskcli.words import say

RULES = load_rules(Path(__file__).parent / "data" / "report")
LEAF = RULES.get("example_leaf")
COLON = RULES.get("colon")


def talk(table: Compiled = LEAF, **answers: str) -> Interview:
    """Return an interview in which something is already stated."""
    found = Interview(table)
    for name, value in answers.items():
        found.state(name, value)
    return found


def asked(found: Interview) -> list[str]:
    """Return the questions that are asked when every one is skipped."""
    names = []
    while question := found.next_question():
        names.append(question.field)
        found.skip(question.field)
    return names


# ---- which question comes next


def test_questions_for_the_level_come_before_those_for_the_options_each_in_the_tables_order() -> None:
    found = talk()
    order = []
    while question := found.next_question():
        order.append((question.field, question.for_level))
        found.skip(question.field)
    assert order == [
        ("grade", True),
        ("tumour_size_mm", True),
        ("nodes_positive", True),
        ("vascular_invasion", True),
        ("recurrence_score", True),
        ("er", False),
        ("margins", False),
        ("menopausal_status", False),
    ]


def test_only_what_can_still_change_the_answer_is_asked() -> None:
    assert asked(talk(nodes_positive="6")) == ["er", "margins", "menopausal_status"]
    assert asked(talk(nodes_positive="6", er="negative", margins="negative")) == []
    assert "grade" not in asked(talk(nodes_positive="0"))
    assert "menopausal_status" not in asked(talk(nodes_positive="0", er="negative"))


def test_a_question_says_how_many_are_left_and_which_levels_are_still_possible() -> None:
    first = talk().next_question()
    assert first
    assert (first.left, first.levels) == (8, ("low", "intermediate", "high", "very_high"))
    later = talk(nodes_positive="2").next_question()
    assert later
    assert (later.field, later.levels) == ("grade", ("high", "very_high"))


def test_the_number_of_questions_left_is_never_too_small() -> None:
    for answers in ({}, {"nodes_positive": "0"}, {"er": "positive"}, {"nodes_positive": "1..3"}):
        found = talk(**answers)
        question = found.next_question()
        assert question
        assert question.left >= len(asked(found))


def test_an_optional_test_is_asked_about_before_it_counts_as_not_done() -> None:
    assert "recurrence_score" in asked(talk(nodes_positive="0"))
    done = talk(
        nodes_positive="0", tumour_size_mm="5", vascular_invasion="absent", recurrence_score="not_done"
    )
    assert "recurrence_score" not in asked(done)
    assert done.assess().likelihood.levels == ("low",)


def test_what_a_table_assumes_is_asked_about_first() -> None:
    found = talk(nodes_positive="6", er="negative")
    assert asked(found) == ["margins"]
    assert "margins" in found.asked
    assert [item.field for item in found.assess().assumed][-1] == "margins"


def test_skipping_everything_ends_the_questions_and_answers_with_what_is_known() -> None:
    found = talk(nodes_positive="2")
    asked(found)
    assert found.next_question() is None
    assert found.assess().likelihood.levels == ("high", "very_high")


def in_scope(found: Interview, field: str, words: Sequence[str]) -> None:
    """State the first of some values that the table does not turn away."""
    for word in words:
        try:
            found.state(field, word)
        except OutOfScope:
            continue
        return
    found.skip(field)


@pytest.mark.parametrize("name", load_rules().names)
@pytest.mark.parametrize("turn", [0, 1])
def test_the_questions_of_every_table_end_and_their_command_gives_the_same_answer(
    turn: int, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Interview(RULES.get(name))
    for number in range(len(found.fields)):
        question = found.next_question()
        if question is None:
            break
        if (number + turn) % 3 == 2:
            found.skip(question.field)
        else:
            words = found.table.space.cells[found.table.index[question.field]].domain.words
            in_scope(found, question.field, words[-1 - turn :: -1] if words else ("1",))
    assert found.next_question() is None
    command = shlex.split(found.command())
    assert command[:3] == ["riskcli", "assess", name]
    assert main([*command[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == found.assess().model_dump(mode="json")


def test_a_question_that_is_preferred_comes_first_while_it_can_change_something() -> None:
    found = talk()
    assert found.next_question("menopausal_status").field == "menopausal_status"  # type: ignore[union-attr]
    found = talk(nodes_positive="0", er="negative")
    assert found.next_question("menopausal_status").field == "tumour_size_mm"  # type: ignore[union-attr]


# ---- taking an answer


def test_an_answer_is_taken_in_the_reports_own_words() -> None:
    found = talk()
    assert found.state("grade", "G2") == "2"
    assert found.state("vascular_invasion", "not identified") == "absent"
    assert found.state("tumour_size_mm", "25 mm") == "25"
    assert found.state("nodes_positive", "1-3") == "1..3"
    assert found.assess().case == {
        "grade": 2,
        "tumour_size_mm": 25,
        "nodes_positive": "1..3",
        "vascular_invasion": "absent",
    }


def test_several_values_are_read_back_as_a_person_lists_them() -> None:
    assert talk().state("grade", "2/3") == "2 or 3"


def test_unknown_is_an_answer_and_is_not_asked_again() -> None:
    found = talk(grade="unknown")
    assert found.answers == {"grade": "unknown"}
    assert "grade" not in asked(found)


@pytest.mark.parametrize(
    ("name", "typed", "read"),
    [
        ("vascular_invasion", "p", "present"),
        ("vascular_invasion", "AB", "absent"),
        ("menopausal_status", "post", "postmenopausal"),
        ("er", "neg", "negative"),
        ("er", "unk", "unknown"),
        ("recurrence_score", "not", "not_done"),
        ("recurrence_score", "not d", "not_done"),
    ],
)
def test_a_unique_beginning_of_a_word_is_enough(name: str, typed: str, read: str) -> None:
    assert talk().state(name, typed) == read


@pytest.mark.parametrize(
    ("table", "name", "typed", "words"),
    [
        (LEAF, "menopausal_status", "p", '"p" may mean premenopausal or postmenopausal; write more of it'),
        (COLON, "ctdna", "n", '"n" may mean negative or not_done; write more of it'),
    ],
)
def test_an_ambiguous_beginning_is_refused_with_what_it_may_mean(
    table: Compiled, name: str, typed: str, words: str
) -> None:
    found = talk(table)
    with pytest.raises(ValueProblem) as caught:
        found.state(name, typed)
    assert str(caught.value) == words
    assert (found.answers, found.asked) == ({}, [])


@pytest.mark.parametrize("typed", ["n", "no", "u", "x", "-", "..."])
def test_too_little_of_a_word_is_not_read_as_not_done_or_unknown(typed: str) -> None:
    found = talk()
    with pytest.raises(ValueProblem):
        found.state("recurrence_score", typed)
    assert found.answers == {}


def test_a_wrong_value_leaves_everything_as_it_was() -> None:
    found = talk(grade="2")
    with pytest.raises(ValueProblem, match="is not allowed"):
        found.state("grade", "7")
    assert (found.answers, found.asked) == ({"grade": "2"}, ["grade"])


def test_a_contradiction_leaves_everything_as_it_was() -> None:
    found = talk(COLON, nodes_examined="3")
    with pytest.raises(CaseError, match="5 is more than nodes_examined"):
        found.state("nodes_positive", "5")
    assert found.answers == {"nodes_examined": "3"}


def test_an_answer_that_leaves_the_scope_is_kept_and_told() -> None:
    found = talk()
    with pytest.raises(OutOfScope, match="Distant spread is known"):
        found.state("metastasis", "present")
    assert found.answers == {"metastasis": "present"}


def test_an_empty_value_takes_a_field_back() -> None:
    found = talk(grade="2", er="positive")
    assert found.state("grade", "") == "not stated"
    assert (found.answers, found.asked) == ({"er": "positive"}, ["er"])
    assert found.state("grade", " ") == "not stated"


def test_a_reference_is_carried_along() -> None:
    found = talk(ref="Case 7")
    assert found.assess().ref == "Case 7"
    assert found.command() == "riskcli assess example_leaf --ref 'Case 7'"


@pytest.mark.parametrize("name", ["cancer", "her2", "ctdna"])
def test_a_field_of_another_table_is_refused(name: str) -> None:
    with pytest.raises(ValueProblem, match="is not used for example_leaf"):
        talk().state(name, "x")


def test_back_forgets_the_last_field_and_its_value() -> None:
    found = talk(grade="2", er="positive")
    found.skip("nodes_positive")
    assert [found.back() for _ in range(4)] == ["nodes_positive", "er", "grade", None]
    assert (found.answers, found.asked) == ({}, [])


def test_skipping_twice_counts_once_and_drops_a_value() -> None:
    found = talk(grade="2")
    found.skip("grade")
    found.skip("grade")
    assert (found.answers, found.asked) == ({}, ["grade"])


def test_the_command_is_one_line_that_a_shell_reads_back() -> None:
    found = talk(tumour_size_mm=">20", vascular_invasion="not identified", nodes_positive=">=1")
    command = found.command()
    assert "\n" not in command
    assert shlex.split(command) == [
        *("riskcli", "assess", "example_leaf", "--tumour-size-mm", ">20"),
        *("--vascular-invasion", "not identified", "--nodes-positive", ">=1"),
    ]


# ---- the talk at a terminal


class Person:
    """Someone who types lines, and everything that is written to them."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = iter(lines)
        self.screen = ""

    def read(self) -> str:
        line = next(self.lines, None)
        return "" if line is None else f"{line}\n"

    def write(self, text: str) -> None:
        self.screen += text


def told(*lines: str, width: int = 200) -> tuple[Person, Any]:
    """Let a person type lines, and return what they were told and what came of it."""
    person = Person(lines)
    return person, interview(RULES, person.read, person.write, width)


def test_a_whole_talk_gives_the_table_the_record_and_the_command() -> None:
    person, found = told("leaf", "G2", "25", "2", "neg", "")
    assert found
    table, record, command = found
    assert table.name == "example_leaf"
    assert record == {"grade": "G2", "tumour_size_mm": "25", "nodes_positive": "2", "er": "neg"}
    assert command == "riskcli assess example_leaf --grade G2 --tumour-size-mm 25 --nodes-positive 2 --er neg"
    assert "grade is read as 2." in person.screen
    assert "er is read as negative." in person.screen
    assert "tumour_size_mm is read as" not in person.screen


def test_every_prompt_says_how_many_are_left_and_what_is_still_possible() -> None:
    person, _ = told("example_leaf", "2", "", "2", "quit")
    assert (
        "[at most 8 questions left; still possible: low, intermediate, high or very high]\n" in person.screen
    )
    assert "histological grade\ngrade (1/2/3)> " in person.screen
    assert "largest diameter\ntumour_size_mm (0..200 mm)> " in person.screen
    assert "[at most 3 questions left; still possible: high]\n" in person.screen


def test_the_last_question_is_called_so() -> None:
    person, found = told("example_leaf", "nodes_positive=6", "er=negative", "done")
    assert found
    assert "[last question; still possible: very high]" in person.screen


def test_it_is_said_when_only_the_options_are_left() -> None:
    person, _ = told("example_leaf", "nodes_positive=6", "done")
    said = "The level is settled as far as it can be; the rest matters to the options only.\n"
    assert person.screen.count(said) == 1
    assert "grade (1/2/3)> " in person.screen.split(said)[0]
    assert person.screen.split(said)[1].endswith("er (negative/positive)> ")


def test_the_premises_and_the_commands_are_told_once_at_the_beginning() -> None:
    person, _ = told("example_leaf", "done")
    assert person.screen.count(say("interview.help")) == 1
    words = " ".join(person.screen.split())
    assert "Taken as so: no known distant spread, first occurrence, all visible cancer removed," in words
    assert "If not, say which: metastasis=..., disease=..., local_treatment=... or" in words


def test_part_of_any_name_finds_the_cancer() -> None:
    person, found = told("bowel cancer", "done")
    assert found[0].name == "colon"
    assert COLON.table["title"] in person.screen


def test_the_exact_name_wins_over_names_that_contain_it() -> None:
    assert told("Colon", "done")[1][0].name == "colon"


def test_an_ambiguous_part_of_a_name_is_answered_with_the_choice() -> None:
    person, found = told("carcinoma of", "colon", "done")
    assert "That fits " in person.screen
    assert found[0].name == "colon"


@pytest.mark.parametrize("typed", ["", "?"])
def test_enter_or_a_question_mark_lists_the_cancers(typed: str) -> None:
    person, _ = told(typed, "colon", "done")
    assert f"Write one of {listed(RULES.names)}, or part" in " ".join(person.screen.split())


def test_a_cancer_without_a_table_gets_its_sentence_and_is_asked_again() -> None:
    person, found = told("lymphoma", "zzz", "colon", "done")
    assert found[0].name == "colon"
    assert "Lymphoma is " in person.screen
    assert '"zzz" is not a cancer with a rule table' in person.screen
    assert person.screen.count("cancer> ") == 3


@pytest.mark.parametrize("word", ["quit", "exit", "Quit"])
def test_quit_ends_without_an_answer_and_prints_the_command_so_far(word: str) -> None:
    person, found = told("example_leaf", "2", word)
    assert found is None
    assert person.screen.endswith("So far:\n  riskcli assess example_leaf --grade 2\n")
    person, found = told(word)
    assert found is None


def test_the_end_of_the_input_ends_without_an_answer() -> None:
    for lines in ((), ("example_leaf",), ("example_leaf", "2")):
        person, found = told(*lines)
        assert found is None
        assert person.screen.endswith("\nThe input ended.\n")


def test_a_question_mark_says_what_it_is_where_it_stands_and_what_happens_without_it() -> None:
    person, _ = told("example_leaf", "?", "done")
    assert (
        "histological grade\nWhere: Pathology report\nNot stated: left open, any value may be true.\n"
        in person.screen
    )
    assert person.screen.count("grade (1/2/3)> ") == 2
    person, _ = told(
        "example_leaf", "nodes_positive=0", "tumour_size_mm=5", "vascular_invasion=absent", "?", "done"
    )
    assert "Optional: not stated means not done.\n" in person.screen
    assert "left open" not in person.screen
    person, _ = told("example_leaf", "nodes_positive=6", "er=negative", "?", "done")
    assert "Not stated: taken as negative, because a positive cut edge is always reported\n" in person.screen


def test_several_assumed_values_are_listed() -> None:
    person = Person(
        ("example_duct", "grade=1", "invasion=absent", "pattern=usual", "nodes_positive=0", "?", "done")
    )
    duct = load_rules(Path(__file__).parent / "data" / "rules")
    assert interview(duct, person.read, person.write)
    assert "Not stated: taken as E1, E2 or E3, because E4 is always reported\n" in person.screen


def test_back_asks_the_question_before_again() -> None:
    person, found = told("example_leaf", "2", "back", "3", "done")
    assert found[1] == {"grade": "3"}
    assert "grade is open again.\n" in person.screen


def test_back_asks_the_same_question_even_when_an_earlier_one_is_open_again() -> None:
    person, found = told("example_leaf", "grade=", "nodes_positive=0", "nodes_positive=2", "back", "quit")
    assert found is None
    after = person.screen.split("nodes_positive is open again.\n")[1]
    assert "\nnodes_positive (0..30)> " in after


@pytest.mark.parametrize("line", ["?", "x=1", "er=perhaps", "er=positive", "99", "metastasis=absent"])
def test_a_question_that_was_gone_back_to_stays_until_it_is_answered(line: str) -> None:
    person, _ = told("example_leaf", "grade=", "nodes_positive=2", "back", line, "quit")
    after = person.screen.split("nodes_positive is open again.\n")[1]
    assert after.count("\nnodes_positive (0..30)> ") == 2
    assert "grade (1/2/3)> " not in after


def test_back_at_the_first_question_says_so() -> None:
    person, found = told("example_leaf", "back", "3", "done")
    assert "This is the first question.\n" in person.screen
    assert found[1] == {"grade": "3"}


def test_any_field_may_be_stated_at_any_time() -> None:
    person, found = told("example_leaf", "Lymphovascular invasion = not identified", "ref=7=8", "done")
    assert found[1] == {"vascular_invasion": "not identified", "ref": "7=8"}
    assert "vascular_invasion is read as absent.\n" in person.screen
    assert person.screen.count("grade (1/2/3)> ") == 3


def test_a_field_may_be_taken_back() -> None:
    person, found = told("example_leaf", "er=positive", "er=", "done")
    assert found[1] == {}
    assert "er is read as not stated.\n" in person.screen


def test_a_bound_is_not_taken_for_a_field_and_its_value() -> None:
    _, found = told("example_leaf", "2", ">=21", "<=3", "done")
    assert found[1] == {"grade": "2", "tumour_size_mm": ">=21", "nodes_positive": "<=3"}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("7", "grade: 7 is not allowed for example_leaf; use 1, 2 or 3 (leave it out if unknown)."),
        ("nodes_positve=2", '"nodes_positve" is not a field of example_leaf; did you mean nodes_positive?'),
        ("x=2", '"x" is not a field of example_leaf'),
        ("her2=positive", "her2 is not used for example_leaf."),
        ("cancer=colon", "cancer is not used for example_leaf."),
        ("er=perhaps", 'er: "perhaps" is not allowed for example_leaf; use negative or positive'),
        (
            "menopausal_status=p",
            'menopausal_status: "p" may mean premenopausal or postmenopausal; write more of it.',
        ),
    ],
)
def test_a_wrong_line_gets_a_sentence_and_the_same_question(line: str, sentence: str) -> None:
    person, found = told("example_leaf", line, "3", "done")
    assert sentence in person.screen
    assert found[1] == {"grade": "3"}
    assert person.screen.count("grade (1/2/3)> ") == 2


def test_a_contradiction_gets_its_sentence_and_the_same_question() -> None:
    person, found = told("colon", "nodes_examined=1", "T3", "5", "1", "done")
    assert "nodes_positive: 5 is more than nodes_examined (1).\n" in person.screen
    assert found[1] == {"nodes_examined": "1", "t_category": "T3", "nodes_positive": "1"}


def test_a_field_that_is_done_makes_its_question_pass() -> None:
    person, _ = told("example_leaf", "grade=3", "done")
    assert person.screen.count("grade (1/2/3)> ") == 1


def test_an_answer_out_of_scope_ends_the_talk() -> None:
    with pytest.raises(OutOfScope, match="Distant spread is known"):
        told("example_leaf", "metastasis=present")


def test_the_talk_ends_by_itself_when_nothing_more_matters() -> None:
    found = told("example_leaf", "nodes_positive=6", "er=negative", "margins=negative")[1]
    assert found
    assert found[1] == {"nodes_positive": "6", "er": "negative", "margins": "negative"}


def test_texts_are_broken_to_the_width_but_never_the_command() -> None:
    person, _ = told("example_leaf", *["er=positive", "menopausal_status=postmenopausal", "quit"], width=40)
    for line in person.screen.splitlines():
        assert len(line) <= 40 or line.startswith("  riskcli assess ") or "> " in line or line.startswith("[")
