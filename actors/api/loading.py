"""What the representations of offices need from the database, in a number of queries that rows do not raise."""

from django.db.models import Prefetch

from actors.models import Office, Tenure
from actors.querysets import OfficeQuerySet


def listed_offices() -> OfficeQuerySet:
    """Offices as the list shows them."""
    return Office.objects.with_body()


def whole_offices() -> OfficeQuerySet:
    """Offices as they are shown on their own."""
    holders = Tenure.objects.public().with_office().latest_first()
    return listed_offices().prefetch_related(Prefetch("tenures", holders))
