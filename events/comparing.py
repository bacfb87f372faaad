"""The accounts of one meeting side by side: what each says on every fact, and whether they agree.

Columns are the actors who published on the meeting, each with all its statements, then the sources cited for it. A
statement without a channel is told by the sources that are cited for it. Everything is read from what the page has.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from django.utils.translation import gettext as _

from events.footnotes import Footnotes, value_in_words
from events.models import CitationVerdict, SpeakerRole, Stance, StatementKind
from events.models.sources import CITABLE_FIELDS

AGREED, ONLY, APART, CONTRADICTED, UNTOLD = "agreed", "only", "apart", "contradicted", "untold"
#: Stances that cannot both be one author's on one topic.
AGAINST = ((Stance.SUPPORTS, Stance.OPPOSES), (Stance.CALLS_FOR, Stance.OPPOSES))
#: So many statements stand for an account that has no text on the meeting as a whole.
FIRST = 3
ISSUERS = (SpeakerRole.ISSUER, SpeakerRole.CO_ISSUER)
#: What is itself a version of a meeting, beside single remarks made in it.
ACCOUNT_KINDS = (StatementKind.READOUT, StatementKind.JOINT)


@dataclass
class Account:
    """One version of the meeting: an actor with what it published, or a source (``channel`` or ``source`` is set)."""

    number: int
    channel: Any = None
    source: Any = None
    note: int = 0
    statements: list[Any] = field(default_factory=list)


@dataclass
class Cell:
    """What one account says on one fact.

    ``state`` is: says (it has ``texts``), same (as the record), whole (it supports the record without naming the
    fact), mentions, differs (it has ``texts``), or silent.
    """

    state: str = "silent"
    texts: list[Any] = field(default_factory=list)
    links: list[Any] = field(default_factory=list)
    note: int = 0
    #: What is compared; the stance as it is coded.
    values: list[str] = field(default_factory=list)

    @property
    def said(self) -> list[tuple[Any, Any]]:
        """Each text with the statement it is from."""
        return list(zip(self.texts, self.links, strict=True))

    def add(self, text: Any, statement: Any, value: str) -> None:
        """Add what one statement has; the same a second time adds nothing."""
        if value not in self.values:
            self.texts.append(text)
            self.links.append(statement)
            self.values.append(value)


@dataclass
class Fact:
    """A row: the fact, what the record has, what each account says, and how they stand to each other."""

    label: str
    cells: list[Cell]
    verdict: str
    value: str = ""


@dataclass
class Group:
    """The facts of one sort."""

    title: str
    facts: list[Fact]


class Comparison:
    """The accounts of a meeting and what they say. ``statements`` come with speakers, topics, mentions and formulas."""

    def __init__(self, meeting: Any, statements: Iterable[Any], footnotes: Footnotes) -> None:
        self.meeting = meeting
        self.footnotes = footnotes
        self.accounts: list[Account] = []
        self._by_channel: dict[int, Account] = {}
        self._by_source: dict[int, Account] = {}
        statements = list(statements)
        for one in statements:
            if one.channel:
                self._channel(one.channel).statements.append(one)
        self._read_sources(statements)
        groups = [
            Group(_("In short"), self._versions()),
            Group(_("The meeting"), self._of_the_meeting()),
            Group(_("Who said what"), self._positions()),
            Group(_("Wording"), [*self._formulas(), *self._quotes()]),
            Group(_("Spoken of"), self._mentions()),
        ]
        self.groups = [one for one in groups if one.facts]

    @property
    def is_worth_showing(self) -> bool:
        """Whether there are two accounts that say anything."""
        return len(self.accounts) > 1

    def count(self, *verdicts: str) -> int:
        """How many facts stand so."""
        return sum(1 for group in self.groups for one in group.facts if one.verdict in verdicts)

    @property
    def agreed(self) -> int:
        """How many facts two accounts give alike."""
        return self.count(AGREED)

    @property
    def only_here(self) -> int:
        """How many facts one account alone gives."""
        return self.count(ONLY)

    @property
    def differing(self) -> int:
        """How many facts accounts give differently."""
        return self.count(APART, CONTRADICTED)

    # The columns

    def _channel(self, channel: Any) -> Account:
        if channel.pk not in self._by_channel:
            self._by_channel[channel.pk] = Account(len(self.accounts) + 1, channel=channel)
            self.accounts.append(self._by_channel[channel.pk])
        return self._by_channel[channel.pk]

    def _read_sources(self, statements: list[Any]) -> None:
        without_channel = {one.pk: one for one in statements if not one.channel}
        for note in self.footnotes.notes:
            publisher = note.source.publisher_actor
            account = self._by_channel.get(publisher.pk) if publisher else None
            told = [without_channel[one.statement_id] for one in note.citations if one.statement_id in without_channel]
            of_meeting = any(one.meeting_id or one.participation_id for one in note.citations)
            if account is None and (told or of_meeting):
                account = Account(len(self.accounts) + 1, source=note.source, note=note.number)
                self.accounts.append(account)
            if account is not None:
                account.note = account.note or note.number
                self._by_source[note.source.pk] = account
                account.statements += [one for one in dict.fromkeys(told) if one not in account.statements]

    # The rows

    def _row(self, label: str, cells: dict[int, Cell], *, value: str = "") -> Fact:
        row = [cells.get(one.number, Cell()) for one in self.accounts]
        return Fact(label, row, _verdict(row), value)

    def _versions(self) -> list[Fact]:
        cells = {}
        for account in self.accounts:
            if account.channel:
                # Who published no version of the whole is known by the first of what it published.
                whole = [one for one in account.statements if one.kind in ACCOUNT_KINDS] or account.statements[:FIRST]
                cells[account.number] = Cell("says")
                for one in whole:
                    cells[account.number].add(one.gist or one.label, one, one.uid)
        if not cells:
            return []
        row = self._row(_("Its version"), cells)
        # Two versions in the editor's words cannot be compared word by word.
        row.verdict = UNTOLD
        return [row]

    def _of_the_meeting(self) -> list[Fact]:
        cited: dict[tuple[Any, str], list[Any]] = {}
        whole: set[int] = set()
        for note in self.footnotes.notes:
            for one in note.citations:
                row = one.participation or (self.meeting if one.meeting_id == self.meeting.pk else None)
                if row is None or one.source_id not in self._by_source:
                    continue
                if row is self.meeting and not one.field and one.verdict == CitationVerdict.SUPPORTS:
                    whole.add(self._by_source[one.source_id].number)
                elif one.field or row is not self.meeting or one.verdict == CitationVerdict.CONTRADICTS:
                    cited.setdefault((row, one.field), []).append(one)
        cited.setdefault((self.meeting, "date"), [])
        facts = []
        order = ["", *CITABLE_FIELDS["meeting"], *CITABLE_FIELDS["participation"]]
        rows = sorted(cited, key=lambda one: (one[0] != self.meeting, one[0].pk, order.index(one[1])))
        for row, name in rows:
            citations = cited[row, name]
            cells = {number: Cell("whole") for number in whole} if row == self.meeting else {}
            for one in citations:
                account = self._by_source[one.source_id]
                cells[account.number] = self._cell_of(one, cells.get(account.number))
            facts.append(self._row(_label(row, name), cells, value=_value(row, name)))
        return facts

    def _cell_of(self, citation: Any, before: Cell | None) -> Cell:
        number = next((note.number for note in self.footnotes.notes if note.source.pk == citation.source_id), 0)
        if citation.verdict == CitationVerdict.CONTRADICTS:
            texts = [value_in_words(citation) or citation.note]
            return Cell("differs", (before.texts if before and before.state == "differs" else []) + texts, note=number)
        if before and before.state == "differs":
            return before
        return Cell("same" if citation.verdict == CitationVerdict.SUPPORTS else "mentions", note=number)

    def _positions(self) -> list[Fact]:
        found: dict[tuple[str, str], dict[int, Cell]] = {}
        labels: dict[tuple[str, str], str] = {}
        for account in self.accounts:
            for statement in account.statements:
                for author in _authors(statement):
                    for link in statement.topic_links.all():
                        key = (str(author), link.topic.name)
                        labels[key] = _("%(author)s on %(topic)s") % {"author": author, "topic": link.topic.name}
                        cell = found.setdefault(key, {}).setdefault(account.number, Cell("says"))
                        words = link.get_stance_display() if link.stance else _("raises it")
                        cell.add(words, statement, link.stance)
        return [self._row(labels[key], cells) for key, cells in sorted(found.items())]

    def _formulas(self) -> list[Fact]:
        found: dict[str, dict[int, Cell]] = {}
        for account in self.accounts:
            for statement in account.statements:
                for use in statement.formula_uses.all():
                    cells = found.setdefault(use.formula.name, {})
                    cell = cells.setdefault(account.number, Cell("says"))
                    cell.add(use.wording or use.formula.name, statement, use.wording)
        facts = []
        for name, cells in sorted(found.items()):
            row = self._row(_("the set phrase “%(phrase)s”") % {"phrase": name}, cells)
            # A phrase worded otherwise, or in another language, is the same phrase.
            row.verdict = AGREED if len(cells) > 1 else ONLY
            facts.append(row)
        return facts

    def _quotes(self) -> list[Fact]:
        cells: dict[int, Cell] = {}
        for account in self.accounts:
            for statement in account.statements:
                for name in ("", "text", "gist"):
                    for _number, citation in self.footnotes.quotes(statement, name):
                        cell = cells.setdefault(account.number, Cell("says"))
                        cell.add(_("“%(quote)s”") % {"quote": citation.quote}, statement, citation.quote)
        if not cells:
            return []
        row = self._row(_("Quoted in so many words"), cells)
        row.verdict = UNTOLD
        return [row]

    def _mentions(self) -> list[Fact]:
        found: dict[str, dict[int, Cell]] = {}
        for account in self.accounts:
            for statement in account.statements:
                for one in statement.mentions.all():
                    cells = found.setdefault(one.actor.name, {})
                    cells.setdefault(account.number, Cell("says")).add(_("spoken of"), statement, "")
        return [self._row(name, cells) for name, cells in sorted(found.items())]


def _authors(statement: Any) -> list[Any]:
    """Those whose words it tells; the ones who issued it where it tells nobody else's."""
    speakers = list(statement.speakers.all())
    return [one for one in speakers if one.role not in ISSUERS] or speakers


def _verdict(cells: list[Cell]) -> str:
    if any(one.state == "differs" for one in cells):
        return CONTRADICTED
    telling = [one for one in cells if one.state in ("says", "same", "whole")]
    if len(telling) < 2:
        return ONLY if telling else UNTOLD
    said = {frozenset(one.values) for one in telling if one.state == "says"}
    if len(said) < 2:
        return AGREED
    for some, others in combinations(said, 2):
        if any((one in some and other in others) or (other in some and one in others) for one, other in AGAINST):
            return CONTRADICTED
    return APART


def _label(row: Any, name: str) -> str:
    field = row._meta.get_field(name) if name else None
    words = str(getattr(field, "verbose_name", None) or field.related_model._meta.verbose_name_plural) if field else ""
    if hasattr(row, "attendance"):
        return _("%(who)s: %(fact)s") % {"who": row, "fact": words or _("took part")}
    return words or _("the record as a whole")


def _value(row: Any, name: str) -> str:
    """What the record has, in words; nothing for what is a list on its page."""
    if not name or row._meta.get_field(name).many_to_many or row._meta.get_field(name).one_to_many:
        return ""
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    return str(getattr(value, "text", None) or value or "")
