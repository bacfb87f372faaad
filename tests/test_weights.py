"""What a list weighs on its way to a reader who has nothing of the site yet."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from events.models import MeetingTopic
from tests.factories import MeetingFactory, ParticipationFactory, PlaceFactory, TopicFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

MOST = 100_000


def files_of(page):
    """The stylesheets, scripts and pictures that a page names, as compressed as the site sends them."""
    names = dict.fromkeys(re.findall(r'(?:href|src)="/static/([^"]+)"', page))
    return {name: len(gzip.compress(Path(finders.find(name)).read_bytes())) for name in names}


def test_list_of_fifty_meetings_with_facets_comes_in_less_than_100_kilobytes(client):
    place = PlaceFactory()
    topics = [TopicFactory() for _ in range(10)]
    people = [ParticipationFactory().actor for _ in range(10)]
    for number in range(50):
        meeting = MeetingFactory(
            title=f"Talks on grain and the sea, part {number}", place=place, date=f"{1990 + number % 30}"
        )
        for shift in range(3):
            ParticipationFactory(meeting=meeting, actor=people[(number + shift) % 10])
        MeetingTopic.objects.create(meeting=meeting, topic=topics[number % 10])

    response = client.get("/meetings/", headers={"accept-encoding": "gzip, br"})
    page = gzip.decompress(response.content).decode()

    assert response["Content-Encoding"] == "gzip"
    assert page.count('class="entry"') == 50
    assert "css/base.css" in files_of(page)
    assert len(response.content) + sum(files_of(page).values()) < MOST
    # Fonts are those of the reader's machine.
    assert all(
        "@font-face" not in Path(finders.find(name)).read_text() for name in files_of(page) if name.endswith(".css")
    )


def test_reader_that_takes_nothing_compressed_gets_plain_text(client):
    response = client.get("/meetings/", headers={"accept-encoding": "identity"})

    assert not response.has_header("Content-Encoding")
    assert response.content.lstrip().startswith(b"<!DOCTYPE html>")
