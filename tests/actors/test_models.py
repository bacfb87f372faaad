import pytest
from django.core.exceptions import NON_FIELD_ERRORS as ROW

from actors.models import Actor, ActorIdentifier, ActorName, Membership, Office, Tenure
from tests.factories import (
    ActorNameFactory,
    BodyFactory,
    MembershipFactory,
    OfficeFactory,
    OrganisationFactory,
    PersonFactory,
    StateFactory,
    TenureFactory,
)
from tests.refusals import Refusal, database_says, form_says


def changed(row, **values):
    """A saved row with other values, not saved since."""
    for name, value in values.items():
        setattr(row, name, value)
    return row


def body_below_its_own_part():
    ministry = BodyFactory(name="Ministry of Foreign Affairs")
    department = BodyFactory(name="Information Department", parent=ministry)
    return changed(ministry, parent=department)


def second_wikidata_id():
    ActorIdentifier.objects.create(actor=PersonFactory(), scheme="wikidata", value="Q15031")
    return ActorIdentifier(actor=PersonFactory(), scheme="wikidata", value="Q15031")


def tenure_again(span):
    held = TenureFactory(span="2008-05/2024-05-12")
    return Tenure(person=held.person, office=held.office, span=span)


def membership_again(role):
    held = MembershipFactory(role="permanent member", span="1971-10-25/..")
    return Membership(member=held.member, organisation=held.organisation, role=role, span="1991-12-24/..")


def name_again():
    name = ActorNameFactory(text="王毅", language="zh")
    return ActorName(actor=name.actor, text="王毅", language="zh", kind="alias")


def office_again():
    office = OfficeFactory(name="Secretary")
    return Office(body=office.body, name="Secretary")


def its_own(field, actor):
    return changed(actor, **{field: actor})


REFUSALS = [
    Refusal(
        Actor,
        "actor_kind_is_known",
        lambda: Actor(name="Wang Yi", kind="robot"),
        {"kind": ["Value 'robot' is not a valid choice."]},
    ),
    Refusal(Actor, "actor_has_name", lambda: Actor(kind="person", name=""), {"name": ["This field cannot be blank."]}),
    Refusal(
        Actor,
        "actor_not_its_own_home",
        lambda: its_own("home_state", StateFactory(name="China")),
        {ROW: ["An actor does not belong to itself. Leave the field empty for a state."]},
    ),
    Refusal(
        Actor,
        "actor_not_its_own_successor",
        lambda: its_own("successor", StateFactory(name="Soviet Union")),
        {ROW: ["An actor cannot succeed itself."]},
    ),
    Refusal(
        Actor,
        "actor_person_has_no_parent",
        lambda: Actor(kind="person", name="Wang Yi", parent=BodyFactory()),
        {ROW: ["A person has no parent body. Record an office or a membership instead."]},
    ),
    Refusal(
        Actor,
        "actors_actor_parent_no_cycle",
        body_below_its_own_part,
        {"parent": ["A body cannot be part of itself or of its own parts. Choose another parent."]},
    ),
    Refusal(
        Actor,
        "actors_actor_home_state_kind",
        lambda: Actor(kind="person", name="Wang Yi", home_state=BodyFactory()),
        {"home_state": ["An actor belongs to a state or an international organisation. Choose one of these."]},
    ),
    Refusal(
        Actor,
        "actors_actor_parent_kind",
        lambda: Actor(kind="body", name="Security Council", parent=PersonFactory()),
        {"parent": ["A person cannot be the parent of a body. Choose a body, a state or an organisation."]},
    ),
    Refusal(
        ActorName,
        "actor_name_once_per_language",
        name_again,
        {ROW: ["This name is already listed in this language."]},
    ),
    Refusal(
        ActorName,
        "actor_name_kind_is_known",
        lambda: ActorName(actor=PersonFactory(), text="王毅", kind="nickname"),
        {"kind": ["Value 'nickname' is not a valid choice."]},
    ),
    Refusal(
        ActorName,
        "actor_name_has_text",
        lambda: ActorName(actor=PersonFactory(), text=""),
        {"text": ["This field cannot be blank."]},
    ),
    Refusal(
        ActorIdentifier,
        "identifier_belongs_to_one_actor",
        second_wikidata_id,
        {ROW: ["This identifier already belongs to another actor. Is it the same one?"]},
    ),
    Refusal(
        ActorIdentifier,
        "identifier_is_not_empty",
        lambda: ActorIdentifier(actor=PersonFactory(), scheme="wikidata", value=""),
        {"value": ["This field cannot be blank."]},
    ),
    Refusal(Office, "office_once_per_body", office_again, {ROW: ["This body already has an office of this name."]}),
    Refusal(
        Office,
        "office_has_name",
        lambda: Office(body=BodyFactory(), name=""),
        {"name": ["This field cannot be blank."]},
    ),
    Refusal(
        Office,
        "office_tier_between_1_and_6",
        lambda: Office(body=BodyFactory(), name="Secretary", tier=7),
        {"tier": ["Value 7 is not a valid choice."]},
    ),
    Refusal(
        Office,
        "actors_office_body_kind",
        lambda: Office(body=PersonFactory(), name="Secretary"),
        {"body": ["An office is a post of a body, a state or an organisation, not of a person."]},
    ),
    Refusal(
        Tenure,
        "tenure_not_held_twice_at_once",
        lambda: tenure_again("2010/2012"),
        {ROW: ["This person certainly held this office already in part of that time."]},
    ),
    Refusal(
        Tenure,
        "actors_tenure_person_kind",
        lambda: Tenure(person=StateFactory(), office=OfficeFactory()),
        {"person": ["Only a person holds an office."]},
    ),
    Refusal(
        Membership,
        "membership_not_in_itself",
        lambda: (lambda brics: Membership(member=brics, organisation=brics))(OrganisationFactory(name="BRICS")),
        {ROW: ["An organisation cannot be a member of itself."]},
    ),
    Refusal(
        Membership,
        "membership_not_twice_at_once",
        lambda: membership_again("Permanent Member"),
        {ROW: ["This membership is already recorded for part of that time."]},
    ),
    Refusal(
        Membership,
        "actors_membership_organisation_kind",
        lambda: Membership(member=PersonFactory(), organisation=StateFactory()),
        {"organisation": ["One can be a member of an organisation or a body only."]},
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_form_refuses_with_words_for_the_editor(refusal):
    assert form_says(refusal.build()) == refusal.says


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_database_refuses_what_no_form_has_seen(refusal):
    assert database_says(refusal.build()) == refusal.name


@pytest.mark.django_db
def test_tenure_may_be_held_again_after_an_end_that_is_certain_to_the_day():
    later = tenure_again("2024-05-13/..")

    assert form_says(later) == {}
    later.save()
    assert Tenure.objects.filter(person=later.person).count() == 2


@pytest.mark.django_db
def test_tenures_that_only_possibly_overlap_are_let_through():
    # Sources that know years only must not force an editor to invent days.
    first = TenureFactory(span="2004/2008")
    second = Tenure(person=first.person, office=first.office, span="2008/2012")

    assert form_says(second) == {}
    second.save()


@pytest.mark.django_db
def test_membership_in_another_role_at_the_same_time_is_let_through():
    assert form_says(membership_again("chair")) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh", "zh-Hant", "sr-Latn", "en-GB", "es-419", "yue"])
def test_language_tags_of_bcp_47_are_accepted(language):
    assert form_says(ActorName(actor=PersonFactory(), text="王毅", language=language)) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["Chinese", "ZH", "zh_Hant", "z", "zh-hant"])
def test_language_that_is_no_tag_is_refused_with_examples(language):
    assert form_says(ActorName(actor=PersonFactory(), text="王毅", language=language)) == {
        "language": ["Give a language tag such as en, zh, zh-Hant or sr-Latn (BCP 47)."]
    }


@pytest.mark.django_db
def test_rows_read_as_an_editor_would_say_them():
    council = BodyFactory(name="Security Council of the Russian Federation")
    secretary = OfficeFactory(name="Secretary", body=council)
    patrushev = PersonFactory(name="Nikolai Patrushev")
    brics = OrganisationFactory(name="BRICS")

    assert [
        str(patrushev),
        str(ActorNameFactory(actor=patrushev, text="帕特鲁舍夫")),
        str(ActorIdentifier(scheme="wikidata", value="Q15031")),
        str(secretary),
        str(TenureFactory(person=patrushev, office=secretary)),
        str(MembershipFactory(member=StateFactory(name="Russia"), organisation=brics)),
    ] == [
        "Nikolai Patrushev",
        "帕特鲁舍夫",
        "wikidata:Q15031",
        "Secretary, Security Council of the Russian Federation",
        "Nikolai Patrushev: Secretary, Security Council of the Russian Federation",
        "Russia in BRICS",
    ]
