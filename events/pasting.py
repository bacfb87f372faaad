"""Participants and speakers pasted as lines: what a line says, and whom it means.

One line is one of them, with ``;`` (or a tab, or ``|``) between its parts: ``Wang Yi; host; CN``. The name comes first
unless it is beyond doubt without that; all else may stand in any order: a word for the role or the attendance, a state
or organisation by code or name, a number of people, the capacity as the source words it. ``side:``, ``for:``, ``as:``,
``name:`` and ``role:`` say what is meant where the order does not.

Reading is pure and loses no line: what cannot be read is kept with the reason. Resolving asks the database the same few
questions for one line and for `MOST_LINES`.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from actors.models import Actor, ActorKind, Tenure
from actors.proposals import Proposal, proposals_for, sides_of
from actors.similar import ALIKE, spellings
from partialdates.values import PartialDate
from records.uids import normalise_uid

MOST_LINES = 200
LONGEST_LINE = 600
LONGEST_TEXT = 40_000
#: What the columns of a participant hold.
LONGEST_NAME, LONGEST_SIDE, MOST_PEOPLE = 300, 40, 1_000_000
#: So many actors of like name are offered.
MOST_ALIKE = 6
#: Schemes whose identifiers people write for a state.
CODES = ("iso3166-1", "iso3166-1-alpha-3")

_BETWEEN = re.compile(r"[;；|｜\t]")
_BULLET = re.compile(r"^(?:[-*•‣–—]|\d{1,3}[.)])\s+")
_KEYED = re.compile(r"^(name|role|side|for|on behalf of|as|capacity)\s*[:：=]\s*(.*)$", re.IGNORECASE)
_NUMBER = re.compile(r"^[0-9]{1,9}$")
_COUNTED = re.compile(r"^([0-9]{1,7})(?:\s+|\s*[名位]\s*)(\D.*)$")
_CODE = re.compile(r"^[A-Z]{2,4}$")
_KEYS = {"on behalf of": "for", "capacity": "as"}


@dataclass(frozen=True)
class Words:
    """The words that a line may use, folded, and the value that each stands for."""

    roles: Mapping[str, str] = field(default_factory=dict)
    attendances: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, roles: Any, attendances: Any = None) -> "Words":
        """Those of two lists of choices: each by its value and by its label."""
        return cls(_by_word(roles), _by_word(attendances) if attendances is not None else {})


def _by_word(choices: Any) -> dict[str, str]:
    by_label = {folded(str(choice.label)): str(choice.value) for choice in choices}
    return by_label | {folded(str(choice.value)): str(choice.value) for choice in choices}


@dataclass(frozen=True)
class Line:
    """A line as far as it can be read without asking who is who; ``parts`` are those that it takes asking for.

    ``fault`` says what to do about a line that cannot be read; it is empty for all others.
    """

    number: int
    text: str
    parts: tuple[str, ...] = ()
    name: str = ""
    role: str = ""
    attendance: str = ""
    side: str = ""
    acts_for: str = ""
    capacity: str = ""
    head_count: int | None = None
    fault: str = ""


def folded(text: str) -> str:
    """A word without the differences that do not matter."""
    return " ".join(text.casefold().split())


def read_lines(text: str, words: Words) -> list[Line]:
    """Every line that is not blank, in order; never raises."""
    typed = [line.replace("\x00", " ").strip() for line in text.splitlines()]
    lines = [line for line in typed if line]
    return [_read(number, line, words) for number, line in enumerate(lines, start=1)]


def _read(number: int, text: str, words: Words) -> Line:
    line = Line(number, text)
    if number > MOST_LINES:
        return replace(line, fault=_("Paste at most %d lines at once: add these first.") % MOST_LINES)
    if len(text) > LONGEST_LINE:
        return replace(line, fault=_("This line is too long to be one participant. Break it into lines."))
    found: dict[str, Any] = {}
    parts: list[str] = []
    for part in (" ".join(part.split()) for part in _BETWEEN.split(_BULLET.sub("", text))):
        if not part:
            continue
        key, value = _what(part, words)
        if not key:
            parts.append(part)
        elif key in found:
            return replace(line, fault=_("“%s” is a second value for the same thing. Leave one of the two.") % part)
        elif key == "role" and value is None:
            known = ", ".join(sorted(set(words.roles.values())))
            return replace(
                line, fault=_("“%(part)s” is no role. Use one of: %(known)s.") % {"part": part, "known": known}
            )
        else:
            found[key] = value
    line = replace(line, parts=tuple(parts), **found)
    return replace(line, fault=_fault_of(line))


def _what(part: str, words: Words) -> tuple[str, Any]:
    if keyed := _KEYED.match(part):
        key = _KEYS.get(keyed[1].lower(), keyed[1].lower())
        value = keyed[2].strip()
        if value:
            return {
                "name": ("name", value),
                "role": ("role", words.roles.get(folded(value))),
                "side": ("side", value),
                "for": ("acts_for", value),
                "as": ("capacity", value),
            }[key]
    if (role := words.roles.get(folded(part))) is not None:
        return "role", role
    if (attendance := words.attendances.get(folded(part))) is not None:
        return "attendance", attendance
    if _NUMBER.match(part):
        return "head_count", int(part)
    return "", None


def _fault_of(line: Line) -> str:
    if not line.name and not line.parts:
        return _("There is no name on this line. Write it first, as in “Wang Yi; host; CN”.")
    if len(line.side) > LONGEST_SIDE:
        return _("The side is too long: at most %d characters.") % LONGEST_SIDE
    if line.head_count is not None and not 1 <= line.head_count <= MOST_PEOPLE:
        return _("The number of people is a number from 1 on.")
    if any(len(text) > LONGEST_NAME for text in (line.name, line.capacity, *line.parts)):
        return _("A name or capacity has at most %d characters.") % LONGEST_NAME
    return ""


@dataclass(frozen=True)
class Candidate:
    """An actor that a line may mean, and what its row would hold. ``is_there``: it takes part already."""

    actor: Actor
    offices: tuple[Tenure, ...] = ()
    side: str = ""
    on_behalf_of: Actor | None = None
    remark: str = ""
    is_there: bool = False


@dataclass(frozen=True)
class Meant:
    """Whom a line means.

    ``status`` is ``found`` (one candidate), ``several`` (namesakes), ``like`` (only names like it), ``unknown``
    (kept as the name given), ``there`` (takes part already) or ``unread`` (``line.fault`` says what to do).
    """

    line: Line
    status: str
    name: str = ""
    side: str = ""
    capacity: str = ""
    head_count: int | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class _Sorted:
    """A line whose parts are told apart."""

    name: str
    hints: tuple[str, ...]
    capacity: str
    side: str


def resolve(
    lines: Iterable[Line],
    *,
    date: PartialDate,
    taken: Collection[tuple[int, str]] = (),
    default_role: str | None = None,
) -> list[Meant]:
    """Say whom each line means, in their order; a constant number of queries.

    ``taken`` are the actors that take part already, with their roles. ``default_role`` is that of a line that names
    none, where an actor is listed once for each role; without it an actor is listed once.
    """
    lines = list(lines)
    readable = [line for line in lines if not line.fault]
    exact = _exactly({text for line in readable for text in _texts_of(line)})
    actors = _actors({key for keys in exact.values() for key in keys})
    told = {line.number: _tell_apart(line, exact, actors) for line in readable}
    unknown = {one.name for one in told.values() if not exact.get(one.name)}
    alike = _alike(unknown)
    actors |= _actors({key for keys in alike.values() for key in keys} - actors.keys())
    proposals = proposals_for(actors.values(), date)
    homes = {home.pk: home for actor in actors.values() for home in (actor, actor.home_state) if home is not None}
    sides = sides_of(homes.values())
    there = {(key, role if default_role is not None else "") for key, role in taken}
    meant = []
    for line in lines:
        if line.fault:
            meant.append(Meant(line, "unread"))
            continue
        one = told[line.number]
        line = replace(line, side=one.side)
        states = [[actors[key] for key in exact[hint]] for hint in one.hints]
        found = [actors[key] for key in exact.get(one.name, ())]
        like = [actors[key] for key in alike.get(one.name, ())]
        role = "" if default_role is None else line.role or default_role
        answer = _answer(
            line, one, _among(found, states, proposals), _among(like, states, proposals),
            lambda actor, states=states, role=role, line=line, one=one: _candidate(
                actor, states, one.hints, proposals[actor.pk], sides, line, is_there=(actor.pk, role) in there
            ),
        )  # fmt: skip
        if answer.status == "found":
            there.add((answer.candidates[0].actor.pk, role))
        elif answer.status == "unknown" and states:
            answer = replace(answer, side=answer.side or _side_of(states[0][0], one.hints[0], sides))
        meant.append(answer)
    return meant


def _texts_of(line: Line) -> list[str]:
    return [text for text in (line.name, line.acts_for, *line.parts) if text]


def _tell_apart(line: Line, exact: Mapping[str, list[int]], actors: Mapping[int, Actor]) -> _Sorted:
    """Which part is the name, which are states or organisations, and what is left: the capacity.

    What looks like a code and is none that is known here is the side as it was written.
    """

    def is_party(text: str) -> bool:
        return any(actors[key].kind != ActorKind.PERSON for key in exact.get(text, ()))

    def is_person(text: str) -> bool:
        return any(actors[key].kind == ActorKind.PERSON for key in exact.get(text, ()))

    parts = list(line.parts)
    name = line.name
    if not name:
        first = parts[0]
        others = parts[1:]
        place = 0
        if not is_person(first) and any(map(is_person, others)) and (is_party(first) or not exact.get(first)):
            place = next(index for index, part in enumerate(parts) if is_person(part))
        elif _CODE.match(first) and is_party(first):
            place = next((index for index, part in enumerate(parts) if not is_party(part)), 0)
        name = parts.pop(place)
    hints = [line.acts_for] if line.acts_for and is_party(line.acts_for) else []
    rest = [] if hints or not line.acts_for else [line.acts_for]
    side = line.side
    for part in parts:
        if not side and _CODE.match(part) and not is_party(part):
            side = part
        else:
            (hints if is_party(part) else rest).append(part)
    return _Sorted(name, tuple(hints), ", ".join([*([line.capacity] if line.capacity else []), *rest]), side)


def _among(found: list[Actor], states: list[list[Actor]], proposals: Mapping[int, Proposal]) -> list[Actor]:
    """Those of several namesakes that belong to a state on the line; all of them when none does."""
    keys = {state.pk for namesakes in states for state in namesakes}
    own = [actor for actor in found if keys & _own(actor, proposals[actor.pk])]
    return own if len(found) > 1 and own else found


def _own(actor: Actor, proposal: Proposal) -> set[int]:
    """The actor, and the states and bodies that it belongs to or holds an office of: those it speaks for anyway."""
    bodies = [tenure.office.body for tenure in proposal.tenures]
    keys = {actor.pk, actor.home_state_id, actor.parent_id}
    return {
        key for key in keys | {key for body in bodies for key in (body.pk, body.home_state_id, body.parent_id)} if key
    }


def _candidate(
    actor: Actor,
    states: list[list[Actor]],
    hints: tuple[str, ...],
    proposal: Proposal,
    sides: Mapping[int, str],
    line: Line,
    *,
    is_there: bool,
) -> Candidate:
    own = _own(actor, proposal)
    side, on_behalf_of, written = line.side, None, ""
    for namesakes, hint in zip(states, hints, strict=True):
        state = next((one for one in namesakes if one.pk in own), namesakes[0])
        if state.pk in own:
            side = side or (_side_of(state, hint, sides) if state.kind != ActorKind.BODY else proposal.side)
        elif on_behalf_of is None and state.pk != actor.pk and (actor.home_state_id or hint == line.acts_for):
            on_behalf_of, written = state, hint
    if on_behalf_of is not None and not side:
        side = _side_of(on_behalf_of, written, sides)
    elif states and not side:
        side = _side_of(states[0][0], hints[0], sides)
    remark = ""
    if on_behalf_of is not None and actor.home_state is not None:
        remark = _("Belongs to %(home)s: on behalf of %(other)s.") % {"home": actor.home_state, "other": on_behalf_of}
    return Candidate(actor, proposal.tenures, side or proposal.side, on_behalf_of, remark, is_there)


def _side_of(state: Actor, typed: str, sides: Mapping[int, str]) -> str:
    """The code of a state; what was typed where it looks like one: EU, SCO. A body sits on the side it belongs to."""
    party = state.home_state if state.kind == ActorKind.BODY and state.home_state is not None else state
    side = sides[party.pk]
    return typed if _CODE.match(typed) and len(side) > 2 else side


def _answer(line: Line, one: _Sorted, found: list[Actor], like: list[Actor], candidate: Any) -> Meant:
    counted = _COUNTED.match(one.name) if not found else None
    name, head_count = one.name, line.head_count
    if counted and head_count is None:
        head_count, name = int(counted[1]), counted[2]
    candidates = tuple(candidate(actor) for actor in (found or ([] if counted else like)))
    if not candidates:
        status = "unknown"
    elif not found:
        status = "like"
    else:
        status = "several" if len(found) > 1 else "there" if candidates[0].is_there else "found"
    meant = Meant(line, status, name, line.side, one.capacity, head_count, candidates)
    if len(one.capacity) > LONGEST_NAME:
        return Meant(replace(line, fault=_("The capacity has more than %d characters.") % LONGEST_NAME), "unread")
    return meant


def _actors(keys: Collection[int]) -> dict[int, Actor]:
    if not keys:
        return {}
    return {actor.pk: actor for actor in Actor.objects.with_home().with_names().filter(pk__in=keys)}


# A name is the same in any case and without its accents; an index on the folded column serves each of them.
_EXACT = """
WITH asked AS (SELECT name, uid FROM unnest(%(names)s::text[], %(uids)s::text[]) AS one (name, uid))
SELECT asked.name, actor.id FROM asked JOIN actors_actor AS actor
    ON readout_fold(actor.name) = readout_fold(asked.name) WHERE actor.merged_into_id IS NULL
UNION
SELECT asked.name, actor.id FROM asked JOIN actors_actorname AS other
    ON readout_fold(other.text) = readout_fold(asked.name)
    JOIN actors_actor AS actor ON actor.id = other.actor_id WHERE actor.merged_into_id IS NULL
UNION
SELECT asked.name, code.actor_id FROM asked JOIN actors_actoridentifier AS code
    ON code.value = asked.name AND code.scheme = ANY(%(schemes)s::text[])
    JOIN actors_actor AS actor ON actor.id = code.actor_id WHERE actor.merged_into_id IS NULL
UNION
SELECT asked.name, coalesce(actor.merged_into_id, actor.id) FROM asked JOIN actors_actor AS actor
    ON actor.uid = asked.uid
ORDER BY 1, 2
"""

_ALIKE = """
WITH asked AS (SELECT name, spelling FROM unnest(%(names)s::text[], %(spellings)s::text[]) AS one (name, spelling))
SELECT name, id, max(alike) FROM (
    SELECT asked.name, actor.id, similarity(readout_fold(actor.name), readout_fold(asked.spelling)) AS alike
    FROM asked JOIN actors_actor AS actor ON readout_fold(actor.name) %% readout_fold(asked.spelling)
    WHERE actor.merged_into_id IS NULL
    UNION ALL
    SELECT asked.name, actor.id, similarity(readout_fold(other.text), readout_fold(asked.spelling))
    FROM asked JOIN actors_actorname AS other ON readout_fold(other.text) %% readout_fold(asked.spelling)
    JOIN actors_actor AS actor ON actor.id = other.actor_id WHERE actor.merged_into_id IS NULL
) AS found GROUP BY name, id ORDER BY name, 3 DESC, id
"""


def _exactly(texts: Collection[str]) -> dict[str, list[int]]:
    """The keys of the actors that bear exactly these names, have these codes or ids, by what was asked."""
    found: dict[str, list[int]] = defaultdict(list)
    if texts:
        names = sorted(texts)
        uids = [normalise_uid(name) for name in names]
        with connection.cursor() as cursor:
            cursor.execute(_EXACT, {"names": names, "uids": uids, "schemes": list(CODES)})
            for name, key in cursor.fetchall():
                found[name].append(key)
    return found


def _alike(texts: Collection[str]) -> dict[str, list[int]]:
    """The keys of the actors whose names are like these, in letters of either script, the most alike first."""
    found: dict[str, list[int]] = defaultdict(list)
    pairs = [(text, spelling) for text in sorted(texts) for spelling in spellings([text])]
    if not pairs:
        return found
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(ALIKE)])
        cursor.execute(_ALIKE, {"names": [text for text, _one in pairs], "spellings": [one for _text, one in pairs]})
        for name, key, _rank in cursor.fetchall():
            if len(found[name]) < MOST_ALIKE:
                found[name].append(key)
        cursor.execute("SET LOCAL pg_trgm.similarity_threshold TO DEFAULT")
    return found
