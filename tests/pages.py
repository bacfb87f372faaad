"""A public page as a test reads it: its text, its links, the elements of a class."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Element:
    def __init__(self, tag, attributes, parent=None):
        self.tag, self.attributes, self.parent, self.children = tag, dict(attributes), parent, []

    def __iter__(self):
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child

    def __getitem__(self, attribute):
        return self.attributes[attribute]

    @property
    def text(self):
        words = "".join(child if isinstance(child, str) else f" {child.text} " for child in self.children)
        return " ".join(words.split())

    def all(self, tag=None, **attributes):
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        classes = set(wanted.pop("class", "").split())
        return [
            one
            for one in self
            if tag in (None, one.tag)
            and classes <= set((one.attributes.get("class") or "").split())
            and all(one.attributes.get(name) == value for name, value in wanted.items())
        ]

    def one(self, tag=None, **attributes):
        (found,) = self.all(tag, **attributes)
        return found

    def texts(self, tag=None, **attributes):
        return [one.text for one in self.all(tag, **attributes)]

    def links(self, **attributes):
        return [(one.text, one["href"]) for one in self.all("a", **attributes)]


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = self.current = Element("", [])

    def handle_starttag(self, tag, attrs):
        element = Element(tag, attrs, self.current)
        self.current.children.append(element)
        if tag not in VOID:
            self.current = element

    def handle_endtag(self, tag):
        assert self.current.tag == tag, f"</{tag}> closes <{self.current.tag}>"
        self.current = self.current.parent

    def handle_data(self, data):
        self.current.children.append(data)


def read(response):
    """The page of a response; fails when an element is closed by another's tag or not at all."""
    reader = _Reader()
    reader.feed(response.content.decode())
    assert reader.current is reader.root, f"<{reader.current.tag}> is never closed"
    return reader.root


def facts(page):
    """The facts of a record's page: label and value, without the link by which a reader corrects it."""
    told = {one.one("dt").text: one.one("dd").text for one in page.all(class_="fact")}
    return {label: text.partition(" something wrong?")[0] for label, text in told.items()}


def titles(page):
    """The titles of the records in a list."""
    return [one.one("a").text for one in page.all(class_="entry-title")]
