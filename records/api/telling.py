"""What became of records, each as it is now: the entries of the feed and of all that is sent from it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from records.api.serializers import api_address
from records.api.showing import shown_by
from records.feed import Kind, Lost, Told, lost


def kinds_of(viewsets: Sequence[Any]) -> list[Kind]:
    """The kinds of a feed that tells what these view sets tell."""
    return [Kind(one.queryset.model, shown_by(one.detail_serializer_class)) for one in viewsets]


@dataclass(frozen=True)
class Teller:
    """Writes entries of the feed; ``site`` is scheme and host of their addresses."""

    viewsets: Sequence[Any]
    site: str

    def entries(self, told: list[Told], *, is_whole: bool) -> list[dict[str, Any]]:
        """Each as it is now. Whatever is neither public nor ever was is left out."""
        groups: dict[Kind, dict[int, str]] = defaultdict(dict)
        for one in told:
            groups[one.kind][one.key] = one.uid
        public, gone = {}, {}
        for kind, uids in groups.items():
            shown = self._public(kind, uids, is_whole=is_whole)
            public[kind] = shown
            gone[kind] = lost(kind.model, {key: uid for key, uid in uids.items() if key not in shown})
        results = []
        for one in told:
            if one.key in public[one.kind]:
                change = "created" if one.is_first else "changed"
                results.append(self._entry(one, change, **public[one.kind][one.key]))
            elif one.key in gone[one.kind]:
                results.append(self._tombstone(one, gone[one.kind][one.key]))
        return results

    def _public(self, kind: Kind, keys: Iterable[int], *, is_whole: bool) -> dict[int, dict[str, Any]]:
        """What is told of each public record beside what it was told for, by its key."""
        if is_whole:
            viewset = next(one for one in self.viewsets if one.queryset.model is kind.model)
            whole = viewset.told_in_full(keys, site=self.site)
            return {
                key: {"version": one["version"], "updated_at": one["updated_at"], "record": one}
                for key, one in whole.items()
            }
        rows = kind.model.objects.public().filter(pk__in=keys).values_list("pk", "version", "updated_at")
        said = serializers.DateTimeField().to_representation
        return {key: {"version": version, "updated_at": said(moment)} for key, version, moment in rows}

    def _entry(self, one: Told, change: str, **said: Any) -> dict[str, Any]:
        nothing = {"version": None, "updated_at": None, "reason": "", "survivor": None, "record": None}
        address = api_address(one.kind.model(uid=one.uid), self.site)
        return {"kind": one.kind.name, "uid": one.uid, "url": address, "change": change, **nothing, **said}

    def _tombstone(self, one: Told, what: Lost) -> dict[str, Any]:
        survivor = None
        if what.survivor is not None:
            survivor = {"uid": what.survivor.uid, "url": api_address(what.survivor, self.site)}
        return self._entry(one, what.change, reason=what.reason, survivor=survivor)
