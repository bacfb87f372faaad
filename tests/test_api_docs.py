"""The tutorial of the API: every command in it runs on the starter set and answers what is printed below it."""

import json
import re
import shlex
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command

from readers import tokens

pytestmark = pytest.mark.usefixtures("static_files")

TUTORIAL = Path(settings.BASE_DIR) / "docs" / "api.md"
HOST = "127.0.0.1:8000"
LEFT_OUT = "…"


def blocks():
    """The fenced blocks of the tutorial, as pairs of language and text."""
    return re.findall(r"^```([\w-]*)\n(.*?)^```$", TUTORIAL.read_text(encoding="utf-8"), re.S | re.M)


SECRET = "readout_…"


def path_of(command):
    """What a curl command asks for: an address, also with ``-G`` and ``--data-urlencode``, or with a header."""
    curl, *words = shlex.split(command)
    assert curl == "curl"
    fields = [tuple(words[place + 1].split("=", 1)) for place, word in enumerate(words) if word == "--data-urlencode"]
    (address,) = [word for word in words if word.startswith("http")]
    parts = urlsplit(address)
    assert parts.netloc == HOST
    query = urlencode(fields) if fields else parts.query
    return f"{parts.path}?{query}" if query else parts.path


def headers_of(command, secret):
    """The headers that a curl command sends, with a secret that is good."""
    words = shlex.split(command)
    return dict(
        words[place + 1].replace(SECRET, secret).split(": ", 1) for place, word in enumerate(words) if word == "-H"
    )


def differences(answer, printed, at="answer"):
    """Where the answer does not hold what is printed; lists are compared as far as they are printed."""
    if printed == LEFT_OUT:
        return []
    if isinstance(printed, dict) and isinstance(answer, dict):
        missing = [f"{at}.{name} is missing" for name in printed if name not in answer]
        return missing + [
            found
            for name in printed
            if name in answer
            for found in differences(answer[name], printed[name], f"{at}.{name}")
        ]
    if isinstance(printed, list) and isinstance(answer, list) and len(printed) <= len(answer):
        return [
            found for place, one in enumerate(printed) for found in differences(answer[place], one, f"{at}[{place}]")
        ]
    return [] if answer == printed else [f"{at} is {answer!r}, printed is {printed!r}"]


def walk(client, program):
    """What the loop of a program collects."""
    (address,) = re.findall(r'address = "(.*)"', program)
    collected = []
    while address:
        page = client.get(address, HTTP_HOST=HOST).json()
        collected += [record["uid"] for record in page["results"]]
        address = page["next"]
    return collected, page["count"]


@pytest.mark.django_db
def test_every_command_of_the_tutorial_answers_what_is_printed(client, editor):
    editor.is_staff = True
    editor.save()
    editor.groups.add(Group.objects.get(name="Editors"))
    _token, secret = tokens.make(user=editor, name="Tutorial", scopes=["read", "write"], days=30)
    call_command("loadseeds", verbosity=0)
    answer, seen = None, Counter()
    for language, text in blocks():
        if language == "console":
            for line in text.splitlines():
                command = line.removeprefix("$ ")
                response = client.get(path_of(command), HTTP_HOST=HOST, headers=headers_of(command, secret))
                answer = response.json()
                assert response.status_code == (400 if "telepathy" in line else 200), line
                assert answer.get("results", True) or "dates=certain" in line, f"finds nothing: {line}"
                seen["commands"] += 1
        elif language == "json":
            assert differences(answer, json.loads(text)) == []
            seen["answers"] += 1
        elif language == "json-sent":
            told = client.post(
                "/api/v1/desk/meetings/?dry_run=true",
                text,
                content_type="application/json",
                headers={"Authorization": f"Bearer {secret}"},
            )
            assert (told.status_code, told.json().get("errors")) == (201, None)
            seen["documents"] += 1
        elif language == "python" and "ETag" in text:
            (address,) = re.findall(r'url = "(.*)"', text)
            first = client.get(address, HTTP_HOST=HOST)
            assert client.get(address, HTTP_HOST=HOST, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
            seen["programs"] += 1
        elif language == "python":
            collected, count = walk(client, text)
            assert len(collected) == len(set(collected)) == count > 5
            seen["programs"] += 1
    assert seen == {"commands": 17, "answers": 12, "programs": 2, "documents": 1}
