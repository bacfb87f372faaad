"""Our bounds against those of the edtf library, wherever both mean the same."""

from datetime import date

import pytest
from edtf import is_valid_edtf, parse_edtf
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from partialdates import InvalidPartialDate, PartialDate
from tests.partialdates import strategies


def day(bound):
    """A bound of the library as a day; None for infinity."""
    return None if isinstance(bound, float) else date(*bound[:3])


def strict(text):
    parsed = parse_edtf(text)
    return day(parsed.lower_strict()), day(parsed.upper_strict())


def fuzzy(text):
    parsed = parse_edtf(text)
    return day(parsed.lower_fuzzy()), day(parsed.upper_fuzzy())


def ours(text):
    partial_date = PartialDate.parse(text)
    return partial_date.earliest, partial_date.latest


# Winter ends in December there and in February here; an unknown end is ten years away there and open here.
@given(
    (strategies.plain_points | strategies.closed_extents | strategies.choices).filter(lambda text: "-24" not in text)
)
@settings(deadline=None)
def test_unqualified_dates_have_the_bounds_of_the_library(text):
    assume(not set(text) & set("~?%"))
    assert ours(text) == strict(text)


@given(strategies.bounds, st.sampled_from(["{}/..", "../{}"]))
@settings(deadline=None, max_examples=50)
def test_open_extents_have_the_bounds_of_the_library(bound, form):
    assert ours(form.format(bound)) == strict(form.format(bound))


@given(strategies.years | strategies.decades | strategies.centuries, strategies.qualifiers)
@settings(deadline=None, max_examples=50)
def test_qualified_years_decades_and_centuries_are_widened_as_by_the_library(text, qualifier):
    assume(date(300, 1, 1) < strict(text)[0] and strict(text)[1] < date(9700, 1, 1))
    assert ours(text + qualifier) == fuzzy(text + qualifier)


@given(strategies.months | strategies.days, strategies.qualifiers)
@settings(deadline=None, max_examples=50)
def test_qualified_months_and_days_are_widened_but_less_than_by_the_library(text, qualifier):
    (first, last), (lower, upper), (widest_lower, widest_upper) = (
        strict(text),
        ours(text + qualifier),
        fuzzy(text + qualifier),
    )
    assert widest_lower <= lower < first
    assert last < upper <= widest_upper


@given(strategies.texts)
@settings(deadline=None)
def test_what_is_stored_is_edtf(text):
    assert is_valid_edtf(PartialDate.parse(text).edtf)


def check_reading_or_refusal(text):
    try:
        partial_date, suggestion, message = PartialDate.parse(text), "", ""
    except InvalidPartialDate as refusal:
        partial_date, suggestion, message = None, refusal.suggestion, str(refusal)
    if partial_date is None:
        assert message
        assert PartialDate.parse(suggestion).edtf == suggestion
    else:
        assert partial_date.is_unknown == (not text.strip())
        assert partial_date.is_unknown or is_valid_edtf(partial_date.edtf)
        assert partial_date.text


@given(st.text(alphabet="0123456789X-/.[],~?% ", max_size=24) | st.text(max_size=40))
@settings(deadline=None, max_examples=200)
def test_any_text_is_read_as_edtf_or_refused_with_a_form_that_reads(text):
    check_reading_or_refusal(text)


@given(strategies.texts, st.integers(0, 70), st.sampled_from("0123456789X-/.[],~?% "))
@settings(deadline=None, max_examples=200)
def test_a_slip_of_the_finger_is_read_or_refused_but_never_breaks(text, position, character):
    check_reading_or_refusal(text[:position] + character + text[position + 1 :])


@pytest.mark.parametrize(
    "text", ["2023-02-21", "199X", "2023-21", "[2023-02-20..2023-02-22]", "2019~/2021?", "2023-07-25/.."]
)
def test_library_agrees_that_the_forms_of_the_manual_are_edtf(text):
    assert is_valid_edtf(text)
