"""The addresses of the API, below ``/api/v1/``."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from actors.api import reconciliation
from config.api import ApiRootView, DocsView, SchemaView, UnknownAddressView
from events.api.drafts import DRAFTS
from events.api.kinds import VIEWSETS
from exchange.api.views import EXPORTS
from records.api.changes import ChangesView
from records.api.writing.urls import desk_urls

app_name = "api"

router = SimpleRouter()
for _plural, _viewset in VIEWSETS.items():
    router.register(_plural, _viewset, _viewset.model()._meta.model_name)

urlpatterns = [
    path("", ApiRootView.as_view(), name="root"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    path("changes/", ChangesView.as_view(viewsets=tuple(VIEWSETS.values())), name="changes"),
    path("reconcile/", reconciliation.ReconcileView.as_view(), name="reconcile"),
    path("reconcile/suggest/entity/", reconciliation.SuggestEntityView.as_view(), name="reconcile-entity"),
    path("reconcile/suggest/type/", reconciliation.SuggestTypeView.as_view(), name="reconcile-type"),
    path("reconcile/suggest/property/", reconciliation.SuggestPropertyView.as_view(), name="reconcile-property"),
    path("reconcile/properties/", reconciliation.PropertiesView.as_view(), name="reconcile-properties"),
    path("reconcile/preview/", reconciliation.PreviewView.as_view(), name="reconcile-preview"),
    # Before the lists, whose records would take the word for an id.
    *(path(f"{plural}/export/", view.as_view(), name=f"{plural}-export") for plural, view in EXPORTS.items()),
    *desk_urls(router.registry, examples=DRAFTS),
    *router.urls,
    path("<path:unknown>", UnknownAddressView.as_view()),
]
