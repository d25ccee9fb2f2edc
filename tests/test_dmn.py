"""Exported decisions: read by a reader of our own, they never say what the engine does not."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from catalogue_side import DUCT, INVENTED, edited
from conftest import Run
from dmn_reader import NAMESPACE, NotPortable, Reading, cell_test, is_id
from hypothesis import given
from hypothesis import strategies as st
from random_tables import Sample, samples

from riskcli.case import read_case
from riskcli.compiled import LEVELS, Compiled
from riskcli.errors import CaseError, OutOfScope, RuleFileError
from riskcli.evaluate import answer_data
from riskcli.interop.cases import agree, case_file, record_of
from riskcli.interop.decisions import Input, Interval
from riskcli.interop.dmn import dmn_xml
from riskcli.interop.known import Model
from riskcli.interop.model import decision_model
from riskcli.loader import Rules, load_rules

RULES = load_rules()
UNKNOWN, OUT, REFUSED = "unknown", "out_of_scope", "refused"
RANDOM_CASES = 120
"""How many random cases are tried of each table."""


class Export:
    """One table, what is made of it, and what the reader reads."""

    def __init__(self, table: Compiled) -> None:
        """Export a table."""
        self.table = table
        self.model: Model = decision_model(table)
        self.text = dmn_xml(table, self.model)
        self.reading = Reading(self.text)
        self.cases: list[dict[str, Any]] = case_file(table, self.model, "x.dmn")["cases"]

    def says(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return the level, the row and the options that the file gives."""
        found: dict[str, Any] = {}
        likelihood = self.reading.decide("likelihood", inputs, found)
        options: dict[str, str] = {}
        if "options" in self.reading.decisions:
            for option in self.reading.decide("options", inputs, found):
                if options.get(option["option"]) != "matches":
                    options[option["option"]] = option["status"]
        return {"level": likelihood["level"], "rule": likelihood["rule"], "options": options}

    def unsupported(self, inputs: dict[str, Any]) -> set[str]:
        """Return what the file says is not supported."""
        if "not_supported" not in self.reading.decisions:
            return set()
        return {item["option"] for item in self.reading.decide("not_supported", inputs)}

    def engine(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return what the engine says."""
        try:
            answer = answer_data(read_case(record_of(self.model, inputs), self.table))
        except OutOfScope:
            return {"levels": [OUT], "options": {}, "not_supported": set(), "rules": set()}
        except (CaseError, RuleFileError):
            return {"levels": [REFUSED], "options": {}, "not_supported": set(), "rules": set()}
        return {
            "levels": answer["likelihood"]["levels"],
            "options": {option["id"]: option["status"] for option in answer["options"]},
            "not_supported": {option["id"] for option in answer["not_supported"]},
            "rules": {reason["rule"] for reason in answer["reasons"]},
        }

    def value(self, rng: random.Random, item: Input) -> Any:
        """Return a value of an input: often one beside a threshold."""
        if item.kind == "string":
            return rng.choice([word for word in item.allowed if word != UNKNOWN])
        if item.name not in self.table.index:
            return rng.randint(0, 40)
        cells = self.table.space.cells[self.table.index[item.name]]
        span = rng.choice(cells.spans)
        (low, _), (high, _) = span
        if cells.domain.integer:
            return rng.choice([low, high - 1, rng.randint(int(low), int(high) - 1)])
        near = [value for value in (low, high, round((low + high) / 2, 3)) if self._inside(value, span)]
        return rng.choice(near)

    @staticmethod
    def _inside(value: float, span: Any) -> bool:
        """Say whether a value lies in a stretch."""
        return span.low <= (value, 0) and (value, 1) <= span.high

    def random_case(self, rng: random.Random, missing: float) -> dict[str, Any]:
        """Return a case of which some inputs are missing."""
        inputs: dict[str, Any] = dict(self.model.premises)
        status = set(self.model.made.values())
        for name, item in self.model.inputs.items():
            if name in self.model.premises or name in status or rng.random() < missing:
                continue
            if name in self.model.made and rng.random() < 0.5:
                inputs[self.model.made[name]] = "not_done"
            else:
                inputs[name] = self.value(rng, item)
        if missing and rng.random() < 0.1:
            inputs.pop(rng.choice(list(self.model.premises)))
        positive, examined = inputs.get("nodes_positive"), inputs.get("nodes_examined")
        if isinstance(positive, int) and isinstance(examined, int) and examined < positive:
            inputs["nodes_examined"] = (
                examined if rng.random() < 0.1 else min(positive + rng.choice([0, 1, 12]), 90)
            )
        return inputs


@cache
def export(name: str) -> Export:
    """Return an export of a packaged table."""
    return Export(RULES.get(name))


def check(found: Export, inputs: dict[str, Any]) -> tuple[list[str], str]:
    """Hold the answer of the file against the engine's; return both levels."""
    engine, says = found.engine(inputs), found.says(inputs)
    levels, level = engine["levels"], says["level"]
    assert level == UNKNOWN or levels == [level], inputs
    if level in LEVELS:
        rows = {row["id"]: row["level"] for row in found.table.table["likelihood"]}
        assert rows[says["rule"]] == level, inputs
    if levels not in ([OUT], [REFUSED]):
        certain = {name for name, status in says["options"].items() if status == "matches"}
        assert certain <= {name for name, status in engine["options"].items() if status == "matches"}, inputs
        assert engine["options"].keys() <= says["options"].keys(), inputs
        assert found.unsupported(inputs) <= engine["not_supported"], inputs
    return levels, level


# ---- the file


@pytest.mark.parametrize("name", RULES.names)
def test_a_file_is_sound_xml_with_ids_that_lead_somewhere(name: str) -> None:
    root = export(name).reading.root
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert [one for one, count in Counter(ids).items() if count > 1] == []
    assert all(map(is_id, ids))
    hrefs = {element.attrib["href"] for element in root.iter() if "href" in element.attrib}
    drawn = {e.attrib["dmnElementRef"] for e in root.iter() if "dmnElementRef" in e.attrib}
    assert {href.removeprefix("#") for href in hrefs} | drawn <= set(ids)
    assert set(export(name).reading.inputs) | export(name).reading.decisions.keys() <= drawn


@pytest.mark.parametrize("name", RULES.names)
def test_every_likelihood_row_stands_in_order_with_its_level_band_and_sources(name: str) -> None:
    found = export(name)
    rows = [rule for rule in found.reading.decisions["likelihood"].rules if not rule.id.endswith(".open")]
    told = [(rule.outputs[0], rule.outputs[2], rule.outputs[3]) for rule in rows if rule.outputs[2]]
    table = found.table.table["likelihood"]
    assert told == [(row["level"], row["id"], ", ".join(row["source"])) for row in table]
    bands = {level["id"]: level["band"] for level in found.table.common["levels"]}
    assert all(bands[rule.outputs[0]] in rule.outputs[1] for rule in rows if rule.outputs[2])


@pytest.mark.parametrize("name", RULES.names)
def test_every_criterion_of_an_option_has_its_row(name: str) -> None:
    found = export(name)
    for part in ("options", "not_supported"):
        wanted = [
            (option["id"], criterion["id"])
            for option in found.table.table.get(part, [])
            for criterion in option["any_of"]
        ]
        rules = found.reading.decisions[part].rules if wanted else []
        rows = [rule.outputs for rule in rules if not rule.id.endswith(".open")]
        assert [(row[0], row[4]) for row in rows] == wanted


@pytest.mark.parametrize("name", RULES.names)
def test_the_head_says_what_everybody_must_know(name: str) -> None:
    found = export(name)
    head = found.reading.root.findtext(f"{NAMESPACE}description") or ""
    table, common = found.table, found.table.common
    for text in (
        *(table.table["edition"], table.digest, "DRAFT, not reviewed by a clinician"),
        *(common["uncertainty"], common["not_considered"], "options to DISCUSS", '"unknown"', "case file"),
    ):
        assert text in head


def test_a_cell_outside_the_portable_forms_is_refused_by_the_reader() -> None:
    for cell in ("-", 'not("a")', "null", "'a'", "? > 3", ">= 1 and < 3", '"a" or "b"', "[1..]", '"a",'):
        with pytest.raises(NotPortable):
            cell_test(cell)


def test_the_reader_lets_nothing_meet_no_test() -> None:
    cells = ('"a"', ">= 0", "< 3", "[0..9)", "0", '"a","b"')
    assert [cell_test(cell)(None) for cell in cells] == [False] * len(cells)
    assert cell_test("")(None)
    assert [cell_test("(1..3]")(value) for value in (1, 1.5, 3, 3.1)] == [False, True, True, False]


# ---- the answers


@pytest.mark.parametrize("name", RULES.names)
def test_every_case_of_the_case_file_is_answered_as_it_says(name: str) -> None:
    found = export(name)
    for case in found.cases:
        assert found.says(case["inputs"]) == case["expected"], case["id"]
        levels, level = check(found, case["inputs"])
        assert (levels, level) == (case["program"]["levels"], case["expected"]["level"])


@pytest.mark.parametrize("name", RULES.names)
def test_a_covering_case_gets_the_level_and_the_row_of_the_engine(name: str) -> None:
    stated = [case for case in export(name).cases if case["id"].startswith("stated-")]
    rows = {row["id"] for row in RULES.get(name).table["likelihood"]}
    assert {case["expected"]["rule"] for case in stated} == rows
    for case in stated:
        assert [case["expected"]["level"]] == case["program"]["levels"]
        assert case["expected"]["rule"] == case["program"]["rule"]


@pytest.mark.parametrize("name", RULES.names)
def test_a_stated_case_gets_the_answer_of_the_engine(name: str) -> None:
    found, rng = export(name), random.Random(name)
    for _ in range(RANDOM_CASES):
        inputs = found.random_case(rng, 0)
        levels, level = check(found, inputs)
        if levels != [REFUSED] and inputs.get("nodes_examined") != 0 and not partly_known(found, inputs):
            assert levels == [level], inputs
            engine = found.engine(inputs)
            assert found.says(inputs)["options"] == engine["options"], inputs
            assert engine["rules"] in (set(), {found.says(inputs)["rule"]}), inputs
            assert found.unsupported(inputs) == engine["not_supported"] or level == OUT, inputs


def partly_known(found: Export, inputs: dict[str, Any]) -> bool:
    """Say whether some input is a group of values."""
    cells = found.table.space.cells
    return any(inputs.get(item.field) in item.domain.groups for item in cells)


@pytest.mark.parametrize("name", RULES.names)
def test_a_case_in_which_something_is_missing_is_never_answered_otherwise(name: str) -> None:
    found, rng = export(name), random.Random(name)
    settled = 0
    for _ in range(RANDOM_CASES):
        settled += check(found, found.random_case(rng, rng.choice([0.05, 0.15, 0.4])))[1] in LEVELS
    assert settled > RANDOM_CASES // 10


@pytest.mark.parametrize("name", RULES.names)
def test_what_no_input_may_be_counts_as_missing(name: str) -> None:
    found, rng = export(name), random.Random(name)
    for _ in range(2):
        inputs = found.random_case(rng, 0)
        for key in inputs.keys() - set(found.model.made.values()):
            without = found.says({k: v for k, v in inputs.items() if k != key})
            for odd in ("", "PRESENT", UNKNOWN, -1, 1e9, True, "3"):
                says = found.says(inputs | {key: odd})
                assert says == without or says["level"] == UNKNOWN, (key, odd, inputs)


def test_a_number_of_a_test_that_was_not_made_is_not_used() -> None:
    found = export("colon")
    both = found.cases[0]["inputs"] | {"cea_ng_ml": 1, "cea_ng_ml_status": "not_done"}
    neither = {key: value for key, value in both.items() if not key.startswith("cea_")}
    assert found.says(both) == found.says(neither)


def test_without_the_rows_that_may_hold_a_missing_input_would_fall_through() -> None:
    found = Export(RULES.get("colon"))
    rules = found.reading.decisions["likelihood"].rules
    rules[:] = [rule for rule in rules if not rule.id.endswith(".open")]
    (case,) = [case for case in found.cases if case["id"] == "without-ctdna"]
    assert case["expected"]["level"] == UNKNOWN
    assert found.says(case["inputs"])["level"] in LEVELS


# ---- tables made at random


@given(st.data())
def test_decisions_of_a_random_table_never_say_what_the_engine_does_not(data: st.DataObject) -> None:
    sample: Sample = data.draw(samples())
    model = decision_model(sample.compiled)
    reading = Reading(dmn_xml(sample.compiled, model))
    found = Export.__new__(Export)
    found.table, found.model, found.reading = sample.compiled, model, reading
    rng = random.Random(data.draw(st.integers(0, 10**6)))
    for _ in range(12):
        check(found, loose(found, rng))


def loose(found: Export, rng: random.Random) -> dict[str, Any]:
    """Return a case of an invented table: any values, some of them missing."""
    status = {name: key for key, name in found.model.made.items()}
    inputs: dict[str, Any] = dict(found.model.premises)
    for name, item in found.model.inputs.items():
        if name not in status and rng.random() < 0.7:
            inputs[name] = found.value(rng, item)
        elif name in status and status[name] not in inputs and rng.random() < 0.7:
            inputs[name] = "not_done"
    return inputs


# ---- the commands


def test_a_directory_gets_a_file_and_its_cases_for_each_table(run_export: Run, tmp_path: Path) -> None:
    told = run_export("colon", "other solid", "--format", "dmn", "--output", tmp_path / "new")
    assert (told.code, told.out) == (0, "")
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["colon.cases.json", "colon.dmn", "other_solid.cases.json", "other_solid.dmn"]
    cases = json.loads((tmp_path / "new" / "colon.cases.json").read_text(encoding="utf-8"))
    assert (cases["decisions"], cases["sha256"]) == ("colon.dmn", RULES.get("colon").digest)
    assert (tmp_path / "new" / "colon.dmn").read_text(encoding="utf-8") == export("colon").text


def test_one_table_goes_to_standard_output_and_several_need_a_directory(run_export: Run) -> None:
    assert Reading(run_export("gist", "--format", "dmn").out).decisions
    told = run_export("gist", "colon", "--format", "dmn")
    assert (told.code, told.out) == (2, "")
    assert told.err == "several tables in dmn are several files; name a directory with --output\n"


def test_where_one_file_cannot_be_written_none_is(run_export: Run, tmp_path: Path) -> None:
    (tmp_path / "gist.cases.json").mkdir()
    told = run_export("colon", "gist", "--format", "dmn", "--output", tmp_path)
    assert told.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["gist.cases.json"]
    (tmp_path / "file").write_text("", encoding="utf-8")
    told = run_export("colon", "--format", "dmn", "--output", tmp_path / "file")
    assert (told.code, told.err) == (2, f"{tmp_path / 'file'} cannot be written (it is no directory)\n")


def test_a_faulty_local_table_is_refused_unless_it_is_taken_unchecked(
    run_export: Run, tmp_path: Path
) -> None:
    edited(tmp_path, DUCT, ("level: low, why: nothing adverse", "level: high, why: nothing adverse"))
    assert run_export(DUCT, "--format", "dmn", "--rules", tmp_path).code == 3
    assert run_export(DUCT, "--format", "dmn", "--rules", tmp_path, "--unchecked").code == 0


HOSTILE = r"""]]> <script> & "four" \n \" ' nodes"""


def test_what_a_table_says_cannot_break_the_file(tmp_path: Path) -> None:
    quoted = HOSTILE.replace("'", "''")
    edited(tmp_path, DUCT, ("why: four nodes", f"why: '{quoted}'"), ("name: Washing", f"name: '{quoted}'"))
    reading = Reading(dmn_xml(table := Rules(tmp_path).get(DUCT), decision_model(table)))
    rules = {rule.id: rule for rule in reading.decisions["likelihood"].rules}
    row = rules["likelihood.nodes-4-or-more"]
    assert row.annotations[0] == HOSTILE
    assert HOSTILE in [rule.outputs[1] for rule in reading.decisions["options"].rules]


def test_a_local_table_is_named_in_the_first_line() -> None:
    table = Rules(INVENTED).get(DUCT)
    root = Reading(dmn_xml(table, decision_model(table))).root
    assert root.attrib["name"].startswith("Local table ")


def test_invented_tables_are_exported_soundly() -> None:
    for name in Rules(INVENTED).names:
        if name in RULES.names:
            continue
        found, rng = Export(Rules(INVENTED).get(name)), random.Random(name)
        for _ in range(RANDOM_CASES):
            check(found, loose(found, rng))


def test_an_answer_that_the_program_does_not_give_is_told_apart() -> None:
    def answer(levels: list[str], **options: str) -> dict[str, Any]:
        return {"levels": levels, "options": options}

    assert agree(answer(["low"], a="matches"), {"level": "low", "options": {"a": "depends"}})
    assert not agree(answer(["low"], a="depends"), {"level": "low", "options": {"a": "matches"}})
    assert not agree(answer(["low"], a="depends"), {"level": "low", "options": {}})
    assert not agree(answer([REFUSED]), {"level": "low", "options": {}})
    assert re.fullmatch(r"\(20\.\.50\]", str(Interval(20, 50, above=True)))
