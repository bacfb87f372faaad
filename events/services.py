"""Verbs that change meetings, statements and sources without a form."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from events.addresses import address_typed, bare_address
from events.models import Source
from events.similar import sources_at
from records.services import Refused, taking_turns


class NoAddress(Refused):
    """What was typed is no address that a browser could open, or is longer than a source can hold."""


@taking_turns
def source_by_address(*, typed: str) -> tuple[Source, bool]:
    """The source at an address and whether it is new: a draft that holds the address and nothing else.

    Of several callers with one address, however each spells it, the first makes the source and the others get it. Where
    a source was merged they get its survivor. The address is never opened. Raises `NoAddress`.
    """
    url = _readable(typed)
    with transaction.atomic():
        # The index holds off the very same spelling alone.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"source {bare_address(url)}"])
        if there := sources_at(url):
            return Source.objects.get(pk=there[0]), False
        source = Source(url=url)
        try:
            with transaction.atomic():
                source.save()
        except IntegrityError:
            # Somebody saved a form with it meanwhile.
            there = sources_at(url)
            if not there:
                raise
            return Source.objects.get(pk=there[0]), False
        return source, True


def _readable(typed: str) -> str:
    try:
        url = address_typed(typed)
    except ValidationError as refused:
        raise NoAddress(
            _("This is no address of a page: it begins with http:// or https:// and a host, and holds no spaces.")
        ) from refused
    longest: int = Source._meta.get_field("url").max_length or 0
    if len(url) > longest:
        raise NoAddress(
            _("The address has %(length)d characters; a source can hold %(limit)d.")
            % {"length": len(url), "limit": longest}
        )
    return url
