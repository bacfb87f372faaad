"""The addresses of the API, below ``/api/v1/``."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from actors.api.views import OfficeViewSet
from config.api import ApiRootView, DocsView, SchemaView, UnknownAddressView
from events.api import views

app_name = "api"

router = SimpleRouter()
router.register("meetings", views.MeetingViewSet, "meeting")
router.register("statements", views.StatementViewSet, "statement")
router.register("actors", views.ActorViewSet, "actor")
router.register("topics", views.TopicViewSet, "topic")
router.register("places", views.PlaceViewSet, "place")
router.register("series", views.SeriesViewSet, "series")
router.register("sources", views.SourceViewSet, "source")
router.register("offices", OfficeViewSet, "office")
router.register("tenures", views.TenureViewSet, "tenure")
router.register("formulas", views.FormulaViewSet, "formula")

urlpatterns = [
    path("", ApiRootView.as_view(), name="root"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    *router.urls,
    path("<path:unknown>", UnknownAddressView.as_view()),
]
