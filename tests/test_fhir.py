"""People in FHIR, read whole: what becomes of each, beside what a foreign library says of the same file.

The readings of the files under `data/fhir` are kept in `readings.txt` beside them, for a person to read.
Record them again, on purpose and after reading them, with `RISKCLI_RECORD=1 pytest tests/test_fhir.py`.
"""

from __future__ import annotations

import copy
import json
import os
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

import riskcli
from riskcli.errors import CaseError
from riskcli.interop.fhir import read_bundle, read_resources
from riskcli.interop.readings import Reading
from riskcli.loader import load_rules

HERE = Path(__file__).parent
FILES = sorted((HERE / "data" / "fhir").glob("*.json"))
SNAPSHOT = HERE / "data" / "fhir" / "readings.txt"
NAMES = [path.stem for path in FILES]
WIDTH = 100


def data_of(name: str) -> Any:
    """Return what a file holds."""
    return json.loads((HERE / "data" / "fhir" / f"{name}.json").read_text(encoding="utf-8"))


def listed(heading: str, lines: list[str]) -> Iterator[str]:
    """Give a list under a heading; nothing when it is empty."""
    if lines:
        yield heading
        for line in lines:
            yield from textwrap.wrap(line, WIDTH, initial_indent="  - ", subsequent_indent="    ")


def shown(name: str) -> str:
    """Return what became of a file, as it is kept for a person to read."""
    reading = read_bundle(data_of(name))
    lines = [f"== {name}"]
    lines += [f"{item.field:22} {item.value!s:18} {item.source}" for item in reading.found]
    lines += listed("notes", [*reading.notes])
    try:
        answer = riskcli.assess(reading.record)
        lines += listed("warnings", [*answer.warnings])
        lines.append(f"levels: {', '.join(answer.likelihood.levels)}")
    except CaseError as error:
        lines += listed("no answer", list(map(str, error.problems)))
    return "\n".join(lines) + "\n"


def test_every_reading_is_as_a_person_has_read_it() -> None:
    text = "\n".join(map(shown, NAMES))
    if os.environ.get("RISKCLI_RECORD"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8")


# ---- beside a foreign library


def typed(name: str) -> dict[str, Any]:
    """Return the resources of a file as the library's models, by id; it refuses what is not valid."""
    data = data_of(name)
    model = get_fhir_model_class(data["resourceType"]).model_validate(data)
    entries = getattr(model, "entry", None)
    found = [entry.resource for entry in entries] if entries else [model, *model.contained]
    return {resource.id: resource for resource in found}


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_library_holds_each_file_for_valid(name: str) -> None:
    assert typed(name)


def test_the_values_are_those_that_a_foreign_library_sees() -> None:
    record = read_bundle(data_of("breast_mcode")).record
    seen = typed("breast_mcode")
    longest = seen["size"].component[0]
    assert longest.code.coding[0].code == "33728-7"
    assert record["tumour_size_mm"] == float(longest.valueQuantity.value) * 10
    assert record["nodes_examined"] == seen["sentinel"].component[0].valueQuantity.value
    assert record["recurrence_score"] == seen["rs"].valueQuantity.value
    assert seen["er"].valueCodeableConcept.coding[0].display.lower() == record["er"]
    assert f"Nottingham grade {record['grade']}" == seen["grade"].valueCodeableConcept.coding[0].display
    assert f" {record['t_category']} " in seen["pt"].valueCodeableConcept.coding[0].display
    born, operated = seen["p1"].birthDate, seen["op"].performedDateTime
    assert record["age_years"] == operated.year - born.year - (
        (operated.month, operated.day) < (born.month, born.day)
    )


def test_markers_are_sorted_by_the_day_of_the_operation_as_a_foreign_library_sees_it() -> None:
    record = read_bundle(data_of("prostate_markers")).record
    seen = typed("prostate_markers")
    day = seen["op"].performedDateTime
    dated = [seen[name] for name in ("psa0", "psa1", "psa2")]
    before = [item for item in dated if item.effectiveDateTime <= day]
    after = [item for item in dated if item.effectiveDateTime > day]
    latest = max(before, key=lambda item: item.effectiveDateTime)
    assert record["preoperative_psa_ng_ml"] == float(latest.valueQuantity.value)
    (only,) = after
    assert record["psa_ng_ml"] == f"{only.valueQuantity.comparator}{only.valueQuantity.value}"


# ---- the same people in other wrappings


def resources(name: str) -> list[dict[str, Any]]:
    """Return the resources of a bundle."""
    return [entry["resource"] for entry in data_of(name)["entry"]]


BUNDLES = [name for name in NAMES if data_of(name)["resourceType"] == "Bundle"]


@pytest.mark.parametrize("name", BUNDLES)
def test_a_list_of_resources_is_read_as_their_bundle(name: str) -> None:
    assert read_resources(resources(name)) == read_bundle(data_of(name))
    inside = {"resourceType": "Bundle", "type": "batch", "entry": [{"resource": data_of(name)}]}
    assert read_bundle(inside) == read_bundle(data_of(name))


@pytest.mark.parametrize("name", BUNDLES)
def test_the_order_of_the_resources_does_not_matter(name: str) -> None:
    turned = read_resources(resources(name)[::-1])
    assert turned.record == read_bundle(data_of(name)).record
    assert sorted(turned.notes) == sorted(read_bundle(data_of(name)).notes)


@pytest.mark.parametrize("name", BUNDLES)
def test_a_resource_given_twice_counts_once(name: str) -> None:
    found = resources(name)
    assert read_resources(found + copy.deepcopy(found)) == read_resources(found)


def test_of_two_versions_of_a_resource_the_later_counts() -> None:
    found = resources("breast_mcode")
    old = next(item for item in found if item["id"] == "er")
    new = copy.deepcopy(old)
    new["meta"]["lastUpdated"] = "2018-05-01T00:00:00Z"
    new["valueCodeableConcept"]["coding"][0] = {"system": "http://loinc.org", "code": "LA6577-6"}
    for order in ([new, *found], [*found, new]):
        assert read_resources(order).record["er"] == "negative"


# ---- hostile input

KEYS = st.sampled_from(
    [
        *(
            "resourceType",
            "entry",
            "resource",
            "contained",
            "id",
            "meta",
            "profile",
            "code",
            "coding",
            "system",
        ),
        *(
            "valueQuantity",
            "value",
            "comparator",
            "unit",
            "valueCodeableConcept",
            "component",
            "valueRange",
            "low",
        ),
        *(
            "status",
            "subject",
            "reference",
            "bodySite",
            "extension",
            "url",
            "text",
            "display",
            "focus",
            "outcome",
        ),
        *(
            "effectiveDateTime",
            "performedPeriod",
            "start",
            "birthDate",
            "gender",
            "verificationStatus",
            "category",
        ),
    ]
)
WORDS = st.sampled_from(
    [
        *(
            "Bundle",
            "Observation",
            "Condition",
            "Patient",
            "Procedure",
            "http://loinc.org",
            "21893-3",
            "33728-7",
        ),
        *(
            "http://snomed.info/sct",
            "254837009",
            "44648-4",
            "384625004",
            "pT2",
            "final",
            "completed",
            "cm",
            "#a",
        ),
        *("\x1b[31m", "9" * 400, "", "2018", "2018-13-99", "{score}", "\ud800"),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | st.text(max_size=5)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=30,
)


@given(JSON)
def test_any_json_is_read_or_refused_in_a_sentence(data: Any) -> None:
    for cancer in (None, "breast"):
        held(read_bundle(data, cancer))


@given(st.sampled_from(NAMES), st.data())
def test_a_broken_bundle_is_read_or_refused_in_a_sentence(name: str, draw: st.DataObject) -> None:
    data = data_of(name)
    for _ in range(draw.draw(st.integers(1, 4))):
        holder, key = draw.draw(st.sampled_from(places(data)))
        holder[key] = draw.draw(JSON)
    held(read_bundle(data))


def places(data: Any) -> list[tuple[Any, Any]]:
    """Return every place in data at which something else could stand."""
    found: list[tuple[Any, Any]] = []
    stack = [data]
    while stack:
        item = stack.pop()
        keys = item.keys() if isinstance(item, dict) else range(len(item)) if isinstance(item, list) else ()
        for key in keys:
            found.append((item, key))
            stack.append(item[key])
    return found


RULES = load_rules()


def held(reading: Reading) -> None:
    """Check that a reading can be assessed or refused, and written down."""
    json.dumps(reading.data())
    if reading.refused:
        assert all(problem.message for problem in reading.refused.problems)
        return
    with suppress(CaseError):
        try:
            riskcli.assess(reading.record, RULES)
        except CaseError as error:
            raise reading.explained(error) from None
