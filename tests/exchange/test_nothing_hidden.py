"""No file, reference or frozen row shows a word of what is not public."""

import io
import itertools
import re
import zipfile

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.exports.kinds import KINDS
from exchange.exports.services import formats_of
from exchange.models import Selection
from tests.test_public_pages import STATES, WORD, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def files():
    for kind in KINDS.values():
        address = reverse(f"exchange:{kind.name}-export")
        yield from (f"{address}?format={form}" for form in formats_of(kind))
        yield f"{reverse(f'api:{kind.plural}-export')}?format=jsonl"
        yield reverse(f"exchange:{kind.name}-cite")
        if kind.cited_by:
            yield f"{address}?format=bibtex&of=sources"
    yield f"{reverse('exchange:concordance')}?q={WORD}"


def look(client, address):
    response = client.get(address)
    assert response.status_code < 500, address
    content = response.getvalue()
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b"".join(book.read(name) for name in book.namelist())
    return content.decode()


def leaks(client, addresses, hidden):
    return [
        (address, repr(hidden[mark]))
        for address in addresses
        for mark in set(re.findall(r"q\d{3}z", look(client, address))) & hidden.keys()
    ]


def test_every_public_address_of_files_is_known_here():
    patterns = {one.name for one in get_resolver("exchange.urls").url_patterns if one.name}

    assert patterns == {"concordance", "selection", "selection-export"} | {
        f"{kind}-{page}" for kind in KINDS for page in ("export", "cite", "reference")
    }


@given(states=st.lists(st.one_of(st.just("published"), st.sampled_from(STATES)), min_size=16, max_size=16))
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_file_shows_a_word_of_what_is_not_public(client, states):
    with transaction.atomic():
        world = World(states)
        hidden = {mark: row for mark, row in world.marks.items() if world.is_hidden(row)}
        records = [f"{record.get_absolute_url()}export/?format=csl" for record, _state in world.records]

        found = leaks(client, [*files(), *records], hidden)

        transaction.set_rollback(True)
    assert found == []


@given(states=st.lists(st.sampled_from(["published", "draft", "review", "withdrawn"]), min_size=16, max_size=16))
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
def test_frozen_rows_show_no_word_of_what_is_public_no_more(client, states):
    with transaction.atomic():
        world = World(itertools.repeat("published"))
        for kind in KINDS:
            assert client.post(reverse(f"exchange:{kind}-cite"), REMOTE_ADDR=kind).status_code == 303
        addresses = [selection.get_absolute_url() for selection in Selection.objects.all()]
        shown = "".join(look(client, f"{address}export/?format=json") for address in addresses)
        world.records = [(record, state) for (record, _state), state in zip(world.records, states, strict=False)]
        world._settle()
        hidden = {mark: row for mark, row in world.marks.items() if world.is_hidden(row)}

        found = leaks(
            client,
            [
                f"{address}{more}"
                for address in addresses
                for more in ("", "?show=corrected", "export/?format=json", "export/?format=csv")
            ],
            hidden,
        )

        transaction.set_rollback(True)
    assert len(set(re.findall(r"q\d{3}z", shown))) > 30  # what must not be found stood there
    assert found == []
