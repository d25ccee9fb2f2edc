"""Files of FHIR to patients: one reading each, in order, whatever the files are; nothing is left behind."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import sys
import tempfile
import tracemalloc
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskcli.cohort.fhir_files as module
import riskcli.cohort.fhir_index as index_module
import riskcli.cohort.fhir_lines as lines_module
import riskcli.cohort.fhir_unread as unread_module
from riskcli.cohort.fhir_bundles import by_patient, resources_of
from riskcli.cohort.fhir_files import FhirFiles
from riskcli.cohort.fhir_index import PatientIndex
from riskcli.cohort.fhir_lines import split
from riskcli.errors import CaseError, Problem
from riskcli.interop.fhir_file import LIMITS
from riskcli.interop.readings import Found, Reading


def read(data: Any) -> Reading:
    """Read what these tests write: every number of an observation, in order."""
    if not isinstance(data, Mapping | Sequence) or isinstance(data, str):
        raise CaseError([Problem(None, None, "no bundle")])
    resources = resources_of(data) if isinstance(data, Mapping) else data
    found = [
        Found("grade", resource["valueInteger"], "")
        for resource in resources
        if resource["resourceType"] == "Observation"
    ]
    return Reading("test", tuple(found))


def patient(name: str) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": name}


def grade(name: str, value: int, form: str = "Patient/{}") -> dict[str, Any]:
    return {"resourceType": "Observation", "subject": {"reference": form.format(name)}, "valueInteger": value}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def lines(file: Path, *resources: Any) -> Path:
    """Write lines; text as it stands."""
    text = "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in resources)
    if file.suffix == ".gz":
        file.write_bytes(gzip.compress(text.encode()))
    else:
        file.write_text(text, encoding="utf-8")
    return file


def told(path: Path | str) -> list[tuple[Any, list[Any], str]]:
    """Return of each reading its reference, its grades, and why it is no case."""
    return [
        (
            reading.record.get("ref"),
            [found.value for found in reading.found if found.field == "grade"],
            str(reading.refused or ""),
        )
        for reading in FhirFiles(str(path), read).readings()
    ]


# ---- bundles


def test_a_directory_of_bundles_gives_one_reading_a_file_sorted_by_name(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps(bundle(patient("x"), grade("x", 2))), encoding="utf-8")
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    (tmp_path / "c.json.gz").write_bytes(gzip.compress(json.dumps(bundle(grade("y", 3))).encode()))
    (tmp_path / "d.json").write_text("7", encoding="utf-8")
    (tmp_path / "e.json").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "deeper").mkdir()
    found = told(tmp_path)
    assert [(ref, grades) for ref, grades, _ in found] == [
        ("a.json", []),
        ("x", [2]),
        ("y", [3]),
        ("d.json", []),
        ("e.json", []),
    ]
    assert "is not JSON" in found[0][2]
    assert [why for _, _, why in found[1:3]] == ["", ""]
    assert found[3][2] == "no bundle"
    assert "UTF" in found[4][2]


def test_an_empty_file_keeps_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.json").touch()
    (tmp_path / "b.json").write_text(json.dumps(bundle()), encoding="utf-8")
    assert [ref for ref, _, _ in told(tmp_path)] == ["a.json", "b.json"]
    assert "is empty" in told(tmp_path)[0][2]


def test_a_file_that_is_one_bundle_is_a_cohort_of_one(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text(json.dumps(bundle(grade("x", 2)), indent=2), encoding="utf-8")
    assert told(file) == [("x", [2], "")]


def test_bundles_in_lines_keep_their_places_the_wrong_ones_with_the_reason(tmp_path: Path) -> None:
    file = lines(tmp_path / "x.ndjson.gz", "{", bundle(grade("a", 1)), "", "[1", bundle(grade("b", 3)))
    found = told(file)
    assert [grades for _, grades, _ in found] == [[], [1], [], [3]]
    assert [bool(why) for _, _, why in found] == [True, False, True, False]
    assert [ref for ref, _, _ in found] == ["x.ndjson.gz, line 1", "a", "x.ndjson.gz, line 4", "b"]


def test_several_patients_in_a_bundle_are_told_apart(tmp_path: Path) -> None:
    mixed = bundle(patient("a"), patient("b"), grade("b", 3), grade("a", 1), {"resourceType": "Organization"})
    (tmp_path / "x.json").write_text(json.dumps(mixed), encoding="utf-8")
    assert [grades for _, grades, _ in told(tmp_path)] == [[1], [3]]
    without = bundle(grade("a", 1), grade("b", 3), grade("a", 2))
    assert {name: len(part["entry"]) for name, part in by_patient(without).items()} == {"a": 2, "b": 1}


def test_a_patient_is_known_by_the_address_of_the_entry_too() -> None:
    entries = [
        {"fullUrl": "urn:uuid:u1", "resource": patient("a")},
        {"fullUrl": "http://s/Patient/b", "resource": patient("b")},
        {"resource": grade("u1", 1, "urn:uuid:{}")},
        {"resource": grade("a", 2, "http://other/Patient/{}/_history/3")},
        {"resource": grade("b", 3)},
    ]
    parts = [resources_of(part) for part in by_patient({"resourceType": "Bundle", "entry": entries}).values()]
    assert [[one.get("valueInteger") for one in part] for part in parts] == [[None, 1, 2], [None, 3]]


def test_a_bundle_of_one_patient_is_left_as_it_is() -> None:
    one = bundle(patient("a"), grade("a", 1))
    assert by_patient(one)["a"] is one


# ---- a bulk export


def test_a_bulk_export_is_put_together_by_patient_in_the_order_of_the_patients(tmp_path: Path) -> None:
    lines(tmp_path / "Observation.0.ndjson", grade("late", 9), grade("b", 1), grade("a", 2))
    lines(
        tmp_path / "Observation.1.ndjson.gz", grade("b", 3, "http://s/Patient/{}"), {"resourceType": "Claim"}
    )
    lines(tmp_path / "Patient.ndjson", patient("b"), patient("a"), patient("none"))
    (tmp_path / "export.json").write_text("{}", encoding="utf-8")
    assert told(tmp_path) == [("b", [1, 3], ""), ("a", [2], ""), ("none", [], ""), ("late", [9], "")]


def test_one_file_may_mix_all_types_and_bundles(tmp_path: Path) -> None:
    file = lines(tmp_path / "all.ndjson", grade("a", 1), patient("a"), bundle(patient("b"), grade("b", 2)))
    assert told(file) == [("a", [1], ""), ("b", [2], "")]


def test_what_names_no_patient_is_counted(tmp_path: Path) -> None:
    stray = {"resourceType": "Observation", "valueInteger": 1}
    files = FhirFiles(str(lines(tmp_path / "x.ndjson", stray, grade("a", 2), stray)), read)
    assert len(list(files.readings())) == 1
    assert files.strays == 2


DEEP = '{"resourceType": "Observation", "note": ' + "[" * 70 + "]" * 70 + "}"
WRONG = {
    "{": "the line is not JSON",
    '{"resourceType": "Observation", "valueInteger": 1': "the line is not JSON",
    "7": "the line is no FHIR resource",
    "[]": "the line is no FHIR resource",
    '{"id": "a"}': "the line is no FHIR resource",
    '{"resourceType": 7}': "the line is no FHIR resource",
    '{"resourceType": "Patient", "id": "a", "id": "b"}': "twice",
    DEEP: "nested",
    "M\xfcller": "the line is not UTF-8",
    '{"resourceType": "Patient", "id": "%s"}' % ("a" * 2000): "the line is more than",
}
"""Lines that cannot be read, written in Latin-1, and what is said of each."""


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("packed", [False, True])
def test_a_line_of_an_export_that_cannot_be_read_has_a_row_beside_the_patients(
    wrong: str, packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in (index_module, lines_module):
        monkeypatch.setattr(one, "LIMITS", replace(LIMITS, bytes=1000))
    monkeypatch.setattr(lines_module, "PIECE", 300)
    good = [json.dumps(one).encode() for one in (patient("a"), grade("a", 1), grade("b", 2))]
    data = b"\n".join([good[0], b"", wrong.encode("latin-1"), *good[1:]])
    (tmp_path / "x.ndjson").write_bytes(gzip.compress(data) if packed else data)
    files = FhirFiles(str(tmp_path), read)
    readings = list(files.readings())
    assert [reading.record["ref"] for reading in readings] == ["a", "b", "x.ndjson, line 3"]
    assert [reading.record.get("grade") for reading in readings] == [1, 2, None]
    assert [reading.refused is None for reading in readings] == [True, True, False]
    assert WRONG[wrong] in str(readings[2].refused)
    assert files.lost == 1


def test_every_patient_of_an_export_with_such_a_line_is_told_of_it(tmp_path: Path) -> None:
    for wrong, told_of_it in ((), False), (("{",), True):
        files = FhirFiles(str(lines(tmp_path / "x.ndjson", grade("a", 1), grade("b", 2), *wrong)), read)
        patients = [one for one in files.readings() if one.refused is None]
        assert [any("on such a line" in note for note in one.notes) for one in patients] == [told_of_it] * 2
        assert len(files.notes()) == told_of_it


def test_bundles_in_lines_lack_nothing_where_others_cannot_be_read(tmp_path: Path) -> None:
    files = FhirFiles(str(lines(tmp_path / "x.ndjson", "{", bundle(grade("a", 1)), "{")), read)
    assert [one.notes for one in files.readings()] == [(), (), ()]
    assert files.notes() == []


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([grade("a", 1), grade("b", 2), "{", "7"])), max_size=12
    ),
    st.permutations(["p", "q", "r", "s"]),
    st.booleans(),
)
def test_patients_and_what_is_lost_are_the_same_whatever_files_are_called(
    placed: list[tuple[int, Any]], called: list[str], packed: bool
) -> None:
    def answers(names: Sequence[str], ending: str) -> Any:
        with tempfile.TemporaryDirectory() as directory:
            for number, name in enumerate(names):
                here = [line for file, line in placed if file == number]
                own = [patient("a")] if number == 0 else []
                lines(Path(directory) / f"{name}.ndjson{ending}", *own, *here)
            found = told(directory)
        patients = sorted((ref, sorted(grades)) for ref, grades, why in found if not why)
        return patients, sorted(why for _, _, why in found if why)

    as_it_is = answers("abcd", "")
    assert answers(called, ".gz" if packed else "") == as_it_is
    assert len(as_it_is[1]) == sum(isinstance(line, str) for _, line in placed)


def test_beyond_the_first_lines_that_cannot_be_read_have_one_row_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread_module, "MOST_KEPT", 3)
    lines(tmp_path / "A.ndjson", *["{"] * 200)
    lines(tmp_path / "B.ndjson", grade("a", 1), *["{"] * 2000)
    files = FhirFiles(str(tmp_path), read)
    readings = list(files.readings())
    assert [one.record["ref"] for one in readings] == [
        *("a", "A.ndjson, line 1", "A.ndjson, line 2", "A.ndjson, line 3"),
        *("A.ndjson, line 4 to line 200", "B.ndjson, line 2 to line 2,001"),
    ]
    assert str(readings[-1].refused).startswith("2,000 more lines between these cannot be read")
    assert files.lost == 2200


def test_what_is_no_export_at_all_is_one_sentence_however_long(tmp_path: Path) -> None:
    file = lines(tmp_path / "x.ndjson", *["cancer,grade"] * 3000)
    with pytest.raises(CaseError, match=r"x\.ndjson, line 1 is not JSON") as error:
        told(file)
    assert len(error.value.problems) == 1


def test_an_empty_file_of_an_export_holds_nothing(tmp_path: Path) -> None:
    lines(tmp_path / "Observation.ndjson", grade("a", 1))
    (tmp_path / "Procedure.ndjson").touch()
    assert told(tmp_path) == [("a", [1], "")]
    lines(tmp_path / "Observation.ndjson")
    with pytest.raises(CaseError, match="is empty"):
        told(tmp_path)


@pytest.mark.parametrize("names", ["ab", "ba"])
def test_bundles_in_one_file_and_resources_in_another_are_an_export(names: str, tmp_path: Path) -> None:
    lines(tmp_path / f"{names[0]}.ndjson", bundle(patient("a"), grade("a", 1)))
    lines(tmp_path / f"{names[1]}.ndjson", grade("b", 2), grade("a", 3))
    assert sorted((ref, sorted(grades)) for ref, grades, _ in told(tmp_path)) == [("a", [1, 3]), ("b", [2])]


def test_lists_of_resources_in_lines_are_a_patient_each(tmp_path: Path) -> None:
    file = lines(tmp_path / "x.ndjson", [patient("a"), grade("a", 1)], [grade("b", 2)])
    assert [grades for _, grades, _ in told(file)] == [[1], [2]]


def test_a_bundle_in_a_bundle_of_an_export_is_read(tmp_path: Path) -> None:
    file = lines(tmp_path / "x.ndjson", patient("a"), bundle(bundle(grade("a", 1)), grade("a", 2)))
    assert told(file) == [("a", [1, 2], "")]


@given(
    st.lists(st.binary(max_size=12).map(lambda text: text.replace(b"\r", b"\n")), max_size=12),
    st.integers(0, 9),
)
def test_lines_are_the_same_wherever_pieces_end(pieces: list[bytes], most: int) -> None:
    *expected, last = b"".join(pieces).split(b"\n")
    expected += [last] if last else []
    assert list(split(pieces, most)) == [line if len(line) <= most else None for line in expected]


@pytest.mark.parametrize(("limit", "most"), [("bytes", 1000), ("parts", 10)])
def test_a_patient_with_too_much_is_refused_alone(
    limit: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "LIMITS", replace(LIMITS, **{limit: most}))
    file = lines(tmp_path / "x.ndjson", *[grade("big", 1)] * 20, grade("small", 2))
    found = told(file)
    assert [(ref, grades) for ref, grades, _ in found] == [("big", []), ("small", [2])]
    assert "take out what does not tell of the cancer" in found[0][2]


@pytest.mark.parametrize("empty", ["directory", "file"])
def test_nothing_to_read_is_one_sentence(empty: str, tmp_path: Path) -> None:
    path = tmp_path if empty == "directory" else lines(tmp_path / "x.ndjson", "")
    with pytest.raises(CaseError, match="holds no FHIR; a directory of bundles"):
        told(path)


def test_what_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "x.ndjson", "a\0b"):
        with pytest.raises(CaseError, match="does not exist"):
            told(path)


names = st.sampled_from("abcd")
resource = st.one_of(st.builds(patient, names), st.builds(grade, names, st.integers(0, 9)))


@given(st.lists(resource, min_size=1, max_size=30))
def test_the_index_groups_as_a_dictionary_would(resources: list[dict[str, Any]]) -> None:
    index = PatientIndex()
    for one in resources:
        index.add(one)
    own = [one["id"] for one in resources if one["resourceType"] == "Patient"]
    mentioned = [one["subject"]["reference"][-1] for one in resources if one["resourceType"] == "Observation"]
    expected = {
        name: [
            one
            for one in resources
            if one.get("id") == name or one.get("subject", {}).get("reference") == f"Patient/{name}"
        ]
        for name in dict.fromkeys([*own, *mentioned])
    }
    found = list(index.patients())
    assert [one.patient for one in found] == list(expected)
    assert {one.patient: one.resources for one in found} == expected


def test_how_much_is_read_at_once_does_not_grow_with_the_files(tmp_path: Path) -> None:
    long = json.dumps({"resourceType": "Observation", "note": [{"text": "x" * 500_000}]})
    lines(tmp_path / "Observation.ndjson", *[long] * 80, grade("a", 1))
    lines(tmp_path / "Patient.ndjson.gz", *[long] * 80, patient("a"))
    tracemalloc.start()
    try:
        assert told(tmp_path) == [("a", [1], "")]
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


# ---- nothing is left behind


@pytest.mark.skipif(sys.platform != "linux", reason="Linux shows the open files of a process")
def test_the_temporary_file_has_no_name_even_while_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_module, "_CACHE", "PRAGMA cache_size = 1")
    index = PatientIndex()
    for number in range(2000):
        index.add({**grade("a", number), "note": [{"text": "x" * 500}]})
    patients = index.patients()
    assert len(next(patients).resources) == 2000
    used = [os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if _is_open(name)]
    (ours,) = [name for name in used if "etilqs" in name]
    assert ours.endswith(" (deleted)")
    assert not Path(ours.removesuffix(" (deleted)")).exists()
    patients.close()


def _is_open(name: str) -> bool:
    """Say whether a file of this process is still open."""
    return os.path.islink(f"/proc/self/fd/{name}")


def test_no_room_for_temporary_files_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "_CACHE", "PRAGMA max_page_count = 4")
    index, long = PatientIndex(), {**grade("a", 1), "note": [{"text": "x" * 100_000}]}
    with pytest.raises(CaseError, match="no room for temporary files"):
        index.add(long)


def test_a_command_that_sqlite_refuses_is_our_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "_ADDED", "INSERT INTO nowhere VALUES (?, ?, ?, ?)")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        PatientIndex().add(grade("a", 1))


def test_a_large_file_is_refused_before_it_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in (module, index_module, lines_module):
        monkeypatch.setattr(one, "LIMITS", replace(LIMITS, bytes=1000))
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b" " * 100_000))
    assert "take out what does not tell of the cancer" in told(tmp_path)[0][2]


def test_what_was_read_is_told_in_bytes(tmp_path: Path) -> None:
    lines(tmp_path / "a.ndjson", grade("a", 1))
    lines(tmp_path / "b.ndjson", grade("a", 1))
    files = FhirFiles(str(tmp_path), read)
    list(files.readings())
    assert files.size == files.done() == sum(file.stat().st_size for file in tmp_path.iterdir())
