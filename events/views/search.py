"""The search over everything."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from events.finding import Finds, loosenings, search_everything, spellings
from events.views.lists import LISTS
from records.query import MAX_LENGTH, read_query
from records.search import RANKED


def search(request: HttpRequest) -> HttpResponse:
    """Every kind of record that matches ``q``: how many, the best and why, and the way to the list of all."""
    typed = " ".join(request.GET.get("q", "").replace("\x00", " ").encode("utf-8", "replace").decode().split())
    clauses = read_query(typed)
    is_wish = any(not clause.is_excluded for clause in clauses)
    finds = [one for one in search_everything(typed) if one.count] if is_wish else []
    found = [(one, f"{_list_of(one)}?{urlencode({'q': typed})}") for one in finds]
    context = {
        "typed": typed,
        "found": found,
        "has_only_exclusions": bool(clauses) and not is_wish,
        "has_no_word": bool(typed) and not clauses,
        "is_cut": len(typed) > MAX_LENGTH,
        "most_read": MAX_LENGTH,
        "most_ranked": RANKED,
        "spellings": spellings(typed) if is_wish and not finds else [],
        "loosenings": loosenings(typed) if is_wish and not finds else [],
    }
    return render(request, "events/search.html", context)


def _list_of(finds: Finds) -> str:
    return reverse(f"events:{LISTS[type(finds.records[0])].name}-list")
