import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.query import MAX_TERMS, Clause, Term, read_query, words_of


def test_query_is_words_that_must_all_match():
    assert read_query("wang  yi") == [Clause((Term("wang"),)), Clause((Term("yi"),))]


def test_quoted_words_are_a_phrase():
    assert read_query('"no limits" wang') == [Clause((Term("no limits", is_phrase=True),)), Clause((Term("wang"),))]


def test_minus_excludes_a_word_or_a_phrase():
    assert read_query('wang -lavrov -"no limits"') == [
        Clause((Term("wang"),)),
        Clause((Term("lavrov"),), is_excluded=True),
        Clause((Term("no limits", is_phrase=True),), is_excluded=True),
    ]


def test_or_joins_its_neighbours():
    assert read_query("wang OR qin gang") == [Clause((Term("wang"), Term("qin"))), Clause((Term("gang"),))]


def test_or_at_the_edges_and_beside_an_exclusion_joins_nothing():
    assert read_query("or wang or") == [Clause((Term("wang"),))]
    assert read_query("wang or -qin") == [Clause((Term("wang"),)), Clause((Term("qin"),), is_excluded=True)]


def test_unclosed_quotation_mark_ends_with_the_text():
    assert read_query('wang "no limits') == [Clause((Term("wang"),)), Clause((Term("no limits", is_phrase=True),))]


@pytest.mark.parametrize("typed", ["", "   ", '"', "-", "'; --", ":*&|!", "😀", "\x00", '""', "( )"])
def test_text_without_a_word_is_no_query(typed):
    assert read_query(typed) == []


def test_query_is_read_as_far_as_its_limits():
    assert len(read_query("wang " * 1000)) == MAX_TERMS


@given(st.text(max_size=500))
def test_reading_a_query_never_fails_and_never_gives_an_empty_term(typed):
    terms = [term for clause in read_query(typed) for term in clause.terms]

    assert all(term.text.strip() and "\x00" not in term.text for term in terms)
    assert len(terms) <= MAX_TERMS


def test_only_longer_words_with_spaces_between_them_may_be_misspelt():
    assert Term("patrushef").may_be_misspelt
    assert not Term("wang").may_be_misspelt
    assert not Term("王毅会见帕特鲁舍夫").may_be_misspelt
    assert not Term("patrushef", is_phrase=True).may_be_misspelt


def test_wanted_words_leave_out_signs_and_exclusions():
    assert words_of('wang or qin "no limits" -lavrov') == "wang qin no limits"


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2023", "2023-01-01", "2023-12-31"),
        ("March 2023", "2023-03-01", "2023-03-31"),
        ("Feb. 2024", "2024-02-01", "2024-02-29"),
        ("21 February 2023", "2023-02-21", "2023-02-21"),
        ("February 21st, 2023", "2023-02-21", "2023-02-21"),
        ("21 февраля 2023", "2023-02-21", "2023-02-21"),
        ("март 2023", "2023-03-01", "2023-03-31"),
        ("mars 2023", "2023-03-01", "2023-03-31"),
        ("2023年", "2023-01-01", "2023-12-31"),
        ("2023年2月", "2023-02-01", "2023-02-28"),
        ("2023年2月21日", "2023-02-21", "2023-02-21"),
        ("2023-02-21", "2023-02-21", "2023-02-21"),
        ("2023-02", "2023-02-01", "2023-02-28"),
    ],
)
def test_date_in_words_is_one_term_with_its_days(typed, first, last):
    [clause] = read_query(typed)
    [term] = clause.terms

    assert [day.isoformat() for day in term.window] == [first, last]


def test_date_stands_among_other_words_and_can_be_excluded():
    assert [clause.terms[0].text for clause in read_query("wang March 2023 -2022 talks")] == [
        "wang",
        "March 2023",
        "2022",
        "talks",
    ]


@pytest.mark.parametrize("typed", ["March", "9999", '"March 2023"', "2023-13", "31.02.2023", "12345", "may"])
def test_what_is_no_date_stays_words(typed):
    assert [term.window for clause in read_query(typed) for term in clause.terms] == [None]


def test_quotation_marks_of_any_keyboard_make_a_phrase_and_spaces_between_signs_are_none():
    expected = [Clause((Term("no limits", is_phrase=True),))]

    assert read_query("“no limits”") == read_query("«no limits»") == read_query("„no limits“") == expected
    assert read_query("「战略 安全」") == [Clause((Term("战略安全", is_phrase=True),))]
