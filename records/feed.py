"""All that became of public records, in an order that skips nothing, from any position on.

The feed tells of states, not of events: a change found at a position is answered with what the record is when asked.
So a follower who was away for a year is told once what a record has become. Two parts follow each other: every
public record there is (`_Stock`), then what changed since that began (`_Log`).

**Order.** Changes are numbered by the transaction that wrote them. A transaction may end after one that began later, so
only those are told below which none runs any more. What they say is read after that limit was taken, and is never older
than the change.

**What follows from others.** A record is told of again when another that its representation shows has changed in what
is shown of it, became public, or ceased to be. Those are looked up when the change is told: who no longer shows the
other by then has changed since, and is told of by its own change.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core import signing
from django.db import connections
from django.db.models import Q

from records.history import event_model
from records.lookup import Gone, Moved, Unknown, explain_absence
from records.models import Record, Redirect, State
from records.past import as_of
from records.querysets import is_public

_signer = signing.Signer(salt="records.feed.v1")

#: Steps within one page that find nothing, such as changes of drafts, before an empty page is given.
STEPS = 50
#: No change has a higher number.
LAST = 2**63 - 1


class CursorExpired(Exception):
    """The position is one of another database, such as this one before it was restored from a copy."""


@dataclass(frozen=True)
class Kind:
    """A kind of record in the feed, and the lookups to what its representation shows."""

    model: Any
    shows: tuple[tuple[str, Any], ...]

    @property
    def name(self) -> str:
        return str(self.model._meta.model_name)


@dataclass(frozen=True)
class Place:
    """A position in the feed.

    Among the stock while ``stock_kind`` is given: behind the key ``stock_key`` of that kind. Then in the log: ``done``
    is the transaction and number of the last change told. While ``until`` is given, the changes up to there were told
    and those who show these records are being told, behind the key ``behind_key`` of the kind ``behind_kind``.
    """

    database: str
    done: tuple[int, int]
    stock_kind: int | None = None
    stock_key: int = 0
    until: tuple[int, int] | None = None
    behind_kind: int = 0
    behind_key: int = 0

    def as_cursor(self) -> str:
        """The opaque text of the position."""
        until = list(self.until) if self.until else None
        said = [
            self.database,
            list(self.done),
            self.stock_kind,
            self.stock_key,
            until,
            self.behind_kind,
            self.behind_key,
        ]
        return _signer.sign_object(said, compress=True)

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """Raises ``BadSignature`` for text that we never wrote."""
        try:
            database, done, stock_kind, stock_key, until, behind_kind, behind_key = _signer.unsign_object(cursor)
        except signing.BadSignature:
            raise
        except Exception as fault:  # what a decompressor or a JSON reader may raise
            raise signing.BadSignature("unreadable") from fault
        return cls(
            database, tuple(done), stock_kind, stock_key, tuple(until) if until else None, behind_kind, behind_key
        )


@dataclass(frozen=True)
class Told:
    """A record at a position: its kind, key and public id, and whether it was published there for the first time."""

    kind: Kind
    key: int
    uid: str
    is_first: bool = False


@dataclass(frozen=True)
class Lost:
    """What a follower is told of a record that is not public any more."""

    change: str
    reason: str = ""
    survivor: Any = None


class Feed:
    """The feed of the ``kinds``, read from the database ``using``. Create one for each answer."""

    def __init__(self, kinds: Sequence[Kind], using: str = "default") -> None:
        self.kinds = kinds
        self.by_label = {kind.model._meta.label_lower: kind for kind in kinds}
        self.using = using
        with connections[using].cursor() as cursor:
            cursor.execute(
                "SELECT system_identifier::text, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, "
                "pg_snapshot_xmax(pg_current_snapshot())::text::bigint FROM pg_control_system()"
            )
            self.database, self.horizon, self.ceiling = cursor.fetchone()

    def start(self) -> Place:
        """Before everything."""
        # Behind all changes of the last transaction that ended: the stock is read after it.
        return Place(self.database, (self.horizon - 1, LAST), stock_kind=0)

    def present(self) -> Place:
        """Behind everything that is: only what changes from now on is told."""
        return Place(self.database, (self.horizon - 1, LAST))

    def read(self, place: Place, *, limit: int, wanted: Iterable[str] = ()) -> tuple[list[Told], Place, bool]:
        """Up to ``limit`` records behind ``place``, the position after them, and whether more is there already.

        ``wanted`` are names of kinds; none means all. Raises `CursorExpired`.
        """
        if place.database != self.database or place.done[0] >= self.ceiling:
            raise CursorExpired
        names = set(wanted) or {kind.name for kind in self.kinds}
        found: dict[tuple[str, int], Told] = {}
        for _step in range(STEPS):
            told, onwards = self._step(place, limit - len(found))
            for one in told:
                if one.kind.name in names:
                    found.setdefault((one.kind.name, one.key), one)
            if onwards == place:
                return list(found.values()), place, False
            place = onwards
            if len(found) >= limit:
                break
        return list(found.values()), place, True

    def _step(self, place: Place, limit: int) -> tuple[list[Told], Place]:
        if place.stock_kind is not None:
            return self._stock(place, place.stock_kind, limit)
        if place.until is None:
            return self._log(place, limit)
        return self._those_who_show(place, place.until, limit)

    def _stock(self, place: Place, number: int, limit: int) -> tuple[list[Told], Place]:
        if number >= len(self.kinds):
            return [], replace(place, stock_kind=None, stock_key=0)
        kind = self.kinds[number]
        rows = kind.model.objects.public().filter(pk__gt=place.stock_key).order_by("pk").values_list("pk", "uid")
        told = [Told(kind, key, uid, is_first=True) for key, uid in rows[:limit]]
        if len(told) < limit:
            return told, replace(place, stock_kind=number + 1, stock_key=0)
        return told, replace(place, stock_key=told[-1].key)

    def _changes(self, condition: str, parameters: list[Any], tail: str) -> list[Any]:
        with connections[self.using].cursor() as cursor:
            cursor.execute(
                f"SELECT xid, id, kind, key, uid, is_first, is_shown FROM records_change WHERE {condition} "  # noqa: S608
                f"ORDER BY xid, id {tail}",
                parameters,
            )
            return list(cursor.fetchall())

    def _log(self, place: Place, limit: int) -> tuple[list[Told], Place]:
        rows = self._changes("(xid, id) > (%s, %s) AND xid < %s", [*place.done, self.horizon], f"LIMIT {int(limit)}")
        if not rows:
            return [], place
        told: dict[tuple[str, int], Told] = {}
        for _xid, _id, label, key, uid, is_first, _is_shown in rows:
            if label in self.by_label:
                before = told.pop((label, key), None)
                is_first = is_first or (before is not None and before.is_first)
                told[label, key] = Told(self.by_label[label], key, uid, is_first)
        last = (rows[-1][0], rows[-1][1])
        if any(is_shown for *_rest, is_shown in rows):
            return list(told.values()), replace(place, until=last, behind_kind=0, behind_key=0)
        return list(told.values()), replace(place, done=last)

    def _those_who_show(self, place: Place, until: tuple[int, int], limit: int) -> tuple[list[Told], Place]:
        keys: dict[str, set[int]] = defaultdict(set)
        condition = "(xid, id) > (%s, %s) AND (xid, id) <= (%s, %s) AND is_shown"
        for _xid, _id, label, key, *_rest in self._changes(condition, [*place.done, *until], ""):
            keys[label].add(key)
        told: list[Told] = []
        for number in range(place.behind_kind, len(self.kinds)):
            behind = place.behind_key if number == place.behind_kind else 0
            room = limit - len(told)
            rows = self._showing(self.kinds[number], keys, behind, room)
            told += rows
            if len(rows) >= room:
                return told, replace(place, behind_kind=number, behind_key=rows[-1].key)
        return told, replace(place, done=until, until=None, behind_kind=0, behind_key=0)

    def _showing(self, kind: Kind, keys: dict[str, set[int]], behind: int, limit: int) -> list[Told]:
        rows = kind.model.objects.filter(pk__gt=behind)
        if issubclass(kind.model, Record):
            rows = rows.filter(is_public())
        each = [
            rows.filter(**{f"{path}__in": sorted(keys[model._meta.label_lower])})
            .order_by("pk")
            .values_list("pk", "uid")
            .distinct()[:limit]
            for path, model in kind.shows
            if keys[model._meta.label_lower]
        ]
        if not each:
            return []
        found = sorted(each[0].union(*each[1:]) if len(each) > 1 else each[0])
        return [Told(kind, key, uid) for key, uid in found[:limit]]


def lost(model: Any, uids: dict[int, str]) -> dict[int, Lost]:
    """What became of the rows with these keys and ids, none of which is public, if they ever were.

    A row that never was public is left out: nobody is to learn that it exists.
    """
    if issubclass(model, Record):
        return dict(_lost_records(model, uids))
    return dict(_lost_rows(model, uids))


def _lost_records(model: Any, uids: dict[int, str]) -> Iterator[tuple[int, Lost]]:
    rows = model._base_manager.filter(pk__in=uids).in_bulk()
    absent = [uid for key, uid in uids.items() if key not in rows]
    published = event_model(model).objects.filter(uid__in=absent, published_at__isnull=False) if absent else None
    were_public = set(published.values_list("uid", flat=True)) if published is not None else set()
    merged = [row.uid for row in rows.values() if row.merged_into_id is not None and row.published_at is not None]
    survivors = model.objects.public_by_uid(merged)
    for key, uid in uids.items():
        row = rows.get(key)
        if row is None:
            if uid in were_public:
                yield key, Lost("deleted")
        elif row.published_at is None:
            continue
        elif row.merged_into_id is not None:
            if uid in survivors:
                yield key, Lost("merged", survivor=survivors[uid])
            else:
                yield key, _lost_with_its_survivor(row)
        elif row.state == State.WITHDRAWN:
            yield key, Lost("withdrawn", reason=row.withdrawal_reason)
        else:
            yield key, Lost("hidden")


def _lost_with_its_survivor(row: Any) -> Lost:
    try:
        explain_absence(row.uid, type(row))
    except Gone as gone:
        return Lost("withdrawn", reason=gone.reason)
    except (Moved, Unknown):
        return Lost("hidden")
    raise AssertionError("An absence is always explained.")


def _lost_rows(model: Any, uids: dict[int, str]) -> Iterator[tuple[int, Lost]]:
    """Offices and tenures, which are public by others, and whose merge leaves only a redirect."""
    present = set(model._base_manager.filter(pk__in=uids).values_list("pk", flat=True))
    targets = dict(Redirect.objects.filter(old__in=uids.values()).values_list("old", "into"))
    survivors = model.objects.public_by_uid(list(targets.values()))
    for key, uid in uids.items():
        if not _was_public(model, key):
            continue
        if key in present:
            yield key, Lost("hidden")
        elif targets.get(uid) in survivors:
            yield key, Lost("merged", survivor=survivors[targets[uid]])
        else:
            yield key, Lost("deleted")


def _was_public(model: Any, key: int) -> bool:
    """Whether a row without a workflow was ever public through all that it joins.

    Asked at the moments at which that can have begun: when the row changed, and when one of those it was ever joined to
    stood as published.
    """
    moments = set()
    for path in ("", *model.public_through):
        moments |= _moments(model, {key}, path)
    for moment in sorted(moments):
        with as_of(moment, keeps_withheld=True):
            if model.objects.public().filter(pk=key).exists():
                return True
    return False


def _moments(model: Any, keys: set[int], path: str) -> set[Any]:
    events = event_model(model).objects.filter(pgh_obj_id__in=keys)
    if path:
        link, _sep, rest = path.partition("__")
        field = model._meta.get_field(link)
        joined = set(events.filter(~Q(**{field.attname: None})).values_list(field.attname, flat=True))
        return _moments(field.related_model, joined, rest)
    if issubclass(model, Record):
        events = events.filter(state=State.PUBLISHED)
    return set(events.values_list("pgh_created_at", flat=True))
