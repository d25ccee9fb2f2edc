"""A second language: with every sentence marked, no screen shows a word that a translator cannot reach.

The tables are invented ones of which every text for people is marked as well. What is left on a screen may
be an id, a field, a value, a file or a number; whatever else is left stands in the code.
"""

from __future__ import annotations

import html
import itertools
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from catalogue_side import DUCT, GAUGE, INVENTED
from words_side import LEFT, RIGHT, leaves, marked, stray_words

from riskcli import background, diff, hazards, loader, words
from riskcli.agreement import Form, Marked, Moved, score
from riskcli.case import read_case
from riskcli.catalogue import CODES, audit, summary
from riskcli.changes import compare_tables, compare_versions
from riskcli.check import check_targets
from riskcli.cohort.followed import Followed, Found, Gathered
from riskcli.cohort.gaps import CohortGaps, FieldGap, Gaps, OptionUse
from riskcli.cohort.judging import section
from riskcli.cohort.outcomes import (
    DATE,
    MISSING,
    NEGATIVE,
    NINES,
    NO_NUMBER,
    Left,
    Outcome,
    OutcomeColumns,
    Outcomes,
    Repeats,
)
from riskcli.cohort.validation import Section, Validation
from riskcli.diff import Group, Move
from riskcli.errors import CaseError
from riskcli.evaluate import assess_facts
from riskcli.findings import Finding
from riskcli.forms import CANCER, LEVEL, OPTIONS
from riskcli.loader import Rules, packaged_directory
from riskcli.marked import read_form
from riskcli.patients import Cohort, Weights, weigh
from riskcli.plain_words import read_patient
from riskcli.report.agreement import agreement_page
from riskcli.report.blocks import Block, report_words
from riskcli.report.catalogue import summary_blocks
from riskcli.report.changes import cohort_remarks, comparison_page
from riskcli.report.document import answer_document, page_html
from riskcli.report.document_markdown import page_markdown as document_markdown
from riskcli.report.gaps import gaps_page
from riskcli.report.outline import outline
from riskcli.report.patient import patient_blocks, patient_words
from riskcli.report.rows import Shown
from riskcli.report.sections import Page, page_blocks, page_markdown
from riskcli.report.tables import row_page, table_page
from riskcli.report.terminal import plain_text
from riskcli.report.topics import cancer_topic, contents, find_topic, topics
from riskcli.report.validation import validation_blocks
from riskcli.report.validation_data import validation_data
from riskcli.report.validation_page import validation_page
from riskcli.report.validation_words import cited, left_out
from riskcli.report.what_if import grid_blocks
from riskcli.report.why import why_blocks
from riskcli.report.wording import Wording
from riskcli.revisions import Version, opened
from riskcli.saved import changes, seal, unseal
from riskcli.what_if import what_if
from riskcli.why import why
from riskcli.yaml_source import read_document

MARKED = marked(words._read())
MARKED["validation"]["survival"] = "recurrence"  # what it is looked for in is a text of the tables
SCREENS_OF = (
    *(
        "audit",
        "agreement",
        "diff",
        "drawing",
        "explain",
        "gaps",
        "list",
        "saved",
        "show",
        "sources",
    ),
    *("validation", "what_if", "check"),
)
"""The sections of words.yaml that the screens below show."""

FOR_PEOPLE = {
    *("title", "scope", "also_called", "blood_test", "limits", "say", "says", "why", "text", "endpoint"),
    *("treated", "group", "name", "availability", "site", "at", "where", "labels", "word", "band", "bands"),
    *("meaning", "treatment_lowers", "uncertainty", "not_considered", "draft", "routes", "factors"),
    *("hazard", "cause", "consequence", "control", "about", "words"),
    *("names", "ask", "counts", "squares", "country"),
}
"""The keys of rule files under which texts for people stand."""
NEVER = ("premise_fields", "from")
"""The keys of rule files under which ids stand among texts."""
NAMES = ("fields", "derived", "sources", "groups", "when", "case", "points", "availability", "says")
"""The keys of rule files under which keys are names."""
ALWAYS = "riskcli sha doi PMID yaml csv safety x"
"""What is the same in every language: the program, identifiers, ends of files, a topic, a tick."""


def for_people(data: Any, people: bool = False) -> Any:
    """Return what a rule file holds with every text for people marked."""
    if isinstance(data, dict):
        return {
            key: value if key in NEVER else for_people(value, people or key in FOR_PEOPLE)
            for key, value in data.items()
        }
    if isinstance(data, list):
        return [for_people(value, people and not isinstance(value, dict)) for value in data]
    return marked({"": data})[""] if people and isinstance(data, str) else data


def names_in(data: Any, named: bool = False) -> Iterator[str]:
    """Give the ids, fields and values of a rule file: what stands unmarked in it."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from [str(key)] if named else []
            yield from names_in(value, key in NAMES)
    elif isinstance(data, list):
        for value in data:
            yield from names_in(value)
    elif LEFT not in str(data):
        yield str(data)


def read(path: Path) -> Any:
    """Return what a rule file holds."""
    return read_document(path.read_text(encoding="utf-8"), path.name).data


def invented(name: str) -> Any:
    """Return an invented table with every text for people marked, and with what the others do not show."""
    data = read(INVENTED / f"{name}.yaml")
    if name == DUCT:
        data["exceptions"].append({"field": "extent", "why": "it is so", "source": "lone"})
        data["examples"].append({"id": "elsewhere", "case": {"metastasis": "present"}, "out_of_scope": True})
        data["sources"]["idle"] = {**data["sources"]["guide"], "identifier": "none seen"}
        data["sources"]["lone"] = data["sources"]["guide"]
        data["fields"]["grade"]["where"] = "its first line"
    return for_people(data)


def write(place: Path, **files: Any) -> Path:
    """Write rule files into a directory, with the vocabulary of the invented tables."""
    place.mkdir(exist_ok=True)
    (place / "vocabulary.yaml").write_bytes((INVENTED / "vocabulary.yaml").read_bytes())
    for name, data in files.items():
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10**6)
        (place / f"{name}.yaml").write_text(text, encoding="utf-8")
    return place


class Words(dict[str, Any]):
    """The marked sentences, which remember what was said of them."""

    def __init__(self, found: Mapping[str, Any], said: set[str], path: str = "") -> None:
        """Remember in `said`."""
        self._said, self._path = said, path
        super().__init__(
            (key, Words(value, said, f"{path}{key}.") if isinstance(value, dict) else value)
            for key, value in found.items()
        )

    def __getitem__(self, key: str) -> Any:
        """Return what stands under a key."""
        self._said.add(f"{self._path}{key}")
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return what stands under a key, or something else."""
        return self[key] if key in self.keys() else default


class World:
    """What the screens show: two marked tables, and what was said."""

    def __init__(self, place: Path) -> None:
        """Make the tables in a directory."""
        self.place = place
        self.common = for_people(read(packaged_directory() / "common.yaml"))
        self.files = {DUCT: invented(DUCT), GAUGE: invented(GAUGE)}
        self.rules = Rules(write(place / "new", common=self.common, **self.files))
        self.said: set[str] = set()
        self.data = " ".join((ALWAYS, str(place / "new"), *names_in(self.files), *names_in(self.common)))

    def left(self, text: str) -> list[str]:
        """Return the words of a screen that neither a translator nor a rule file has written."""
        return stray_words(re.sub(r"\b[0-9a-f]{10,64}\b", "", text), self.data)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The tables, made once."""
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture
def world(made: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The tables, with a program that speaks the marked language."""
    spoken = Words(MARKED, made.said)
    monkeypatch.setattr(words, "_sentences", lambda: spoken)
    for module, name in ((background, "explain"), (hazards, "hazards")):
        data = for_people(read(packaged_directory() / f"{name}.yaml"))
        write(made.place, **{name: data})
        reader = "read_background" if module is background else "read_hazards"
        found = getattr(module, reader)(made.place / f"{name}.yaml")
        monkeypatch.setattr(module, reader, lambda found=found: found)
        made.data += f" {' '.join(names_in(data))}"
    return made


def shown(page: Page | list[Block]) -> str:
    """Return a page as a terminal and as Markdown."""
    blocks = page_blocks(page) if isinstance(page, Page) else page
    return plain_text(blocks, 100) + (page_markdown(page) if isinstance(page, Page) else "")


def refused(*jobs: Callable[[], Any]) -> str:
    """Return what is said when each job is refused."""
    found = []
    for job in jobs:
        with pytest.raises(CaseError) as told:
            job()
        found.append(str(told.value))
    return "\n".join(found)


# ---- the screens


def listing(world: World) -> Iterator[str]:
    """`rules list`."""
    for day in (date(2026, 11, 25), date(2030, 1, 1)):
        found = summary(world.rules, DUCT, day)
        yield shown(summary_blocks([found, replace(found, origin="packaged")]))


def tables(world: World) -> Iterator[str]:
    """`rules show`."""
    for name in (DUCT, GAUGE):
        found = Shown.of(world.rules, name, world.rules.read(name)[1].examples)
        yield shown(table_page(found))
        options = (*found.table.options, *found.table.not_supported)
        ids = [row.id for row in (*found.table.likelihood, *options)]
        for row in dict.fromkeys((*ids, *(one.id for option in options for one in option.any_of))):
            yield shown(row_page(found, row))
        yield refused(lambda found=found: row_page(found, "\u2026"))


def audited(world: World) -> Iterator[str]:
    """`rules audit`."""
    for item in audit(world.rules, date(2030, 1, 1), (DUCT, GAUGE)).items:
        yield str(item).replace(item.code, "")
        assert item.code in CODES


def explained(world: World) -> Iterator[str]:
    """`explain`."""
    yield shown(contents())
    for topic in topics().values():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loader, "packaged_directory", lambda: world.place / "new")
            yield shown(topic.page())
        if topic.of_cancer:
            yield shown(cancer_topic(topic, world.rules, DUCT))
    yield refused(
        lambda: find_topic("sitse"),
        lambda: find_topic("breast", {"breast"}),
        lambda: find_topic("lungs"),
        lambda: cancer_topic(find_topic("safety"), world.rules, DUCT),
    )


def later(world: World) -> Rules:
    """Return the tables as a later version has them: something of every kind is different."""
    duct, gauge = (read_marked(world, name) for name in (DUCT, GAUGE))
    common = read_marked(world, "common")
    duct["horizon_years"] = 5
    duct["out_of_scope"][2]["when"] = {"local_treatment": "incomplete"}
    duct["out_of_scope"].append({"when": {"length_mm": ">150"}, "say": "\u27e6It is too long.\u27e7"})
    duct["fields"]["extent"]["assume"] = {
        "value": ["E1", "E2"],
        "why": "\u27e6so\u27e7",
        "when": {"grade": 1},
    }
    duct["fields"]["grade"]["synonyms"] = {"usual": 1, "quiet": 2, "light": 3, "heavy": 3}
    del duct["fields"]["gene_score"]["only_if"]
    duct["warnings"] = []
    duct["likelihood"][4]["level"] = "very_high"
    duct["likelihood"][1]["why"] = "\u27e6it reaches far\u27e7"
    duct["systems"] = [{**duct["systems"][0], "from": "weight"}]
    duct["options"] = [option for option in duct["options"] if option["id"] != "blocker"]
    duct["not_supported"] = duct["not_supported"][1:]
    common["premises"]["disease"]["why"] = "\u27e6so\u27e7"
    common["premises"]["metastasis"]["value"] = "unknown"
    common["unknown_words"] = common["unknown_words"][1:]
    common["field_names"] = {"mark of the tumour": "grade"}
    gauge["horizon_years"] = 6
    gauge["options"][0]["any_of"][0]["when"] = {"fine": ">0.1..2", "colour": "red"}
    return Rules(write(world.place / "later", common=common, **{DUCT: duct, GAUGE: gauge}))


def read_marked(world: World, name: str) -> Any:
    """Return a copy of a marked rule file."""
    return read(world.place / "new" / f"{name}.yaml")


def compared(world: World) -> Iterator[str]:
    """`rules diff`."""
    old, new = world.rules, later(world)
    before, after = (rules.get(DUCT) for rules in (old, new))
    reworded = read_marked(world, DUCT)
    reworded["likelihood"][0]["why"] = f"{LEFT}four{RIGHT}"
    other = Rules(write(world.place / "reworded", common=world.common, **{DUCT: reworded})).get(DUCT)
    reworded["fields"]["grade"]["synonyms"] = {"usual": 1}
    read_so = Rules(write(world.place / "read", common=world.common, **{DUCT: reworded})).get(DUCT)
    pairs = (
        (before, after),
        (after, before),
        (before, before),
        (before, other),
        (before, read_so),
        (before, None),
        (None, before),
    )
    found = [compare_tables(DUCT, *pair) for pair in pairs]
    found += [compare_tables(GAUGE, *pair) for pair in [(old.get(GAUGE), new.get(GAUGE))]]
    always = Move("wash", diff.OFFERED, diff.ABSENT, 1, (Group({}, 1, {}),))
    found.append(replace(found[0], difference=replace(found[0].difference, moves=(always,))))
    moves = {("low", "turned away"): 1, ("refused", "low"): 3}
    for read_of in (1, 2):
        weights = {DUCT: Weights(read_of, moves), GAUGE: Weights(read_of, {})}
        cohort = Cohort(weights, unreadable=read_of, elsewhere=read_of, unused=("extent", "grade"))
        yield shown(comparison_page("v1", "v2", found, cohort))
        yield "\n".join(cohort_remarks(cohort))
    versions = Version("v1", old, (DUCT,), is_file=True), Version("v2", new, (GAUGE,), is_file=True)
    pair = {DUCT: (before, after)}
    files = {
        "no_field": "\u2026,\u2026\u2026\n1,2\n",
        "empty": "",
        "head": "grade\n",
        "twice": "grade,grade\n1,2\n",
    }
    paths = {name: world.place / f"{name}.csv" for name in (*files, "nothing", "bytes", "long", "many")}
    for name, text in files.items():
        paths[name].write_text(text, encoding="utf-8")
    paths["bytes"].write_bytes(b"grade\n\xff\n")
    paths["long"].write_text(f"{'x' * 200_000}\n1\n", encoding="utf-8")
    paths["many"].write_text("grade\n1\n", encoding="utf-8")
    yield refused(
        lambda: compare_versions(*versions, ["grade"]),
        lambda: compare_versions(*versions),
        *(lambda path=path: weigh(str(path), pair) for name, path in paths.items() if name != "many"),
        lambda: weigh(str(world.place), pair),
        lambda: weigh(f"{paths['many']}/x", pair),
        lambda: weigh(str(paths["many"]), {**pair, GAUGE: (old.get(GAUGE), new.get(GAUGE))}),
    ).replace("Not a directory", "")  # what the system says


def versions(world: World) -> Iterator[str]:
    """What a version of `rules diff` cannot be."""
    clone, bare = world.place / "clone", world.place / "bare"
    for place in (clone, bare):
        place.mkdir(exist_ok=True)
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", str(clone), *author, "commit", "-q", "--allow-empty", "-m", "a"], check=True)

    def opening(given: str, *places: Path) -> None:
        with opened(given, places):
            pass

    yield (
        refused(
            lambda: opening("grade", bare), lambda: opening("grade", clone), lambda: opening("HEAD", clone)
        )
        .replace("HEAD", "")
        .replace(str(clone), "")
        .replace(str(bare), "")
    )
    with pytest.MonkeyPatch.context() as patch:
        told = subprocess.CompletedProcess[bytes]([], 128, b"", b"fatal: dubious ownership")
        patch.setattr(subprocess, "run", lambda *_, **__: told)
        yield refused(lambda: opening("grade", clone)).replace(str(clone), "")
        patch.setenv("PATH", "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        yield refused(lambda: opening("grade", clone))


def agreed(world: World) -> Iterator[str]:
    """`rules agreement`."""
    one = Marked(2, "grade", DUCT, "low", ("low",), frozenset({"wash"}), frozenset({"watching"}))
    some = [
        one,
        replace(one, expert="high", discuss=frozenset({"watching"})),
        replace(one, expert=None),
        replace(one, expert="low", levels=("low", "high"), discuss=None),
        replace(one, expert=None, discuss=None),
    ]
    every = {DUCT: ("wash", "watching")}
    same = replace(one, discuss=one.offered)
    for marks in (
        some,
        [*some, *some],
        [one],
        [one, replace(one, expert=None)],
        [same],
        [same, replace(same, expert="high", levels=("high",))],
        [],
    ):
        yield shown(agreement_page(score(Form(marks=marks, entries=every)), "marked.csv"))
    yield shown(agreement_page(score(Form(marks=[one], entries={DUCT: ("wash",)})), "marked.csv"))
    yield f"{Moved(DUCT, '1', '2')} {Moved(DUCT, '', '2')}"
    head = f"{CANCER},{LEVEL},{OPTIONS},grade,metastasis"
    rows = ("grade,low", f"{DUCT},much", f"{DUCT},,much", f"{DUCT},,,9", f"{DUCT},,,,present", ",,,,,,,")
    form = read_form(
        f"{head}\n{DUCT},low,none,1\n" + "\n".join((*rows, "x,x,x,x,x,x,x")), "marked.csv", world.rules
    )
    yield "\n".join(map(str, form.problems)) + form.marks[0].id
    yield refused(
        lambda: read_form(f"{head}\ngrade,low\n", "marked.csv", world.rules),
        lambda: read_form(f"{head}\n", "marked.csv", world.rules),
        lambda: read_form(f"{CANCER}\n", "marked.csv", world.rules),
        lambda: read_form(f"{head},{LEVEL}\n", "marked.csv", world.rules),
        lambda: read_form("x" * 200_000, "marked.csv", world.rules),
    )


def kept(world: World) -> Iterator[str]:
    """`verify`."""
    one: dict[str, Any] = {
        "likelihood": {"levels": ["low", "very_high"]},
        "reasons": [{"rule": "heavy"}, {"rule": "beyond"}],
        "options": [
            {"id": "wash", "name": f"{LEFT}Washing{RIGHT}", "status": "matches", "rules": ["wash-long"]},
            {
                "id": "blocker",
                "name": f"{LEFT}Blocker{RIGHT}",
                "status": "depends",
                "rules": ["blocker-nodes"],
            },
        ],
        "not_supported": [{"id": "rubbing", "name": f"{LEFT}Rubbing{RIGHT}"}],
    }
    wash = {**one["options"][0], "rules": ["wash-level", "wash-long"]}
    others = (
        {"likelihood": {"levels": ["high"]}, "reasons": [], "options": [], "not_supported": []},
        {**one, "options": [{**one["options"][0], "status": "depends"}, one["options"][1]]},
        {**one, "options": [wash, one["options"][1]]},
    )
    for other in others:
        yield "\n".join(f"{each.what}: {each.before}, {each.after}" for each in changes(one, other))
    sealed = seal({}, {}, "2026-11-25")
    yield refused(
        lambda: unseal({}, "a.csv"),
        lambda: unseal({**sealed, "version": 9}, "a.csv"),
        lambda: unseal({**sealed, "answer": {"a": 1}}, "a.csv"),
    )


def missing(world: World) -> Iterator[str]:
    """`cohort gaps`."""
    gaps = Gaps(
        patients=2000,
        undecided=1200,
        fields={"grade": FieldGap(1200, 3, 4)},
        together=Counter({("grade", "extent"): 1, ("grade",): 1199}),
        options={"wash": OptionUse(3, 4, Counter({"grade": 4})), "blocker": OptionUse(1)},
    )
    tables_ = {DUCT: world.rules.get(DUCT)}
    for count in (1, 2):
        found = CohortGaps({DUCT: replace(gaps, patients=count)}, wrong=count, out_of_scope=count)
        yield shown(gaps_page(found, tables_, "a.csv"))


def followed(
    count: int, low: int, high: int, rule: str | None, *outcomes: Outcome, **marks: Any
) -> list[Followed]:
    """Return patients of one answer, the outcomes in turn."""
    spelled = {"nodes only": (0,), **{name.replace("_", " "): mark for name, mark in marks.items()}}
    return [
        Followed(n, DUCT, low, high, rule, outcomes[n % len(outcomes)], spelled if marks else {})
        for n in range(count)
    ]


def sections_of(world: World) -> list[Section]:
    """Return cancers of a cohort in which everything happens that a validation has words for."""
    duct, gauge = world.rules.get(DUCT), world.rules.get(GAUGE)
    long_, brief = Outcome(12, False), Outcome(1, False)
    early, soon = Outcome(3, True), Outcome(2, True)
    both = {"stage": ("I", "II"), "weight": ("I", "II")}
    many = [
        *followed(40, 0, 0, "nothing-adverse", long_, long_, long_, early, grade_only=(0,), **both),
        *followed(3, 1, 1, "few-nodes", long_),
        *followed(30, 2, 2, "heavy", early, long_, grade_only=(0, 1), **both),
        *followed(20, 3, 3, "beyond", Outcome(4, False), grade_only=(2,), stage=("II",), weight=("I", "II")),
        *followed(6, 3, 3, "nodes-4-or-more", Outcome(2, False)),
        *followed(2, 0, 2, None, long_, early, stage=("I",), weight=("I",)),
        *followed(10, 0, 2, None, long_, early, **both),
    ]
    odd = [*followed(3, 0, 0, None, soon), *followed(9, 0, 1, None, long_)]
    return [
        section(duct, many, {"error": 12, "out of scope": 2}, by_rule=True),
        section(gauge, [*followed(6, 0, 0, None, soon), *followed(6, 3, 3, None, soon)], {}),
        section(duct, odd, {}),
        replace(section(gauge, odd, {}), origin="packaged", status="reviewed", log_rank=None),
        section(gauge, odd[:2], {"error": 1}),
        section(gauge, followed(20, 0, 0, None, Outcome(3, False)), {}),
        section(gauge, [*followed(20, 0, 0, None, long_), *followed(20, 1, 1, None, soon)], {}),
        section(duct, followed(40, 3, 3, None, brief, brief, brief, long_), {}),
        section(duct, [*followed(30, 3, 3, None, long_), *followed(1, 3, 3, None, soon, stage=("I",))], {}),
    ]


def validations(world: World) -> Iterator[Validation]:
    """Give a cohort of which everything is told, one of which nothing is, and one of single patients."""
    headers = ["grade", "extent", "pattern"]
    where = (("grade", "1"), ("extent", "E1"))
    columns = OutcomeColumns("grade", "extent", "years", competing="pattern", where=where)
    outcomes = Outcomes(columns, headers)
    outcomes.left = {MISSING: Left(1, [3]), NO_NUMBER: Left(7, [1, 2]), NEGATIVE: Left(2, [8, 9])}
    outcomes.left |= {DATE: Left(1, [4]), NINES: Left(3, [5, 6, 7])}
    outcomes.both, outcomes.not_chosen = Left(2, [4]), 1
    gathered = Gathered(Found(), None, outcomes, 90, Repeats(2, 4, 5), Repeats(1, 2, 7))
    sections = tuple(sections_of(world))
    texts = f"{LEFT}any{RIGHT}", f"{LEFT}none{RIGHT}"
    yield Validation(sections, sections[:2], {"error": 3}, gathered, *texts, ("grade=1",), 5)
    silent = Outcomes(replace(columns, person="grade", where=where[:1]), headers)
    silent.not_chosen, silent.left = 2, {MISSING: Left(1, [3])}
    yield Validation(sections[:1], (), {}, Gathered(Found(), None, silent), None, None, (), 5)
    yield Validation(sections[-1:], (), {}, Gathered(Found(), None, silent), None, None, (), 1)


def validated(world: World) -> Iterator[str]:
    """`cohort validate`, on a terminal of every width, as a page and as data."""
    for one in validations(world):
        for width, in_digits in itertools.product((60, 100), (False, True)):
            yield shown(validation_blocks(one, width, in_digits))
        yield "\n".join((*left_out(one, with_rows=True), *left_out(one, with_rows=False)))
        yield without_tags(validation_page(one))
        data = validation_data(one)
        told = [data["method"][key] for key in ("range_counts_as", "interval", "verdict")]
        yield " ".join((data["meaning"], *told))
    yield cited({"percent": 5, "endpoint": f"{LEFT}death{RIGHT}"})


def varied(world: World) -> Iterator[str]:
    """`what-if`, where it cannot vary what is wanted."""
    facts = read_case({"grade": 1}, world.rules.get(DUCT))
    yield refused(lambda: what_if(facts, ["extend", "grade", "pattern"]), lambda: what_if(facts, []))


def checked(world: World) -> Iterator[str]:
    """`rules check`, as far as it does not speak to authors."""
    yield refused(lambda: check_targets(world.rules, ["common.yaml"]))
    yield str(Finding("grade", "a.csv", 1, "grade", "", "", {"grade": 1}))


def answered(world: World) -> Iterator[str]:
    """`assess` in all its forms, and `what-if`: the words of these are in common.yaml and patient.yaml."""
    table = world.rules.get(DUCT)
    words_ = report_words(table)
    page = patient_words(table, read_patient(write(world.place, patient=plain()) / "patient.yaml"))
    cases: tuple[dict[str, Any], ...] = (
        {"grade": 3, "nodes_positive": 2, "invasion": "present", "receptor": "positive", "length_mm": 120},
        {"grade": 1, "nodes_positive": 0, "extent": "E1a", "pattern": "quiet"},
        {"ref": "grade", "pattern": "usual"},
    )
    for case in cases:
        facts = read_case(case, table)
        answer = assess_facts(facts)
        blocks = why_blocks(why(facts), Wording(words_))
        for full, panel in itertools.product((False, True), (False, True)):
            yield shown([*outline(answer, words_, full, panel), *blocks])
        yield shown(patient_blocks(answer, page))
        grid = what_if(facts, ["grade", "nodes_positive"][: 1 + len(case) % 2])
        for width in (40, 100):
            yield shown(grid_blocks(grid, answer, words_, width))
        made = answer_document(answer, words_, blocks)
        yield document_markdown(made, words_)
        yield without_tags(page_html(made, words_))


def plain() -> Any:
    """Return the sentences of the patient's page, marked."""
    return for_people(read(packaged_directory() / "patient.yaml"))


def without_tags(page: str) -> str:
    """Return what a page of HTML shows and reads out."""
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL))


SCREENS: tuple[Callable[[World], Iterable[str]], ...] = (
    *(listing, tables, audited, explained, compared, versions, agreed, kept, missing, validated, varied),
    *(checked, answered),
)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_a_screen_in_a_second_language_shows_no_word_of_the_code(
    screen: Callable[[World], Iterable[str]], world: World
) -> None:
    texts = list(screen(world))
    assert any(LEFT in text for text in texts)
    left = {word: text for text in texts for word in world.left(text)}
    assert left == {}


def test_the_screens_show_every_sentence_of_their_sections(world: World) -> None:
    for screen in SCREENS:
        list(screen(world))
    wanted = {key for key, _ in leaves(MARKED) if key.partition(".")[0] in SCREENS_OF}
    assert "\n".join(sorted(wanted - world.said)) == ""
