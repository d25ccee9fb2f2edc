"""The JSON answer that other programs rely on: every key, with its type, whatever is known of a case.

Keys and words may be added, never taken away: a red test here is a promise about to be broken.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import riskcli
from riskcli.errors import CaseError

RULES = riskcli.load_rules()

OBJECT: type = dict
TEXT, NUMBER, WHOLE, TRUTH, LIST, NOTHING = str, (int, float), int, bool, list, type(None)

KEYS: dict[str, Any] = {
    "schema_version": WHOLE,
    "riskcli": TEXT,
    "cancer": TEXT,
    "title": TEXT,
    "case": OBJECT,
    "assumed": LIST,
    "assumed[].field": TEXT,
    "assumed[].value": (TEXT, NUMBER, LIST),
    "assumed[].why": TEXT,
    "likelihood": OBJECT,
    "likelihood.level": (TEXT, NOTHING),
    "likelihood.levels": LIST,
    "likelihood.levels[]": TEXT,
    "likelihood.lowest": TEXT,
    "likelihood.highest": TEXT,
    "likelihood.meaning": TEXT,
    "likelihood.horizon_years": WHOLE,
    "reasons": LIST,
    "reasons[].rule": TEXT,
    "reasons[].certain": TRUTH,
    "reasons[].level": TEXT,
    "reasons[].basis": TEXT,
    "reasons[].published": (OBJECT, NOTHING),
    "reasons[].published.percent": NUMBER,
    "reasons[].published.endpoint": TEXT,
    "reasons[].published.treated": TEXT,
    "reasons[].published.years": (*NUMBER, NOTHING),
    "reasons[].why": TEXT,
    "reasons[].fields": LIST,
    "reasons[].fields[]": TEXT,
    "reasons[].route": (TEXT, NOTHING),
    "reasons[].sources": LIST,
    "reasons[].sources[]": TEXT,
    "factors": LIST,
    "factors[].field": TEXT,
    "factors[].value": (TEXT, NUMBER, LIST),
    "factors[].says": TEXT,
    "unknown": LIST,
    "unknown[].field": TEXT,
    "unknown[].decides": LIST,
    "unknown[].decides[]": TEXT,
    "unknown[].settles": TEXT,
    "to_settle": LIST,
    "to_settle[]": TEXT,
    "tests_that_could_change_it": LIST,
    "tests_that_could_change_it[]": TEXT,
    "what_would_change_it": LIST,
    "what_would_change_it[].field": TEXT,
    "what_would_change_it[].from": (TEXT, LIST),
    "what_would_change_it[].to": TEXT,
    "what_would_change_it[].lowest": TEXT,
    "what_would_change_it[].highest": TEXT,
    "options": LIST,
    "options[].id": TEXT,
    "options[].rules": LIST,
    "options[].rules[]": TEXT,
    "options[].kind": TEXT,
    "options[].name": TEXT,
    "options[].agents": LIST,
    "options[].agents[]": TEXT,
    "options[].status": TEXT,
    "options[].depends_on": LIST,
    "options[].depends_on[]": TEXT,
    "options[].availability": OBJECT,
    "options[].why": TEXT,
    "options[].sources": LIST,
    "options[].sources[]": TEXT,
    "not_supported": LIST,
    "not_supported[].id": TEXT,
    "not_supported[].kind": TEXT,
    "not_supported[].name": TEXT,
    "not_supported[].why": TEXT,
    "not_supported[].sources": LIST,
    "not_supported[].sources[]": TEXT,
    "likely_sites": LIST,
    "likely_sites[].site": TEXT,
    "likely_sites[].why": TEXT,
    "systems": LIST,
    "warnings": LIST,
    "warnings[]": TEXT,
    "limits": LIST,
    "limits[]": TEXT,
    "uncertainty": TEXT,
    "provenance": OBJECT,
    "provenance.table": TEXT,
    "provenance.status": TEXT,
    "provenance.edition": TEXT,
    "provenance.evidence_checked": TEXT,
    "provenance.reviewed_by": LIST,
    "provenance.review_by": TEXT,
    "provenance.sha256": TEXT,
    "provenance.origin": TEXT,
    "sources": OBJECT,
    "sources{}.title": TEXT,
    "sources{}.year": (WHOLE, NOTHING),
    "sources{}.doi": (TEXT, NOTHING),
    "sources{}.at": TEXT,
    "sources{}.seen": TEXT,
    "sources{}.on": (TEXT, NOTHING),
}

WORDS: dict[str, set[str]] = {
    "likelihood.levels[]": {"low", "intermediate", "high", "very_high"},
    "reasons[].basis": {"direct", "converted", "judgement"},
    "unknown[].settles": {"always", "sometimes", "never"},
    "options[].status": {"matches", "depends"},
    "options[].kind": {
        *("chemotherapy", "radiotherapy", "hormone_therapy", "biological_therapy"),
        *("bone_agent", "surgery", "surveillance"),
    },
    "provenance.status": {"draft", "reviewed"},
    "sources{}.seen": {"full_text", "abstract", "secondary", "not_seen"},
}


def at(data: Any, path: str) -> Iterator[Any]:
    """Give every value that stands at a path; a parent that is null has none."""
    head, _, rest = path.partition(".")
    name = head.removesuffix("[]").removesuffix("{}")
    assert name in data, f"{name} is missing"
    found = [data[name]]
    if head.endswith("[]"):
        found = list(data[name])
    elif head.endswith("{}"):
        found = list(data[name].values())
    for item in found:
        if not rest:
            yield item
        elif item is not None:
            yield from at(item, rest)


def answers() -> dict[str, Mapping[str, Any]]:
    """Return the answer, as another program reads it, to every example of every table."""
    found = {}
    for name in RULES.names:
        cases = [(example["id"], example["case"]) for example in RULES.get(name).table["examples"]]
        for example, case in [*cases, ("nothing-known", {})]:
            try:
                answer = riskcli.assess({"cancer": name, **case}, RULES)
            except CaseError:  # an example of what is out of scope
                continue
            found[f"{name}:{example}"] = json.loads(json.dumps(answer.model_dump(mode="json")))
    return found


ANSWERS = answers()


@pytest.mark.parametrize("path", KEYS)
def test_a_key_is_in_every_answer_with_its_type(path: str) -> None:
    kinds = KEYS[path]
    values = [(example, value) for example, answer in ANSWERS.items() for value in at(answer, path)]
    assert values, "no answer has any"
    for example, value in values:
        assert isinstance(value, kinds), f"{example}: {value!r}"
        assert not isinstance(value, bool) or kinds is TRUTH, f"{example}: {value!r}"


@pytest.mark.parametrize("path", WORDS)
def test_a_word_is_one_of_those_that_are_promised(path: str) -> None:
    assert {value for answer in ANSWERS.values() for value in at(answer, path)} <= WORDS[path]


def test_level_is_set_exactly_when_one_is_left() -> None:
    order = ["low", "intermediate", "high", "very_high"]
    for answer in ANSWERS.values():
        likelihood = answer["likelihood"]
        levels = likelihood["levels"]
        assert levels == sorted(levels, key=order.index)
        assert (likelihood["lowest"], likelihood["highest"]) == (levels[0], levels[-1])
        assert likelihood["level"] == (levels[0] if len(levels) == 1 else None)


def test_what_is_cited_is_listed_and_what_is_listed_is_cited() -> None:
    for answer in ANSWERS.values():
        parts = [*answer["reasons"], *answer["options"], *answer["not_supported"], *answer["systems"]]
        parts += [
            *answer["likely_sites"],
            *(reason["disputed"] for reason in answer["reasons"] if reason["disputed"]),
        ]
        assert {source for part in parts for source in part["sources"]} == set(answer["sources"])


def test_options_that_depend_say_on_what_and_the_others_on_nothing() -> None:
    for answer in ANSWERS.values():
        for option in answer["options"]:
            assert bool(option["depends_on"]) == (option["status"] == "depends")


def test_an_answer_is_plain_json_without_numbers_that_are_none() -> None:
    for answer in ANSWERS.values():
        json.dumps(answer, allow_nan=False)


def test_the_version_of_the_answer_is_the_one_that_is_promised() -> None:
    assert {answer["schema_version"] for answer in ANSWERS.values()} == {1}


def test_the_public_names_are_few() -> None:
    assert set(riskcli.__all__) >= {
        "CaseError",
        "OutOfScope",
        "RiskcliError",
        "RuleFileError",
        "assess",
        "load_rules",
    }
    assert len(riskcli.__all__) <= 10
    for name in riskcli.__all__:
        assert hasattr(riskcli, name)


def test_what_the_public_functions_take_and_give_is_public() -> None:
    rules = riskcli.load_rules()
    assert {"Assessment", "Rules"} <= set(riskcli.__all__)
    assert isinstance(rules, riskcli.Rules)
    assert isinstance(riskcli.assess({"cancer": "other_solid"}, rules), riskcli.Assessment)
