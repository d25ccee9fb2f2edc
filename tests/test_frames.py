"""Batches of a cohort when little is remembered, and what else may be kept of answers."""

from __future__ import annotations

import random
from typing import Any

import pytest

pl = pytest.importorskip("polars")

from riskcli.cohort import frames  # noqa: E402
from riskcli.cohort.columns import Naming, match_columns  # noqa: E402
from riskcli.cohort.fields import FieldNames  # noqa: E402
from riskcli.cohort.rows import Answered, Rowwise  # noqa: E402
from riskcli.loader import load_rules  # noqa: E402

RULES = load_rules()
CHOICES: dict[str, list[str | None]] = {
    "cancer": ["breast", "colon", "other_solid", "nowhere", None],
    "grade": ["1", "2", "3", "unknown", "9", None],
    "nodes_positive": ["0", "1", "3", "4", "12", "unknown", None],
    "nodes_examined": ["0", "2", "12", "30", None],
    "vascular_invasion": ["present", "absent", "banana", None],
    "tumour_size_mm": ["8", "20", "21", "2.5 cm", "60", None],
    "t_category": ["T1", "pT2", "T3", "T4a", None],
}


def cohort(count: int) -> pl.DataFrame:
    """Return rows drawn at random."""
    rng = random.Random(7)
    return pl.DataFrame(
        {name: [rng.choice(values) for _ in range(count)] for name, values in CHOICES.items()},
        schema=dict.fromkeys(CHOICES, pl.String),
    )


def assessor(**more: Any) -> frames.FrameAssessor:
    """Return what answers the cohort."""
    columns = match_columns(list(CHOICES), FieldNames(RULES), Naming(), cancer_given=True)
    return frames.FrameAssessor(Rowwise(RULES, "other_solid"), columns, Naming(), **more)


def test_forgetting_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = cohort(600)
    whole = assessor().answer(rows).cast(pl.String)
    monkeypatch.setattr(frames, "MOST_REMEMBERED", 20)
    monkeypatch.setattr(frames, "MOST_VALUES", 2)
    short = assessor()
    parts = [short.answer(rows[i : i + 37]).cast(pl.String) for i in range(0, rows.height, 37)]
    assert pl.concat(parts).equals(whole)
    assert len(short.answers.rows) < 100
    one_by_one = [Rowwise(RULES, "other_solid").answer(row) for row in rows.to_dicts()]
    assert [row[len(CHOICES) :] for row in whole.rows()] == [
        tuple(None if value is None else str(value) for value in row) for row in one_by_one
    ]


def test_fewer_answers_may_be_remembered_and_none_changes() -> None:
    rows = cohort(600)
    short = assessor(remembered=20)
    parts = [short.answer(rows[i : i + 37]) for i in range(0, rows.height, 37)]
    assert pl.concat(parts).cast(pl.String).equals(assessor().answer(rows).cast(pl.String))
    assert len(short.answers.rows) < 100


def test_a_text_of_many_answers_is_kept_once() -> None:
    kept = assessor()
    kept.numbers(cohort(600))
    texts = [text for row in kept.answers.rows for text in row if isinstance(text, str)]
    assert len({id(text) for text in texts}) == len({*texts}) < len(texts) / 5


def test_what_else_is_kept_stands_beside_the_answer_it_is_of() -> None:
    def settled_by(found: Answered) -> Any:
        return None if found.core is None else tuple(found.core["to_settle"])

    kept = assessor(besides=settled_by)
    rows = cohort(200)
    for row, number in zip(rows.to_dicts(), kept.numbers(rows), strict=True):
        assert kept.answers.besides[number] == settled_by(Rowwise(RULES, "other_solid").answered(row))
