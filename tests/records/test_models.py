import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import NON_FIELD_ERRORS as ROW
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from actors.models import Actor, ActorName, Membership, Office, Tenure
from events.models import Formula, Meeting, Place, Series, Source, Statement, Topic
from exchange.models import ImportedRecord
from partialdates.fields import PartialDateField
from records.models import Assignment, Comment, Identified, Mention, Record, Redirect, Review, SavedView
from records.triggers import rules_of
from tests import factories
from tests.actors.test_models import REFUSALS as ACTOR_REFUSALS
from tests.events.test_models import REFUSALS as MEETING_REFUSALS
from tests.events.test_statement_models import REFUSALS as STATEMENT_REFUSALS
from tests.events.test_warnings import REFUSALS as WARNING_REFUSALS
from tests.readers.test_hook_models import REFUSALS as HOOK_REFUSALS
from tests.readers.test_models import REFUSALS as READER_REFUSALS
from tests.readers.test_tokens import REFUSALS as TOKEN_REFUSALS
from tests.refusals import Refusal, database_says, form_says, models_of_ours, rules_and_constraints

OURS = models_of_ours()
FACTORIES = {
    Actor: factories.PersonFactory,
    ActorName: factories.ActorNameFactory,
    Formula: factories.FormulaFactory,
    Meeting: factories.MeetingFactory,
    Membership: factories.MembershipFactory,
    Office: factories.OfficeFactory,
    Place: factories.PlaceFactory,
    Series: factories.SeriesFactory,
    Source: factories.SourceFactory,
    Statement: factories.StatementFactory,
    Tenure: factories.TenureFactory,
    Topic: factories.TopicFactory,
}
RECORDS = [model for model in OURS if issubclass(model, Record)]
DATES = [
    (model, field.name) for model in OURS for field in model._meta.local_fields if isinstance(field, PartialDateField)
]


def prefix(model):
    return f"{model._meta.app_label}_{model._meta.model_name}"


def withdrawn_without_reason(model):
    row = FACTORIES[model]()
    row.state = "withdrawn"
    return row


def merged_into_itself(model):
    row = FACTORIES[model]()
    row.merged_into = row
    return row


def in_no_known_state(model):
    row = FACTORIES[model]()
    row.state = "lost"
    return row


def imported_twice():
    values = {"dataset": "starter", "kind": "meeting", "key": "2023-02-21-moscow-wang-patrushev"}
    ImportedRecord.objects.create(**values, uid="0123456789", checksum="a", version=1)
    return ImportedRecord(**values, uid="0123456789", checksum="b", version=2)


def user(name="editor"):
    return get_user_model().objects.create_user(name)


def comment_without_text():
    return Comment(record_id=factories.PersonFactory().uid, author=user(), text="")


def mentioned_twice():
    comment = Comment.objects.create(record_id=factories.PersonFactory().uid, author=user(), text="Who, @reviewer?")
    mention = Mention.objects.create(comment=comment, user=user("reviewer"))
    return Mention(comment=comment, user=mention.user)


def assigned_twice():
    uid = factories.PersonFactory().uid
    Assignment.objects.create(record_id=uid, user=user())
    return Assignment(record_id=uid, user=user("reviewer"))


def reviewed_twice():
    uid = factories.PersonFactory().uid
    Review.objects.create(record_id=uid, version=1, reviewer=user())
    return Review(record_id=uid, version=1, reviewer=user("reviewer"))


def view_named_twice():
    editor = user()
    SavedView.objects.create(user=editor, list="actors.actor", name="Drafts")
    return SavedView(user=editor, list="actors.actor", name="Drafts")


def redirect_to_itself():
    uid = factories.PersonFactory().uid
    return Redirect(old_id=uid, into_id=uid)


REFUSALS = [
    Refusal(Redirect, "redirect_leads_elsewhere", redirect_to_itself, {ROW: ["An address cannot lead to itself."]}),
    Refusal(
        SavedView,
        "saved_view_name_once_per_list",
        view_named_twice,
        {ROW: ["You have a view of this name already. Choose another name."]},
    ),
    Refusal(
        SavedView,
        "saved_view_has_name",
        lambda: SavedView(user=user(), list="actors.actor", name=""),
        {"name": ["This field cannot be blank."]},
    ),
    Refusal(
        ImportedRecord,
        "imported_once_per_data_set",
        imported_twice,
        {ROW: ["Imported record with this Data set, Kind and Key in the data set already exists."]},
    ),
    Refusal(
        Comment,
        "comment_has_text",
        comment_without_text,
        {"text": ["This field cannot be blank."]},
    ),
    Refusal(
        Mention, "mentioned_once_in_a_comment", mentioned_twice, {ROW: ["The comment mentions this person already."]}
    ),
    Refusal(
        Assignment,
        "one_assignment_of_a_record",
        assigned_twice,
        {ROW: ["Somebody is in charge of this record already."]},
    ),
    Refusal(Review, "one_review_of_a_version", reviewed_twice, {ROW: ["This version was reviewed already."]}),
    *(
        refusal
        for model in RECORDS
        for refusal in (
            Refusal(
                model,
                f"{prefix(model)}_withdrawn_has_reason",
                lambda model=model: withdrawn_without_reason(model),
                {ROW: ["Say why the record is withdrawn: readers who open its address will see the reason."]},
            ),
            Refusal(
                model,
                f"{prefix(model)}_state_is_known",
                lambda model=model: in_no_known_state(model),
                {ROW: ["The workflow state must be draft, in review, published or withdrawn."]},
            ),
        )
    ),
]
ALL_REFUSALS = [
    *REFUSALS,
    *ACTOR_REFUSALS,
    *MEETING_REFUSALS,
    *STATEMENT_REFUSALS,
    *WARNING_REFUSALS,
    *READER_REFUSALS,
    *TOKEN_REFUSALS,
    *HOOK_REFUSALS,
]
MERGED_INTO_ITSELF = "A record cannot be merged into itself. Choose another survivor."
MERGED_IN_A_CIRCLE = "A record cannot be merged in a circle. Choose another survivor."


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_form_refuses_with_words_for_the_editor(refusal):
    assert form_says(refusal.build()) == refusal.says


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_database_refuses_what_no_form_has_seen(refusal):
    assert database_says(refusal.build()) == refusal.name


@pytest.mark.django_db
@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_record_is_not_merged_into_itself(model):
    # In form and database, the rule against circles speaks before the constraint does.
    assert form_says(merged_into_itself(model)) == {"merged_into": [MERGED_IN_A_CIRCLE]}
    assert database_says(merged_into_itself(model)) == f"{prefix(model)}_merged_into_no_cycle"


@pytest.mark.django_db
@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_check_against_a_merge_into_itself_holds_also_without_the_trigger(model):
    row = merged_into_itself(model)
    with pytest.raises(ValidationError) as refused:
        row.validate_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending checks cannot be altered
        cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")

    assert refused.value.message_dict == {ROW: [MERGED_INTO_ITSELF]}
    assert database_says(row) == f"{prefix(model)}_not_merged_into_itself"


@pytest.mark.django_db
@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_record_is_not_merged_in_a_circle(model):
    survivor, merged = FACTORIES[model](), FACTORIES[model]()
    merged.merged_into = survivor
    merged.save()
    survivor.merged_into = merged

    assert form_says(survivor) == {"merged_into": [MERGED_IN_A_CIRCLE]}
    assert database_says(survivor) == f"{prefix(model)}_merged_into_no_cycle"


DAYS = {
    "outer_follows_text": "{date}_outer = NULL, {date}_core = NULL",
    "core_within_outer": "{date}_core = '[1900-01-01,1900-01-02)'",
    "has_days": "{date}_core = 'empty'",
}


@pytest.mark.django_db
@pytest.mark.parametrize("rule", DAYS)
@pytest.mark.parametrize(("model", "date"), DATES, ids=lambda value: getattr(value, "__name__", value))
def test_database_refuses_days_that_do_not_fit_the_text_of_a_date(model, date, rule):
    row = FACTORIES[model](**{date: "2023-02-21"})

    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET {DAYS[rule].format(date=date)} WHERE id = %s", [row.pk])

    assert refused.value.__cause__.diag.constraint_name in date_rules(model, date, rule)


def date_rules(model, date, rule):
    return {name for name in rules_and_constraints(model) if name.endswith(f"{date}_{rule}")}


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "date"), DATES, ids=lambda value: getattr(value, "__name__", value))
def test_form_refuses_a_date_that_cannot_be_read(model, date):
    row = FACTORIES[model]()
    setattr(row, date, "sometime in spring")

    assert list(form_says(row)) == [date]


def rules_tried(model):
    """The names of the rules of a model that some test of this or the imported modules breaks."""
    told = {refusal.name for refusal in ALL_REFUSALS if refusal.model is model}
    if issubclass(model, Record):
        told |= {f"{prefix(model)}_not_merged_into_itself", f"{model._meta.db_table}_merged_into_no_cycle"}
    for other, date in DATES:
        if other is model:
            told |= {name for rule in DAYS for name in date_rules(model, date, rule)}
    return told


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_rule_of_a_model_is_tried(model):
    assert rules_and_constraints(model) - rules_tried(model) == set()


def test_no_table_of_refusals_names_a_rule_that_is_gone():
    told = {(r.model, r.name) for r in ALL_REFUSALS}

    assert {(model, name) for model, name in told if name not in rules_and_constraints(model)} == set()


@pytest.mark.parametrize(
    "model", [m for m in OURS if m._meta.app_label in {"actors", "events"}], ids=lambda m: m.__name__
)
def test_every_rule_has_a_message_of_its_own(model):
    silent = {
        constraint.name
        for constraint in model._meta.constraints
        if constraint.violation_error_message in {None, models.BaseConstraint.default_violation_error_message}
    }

    assert silent | {rule.name for rule in rules_of(model) if not str(rule.message)} == set()


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_model_says_what_it_is(model):
    # Django writes "Actor(id, uid, …)" where nobody wrote anything.
    assert not model.__doc__.startswith(f"{model.__name__}(")


@pytest.mark.django_db
@pytest.mark.parametrize("model", [m for m in OURS if issubclass(m, Identified)], ids=lambda model: model.__name__)
def test_row_just_saved_shows_what_the_database_made_of_it(model):
    row = FACTORIES[model]()
    row.save()

    stored = model.objects.get(pk=row.pk)
    assert (row.uid, row.version, row.updated_at) == (stored.uid, 2, stored.updated_at)


@pytest.mark.django_db
def test_full_clean_of_a_row_whose_links_are_not_set_yet_does_not_fail():
    with pytest.raises(ValidationError) as refused:
        Tenure().full_clean()

    assert refused.value.message_dict == {
        "person": ["This field cannot be null."],
        "office": ["This field cannot be null."],
    }


@pytest.mark.django_db
def test_is_public_and_public_say_the_same():
    survivor = factories.SeriesFactory()
    factories.SeriesFactory(merged_into=survivor)
    factories.SeriesFactory(state="draft")
    factories.SeriesFactory(state="review")
    factories.SeriesFactory(state="withdrawn", withdrawal_reason="A duplicate of another data set.")

    assert [row for row in Series.objects.all() if row.is_public] == list(Series.objects.public()) == [survivor]
