"""The account of a researcher: saved searches, the address for letters, log-in and password in the look of the site."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from events.wording import address_on_site, list_in_words
from readers import mailing, searches
from readers.forms import LogInForm, PasswordForm
from readers.models import SavedSearch
from records.services import Refused

HERE = reverse_lazy("readers:account")
LOG_IN = reverse_lazy("readers:login")
in_account = login_required(login_url=LOG_IN)
#: More new records than that are “more than”.
COUNTED = 99
SALT_ADDRESS = "readers.address"
#: Seconds for which a link to confirm an address is good.
CONFIRM_WITHIN = 3 * 24 * 60 * 60


class LogInView(auth.LoginView):
    """The log-in; whoever is logged in already goes on."""

    template_name = "readers/login.html"
    authentication_form = LogInForm
    next_page: Any = HERE
    redirect_authenticated_user = True


class LogOutView(auth.LogoutView):
    """The log-out, by a form."""

    next_page: Any = LOG_IN


class PasswordView(auth.PasswordChangeView):
    """Change one's own password."""

    template_name = "readers/password.html"
    form_class = PasswordForm
    success_url = HERE
    login_url = LOG_IN

    @method_decorator(in_account)
    def dispatch(self, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(*args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your password is changed."))
        return super().form_valid(form)


@dataclass(frozen=True)
class Told:
    """A saved search as its owner sees it."""

    search: SavedSearch
    words: str
    problems: list[str]
    new: int

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.new > COUNTED

    @property
    def counted(self) -> int:
        return min(self.new, COUNTED)


@never_cache
@in_account
def account(request: HttpRequest) -> HttpResponse:
    """What the account keeps. Two queries for each search, and those that read its filters."""
    found = [_told(search) for search in SavedSearch.objects.filter(user=request.user.pk)]
    return render(request, "readers/account.html", {"searches": found, "most": searches.MOST})


def _told(search: SavedSearch) -> Told:
    filters = searches.filters_of(search.list, search.query)
    problems = [message for told in filters.errors.values() for message in told]
    words = list_in_words(searches.VIEWS[search.list].title, filters)
    return Told(search, words, problems, searches.count_new(search, most=COUNTED))


@method_decorator([never_cache, in_account], name="dispatch")
class NewSearchView(View):
    """Save the list that one comes from, under a name."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The name, proposed after the filters, to send with one key."""
        list_name, query = request.GET.get("list", ""), request.GET.get("query", "").replace("\x00", "")
        if list_name not in searches.VIEWS:
            raise Http404
        words = list_in_words(searches.VIEWS[list_name].title, searches.filters_of(list_name, query))
        name = words if len(words) <= 80 else f"{words[:79].rstrip()}…"
        return self._page(request, list_name, query, name, [])

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save it, or show the form again with what stands against it."""
        list_name, query, name = (
            request.POST.get(one, "").replace("\x00", "").strip() for one in ("list", "query", "name")
        )
        if list_name not in searches.VIEWS:
            raise Http404
        try:
            search = searches.save(user=request.user, list_name=list_name, query=query, name=name)
        except (Refused, ValidationError) as refused:
            return self._page(request, list_name, query, name, refused.messages, status=400)
        messages.success(request, _("Saved as “%(name)s”.") % {"name": search.name})
        return HttpResponseRedirect(str(HERE))

    def _page(
        self, request: HttpRequest, list_name: str, query: str, name: str, problems: list[str], status: int = 200
    ) -> HttpResponse:
        address = reverse(f"events:{list_name}-list")
        context = {
            "list_name": list_name,
            "query": query,
            "name": name,
            "problems": problems,
            "back_url": f"{address}?{query}" if query else address,
        }
        return render(request, "readers/search_new.html", context, status=status)


def _own(request: HttpRequest, key: int) -> SavedSearch:
    search = SavedSearch.objects.filter(pk=key, user=request.user.pk).first()
    if search is None:
        raise Http404
    return search


@require_POST
@in_account
def change_search(request: HttpRequest, key: int) -> HttpResponse:
    """Rename a search, or turn its letters on or off."""
    search = _own(request, key)
    search.name = request.POST.get("name", "").replace("\x00", "").strip()
    search.is_by_mail = "is_by_mail" in request.POST
    try:
        search.full_clean(exclude=["told"])
        search.save(update_fields=["name", "is_by_mail"])
    except ValidationError as refused:
        for message in refused.messages:
            messages.error(request, message)
    else:
        messages.success(request, _("“%(name)s” is saved.") % {"name": search.name})
    return HttpResponseRedirect(str(HERE))


@never_cache
@in_account
@require_http_methods(["GET", "HEAD", "POST"])
def delete_search(request: HttpRequest, key: int) -> HttpResponse:
    """Ask before a search is deleted, and name the webhooks that end with it: none ends that was not named."""
    search = _own(request, key)
    if request.method != "POST":
        return _ask_before_deleting(request, search, list(search.webhooks.all()))
    named = set(request.POST.getlist("webhook"))
    with transaction.atomic():
        # Whoever adds a webhook now waits, and then finds no search.
        SavedSearch.objects.select_for_update().filter(pk=search.pk).first()
        webhooks = list(search.webhooks.all())
        is_known = {str(one.pk) for one in webhooks} <= named
        if is_known:
            search.delete()
    if not is_known:
        return _ask_before_deleting(request, search, webhooks, has_more=True)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": search.name})
    return HttpResponseRedirect(str(HERE))


def _ask_before_deleting(
    request: HttpRequest, search: SavedSearch, webhooks: list[Any], *, has_more: bool = False
) -> HttpResponse:
    context = {"search": search, "webhooks": webhooks, "has_more": has_more}
    return render(request, "readers/search_delete.html", context, status=409 if has_more else 200)


@never_cache
@in_account
def open_search(request: HttpRequest, key: int) -> HttpResponse:
    """Go to the list, and count what is new from now on."""
    search = _own(request, key)
    searches.note_seen(search)
    return HttpResponseRedirect(searches.address_of(search))


@require_POST
@in_account
def change_address(request: HttpRequest) -> HttpResponse:
    """Send a link to a new address: only who reads letters there makes it theirs. An empty one is deleted at once."""
    user: Any = request.user
    typed = request.POST.get("email", "").strip()
    if not typed:
        get_user_model().objects.filter(pk=user.pk).update(email="")
        messages.success(request, _("Your address is deleted. No letters are sent."))
        return HttpResponseRedirect(str(HERE))
    try:
        validate_email(typed)
    except ValidationError as refused:
        messages.error(request, f"{typed[:80]}: {' '.join(refused.messages)}")
        return HttpResponseRedirect(str(HERE))
    token = signing.dumps([user.pk, typed], salt=SALT_ADDRESS)
    link = address_on_site(reverse("readers:address-confirm", args=[token]))
    body = _("Somebody with an account at Readout wants letters sent to this address. If it was you, open:\n\n%s\n")
    try:
        send_mail(_("Readout: is this your address?"), body % link, None, [typed])
    except OSError:
        messages.error(request, _("The letter could not be sent. Try again later."))
    else:
        messages.success(request, _("A letter is on its way to %(email)s. Open the link in it.") % {"email": typed})
    return HttpResponseRedirect(str(HERE))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """Make the address that the link was sent to that of the account. A look changes nothing."""
    try:
        key, email = signing.loads(token, salt=SALT_ADDRESS, max_age=CONFIRM_WITHIN)
    except signing.BadSignature as forged:
        raise Http404 from forged
    if request.method == "POST":
        get_user_model().objects.filter(pk=key, is_active=True).update(email=email)
    context = {
        "title": _("Letters to %(email)s") % {"email": email},
        "is_done": request.method == "POST",
        "question": _("Shall the news of your searches be sent to this address?"),
        "button": _("Yes, send them here"),
        "done": _("This is the address of your account now."),
    }
    return render(request, "readers/confirm.html", context)


@csrf_exempt  # the program of the reader sends it, by RFC 8058; the signed link says who
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """End the letters of an account, without a log-in. A look changes nothing: programs look at links, too."""
    user = mailing.account_of(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        searches.stop_mail(user)
    context = {
        "title": _("No more letters"),
        "is_done": request.method == "POST",
        "question": _("Shall Readout stop sending you the news of your saved searches? The searches stay."),
        "button": _("Yes, send no more"),
        "done": _("No more letters are sent. In your account you can turn them on again for single searches."),
    }
    return render(request, "readers/confirm.html", context)
