"""The API tokens of an account: seen, made, revoked by their owner alone."""

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

from readers import tokens
from readers.forms import TokenForm
from readers.models import ApiToken
from readers.views.account import in_account
from records.services import Refused

#: Tokens that no longer work, the latest first, that the page still tells of.
ENDED = 20


@method_decorator([never_cache, in_account], name="dispatch")
class TokensView(View):
    """The tokens, and the form for a new one. Its secret stands in the answer to the form, and never again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """All tokens of the account."""
        return self._page(request, TokenForm(user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make one, or show the form again with what stands against it.

        A form that is sent again by loading the page anew is refused, because its name is taken.
        """
        form = TokenForm(request.POST, user=request.user)
        if not form.is_valid():
            return self._page(request, form, status=400)
        name, days = form.cleaned_data["name"], form.cleaned_data["days"]
        try:
            token, secret = tokens.make(user=request.user, name=name, scopes=form.scopes, days=days)
        except (Refused, ValidationError) as refused:
            form.add_error(None, refused.messages)
            return self._page(request, form, status=400)
        return self._page(request, TokenForm(user=request.user), made=token, secret=secret)

    def _page(self, request: HttpRequest, form: TokenForm, status: int = 200, **more: Any) -> HttpResponse:
        of_account = ApiToken.objects.filter(user=request.user.pk)
        in_force = of_account.in_force()
        ended = of_account.exclude(pk__in=in_force.values("pk"))[:ENDED]
        site = request.build_absolute_uri("/").removesuffix("/")
        context = {"form": form, "tokens": in_force, "ended": ended, "site": site, **more}
        return render(request, "readers/tokens.html", context, status=status)


@require_POST
@in_account
def revoke(request: HttpRequest, key: int) -> HttpResponse:
    """End a token of one's own. One that is ended already stays as it is."""
    token = ApiToken.objects.filter(pk=key, user=request.user.pk).first()
    if token is None:
        raise Http404
    tokens.revoke(token)
    messages.success(request, _("“%(name)s” is revoked: no request with it is answered any more.") % {"name": token})
    return HttpResponseRedirect(reverse("readers:tokens"))
