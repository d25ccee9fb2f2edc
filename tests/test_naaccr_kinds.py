"""Which cancer a site and a histology are, held against the schemas of the staging library."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import pytest

import riskcli
from riskcli.errors import OutOfScope
from riskcli.interop.codes import Codes
from riskcli.interop.crosswalk import Kind
from riskcli.interop.registry import RegistryReader
from tests.registry_side import DATA, NAACCR, READER, RULES

_KEYS = {
    "site": "primarySite",
    "hist": "histologicTypeIcdO3",
    "behavior": "behaviorCodeIcdO3",
    "discriminator_1": "schemaDiscriminator1",
    "discriminator_2": "schemaDiscriminator2",
    "sex_at_birth": "sexAssignedAtBirth",
}
SELECTION = {
    schema: [{_KEYS[key]: Codes(codes.strip(",") or "blank") for key, codes in row.items()} for row in rows]
    for schema, rows in json.loads((DATA / "eod_selection.json").read_text(encoding="utf-8")).items()
}
"""What selects each schema of EOD 3.3."""
SKINS = {"skin_eyelid", "skin_other", "cutaneous_carcinoma_head_neck"}
SOFT = {
    f"soft_tissue_{part}" for part in ("trunk_extremities", "abdomen_thoracic", "head_neck", "other", "rare")
}
MOUTHS = {"lip", "tongue_anterior", "floor_mouth", "gum", "buccal_mucosa", "palate_hard", "mouth_other"}
THROATS = {
    "oropharynx_p16_neg",
    "oropharynx_hpv_associated_v9_2026",
    "oropharynx_hpv_mediated_p16_pos",
    "hypopharynx",
}
LARYNXES = {f"larynx_{part}" for part in ("glottic", "other", "subglottic", "supraglottic")}
SCHEMAS = {
    "biliary": {"bile_ducts_intrahepat", "bile_ducts_perihilar", "bile_ducts_distal", "gallbladder", "liver"},
    "bladder": {"bladder"},
    "breast": {"breast"},
    "cervix": {"cervix_9th_2021"},
    "colon": {"colon_rectum"},
    "cutaneous_squamous": SKINS,
    "endometrium": {"corpus_carcinoma"},
    "gist": {"gist"},
    "head_and_neck": MOUTHS | THROATS | LARYNXES,
    "kidney": {"kidney_parenchyma"},
    "liver_hcc": {"liver"},
    "lung_nsclc": {"lung", "lung_v9_2025"},
    "melanoma": {"melanoma_skin"},
    "merkel_cell": {"merkel_cell_skin"},
    "oesophagus": {"esophagus_gejunction", "esophagus_including_ge_junction_squamous"},
    "ovary": {"ovary", "fallopian_tube", "primary_peritoneal_carcinoma"},
    "pancreas": {"pancreas"},
    "penile": {"penis"},
    "prostate": {"prostate"},
    "rectum": {"colon_rectum"},
    "soft_tissue_sarcoma": SOFT | SKINS | {"retroperitoneum"},
    "stomach": {"stomach"},
    "testis_nonseminoma": {"testis", "soft_tissue_abdomen_thoracic"},
    "testis_seminoma": {"testis", "soft_tissue_abdomen_thoracic"},
    "thyroid_differentiated": {"thyroid"},
    "upper_tract_urothelial": {"kidney_renal_pelvis"},
    "vulva": {"vulva", "vulva_v9_2024"},
}
"""The schemas that each of our cancers is a part of; EOD files old names of testis tumours as soft tissue."""


def schemas(record: dict[str, str]) -> set[str]:
    """Return the schemas that a record selects."""
    return {
        schema
        for schema, rows in SELECTION.items()
        if any(all(record.get(item, "") in codes for item, codes in row.items()) for row in rows)
    }


def corners(kind: Kind) -> Iterator[dict[str, str]]:
    """Give records with the codes at the ends of every range of a kind."""
    ends = {item: list(Codes(NAACCR.written_out(codes)).ends()) for item, codes in kind.when.items()}
    unknown = {"schemaDiscriminator1": "9", "schemaDiscriminator2": "9", "sexAssignedAtBirth": "2"}
    for codes in itertools.product(*ends.values()):
        record = dict(zip(ends, codes, strict=True))
        named = {item: code for item, code in record.items() if code != "blank"}
        yield {"behaviorCodeIcdO3": "3", **unknown, **named}


WITH_TABLE = [kind for kind in NAACCR.kinds if kind.cancer in RULES.names]


@pytest.mark.parametrize(
    "kind", WITH_TABLE, ids=lambda kind: f"{kind.cancer}:{next(iter(kind.when.values()))}"
)
def test_a_kind_with_a_table_is_in_a_schema_of_its_cancer(kind: Kind) -> None:
    selected = 0
    for record in corners(kind):
        cancer = READER.read(record).record.get("cancer")
        found = schemas(record)
        if cancer in SCHEMAS and found:  # an end of a range that no site or histology has selects nothing
            assert found & SCHEMAS[str(cancer)], (record, cancer, found)
            selected += 1
    assert selected


def test_every_cancer_with_a_table_has_its_schemas() -> None:
    assert {*SCHEMAS} == {str(kind.cancer) for kind in WITH_TABLE} == {*RULES.names} - {"other_solid"}
    assert {schema for some in SCHEMAS.values() for schema in some} <= {*SELECTION}


def cancer_of(site: str, histology: str, **more: str) -> str | None:
    """Return the cancer of a site and a histology; None when no table and no sentence has a name for it."""
    record = {"primarySite": site, "histologicTypeIcdO3": histology, "behaviorCodeIcdO3": "3", **more}
    return READER.read(record).record.get("cancer")


@pytest.mark.parametrize(
    ("site", "histology", "cancer"),
    [
        ("C504", "9680", "lymphoma"),
        ("C421", "9732", "myeloma"),
        ("C421", "9861", "leukaemia"),
        ("C443", "9700", "lymphoma"),
        ("C163", "8936", "gist"),
        ("C163", "8140", "stomach"),
        ("C163", "8240", "neuroendocrine tumour"),
        ("C163", "8890", None),
        ("C447", "8720", "melanoma"),
        ("C447", "8070", "cutaneous_squamous"),
        ("C447", "8090", "basal cell carcinoma"),
        ("C447", "8247", "merkel_cell"),
        ("C447", "8890", "soft_tissue_sarcoma"),
        ("C447", "8832", None),
        ("C693", "8720", "uveal melanoma"),
        ("C211", "8720", "mucosal melanoma"),
        ("C211", "8070", "anal squamous cell carcinoma"),
        ("C341", "8041", "small cell carcinoma"),
        ("C341", "8013", "neuroendocrine carcinoma"),
        ("C341", "8240", "neuroendocrine tumour"),
        ("C539", "8041", "cervix"),
        ("C384", "9050", "mesothelioma"),
        ("C402", "9180", "osteosarcoma"),
        ("C492", "9260", "ewing sarcoma"),
        ("C711", "9440", "brain tumour"),
        ("C809", "8010", "unknown primary"),
        ("C220", "8180", None),
        ("C181", "8140", None),
        ("C172", "8140", None),
        ("C541", "8890", None),
        ("C739", "8510", "medullary thyroid cancer"),
        ("C739", "8021", "anaplastic thyroid cancer"),
        ("C569", "8620", "sex cord stromal tumour"),
        ("C569", "9060", "ovarian germ cell tumour"),
        ("C621", "9063", "spermatocytic tumour"),
        ("C621", "9061", "testis_seminoma"),
        ("C621", "9080", "testis_nonseminoma"),
        ("C649", "8960", "childhood cancer"),
        ("C649", "8120", None),
        ("C619", "8041", "small cell carcinoma"),
        ("C619", "8070", None),
        ("C504", "9020", None),
        ("C504", "8000", None),
    ],
)
def test_site_and_histology_together_say_which_cancer(site: str, histology: str, cancer: str | None) -> None:
    assert cancer_of(site, histology) == cancer


def test_what_has_no_table_is_out_of_scope_with_a_sentence() -> None:
    for kind in NAACCR.kinds:
        if kind.cancer is not None and kind.cancer not in RULES.names:
            with pytest.raises(OutOfScope):
                riskcli.assess({"cancer": kind.cancer})
    record = {"primarySite": "C181", "histologicTypeIcdO3": "8140"}
    assert str(READER.read(record).refused) == "cancer of the appendix has no table"
    odd = READER.read({"primarySite": "C163", "histologicTypeIcdO3": "8890"})
    assert str(odd.refused) == "no table covers histology 8890 at site C163"


def test_no_case_becomes_the_table_for_no_cancer() -> None:
    assert "other_solid" not in {kind.cancer for kind in NAACCR.kinds}


def test_the_distance_from_the_junction_decides_at_the_cardia() -> None:
    found = {code: cancer_of("C160", "8140", schemaDiscriminator1=code) for code in "0239"}
    assert found == {"0": "stomach", "2": "oesophagus", "3": "stomach", "9": "stomach"}
    without = READER.read({"primarySite": "C160", "histologicTypeIcdO3": "8140"})
    assert (without.record["cancer"], len(without.notes)) == ("stomach", 1)


def test_what_is_not_told_apart_stays_a_list() -> None:
    place = {"primarySite": "C240", "histologicTypeIcdO3": "8140"}
    assert READER.read(place).record["primary_site"] == ["perihilar", "distal"]
    assert READER.read({**place, "schemaDiscriminator1": "4"}).record["primary_site"] == "distal"
    serous = READER.read({"primarySite": "C569", "histologicTypeIcdO3": "8441"}).record["histology"]
    assert serous == ["high_grade_serous", "low_grade_serous"]


def test_a_record_without_a_site_has_the_cancer_of_the_cohort_or_a_reason() -> None:
    assert RegistryReader(NAACCR, RULES, "breast").read({"estrogenReceptorSummary": "1"}).record == {
        "er": "positive"
    }
    assert "is not stated" in str(READER.read({"estrogenReceptorSummary": "1"}).refused)
    assert "without a histology" in str(READER.read({"primarySite": "C504"}).refused)


def test_a_histology_may_be_written_with_its_behaviour() -> None:
    for histology in ("8500/3", "8500 / 3", "8500/32", "8500/", "8500"):
        assert cancer_of("C504", histology) == "breast", histology
    for histology, why in (
        ("8500/2", "in situ"),
        ("8500/23", "in situ"),
        ("8500/1", "benign or of uncertain"),
    ):
        refused = READER.read({"primarySite": "C504", "histologicTypeIcdO3": histology}).refused
        assert why in str(refused), histology


def test_a_behaviour_in_two_places_is_one_behaviour_or_none() -> None:
    place = {"primarySite": "C504", "histologicTypeIcdO3": "8500/3"}
    assert READER.read({**place, "behaviorCodeIcdO3": "3"}).record["cancer"] == "breast"
    assert str(READER.read({**place, "behaviorCodeIcdO3": "2"}).refused) == (
        "item behaviorCodeIcdO3 stands there twice with different codes; keep one"
    )


def test_a_site_may_have_a_full_stop() -> None:
    assert cancer_of("C50.4", "8500") == "breast"
