"""The addresses of all public pages, from the resolver of the site: a new page is walked without being named here."""

from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from events.views.facets import FACETS
from events.views.lists import LISTS

#: Whose addresses a reader may open.
APPS = ("events", "readers", "exchange")
#: The records of `tests.moscow`, by the name of their kind.
RECORDS = {
    "meeting": "mtg0000001",
    "statement": "stm0000001",
    "actor": "patr000001",
    "topic": "tpc0000001",
    "place": "msk0000001",
    "series": "ser0000001",
    "source": "src0000001",
    "formula": "frm0000001",
}
#: Addresses that a walk does not open, and why.
NOT_WALKED = {
    "readers:logout": "answers to a form alone",
    "readers:search-open": "leads on to the list that was saved",
    "readers:search-change": "answers to a form alone",
    "readers:token-revoke": "answers to a form alone",
    "readers:webhook-change": "answers to a form alone",
    "readers:webhook-deliveries": "a part of the page of a webhook",
    "readers:address-confirm": "opens by a link of a letter alone",
    "readers:stop": "opens by a link of a letter alone",
    "exchange:selection": "opens when a selection was cited",
    "exchange:selection-export": "a file of a selection",
}


def addresses(keys):
    """Every address of the public apps; fails for one that it does not know how to fill.

    ``keys`` are those of what belongs to an account, by the name of its kind.
    """
    for app in APPS:
        (found,) = (one for one in get_resolver().url_patterns if getattr(one, "app_name", None) == app)
        for pattern in found.url_patterns:
            assert isinstance(pattern, URLPattern), pattern
            name = f"{app}:{pattern.name}"
            if pattern.name and name not in NOT_WALKED:
                yield reverse(name, kwargs=_filled(name, pattern, keys))


def _filled(name, pattern, keys):
    kind = pattern.name.partition("-")[0]
    values = {"uid": RECORDS.get(kind), "name": _first_facets().get(kind), "key": keys.get(kind)}
    missing = [part for part in pattern.pattern.converters if not values.get(part)]
    assert not missing, f"say in {__name__} what stands for {missing} in {name}, or why nobody walks it"
    return {part: values[part] for part in pattern.pattern.converters}


def _first_facets():
    return {view.name: FACETS[model][1][0] for model, view in LISTS.items() if model in FACETS}


def pages(client, **keys):
    """The addresses that answer this client with a page: no file, no feed, nothing that leads elsewhere."""
    found = []
    for address in addresses(keys):
        answer = client.get(address)
        assert answer.status_code < 500, address
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            found.append(address)
    return found
