import pytest

from events.transcripts import MOST_MARKED, Transcript, paragraphs
from tests.factories import SourceFactory, StatementFactory
from tests.pages import read

ORIGINAL = "Стороны обсудили Украину.\n\nОни против блоков.\nИ против санкций."
TRANSLATION = "The sides discussed Ukraine.\n\nThey oppose blocs.\nAnd they oppose sanctions."


def marked(transcript):
    columns = (transcript.original, transcript.translation)
    return [
        (one.address, piece.text) for column in columns for one in column for piece in one.pieces if piece.is_marked
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("One.\r\n\r\nTwo.", ["One.", "Two."]),
        ("One.\n \t\n\n\nTwo.\n", ["One.", "Two."]),
        ("One.\nTwo.", ["One.", "Two."]),
        ("One,\nstill one.\n\nTwo.", ["One,\nstill one.", "Two."]),
    ],
)
def test_paragraphs_stand_between_empty_lines_or_are_the_lines_of_a_text_without_any(text, expected):
    assert paragraphs(text) == expected


def test_original_and_translation_stand_side_by_side_where_each_paragraph_has_its_like():
    pairs = [(row.original.address, row.translation.address) for row in Transcript(ORIGINAL, TRANSLATION).rows]

    assert pairs == [("p1", "t1"), ("p2", "t2")]
    assert Transcript(ORIGINAL, "One paragraph alone.").rows == []
    assert Transcript(ORIGINAL).rows == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"wanted": "OPPOSE  blocs"}, [("t2", "oppose blocs")]),
        ({"wanted": "против", "at": "p2"}, [("p2", "против")]),
        ({"wanted": "oppose", "until": "sanctions"}, [("t2", "oppose blocs.\nAnd they oppose sanctions")]),
        (
            {"wanted": "Украину", "until": "блоков", "at": "p1"},
            [("p1", "Украину."), ("p2", "Они против блоков")],
        ),
        ({"wanted": "sanctions", "until": "blocs"}, []),
        ({"wanted": ".*"}, []),
        ({"wanted": "blocs", "at": "t99999999999"}, [("t2", "blocs")]),
        ({"wanted": "blocs", "at": "p-1"}, [("t2", "blocs")]),
        ({"wanted": "x" * (MOST_MARKED + 1)}, []),
    ],
)
def test_words_are_marked_as_the_link_names_them(asked, expected):
    assert marked(Transcript(ORIGINAL, TRANSLATION, **asked)) == expected


def test_marked_words_keep_the_whole_text():
    transcript = Transcript(ORIGINAL, TRANSLATION, wanted="oppose", until="sanctions")

    assert ["".join(piece.text for piece in one.pieces) for one in transcript.translation] == paragraphs(TRANSLATION)


@pytest.mark.django_db
@pytest.mark.usefixtures("static_files")
def test_statement_shows_its_text_with_language_direction_addresses_and_who_translated(client):
    statement = StatementFactory(
        text="اجتمع الطرفان.\n\nوتحدثا.",
        language="ar",
        translation="The sides met.\n\nAnd talked.",
        translation_language="en",
        translator="",
    )

    page = read(client.get(statement.get_absolute_url(), {"mark": "sides met"}))

    assert [(one["lang"], one["dir"]) for one in page.all(class_="paragraph-text")] == [
        ("ar", "rtl"),
        ("en", "ltr"),
    ] * 2
    assert [one["href"] for one in page.all("a", class_="paragraph-link")] == ["#p1", "#t1", "#p2", "#t2"]
    assert [(one["id"], one.text) for one in page.all("mark")] == [("marked", "sides met")]
    assert page.one(class_="transcript-heads").texts("dd") == ["Arabic", "English, translator not recorded"]


@pytest.mark.django_db
@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (
            "<b>peace</b>",
            "The words that this address asks to mark are not in the text: “<b>peace</b>”. "
            "The text may have changed since.",
        ),
        ("x" * 501, "The words to mark are too many, so none are marked. A link carries up to 500 letters."),
        (
            "a\x00b",
            "The words that this address asks to mark are not in the text: “a\x00b”. The text may have changed since.",
        ),
    ],
)
def test_words_that_cannot_be_marked_are_said_so(client, wanted, said):
    source = SourceFactory(text="The sides met.", licence="CC0")

    page = read(client.get(source.get_absolute_url(), {"mark": wanted}))

    assert page.texts(class_="notice") == [said]
    assert page.all("mark") == []
