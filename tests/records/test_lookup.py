import pytest

from actors.models import Actor, Office
from events.models import Meeting, Series, Topic
from records.lookup import Gone, Moved, Unknown, find
from tests.factories import MeetingFactory, OfficeFactory, PersonFactory, SeriesFactory, TopicFactory

UID = "0a1b2c3d4e"


def outcome(typed, among):
    """What stands at an address: the record, or the refusal with what it says."""
    try:
        return find(typed, among=among)
    except Moved as moved:
        return "moved", moved.record
    except Gone as gone:
        return "gone", gone.uid, gone.reason
    except Unknown:
        return "unknown"


def withdraw(record, reason):
    record.state = "withdrawn"
    record.withdrawal_reason = reason
    record.save()


def merge(record, into):
    record.merged_into = into
    record.save()


@pytest.mark.django_db
def test_public_record_is_found_by_its_uid():
    series = SeriesFactory(uid=UID)

    assert outcome(UID, Series.objects.all()) == series


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "review"])
def test_draft_cannot_be_told_from_nothing(state):
    SeriesFactory(uid=UID, state=state)

    assert outcome(UID, Series.objects.all()) == outcome("9999999999", Series.objects.all()) == "unknown"


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "nonsense", "0a1b2c3d4e0", "../../etc", "0a1b2c3d4\x00"])
def test_what_is_no_uid_is_unknown(typed):
    SeriesFactory(uid=UID)

    assert outcome(typed, Series.objects.all()) == "unknown"


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["0A1B2C3D4E", "oa1b2c3d4e", "OAlB2C3D4E", "0aib2c3d4e"])
def test_other_spelling_of_a_uid_leads_to_the_right_one(typed):
    series = SeriesFactory(uid=UID)

    assert outcome(typed, Series.objects.all()) == ("moved", series)


@pytest.mark.django_db
def test_other_spelling_of_the_uid_of_a_draft_is_unknown():
    SeriesFactory(uid=UID, state="draft")

    assert outcome(UID.upper(), Series.objects.all()) == "unknown"


@pytest.mark.django_db
def test_withdrawn_record_is_gone_with_its_reason():
    withdraw(SeriesFactory(uid=UID), "It never met.")

    assert outcome(UID, Series.objects.all()) == ("gone", UID, "It never met.")


@pytest.mark.django_db
def test_record_withdrawn_before_it_was_ever_public_is_unknown():
    withdraw(SeriesFactory(uid=UID, state="draft"), "It never met.")

    assert outcome(UID, Series.objects.all()) == "unknown"


@pytest.mark.django_db
def test_published_record_that_went_back_to_draft_is_unknown():
    series = SeriesFactory(uid=UID)
    series.state = "draft"
    series.save()

    assert outcome(UID, Series.objects.all()) == "unknown"


@pytest.mark.django_db
def test_merged_record_leads_through_the_whole_chain_to_the_survivor():
    first, second, survivor = TopicFactory(uid=UID), TopicFactory(), TopicFactory(name="Multilateralism")
    merge(first, second)
    merge(second, survivor)

    assert outcome(UID, Topic.objects.all()) == ("moved", survivor)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "review"])
def test_record_merged_into_a_draft_is_unknown(state):
    merge(TopicFactory(uid=UID), TopicFactory(state=state))

    assert outcome(UID, Topic.objects.all()) == "unknown"


@pytest.mark.django_db
def test_record_merged_into_one_withdrawn_later_is_gone_with_the_reason_of_that():
    survivor = TopicFactory()
    merge(TopicFactory(uid=UID), survivor)
    withdraw(survivor, "Too broad to be used.")

    assert outcome(UID, Topic.objects.all()) == ("gone", UID, "Too broad to be used.")


@pytest.mark.django_db
def test_draft_merged_into_a_public_record_leads_there():
    # Whoever was given the address of the draft by a colleague still arrives.
    survivor = TopicFactory()
    merge(TopicFactory(uid=UID, state="draft"), survivor)

    assert outcome(UID, Topic.objects.all()) == ("moved", survivor)


@pytest.mark.django_db
def test_deleted_record_that_was_public_is_gone():
    SeriesFactory(uid=UID).delete()

    assert outcome(UID, Series.objects.all()) == ("gone", UID, "The record was deleted.")


@pytest.mark.django_db
def test_deleted_draft_is_unknown():
    SeriesFactory(uid=UID, state="draft").delete()

    assert outcome(UID, Series.objects.all()) == "unknown"


@pytest.mark.django_db
def test_uid_of_another_kind_of_record_is_unknown():
    PersonFactory(uid=UID)

    assert outcome(UID, Meeting.objects.all()) == "unknown"


@pytest.mark.django_db
def test_deleted_record_is_gone_at_the_address_of_its_own_kind_only():
    SeriesFactory(uid=UID).delete()

    assert outcome(UID, Topic.objects.all()) == "unknown"


@pytest.mark.django_db
def test_office_is_public_with_its_body():
    office = OfficeFactory(uid=UID)
    found = outcome(UID, Office.objects.all())
    Actor.objects.filter(pk=office.body.pk).update(state="draft")

    assert (found, outcome(UID, Office.objects.all())) == (office, "unknown")


@pytest.mark.django_db
def test_lookup_keeps_what_the_caller_prefetches_and_costs_one_query_more_for_it(django_assert_num_queries):
    MeetingFactory(uid=UID)

    with django_assert_num_queries(2):
        talks = find(UID, among=Meeting.objects.prefetch_related("topic_links"))
        assert list(talks.topic_links.all()) == []
