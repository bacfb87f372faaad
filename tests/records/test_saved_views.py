"""Views of lists saved under a name."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from records.models import SavedView

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

LIST = "admin:events_meeting_changelist"
SAVE = "admin:events_meeting_save_view"


@pytest.fixture
def as_(client, django_user_model):
    def log_in(name, group="Editors"):
        user, is_new = django_user_model.objects.get_or_create(username=name, is_staff=True)
        if is_new and group:
            user.groups.add(Group.objects.get(name=group))
        client.force_login(user)
        return client

    return log_in


def views(client, query=""):
    page = client.get(f"{reverse(LIST)}?{query}")
    return [(view["name"], view["by"], view["is_current"], view["is_outdated"]) for view in page.context["views"]]


def said(page):
    return [str(message) for message in page.context["messages"]]


def test_state_of_a_list_is_saved_and_marked_where_it_is_shown(as_):
    anna = as_("anna")

    done = anna.post(
        reverse(SAVE), {"state": "q=talks&state__exact=draft&p=3&from=", "name": "Draft talks"}, follow=True
    )

    assert said(done) == ["Saved as “Draft talks”."]
    assert done.redirect_chain == [(f"{reverse(LIST)}?q=talks&state__exact=draft", 302)]
    assert views(anna, "state__exact=draft&q=talks&p=1") == [("Draft talks", "", True, False)]
    assert views(anna) == [("Draft talks", "", False, False)]


def test_view_is_for_oneself_unless_it_is_shared(as_):
    as_("anna").post(reverse(SAVE), {"state": "q=a", "name": "Mine"})
    as_("anna").post(reverse(SAVE), {"state": "q=b", "name": "Ours", "is_shared": "on"})

    assert views(as_("boris")) == [("Ours", "anna", False, False)]


def test_name_is_taken_once_and_nothing_is_lost(as_):
    anna = as_("anna")
    anna.post(reverse(SAVE), {"state": "q=a", "name": "Talks"}, follow=True)

    twice = anna.post(reverse(SAVE), {"state": "q=b", "name": "Talks"}, follow=True)
    blank = anna.post(reverse(SAVE), {"state": "q=b", "name": " "}, follow=True)
    long = anna.post(reverse(SAVE), {"state": f"q={'a' * 3000}", "name": "Long"}, follow=True)

    assert said(twice) == ["You have a view of this name already. Choose another name."]
    assert said(blank) == ["This field is required."]
    assert said(long) == ["Ensure this value has at most 2000 characters (it has 3002)."]
    assert list(SavedView.objects.values_list("name", "query")) == [("Talks", "q=a")]


def test_own_view_is_renamed_and_deleted_and_nobody_elses(as_):
    as_("anna").post(reverse(SAVE), {"state": "q=a", "name": "Talks", "is_shared": "on"})
    address = reverse("admin:events_meeting_change_view", args=[SavedView.objects.get().pk])

    assert as_("boris").post(address, {"name": "Stolen"}).status_code == 404
    as_("anna").post(address, {"name": "All talks"})
    assert SavedView.objects.values_list("name", "query", "is_shared").get() == ("All talks", "q=a", False)
    as_("anna").post(address, {"_delete": "1"})
    assert not SavedView.objects.exists()


def test_view_with_a_filter_that_is_gone_says_so(as_, django_user_model):
    anna = as_("anna")
    SavedView.objects.create(
        user=django_user_model.objects.get(), list="events.meeting", name="Old", query="todo=source"
    )

    page = anna.get(reverse(LIST))

    assert [(view["name"], view["is_outdated"]) for view in page.context["views"]] == [("Old", True)]
    assert "todo=source" not in page.content.decode()


def test_who_sees_no_lists_saves_no_views(as_):
    assert as_("guest", group=None).post(reverse(SAVE), {"state": "", "name": "Talks"}).status_code == 403
    assert as_("reader", group="Researchers").post(reverse(SAVE), {"state": "", "name": "Talks"}).status_code == 302
    assert as_("reader").get(reverse(SAVE)).status_code == 405
