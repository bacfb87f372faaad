import copy
import pickle
from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from partialdates import PartialDate
from tests.partialdates.strategies import texts


def spoken(days):
    """A range as two included days in text, or None."""
    if days is None:
        return None
    last = None if days.upper is None else days.upper - timedelta(days=1)
    return str(days.lower or ".."), str(last or "..")


@pytest.mark.parametrize(
    ("text", "outer", "core"),
    [
        ("2023-02-21", ("2023-02-21", "2023-02-21"), ("2023-02-21", "2023-02-21")),
        ("2023-02", ("2023-02-01", "2023-02-28"), None),
        ("2024-02", ("2024-02-01", "2024-02-29"), None),
        ("2023-02-XX", ("2023-02-01", "2023-02-28"), None),
        ("2023-XX", ("2023-01-01", "2023-12-31"), None),
        ("2023", ("2023-01-01", "2023-12-31"), None),
        ("199X", ("1990-01-01", "1999-12-31"), None),
        ("19XX", ("1900-01-01", "1999-12-31"), None),
        ("2023-21", ("2023-03-01", "2023-05-31"), None),
        ("2023-24", ("2023-12-01", "2024-02-29"), None),
        ("2023-02-21?", ("2023-02-20", "2023-02-22"), None),
        ("2023-02~", ("2023-01-01", "2023-03-31"), None),
        ("2019~", ("2018-01-01", "2020-12-31"), None),
        ("2019%", ("2017-01-01", "2021-12-31"), None),
        ("199X~", ("1980-01-01", "2009-12-31"), None),
        ("2023-02-20/2023-02-22", ("2023-02-20", "2023-02-22"), ("2023-02-20", "2023-02-22")),
        ("2013-03/2022-12-30", ("2013-03-01", "2022-12-30"), ("2013-03-31", "2022-12-30")),
        ("2023-02/2023-02", ("2023-02-01", "2023-02-28"), None),
        ("2023-02/2023-02-10", ("2023-02-01", "2023-02-10"), ("2023-02-10", "2023-02-10")),
        ("2023-02-20/2023-02", ("2023-02-20", "2023-02-28"), ("2023-02-20", "2023-02-20")),
        ("2019~/2021?", ("2018-01-01", "2022-12-31"), None),
        ("2023-07-25/..", ("2023-07-25", ".."), ("2023-07-25", "..")),
        ("2023-07/..", ("2023-07-01", ".."), ("2023-07-31", "..")),
        ("../2008", ("..", "2008-12-31"), ("..", "2008-01-01")),
        ("2018-03-01/", ("2018-03-01", ".."), ("2018-03-01", "2018-03-01")),
        ("2018-03/", ("2018-03-01", ".."), None),
        ("/2008", ("..", "2008-12-31"), None),
        ("/2008-05-07", ("..", "2008-05-07"), ("2008-05-07", "2008-05-07")),
        ("[2023-02-20..2023-02-22]", ("2023-02-20", "2023-02-22"), None),
        ("[2023-02-20,2023-02-25]", ("2023-02-20", "2023-02-25"), None),
        ("[..2023-03]", ("..", "2023-03-31"), None),
        ("[2023-03..]", ("2023-03-01", ".."), None),
        ("..2023-03", ("..", "2023-02-28"), None),
        ("2023-03..", ("2023-04-01", ".."), None),
        ("0001~", ("0001-01-01", "0002-12-31"), None),
        ("9999", ("9999-01-01", ".."), None),
        ("9999-12-31", ("9999-12-31", ".."), ("9999-12-31", "..")),
    ],
)
def test_outer_and_core_hold_the_possible_and_the_certain_days(text, outer, core):
    partial_date = PartialDate.parse(text)
    assert (spoken(partial_date.outer), spoken(partial_date.core)) == (outer, core)


def test_unknown_date_has_no_days_and_falls_in_no_window():
    unknown = PartialDate.parse("  ")
    assert unknown == PartialDate.UNKNOWN
    assert (unknown.edtf, unknown.outer, unknown.core, unknown.earliest, unknown.latest) == ("", None, None, None, None)
    assert (unknown.is_unknown, unknown.precision, bool(unknown)) == (True, "unknown", False)
    assert (unknown.possibly_within(None, None), unknown.certainly_within(None, None)) == (False, False)


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("2023-02-21", "day"),
        ("2023-02-21?", "day"),
        ("2023-02-XX", "month"),
        ("2023-02", "month"),
        ("2023-21", "season"),
        ("2023-XX-XX", "year"),
        ("2023", "year"),
        ("199X", "decade"),
        ("19XX", "century"),
        ("2023/2024", "range"),
        ("[2023..2024]", "set"),
        ("..2023", "set"),
    ],
)
def test_precision_is_the_finest_known_unit(text, precision):
    assert PartialDate.parse(text).precision == precision


def test_month_possibly_falls_on_any_day_of_it_and_certainly_only_in_the_whole():
    february = PartialDate.parse("2023-02")
    assert february.possibly_within(date(2023, 2, 28), date(2023, 3, 5))
    assert not february.possibly_within(date(2023, 3, 1), None)
    assert not february.certainly_within(date(2023, 2, 1), date(2023, 2, 27))
    assert february.certainly_within(date(2023, 2, 1), date(2023, 2, 28))


def test_extent_certainly_falls_in_a_window_that_holds_one_day_of_its_core():
    office = PartialDate.parse("2013-03/2022-12-30")
    assert office.certainly_within(date(2020, 1, 1), date(2020, 1, 1))
    assert not office.certainly_within(date(2013, 3, 1), date(2013, 3, 30))
    assert office.certainly_within(date(2013, 3, 31), date(2013, 3, 31))


def test_window_that_ends_before_it_starts_holds_nothing():
    day = PartialDate.parse("2023-02-21")
    assert not day.possibly_within(date(2023, 3, 1), date(2023, 1, 1))
    assert not PartialDate.parse("2023-02-21/..").certainly_within(date(2024, 3, 1), date(2024, 1, 1))


def test_open_extent_needs_a_window_open_on_its_side_to_be_contained():
    before = PartialDate.parse("[..2023-02]")
    assert before.certainly_within(None, date(2023, 2, 28))
    assert not before.certainly_within(date.min, date(2023, 2, 28))


HORIZON = [date(2023, 1, 1) + timedelta(days=n) for n in range(90)]
SMALL_POINTS = st.sampled_from([day.isoformat() for day in HORIZON[35:50]] + ["2023-01", "2023-02", "2023-03"])


def days_of(text):
    return [day for day in HORIZON if day.isoformat().startswith(text)]


def readings(text):
    """Every way it can have been, as pairs of first and last day, counted one by one."""
    start, end = text.split("/") if "/" in text else (text, text)
    if "/" not in text:
        return [(day, day) for day in days_of(text)]
    starts = {"..": [HORIZON[0]], "": HORIZON}.get(start) or days_of(start)
    ends = {"..": [HORIZON[-1]], "": HORIZON}.get(end) or days_of(end)
    return [(first, last) for first in starts for last in ends if first <= last]


small_texts = SMALL_POINTS | st.builds(
    "{}/{}".format, SMALL_POINTS | st.sampled_from(["..", ""]), SMALL_POINTS | st.sampled_from(["..", ""])
)


@given(small_texts, st.sampled_from(HORIZON[1:-1]), st.sampled_from(HORIZON[1:-1]))
@settings(deadline=None, max_examples=300)
def test_containment_rules_agree_with_counting_every_reading_day_by_day(text, one, other):
    assume(text.strip("./") and readings(text))
    start, end = min(one, other), max(one, other)
    partial_date = PartialDate.parse(text)
    met = [first <= end and last >= start for first, last in readings(text)]
    assert partial_date.possibly_within(start, end) == any(met)
    if partial_date.certainly_within(start, end):
        assert all(met)
    elif partial_date.core is not None or "/" not in text:
        assert not all(met)


@given(small_texts)
@settings(deadline=None)
def test_core_is_what_every_reading_has_in_common(text):
    assume(text.strip("./") and readings(text))
    core = PartialDate.parse(text).core
    common = [day for day in HORIZON if all(first <= day <= last for first, last in readings(text))]
    assert common == [day for day in HORIZON if core is not None and day in core]


@given(texts, texts)
@settings(deadline=None)
def test_certain_is_always_possible_and_core_lies_within_outer(text, window_text):
    partial_date, window = PartialDate.parse(text), PartialDate.parse(window_text)
    if partial_date.certainly_within(window.earliest, window.latest):
        assert partial_date.possibly_within(window.earliest, window.latest)
    outer, core = partial_date.outer, partial_date.core
    assert not outer.isempty
    assert core is None or (
        not core.isempty
        and (outer.lower or date.min) <= (core.lower or date.min)
        and (core.upper or date.max) <= (outer.upper or date.max)
    )


@given(texts)
@settings(deadline=None)
def test_canonical_text_reads_back_as_the_same_date(text):
    partial_date = PartialDate.parse(text)
    assert PartialDate.parse(partial_date.edtf) == partial_date == PartialDate.from_canonical(partial_date.edtf)
    assert PartialDate.from_canonical(partial_date.edtf).outer == partial_date.outer
    assert pickle.loads(pickle.dumps(partial_date)) == copy.deepcopy(partial_date) == partial_date
    assert hash(partial_date) == hash(PartialDate.from_canonical(partial_date.edtf))


def test_two_texts_of_the_same_days_are_two_dates():
    assert PartialDate.parse("2023-02") != PartialDate.parse("2023-02-XX")
    assert PartialDate.parse("2023-02") != "2023-02"


def test_value_cannot_be_changed():
    with pytest.raises(AttributeError):
        PartialDate.parse("2023").edtf = "2024"


def test_range_is_in_the_form_postgresql_returns():
    assert PartialDate.parse("..2023-03").outer == DateRange(None, date(2023, 3, 1), "()")
    assert PartialDate.parse("2023-02").outer == DateRange(date(2023, 2, 1), date(2023, 3, 1), "[)")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "2023-02-21",
            {"earliest": "2023-02-21", "latest": "2023-02-21", "certain": True, "text": "21 February 2023"},
        ),
        ("2023-02", {"earliest": "2023-02-01", "latest": "2023-02-28", "certain": False, "text": "February 2023"}),
        ("2023-07-25/..", {"earliest": "2023-07-25", "latest": None, "certain": True, "text": "since 25 July 2023"}),
        ("", {"earliest": None, "latest": None, "certain": False, "text": "date unknown"}),
    ],
)
def test_as_dict_is_certain_only_when_the_very_days_are_known(text, expected):
    assert PartialDate.parse(text).as_dict() == {"edtf": text, **expected}
