"""What README shows is what the program prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import polars
import pytest
from fhir_side import person, write_bundles, write_export

import riskcli
import riskcli.cli
from riskcli.cli import main
from riskcli.cli.output import ANSWERED, DIFFERENT, INTERRUPTED, SOME_WRONG, WRONG_INPUT, WRONG_RULES
from riskcli.cohort.mapping import read_mapping
from riskcli.cohort.sinks import write_frames
from tests.registry_side import PLACES, packed, registry_xml

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
SESSIONS = re.findall(r"<!-- (output|errors) -->\n```console\n\$ (.+?)\n(.*?)```", TEXT, re.S)
SHELL = [
    line.removeprefix(".venv/bin/").split("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.S)
    for line in block.splitlines()
    if line.startswith(("riskcli ", ".venv/bin/riskcli "))
]
COHORT = [
    {"cancer": "breast", "grade": 2, "nodes_positive": 1, "Tumour size": 18, "ref": "A"},
    {"cancer": "breast", "grade": 3, "nodes_positive": None, "Tumour size": 31, "ref": "B"},
]


@pytest.mark.parametrize(("stream", "command", "shown"), SESSIONS, ids=[s[1][:40] for s in SESSIONS])
def test_a_session_prints_what_readme_shows(
    stream: str, command: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code = main(shlex.split(command)[1:])
    printed = capsys.readouterr()
    assert (printed.out if stream == "output" else printed.err) == shown
    assert code == (0 if stream == "output" else 2)


@pytest.mark.parametrize("command", SHELL)
def test_a_command_of_readme_runs(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "case.json").write_text('{"cancer": "colon", "t_category": "T3"}', encoding="utf-8")
    cohort = polars.DataFrame(COHORT)
    cohort.write_csv(tmp_path / "registry.csv")
    write_frames([cohort], str(tmp_path / "board.xlsx"), "xlsx")
    tumour = {**PLACES["breast"], "behaviorCodeIcdO3": "3", "regionalNodesPositive": "97"}
    packed(tmp_path / "tumours.xml.gz", registry_xml([({"patientIdNumber": "1"}, [tumour])]))
    element = "GRADE OF DIFFERENTIATION (PATHOLOGICAL)"
    (tmp_path / "pathology.csv").write_text(f"cancer,{element}\nbreast,G3\n", encoding="utf-8")
    for name, write in (("bundles", write_bundles), ("export", write_export)):
        (tmp_path / name).mkdir()
        write(tmp_path / name, (one for one in map(person, range(9)) if one.record))
    (tmp_path / "tests").symlink_to(Path(__file__).parent)
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command)[1:]) == 0
    printed = capsys.readouterr()
    assert printed.out or printed.err


def test_readme_holds_sessions_and_commands() -> None:
    assert len(SESSIONS) == 2
    assert len(SHELL) >= 9


def test_readme_and_the_program_name_every_exit_code_and_the_commands_that_give_it() -> None:
    codes = {ANSWERED, WRONG_INPUT, WRONG_RULES, SOME_WRONG, DIFFERENT, INTERRUPTED, 1}
    (told,) = re.findall(r"^Exit codes: (.*?)\n\n", TEXT, re.S | re.M)
    for text in (told, str(main.__doc__).partition("\n\n")[2]):
        assert {int(code) for code in re.findall(r"(?<![\w-])\d+(?= )", text)} == codes
    commands = {
        path.stem: set(re.findall(r"return ([A-Z_]+) if", path.read_text(encoding="utf-8")))
        for path in Path(riskcli.cli.__file__).parent.glob("*.py")
    }
    giving = {
        module: names & {"WRONG_RULES", "DIFFERENT", "SOME_WRONG"} for module, names in commands.items()
    }
    assert {module for module, names in giving.items() if names} == {
        *("authoring", "catalogue", "cohort", "rules", "spark", "verify")
    }, "README says which commands end with which code; see that it still does"
    by_code = dict(re.findall(r"(\d+) ([^;]*?)(?=, \d+ |;|\Z)", " ".join(told.split())))
    assert "`rules audit`" in by_code["3"]
    assert "marked form" in by_code["4"]
    assert "`rules diff` or `verify`" in by_code["5"]


def test_the_python_example_of_readme_runs() -> None:
    first, frames = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    names: dict[str, object] = {}
    exec(first, names)
    assert names["answer"].likelihood.levels  # type: ignore[attr-defined]
    *before, last = frames.strip().splitlines()
    exec("\n".join([*before, f"lowest = {last}"]), names)
    singles = [{"grade": 3, "nodes_positive": 2}, {"grade": 1, "nodes_positive": 0}]
    answers = [riskcli.assess({"cancer": "breast", **case}) for case in singles]
    assert list(names["lowest"]) == [answer.likelihood.lowest for answer in answers]  # type: ignore[call-overload]


def test_the_mapping_of_readme_is_read(tmp_path: Path) -> None:
    (mapping,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.S)
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    columns, values = read_mapping(str(tmp_path / "mapping.yaml"))
    assert columns == {"Grading": "grade", "Lymphknoten": "nodes_positive"}
    assert values["er"]["9"] == "unknown"
