"""Counting the values of rows: each way of it finds what counting one by one finds."""

from collections import Counter

import numpy as np
import pytest

from records.facets.tables import LAST, NEVER_HI, NEVER_LO, SINCE_EVER, Table
from records.facets.values import Chosen, Pairs, having_all, stored

SIZE = 1000
#: As rows with one value, with several, and with hardly any; the lowest values are frequent, others stand in one row.
COLUMNS = [(1, 5), (1, 700), (3, 900), (3, 4), (0.01, 50)]


def pairs_of(per_row: float, different: int) -> set[tuple[int, int]]:
    chance = np.random.default_rng(7)
    owners = np.flatnonzero(chance.random(SIZE) < 0.9)
    if per_row != 1:
        owners = chance.integers(0, SIZE, int(SIZE * per_row))
    values = (different * chance.random(len(owners)) ** 3).astype(int)
    return set(zip(owners.tolist(), values.tolist(), strict=True))


def column_of(pairs):
    owners, values = (np.array(one, np.int64) for one in zip(*sorted(pairs), strict=True))
    return stored(np.arange(SIZE), Pairs.of(owners, values))


def masks():
    chance = np.random.default_rng(3)
    return [chance.random(SIZE) < share for share in (0, 0.003, 0.1, 0.5, 0.9, 1)]


@pytest.mark.parametrize(("per_row", "different"), COLUMNS)
def test_values_are_counted_alike_in_every_way(per_row, different):
    pairs = pairs_of(per_row, different)
    column = column_of(pairs)
    for mask in masks():
        plain = Counter(value for owner, value in pairs if mask[owner])
        chosen = Chosen(mask)
        assert column.counts(chosen).as_dict() == plain
        assert column.by_value.counts(chosen).as_dict() == plain
        rows, values = column.rows_and_values_of(mask)
        assert set(zip(rows.tolist(), values.tolist(), strict=True)) == {pair for pair in pairs if mask[pair[0]]}
        assert Counter(column.values_at(chosen.rows).tolist()) == plain


@pytest.mark.parametrize(("per_row", "different"), COLUMNS)
def test_rows_are_found_by_any_and_by_all_of_their_values(per_row, different):
    pairs = pairs_of(per_row, different)
    column = column_of(pairs)
    for wanted in ([0], [1, 0], [3, different - 1], [different + 5]):
        of_rows = [{value for owner, value in pairs if owner == row} for row in range(SIZE)]
        assert column.having(np.array(wanted)).tolist() == [not one.isdisjoint(wanted) for one in of_rows]
        assert having_all(column, np.array(wanted)).tolist() == [one.issuperset(wanted) for one in of_rows]


def day(text):
    return int((np.datetime64(text) - np.datetime64("0001-01-01")).astype(int))


#: Outer and core, in days; what is certain of a date is its core, or its year where it is within one.
DATES = [
    (day("2001-05-01"), day("2001-05-31"), NEVER_LO, NEVER_HI),
    (day("1999-11-30"), day("2001-02-01"), NEVER_LO, NEVER_HI),
    (day("1998-01-01"), day("2003-12-31"), day("2000-01-01"), day("2001-12-31")),
    (SINCE_EVER, day("2000-01-01"), NEVER_LO, NEVER_HI),
    (day("2002-01-01"), LAST, NEVER_LO, NEVER_HI),
    (NEVER_LO, NEVER_HI, NEVER_LO, NEVER_HI),
]
BY_YEAR = {
    "possible": {1998: (2, 3), 1999: (1, 2, 3), 2000: (1, 2, 3), 2001: (0, 1, 2), 2002: (2, 4), 2003: (2, 4)},
    "certain": {2000: (2,), 2001: (0, 2)},
}


@pytest.mark.parametrize("rows", [{0}, {1}, {2, 5}, {3, 4}, {0, 1, 2, 3}, {1, 2, 3, 4, 5}, {0, 1, 2, 3, 4, 5}])
def test_dates_are_counted_by_year(rows):
    keys = np.arange(len(DATES))
    table = Table((keys, *np.array(DATES, np.int64).T), {})
    years = table.year_ends(Chosen(np.isin(keys, list(rows)))).years()
    for found, expected in ((years.possible, BY_YEAR["possible"]), (years.certain, BY_YEAR["certain"])):
        for place, count in enumerate(found):
            assert count == len(rows.intersection(expected.get(years.first + place, ()))), years.first + place


def test_years_go_from_the_first_to_the_last_end_of_a_date():
    keys = np.arange(len(DATES))
    table = Table((keys, *np.array(DATES, np.int64).T), {})

    def span(*rows):
        years = table.year_ends(Chosen(np.isin(keys, rows))).years()
        return years.first, years.first + len(years.possible) - 1

    assert span(3, 4) == (2000, 2002)
    assert span(1, 5) == (1999, 2001)
    assert table.year_ends(Chosen(keys == 5)).years().possible == []
