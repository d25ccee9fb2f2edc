"""The statistics of a validation: by hand, against lifelines itself, and on both sides of every edge."""

from __future__ import annotations

import dataclasses
import random
import re
from collections import Counter
from datetime import date

import pytest

from riskcli.cohort.comparators import GRADE_ALONE, NODES_ALONE, Marker, compare
from riskcli.cohort.followed import Followed, Found, Gathered
from riskcli.cohort.judging import section, validate
from riskcli.cohort.outcomes import Outcome, OutcomeColumns, Outcomes, repeats, years_of
from riskcli.cohort.rows import Rowwise
from riskcli.cohort.survival import Followup, Observed, concordance, curve, log_rank, observed
from riskcli.cohort.validation import ABOVE, BELOW, INSIDE, UNJUDGED, Band, all_rise, verdict
from riskcli.errors import CaseError
from riskcli.loader import load_rules
from riskcli.report.validation import curve_lines, level_lines, rule_observed, validation_blocks
from riskcli.report.validation_data import validation_data
from riskcli.report.validation_page import validation_page
from riskcli.report.validation_words import sure_text

RULES = load_rules()
COLON = RULES.get("colon")
BANDS = [Band(level["from"], level["below"]) for level in COLON.common["levels"]]


def drawn(seed: int, size: int, competing: bool = False) -> Followup:
    """Return patients drawn by chance, with many equal times."""
    chance = random.Random(seed)
    years = tuple(round(chance.expovariate(0.2), 1) for _ in range(size))
    kinds = [chance.choice((0, 1, 2) if competing else (0, 1)) for _ in range(size)]
    other = tuple(kind == 2 for kind in kinds) if competing else None
    return Followup(years, tuple(kind == 1 for kind in kinds), other)


# ---- observed recurrence


def test_kaplan_meier_is_what_a_hand_computes() -> None:
    # at risk 6, 5, 3: S = 5/6, then (5/6)(4/5) = 2/3, then (2/3)(2/3) = 4/9
    group = Followup((1, 2, 2, 3, 4, 5), (True, True, False, True, False, False))
    assert observed(group, 0.5).percent == 0
    assert observed(group, 1).percent == pytest.approx(100 / 6)
    assert observed(group, 2.5).percent == pytest.approx(100 / 3)
    assert observed(group, 3).percent == pytest.approx(500 / 9)
    assert [observed(group, time).at_risk for time in (1, 2, 2.5, 3, 5)] == [6, 5, 3, 3, 1]
    assert curve(group, 5) == ((0, 0), (1, pytest.approx(16.666667)), (2, 33.333333), (3, 55.555556))


@pytest.mark.parametrize("seed", range(5))
def test_figures_and_intervals_are_those_of_lifelines(seed: int) -> None:
    from lifelines import KaplanMeierFitter

    group = drawn(seed, 60)
    fitted = KaplanMeierFitter().fit(group.years, group.events)
    for time in (1, 2.5, 5):
        found = observed(group, time)
        low, high = fitted.confidence_interval_.loc[:time].iloc[-1]
        assert found.percent == pytest.approx(100 * (1 - fitted.predict(time)))
        assert (found.low, found.high) == (pytest.approx(100 * (1 - high)), pytest.approx(100 * (1 - low)))


def test_nothing_is_said_beyond_the_last_patient() -> None:
    assert observed(Followup((1, 2), (True, False)), 3) == Observed(3, None, None, None, 0)
    assert observed(Followup(), 3).percent is None


def test_without_any_event_the_interval_still_has_a_width() -> None:
    found = observed(Followup((6,) * 20, (False,) * 20), 5)
    assert (found.percent, found.low) == (0, 0)
    assert found.high == pytest.approx(16.84, abs=0.01)  # the exact upper limit of 0 in 20


def test_competing_events_are_counted_as_a_hand_counts_them() -> None:
    # year 1: of 4, 1 has the event and 1 competes: incidence 1/4, free 2/4
    # year 2: of 2, 1 has the event: incidence 1/4 + 2/4 * 1/2
    group = Followup((1, 1, 2, 3), (True, False, True, False), (False, True, False, False))
    assert observed(group, 1).percent == pytest.approx(25)
    assert observed(group, 2).percent == pytest.approx(50)
    assert observed(dataclasses.replace(group, competing=None), 2).percent == pytest.approx(62.5)
    assert curve(group, 3) == ((0, 0), (1, 25), (2, 50))


@pytest.mark.parametrize("seed", range(4))
def test_competing_risks_agree_with_counting_and_do_not_change_from_run_to_run(seed: int) -> None:
    group = drawn(seed, 80, competing=True)
    for time in (1.0, 3.0, 6.0):
        free, incidence = 1.0, 0.0
        for at in sorted(set(group.years)):
            if at <= time:
                atrisk = sum(year >= at for year in group.years)
                both = list(zip(group.years, group.events, group.competing or (), strict=True))
                events = sum(year == at and event for year, event, _ in both)
                others = sum(year == at and other for year, _, other in both)
                incidence += free * events / atrisk
                free *= 1 - (events + others) / atrisk
        found = observed(group, time)
        assert found.percent == pytest.approx(100 * incidence)
        assert found == observed(group, time)
        assert found.low is not None
        assert found.high is not None
        assert found.low < 100 * incidence < found.high


def test_a_library_that_draws_by_chance_leaves_the_callers_chance_alone() -> None:
    import numpy as np

    np.random.seed(1)
    before = np.random.get_state()[1].tolist()  # type: ignore[index]
    observed(drawn(0, 40, competing=True), 3)
    concordance(drawn(0, 40), [1.0] * 40)
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]


# ---- verdicts


@pytest.mark.parametrize(
    ("level", "low", "high", "expected"),
    [
        (0, 0, 5, INSIDE),
        (0, 9.999, 20, INSIDE),
        (0, 10, 20, ABOVE),
        (1, 1, 9.999, BELOW),
        (1, 1, 10, INSIDE),
        (1, 29.999, 40, INSIDE),
        (1, 30, 40, ABOVE),
        (2, 20, 29.999, BELOW),
        (2, 20, 30, INSIDE),
        (2, 49.999, 60, INSIDE),
        (2, 50, 60, ABOVE),
        (3, 40, 49.999, BELOW),
        (3, 40, 50, INSIDE),
        (3, 99, 100, INSIDE),
        (3, 100, 100, INSIDE),
    ],
)
def test_the_verdict_on_both_sides_of_every_edge(level: int, low: float, high: float, expected: str) -> None:
    assert verdict(Observed(5, (low + high) / 2, low, high, 10), BANDS[level]) == expected


def test_nothing_is_judged_with_fewer_than_ten_at_risk() -> None:
    assert verdict(Observed(5, 40, 35, 45, 10), BANDS[0]) == ABOVE
    assert verdict(Observed(5, 40, 35, 45, 9), BANDS[0]) == UNJUDGED
    assert verdict(Observed(5, None, None, None, 0), BANDS[0]) == UNJUDGED


# ---- ranking


@pytest.mark.parametrize("seed", range(8))
def test_concordance_is_that_of_lifelines(seed: int) -> None:
    from lifelines.utils import concordance_index

    group = drawn(seed, 120)
    scores = [random.Random(seed + place).choice((0, 0.5, 1, 1.5, 2, 3)) for place in range(120)]
    expected = concordance_index(group.years, [-score for score in scores], group.events)
    found = concordance(group, scores)
    assert found.value == pytest.approx(expected)
    assert found.low is not None
    assert found.high is not None
    assert found.low < expected < found.high
    assert found == concordance(group, scores)


def test_concordance_is_not_defined_where_no_two_can_be_compared() -> None:
    assert concordance(Followup((1, 2), (False, False)), [0, 1]).value is None
    assert concordance(Followup((1,), (True,)), [0]).value is None


def test_the_log_rank_test_is_that_of_lifelines() -> None:
    from lifelines.statistics import logrank_test

    one, two = drawn(1, 50), drawn(2, 50)
    expected = logrank_test(one.years, two.years, one.events, two.events)
    found = log_rank([one, Followup(), two])
    assert found is not None
    assert (found.statistic, found.degrees) == (pytest.approx(expected.test_statistic), 1)
    assert found.p == pytest.approx(expected.p_value)
    assert log_rank([one]) is None


def test_what_else_ranks_is_compared_on_the_same_patients() -> None:
    follow = Followup((1, 2, 3, 4), (True, True, True, False))
    marks = [{NODES_ALONE: (2,)}, {NODES_ALONE: (1,)}, {}, {NODES_ALONE: (0, 1)}]
    (found,) = compare(follow, [0, 1, 3, 2], marks)
    assert (found.name, found.own_order, found.found.patients) == (NODES_ALONE, False, 3)
    assert found.found.value == 1
    assert found.levels.value == 0


def test_a_published_system_ranks_by_its_own_recurrence() -> None:
    follow = Followup((1, 1, 5, 5), (True, True, False, True))
    marks = [{"stage": ("A",)}, {"stage": ("A",)}, {"stage": ("Z",)}, {"stage": ("Z",)}]
    (found,) = compare(follow, [0] * 4, marks)
    assert found.own_order
    assert found.found.value == pytest.approx(4.5 / 5)
    assert found.levels.value == 0.5


def test_only_patients_surely_in_a_group_rank_it() -> None:
    # A: one event in 2 years; Z: one in 1 year, so Z ranks first, however long those in Z or Q were followed
    follow = Followup((2, 1, 9, 9), (True, True, False, False))
    marks = [{"stage": ("A",)}, {"stage": ("Z",)}, {"stage": ("Z", "Q")}, {"stage": ("Z", "Q")}]
    (found,) = compare(follow, [0] * 4, marks)
    assert found.found.value == pytest.approx((3 + 2 / 2) / 5)
    assert (found.sure.patients, found.sure.value, found.levels_sure.value) == (2, 1, 0.5)
    assert sure_text(found, 4, 2) == (
        "of the 2 surely in one group: 1.00 (1.00-1.00); levels on the same: 0.50 (0.50-0.50)"
    )
    assert sure_text(found, 4, 5) == "of the <5 surely in one group: too few to print"


def test_few_definite_answers_are_not_printed() -> None:
    open_ = [Followed(n, "colon", 0, 2, None, Outcome(2 + n / 9, n % 2 == 0)) for n in range(30)]
    found = validate(gathered([*open_, *patients(0, 4, 1)]), RULES, least=5)
    data = validation_data(found)["cancers"][0]
    assert data["definite"] == {"patients": "<5", "share": None}
    assert data["concordance_definite"] is None
    text = "\n".join(line.text for block in validation_blocks(found, 80) for line in block.lines)
    for shown in (text.replace("<", "&lt;"), validation_page(found)):
        assert "definite answers (one level): &lt;5 of 34" in shown
        assert "of the &lt;5 with one level: too few to print" in shown


def test_marks_come_from_what_a_record_states() -> None:
    marker = Marker(Rowwise(RULES, cancer="colon"))
    marks = marker.marks({"t_category": "T3", "nodes_positive": 0, "tumour_deposits": "absent"}, COLON)
    assert marks[NODES_ALONE] == (0,)
    assert marks["UICC/AJCC TNM 8 stage group"] == ("IIA",)
    assert GRADE_ALONE not in marks
    testis = RULES.get("testis_nonseminoma")
    assert marker.marks({"n_category": "N1"}, testis)[NODES_ALONE] == (1,)
    assert NODES_ALONE not in marker.marks({"vascular_invasion": "absent"}, testis)
    assert dict(marker.marks({"nodes_positive": "unknown"}, COLON)) == {}


# ---- times and events


def read(columns: OutcomeColumns, *rows: dict[str, object]) -> tuple[Outcomes, list[Outcome | None]]:
    """Read some rows."""
    outcomes = Outcomes(columns, list(rows[0]))
    found = [outcomes.row(number, row) for number, row in enumerate(rows, 1)]
    outcomes.finish()
    return outcomes, found


@pytest.mark.parametrize(
    ("value", "unit"), [(730.5, "days"), ("730.5", "days"), (24, "months"), (2, "years")]
)
def test_times_become_years(value: object, unit: str) -> None:
    assert years_of(value, unit) == (2, "")


@pytest.mark.parametrize(("value", "unit", "years"), [("99", "years", 99), (9999, "days", 9999 / 365.25)])
def test_nines_that_a_life_can_last_are_a_time(value: object, unit: str, years: float) -> None:
    assert years_of(value, unit) == (pytest.approx(years), "")


def test_weeks_become_years() -> None:
    assert years_of(52.1786, "weeks")[0] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (-0.1, "negative"),
        ("x", "not a number"),
        ("1,5", "not a number"),
        ("nan", "not a number"),
        (float("inf"), "not a number"),
        (True, "not a number"),
        ("", "missing"),
        (" ", "missing"),
        ("20240131", "a date"),
        (20240131, "a date"),
        ("2024-01-31", "a date"),
        ("2024-01-31 00:00:00", "a date"),
        (date(2024, 1, 31), "a date"),
        ("9999", "a code of nines"),
        (9999.0, "a code of nines"),
        (None, "missing"),
    ],
)
def test_a_time_that_cannot_be_used_has_a_reason(value: object, why: str) -> None:
    years, said = years_of(value, "years")
    assert years is None
    assert said.endswith(why)


@pytest.mark.parametrize("word", ["1", 1, 1.0, "1.0", "yes", "YES", " True ", True])
def test_what_is_an_event(word: object) -> None:
    assert read(OutcomeColumns("t", "e", "years"), {"t": 1, "e": word})[1] == [Outcome(1, True)]


@pytest.mark.parametrize("word", ["0", 0, 0.0, "no", "False", False])
def test_what_is_no_event(word: object) -> None:
    assert read(OutcomeColumns("t", "e", "years"), {"t": 1, "e": word})[1] == [Outcome(1, False)]


def test_an_event_that_cannot_be_read_is_refused_by_row_and_column_and_not_by_value() -> None:
    rows = [{"t": 1, "e": word} for word in ("1", "relapsed-xyz", "2", "")]
    with pytest.raises(CaseError) as refused:
        read(OutcomeColumns("t", "e", "years"), *rows)
    said = str(refused.value)
    assert said == (
        'row 2, column "e": is none of 1/0, yes/no and true/false (and 2 other rows); '
        "say what counts with --event-value VALUE"
    )


def test_event_values_say_what_counts() -> None:
    columns = OutcomeColumns("t", "e", "years", ("Distant", "2"))
    found = read(columns, *({"t": 1, "e": word} for word in ("distant ", "local", 2.0, "none")))[1]
    assert [one.event for one in found if one] == [True, False, True, False]


def test_an_event_value_that_no_row_has_is_a_slip() -> None:
    with pytest.raises(CaseError, match='no row has "distnat" in column "e"'):
        read(OutcomeColumns("t", "e", "years", ("distnat",)), {"t": 1, "e": "distant"})
    with pytest.raises(CaseError, match='row 2, column "e": is empty'):
        read(OutcomeColumns("t", "e", "years", ("x",)), {"t": 1, "e": "x"}, {"t": 1, "e": None})


def test_a_row_without_a_time_need_not_have_an_event() -> None:
    outcomes, found = read(OutcomeColumns("t", "e", "years"), {"t": "", "e": ""}, {"t": -1, "e": "?"})
    assert found == [None, None]
    assert {why: (left.count, left.rows) for why, left in outcomes.left.items()} == {
        "the time is missing": (1, [1]),
        "the time is negative": (1, [2]),
    }


def test_the_event_comes_before_a_competing_one() -> None:
    columns = OutcomeColumns("t", "e", "years", competing="d")
    rows = [{"t": 1, "e": e, "d": d} for e, d in ((1, 1), (0, 1), (0, 0))]
    outcomes, found = read(columns, *rows)
    assert found == [Outcome(1, True), Outcome(1, False, True), Outcome(1, False)]
    assert outcomes.both.count == 1
    with pytest.raises(CaseError, match='row 1, column "d": is none of'):
        read(columns, {"t": 1, "e": 1, "d": "dead"})


def test_days_that_are_read_as_years_are_noticed() -> None:
    with pytest.raises(CaseError, match="more than 100 years when it is read in years"):
        read(OutcomeColumns("t", "e", "years"), {"t": 2000, "e": 1})


def test_columns_and_unit_have_to_be_there() -> None:
    with pytest.raises(CaseError) as refused:
        Outcomes(OutcomeColumns("t", "e", "decades", competing="c", person="p", where=(("w", "1"),)), ["t"])
    assert len(refused.value.problems) == 5


def test_ids_that_stand_twice_are_told_from_several_tumours() -> None:
    twice, several = repeats([(1, "a", "x"), (2, "a", "x"), (3, "a", "x"), (5, "b", "x"), (9, "b", "y")])
    assert (twice.persons, twice.rows, twice.first) == (1, 3, 2)
    assert (several.persons, several.rows, several.first) == (1, 2, 9)


# ---- what is compared


def patients(level: int, size: int, events: int, years: float = 6, rule: str | None = None) -> list[Followed]:
    """Return patients of one level, some with the event after one year and more."""
    return [
        Followed(
            number,
            "colon",
            level,
            level,
            rule,
            Outcome(1 + number / 100, True) if number < events else Outcome(years, False),
        )
        for number in range(size)
    ]


def gathered(found: list[Followed]) -> Gathered:
    """Return a cohort of these patients."""
    outcomes = Outcomes(OutcomeColumns("t", "e", "years", person="id"), ["t", "e", "id"])
    return Gathered(Found(found), None, outcomes, len(found))


def test_a_section_judges_each_level_at_the_horizon() -> None:
    open_ = [Followed(9, "colon", 0, 2, None, Outcome(2, True))]
    found = section(COLON, [*patients(0, 40, 2), *patients(2, 40, 2), *open_], {})
    low, middle, high, _, several = found.groups
    assert (low.patients, low.events, low.verdict) == (40, 2, INSIDE)
    assert (middle.patients, middle.verdict) == (0, UNJUDGED)
    assert (high.verdict, several.patients, several.verdict) == (BELOW, 1, None)
    assert (found.definite, found.patients, found.follow_up) == (80, 81, 6)
    assert low.horizon.percent == pytest.approx(5)
    assert low.at_risk[:3] == ((0, 40), (1, 40), (2, 38))


def test_a_higher_level_has_to_have_more() -> None:
    rises = section(COLON, [*patients(0, 30, 2), *patients(3, 30, 20)], {}).steps
    assert [(step.lower, step.higher, step.rises) for step in rises] == [("low", "very_high", True)]
    assert all_rise(rises) is True
    falls = section(COLON, [*patients(0, 30, 20), *patients(1, 30, 2), *patients(2, 9, 1)], {}).steps
    assert [step.rises for step in falls] == [False, None]
    assert falls[0].years == 6
    assert all_rise(falls) is False


def test_levels_are_compared_at_the_latest_time_at_which_both_have_ten_at_risk() -> None:
    short = patients(0, 30, 15, years=2)
    (step,) = section(COLON, [*short, *patients(1, 30, 2)], {}).steps
    assert (step.years, step.lower_percent) == (2, pytest.approx(50))


def test_a_range_counts_as_the_mean_of_its_ends() -> None:
    sure = [
        Followed(1, "colon", 1, 1, None, Outcome(2, True)),
        Followed(2, "colon", 1, 1, None, Outcome(3, False)),
    ]
    wide = [Followed(3, "colon", 0, 3, None, Outcome(1, True))]
    assert section(COLON, [*sure, *wide], {}).c_all.value == pytest.approx(2.5 / 3)


def test_rows_stand_beside_what_was_observed_in_those_they_decided() -> None:
    found = section(COLON, [*patients(0, 20, 4, rule="stage-1"), *patients(0, 3, 1)], {}, by_rule=True)
    assert [rule.id for rule in found.rules] == [row["id"] for row in COLON.table["likelihood"]]
    stage = next(rule for rule in found.rules if rule.id == "stage-1")
    assert (stage.patients, stage.events) == (20, 4)
    assert stage.cited_time is not None
    assert (stage.cited_time.years, stage.cited_time.percent) == (5, pytest.approx(20))
    assert rule_observed(stage, 20) == "n 20, events 4, observed in 100: 20 (8-45) at 5 years"
    assert rule_observed(stage, "<21") == "n <21: too few to print"
    assert rule_observed(stage, ">=5") == "n >=5: kept back"
    assert rule_observed(stage, None) == "n -: kept back"
    assert rule_observed(found.rules[0], 0) == "n 0"


# ---- what is shown


def few() -> list[Followed]:
    """Return a cohort of which one level has too few patients to print."""
    return [*patients(0, 40, 2), *patients(1, 4, 3), *patients(2, 5, 2), *patients(3, 20, 9)]


def test_too_few_patients_are_not_printed() -> None:
    found = validate(gathered(few()), RULES, least=5)
    data = validation_data(found)["cancers"][0]["levels"]
    assert data[1] == {"level": "intermediate", "band": data[1]["band"], "patients": "<5"}
    assert data[2] == {"level": "high", "band": data[2]["band"], "patients": ">=5"}
    assert (data[3]["patients"], data[3]["events"]) == (20, 9)
    for width in (60, 80, 120):
        text = "\n".join(line.text for line in level_lines(found.sections[0], 5, min(width, 100)))
        assert "<5" in text
        assert "too few to print" in text
        assert " 75" not in text
    page = validation_page(found)
    assert '<td class="n">&lt;5</td><td colspan="5">too few to print</td>' in page
    assert '<td class="n">&gt;=5</td><td colspan="5">kept back</td>' in page
    assert "75 (" not in page
    steps = validation_data(found)["cancers"][0]["steps"]
    assert not [step for step in steps if "intermediate" in (step["lower"], step["higher"])]


def test_a_small_level_cannot_be_worked_out_from_what_is_printed() -> None:
    found = validate(gathered([*patients(0, 20, 2), *patients(2, 3, 2)]), RULES, least=5)
    section = found.sections[0]
    data = validation_data(found)["cancers"][0]
    assert [level["patients"] for level in data["levels"]] == [">=5", 0, "<5", 0, 0]
    assert not [level for level in data["levels"] if level["patients"] and "events" in level]
    assert data["steps"] == []
    for text in ("\n".join(line.text for line in level_lines(section, 5, 100)), validation_page(found)):
        assert "kept back" in text
        assert " 20 " not in text


def test_few_patients_of_several_possible_levels_are_not_the_rest_of_the_definite_ones() -> None:
    open_ = [Followed(n, "colon", 0, 2, None, Outcome(6, False)) for n in range(3)]
    data = validation_data(validate(gathered([*open_, *patients(0, 37, 2)]), RULES, least=5))["cancers"][0]
    assert [level["patients"] for level in data["levels"]] == [">=5", 0, 0, 0, "<5"]
    assert data["definite"] == {"patients": ">=5", "share": None}
    assert data["concordance_definite"]["patients"] == ">=5"
    more = [*open_, *patients(0, 30, 2), *patients(1, 20, 2)]
    found = validate(gathered(more), RULES, least=5)
    assert validation_data(found)["cancers"][0]["definite"] == {"patients": ">48", "share": None}
    several = [Followed(n, "colon", 0, 2, None, Outcome(6, False)) for n in range(20)]
    found = validate(gathered([*several, *patients(0, 30, 2), *patients(1, 3, 2)]), RULES, least=5)
    assert validation_data(found)["cancers"][0]["definite"] == {"patients": None, "share": None}
    text = "\n".join(line.text for block in validation_blocks(found, 80) for line in block.lines)
    for shown in (text, validation_page(found)):
        assert "definite answers (one level): kept back" in shown
        assert "33" not in re.sub("<style>.*?</style>|<svg.*?</svg>", "", shown, flags=re.S)


def test_rows_of_a_level_that_is_not_printed_are_not_printed() -> None:
    people = [*patients(0, 20, 2, rule="stage-1"), *patients(3, 3, 2, rule="stage-3c"), *patients(2, 30, 2)]
    found = validate(gathered(people), RULES, least=5, by_rule=True)
    rules = {rule["rule"]: rule["patients"] for rule in validation_data(found)["cancers"][0]["rules"]}
    assert rules["stage-1"] is None
    assert 20 not in rules.values()
    assert 3 not in rules.values()


def test_a_system_that_knows_nearly_all_does_not_tell_how_few_it_does_not_know() -> None:
    marks = {"nodes only": (0,)}
    some = [dataclasses.replace(one, marks=marks) for one in patients(0, 38, 4)]
    found = validate(gathered([*some, *patients(0, 2, 1)]), RULES, least=5)
    (nodes,) = validation_data(found)["cancers"][0]["comparators"]
    assert nodes["concordance"]["patients"] == nodes["levels_on_the_same"]["patients"] == ">35"
    text = "\n".join(line.text for block in validation_blocks(found, 80) for line in block.lines)
    for shown in (text.replace(">", "&gt;"), validation_page(found)):
        assert "38" not in re.sub("<style>.*?</style>|<svg.*?</svg>", "", shown, flags=re.S)
        assert "&gt;35" in shown


def test_the_rows_read_do_not_tell_how_few_were_left_out() -> None:
    one = gathered(few())
    assert validation_data(validate(one, RULES, least=4))["rows"]["read"] == len(few())
    one.outcomes.not_chosen = 3
    rows = validation_data(validate(one, RULES, least=5))["rows"]
    assert (rows["read"], rows["not_chosen"]) == (None, "<5")


def test_with_and_without_what_is_assumed_do_not_tell_few_rows() -> None:
    with_, without = patients(0, 40, 2), patients(0, 38, 2)
    both = gathered(with_)
    both.without = Found(without, {"colon": Counter({"error": 2})})
    data = validation_data(validate(both, RULES, assumed=["grade=3"], least=5))
    assert data["without_assumptions"] == []
    assert data["without_assumptions_kept_back"] == ["colon"]
    assert len(validation_data(validate(both, RULES, least=2))["without_assumptions"]) == 1


def test_a_cancer_of_too_few_patients_has_no_figures() -> None:
    found = validate(gathered(patients(0, 4, 2)), RULES, least=5)
    assert "concordance" not in validation_data(found)["cancers"][0]
    text = "\n".join(line.text for block in validation_blocks(found, 80) for line in block.lines)
    assert "<5 patients." in text
    assert "Harrell" not in text
    assert "Harrell" not in validation_page(found)


def test_curves_fit_and_have_a_form_in_ascii() -> None:
    found = validate(gathered([*patients(0, 40, 2), *patients(3, 40, 30)]), RULES).sections[0]
    for width in (60, 80, 100):
        for ascii_only in (False, True):
            lines = [line.text for line in curve_lines(found, 5, width, ascii_only)]
            assert max(map(len, lines[:-1])) <= width
            assert all(map(str.isascii, lines)) == ascii_only
    assert lines[0].startswith("low           000000")
    assert lines[1].startswith("very high     0000")
    assert lines[1].endswith("777 75")


def test_a_curve_ends_where_fewer_than_ten_are_at_risk() -> None:
    found = validate(gathered(patients(0, 40, 2, years=2.5)), RULES).sections[0]
    line = next(iter(curve_lines(found, 5, 68, True))).text
    assert len(line.split()[1]) == 25  # half of 50 signs for five years


def test_texts_of_a_page_are_escaped() -> None:
    found = validate(
        gathered(few()), RULES, "<script>alert(1)</script>", 'x" onload="y', ("a=<b>",), by_rule=True
    )
    page = validation_page(found)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'onload="y' not in page
    assert "a=&lt;b&gt;" in page


def test_a_page_needs_nothing_else_and_describes_its_drawings() -> None:
    import re
    import xml.etree.ElementTree as ET

    page = validation_page(validate(gathered(few()), RULES, by_rule=True))
    assert not re.search(r"(src|href)=|url\(|@import|https?://", page)
    drawings = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(drawings) == 2
    for drawing in drawings:
        tree = ET.fromstring(drawing)
        assert [part.tag for part in tree][:2] == ["title", "desc"]
        assert tree.attrib["role"] == "img"
        assert tree.attrib["aria-labelledby"] == f"{tree[0].attrib['id']} {tree[1].attrib['id']}"
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "numbers at risk" in drawings[0]
    assert page.count("<main>") == page.count("</main>") == 1
    assert page.index("</header>") < page.index("<main>") < page.index("<table>") < page.index("</main>")
    for box in re.findall(r'<div class="scroll"[^>]*>', page):
        assert 'tabindex="0"' in box, "who has no mouse moves it with the keys"
        assert "aria-label" in box
    assert "break-inside: avoid-page" not in page, "a whole section on one sheet leaves the one before empty"
    assert ">38<" in drawings[0]
