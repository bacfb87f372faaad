"""The addresses of the API, below ``/api/v1/``."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from actors.api import reconciliation
from config.api import ApiRootView, DocsView, SchemaView, UnknownAddressView
from events.api import views
from exchange.api.views import EXPORTS
from records.api.changes import ChangesView

app_name = "api"

router = SimpleRouter()
router.register("meetings", views.MeetingViewSet, "meeting")
router.register("statements", views.StatementViewSet, "statement")
router.register("actors", views.ActorViewSet, "actor")
router.register("topics", views.TopicViewSet, "topic")
router.register("places", views.PlaceViewSet, "place")
router.register("series", views.SeriesViewSet, "series")
router.register("sources", views.SourceViewSet, "source")
router.register("offices", views.OfficeViewSet, "office")
router.register("tenures", views.TenureViewSet, "tenure")
router.register("formulas", views.FormulaViewSet, "formula")

urlpatterns = [
    path("", ApiRootView.as_view(), name="root"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    path(
        "changes/", ChangesView.as_view(viewsets=tuple(one for _prefix, one, _name in router.registry)), name="changes"
    ),
    path("reconcile/", reconciliation.ReconcileView.as_view(), name="reconcile"),
    path("reconcile/suggest/entity/", reconciliation.SuggestEntityView.as_view(), name="reconcile-entity"),
    path("reconcile/suggest/type/", reconciliation.SuggestTypeView.as_view(), name="reconcile-type"),
    path("reconcile/suggest/property/", reconciliation.SuggestPropertyView.as_view(), name="reconcile-property"),
    path("reconcile/properties/", reconciliation.PropertiesView.as_view(), name="reconcile-properties"),
    path("reconcile/preview/", reconciliation.PreviewView.as_view(), name="reconcile-preview"),
    # Before the lists, whose records would take the word for an id.
    *(path(f"{plural}/export/", view.as_view(), name=f"{plural}-export") for plural, view in EXPORTS.items()),
    *router.urls,
    path("<path:unknown>", UnknownAddressView.as_view()),
]
