"""All addresses of the site."""

from django.contrib import admin
from django.urls import include, path, re_path

from config import discovery
from config.api import UnknownAddressView
from config.health import healthz, readyz
from records.admin.on_site import view_on_site

urlpatterns = [
    # First, because programs ask most often, and each address before costs a look.
    path("api/v1/", include("config.api_urls")),
    path("", include("readers.urls")),
    path("", include("exchange.urls")),
    path("", include("events.urls")),
    path("admin/r/<str:content_type_id>/<str:object_id>/", view_on_site),
    path("admin/", admin.site.urls),
    re_path(r"^api/(?P<unknown>.*)$", UnknownAddressView.as_view()),
    path("dates/", include("partialdates.urls")),
    path("robots.txt", discovery.robots, name="robots"),
    path("sitemap.xml", discovery.sitemap_index, name="sitemap"),
    path("sitemaps/<str:name>-<int:number>.xml", discovery.sitemap_page, name="sitemap-page"),
    path(".well-known/api-catalog", discovery.api_catalog, name="api-catalog"),
    path(".well-known/security.txt", discovery.security, name="security"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
