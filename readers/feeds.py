"""Lists as Atom feeds (RFC 4287), the latest change first, in pages that link to each other (RFC 5005, section 3)."""

from typing import Any

from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html_join
from django.utils.xmlutils import SimplerXMLGenerator

from events import wording


class PagedAtomFeed(Atom1Feed):
    """An Atom feed whose moment is that of its latest entry, and that says which page of how it is.

    ``feed["pages"]`` are pairs of a relation and an address; ``feed["moment"]`` is when an empty feed last changed.
    """

    def latest_post_date(self) -> Any:
        # Django would give the time of day, so that an empty feed were never the same twice.
        return max((item["updateddate"] for item in self.items), default=self.feed["moment"])

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        for relation, address in self.feed["pages"]:
            handler.addQuickElement("link", "", {"rel": relation, "href": address})


def feed_of(*, title: str, name: str, query: str, records: list[Any], addresses: dict[str, str], moment: Any) -> str:
    """The feed as XML. ``addresses`` has ``site``, ``list``, ``self`` and perhaps ``first``, ``previous``, ``next``."""
    feed = PagedAtomFeed(
        title=f"Readout: {title}",
        link=addresses["list"],
        description=title,
        feed_url=addresses["self"],
        feed_guid=wording.tag_of(f"{name}-feed?{query}"),
        author_name="Readout",
        pages=[(one, addresses[one]) for one in ("first", "previous", "next") if one in addresses],
        moment=moment,
    )
    for record in records:
        lines = [*wording.lines_of(record), wording.change_in_words(record)]
        feed.add_item(
            title=wording.name_of(record),
            link=f"{addresses['site']}{record.get_absolute_url()}",
            description=format_html_join("", "<p>{}</p>", ((line,) for line in lines)),
            unique_id=wording.tag_of(f"{record._meta.model_name}:{record.uid}"),
            pubdate=record.published_at or record.updated_at,
            updateddate=record.updated_at,
            categories=wording.topics_of(record),
        )
    return feed.writeString("utf-8")
