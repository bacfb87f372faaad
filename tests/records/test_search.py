"""What the functions of the database make of texts and queries, in many languages."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def holds(text, language, typed, *, is_phrase=False):
    with connection.cursor() as cursor:
        cursor.execute("SELECT readout_words(%s, %s) @@ readout_query(%s, %s)", [text, language, typed, is_phrase])
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("text", "language", "typed"),
    [
        ("They negotiated on sanctions.", "en", "negotiating sanction"),
        ("Переговоры о сотрудничестве", "ru", "сотрудничество"),
        ("Les négociations à Genève", "fr", "négociation"),
        ("Les négociations à Genève", "fr-CH", "negociation geneve"),
        ("Las conversaciones bilaterales", "es", "conversación bilateral"),
        ("Die Gespräche der Außenminister", "de", "Gespräch"),
        ("I colloqui bilaterali", "it", "colloquio bilaterale"),
        ("Görüşmeler sürüyor", "tr", "görüşme"),
        ("Οι διαπραγματεύσεις", "el", "διαπραγμάτευση"),
        ("António Guterres", "pt", "antonio"),
    ],
)
def test_word_is_found_by_the_stem_of_the_language_of_the_text_and_without_accents(text, language, typed):
    assert holds(text, language, typed)


def test_stem_of_one_language_finds_no_word_of_another():
    # "China" is the stem "chin" in Spanish.
    assert not holds("He lifted his chin.", "en", "China")
    assert not holds("He lifted his chin.", "", "China")


@pytest.mark.parametrize("typed", ["王毅", "会见", "帕特鲁舍夫", "毅", "王", "g20峰会", "王毅会见帕特鲁舍夫"])
def test_chinese_is_found_inside_text_without_spaces(typed):
    assert holds("王毅会见帕特鲁舍夫，G20峰会", "zh", typed)


@pytest.mark.parametrize("typed", ["王见", "毅王", "帕夫", "日本"])
def test_signs_that_do_not_stand_side_by_side_are_not_found(typed):
    assert not holds("王毅会见帕特鲁舍夫", "zh", typed)


def test_phrase_is_exact():
    assert holds("A partnership without no limits clause", "en", "no limits", is_phrase=True)
    assert not holds("A partnership with limits", "en", "no limits", is_phrase=True)
    assert not holds("no limit", "en", "no limits", is_phrase=True)


@pytest.mark.parametrize("text", ["", "O'Brien \\ 'x' & | ! :* <->", "''", "\\", "會" * 5_000, "a" * 5_000, "😀"])
@pytest.mark.parametrize("language", ["", "fr", "zh", "xx", "de-CH-1996"])
def test_any_text_and_query_can_be_read(text, language):
    assert holds(text, language, text[:300]) in (True, False)
