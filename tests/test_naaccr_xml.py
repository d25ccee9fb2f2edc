"""NAACCR XML: every tumour with its patient's items, and nothing that such a file never has."""

from __future__ import annotations

import gzip
import io
import itertools
import tracemalloc
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskcli.interop.naaccr_xml as module
from riskcli.interop.naaccr_xml import Tumour, XmlRefused, tumours
from tests.registry_side import SAMPLE, registry_xml

WANTED = {"sex", "primarySite", "regionalNodesPositive", "patientIdNumber"}
BEGIN = '<NaaccrData xmlns="http://naaccr.org/naaccrxml">'


def item_of(said: str) -> str | None:
    return {"820": "regionalNodesPositive"}.get(said, said) if said in WANTED | {"820"} else None


def whole(inside: str) -> str:
    """Return a file with one patient that holds this."""
    return f"{BEGIN}<Patient>{inside}</Patient></NaaccrData>"


def read(*pieces: bytes | str, utf8: bool = False) -> list[Tumour]:
    given = [piece.encode() if isinstance(piece, str) else piece for piece in pieces]
    return list(tumours(given, item_of, "x.xml", utf8))


def why(*pieces: bytes | str) -> str:
    """Return the one sentence that says why a file is refused."""
    with pytest.raises(XmlRefused) as told:
        read(*pieces)
    assert len(told.value.problems) == 1
    return str(told.value)


@pytest.mark.parametrize("encoding", ["bogus", "utf-7", "utf-32", "big5", "idna", "rot13"])
def test_an_encoding_that_is_not_known_is_refused(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{whole("<Tumor></Tumor>")}'
    assert why(text) == "x.xml, line 1: the encoding that it declares cannot be read; save it in UTF-8"
    assert read(text, utf8=True) == [Tumour({})]


def test_a_patient_s_items_reach_each_of_its_tumours_and_no_other() -> None:
    text = registry_xml(
        [
            ({"sex": "2", "patientIdNumber": "1"}, [{"primarySite": "C504"}, {"primarySite": "C187"}]),
            ({"patientIdNumber": "2"}, [{"primarySite": "C619"}]),
            ({"sex": "1"}, []),
        ]
    )
    assert [tumour.items for tumour in read(text)] == [
        {"sex": "2", "patientIdNumber": "1", "primarySite": "C504"},
        {"sex": "2", "patientIdNumber": "1", "primarySite": "C187"},
        {"patientIdNumber": "2", "primarySite": "C619"},
    ]


def test_items_may_be_named_by_number_and_those_not_wanted_are_left() -> None:
    text = whole('<Tumor><Item naaccrNum="820">97</Item><Item naaccrId="race1">01</Item></Tumor>')
    assert read(text)[0].items == {"regionalNodesPositive": "97"}


def test_an_item_that_stands_twice_with_different_codes_makes_the_record_wrong() -> None:
    twice = '<Item naaccrId="primarySite">C504</Item><Item naaccrId="primarySite">{}</Item>'
    text = whole(f"<Tumor>{twice.format('C187')}</Tumor><Tumor>{twice.format('C504')}</Tumor>")
    assert [tumour.wrong for tumour in read(text)] == [
        ["item primarySite stands there twice with different codes; keep one"],
        [],
    ]


def test_an_item_of_the_patient_that_stands_twice_makes_each_tumour_wrong() -> None:
    text = whole('<Item naaccrId="sex">1</Item><Item naaccrId="sex">2</Item><Tumor/><Tumor/>')
    assert [len(tumour.wrong) for tumour in read(text)] == [1, 1]


def test_elements_of_others_are_passed_over() -> None:
    text = whole('<x:y xmlns:x="o"><Item naaccrId="sex">1</Item></x:y><Tumor/>').replace(
        "<Patient>", '<Item naaccrId="sex">9</Item><Patient>'
    )
    assert read(text)[0].items == {}


def test_every_tumour_of_the_sample_is_found_as_a_tree_finds_it() -> None:
    data = gzip.decompress(SAMPLE.read_bytes())
    space = "{http://naaccr.org/naaccrxml}"
    expected = [
        {
            str(item.get("naaccrId")): str(item.text).strip()
            for item in [*patient.findall(f"{space}Item"), *tumour.findall(f"{space}Item")]
            if item.get("naaccrId") in WANTED
        }
        for patient in ET.parse(io.BytesIO(data)).getroot().findall(f"{space}Patient")
        for tumour in patient.findall(f"{space}Tumor")
    ]
    assert len(expected) == 100
    assert [tumour.items for tumour in read(data)] == expected


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 2000), max_size=12))
def test_where_the_pieces_end_makes_no_difference(cuts: list[int]) -> None:
    text = registry_xml([({"sex": "2"}, [{"primarySite": "C504"}] * 5)] * 5).encode()
    ends = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in itertools.pairwise(ends)]
    assert [tumour.items for tumour in read(*pieces)] == [{"sex": "2", "primarySite": "C504"}] * 25


def test_tumours_are_given_before_the_file_ends() -> None:
    def pieces() -> Iterator[bytes]:
        yield registry_xml([({}, [{"primarySite": "C504"}])]).partition("</NaaccrData>")[0].encode()
        raise AssertionError("read on")

    assert next(tumours(pieces(), item_of, "x.xml")).items == {"primarySite": "C504"}


# ---- what is refused


def test_an_entity_bomb_is_refused_at_its_document_type() -> None:
    bomb = '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>\n'
    bomb += f'{BEGIN}<Patient><Item naaccrId="sex">&b;</Item></Patient></NaaccrData>'
    assert why(bomb) == (
        "x.xml, line 2: a document type (DOCTYPE) or an entity stands there, "
        "which registry data never have; take it out"
    )


@pytest.mark.parametrize(
    "inside", ['<!ENTITY a SYSTEM "file:///etc/passwd">', '<!ENTITY % a SYSTEM "http://x.invalid/a.dtd"> %a;']
)
def test_an_external_entity_is_refused_unread(inside: str) -> None:
    assert "DOCTYPE" in why(f"<!DOCTYPE x [{inside}]>{BEGIN}<Patient/></NaaccrData>")
    assert "DOCTYPE" in why(f'<!DOCTYPE x SYSTEM "http://x.invalid/x.dtd">{BEGIN}</NaaccrData>')


def test_an_entity_that_nobody_declared_is_refused() -> None:
    assert "undefined entity" in why(
        f'{BEGIN}<Patient><Item naaccrId="sex">&a;</Item></Patient></NaaccrData>'
    )


def test_deep_nesting_is_refused() -> None:
    assert "nested more deeply" in why(BEGIN + "<x>" * 100_000)


@pytest.mark.parametrize("endless", ["<!-- {}", "<x a='{}", "<{}", "<?pi {}"])
def test_a_part_that_never_ends_is_refused_in_bounded_memory(endless: str) -> None:
    start, _, _ = endless.partition("{}")
    pieces = [(BEGIN + start).encode(), *([b"a" * 1_000_000] * 60)]
    tracemalloc.start()
    told = why(*pieces)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "longer than" in told
    assert peak < 200_000_000


def test_an_item_that_never_ends_is_refused() -> None:
    text = f'{BEGIN}<Patient><Item naaccrId="sex">' + "1" * 1_000_000
    assert why(text) == "x.xml, line 1: item sex is longer than 2000 characters, and its codes are short"


def test_a_text_that_is_not_wanted_may_be_long_and_is_not_kept() -> None:
    long = '<Item naaccrId="textRemarks">' + "a" * 3_000_000 + "</Item>"
    assert read(f"{BEGIN}<Patient>{long}<Tumor/></Patient></NaaccrData>")[0].items == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this is not well-formed XML (no element found)"),
        ("<NaaccrData>", "this is not well-formed XML (no element found)"),
        ("id,grade\n1,2\n", "this is not well-formed XML (syntax error)"),
        (f"{BEGIN}<Patient></NaaccrData>", "this is not well-formed XML (mismatched tag)"),
        ("<html/>", "the first element is html; NAACCR XML begins with NaaccrData"),
        (
            '<NaaccrData xmlns="http://other.invalid"/>',
            "NaaccrData stands in the namespace http://other.invalid; "
            "in NAACCR XML it is http://naaccr.org/naaccrxml",
        ),
        ('<html xmlns="http://other.invalid"/>', "the first element is html;"),
        (
            f'{BEGIN}<Patient><Tumor/><Item naaccrId="sex">1</Item></Patient></NaaccrData>',
            "stands after a tumour",
        ),
    ],
)
def test_what_is_no_naaccr_xml_is_said_in_one_sentence(text: str, said: str) -> None:
    assert said in why(text)


def test_damage_late_in_a_file_is_found_where_it_is() -> None:
    text = registry_xml([({}, [{"primarySite": "C504"}])] * 50).replace(
        "</NaaccrData>", "<Patient>&</Patient>"
    )
    assert why(text).startswith("x.xml, line 53: this is not well-formed XML")


def test_text_may_be_in_another_encoding_that_the_file_declares() -> None:
    text = registry_xml([({"patientIdNumber": "M\u00fcller"}, [{}])])
    latin = text.replace('version="1.0"', 'version="1.0" encoding="iso-8859-1"').encode("iso-8859-1")
    assert read(latin)[0].items == {"patientIdNumber": "M\u00fcller"}
    utf16 = text.replace('version="1.0"', 'version="1.0" encoding="UTF-16"').encode()
    assert read(utf16, utf8=True)[0].items == {"patientIdNumber": "M\u00fcller"}


def test_the_bounds_are_far_from_what_registries_write() -> None:
    assert module._LONGEST_MARK > 1_000_000
    assert module._DEEPEST > 10
