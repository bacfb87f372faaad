"""Actors, offices and tenures, as the API tells them."""

import pytest

from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

SITE = "http://testserver"
UNKNOWN = {"edtf": "", "earliest": None, "latest": None, "certain": False, "text": "date unknown"}


def get(client, path, **parameters):
    return client.get(f"/api/v1/{path}", parameters).json()


def addresses(plural, uid, page=None):
    return {
        "uid": uid,
        "url": f"{SITE}/api/v1/{plural}/{uid}/",
        "html_url": f"{SITE}/{page or f'{plural}/{uid}'}/",
    }


def standing(record):
    return {
        "version": record.version,
        "updated_at": record.updated_at.isoformat().replace("+00:00", "Z"),
    }


RUSSIA = {**addresses("actors", "rss0000001"), "kind": "state", "name": "Russia"}
COUNCIL = {**addresses("actors", "sc00000001"), "kind": "body", "name": "Security Council"}
UNITED_NATIONS = {**addresses("actors", "nat0000001"), "kind": "organisation", "name": "United Nations"}
PATRUSHEV = {**addresses("actors", "patr000001"), "kind": "person", "name": "Nikolai Patrushev"}
SPAN = {
    "edtf": "2008-05/2024-05-12",
    "earliest": "2008-05-01",
    "latest": "2024-05-12",
    "certain": False,
    "text": "from May 2008 to 12 May 2024",
}
OFFICE = {
    **addresses("offices", "sec0000001", page="actors/sc00000001"),
    "name": "Secretary",
    "body": COUNCIL,
    "tier": 3,
}
TENURE = {**addresses("tenures", "ten0000001", page="actors/patr000001"), "span": SPAN, "is_acting": False}


@pytest.fixture
def patrushev():
    """A person with everything filled in, and a hidden record at every end that can be hidden."""
    draft = {"state": "draft"}
    russia = factories.StateFactory(uid="rss0000001", name="Russia")
    council = factories.BodyFactory(uid="sc00000001", name="Security Council", home_state=russia, parent=russia)
    factories.BodyFactory(parent=council, **draft)
    person = factories.PersonFactory(
        uid="patr000001",
        name="Nikolai Patrushev",
        home_state=russia,
        born="1951-07-11",
        description="Secretary of the Security Council until 2024.",
        open_points=["His middle name."],
    )
    factories.ActorNameFactory(actor=person, text="Николай Патрушев", language="ru", kind="native")
    person.identifiers.create(scheme="wikidata", value="Q708119")
    office = factories.OfficeFactory(uid="sec0000001", body=council, name="Secretary", tier=3, aliases=["Секретарь"])
    tenure = factories.TenureFactory(uid="ten0000001", person=person, office=office, observed="2021/2023", note="Long.")
    factories.TenureFactory(office=office, person=factories.PersonFactory(**draft))
    factories.TenureFactory(person=person, office=factories.OfficeFactory(body=factories.BodyFactory(**draft)))
    nations = factories.OrganisationFactory(uid="nat0000001", name="United Nations")
    factories.MembershipFactory(member=russia, organisation=nations, role="permanent member")
    factories.MembershipFactory(member=russia, organisation=factories.OrganisationFactory(**draft))
    factories.MembershipFactory(member=factories.StateFactory(**draft), organisation=nations)
    source = factories.SourceFactory(uid="src0000001", url="https://tass.com/1")
    for cited in ({"actor": person}, {"tenure": tenure}):
        factories.CitationFactory(source=source, meeting=None, **cited)
        factories.CitationFactory(source=factories.SourceFactory(**draft), meeting=None, **cited)
    person.refresh_from_db()
    return person


def citation():
    return {
        "source": {
            **addresses("sources", "src0000001"),
            "title": "",
            "kind": "report",
            "publisher": "TASS",
            "published": {
                "edtf": "2023-02-21",
                "earliest": "2023-02-21",
                "latest": "2023-02-21",
                "certain": True,
                "text": "21 February 2023",
            },
            "language": "en",
            "document_url": "https://tass.com/1",
            "archived_url": "",
        },
        "field": "",
        "verdict": "supports",
        "value_given": "",
        "locator": "",
        "quote": "",
        "confidence": None,
        "note": "",
    }


def listed(person):
    return {
        **addresses("actors", "patr000001"),
        "kind": "person",
        "name": "Nikolai Patrushev",
        "names": [
            {"text": "Николай Патрушев", "language": "ru", "kind": "native", "span": UNKNOWN, "is_verified": True}
        ],
        "identifiers": [{"scheme": "wikidata", "value": "Q708119"}],
        "home_state": RUSSIA,
        "parent": None,
        "successor": None,
        "born": {
            "edtf": "1951-07-11",
            "earliest": "1951-07-11",
            "latest": "1951-07-11",
            "certain": True,
            "text": "11 July 1951",
        },
        "died": UNKNOWN,
        "description": "Secretary of the Security Council until 2024.",
        "open_points": ["His middle name."],
        "published_at": person.published_at.isoformat().replace("+00:00", "Z"),
        **standing(person),
    }


def test_actor_list_tells_names_and_home(client, patrushev):
    assert get(client, "actors/", kind="person")["results"] == [listed(patrushev)]


def test_actor_is_told_whole_without_hidden_offices_and_sources(client, patrushev):
    assert get(client, "actors/patr000001/") == {
        **listed(patrushev),
        "parts": [],
        "predecessors": [],
        "tenures": [{**TENURE, "office": OFFICE}],
        "offices": [],
        "memberships": [],
        "members": [],
        "meetings_url": f"{SITE}/api/v1/meetings/?actor=patr000001",
        "statements_url": f"{SITE}/api/v1/statements/?speaker=patr000001",
        "citations": [citation()],
    }


def test_body_names_its_offices_and_only_its_public_parts(client, patrushev):
    council = get(client, "actors/sc00000001/")
    assert council["offices"] == [{key: OFFICE[key] for key in ("uid", "url", "html_url", "name", "tier")}]
    assert (council["parts"], council["parent"], council["home_state"]) == ([], RUSSIA, RUSSIA)
    assert get(client, "actors/rss0000001/")["parts"] == [COUNCIL]


def test_membership_is_told_at_both_ends(client, patrushev):
    membership = {"role": "permanent member", "span": UNKNOWN}
    assert get(client, "actors/rss0000001/")["memberships"] == [{**membership, "organisation": UNITED_NATIONS}]
    assert get(client, "actors/nat0000001/")["members"] == [{**membership, "member": RUSSIA}]


def test_office_is_told_with_its_public_holders(client, patrushev):
    office = patrushev.tenures.get(uid="ten0000001").office
    told = {**OFFICE, "aliases": ["Секретарь"], **standing(office)}
    assert get(client, "offices/")["results"] == [told]
    assert get(client, "offices/sec0000001/") == {**told, "tenures": [{**TENURE, "person": PATRUSHEV}]}


def test_tenure_is_told_with_its_sources(client, patrushev):
    tenure = patrushev.tenures.get(uid="ten0000001")
    told = {
        **TENURE,
        "person": PATRUSHEV,
        "office": OFFICE,
        "observed": {
            "edtf": "2021/2023",
            "earliest": "2021-01-01",
            "latest": "2023-12-31",
            "certain": False,
            "text": "2021–2023",
        },
        "note": "Long.",
        **standing(tenure),
    }
    assert get(client, "tenures/")["results"] == [told]
    assert get(client, "tenures/ten0000001/") == {**told, "citations": [citation()]}


@pytest.mark.parametrize("plural", ["offices", "tenures"])
def test_office_and_tenure_of_a_hidden_body_are_not_found(client, plural):
    tenure = factories.TenureFactory(office=factories.OfficeFactory(body=factories.BodyFactory(state="draft")))
    hidden = {"offices": tenure.office, "tenures": tenure}[plural]
    assert get(client, f"{plural}/")["count"] == 0
    assert get(client, f"{plural}/{hidden.uid}/")["status"] == 404


@pytest.mark.parametrize("link", ["home_state", "parent", "successor"])
def test_link_to_a_hidden_actor_reads_like_none(client, link):
    hidden = factories.StateFactory(state="draft")
    actor = factories.BodyFactory(**{link: hidden})
    assert get(client, f"actors/{actor.uid}/")[link] is None
    assert get(client, "actors/")["results"][0][link] is None


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize(("plural", "queries"), [("actors", 5), ("offices", 3), ("tenures", 3)])
def test_list_asks_the_database_as_often_for_three_rows_as_for_one(
    client, plural, queries, n, django_assert_num_queries
):
    for _ in range(n):
        tenure = factories.TenureFactory(person__home_state=factories.StateFactory())
        factories.ActorNameFactory(actor=tenure.person)
        tenure.person.identifiers.create(scheme="wikidata", value=tenure.uid)
    with django_assert_num_queries(queries):
        told = get(client, f"{plural}/", **({"kind": "person"} if plural == "actors" else {}))
    assert told["count"] == n


@pytest.mark.parametrize("n", [1, 3])
def test_actor_costs_the_same_whatever_hangs_on_it(client, n, django_assert_num_queries):
    body = factories.BodyFactory()
    for _ in range(n):
        office = factories.OfficeFactory(body=body)
        factories.BodyFactory(parent=body)
        factories.MembershipFactory(organisation=body)
        factories.MembershipFactory(member=body)
        factories.TenureFactory(office=office)
        factories.CitationFactory(actor=body, meeting=None)
    with django_assert_num_queries(10):
        told = get(client, f"actors/{body.uid}/")
    assert [len(told[name]) for name in ("offices", "parts", "members", "memberships", "citations")] == [n] * 5
