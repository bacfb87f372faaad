"""How a date is understood, for the form field to show while an editor types."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from partialdates.errors import InvalidPartialDate
from partialdates.values import PartialDate


@require_safe
def read(request: HttpRequest) -> JsonResponse:
    """``?text=`` read as a partial date. Always 200: what is no date is an answer too, with its suggestion."""
    empty = {"edtf": "", "text": "", "earliest": None, "latest": None}
    try:
        partial_date = PartialDate.parse(request.GET.get("text", ""))
    except InvalidPartialDate as refusal:
        answer = empty | {"valid": False, "message": str(refusal), "suggestion": refusal.suggestion}
    else:
        understood = partial_date.as_dict()
        answer = {key: understood[key] for key in empty} | {"valid": True, "message": "", "suggestion": ""}
    response = JsonResponse(answer)
    response["Cache-Control"] = "private, max-age=3600"
    response["Vary"] = "Accept-Language, Cookie"
    return response
