"""What new records may look like when they are sent, for the schema; links are by id."""

from typing import Any

_ACTOR, _SOURCE, _MEETING = "4kzq7w2m9t", "7n3xv5c8pd", "2m8rt6y4hs"

DRAFTS: dict[str, dict[str, Any]] = {
    "meetings": {
        "title": "Talks of Wang Yi and Nikolai Patrushev in Moscow",
        "date": "2023-02-21",
        "mode": "in-person",
        "kind": "bilateral",
        "participations": [
            {"actor": _ACTOR, "role": "guest", "citations": [{"source": _SOURCE, "locator": "paragraph 2"}]},
            {"name_as_given": "the Russian side", "role": "host"},
        ],
        "citations": [{"source": _SOURCE, "field": "date"}],
    },
    "statements": {
        "title": "Readout of the talks in Moscow",
        "date": "2023-02-21",
        "kind": "readout",
        "basis": "official-paraphrase",
        "meeting": _MEETING,
        "language": "zh",
        "text": "王毅会见帕特鲁舍夫",
        "speakers": [{"actor": _ACTOR, "role": "issuer"}],
        "citations": [{"source": _SOURCE}],
    },
    "actors": {
        "name": "Wang Yi",
        "kind": "person",
        "born": "1953-10",
        "names": [{"text": "王毅", "language": "zh", "kind": "native"}],
        "identifiers": [{"scheme": "wikidata", "value": "Q708501"}],
    },
    "topics": {
        "name": "Food security",
        "scope_note": "Supply and prices of food as a subject of talks.",
        "labels": [{"text": "粮食安全", "language": "zh", "kind": "preferred"}],
    },
    "places": {"name": "Astana", "kind": "city", "country": "KZ", "names": [{"text": "Астана", "language": "ru"}]},
    "series": {"name": "Strategic security consultations", "description": "Held each year in turn."},
    "sources": {
        "document_url": "https://www.mfa.gov.cn/wjbzhd/202302/t20230222_11029589.shtml",
        "title": "王毅会见帕特鲁舍夫",
        "publisher": "Ministry of Foreign Affairs of China",
        "published": "2023-02-22",
        "kind": "readout",
        "language": "zh",
    },
    "offices": {"name": "Minister of Foreign Affairs", "body": _ACTOR, "tier": 3},
    "tenures": {"person": _ACTOR, "office": "9d2fk6s3wb", "span": "2013-03-16/2022-12-30"},
    "formulas": {
        "name": "No limits",
        "variants": [{"text": "没有上限", "language": "zh", "is_canonical": True}],
    },
}
