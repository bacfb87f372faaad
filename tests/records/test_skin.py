import re
from pathlib import Path

from django.conf import settings

SHEETS = sorted(
    sheet
    for app in ("records", "events", "actors", "exchange", "partialdates")
    for sheet in (Path(settings.BASE_DIR) / app).glob("static/**/*.css")
)
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|light-dark)a?\(", re.IGNORECASE)


def said(sheet):
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_sheets_of_the_desk_take_every_colour_from_the_tokens_of_the_site():
    coloured = {sheet.name: found for sheet in SHEETS if (found := COLOUR.findall(said(sheet)))}

    assert len(SHEETS) > 10
    assert coloured == {}


def test_sheets_of_the_desk_outshout_nothing():
    loud = [sheet.name for sheet in SHEETS if "!important" in said(sheet) or re.search(r"(?m)^[^{};]*#\w", said(sheet))]

    assert loud == []


def test_every_page_of_the_desk_loads_the_tokens_and_then_the_skin(client):
    page = client.get("/admin/login/").content.decode()

    sheets = [Path(found).name.split(".")[0] for found in re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)]
    assert sheets[-11:] == [
        *("tokens", "theme", "page", "record", "form", "rows", "saving", "lists", "history", "talk", "home"),
    ]
