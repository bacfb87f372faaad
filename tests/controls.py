"""The form of a page as a browser would send it: what stands in its controls, read from the HTML."""

from html.parser import HTMLParser


class _Controls(HTMLParser):
    def __init__(self, form_id):
        super().__init__()
        self.form_id, self.is_inside = form_id, False
        self.sent = {}
        self.select = self.textarea = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.is_inside = given.get("id") == self.form_id
        if not self.is_inside or "disabled" in given:
            return
        name = given.get("name")
        if tag == "input" and name and given.get("type") not in {"submit", "button"}:
            is_box = given.get("type") in {"checkbox", "radio"}
            if not is_box or "checked" in given:
                self.put(name, given.get("value", "on" if is_box else ""))
        elif tag == "select":
            self.select = (name, "multiple" in given, [], [])
        elif tag == "option" and self.select:
            self.select[3].append(given.get("value", ""))
            if "selected" in given:
                self.select[2].append(given.get("value", ""))
        elif tag == "textarea":
            self.textarea = (name, [])

    def handle_data(self, data):
        if self.textarea:
            self.textarea[1].append(data)

    def handle_endtag(self, tag):
        if tag == "form":
            self.is_inside = False
        elif tag == "select" and self.select:
            name, is_multiple, chosen, options = self.select
            # A browser shows the first option of a list in which none is chosen, and sends it.
            for value in chosen or ([] if is_multiple else options[:1]):
                self.put(name, value)
            self.select = None
        elif tag == "textarea" and self.textarea:
            name, text = self.textarea
            # The first line break after the tag is none of the text.
            self.put(name, "".join(text).removeprefix("\r").removeprefix("\n"))
            self.textarea = None

    def put(self, name, value):
        self.sent.setdefault(name, []).append(value)


def sent_form(response, form_id):
    """Names and lists of values, ready for ``client.post``."""
    controls = _Controls(form_id)
    controls.feed(response.content.decode())
    return controls.sent


def numbers(sent, prefix):
    """How many rows a form has of a kind, and how many of them are saved ones."""
    return int(sent[f"{prefix}-TOTAL_FORMS"][0]), int(sent[f"{prefix}-INITIAL_FORMS"][0])


def with_row(sent, prefix, **values):
    """The form with one more new row, as the script of the page adds it."""
    total, _initial = numbers(sent, prefix)
    blank = {
        name.replace("__prefix__", str(total)): value
        for name, value in sent.items()
        if name.startswith(f"{prefix}-__prefix__-")
    }
    typed = {f"{prefix}-{total}-{name}": value for name, value in values.items()}
    return {**sent, **blank, **typed, f"{prefix}-TOTAL_FORMS": [str(total + 1)]}


def row_of(sent, prefix, key):
    """The place of a saved row in a form."""
    _total, initial = numbers(sent, prefix)
    [number] = [number for number in range(initial) if sent[f"{prefix}-{number}-id"] == [str(key)]]
    return number
