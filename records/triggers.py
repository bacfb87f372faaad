"""Database triggers that keep the promises of `records.models` for admin, API, imports, shell and raw SQL alike.

Errors raised here carry SQLSTATE 23514 (check violation) and a constraint name, so Django reports an ``IntegrityError``
as it does for a check constraint.
"""
# ruff: noqa: S608 (the SQL is put together from names of our own models)

from collections.abc import Iterator
from typing import Any

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

# Who acts: put there by `records.context` through django-pghistory, for the length of the transaction.
ACTING_USER = "(NULLIF(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::integer"


def _quoted(text: str) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def refusal(*, name: str, message: str) -> str:
    """The PL/pgSQL statement that refuses a write as the constraint ``name`` with ``message``."""
    said = f"CONSTRAINT = {_quoted(name)}, MESSAGE = {_quoted(message)}"
    return f"RAISE EXCEPTION USING ERRCODE = 'check_violation', {said};"


class EnterIdentity(pgtrigger.Trigger):
    """Start a record at version 1, note who made it, and register its id; an id that was ever used is refused.

    One door leads back: while the setting ``readout.restoring`` names the id, the row that the history last saw
    deleted under that id and key may return. It goes on counting versions and keeps who made it, and when.
    """

    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("returns", "boolean"), ("last", "record")]

    def get_func(self, model: Any) -> str:
        return f"""
            IF current_setting('readout.restoring', true) = NEW.uid THEN
                SELECT * INTO last FROM {model._meta.db_table}event
                WHERE pgh_obj_id = NEW.id ORDER BY pgh_id DESC LIMIT 1;
                returns := FOUND AND last.pgh_label = 'delete' AND last.uid = NEW.uid;
            END IF;
            IF returns THEN
                NEW.version := last.version + 1;
                NEW.created_at := last.created_at;
                NEW.created_by_id := (SELECT id FROM {_user_table()} WHERE id = last.created_by_id);
                NEW.updated_by_id := COALESCE({ACTING_USER}, NEW.created_by_id);
            ELSE
                INSERT INTO records_registeredid (uid, kind, registered_at)
                VALUES (NEW.uid, {_quoted(model._meta.label_lower)}, clock_timestamp());
                NEW.version := 1;
                NEW.created_by_id := COALESCE({ACTING_USER}, NEW.created_by_id);
                NEW.updated_by_id := NEW.created_by_id;
            END IF;
            NEW.version_xid := pg_current_xact_id()::text::bigint;
            NEW.updated_at := clock_timestamp();
            {_stamp_publication(model)}
            RETURN NEW;
        """


def _user_table() -> str:
    return str(apps.get_model(settings.AUTH_USER_MODEL)._meta.db_table)


class KeepIdentity(pgtrigger.Trigger):
    """Raise the version at each update, note who made it, and refuse a changed id."""

    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        changed = refusal(name="uid_is_immutable", message="The public id of a record never changes.")
        return f"""
            IF NEW.uid IS DISTINCT FROM OLD.uid THEN {changed} END IF;
            NEW.version := OLD.version + 1;
            NEW.version_xid := pg_current_xact_id()::text::bigint;
            NEW.created_at := OLD.created_at;
            NEW.created_by_id := OLD.created_by_id;
            NEW.updated_at := clock_timestamp();
            NEW.updated_by_id := COALESCE({ACTING_USER}, NEW.updated_by_id);
            {_stamp_publication(model)}
            RETURN NEW;
        """


def _stamp_publication(model: type[models.Model]) -> str:
    if not any(field.name == "published_at" for field in model._meta.fields):
        return ""
    return "IF NEW.state = 'published' AND NEW.published_at IS NULL THEN NEW.published_at := clock_timestamp(); END IF;"


class NoteChange(pgtrigger.Trigger):
    """Note that a record was added, changed or deleted, for those who follow: see `records.changes`.

    ``is_shown`` is false when nothing changed that other records show of it: its workflow state, or a field named in
    ``shown``. A version that rises because of a part of the record is no reason.
    """

    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def __init__(self, *, shown: tuple[str, ...], **kwargs: Any) -> None:
        self.shown = shown
        super().__init__(name="note_change", **kwargs)

    def get_declare(self, model: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("changed", "record"), ("first", "boolean"), ("shown", "boolean")]

    def get_func(self, model: Any) -> str:
        has_state = any(field.name == "published_at" for field in model._meta.fields)
        names = (*(("state", "merged_into") if has_state else ()), *self.shown)
        columns = [_column(model, name) for name in names]
        was, now = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
        first = "(NEW.state = 'published' AND OLD.published_at IS NULL)" if has_state else "false"
        added = "(NEW.state = 'published')" if has_state else "true"
        return f"""
            IF TG_OP = 'UPDATE' THEN
                changed := NEW;
                first := {first};
                shown := ({was}) IS DISTINCT FROM ({now});
            ELSIF TG_OP = 'INSERT' THEN
                changed := NEW;
                first := {added};
                shown := true;
            ELSE
                changed := OLD;
                first := false;
                shown := true;
            END IF;
            INSERT INTO records_change (xid, kind, key, uid, is_first, is_shown)
            VALUES (
                pg_current_xact_id()::text::bigint, {_quoted(model._meta.label_lower)}, changed.id, changed.uid,
                first, shown
            );
            RETURN NULL;
        """


class NoteListed(pgtrigger.Trigger):
    """Note a change of the record at a link when a row begins or ceases to point there, since it lists such rows.

    What else changes in the row concerns the record too: whoever reads the changes finds that by the link itself.
    """

    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def __init__(self, *, link: str, **kwargs: Any) -> None:
        self.link = link
        super().__init__(name=f"note_listed_at_{link}", **kwargs)

    def get_func(self, model: Any) -> str:
        field: Any = model._meta.get_field(self.link)
        record: Any = field.related_model._meta
        statement = f"""
            INSERT INTO records_change (xid, kind, key, uid, is_first, is_shown)
            SELECT pg_current_xact_id()::text::bigint, {_quoted(record.label_lower)}, id, uid, false, false
            FROM {record.db_table} WHERE id = %s.{field.column};
        """
        return f"""
            IF TG_OP = 'UPDATE' AND OLD.{field.column} IS NOT DISTINCT FROM NEW.{field.column} THEN
                RETURN NULL;
            END IF;
            IF TG_OP <> 'INSERT' AND OLD.{field.column} IS NOT NULL THEN {statement % "OLD"} END IF;
            IF TG_OP <> 'DELETE' AND NEW.{field.column} IS NOT NULL THEN {statement % "NEW"} END IF;
            RETURN NULL;
        """


class RaiseOwnerVersion(pgtrigger.Trigger):
    """Raise the version of the record that a row is part of, once per transaction however many of its rows change.

    ``path`` is a chain of foreign keys from the row to the record, as in a Django lookup: ``participation__meeting``.
    """

    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def __init__(self, *, path: str, **kwargs: Any) -> None:
        self.path = path
        super().__init__(name=f"raise_{path}_version", **kwargs)

    def get_func(self, model: Any) -> str:
        old, owner = _value_at(model, self.path, "OLD")
        new, _owner = _value_at(model, self.path, "NEW")
        statement = (
            f"UPDATE {owner._meta.db_table} SET updated_at = clock_timestamp() WHERE id = %s "
            "AND version_xid IS DISTINCT FROM pg_current_xact_id()::text::bigint;"
        )
        return f"""
            IF TG_OP <> 'INSERT' THEN {statement % old} END IF;
            IF TG_OP <> 'DELETE' THEN {statement % new} END IF;
            RETURN NULL;
        """


class NoCycle(pgtrigger.Trigger):
    """Refuse a link to a record that already lies below this one: a tree has no circles.

    A lock per table makes two crossing moves at the same time wait for each other.
    """

    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def __init__(self, *, field: str, message: Any, **kwargs: Any) -> None:
        self.field = field
        self.message = message
        super().__init__(name=f"no_{field}_cycle", **kwargs)

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        column = model._meta.get_field(self.field).column
        return f"""
            IF NEW.{column} IS NULL OR (TG_OP = 'UPDATE' AND NEW.{column} IS NOT DISTINCT FROM OLD.{column}) THEN
                RETURN NEW;
            END IF;
            PERFORM pg_advisory_xact_lock(hashtext({_quoted(f"{table}.{column}")}));
            IF EXISTS (
                WITH RECURSIVE above(id) AS (
                    SELECT NEW.{column}
                    UNION
                    SELECT parent.{column} FROM {table} parent JOIN above ON parent.id = above.id
                    WHERE parent.{column} IS NOT NULL
                )
                SELECT 1 FROM above WHERE above.id = NEW.id
            ) THEN {refusal(name=f"{table}_{self.field}_no_cycle", message=self.message)} END IF;
            RETURN NEW;
        """


class RequireKind(pgtrigger.Trigger):
    """Refuse a foreign key to a row whose ``kind`` is not one of ``kinds``."""

    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def __init__(self, *, field: str, kinds: tuple[str, ...], message: Any, **kwargs: Any) -> None:
        self.field = field
        self.kinds = kinds
        self.message = message
        super().__init__(name=f"{field}_kind", **kwargs)

    def get_func(self, model: Any) -> str:
        link = model._meta.get_field(self.field)
        target: Any = link.related_model
        allowed = ", ".join(_quoted(kind) for kind in self.kinds)
        return f"""
            IF NEW.{link.column} IS NOT NULL AND EXISTS (
                SELECT 1 FROM {target._meta.db_table} WHERE id = NEW.{link.column} AND kind NOT IN ({allowed})
            ) THEN {refusal(name=f"{model._meta.db_table}_{self.field}_kind", message=self.message)} END IF;
            RETURN NEW;
        """

    @property
    def reverse_message(self) -> str:
        """What the row pointed at is told when it wants to become another kind."""
        return _("Other records rely on the kind of this one; change those first. %(rule)s") % {"rule": self.message}


class RequireSame(pgtrigger.Trigger):
    """Refuse a row whose links ``left`` and ``right`` (lookups such as ``tenure__person``) lead to different rows.

    Nothing is refused while ``left`` is not set. ``field`` is the form field that gets the message.
    """

    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def __init__(self, *, field: str, left: str, right: str, message: Any, **kwargs: Any) -> None:
        self.field = field
        self.left = left
        self.right = right
        self.message = message
        super().__init__(name=f"same_{field}", **kwargs)

    def get_func(self, model: Any) -> str:
        left, right = (_value_at(model, path, "NEW")[0] for path in (self.left, self.right))
        return f"""
            IF {left} IS DISTINCT FROM {right} AND {left} IS NOT NULL THEN
                {refusal(name=f"{model._meta.db_table}_{self.field}_same", message=self.message)}
            END IF;
            RETURN NEW;
        """


class KeepKind(pgtrigger.Trigger):
    """Refuse a change of ``kind`` while rows point here whose `RequireKind` needs the old one."""

    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        checks = "".join(
            f"""
            IF NEW.kind NOT IN ({", ".join(_quoted(kind) for kind in rule.kinds)}) AND EXISTS (
                SELECT 1 FROM {referrer._meta.db_table}
                WHERE {_column(referrer, rule.field)} = NEW.id
            ) THEN {refusal(name=f"{model._meta.db_table}_kind_is_relied_on", message=rule.reverse_message)} END IF;
            """
            for referrer, rule in kinds_relied_on(model)
        )
        return f"IF NEW.kind IS DISTINCT FROM OLD.kind THEN {checks} END IF; RETURN NEW;"


class KeepSame(pgtrigger.Trigger):
    """Refuse, at the end of the transaction, a row changed so that a `RequireSame` of rows pointing here fails.

    At the end, because the rows pointing here may be changed after this one.
    """

    when = pgtrigger.After
    operation = pgtrigger.Update
    timing = pgtrigger.Deferred

    def get_func(self, model: Any) -> str:
        checks = ""
        for referrer, rule, link in sameness_relied_on(model):
            left, right = (_value_at(referrer, path, "referrer")[0] for path in (rule.left, rule.right))
            refused = refusal(name=f"{referrer._meta.db_table}_{rule.field}_same", message=rule.message)
            checks += f"""
                IF EXISTS (
                    SELECT 1 FROM {referrer._meta.db_table} referrer
                    WHERE referrer.{link} = NEW.id AND {left} IS NOT NULL AND {left} IS DISTINCT FROM {right}
                ) THEN {refused} END IF;
            """
        return f"{checks} RETURN NULL;"


def kinds_relied_on(model: type[models.Model]) -> Iterator[tuple[type[models.Model], RequireKind]]:
    """The models whose rows need a certain kind of ``model``, each with its rule."""
    for referrer in apps.get_models():
        for rule in rules_of(referrer):
            if isinstance(rule, RequireKind):
                target: Any = referrer._meta.get_field(rule.field).related_model
                if target._meta.label == model._meta.label:
                    yield referrer, rule


def sameness_relied_on(model: type[models.Model]) -> Iterator[tuple[type[models.Model], RequireSame, str]]:
    """The models with a `RequireSame` that reads rows of ``model``, each with its rule and the column leading here."""
    for referrer in apps.get_models():
        for rule in rules_of(referrer):
            if isinstance(rule, RequireSame):
                for path in (rule.left, rule.right):
                    link: Any = referrer._meta.get_field(path.split("__")[0])
                    if "__" in path and link.related_model._meta.label == model._meta.label:
                        yield referrer, rule, link.column


def _column(model: Any, field: str) -> str:
    return str(model._meta.get_field(field).column)


def _value_at(model: type[models.Model], path: str, row: str) -> tuple[str, Any]:
    """The SQL of the key at the end of a chain of foreign keys that starts at ``row``, and the model it is a key of."""
    first, *rest = path.split("__")
    field: Any = model._meta.get_field(first)
    value, owner = f"{row}.{field.column}", field.related_model
    for step in rest:
        link = owner._meta.get_field(step)
        value = f"(SELECT {link.column} FROM {owner._meta.db_table} WHERE id = {value})"
        owner = link.related_model
    return value, owner


def rules_of(model: type[models.Model]) -> Iterator[NoCycle | RequireKind | RequireSame]:
    """The trigger rules declared on a model, for `records.models.RuledModel.clean` to say before the database."""
    for trigger in getattr(model._meta, "triggers", ()):
        if isinstance(trigger, NoCycle | RequireKind | RequireSame):
            yield trigger


def install_triggers(app_label: str) -> Any:
    """A migration function that installs the triggers of all models of an app as the migration state has them.

    The first migration of an app creates its tables complete, with indexes and constraints; one operation for each of
    these would render the whole state anew each time, and take a minute instead of seconds.
    """

    def install(apps: Any, schema_editor: Any) -> None:
        for model in apps.get_app_config(app_label).get_models():
            for trigger in model._meta.triggers:
                schema_editor.execute(trigger.install_sql, params=None)

    return install
