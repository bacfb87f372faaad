"""From the form of a record to its page for readers."""

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.http import Http404, HttpRequest, HttpResponse

from records.models import Identified


def on_site(request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
    """Lead to the page of a record; what has an address for readers and nothing else.

    Django's own way asks any table that a content type names, and some of those are views that do not exist.
    """
    found = ContentType.objects.filter(pk=content_type_id).first() if content_type_id.isdecimal() else None
    model = found.model_class() if found is not None else None
    if model is None or not issubclass(model, Identified) or not object_id.isdecimal() or len(object_id) > 18:
        raise Http404
    return shortcut(request, content_type_id, object_id)


view_on_site = admin.site.admin_view(on_site)
