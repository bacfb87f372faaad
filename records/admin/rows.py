"""Many rows on one form, checked and saved with a constant number of queries.

Django asks the database several times for each row: what each key stands for, whether each constraint holds, and to
save it. Here a formset asks once for all of its rows, and says and saves the same. Change history, versions and rules
are kept by triggers, row by row, however the rows are written.
"""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.utils import NestedObjects
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import router
from django.forms.models import BaseInlineFormSet, InlineForeignKeyField, construct_instance

from records.admin.constraints import Asked, broken_constraints

LARGEST_KEY = 2**63 - 1

Known = Callable[[], dict[Any, Any]]


class _KnownChoice:
    """What single and multiple choice share: ``known`` gives the rows that may be chosen, by their keys.

    It must hold every row of the field's queryset that the forms were sent. Without it the database is asked.
    """

    known: Known | None = None
    queryset: Any
    error_messages: Any
    validate_no_null_characters: Any

    def _chosen(self, value: Any) -> Any:
        """The row with this key, or ``None``. Raises ``ValueError`` or ``TypeError`` for what is no key."""
        return self.known().get(key_of(self.queryset.model, value)) if self.known is not None else None


def key_of(model: Any, value: Any) -> Any:
    """The key that was sent. Raises ``ValueError`` or ``TypeError`` for what cannot be one."""
    if isinstance(value, model):
        return value.pk
    try:
        return model._meta.pk.to_python(value)
    except ValidationError as refused:
        raise ValueError(value) from refused


class KnownChoiceField(_KnownChoice, forms.ModelChoiceField):
    """One row out of many; see `RowFormSet`."""

    def to_python(self, value: Any) -> Any:
        by_key = self.to_field_name in {None, self.queryset.model._meta.pk.name}
        if self.known is None or not by_key or value in self.empty_values:
            return super().to_python(value)
        self.validate_no_null_characters(value)
        try:
            chosen = self._chosen(value)
        except (ValueError, TypeError):
            chosen = None
        if chosen is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})
        return chosen


class KnownMultipleChoiceField(_KnownChoice, forms.ModelMultipleChoiceField):
    """Several rows out of many; cleans to a list where the rows are known."""

    def _check_values(self, value: Any) -> Any:
        if self.known is None:
            return super()._check_values(value)
        chosen = {}
        for one in value:
            self.validate_no_null_characters(one)
            try:
                row = self._chosen(one)
            except (ValueError, TypeError):
                raise ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": one}
                ) from None
            if row is None:
                raise ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": one}
                )
            chosen[row.pk] = row
        return list(chosen.values())


class AskingForm(forms.ModelForm):
    """A form whose constraints are asked with one query, together with those of the other forms of its formset.

    ``linked`` names the fields that are no columns but rows of a relation: ``{"offices": "tenures"}``.
    """

    linked: ClassVar[dict[str, str]] = {}
    #: Whether somebody else asks the database, by `refuse_broken`.
    in_batch = False
    #: What the constraints must not look at; ``None`` while there is nothing to ask.
    unasked: frozenset[str] | None = None

    def _post_clean(self) -> None:
        form: Any = self
        exclude = form._get_validation_exclusions()
        # As Django does it: the record that the row is part of may not be saved yet.
        exclude |= {name for name, field in self.fields.items() if isinstance(field, InlineForeignKeyField)}
        # Looking for what a link leads to would be a query for each; the field found it a moment ago.
        found = {name for name, field in self.fields.items() if isinstance(field, _KnownChoice)}
        errors: dict[str, Any] = {}
        try:
            self.instance = construct_instance(self, self.instance, form._meta.fields, form._meta.exclude)
        except ValidationError as refused:
            form._update_errors(refused)
        for check in (lambda: self.instance.clean_fields(exclude=exclude | found), self.instance.clean):
            try:
                check()
            except ValidationError as refused:
                errors = refused.update_error_dict(errors)
        self.unasked = frozenset(exclude | (errors.keys() - {NON_FIELD_ERRORS}))
        if errors:
            form._update_errors(ValidationError(errors))
        if not self.in_batch:
            refuse_broken([self])
        if form._validate_unique:
            self.validate_unique()


def refuse_broken(asking: Iterable[AskingForm], *, gone: Iterable[int] = ()) -> None:
    """Tell each form which constraints of the database its row would break; one query for all. See `Asked`."""
    asking = [form for form in asking if form.unasked is not None]
    if not asking:
        return
    rows = [Asked(form.instance, form.unasked or frozenset()) for form in asking]
    for form, said in zip(asking, broken_constraints(type(asking[0].instance), rows, gone=list(gone)), strict=True):
        errors: dict[str, Any] = {}
        for refused in said:
            errors = (refused if isinstance(refused, ValidationError) else ValidationError(refused)).update_error_dict(
                errors
            )
        if errors:
            form._update_errors(ValidationError(errors))  # type: ignore[attr-defined]


class RowFormSet(BaseInlineFormSet):
    """The rows of a record: a constant number of queries to check them, and to save them, however many there are.

    ``related`` are the links that the names of the rows follow. Rows that did not change cost nothing.
    """

    related: tuple[str, ...] = ()

    model: Any
    form: Any
    forms: Any
    initial_forms: Any
    extra_forms: Any
    _should_delete_form: Callable[[Any], bool]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._known: dict[str, dict[Any, Any]] = {}
        self._before: dict[Any, dict[str, Any]] = {}
        super().__init__(*args, **kwargs)

    # Reading what was sent

    def _existing_object(self, pk: Any) -> Any:
        row = super()._existing_object(pk)
        if row is not None and pk not in self._before:
            self._before[pk] = _columns_of(row)
        return row

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)
        form.in_batch = True
        # Whatever asks for the record of a row shall have it.
        setattr(form.instance, self.fk.name, self.instance)
        return form

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        key = self.model._meta.pk.name
        given = form.fields.get(key)
        if isinstance(given, forms.ModelChoiceField):
            form.fields[key] = KnownChoiceField(
                given.queryset, initial=given.initial, required=given.required, widget=given.widget
            )
        if not self.is_bound:
            return
        for name, field in form.fields.items():
            if isinstance(field, _KnownChoice):
                field.known = lambda name=name: self._rows_of(name)

    def _rows_of(self, name: str) -> dict[Any, Any]:
        """All that was chosen in the field ``name`` of any row, by its key; one query for the first who asks."""
        if name not in self._known:
            asking = [form for form in self.forms if name in form.fields]
            queryset = asking[0].fields[name].queryset
            own = getattr(self, "_object_dict", {}) if name == self.model._meta.pk.name else {}
            keys = _keys(queryset.model, (form[name].data for form in asking)) - own.keys()
            if keys and (along := self._read_along(name)):
                queryset = queryset.select_related(*along)
            self._known[name] = {**own, **({row.pk: row for row in queryset.filter(pk__in=keys)} if keys else {})}
        return self._known[name]

    def _read_along(self, name: str) -> list[str]:
        return [path.removeprefix(f"{name}__") for path in self.related if path.startswith(f"{name}__")]

    # Checking

    def clean(self) -> None:
        deleted = [form for form in self.initial_forms if self._is_deleted(form)]
        self._refuse_deletions(deleted)
        refuse_broken(
            (form for form in self.forms if form.has_changed() and not self._is_deleted(form)),
            gone=[form.instance.pk for form in deleted if form.instance.pk is not None],
        )
        super().clean()

    def _is_deleted(self, form: Any) -> bool:
        return bool(self.can_delete and self._should_delete_form(form))

    def _refuse_deletions(self, deleted: list[Any]) -> None:
        """Ask once whether anything stands in the way of all deletions; only then each row is asked, to be named."""
        rows = [form.instance for form in deleted if not form.instance._state.adding]
        if not rows:
            return
        collector = NestedObjects(using=router.db_for_write(self.model))
        collector.collect(rows)
        if not collector.protected:
            for form in deleted:
                # The admin's own way to ask, a few queries for each row.
                form.hand_clean_DELETE = lambda: None

    # Saving

    def save(self, commit: bool = True) -> list[Any]:
        """As Django's. Deletions come first, then changes, then new rows."""
        if not commit:
            return super().save(commit=False)
        standing = [form for form in self.initial_forms if form.instance.pk and not form.instance._state.adding]
        deleted = [form for form in standing if self._is_deleted(form)]
        changed = [form for form in standing if not self._is_deleted(form) and form.has_changed()]
        added = [form for form in self.extra_forms if form.has_changed() and not self._is_deleted(form)]

        self.deleted_objects = [form.instance for form in deleted]
        if deleted:
            self.model._default_manager.filter(pk__in=[row.pk for row in self.deleted_objects]).delete()
        self.changed_objects = [(form.instance, form.changed_data) for form in changed]
        self._update([form.instance for form in changed])
        self.new_objects = [self.save_new(form, commit=False) for form in added]
        if added:
            self.model._default_manager.bulk_create(self.new_objects)
        for form in (*changed, *added):
            form._save_m2m()
        self._link([*changed, *added])
        return [*(row for row, _names in self.changed_objects), *self.new_objects]

    def _update(self, rows: list[Any]) -> None:
        differing: dict[str, None] = {}
        touched = []
        for row in rows:
            now, before = _columns_of(row), self._before.get(row.pk, {})
            names = [name for name, value in now.items() if name not in before or before[name] != value]
            if names:
                touched.append(row)
                differing.update(dict.fromkeys(names))
        if touched and self.model._default_manager.bulk_update(touched, list(differing)) != len(touched):
            # One is gone, together with what it was about: let the database say what is wrong with saving it.
            for row in touched:
                row.save()

    def _link(self, saved: list[Any]) -> None:
        """Write the rows behind the fields in ``linked`` of the forms: at most three queries for each."""
        for name, link in getattr(self.form, "linked", {}).items():
            asking = [form for form in saved if name in form.changed_data]
            if not asking:
                continue
            relation: Any = self.model._meta.get_field(link)
            through = relation.remote_field.through
            own, other = f"{relation.m2m_field_name()}_id", f"{relation.m2m_reverse_field_name()}_id"
            owners = [form.instance.pk for form in asking]
            standing = through._default_manager.filter(**{f"{own}__in": owners}).order_by()
            held = {(owner, chosen): key for key, owner, chosen in standing.values_list("pk", own, other)}
            wanted = [(form.instance.pk, chosen.pk) for form in asking for chosen in form.cleaned_data[name]]
            if gone := [key for pair, key in held.items() if pair not in set(wanted)]:
                through._default_manager.filter(pk__in=gone).delete()
            missing = [pair for pair in wanted if pair not in held]
            if missing:
                through._default_manager.bulk_create(through(**{own: owner, other: one}) for owner, one in missing)


def _columns_of(row: Any) -> dict[str, Any]:
    """The values of all columns that can be written, by field name."""
    return {
        field.name: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.generated and not field.primary_key
    }


def _keys(model: Any, sent: Iterable[Any]) -> set[Any]:
    """What can be a key among the values of a field."""
    keys = set()
    for value in sent:
        for one in value if isinstance(value, list | tuple) else [value]:
            try:
                key = key_of(model, one)
            except (ValueError, TypeError):
                continue
            # No row has a key that the column cannot hold; the database would refuse to compare it.
            if key is not None and not (isinstance(key, int) and abs(key) > LARGEST_KEY):
                keys.add(key)
    return keys
