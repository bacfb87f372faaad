import pytest
from django.utils.functional import Promise
from django.utils.translation import override

from partialdates import InvalidPartialDate, PartialDate


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("  2023-02-21 ", "2023-02-21"),
        ("2023-2-1", "2023-02-01"),
        ("2023-2", "2023-02"),
        ("2023–02–21", "2023-02-21"),
        ("199x", "199X"),
        ("2023-xx", "2023-XX"),
        ("2023-02-20 / 2023-02-22", "2023-02-20/2023-02-22"),
        ("2023-02 ~", "2023-02~"),
        ("~2019", "2019~"),
        ("[2023-2-20 .. 2023-2-22]", "[2023-02-20..2023-02-22]"),
        ("[2023-02-25, 2023-02-20, 2023-02-25]", "[2023-02-20,2023-02-25]"),
        ("[2023-02-20]", "2023-02-20"),
        ("[2024,..2023,2021]", "[..2023,2024]"),
        (".. 2023-03", "[..2023-02]"),
        ("..2023-01", "[..2022-12]"),
        ("..2023", "[..2022]"),
        ("..2023-03-01", "[..2023-02-28]"),
        ("..2023-24", "[..2023-11]"),
        ("..199X", "[..1989]"),
        ("2023-03..", "[2023-04..]"),
        ("2023-12-31..", "[2024-01-01..]"),
        ("2023-24..", "[2024-03..]"),
        ("[..2023-03]", "[..2023-03]"),
        ("2023-21/2024", "2023-21/2024"),
        ("2019 ~ / 2021 ?", "2019~/2021?"),
        ("../2008", "../2008"),
        ("2018-03/", "2018-03/"),
    ],
)
def test_what_editors_type_becomes_canonical(typed, canonical):
    assert PartialDate.parse(typed).edtf == canonical


HOW = "Type a date as 2023-02-21, 2023-02 or 2023."
BLANK = "Leave the field blank when the date is unknown."


@pytest.mark.parametrize(
    ("typed", "suggestion", "message"),
    [
        ("2023-13", "2023-12", "There is no month 13. Did you mean 2023-12?"),
        ("2023-00", "2023-01", "There is no month 00. Did you mean 2023-01?"),
        ("2023-02-30", "2023-02-28", "There is no day 30 in 2023-02. Did you mean 2023-02-28?"),
        ("2024-02-30", "2024-02-29", "There is no day 30 in 2024-02. Did you mean 2024-02-29?"),
        ("2023-13-45", "2023-12-31", "There is no month 13. Did you mean 2023-12-31?"),
        ("2023-02-30~/2024", "2023-02-28~/2024", "There is no day 30 in 2023-02. Did you mean 2023-02-28~/2024?"),
        ("2023-03/2023-01", "2023-01/2023-03", "The extent ends before it starts. Did you mean 2023-01/2023-03?"),
        ("0000", "0001", "There is no year 0000. Did you mean 0001?"),
        ("199X-05", "199X", "A month needs a year with all four digits. Did you mean 199X?"),
        ("2023-XX-21", "2023-XX-XX", "A day needs its month. Did you mean 2023-XX-XX?"),
        ("2023-21-05", "2023-21", "A season has no numbered days. Did you mean 2023-21?"),
        ("2023-21~", "2023-21", "A season stands alone, without ~, ? or %. Did you mean 2023-21?"),
        ("199X~/2001", "199X/2001", "EDTF does not allow these signs together. Did you mean 199X/2001?"),
        ("1XXX", "", f"Only the last one or two digits of a year may be X, as in 199X or 19XX. {HOW}"),
        ("Y17000", "", f"Only years 0001 to 9999, written with four digits, are kept here. {HOW}"),
        ("-0044", "0044", "Only years 0001 to 9999, written with four digits, are kept here. Did you mean 0044?"),
        ("1950S2", "1950", "Only years 0001 to 9999, written with four digits, are kept here. Did you mean 1950?"),
        ("..0001", "0001", "Only years 0001 to 9999 are kept here. Did you mean 0001?"),
        ("..2023~", "[..2022]", "Before and after need a date without ~, ? or %. Did you mean [..2022]?"),
        (
            "2023-02-20..2023-02-22",
            "[2023-02-20..2023-02-22]",
            "Put brackets around one unknown date among several, or a slash between the ends of an extent. "
            "Did you mean [2023-02-20..2023-02-22]?",
        ),
        ("[2023..2021]", "[2021..2023]", "The last date of .. comes before the first. Did you mean [2021..2023]?"),
        (
            "[2023-02..2023-03-04]",
            "[2023-02..2023-03]",
            "Both ends of .. are known to the same unit: two days, two months or two years. "
            "Did you mean [2023-02..2023-03]?",
        ),
        ("[..199X]", "[..1999]", "The ends of .. are plain days, months or years. Did you mean [..1999]?"),
        (
            "[2023-21,2024]",
            "[2023-03..2023-05,2024]",
            "A choice is made among days, months and years; write a season as its months. "
            "Did you mean [2023-03..2023-05,2024]?",
        ),
        ("[2023-02-20", "2023-02-20", "A choice of dates stands in one pair of brackets. Did you mean 2023-02-20?"),
        ("[]", "", f"There is no date between the brackets. {BLANK}"),
        ("../..", "", f"An extent needs a start or an end. {BLANK}"),
        ("/", "", f"An extent needs a start or an end. {BLANK}"),
        ("[..2020,2030..]", "", f"Open on both sides says nothing. {BLANK}"),
        (
            "{2020..2021}",
            "[2020..2021]",
            "Braces stand for several dates at once; a date here is one date. Did you mean [2020..2021]?",
        ),
        (
            "[2023-01-01,2023-01-03,2023-01-05,2023-01-07,2023-01-09,2023-01-11]",
            "[2023-01-01..2023-01-11]",
            "This date is longer than 64 characters. Did you mean [2023-01-01..2023-01-11]?",
        ),
        ("2023 " * 50, "", f"This is too long for a date. {HOW}"),
        ("@0", "", f"Not understood. {HOW}"),
        ("next week", "", f"Not understood. {HOW}"),
        ("February 2023", "2023-02", f"Not understood. Did you mean 2023-02? {HOW}"),
    ],
)
def test_refusal_says_what_is_wrong_and_shows_the_nearest_form(typed, suggestion, message):
    with pytest.raises(InvalidPartialDate) as refusal:
        PartialDate.parse(typed)
    assert (str(refusal.value), refusal.value.suggestion) == (message, suggestion)


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        ("21 Feb 2023", "2023-02-21"),
        ("21st of February 2023", "2023-02-21"),
        ("Feb. 21, 2023", "2023-02-21"),
        ("21-Feb-2023", "2023-02-21"),
        ("21/02/2023", "2023-02-21"),
        ("21.2.2023", "2023-02-21"),
        ("02/21/2023", "2023-02-21"),
        ("2023/02/21", "2023-02-21"),
        ("20230221", "2023-02-21"),
        ("2023-02-21T10:00", "2023-02-21"),
        ("2023年2月21日", "2023-02-21"),
        ("31 February 2023", "2023-02-28"),
        ("spring 2023", "2023-21"),
        ("1990s", "199X"),
        ("20th century", "19XX"),
        ("circa 2019", "2019~"),
        ("c. 2019", "2019~"),
        ("probably 21 February 2023", "2023-02-21?"),
        ("before March 2023", "[..2023-02]"),
        ("after March 2023", "[2023-04..]"),
        ("since 25 July 2023", "2023-07-25/.."),
        ("until 2008", "/2008"),
        ("20-22 February 2023", "2023-02-20/2023-02-22"),
        ("28 February – 2 March 2023", "2023-02-28/2023-03-02"),
        ("2023-02-21/22", "2023-02-21/2023-02-22"),
        ("2019-2021", "2019/2021"),
        ("between 20 and 22 February 2023", "[2023-02-20..2023-02-22]"),
        ("20 or 25 February 2023", "[2023-02-20,2023-02-25]"),
    ],
)
def test_date_in_words_is_refused_with_its_reading_as_proposal(words, suggestion):
    with pytest.raises(InvalidPartialDate) as refusal:
        PartialDate.parse(words)
    assert refusal.value.suggestion == suggestion


def test_month_names_of_the_active_language_are_proposed():
    with override("ru"), pytest.raises(InvalidPartialDate) as refusal:
        PartialDate.parse("21 февраля 2023")
    assert refusal.value.suggestion == "2023-02-21"


def test_refusal_speaks_the_language_active_when_it_is_shown():
    with pytest.raises(InvalidPartialDate) as refusal:
        PartialDate.parse("2023-13")
    assert isinstance(refusal.value.message, Promise)
