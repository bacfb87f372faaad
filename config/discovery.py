"""What programs ask a site for before they know it: robots.txt, the sitemap, and the well-known addresses."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F, Max
from django.db.models.functions import Floor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from actors.models import Actor
from events.models import Formula, Meeting, Place, Series, Source, Statement, Topic

#: Records with a page of their own, by the word in the addresses of their sitemaps.
PAGES: dict[str, Any] = {
    "meetings": Meeting, "statements": Statement, "actors": Actor, "topics": Topic,
    "places": Place, "series": Series, "sources": Source, "formulas": Formula,
}  # fmt: skip
#: The most addresses that the protocol allows in a file. A file holds the records whose keys lie in one such span, so
#: that each costs the same, and an address never moves to another file.
SPAN = 50_000
_XML = "application/xml"
_OPENING = '<?xml version="1.0" encoding="UTF-8"?>\n<{0} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Crawlers read pages and data; they do not walk the endless combinations of filters, nor the editors' desk."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /search/",
        "Disallow: /*/choose/",
        "Disallow: /*/by/",
        "Disallow: /*?",
        "",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
        "",
    ]
    return _kept(HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8"))


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """The list of sitemaps, with the last change in each."""
    return _kept(HttpResponse("".join(_index(request)), content_type=_XML))


def _index(request: HttpRequest) -> Iterator[str]:
    yield _OPENING.format("sitemapindex")
    for name, model in PAGES.items():
        spans = (
            model.objects.public()
            .order_by()
            .annotate(span=Floor((F("pk") - 1) / SPAN))
            .values("span")
            .annotate(changed=Max("updated_at"))
            .order_by("span")
        )
        for one in spans:
            address = request.build_absolute_uri(reverse("sitemap-page", args=[name, int(one["span"]) + 1]))
            yield f"<sitemap><loc>{address}</loc><lastmod>{_moment(one['changed'])}</lastmod></sitemap>\n"
    yield "</sitemapindex>\n"


@require_safe
def sitemap_page(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """The pages of the public records of one kind whose keys lie in one span."""
    if name not in PAGES or not 1 <= number <= 100_000:
        raise Http404
    model = PAGES[name]
    first = (number - 1) * SPAN
    rows = list(
        model.objects.public()
        .filter(pk__gt=first, pk__lte=first + SPAN)
        .order_by("pk")
        .values_list("uid", "updated_at")
    )
    if not rows:
        raise Http404
    return _kept(HttpResponse("".join(_page(request, model, rows)), content_type=_XML))


def _page(request: HttpRequest, model: Any, rows: list[tuple[str, datetime]]) -> Iterator[str]:
    yield _OPENING.format("urlset")
    # One address stands for all: a million reversed one by one take a minute.
    before, _uid, after = request.build_absolute_uri(model(uid="UID").get_absolute_url()).partition("UID")
    for uid, changed in rows:
        yield f"<url><loc>{before}{uid}{after}</loc><lastmod>{_moment(changed)}</lastmod></url>\n"
    yield "</urlset>\n"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@require_safe
def api_catalog(request: HttpRequest) -> HttpResponse:
    """Where the API is and where it is described (RFC 9727), as a link set (RFC 9264)."""
    schema = request.build_absolute_uri(reverse("api:schema"))
    link_set = {
        "anchor": request.build_absolute_uri(reverse("api:root")),
        "service-desc": [{"href": schema, "type": "application/vnd.oai.openapi+json"}],
        "service-doc": [{"href": request.build_absolute_uri(reverse("api:docs")), "type": "text/html"}],
        "status": [{"href": request.build_absolute_uri(reverse("readyz"))}],
    }
    response = JsonResponse({"linkset": [link_set]}, content_type="application/linkset+json")
    response["Link"] = f'<{request.build_absolute_uri(request.path)}>; rel="api-catalog"'
    return _kept(response)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a fault in the safety of the site (RFC 9116), where somebody is named for it."""
    contact = settings.SECURITY_CONTACT
    if not contact:
        raise Http404
    address = contact if urlsplit(contact).scheme else f"mailto:{contact}"
    lines = [
        f"Contact: {address}",
        f"Expires: {_moment(timezone.now() + timedelta(days=180))}",
        f"Canonical: {request.build_absolute_uri(request.path)}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "public, max-age=3600"
    return response
