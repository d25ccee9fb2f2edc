"""The page for a tumour board: what stands in it, in every form, and that it needs nothing else."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars
import pytest
from conftest import Run, Told

from riskcli.assessment import Assessment
from riskcli.case import read_case
from riskcli.cohort.sinks import write_frames
from riskcli.compiled import LEVELS, Compiled
from riskcli.errors import CaseError
from riskcli.evaluate import assess_facts
from riskcli.loader import load_rules
from riskcli.report.blocks import Block, Line, report_words
from riskcli.report.document import answer_document, as_shown, document, page_html
from riskcli.report.document_markdown import page_markdown
from riskcli.report.outline import outline
from riskcli.report.pages import need_more
from riskcli.report.picture import picture_of

HERE = Path(__file__).parent
RULES = load_rules()
LEAF = load_rules(HERE / "data" / "report").get("example_leaf")
TODAY = date(2026, 11, 25)
WORDS = report_words(LEAF)
FLAGS = ("breast", "--grade", "3", "--nodes-positive", "2", "--er", "positive")

VOID = {"meta", "rect", "path"}
"""The elements that these pages leave open or close at once."""
NETWORK = re.compile(r"https?:|//|url\(|@import|javascript:", re.I)


class Element:
    """An element of a page, with what is inside it."""

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name, self.attributes = name, attributes
        self.inside: list[Element | str] = []

    def all(self, *names: str) -> Iterator[Element]:
        """Give every element below with one of these names, in reading order."""
        for part in self.inside:
            if isinstance(part, Element):
                if not names or part.name in names:
                    yield part
                yield from part.all(*names)

    @property
    def text(self) -> str:
        """What is said inside, without the breaks of lines; the style sheet says nothing."""
        return " ".join(" ".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for part in self.inside:
            if isinstance(part, str):
                yield part
            elif part.name != "style":
                yield part.text


class Reader(HTMLParser):
    """Reads a page into elements, and fails where one is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("page", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"an attribute stands twice in {tag}"
        found = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(found)
        if tag not in VOID:
            self.open.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read(text: str) -> Element:
    """Return a page as elements."""
    assert text.startswith("<!doctype html>\n")
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, "an element is never closed"
    return reader.open[0]


def answer_to(table: Compiled, case: dict[str, Any]) -> Assessment:
    """Return the answer to a case, on a fixed day."""
    return assess_facts(read_case(case, table), TODAY)


def html_of(table: Compiled, case: dict[str, Any]) -> str:
    """Return the page on a case."""
    words = report_words(table)
    return page_html(answer_document(answer_to(table, case), words), words)


def markdown_of(table: Compiled, case: dict[str, Any]) -> str:
    """Return the page on a case as Markdown."""
    words = report_words(table)
    return page_markdown(answer_document(answer_to(table, case), words), words)


@cache
def examples() -> list[tuple[Compiled, dict[str, Any]]]:
    """Return two examples of every packaged table that have an answer, and a case with nothing known."""
    found = []
    for name in RULES.names:
        table = RULES.get(name)
        answered = []
        for example in table.table["examples"]:
            try:
                answer_to(table, example["case"])
            except CaseError:  # an example of what is out of scope
                continue
            answered.append((table, example["case"]))
        found += [answered[0], answered[-1], (table, {})]
    return found


def plain(text: str) -> str:
    """Return a text as a page shows it: one line, without the spaces around its elements."""
    return re.sub(r"\s+", "", text)


# ---- what stands in the page


def test_the_page_holds_every_line_of_the_full_report() -> None:
    assert len(examples()) > 40
    for table, case in examples():
        words, answer = report_words(table), as_shown(answer_to(table, case))
        shown = plain(read(html_of(table, case)).text)
        for block in outline(answer, words, full=True, panel=True):
            if block.label in (words["case"], f" {words['matches']}", f" {words['depends']}"):
                continue  # tables, which have a test of their own
            for line in block.lines:
                text = line.text.removesuffix(f" - {words['draft']}") if line.role == "title" else line.text
                if line.role != "bar":
                    assert plain(text.strip().removeprefix("- ")) in shown, text


def test_every_finding_option_and_source_is_there() -> None:
    for table, case in examples():
        answer, page = as_shown(answer_to(table, case)), read(html_of(table, case))
        shown = plain(page.text)
        for option in answer.options:
            wanted = (option.name, option.why, option.limits or "", ", ".join(option.agents))
            assert all(plain(text) in shown for text in (*wanted, *option.availability.values()))
        rows = [row.text for found in page.all("tbody") for row in found.all("tr")]
        assert len(rows) >= len(answer.case) + len(answer.options)
        sources = [item for item in page.all("li") if item.attributes.get("id", "").startswith("source-")]
        assert [item.attributes["id"] for item in sources] == [
            f"source-{number}" for number in range(1, len(answer.sources) + 1)
        ]
        for item, source in zip(sources, answer.sources.values(), strict=True):
            assert plain(source.title) in plain(item.text)


def test_a_source_is_listed_where_it_is_cited_and_only_there() -> None:
    fewer = 0
    for table, case in examples():
        answer, text = answer_to(table, case), html_of(table, case)
        body = text.split('<h2 id="end-')[0]
        cited = {int(number) for number in re.findall(r">\[(\d+)\]</a>", body)}
        listed = [int(number) for number in re.findall(r'id="source-(\d+)"', text)]
        assert listed == list(range(1, len(listed) + 1))
        assert cited == set(listed)
        fewer += len(listed) < len(answer.sources)
    assert fewer > 5, "some answers name systems that do not cover the case"


def test_what_an_option_depends_on_stands_in_its_row() -> None:
    table = RULES.get("breast")
    case = {"grade": 3, "nodes_positive": 2, "er": "positive"}
    rows = [row.text for row in read(html_of(table, case)).all("tr")]
    (found,) = (row for row in rows if row.startswith("Aromatase inhibitor"))
    assert " menopausal status ER-positive after the menopause" in found


def test_a_citation_leads_to_its_source_on_the_same_page() -> None:
    page = read(html_of(LEAF, {"nodes_positive": 5, "grade": 2}))
    links = [link.attributes["href"] for link in page.all("a")]
    ids = {element.attributes["id"] for element in page.all() if "id" in element.attributes}
    assert links
    assert all(link.startswith("#") and link[1:] in ids for link in links)


def test_the_uncertainty_and_the_band_are_on_every_page() -> None:
    for table, case in examples():
        answer = answer_to(table, case)
        for shown in (read(html_of(table, case)).text, markdown_of(table, case)):
            assert plain(answer.uncertainty) in plain(shown)
            assert plain(f"{answer.likelihood.meaning}.") in plain(shown)


def test_a_draft_is_marked_on_the_screen_and_on_every_sheet_and_only_a_draft() -> None:
    text = html_of(LEAF, {})
    mark = "DRAFT, not reviewed by a clinician"
    page = read(text)
    (header,) = page.all("header")
    assert header.text.startswith(mark)
    assert text.count('class="stamp"') == 1
    assert re.search(r"@top-right \{[^}]*content: \"DRAFT\\2c  not reviewed", text)
    answer = answer_to(LEAF, {})
    signed = answer.model_copy(
        update={"provenance": answer.provenance.model_copy(update={"status": "reviewed"})}
    )
    text = page_html(answer_document(signed, WORDS), WORDS)
    assert mark not in text
    assert "DRAFT" not in text.replace("\\", "")


def test_what_was_entered_is_told_from_options_on_paper() -> None:
    page = read(html_of(RULES.get("breast"), {"grade": 3, "nodes_positive": 2, "er": "positive"}))
    classes = [table.attributes["class"] for table in page.all("table")]
    assert classes == ["pairs", "stack", "stack"]


def test_there_is_room_to_write_and_to_sign_by_hand() -> None:
    page = read(html_of(LEAF, {"grade": 1}))
    (ruled,) = (found for found in page.all("div") if found.attributes.get("class") == "ruled")
    assert len(list(ruled.all("div"))) >= 6
    signed = [found for found in page.all("p") if found.attributes.get("class") == "signed"]
    assert {found.text for found in signed} == {"Name Date"}
    shown = markdown_of(LEAF, {"grade": 1})
    assert shown.index("## Uncertainty") < shown.index("## Discussion") < shown.index("## Sources")
    assert "Name \\_" in shown


# ---- how it is built


def test_there_is_one_title_and_no_heading_is_skipped() -> None:
    for table, case in examples():
        page = read(html_of(table, case))
        depths = [int(found.name[1]) for found in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
        assert depths[0] == 1
        assert depths.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(depths))
        assert all(found.text for found in page.all("h1", "h2", "h3"))


def test_the_headings_of_a_case_stand_in_this_order() -> None:
    headings = [found.text for found in read(html_of(LEAF, {"grade": 2, "ref": "7"})).all("h2")]
    says = WORDS["page"]["headings"]
    wanted = [
        *(WORDS["ref"], says["premises"], says["assumed"], says["case"], says["likelihood"], WORDS["why"]),
        *(says["unknown"], says["options"], WORDS["limits"], WORDS["uncertainty"]),
        *(WORDS["page"]["discussion"], WORDS["sources"], says["provenance"]),
    ]
    assert [heading for heading in headings if heading in wanted] == wanted


def test_tables_have_headers_for_columns_and_rows() -> None:
    page = read(html_of(RULES.get("breast"), {"grade": 3, "nodes_positive": 2, "er": "positive"}))
    tables = list(page.all("table"))
    assert len(tables) == 3
    ids = {element.attributes["id"] for element in page.all() if "id" in element.attributes}
    for table in tables:
        columns = [found.attributes["scope"] for found in next(table.all("thead")).all("th")]
        assert columns == ["col"] * len(columns)
        assert table.attributes["aria-labelledby"] in ids
        for row in (row for body in table.all("tbody") for row in body.all("tr")):
            (header,) = row.all("th")
            assert header.attributes["scope"] in ("row", "rowgroup")
            cells = len(list(row.all("td"))) + int(header.attributes.get("colspan", "1"))
            assert cells == len(columns)


def test_no_id_stands_twice_and_what_is_named_by_an_id_is_there() -> None:
    for table, case in examples():
        page = read(html_of(table, case))
        ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
        assert len(set(ids)) == len(ids)
        named = [
            name for element in page.all() for name in element.attributes.get("aria-labelledby", "").split()
        ]
        assert named
        assert set(named) <= set(ids)


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    for table, case in examples():
        text = html_of(table, case)
        page = read(text)
        assert next(page.all("html")).attributes["lang"] == "en-GB"
        assert not list(page.all("script", "link", "img", "iframe", "object", "embed", "base", "form"))
        (style,) = page.all("style")
        assert not NETWORK.search("".join(map(str, style.inside)))
        for element in page.all():
            for name, value in element.attributes.items():
                assert name not in ("src", "srcset", "xlink:href", "style", "action")
                assert not name.startswith("on")
                assert name != "href" or value.startswith("#")
        policy = next(found for found in page.all("meta") if "http-equiv" in found.attributes)
        assert policy.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_the_sheets_are_made_for_paper_of_any_size_and_cut_no_row() -> None:
    text = html_of(LEAF, {})
    assert "@page {" in text
    assert not re.search(r"@page[^@]*\bsize:", text), "the size of the paper is the printer's"
    assert re.search(r"@media print \{.*\btr, li, figure[^}]*break-inside: avoid", text, re.S)
    assert re.search(r"thead \{ display: table-header-group; \}", text)


def luminance(colour: str) -> float:
    """Return how bright a colour is, from 0 to 1, as the guidelines for contrast define it."""
    colour = colour if len(colour) == 6 else "".join(sign * 2 for sign in colour)
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_of_text_stands_out_from_every_ground() -> None:
    style = html_of(LEAF, {}).split("<style>")[1].split("</style>")[0]
    style = re.sub(r"\.stamp \{[^}]*\}", "", style)  # behind the text, and said in words above it
    texts = re.findall(r"(?<![-a-z])color: #([0-9a-f]+)", style)
    grounds = re.findall(r"background: #([0-9a-f]+)", style)
    assert len(texts) > 2
    assert len(grounds) > 1
    for text in texts:
        for ground in grounds:
            dark, bright = sorted((luminance(text), luminance(ground)))
            assert (bright + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


# ---- the picture


RANGES = [LEVELS[low:high] for low in range(4) for high in range(low + 1, 5)] + [
    ("low", "high"),
    ("intermediate", "very_high"),
    ("low", "high", "very_high"),
    ("low", "very_high"),
]


def squares(page: Element) -> list[str]:
    """Return the fills of the squares of a page in the order in which they stand."""
    found = [one for one in page.all("g") if one.attributes["class"].startswith("square ")]
    return [one.attributes["class"].removeprefix("square ") for one in found]


@pytest.mark.parametrize("levels", RANGES, ids="-".join)
def test_the_squares_are_counted_from_the_edges_of_the_band(levels: tuple[str, ...]) -> None:
    bands = {level["id"]: (level["from"], level["below"]) for level in LEAF.common["levels"]}
    low, high = bands[levels[0]][0], bands[levels[-1]][1]
    blocks = [Block("", (Line("Title", "title"),)), Block("Level", (Line("Level: text", "level"),))]
    page = read(page_html(document(blocks, WORDS, levels), WORDS))
    if (low, high) == (0, 100):
        assert squares(page) == []
        assert not list(page.all("svg"))
        return
    counts = {"sure": low, "open": high - low, "rest": 100 - high}
    assert squares(page) == [kind for kind in counts for _ in range(counts[kind])]
    drawing = next(page.all("svg"))
    places = {(one.attributes["x"], one.attributes["y"]) for one in drawing.all("rect")}
    assert len(places) == 100
    assert drawing.attributes["role"] == "img"
    title, desc = next(drawing.all("title")), next(drawing.all("desc"))
    assert drawing.attributes["aria-labelledby"] == f"{title.attributes['id']} {desc.attributes['id']}"
    assert title.text.endswith(f"the edges of the band, {low} and {high}")
    signs = {"sure": "filled", "open": "striped", "rest": "empty"}
    for kind, count in counts.items():
        assert (f"{count} {signs[kind]} squares" in desc.text) is bool(count)
        assert f" {signs[kind]} squares" not in desc.text or count
    numbers = {int(number) for number in re.findall(r"\d+", desc.text)}
    assert numbers == {100, *filter(None, counts.values())}, "there is no middle"


def test_fills_differ_without_colour() -> None:
    page = read(page_html(document([Block("", (Line("T", "title"),))], WORDS, ["high"]), WORDS))
    striped = [bool(list(one.all("path"))) for one in next(page.all("svg")).all("g")]
    assert striped == [False] * 30 + [True] * 20 + [False] * 50
    style = "".join(map(str, next(page.all("style")).inside))
    assert ".sure rect { fill: #1a1a1a; }" in style
    assert "rect { stroke: #1a1a1a; fill: #fff; }" in style


def test_where_every_level_is_possible_a_sentence_stands_instead_of_the_picture() -> None:
    page = read(html_of(LEAF, {}))
    assert not list(page.all("svg"))
    assert WORDS["page"]["picture"]["none"] in page.text
    assert picture_of(LEVELS, WORDS) is None
    assert picture_of([], WORDS) is None


def test_blocks_of_another_report_are_shown_with_the_picture_above_them() -> None:
    blocks = [
        Block("", (Line("For you", "title"), Line("A word before"))),
        Block("What was found", (Line("- one"), Line("  more of one"), Line("- two"))),
        Block("", (Line("A word after"),)),
    ]
    text = page_html(document(blocks, WORDS, ["low"]), WORDS, language="en")
    page = read(text)
    assert squares(page) == ["open"] * 10 + ["rest"] * 90
    assert (
        text.index("<h1>For you</h1>") < text.index("A word before") < text.index("<svg") < text.index("<h2")
    )
    assert [found.text for found in page.all("h2")] == ["What was found"]
    assert [item.text for item in next(page.all("section")).all("li")] == [
        "one more of one",
        "more of one",
        "two",
    ]
    assert "Discussion" not in text
    assert "DRAFT" not in text


# ---- hostile texts

HOSTILE = "</style><script>alert(1)</script> \"'><img src=x onerror=y> {{ 7 * 7 }} [1] \x1b[31m\u202e\n- a"


def test_the_texts_of_a_case_are_shown_and_never_obeyed() -> None:
    text = html_of(LEAF, {"grade": 2, "ref": HOSTILE})
    page = read(text)
    assert not list(page.all("script", "img"))
    assert "</style><" not in text.split("</style>", 1)[1]
    assert "</style><script>alert(1)</script> \"'><img src=x onerror=y> {{ 7 * 7 }} [1]" in page.text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.count("<style>") == text.count("</style>") == 1
    assert len([one for one in page.all() if one.attributes.get("id") == "source-1"]) == 1


def test_a_reference_that_looks_like_a_list_or_a_source_stays_as_it_is() -> None:
    for ref in ("- 5", "[1] x", "  spaced"):
        page = read(html_of(LEAF, {"ref": ref}))
        assert ref.strip() in page.text
        assert ref in html_of(LEAF, {"ref": ref})


def test_markdown_shows_the_texts_of_a_case_as_they_are() -> None:
    shown = markdown_of(LEAF, {"ref": "<script>*a* | [x](y)\n# b"})
    assert "\n\\<script>\\*a\\* \\| \\[x\\](y) # b\n" in shown


def test_a_hostile_table_cannot_leave_its_cell() -> None:
    answer = answer_to(LEAF, {"nodes_positive": 5})
    options = tuple(
        option.model_copy(update={"name": HOSTILE, "why": HOSTILE, "availability": {HOSTILE: HOSTILE}})
        for option in answer.options
    )
    assert options
    page = read(page_html(answer_document(answer.model_copy(update={"options": options}), WORDS), WORDS))
    assert not list(page.all("script", "img"))


# ---- the other forms


def test_markdown_holds_the_same_as_the_page() -> None:
    for table, case in examples():
        answer, shown = as_shown(answer_to(table, case)), markdown_of(table, case).replace("\\", "")
        page = read(html_of(table, case))
        headings = [found.text for found in page.all("h1", "h2", "h3")]
        assert re.findall(r"^#+ (.*)$", shown, re.M) == headings
        for option in answer.options:
            assert option.name in shown
            assert option.why in shown
        for source in answer.sources.values():
            assert source.title in shown
        for fill in page.all("figcaption"):
            assert all(item.text in shown for item in fill.all("li"))


def test_a_page_of_each_kind_is_written_beside_the_answer(run: Run, tmp_path: Path) -> None:
    plain_answer = run("assess", *FLAGS)
    for form in ("html", "md", "json"):
        path = tmp_path / f"page.{form.upper() if form == 'md' else form}"
        told = run("assess", *FLAGS, "--report", path)
        assert (told.code, told.out) == (0, plain_answer.out)
        assert told.err == f"Report written to {path}.\n"
    read((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert (tmp_path / "page.MD").read_text(encoding="utf-8").startswith("**DRAFT")
    data = (tmp_path / "page.json").read_text(encoding="utf-8")
    assert data == run("assess", *FLAGS, "--json").out


def test_the_decision_stands_in_the_page_when_it_is_asked_for(run: Run, tmp_path: Path) -> None:
    for form in ("html", "md", "json"):
        run("assess", *FLAGS, "--why", "--report", tmp_path / f"page.{form}")
    headings = [found.text for found in read((tmp_path / "page.html").read_text(encoding="utf-8")).all("h2")]
    at = headings.index(WORDS["decision"]["may_decide"])
    assert at < headings.index(WORDS["uncertainty"])
    assert f"## {WORDS['decision']['may_decide']}" in (tmp_path / "page.md").read_text(encoding="utf-8")
    assert '"decision": {' in (tmp_path / "page.json").read_text(encoding="utf-8")


# ---- what can go wrong


@pytest.fixture
def without_jinja(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take Jinja2 away."""
    monkeypatch.setitem(sys.modules, "jinja2", None)


@pytest.mark.usefixtures("without_jinja")
def test_without_jinja_one_sentence_says_how_to_get_it(run: Run, tmp_path: Path) -> None:
    told = run("assess", *FLAGS, "--report", tmp_path / "page.html")
    assert (told.code, told.out, told.problems) == (2, "", [need_more()])
    assert list(tmp_path.iterdir()) == []
    assert run("assess", *FLAGS, "--report", tmp_path / "page.md").code == 0
    assert run("assess", *FLAGS, "--report", tmp_path / "page.json").code == 0


@pytest.mark.parametrize("name", ["page.pdf", "page", "page.html.gz"])
def test_another_ending_is_refused(name: str, run: Run, tmp_path: Path) -> None:
    told = run("assess", *FLAGS, "--report", tmp_path / name)
    assert (told.code, told.out) == (2, "")
    assert len(told.problems) == 1
    assert told.err.endswith("is none of FILE.html, FILE.md and FILE.json\n")
    assert list(tmp_path.iterdir()) == []


def test_a_report_is_written_whole_or_not_at_all(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.html"
    path.write_text("what stood there before", encoding="utf-8")

    def full(self: Path, *_: Any, **__: Any) -> int:
        with self.open("w", encoding="utf-8") as file:
            file.write("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    told = run("assess", *FLAGS, "--report", path)
    assert (told.code, told.out) == (2, "")
    assert "cannot be written (No space left on device)" in told.err
    assert [found.name for found in tmp_path.iterdir()] == ["page.html"]
    assert path.read_text(encoding="utf-8") == "what stood there before"


def test_a_wrong_case_writes_no_report(run: Run, tmp_path: Path) -> None:
    assert run("assess", "breast", "--grade", "9", "--report", tmp_path / "page.html").code == 2
    assert run("assess", "breast", "--metastasis", "present", "--report", tmp_path / "page.html").code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_is_given_without_a_name_is_said(run: Run) -> None:
    told = run("assess", *FLAGS, "--report")
    assert (told.code, told.problems) == (2, ["--report needs a value"])


# ---- pages of a cohort

Assess = Callable[..., Told]


@pytest.fixture
def assess(run: Run, tmp_path: Path) -> Assess:
    """Assess four rows: two with an answer, one that is wrong and one that is out of scope."""
    rows = [
        {"cancer": "breast", "ref": "A", "grade": 3, "her2": None, "metastasis": None},
        {"cancer": "colon", "ref": "<b>", "grade": 2, "her2": None, "metastasis": None},
        {"cancer": "breast", "ref": "C", "grade": 9, "her2": None, "metastasis": None},
        {"cancer": "breast", "ref": "D", "grade": 1, "her2": "positive", "metastasis": "present"},
    ]
    write_frames([polars.DataFrame(rows, infer_schema_length=None)], str(tmp_path / "in.csv"), "csv")

    def assess_rows(*flags: str | Path) -> Told:
        return run("cohort", "assess", tmp_path / "in.csv", "-o", tmp_path / "out.csv", *flags)

    return assess_rows


@pytest.mark.parametrize("form", ["html", "md"])
def test_a_page_for_every_row_of_a_cohort(form: str, assess: Assess, tmp_path: Path) -> None:
    told = assess("--reports", tmp_path / "pages", "--reports-as", form, "--assume", "her2=negative")
    assert told.code == 4
    assert told.problems[-1] == f"4 pages in {tmp_path / 'pages'}."
    pages = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "pages").iterdir()}
    assert set(pages) == {f"{name}.{form}" for name in ("A", "b", "C", "D")}
    if form == "html":
        pages = {name: read(text).text for name, text in pages.items()}
    assert "No one can know for certain" in pages[f"A.{form}"]
    assert "Assumed for the whole cohort, not stated" in pages[f"A.{form}"]
    assert "her2=negative" in pages[f"A.{form}"]
    for name in ("C", "D"):
        shown = pages[f"{name}.{form}"]
        assert "No answer" in shown
        assert "No one can know" not in shown
        assert "Discussion" not in shown
    assert "grade: 9 is not allowed" in pages[f"C.{form}"]


def test_text_is_what_pages_are_as_it_stands(assess: Assess, tmp_path: Path) -> None:
    assess("--reports", tmp_path / "one")
    assess("--reports", tmp_path / "two", "--reports-as", "txt")
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two")
    )
    assert first == second
    assert set(first) == {"A.txt", "b.txt", "C.txt", "D.txt"}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--reports-as", "html"), "--reports-as says what pages are; give --reports DIR as well"),
        (("--reports", "p", "--reports-as", "pdf"), '--reports-as "pdf" is not known; use txt, md or html'),
    ],
    ids=["nowhere", "unknown"],
)
def test_pages_that_cannot_be_made_are_refused_before_anything_is_written(
    flags: tuple[str, ...], said: str, assess: Assess, tmp_path: Path
) -> None:
    told = assess(*flags)
    assert (told.code, told.problems) == (2, [said])
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.usefixtures("without_jinja")
def test_pages_of_a_cohort_without_jinja(assess: Assess, tmp_path: Path) -> None:
    told = assess("--reports", tmp_path / "pages", "--reports-as", "html")
    assert (told.code, told.problems) == (2, [need_more()])
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


CLEAR = ["--grade", "2", "--nodes-positive", "0", "--er", "positive", "--her2", "negative"]
CLEAR += ["--tumour-size-mm", "25", "--lvi", "absent"]


@pytest.mark.parametrize("form", ["html", "md"])
def test_the_page_for_a_patient_has_its_own_words_and_no_terminals_drawing(
    form: str, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / f"page.{form}"
    told = run("assess", "breast", *CLEAR, "--for", "patient", "--report", file)
    assert told.code == 0
    text = " ".join(re.sub("<[^>]*>", " ", file.read_text(encoding="utf-8")).split())
    assert "No one can know which square you are." in text
    assert "distant recurrence" not in text.partition("What no one can know")[0]
    assert "signs show" not in text
    assert "Room to write down what you talked about." in text
    assert "What this page rests on" in text
    assert "What is taken as so" not in text
    assert "No one can know for certain whether this cancer has spread" in text


def test_a_patient_for_whom_too_little_is_known_gets_no_picture(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    run("assess", "breast", "--for", "patient", "--report", file)
    text = file.read_text(encoding="utf-8")
    assert "Not enough is known yet to give a level." in text
    assert "<svg" not in text
    assert " in 100" not in re.sub("<[^>]*>", " ", text)


def test_the_whole_answer_is_no_page_for_a_patient(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "page.json"
    told = run("assess", "breast", *CLEAR, "--for", "patient", "--report", file)
    assert (told.code, told.out) == (2, "")
    assert told.err == "--for patient is a page of its own; leave --report FILE.json out\n"
    assert not file.exists()
