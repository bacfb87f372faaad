import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.uids import ALPHABET, LENGTH, new_uid, normalise_uid, uid_for


def test_new_uid_has_ten_letters_that_none_can_misread():
    drawn = {new_uid() for _ in range(2000)}

    assert len(drawn) == 2000
    assert {len(uid) for uid in drawn} == {10}
    assert set("".join(drawn)) == set("0123456789abcdefghjkmnpqrstvwxyz")


def test_uid_of_a_shipped_record_is_the_same_in_every_installation():
    # These addresses are in print: a change of the rule would break them.
    assert [
        uid_for(kind="meeting", key="2023-02-21-moscow-wang-patrushev"),
        uid_for(kind="actor", key="wang-yi"),
        uid_for(kind="topic", key="wang-yi"),
    ] == ["y3w7x8syft", "g825q2bxj0", "4jmnjfvx9e"]


@given(kind=st.text(max_size=20), key=st.text(max_size=80))
def test_every_derived_uid_is_well_formed(kind, key):
    assert normalise_uid(uid_for(kind=kind, key=key)) == uid_for(kind=kind, key=key)


@given(uid=st.text(alphabet=ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_uid_typed_by_hand_is_read_as_meant(uid):
    misread = uid.replace("0", "O").replace("1", "l")

    assert [normalise_uid(uid), normalise_uid(uid.upper()), normalise_uid(f" {misread} ")] == [uid] * 3


@pytest.mark.parametrize(
    "typed", ["", "abc", "0123456789a", "01234-5678", "u123456789", "０１２３４５６７８９", "0123456789\n0", "meetings"]
)
def test_what_cannot_be_a_uid_is_none(typed):
    assert normalise_uid(typed) is None


def test_capital_i_and_l_are_one():
    assert normalise_uid("IiLl000000") == "1111000000"
