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


def test_every_page_of_the_desk_loads_the_skin_after_the_sheets_of_django_and_the_tokens_first(client, static_files):
    page = client.get("/admin/login/").content.decode()

    sheets = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', page)
    django, own = sheets[: sheets.index("css/tokens.css")], sheets[sheets.index("css/tokens.css") + 1 :]
    assert {sheet.split("/")[0] for sheet in django} == {"admin"}
    assert own[0] == "records/admin/theme.css"
    assert {sheet.split("/")[0] for sheet in own} == {"records"}
