import pytest
from django.template import Context, Template

from partialdates import PartialDate


@pytest.mark.parametrize(
    ("text", "certainty", "html"),
    [
        ("2023-02-21", "certain", '<time datetime="2023-02-21" data-certainty="certain">21 February 2023</time>'),
        ("2023-02", "possible", '<time datetime="2023-02" data-certainty="possible">February 2023</time>'),
        ("2019~", "possible", '<span data-certainty="possible">about 2019</span>'),
        ("2023-21", "possible", '<span data-certainty="possible">spring 2023</span>'),
        (
            "2023-02-20/2023-02-22",
            "certain",
            '<span data-certainty="certain">20–22 February 2023</span>',
        ),
        ("", "unknown", '<span data-certainty="unknown">date unknown</span>'),
    ],
)
def test_filters_show_wording_and_certainty(text, certainty, html):
    template = Template("{% load partialdates %}{{ date|wording }}|{{ date|certainty }}|{{ date|time_element }}")
    partial_date = PartialDate.parse(text)
    assert template.render(Context({"date": partial_date})) == f"{partial_date.text}|{certainty}|{html}"


def test_missing_date_is_worded_as_unknown():
    assert Template("{% load partialdates %}{{ date|wording }}").render(Context({"date": None})) == "date unknown"
