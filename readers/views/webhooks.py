"""The webhooks of an account: made, tried, turned off and on, given a new secret and deleted by their owner alone."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from readers import searches
from readers.forms import WebhookForm
from readers.hooks import services
from readers.hooks.messages import VERSION
from readers.hooks.signing import secret_of
from readers.models import DeliveryState, OffReason, SavedSearch, Webhook
from readers.views.account import in_account
from records.counting import count
from records.services import Refused

#: Messages that the page of a webhook tells of, the latest first.
SHOWN = 20
#: Tests of one account in a minute, and looks at names of hosts in an hour.
TESTS, ATTEMPTS = 6, 30
#: In the session: the webhook whose secret is shown with the next page, and which secret. The session is stored in the
#: database, so the secret itself must not stand there.
TO_SHOW = "webhook_to_show"


@method_decorator([never_cache, in_account], name="dispatch")
class WebhooksView(View):
    """The webhooks of the account, and the form for a new one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """All of them; three queries, however many there are."""
        return self._page(request, WebhookForm(user=request.user, initial={"search": request.GET.get("search", "")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make one, or show the form again with what stands against it."""
        form = WebhookForm(request.POST, user=request.user)
        if not form.is_valid():
            return self._page(request, form, status=400)
        # Each attempt looks up a name that somebody typed.
        if count("webhooks.made", str(request.user.pk), seconds=3600)[0] > ATTEMPTS:
            form.add_error(None, _("These were many attempts. Go on in an hour."))
            return self._page(request, form, status=429)
        try:
            webhook = services.add(search=form.cleaned_data["search"], address=form.cleaned_data["address"])
        except (Refused, ValidationError) as refused:
            form.add_error("address", refused.messages)
            return self._page(request, form, status=400)
        return _show_secret(request, webhook)

    def _page(self, request: HttpRequest, form: WebhookForm, status: int = 200) -> HttpResponse:
        found = Webhook.objects.of(request.user).select_related("search")
        context = {
            "form": form,
            "webhooks": found,
            "most": services.MOST,
            "has_searches": SavedSearch.objects.filter(user=request.user.pk).exists(),
        }
        return render(request, "readers/webhooks.html", context, status=status)


@never_cache
@in_account
def webhook(request: HttpRequest, key: int) -> HttpResponse:
    """One webhook: its state, its last messages, and its secret right after that was made."""
    found = _own(request, key)
    shown = request.session.pop(TO_SHOW, None)
    secret = secret_of(found) if shown == [found.pk, found.seed[:8]] else ""
    filters = searches.filters_of(found.search.list, found.search.query)
    problems = [message for told in filters.errors.values() for message in told]
    context = {"secret": secret, "problems": problems, "version": VERSION, **_deliveries(found)}
    return render(request, "readers/webhook.html", context)


@never_cache
@in_account
def deliveries(request: HttpRequest, key: int) -> HttpResponse:
    """The last messages alone: the page asks for them anew while one waits."""
    return render(request, "readers/_deliveries.html", _deliveries(_own(request, key)))


def _deliveries(found: Webhook) -> dict[str, Any]:
    last = list(found.deliveries.order_by("-pk")[:SHOWN])
    return {
        "webhook": found,
        "deliveries": last,
        "is_waiting": any(one.state == DeliveryState.WAITING for one in last),
        "is_shut": found.off_reason == OffReason.DESK,
    }


@require_POST
@in_account
def change_webhook(request: HttpRequest, key: int) -> HttpResponse:
    """Do what the button says: test, turn off or on, make another secret, delete."""
    found = _own(request, key)
    if "delete" in request.POST:
        found.delete()
        messages.success(request, _("The webhook to %(address)s is deleted.") % {"address": found.address})
        return HttpResponseRedirect(reverse("readers:webhooks"))
    if "secret" in request.POST:
        services.renew_secret(found)
        return _show_secret(request, found)
    if "off" in request.POST:
        services.turn_off(found, OffReason.OWNER)
        messages.success(request, _("It is off. What happens meanwhile is told when you turn it on again."))
    elif "on" in request.POST:
        _turn_on(request, found)
    elif "test" in request.POST:
        if count("webhooks.tests", str(request.user.pk), seconds=60)[0] > TESTS:
            messages.error(request, _("These were many tests. Wait a minute."))
        else:
            services.send_test(found)
            messages.success(request, _("A test is on its way. Below stands what came of it."))
    return HttpResponseRedirect(reverse("readers:webhook", args=[found.pk]))


def _turn_on(request: HttpRequest, found: Webhook) -> None:
    try:
        services.turn_on(found)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is on."))


def _show_secret(request: HttpRequest, found: Webhook) -> HttpResponse:
    request.session[TO_SHOW] = [found.pk, found.seed[:8]]
    return HttpResponseRedirect(reverse("readers:webhook", args=[found.pk]))


def _own(request: HttpRequest, key: int) -> Webhook:
    found = services.own(request.user, key)
    if found is None:
        raise Http404
    return found
