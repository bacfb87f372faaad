import pytest

from actors.models import Actor, ActorIdentifier, ActorName, Membership, Office, Tenure
from records.lookup import Moved, find
from records.merging import NotMergeable, merge, plan_merge
from records.reverting import revert_batch
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
from tests.merging import all_rows, pointing_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang():
    return PersonFactory(name="Wang Yi", description="Director of the Office.")


@pytest.fixture
def double():
    return PersonFactory(name="Wang I", born="1953-10", description="Foreign minister of China.")


def merged(survivor, absorbed, **how):
    return merge(survivor=survivor, absorbed=absorbed, reason="The same person.", **how)


def names_of(actor):
    return sorted(ActorName.objects.filter(actor=actor).values_list("text", "language", "kind"))


def test_merge_makes_the_name_given_up_an_alias(wang, double):
    merged(wang, double)

    assert names_of(wang) == [("Wang I", "en", "alias")]


def test_merge_keeps_the_name_that_was_chosen(wang, double):
    merged(wang, double, keep={"name": "absorbed"})

    assert Actor.objects.get(pk=wang.pk).name == "Wang I"
    assert names_of(wang) == [("Wang Yi", "en", "alias")]


def test_merge_fills_what_is_empty_and_loses_no_text(wang, double):
    merged(wang, double)

    wang.refresh_from_db()
    assert wang.born.edtf == "1953-10"
    assert wang.description == "Director of the Office.\n\nForeign minister of China."


def test_merge_lists_open_points_of_both_once():
    wang = PersonFactory(open_points=["Born in Beijing?", "Rank?"])
    double = PersonFactory(open_points=["Rank?", "Home town?"])

    merged(wang, double)

    assert Actor.objects.get(pk=wang.pk).open_points == ["Born in Beijing?", "Rank?", "Home town?"]


def test_merge_leads_the_old_address_to_the_survivor(wang, double):
    oldest = PersonFactory(name="Wang Yih", merged_into=double)

    merged(wang, double)

    for record in (double, oldest):
        with pytest.raises(Moved) as moved:
            find(record.uid, among=Actor.objects.all())
        assert moved.value.record == wang
    assert Actor.objects.get(pk=oldest.pk).merged_into == wang
    assert set(Actor.objects.public()) == {wang}


def test_merge_lists_the_same_name_once_and_one_preferred_name_a_language(wang, double):
    ActorNameFactory(actor=wang, text="王毅", language="zh", kind="alias", is_verified=False)
    ActorNameFactory(actor=wang, text="Ван И", language="ru", kind="preferred")
    ActorNameFactory(actor=double, text="王毅", language="zh", kind="native", is_verified=True)
    ActorNameFactory(actor=double, text="Ван Йи", language="ru", kind="preferred")

    plan = plan_merge(wang, double)
    merged(wang, double)

    assert [(one.subject, one.survivor, one.absorbed) for one in plan.conflicts] == [
        ("Preferred name (ru)", "Ван И", "Ван Йи")
    ]
    assert names_of(wang) == [
        ("Wang I", "en", "alias"),
        ("Ван И", "ru", "preferred"),
        ("Ван Йи", "ru", "alias"),
        ("王毅", "zh", "native"),
    ]
    assert ActorName.objects.get(text="王毅").is_verified


def test_merge_keeps_both_ids_of_a_scheme_and_shows_them(wang, double):
    ActorIdentifier.objects.create(actor=wang, scheme="wikidata", value="Q1")
    ActorIdentifier.objects.create(actor=double, scheme="wikidata", value="Q2")

    plan = plan_merge(wang, double)
    merged(wang, double)

    assert [(one.subject, one.survivor, one.absorbed) for one in plan.conflicts] == [("wikidata", "Q1", "Q2")]
    assert sorted(map(str, wang.identifiers.all())) == ["wikidata:Q1", "wikidata:Q2"]


def test_merge_makes_one_tenure_of_two_that_are_alike(wang, double):
    office = OfficeFactory()
    kept = TenureFactory(person=wang, office=office, span="2013-03/2022-12", note="Seen in 2014.")
    TenureFactory(person=double, office=office, span="2013-03/2022-12", note="Seen in 2015.", is_acting=True)
    later = TenureFactory(person=double, office=office, span="2023-07/..")

    merged(wang, double)

    assert list(Tenure.objects.order_by("pk")) == [kept, later]
    assert Tenure.objects.get(pk=kept.pk).note == "Seen in 2014.\nSeen in 2015.\nAlso recorded: Acting: yes."
    assert set(wang.tenures.all()) == {kept, later}


def test_merge_waits_for_tenures_that_overlap_and_differ(wang, double):
    office = OfficeFactory(name="Minister", body=BodyFactory(name="Ministry"))
    TenureFactory(person=wang, office=office, span="2013-03/2022-12")
    TenureFactory(person=double, office=office, span="2014-03/2022-12")
    before = all_rows()

    with pytest.raises(NotMergeable) as refused:
        merged(wang, double)

    assert refused.value.messages == [
        "Tenure “Minister, Ministry”: both records have it, at spans that overlap and differ: 2013-03/2022-12 and "
        "2014-03/2022-12. Make them one span, or let one end before the other begins."
    ]
    assert all_rows() == before


def test_merge_makes_one_office_of_two_of_one_body_with_what_hangs_on_them():
    ministry, double = BodyFactory(name="Ministry of Foreign Affairs"), BodyFactory(name="MFA")
    minister = OfficeFactory(body=ministry, name="Minister", aliases=["部长"], tier=None)
    OfficeFactory(body=double, name="Minister", aliases=["министр"], tier=3)
    wang = PersonFactory()
    kept = TenureFactory(person=wang, office=minister, span="2013-03/2022-12")
    TenureFactory(person=wang, office=Office.objects.get(body=double), span="2013-03/2022-12")

    merged(ministry, double)

    assert list(Office.objects.values_list("body", "aliases", "tier")) == [(ministry.pk, ["部长", "министр"], 3)]
    assert list(Tenure.objects.all()) == [kept]


def test_addresses_of_what_was_combined_lead_to_what_stays_and_answer_again_after_undo(client, static_files):
    wang, double, third = PersonFactory(), PersonFactory(), PersonFactory()
    ministry, mfa = BodyFactory(name="Ministry of Foreign Affairs"), BodyFactory(name="MFA")
    minister, same = OfficeFactory(body=ministry, name="Minister"), OfficeFactory(body=mfa, name="Minister")
    held = [TenureFactory(person=person, office=minister, span="2013-03/2022-12") for person in (third, wang, double)]

    def answers():
        urls = {f"/api/v1/tenures/{row.uid}/" for row in held} | {f"/api/v1/offices/{same.uid}/"}
        found = {url.split("/")[-2]: client.get(url) for url in urls}
        return {uid: answer.json()["uid"] for uid, answer in found.items() if answer.status_code == 308}

    before = all_rows()
    batches = [merged(wang, double), merged(third, wang), merged(ministry, mfa)]

    assert answers() == {held[1].uid: held[0].uid, held[2].uid: held[0].uid, same.uid: minister.uid}

    for batch in reversed(batches):
        revert_batch(batch_id=batch, reason="Not the same.")

    assert answers() == {}
    assert all_rows() == before


def test_address_of_a_combined_tenure_tells_nothing_of_a_draft(client, static_files):
    office = OfficeFactory()
    wang, double = PersonFactory(state="draft"), PersonFactory(state="draft")
    TenureFactory(person=wang, office=office)
    gone = TenureFactory(person=double, office=office)

    merged(wang, double)

    assert client.get(f"/api/v1/tenures/{gone.uid}/").status_code == 404


def test_merge_makes_one_membership_of_two_and_none_in_itself():
    sco, double, china = OrganisationFactory(name="SCO"), OrganisationFactory(name="Shanghai Five"), StateFactory()
    MembershipFactory(member=china, organisation=sco, role="Member", span="2001/..")
    MembershipFactory(member=china, organisation=double, role="member", span="2001/..")
    merged(sco, double)
    assert list(Membership.objects.values_list("member", "organisation")) == [(china.pk, sco.pk)]

    third = OrganisationFactory(name="Third")
    MembershipFactory(member=third, organisation=sco)
    assert plan_merge(sco, third).blockers == [
        f"{Membership.objects.get(member=third)}: it would be a member of itself. Remove the membership first."
    ]


@pytest.mark.parametrize(
    ("survivor", "absorbed", "said"),
    [
        ({}, {"kind": "state"}, ["A person, a state, an organisation and a body are never one and the same actor."]),
        (
            {"state": "withdrawn", "withdrawal_reason": "A hoax."},
            {},
            ["“Wang Yi” is withdrawn: no other record can lead there. Choose the other one as survivor."],
        ),
        (
            {"state": "draft"},
            {},
            [
                "“Wang Yi” is not published, and the address of the other one is known to readers. "
                "Publish the survivor first, or merge the other way round."
            ],
        ),
    ],
)
def test_plan_says_why_two_actors_cannot_be_one(survivor, absorbed, said):
    survivor, absorbed = PersonFactory(name="Wang Yi", **survivor), PersonFactory(name="Wang I", **absorbed)

    assert plan_merge(survivor, absorbed).blockers == said
    with pytest.raises(NotMergeable):
        merged(survivor, absorbed)


def test_plan_refuses_itself_the_merged_and_a_circle(wang, double):
    assert plan_merge(wang, wang).blockers == ["A record cannot be merged into itself. Choose another survivor."]
    merged(wang, double)
    wang, double = Actor.objects.get(pk=wang.pk), Actor.objects.get(pk=double.pk)

    assert plan_merge(wang, double).blockers == ["“Wang I” was merged already; undo that first."]
    assert plan_merge(double, wang).blockers[0] == (
        "“Wang I” was itself merged into another record. Choose that one as survivor."
    )


def test_merge_lets_a_body_take_the_place_of_the_one_it_was_part_of():
    state = StateFactory(name="China")
    above = BodyFactory(name="Ministry", parent=state)
    between = BodyFactory(name="Department", parent=above)
    below = BodyFactory(name="MFA", parent=between)

    plan = plan_merge(below, above)
    merged(below, above)

    assert [(one.subject, one.outcome) for one in plan.conflicts] == [("Parent body", "China")]
    assert dict(Actor.objects.values_list("name", "parent__name"))["MFA"] == "China"
    assert dict(Actor.objects.values_list("name", "parent__name"))["Department"] == "MFA"


def test_undo_restores_every_row(wang, double):
    ActorNameFactory(actor=wang, text="王毅", language="zh")
    ActorNameFactory(actor=double, text="王毅", language="zh")
    office = OfficeFactory()
    TenureFactory(person=wang, office=office)
    TenureFactory(person=double, office=office)
    TenureFactory(person=double)
    before = all_rows()

    batch = merged(wang, double)
    assert pointing_at(double) == []
    revert_batch(batch_id=batch, reason="Two persons.")

    assert all_rows() == before
