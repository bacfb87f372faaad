import pytest

from actors.filters import ActorFilterSet, OfficeFilterSet, TenureFilterSet
from actors.models import Actor, ActorIdentifier, Office, Tenure
from tests.factories import (
    ActorNameFactory,
    BodyFactory,
    OfficeFactory,
    OrganisationFactory,
    PersonFactory,
    StateFactory,
    TenureFactory,
)

pytestmark = pytest.mark.django_db


def actors(**query):
    filters = ActorFilterSet(query, queryset=Actor.objects.public())
    assert filters.errors == {}
    return [actor.name for actor in filters.qs]


def offices(**query):
    filters = OfficeFilterSet(query, queryset=Office.objects.public())
    assert filters.errors == {}
    return [office.name for office in filters.qs]


def tenures(**query):
    filters = TenureFilterSet(query, queryset=Tenure.objects.public())
    assert filters.errors == {}
    return [tenure.person.name for tenure in filters.qs]


def test_actors_are_listed_by_name():
    for name in ("Wang Yi", "China", "Sergey Lavrov"):
        PersonFactory(name=name)

    assert actors() == ["China", "Sergey Lavrov", "Wang Yi"]
    assert actors(order="-name") == ["Wang Yi", "Sergey Lavrov", "China"]


def test_actors_are_filtered_by_kind():
    StateFactory(name="China")
    OrganisationFactory(name="SCO")
    PersonFactory(name="Wang Yi")

    assert actors(kind=["state", "organisation"]) == ["China", "SCO"]


def test_state_finds_itself_and_all_who_belong_to_it():
    china = StateFactory(name="China")
    PersonFactory(name="Wang Yi", home_state=china)
    PersonFactory(name="Qin Gang", home_state=china, state="draft")
    PersonFactory(name="Sergey Lavrov", home_state=StateFactory(name="Russia"))

    assert actors(state=china.uid) == ["China", "Wang Yi"]


def test_country_is_read_off_the_identifier_of_the_home_state():
    china, russia = StateFactory(name="China"), StateFactory(name="Russia")
    for state, code in ((china, "CN"), (russia, "RU")):
        ActorIdentifier.objects.create(actor=state, scheme="iso3166-1", value=code)
    ActorIdentifier.objects.create(actor=PersonFactory(name="Other scheme"), scheme="gw", value="CN")
    PersonFactory(name="Wang Yi", home_state=china)
    PersonFactory(name="Sergey Lavrov", home_state=russia)

    assert actors(country="cn") == ["China", "Wang Yi"]


def test_country_of_a_hidden_home_state_is_not_told():
    hidden = StateFactory(name="Atlantis", state="draft")
    ActorIdentifier.objects.create(actor=hidden, scheme="iso3166-1", value="CN")
    PersonFactory(name="Wang Yi", home_state=hidden)

    assert actors(country="CN") == []


@pytest.mark.parametrize("typed", ["王毅", "Ван И", "wang yi", "Wang  Yi", "Q15902", "diplomat", '"wang yi"'])
def test_actor_is_found_by_any_name_identifier_or_word_of_its_description(typed):
    wang = PersonFactory(name="Wang Yi", description="Chinese diplomat.")
    ActorNameFactory(actor=wang, text="王毅", language="zh")
    ActorNameFactory(actor=wang, text="Ван И", language="ru")
    ActorIdentifier.objects.create(actor=wang, scheme="wikidata", value="Q15902")
    PersonFactory(name="Nikolai Patrushev")

    assert actors(q=typed) == ["Wang Yi"]


@pytest.mark.parametrize("typed", ["security council secretaries", "Совбез", "国务委员"])
def test_actor_is_found_by_the_offices_it_held_in_any_wording(typed):
    council = BodyFactory(name="Security Council")
    ActorNameFactory(actor=council, text="Совбез", language="ru")
    office = OfficeFactory(body=council, name="Secretary", aliases=["国务委员"])
    TenureFactory(office=office, person__name="Nikolai Patrushev")
    TenureFactory(office=office, person__name="Draft Person", person__state="draft")
    TenureFactory(office__name="Secretary", office__body__name="Council of Ministers", person__name="Wang Yi")
    hidden = BodyFactory(name="Security Council of Atlantis", state="draft")
    TenureFactory(office=OfficeFactory(body=hidden, name="Secretary", aliases=["国务委员"]), person__name="Poseidon")

    assert [name for name in actors(q=typed) if name != "Security Council"] == ["Nikolai Patrushev"]


def test_name_comes_before_office_and_one_office_before_words_of_several():
    council = BodyFactory(name="Security Council")
    TenureFactory(office=OfficeFactory(body=council, name="Secretary"), person__name="Nikolai Patrushev")
    spread = TenureFactory(office=OfficeFactory(body=council, name="Member"), person__name="Anna Alt").person
    TenureFactory(office__name="Secretary", office__body__name="Party", person=spread)
    PersonFactory(name="Secretary of the Security Council")

    assert actors(q="security council secretary", order="relevance") == [
        "Secretary of the Security Council",
        "Nikolai Patrushev",
        "Anna Alt",
    ]


def test_best_name_comes_first():
    PersonFactory(name="Wang Wenbin", description="Speaks after Wang Yi; Wang Yi is his minister.")
    PersonFactory(name="Wang Yi")

    assert actors(q="wang yi") == ["Wang Yi", "Wang Wenbin"]


def test_name_of_a_draft_actor_finds_nothing():
    hidden = PersonFactory(name="Secret Envoy", state="draft")
    ActorNameFactory(actor=hidden, text="密使", language="zh")

    assert actors(q="Secret") == actors(q="密使") == []


def test_actors_are_filtered_by_the_moment_of_their_last_change():
    wang = PersonFactory(name="Wang Yi")
    lavrov = PersonFactory(name="Sergey Lavrov")
    wang.refresh_from_db()
    lavrov.refresh_from_db()

    assert actors(updated_since=lavrov.updated_at.isoformat()) == ["Sergey Lavrov"]
    assert actors(updated_since=wang.updated_at.isoformat()) == ["Sergey Lavrov", "Wang Yi"]
    assert actors(order="-updated") == ["Sergey Lavrov", "Wang Yi"]


def test_offices_are_filtered_by_body_state_tier_and_words():
    russia = StateFactory(name="Russia")
    council = BodyFactory(name="Security Council", home_state=russia)
    OfficeFactory(name="Secretary", body=council, tier=3, aliases=["Секретарь"])
    OfficeFactory(name="President", body=russia, tier=1)
    OfficeFactory(name="Foreign Minister", body=BodyFactory(name="Ministry", home_state=StateFactory(name="China")))
    OfficeFactory(name="Hidden", body=BodyFactory(home_state=russia, state="draft"))

    assert offices(body=council.uid) == ["Secretary"]
    assert offices(state=russia.uid) == ["President", "Secretary"]
    assert offices(tier=["1", "3"], state=russia.uid) == ["President", "Secretary"]
    assert offices(tier="1") == ["President"]
    assert offices(q="Секретарь") == offices(q="security secretary") == ["Secretary"]


def test_tenures_are_filtered_by_person_office_body_state_tier_and_words():
    russia, china = StateFactory(name="Russia"), StateFactory(name="China")
    council = BodyFactory(name="Security Council", home_state=russia)
    secretary = OfficeFactory(name="Secretary", body=council, tier=4)
    patrushev = PersonFactory(name="Nikolai Patrushev")
    TenureFactory(person=patrushev, office=secretary)
    minister = OfficeFactory(name="Foreign Minister", body=BodyFactory(home_state=china), tier=3)
    TenureFactory(person=PersonFactory(name="Wang Yi"), office=minister)
    TenureFactory(person=PersonFactory(name="Hidden", state="draft"), office=secretary)

    for query in (
        {"actor": patrushev.uid},
        {"office": secretary.uid},
        {"body": council.uid},
        {"state": russia.uid},
        {"tier": "4"},
        {"q": "patrushef"},
        {"q": "secretary council"},
    ):
        assert tenures(**query) == ["Nikolai Patrushev"], query


def test_tenures_are_filtered_by_the_span_in_which_the_office_was_held():
    TenureFactory(person=PersonFactory(name="Nikolai Patrushev"), span="2008-05/2024-05-12")
    TenureFactory(person=PersonFactory(name="Sergey Shoigu"), span="2024-05-12/..")
    TenureFactory(person=PersonFactory(name="Unknown"), span="")

    assert tenures(**{"from": "2023-02-21", "to": "2023-02-21"}) == ["Nikolai Patrushev"]
    assert tenures(**{"from": "2024-06"}) == ["Sergey Shoigu"]
    assert tenures(to="2008-05") == ["Nikolai Patrushev"]
    assert tenures(to="2008-05", dates="certain") == ["Nikolai Patrushev"]
    assert tenures(to="2008-05-15", dates="certain") == []
    assert tenures(undated="true") == ["Unknown"]
    assert tenures() == ["Sergey Shoigu", "Nikolai Patrushev", "Unknown"]
    assert tenures(order="date") == ["Nikolai Patrushev", "Sergey Shoigu", "Unknown"]
