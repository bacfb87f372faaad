"""The score of search on the seeds: a change that finds worse is seen here."""

from pathlib import Path

import pytest
from django.conf import settings

from exchange.searchscore.scoring import Answer, Query, ask, precision, read_queries, report
from exchange.seeds.services import load_seeds

WANG = Query("wang", "English", "name", "actors", ("Wang Yi",))


def test_precision_is_of_the_first_as_many_as_there_are_relevant():
    assert Answer(WANG, ("Wang Yi", "Wang Wenbin"), relevant=1).precision == 1
    assert Answer(WANG, ("Wang Wenbin", "Wang Yi"), relevant=1).precision == 0
    assert Answer(WANG, ("Wang Wenbin", "Wang Yi"), relevant=1).reciprocal_rank == 0.5
    assert Answer(WANG, (), relevant=1).precision == 0
    nothing = Query("xqzzy", "English", "nothing", "actors", ())
    assert Answer(nothing, (), relevant=0).precision == 1
    assert Answer(nothing, ("Wang Yi",), relevant=0).precision == 0


def test_there_are_66_queries_in_three_languages():
    queries = read_queries()

    assert len(queries) == len({one.typed for one in queries}) == 66
    assert {one.language for one in queries} == {"English", "Chinese", "Russian"}


@pytest.mark.django_db
def test_search_finds_what_is_expected_among_the_seeds():
    load_seeds(Path(settings.BASE_DIR) / "seeds")

    answers = [ask(one) for one in read_queries() if one.needs == "seeds"]

    assert precision(answers) >= 0.95, "\n".join(report(answers))
    assert [one.query.typed for one in answers if one.reciprocal_rank < 1] == []
