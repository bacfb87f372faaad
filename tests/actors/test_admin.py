import pytest
from django.urls import reverse

from actors.models import Office
from tests.factories import (
    ActorNameFactory,
    BodyFactory,
    OfficeFactory,
    OrganisationFactory,
    PersonFactory,
    StateFactory,
    TenureFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def choices(client, model, **asked):
    return client.get(reverse(f"admin:actors_{model}_choices"), asked).json()


def names(client, model, **asked):
    return [choice["text"] for choice in choices(client, model, **asked)["results"]]


@pytest.fixture
def wang():
    wang = PersonFactory(name="Wang Yi", home_state=StateFactory(name="China"))
    ActorNameFactory(actor=wang, text="王毅", language="zh", kind="native")
    ActorNameFactory(actor=wang, text="Ван И", language="ru", kind="transliteration")
    return wang


@pytest.mark.parametrize("typed", ["王毅", "wang", "WANG yi", "yi wang", "Ван", "毅"])
def test_actor_is_found_by_any_name_in_any_script(admin_client, wang, typed):
    PersonFactory(name="Qin Gang")

    assert names(admin_client, "actor", term=typed) == ["Wang Yi"]


@pytest.mark.parametrize("typed", ["patrushev", "Patrushef", "Патруш", "Патрушов", "nikolai pat"])
def test_actor_is_found_by_half_a_name_and_with_a_slip(admin_client, wang, typed):
    patrushev = PersonFactory(name="Nikolai Patrushev")
    ActorNameFactory(actor=patrushev, text="Николай Патрушев", language="ru")

    assert names(admin_client, "actor", term=typed) == ["Nikolai Patrushev"]


def test_actor_is_found_without_its_accents(admin_client):
    PersonFactory(name="António Guterres")

    assert names(admin_client, "actor", term="antonio") == ["António Guterres"]


def test_actor_is_found_by_its_public_id(admin_client, wang):
    assert names(admin_client, "actor", term=wang.uid.upper()) == ["Wang Yi"]


def test_namesakes_are_told_apart_by_kind_home_and_latest_office(admin_client, wang):
    smith = PersonFactory(name="John Smith", home_state=StateFactory(name="Ireland"))
    embassy = BodyFactory(name="Embassy in Beijing")
    TenureFactory(person=smith, office=OfficeFactory(body=embassy, name="Counsellor"), span="2010/2012")
    TenureFactory(person=smith, office=OfficeFactory(body=embassy, name="Ambassador"), span="2020/..")
    PersonFactory(name="John Smith", state="draft")

    told = [
        (choice["text"], choice["detail"], choice["mark"])
        for choice in choices(admin_client, "actor", term="smith")["results"]
    ]

    assert sorted(told) == [
        ("John Smith", "person", "draft"),
        ("John Smith", "person · Ireland · Ambassador, Embassy in Beijing (since 2020)", ""),
    ]
    assert choices(admin_client, "actor", term="王毅")["results"][0]["detail"] == "王毅 · person · China"


def test_nearest_name_is_offered_first(admin_client):
    for name in ("Wangari Maathai", "Li Wang", "Wang", "Wong Kar-wai"):
        PersonFactory(name=name)

    assert names(admin_client, "actor", term="wang") == ["Wang", "Wangari Maathai", "Li Wang"]


def test_merged_actor_cannot_be_chosen(admin_client, wang):
    PersonFactory(name="Wang I", merged_into=wang)

    assert names(admin_client, "actor", term="wang") == ["Wang Yi"]


def test_link_that_takes_some_kinds_offers_only_these(admin_client, wang):
    OrganisationFactory(name="Wang Foundation")

    page = admin_client.get(reverse("admin:actors_actor_add"))
    select = page.context["adminform"].form["home_state"].as_widget()

    assert 'data-kinds="state,organisation"' in select
    assert names(admin_client, "actor", term="wang", kind="state,organisation") == ["Wang Foundation"]


def test_there_is_more_is_said_after_twenty(admin_client):
    for _number in range(21):
        PersonFactory(name="John Smith")

    answer = choices(admin_client, "actor", term="smith")

    assert (len(answer["results"]), answer["more"]) == (20, True)


@pytest.mark.parametrize("n", [1, 3])
def test_answers_cost_the_same_for_few_and_many(admin_client, django_assert_num_queries, n):
    for _number in range(n):
        smith = PersonFactory(name="John Smith", home_state=StateFactory())
        ActorNameFactory(actor=smith, text="约翰·史密斯")
        TenureFactory(person=smith)
        TenureFactory(person=smith)
    admin_client.get("/admin/")

    with django_assert_num_queries(7):  # session, user, keys by name, keys found, actors, names, tenures
        assert len(names(admin_client, "actor", term="smith")) == n


@pytest.mark.parametrize(
    "term", ["", " ", '"', "-", "-wang", "%", "_", "\\", "\x00", "x" * 5000, "or or or", "王" * 400]
)
def test_whatever_is_typed_gets_an_answer(admin_client, wang, term):
    asked = {"term": term, "kind": "x,person", "person": "9" * 40, "on": "2023-02-31"}

    assert set(choices(admin_client, "actor", **asked)) == {"results", "more"}
    assert set(choices(admin_client, "tenure", **asked)) == {"results", "more"}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("毅", ["Wang Yi"]),
        ("王毅", ["Wang Yi"]),
        ("毅王", []),
        ("李", []),
        ("y", ["Wang Yi"]),
        ("YI", ["Wang Yi"]),
        ("ng", []),
        ("wang y", ["Wang Yi"]),
        ("yi wang", ["Wang Yi"]),
        ("as", ["Bashar al-Assad"]),
        ("d'", ["Catherine Colonna d'Ornano"]),
        ("or", ["Catherine Colonna d'Ornano"]),
    ],
)
def test_one_or_two_letters_begin_a_word_and_one_or_two_signs_stand_anywhere(admin_client, wang, typed, expected):
    for name in ("Bashar al-Assad", "Catherine Colonna d'Ornano"):
        PersonFactory(name=name)

    assert names(admin_client, "actor", term=typed) == expected


def test_sign_for_anything_is_a_letter_like_any_other(admin_client, wang):
    PersonFactory(name="100%_Ltd")

    assert names(admin_client, "actor", term="100%_L") == ["100%_Ltd"]


def test_choosing_needs_the_permission_to_look(client, django_user_model, wang):
    url = reverse("admin:actors_actor_choices")

    assert client.get(url, {"term": "wang"}).status_code == 302
    client.force_login(django_user_model.objects.create_user("guest", is_staff=True))
    assert client.get(url, {"term": "wang"}).status_code == 403


def test_tenures_are_those_of_the_person_the_one_held_that_day_first(admin_client, wang):
    ministry = BodyFactory(name="Ministry of Foreign Affairs")
    party = BodyFactory(name="Central Foreign Affairs Commission")
    TenureFactory(person=wang, office=OfficeFactory(body=ministry, name="Minister"), span="2013-03-16/2022-12-30")
    TenureFactory(person=wang, office=OfficeFactory(body=party, name="Director"), span="2023-01-01/..")
    TenureFactory()

    def offered(**asked):
        return [
            (choice["text"], choice["detail"])
            for choice in choices(admin_client, "tenure", person=wang.pk, **asked)["results"]
        ]

    director = ("Director, Central Foreign Affairs Commission", "Wang Yi · since 1 January 2023")
    minister = ("Minister, Ministry of Foreign Affairs", "Wang Yi · 16 March 2013 – 30 December 2022")
    assert offered() == [director, minister]
    assert offered(on="2022-02") == [minister, director]
    assert offered(term="minist") == [minister]


@pytest.mark.parametrize("typed", ["王毅", "wang", "Ван И"])
def test_list_is_searched_by_any_name(admin_client, wang, typed):
    PersonFactory(name="Qin Gang")

    page = admin_client.get(reverse("admin:actors_actor_changelist"), {"q": typed})

    assert [actor.name for actor in page.context["cl"].result_list] == ["Wang Yi"]


@pytest.mark.parametrize("model", ["actor", "office", "tenure"])
@pytest.mark.parametrize("n", [1, 3])
def test_list_costs_the_same_for_few_and_many(admin_client, django_assert_num_queries, model, n):
    for _number in range(n):
        person = PersonFactory(home_state=StateFactory())
        ActorNameFactory(actor=person)
        TenureFactory(person=person)
    url = reverse(f"admin:actors_{model}_changelist")
    admin_client.get(url)

    with django_assert_num_queries({"actor": 9, "office": 6, "tenure": 6}[model]):
        admin_client.get(url)


def test_offices_are_rows_on_the_form_of_a_person_only(admin_client, wang):
    def prefixes(record):
        page = admin_client.get(reverse("admin:actors_actor_change", args=[record.pk]))
        return [formset.formset.prefix for formset in page.context["inline_admin_formsets"]]

    assert prefixes(wang) == ["names", "tenures", "memberships", "identifiers", "citations"]
    assert prefixes(wang.home_state) == ["names", "memberships", "identifiers", "citations"]


def test_other_wordings_of_an_office_keep_their_commas(admin_client):
    body = BodyFactory(name="Security Council")
    form = {
        "name": "Secretary",
        "body": body.pk,
        "aliases": "Secretary, Security Council\nСекретарь Совета Безопасности",
    }

    admin_client.post(reverse("admin:actors_office_add"), form)

    assert Office.objects.get().aliases == ["Secretary, Security Council", "Секретарь Совета Безопасности"]
