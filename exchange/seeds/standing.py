"""How the entries of the files stand in the database, and what is remembered of them from run to run."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from exchange.models import ImportedRecord
from exchange.seeds.entries import Entry
from exchange.seeds.shapes import SHAPES
from records.history import event_model
from records.models import Record, RegisteredId
from records.uids import uid_for

#: The kind and the id of an entry.
Name = tuple[str, str]


@dataclass(frozen=True)
class Stored:
    """The record of an entry: its key and version, and the key to link to (the survivor's, when it was merged)."""

    pk: int
    version: int
    link: int


class Standing:
    """The records of ``entries`` at the start of a run. Costs a few queries for each kind."""

    def __init__(self, dataset: str, entries: Iterable[Entry], memory: dict[Name, ImportedRecord]) -> None:
        self.dataset = dataset
        self.memory = memory
        self.uids = {(entry.kind, entry.key): uid_for(kind=entry.kind, key=entry.key) for entry in entries}
        self.uids |= {name: remembered.uid for name, remembered in memory.items()}
        self.stored = dict(self._find())
        self._ever_given = set(
            RegisteredId.objects.filter(uid__in=list(self.uids.values())).values_list("uid", flat=True)
        )
        forgotten = [uid for name, uid in self.uids.items() if name not in memory]
        undone = event_model(ImportedRecord).objects.filter(pgh_label="delete", dataset=dataset, uid__in=forgotten)
        self._undone = set(undone.values_list("uid", flat=True))

    def reason_to_keep(self, name: Name) -> str:
        """Why the record of an entry is not to be written, in words; "" when nobody but this data set touched it."""
        stored, remembered = self.stored.get(name), self.memory.get(name)
        if remembered is None and self.uids[name] in self._undone:
            return "its import was undone here, and is not done again; undo the undo to have it back"
        if stored is None:
            was_there = remembered is not None or self.uids[name] in self._ever_given
            return "it was deleted here, and is not created again" if was_there else ""
        if remembered is None:
            return "its address is taken by a record that does not come from these files"
        if stored.version != remembered.version:
            return "an editor changed it here; what the files changed since is not applied"
        return ""

    def remember(self, checksums: dict[Name, str]) -> None:
        """Keep the versions of the records just written, and of those whose version rose as rows of theirs were."""
        now = dict(self._find())
        fresh = []
        for name, checksum in checksums.items():
            if name not in self.memory:
                fresh.append(self._memory_of(name, checksum, now[name].version))
        risen = []
        for name, remembered in self.memory.items():
            before, after = self.stored.get(name), now.get(name)
            if before is None or after is None or before.version != remembered.version:
                continue
            if name in checksums or after.version != remembered.version:
                remembered.checksum = checksums.get(name, remembered.checksum)
                remembered.version = after.version
                remembered.applied_at = timezone.now()
                risen.append(remembered)
        ImportedRecord.objects.bulk_create(fresh)
        ImportedRecord.objects.bulk_update(risen, ["checksum", "version", "applied_at"])

    def _memory_of(self, name: Name, checksum: str, version: int) -> ImportedRecord:
        kind, key = name
        return ImportedRecord(
            dataset=self.dataset, kind=kind, key=key, uid=self.uids[name], checksum=checksum, version=version
        )

    def _find(self) -> Iterator[tuple[Name, Stored]]:
        by_kind: dict[str, dict[str, Name]] = defaultdict(dict)
        for name, uid in self.uids.items():
            by_kind[name[0]][uid] = name
        for kind, names in by_kind.items():
            model: Any = SHAPES[kind].model
            survivor = "merged_into_id" if issubclass(model, Record) else "pk"
            rows = model.objects.filter(uid__in=list(names)).values_list("uid", "pk", "version", survivor)
            for uid, pk, version, link in rows:
                yield names[uid], Stored(pk, version, _survivor(model, link) if link not in {None, pk} else pk)


def _survivor(model: Any, pk: int) -> int:
    while (above := model.objects.filter(pk=pk).values_list("merged_into_id", flat=True).get()) is not None:
        pk = above
    return pk
