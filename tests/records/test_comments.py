import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Actor
from records import discussion
from records.models import Assignment, Comment, Mention
from records.roles import EDITORS, RESEARCHERS
from records.services import Refused
from tests.factories import MeetingFactory, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture
def member(django_user_model):
    def make(name, group=EDITORS):
        user = django_user_model.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        return user

    return make


def address(record, page):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{page}", args=[record.pk])


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def test_comment_reaches_whom_it_mentions_and_nobody_else(member):
    anna, boris, chen = member("anna"), member("boris"), member("chen")
    actor = PersonFactory(name="Wang Yi")

    comment = discussion.add_comment(record=actor, text="Which office, @boris? (anna@readout.example)", by=anna)

    assert list(discussion.comments_for(boris)) == [comment]
    assert [list(discussion.comments_for(user)) for user in (anna, chen)] == [[], []]


def test_comment_reaches_whoever_is_in_charge_of_the_record(member):
    anna, boris = member("anna"), member("boris")
    actor = PersonFactory()
    discussion.assign(record=actor, to=boris, by=anna)

    comment = discussion.add_comment(record=actor, text="Is this the same person?", by=anna)
    discussion.add_comment(record=actor, text="I shall look.", by=boris)

    assert list(discussion.comments_for(boris)) == [comment]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@anna and @boris.k: see below.", {"anna", "boris.k"}),
        ("(@anna), @anna!", {"anna"}),
        ("anna@readout.example, @@anna, @", set()),
        ("@王毅?", {"王毅"}),
    ],
)
def test_mentions_are_read_from_a_text(text, names):
    assert discussion.names_mentioned(text) == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  \n", "Write the comment."),
        ("Ask @nobody.", "Nobody at the desk is called “nobody”."),
        ("x" * 5001, "A comment may have 5000 characters."),
    ],
)
def test_comment_that_cannot_stand_is_refused_in_words(member, text, said):
    with pytest.raises(Refused) as refused:
        discussion.add_comment(record=PersonFactory(), text=text, by=member("anna"))

    assert refused.value.messages == [said]
    assert Comment.objects.count() == 0


def test_resolved_comment_waits_for_nobody_and_can_be_opened_again(member):
    anna, boris = member("anna"), member("boris")
    comment = discussion.add_comment(record=PersonFactory(), text="@boris?", by=anna)

    discussion.resolve(comment=comment, by=boris)
    comment.refresh_from_db()
    assert (comment.resolved_by, list(discussion.comments_for(boris))) == (boris, [])

    discussion.reopen(comment=comment, by=anna)
    assert list(discussion.comments_for(boris)) == [comment]


def test_second_resolution_leaves_the_first(member):
    anna, boris = member("anna"), member("boris")
    comment = discussion.add_comment(record=PersonFactory(), text="?", by=anna)

    discussion.resolve(comment=comment, by=boris)
    discussion.resolve(comment=comment, by=anna)

    assert Comment.objects.get().resolved_by == boris


def test_record_has_one_person_in_charge_or_nobody(member):
    anna, boris = member("anna"), member("boris")
    actor = PersonFactory()

    discussion.assign(record=actor, to=anna, by=boris)
    discussion.assign(record=actor, to=boris, by=anna)
    assert list(Assignment.objects.values_list("record", "user__username", "assigned_by__username")) == [
        (actor.uid, "boris", "anna")
    ]

    discussion.assign(record=actor, to=None, by=anna)
    assert Assignment.objects.count() == 0


def test_nobody_outside_the_desk_is_put_in_charge(member, django_user_model):
    reader = django_user_model.objects.create_user("reader")

    with pytest.raises(Refused):
        discussion.assign(record=PersonFactory(), to=reader, by=member("anna"))


def test_talking_about_a_record_leaves_its_version(member):
    anna = member("anna")
    actor = PersonFactory()

    discussion.assign(record=actor, to=anna, by=anna)
    discussion.add_comment(record=actor, text="Good.", by=anna)

    assert Actor.objects.get().version == 1


# At the form


def test_form_shows_comments_escaped_and_who_is_in_charge(client, member):
    anna = member("anna")
    actor = PersonFactory(name="Wang Yi", state="draft")
    client.force_login(anna)

    client.post(address(actor, "comment"), {"text": "<b>Whose</b> office?\nAnd when?"})
    client.post(address(actor, "assign"), {"user": anna.pk})
    page = client.get(address(actor, "change")).content.decode()

    assert "&lt;b&gt;Whose&lt;/b&gt; office?<br>And when?" in page
    assert ("1 comment" in page, "in charge: anna" in page) == (True, True)


def test_comment_with_an_unknown_name_is_told(client, member):
    actor = PersonFactory(name="Wang Yi", state="draft")
    client.force_login(member("anna"))

    response = client.post(address(actor, "comment"), {"text": "@nobody?"}, follow=True)

    assert messages_of(response) == ["Nobody at the desk is called “nobody”."]


def test_researcher_comments_and_assigns_nobody(client, member):
    researcher = member("researcher", RESEARCHERS)
    actor = PersonFactory(name="Wang Yi", state="draft")
    client.force_login(researcher)

    assert client.post(address(actor, "comment"), {"text": "Source?"}).status_code == 302
    assert client.post(address(actor, "assign"), {"user": researcher.pk}).status_code == 403
    assert (Comment.objects.get().author, Assignment.objects.count()) == (researcher, 0)


def test_comment_of_another_record_is_not_resolved_here(client, member):
    anna = member("anna")
    comment = discussion.add_comment(record=PersonFactory(), text="?", by=anna)
    client.force_login(anna)

    for key in (comment.pk, "x", "", "9" * 30):
        assert client.post(address(PersonFactory(), "resolve"), {"comment": key}).status_code == 404
    assert Comment.objects.get().resolved_at is None


@pytest.mark.parametrize("page", ["comment", "resolve", "assign", "approve"])
def test_nothing_is_done_by_looking(client, member, page):
    client.force_login(member("anna"))

    assert client.get(address(PersonFactory(), page)).status_code == 405


def test_way_back_never_leads_off_the_site(client, member):
    actor = PersonFactory(name="Wang Yi", state="draft")
    client.force_login(member("anna"))

    response = client.post(address(actor, "comment"), {"text": "Good.", "next": "https://example.org/"})

    assert response.url == f"{address(actor, 'change')}#discussion"


def test_list_of_comments_names_the_record_and_survives_its_deletion(client, member):
    anna, boris = member("anna"), member("boris")
    talks, gone = MeetingFactory(title="Talks in Moscow"), PersonFactory(name="Qin Gang", state="draft")
    discussion.add_comment(record=talks, text="@boris, when?", by=anna)
    discussion.add_comment(record=gone, text="@boris, who?", by=anna)
    uid = gone.uid
    gone.delete()
    client.force_login(boris)

    page = client.get(reverse("admin:records_comment_changelist")).content.decode()

    assert ("Talks in Moscow" in page, f"record {uid}, deleted" in page) == (True, True)


def queries_of(client, url):
    """How many queries a page takes, once everything that is read once was read."""
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        client.get(url)
    return len(seen)


def test_list_of_comments_costs_the_same_for_few_and_many(client, member):
    anna, boris = member("anna"), member("boris")
    discussion.add_comment(record=PersonFactory(), text="@boris?", by=anna)
    client.force_login(boris)
    url = reverse("admin:records_comment_changelist")
    few = queries_of(client, url)

    for _number in range(3):
        discussion.add_comment(record=PersonFactory(), text="@boris?", by=anna)

    assert queries_of(client, url) == few


def test_mention_is_kept_once_for_a_name_called_twice(member):
    anna = member("anna")
    discussion.add_comment(record=PersonFactory(), text="@anna @anna", by=anna)

    assert Mention.objects.count() == 1
