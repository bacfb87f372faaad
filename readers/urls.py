"""The addresses of readers. They stand before those of records, whose ids none of these words can be."""

from typing import Any

from django.urls import path

from events import urls as events
from events.views.lists import LISTS, MeetingListView
from readers.views import account, correcting, following, tokens, webhooks
from readers.views.history import HistoryView
from records.rates import limited

app_name = "readers"


def _lists() -> dict[str, str]:
    """Where the list of each kind of record stands: ``meetings/`` for ``meeting``."""
    lists = {one.name: str(one.pattern) for one in events.urlpatterns if one.name}
    return {view.name: lists[f"{view.name}-list"] for view in LISTS.values()}


def _feed(view: Any, list_view: Any) -> Any:
    return limited("feeds", "FEED_REQUESTS_PER_MINUTE", view.as_view(list_view=list_view))


def _feeds() -> list[Any]:
    places = _lists()
    return [
        path(f"{places[view.name]}feed/", _feed(following.FeedView, view), name=f"{view.name}-feed")
        for view in LISTS.values()
    ]


def _histories() -> list[Any]:
    return [
        path(f"{place}<str:uid>/history/", HistoryView.as_view(model=model), name=f"{LISTS[model].name}-history")
        for model, place in ((model, _lists()[view.name]) for model, view in LISTS.items())
    ]


urlpatterns = [
    *_feeds(),
    *_histories(),
    path("meetings/calendar.ics", _feed(following.CalendarView, MeetingListView), name="meeting-calendar"),
    path("account/", account.account, name="account"),
    path("account/login/", account.LogInView.as_view(), name="login"),
    path("account/logout/", account.LogOutView.as_view(), name="logout"),
    path("account/password/", account.PasswordView.as_view(), name="password"),
    path("account/address/", account.change_address, name="address"),
    path("account/address/<str:token>/", account.confirm_address, name="address-confirm"),
    path("account/stop/<str:token>/", account.stop, name="stop"),
    path("account/searches/new/", account.NewSearchView.as_view(), name="search-new"),
    path("account/searches/<int:key>/", account.open_search, name="search-open"),
    path("account/searches/<int:key>/change/", account.change_search, name="search-change"),
    path("account/searches/<int:key>/delete/", account.delete_search, name="search-delete"),
    path("account/webhooks/", webhooks.WebhooksView.as_view(), name="webhooks"),
    path("account/webhooks/<int:key>/", webhooks.webhook, name="webhook"),
    path("account/webhooks/<int:key>/deliveries/", webhooks.deliveries, name="webhook-deliveries"),
    path("account/webhooks/<int:key>/change/", webhooks.change_webhook, name="webhook-change"),
    path("account/tokens/", tokens.TokensView.as_view(), name="tokens"),
    path("account/tokens/<int:key>/revoke/", tokens.revoke, name="token-revoke"),
    path("corrections/new/", correcting.NewCorrectionView.as_view(), name="correction-new"),
    path("corrections/thanks/", correcting.thanks, name="correction-thanks"),
]
