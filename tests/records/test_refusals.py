import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from actors.models import ActorIdentifier
from events.models import ParticipationTenure
from records.refusals import is_refusal, message_of
from tests.factories import MeetingFactory, ParticipationFactory, PersonFactory, TenureFactory

pytestmark = pytest.mark.django_db


def refused(write, kind=IntegrityError):
    with pytest.raises(kind) as caught, transaction.atomic():
        write()
    return caught.value


def test_constraint_speaks_in_its_own_words():
    actor = PersonFactory()
    ActorIdentifier.objects.create(actor=actor, scheme="wikidata", value="Q197134")

    error = refused(lambda: ActorIdentifier.objects.create(actor=PersonFactory(), scheme="wikidata", value="Q197134"))

    assert is_refusal(error)
    assert message_of(error) == "This identifier already belongs to another actor. Is it the same one?"


def test_trigger_speaks_in_its_own_words():
    participation, tenure = ParticipationFactory(), TenureFactory()

    error = refused(lambda: ParticipationTenure.objects.create(participation=participation, tenure=tenure))

    assert message_of(error) == "This office was held by somebody else. Choose a tenure of the participant."


def test_link_to_nothing_is_told_from_other_refusals():
    def link():
        MeetingFactory(place_id=2**40)
        connection.check_constraints()

    assert message_of(refused(link)) == (
        "Something this refers to was deleted meanwhile, or something else still refers to it."
    )


def test_id_used_twice_is_told_without_the_name_of_an_index():
    error = refused(lambda: [PersonFactory(uid="wang000001"), PersonFactory(uid="wang000001")])

    assert message_of(error) == "The same entry is already there; somebody may have saved it a moment ago."


def test_value_that_fits_no_column_is_a_refusal():
    error = refused(lambda: PersonFactory(name="x" * 300), DataError)

    assert is_refusal(error)
    assert message_of(error) == "The database does not accept these values."


def test_fault_of_the_database_is_no_refusal():
    def ask_for_too_long():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)")

    assert not is_refusal(refused(ask_for_too_long, OperationalError))
