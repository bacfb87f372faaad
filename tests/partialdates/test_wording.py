import pytest
from django.utils.translation import override
from hypothesis import given, settings

from partialdates import PartialDate
from tests.partialdates.strategies import texts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "date unknown"),
        ("2023-02-21", "21 February 2023"),
        ("2023-02", "February 2023"),
        ("2023-21", "spring 2023"),
        ("2023-24", "winter 2023–2024"),
        ("2023", "2023"),
        ("199X", "1990s"),
        ("19XX", "between 1900 and 1999"),
        ("2023-02-XX", "February 2023 (day unknown)"),
        ("2023-XX", "2023 (month unknown)"),
        ("2019~", "about 2019"),
        ("2023-02~", "about February 2023"),
        ("2023-02-21?", "21 February 2023 (doubtful)"),
        ("2023-02-21%", "about 21 February 2023 (doubtful)"),
        ("2023-02-20/2023-02-22", "20–22 February 2023"),
        ("2023-02-28/2023-03-02", "28 February – 2 March 2023"),
        ("2022-12-28/2023-01-02", "28 December 2022 – 2 January 2023"),
        ("2023-02-21/2023-02-21", "21 February 2023"),
        ("2023-02/2023-03", "February–March 2023"),
        ("2022-11/2023-03", "November 2022 – March 2023"),
        ("2019/2021", "2019–2021"),
        ("2013-03/2022-12-30", "from March 2013 to 30 December 2022"),
        ("2019~/2021?", "from about 2019 to 2021 (doubtful)"),
        ("2023-07-25/..", "since 25 July 2023"),
        ("2018-03/", "from March 2018, end unknown"),
        ("../2008", "until 2008"),
        ("/2008", "until 2008, start unknown"),
        ("[2023-02-20..2023-02-22]", "between 20 and 22 February 2023"),
        ("[2023-02-28..2023-03-02]", "between 28 February and 2 March 2023"),
        ("[2023-02..2023-04]", "between February and April 2023"),
        ("[2019..2021]", "between 2019 and 2021"),
        ("[2023-02-20,2023-02-25]", "20 February 2023 or 25 February 2023"),
        ("[2019,2021,2023]", "2019, 2021 or 2023"),
        ("..2023-03", "before March 2023"),
        ("..2023-02-21", "before 21 February 2023"),
        ("..2024", "before 2024"),
        ("[..2023-03]", "before April 2023"),
        ("2023-03..", "after March 2023"),
        ("[2023-03..]", "after February 2023"),
        ("2023-12-31..", "after 31 December 2023"),
    ],
)
def test_date_is_worded(text, words):
    assert PartialDate.parse(text).text == words


@given(texts)
@settings(deadline=None)
def test_every_date_has_words_without_left_over_placeholders(text):
    words = PartialDate.parse(text).text
    assert words.strip()
    assert not set(words) & set("%[]")


def test_months_are_named_in_the_active_language():
    with override("ru"):
        assert PartialDate.parse("2023-02-21").text == "21 февраля 2023"
        assert PartialDate.parse("2023-02").text == "Февраль 2023"
