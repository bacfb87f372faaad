"""The three-way merge of values and rows, without any form."""

from hypothesis import given
from hypothesis import strategies as st

from records.conflicts import UNKNOWN, Fate, MergedRow, MergedValue, MyRow, merge_rows, merge_value, merge_values

scalars = st.sampled_from(["", "a", "b", "c"])
sets = st.frozensets(st.sampled_from("abcd"))
values = st.one_of(st.tuples(scalars, scalars, scalars), st.tuples(sets, sets, sets))

BLANK = {"actor": "", "role": "participant"}
row_values = st.fixed_dictionaries({"actor": st.sampled_from(["", "wang", "lavrov"]), "role": scalars})
tables = st.dictionaries(st.integers(1, 4), row_values)


def together(base, theirs, mine, **how):
    return merge_rows(base, theirs, mine, blank=BLANK, identities=[("actor",)], **how)


def plain(row):
    return {name: merged.value for name, merged in row.values.items()}


@given(values)
def test_merge_of_a_value_does_not_ask_who_is_who(three):
    base, one, other = three
    first, second = merge_value(base, one, other), merge_value(base, other, one)

    assert first.is_conflict == second.is_conflict
    assert first.is_conflict or first.value == second.value


@given(values)
def test_value_that_somebody_changed_is_there_or_is_a_contradiction(three):
    base, theirs, mine = three
    merged = merge_value(base, theirs, mine)

    if isinstance(base, frozenset):
        assert (theirs - base) | (mine - base) <= merged.value <= base | theirs | mine
        assert not (base - theirs) & merged.value
        assert not (base - mine) & merged.value
    elif merged.is_conflict:
        assert merged.value == mine
        assert len({base, theirs, mine}) == 3
    else:
        assert all(merged.value == value for value in (theirs, mine) if value != base)


def test_without_a_beginning_every_difference_is_a_contradiction():
    assert merge_values(None, {"title": "Talks", "round": 1}, {"title": "Summit", "round": 1}) == {
        "title": MergedValue("Summit", is_conflict=True),
        "round": MergedValue(1),
    }
    assert merge_value(UNKNOWN, frozenset("a"), frozenset("b")).is_conflict


def test_rows_that_only_one_of_us_changed_are_as_that_one_left_them():
    base = {1: {"actor": "wang", "role": "host"}, 2: {"actor": "lavrov", "role": "guest"}}
    theirs = {1: {"actor": "wang", "role": "chair"}, 2: {"actor": "lavrov", "role": "guest"}}
    mine = [MyRow(0, 1, base[1]), MyRow(1, 2, {"actor": "lavrov", "role": "observer"})]

    assert [plain(row) for row in together(base, theirs, mine)] == [
        {"actor": "wang", "role": "chair"},
        {"actor": "lavrov", "role": "observer"},
    ]


def test_row_that_they_removed_goes_when_i_had_not_touched_it_and_waits_for_me_when_i_had():
    base = {1: {"actor": "wang", "role": "host"}, 2: {"actor": "lavrov", "role": "guest"}}
    mine = [MyRow(0, 1, base[1]), MyRow(1, 2, {"actor": "lavrov", "role": "chair"})]

    assert [row.fate for row in together(base, {}, mine)] == [Fate.GONE, Fate.CHANGED_BUT_GONE]


def test_row_that_i_removed_goes_unless_they_changed_it():
    base = {1: {"actor": "wang", "role": "host"}, 2: {"actor": "lavrov", "role": "guest"}}
    theirs = {1: base[1], 2: {"actor": "lavrov", "role": "chair"}}
    mine = [MyRow(number, key, base[key], is_removed=True) for number, key in enumerate((1, 2))]

    assert [row.fate for row in together(base, theirs, mine)] == [Fate.REMOVED, Fate.REMOVED_BUT_CHANGED]


def test_actor_whom_both_added_is_one_row_with_what_each_knew():
    theirs = {7: {"actor": "wang", "role": "chair"}}
    mine = [MyRow(0, None, {"actor": "wang", "role": "participant"}), MyRow(1, None, {"actor": "wang", "role": "host"})]

    assert together({}, theirs, mine[:1]) == [
        MergedRow(Fate.TOGETHER, 7, 0, {"actor": MergedValue("wang"), "role": MergedValue("chair")})
    ]
    [row] = together({}, theirs, mine[1:])
    assert (row.fate, row.conflicts) == (Fate.TOGETHER, ["role"])


def test_empty_rows_are_not_taken_for_theirs():
    theirs = {7: dict(BLANK)}

    assert [row.fate for row in together({}, theirs, [MyRow(0, None, BLANK)])] == [Fate.THEIRS, Fate.NEW]


@given(tables, tables, tables, st.lists(row_values, max_size=2), st.sets(st.integers(1, 4)))
def test_no_row_of_anybody_vanishes_unsaid(base, theirs, typed, new, removed):
    typed = {key: values for key, values in typed.items() if key in base}
    mine = [MyRow(number, key, values, key in removed) for number, (key, values) in enumerate(typed.items())]
    mine += [MyRow(len(mine) + number, None, values) for number, values in enumerate(new)]
    merged = together(base, theirs, mine)

    # Every row that was typed and every row that is saved is there once.
    assert sorted(row.number for row in merged if row.number is not None) == [row.number for row in mine]
    assert {row.key for row in merged if row.key in theirs} == set(theirs)
    for row in merged:
        if row.fate in {Fate.GONE, Fate.CHANGED_BUT_GONE}:
            assert row.key not in theirs
            assert row.fate is Fate.CHANGED_BUT_GONE or row.key in removed or typed[row.key] == base[row.key]
        if row.fate is Fate.KEPT and row.number is not None:
            for name, value in row.values.items():
                had, saved, said = (one[row.key][name] for one in (base, theirs, typed))
                assert value == merge_value(had, saved, said)
        if row.fate is Fate.REMOVED:
            assert theirs[row.key] == base[row.key]
