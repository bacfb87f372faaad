"""What editors say to each other about a record, and who is in charge of it.

Nothing here changes the record: no version rises, and readers see none of it.
"""

import re
from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records.context import history_context
from records.desk_models import LONGEST_COMMENT
from records.models import Assignment, Comment, Mention
from records.services import Refused

#: An e-mail address mentions nobody, and a full stop ends a sentence rather than a name.
_MENTION = re.compile(r"(?<![\w.@+-])@(\w(?:[\w.@+-]*\w)?)")


def members() -> QuerySet[Any]:
    """Whoever works at the desk, and so can be mentioned or put in charge."""
    return get_user_model().objects.filter(is_active=True, is_staff=True)


def names_mentioned(text: str) -> set[str]:
    """The user names that a text calls by ``@``, whether there is such an account or not."""
    return set(_MENTION.findall(text))


def add_comment(*, record: Any, text: str, by: Any) -> Comment:
    """Add a comment and note whom it mentions. Raises `Refused` for a blank, an overlong text, or an unknown name."""
    text = text.replace("\x00", "").strip()
    if not text:
        raise Refused(_("Write the comment."))
    if len(text) > LONGEST_COMMENT:
        raise Refused(_("A comment may have %d characters.") % LONGEST_COMMENT)
    names = names_mentioned(text)
    mentioned = list(members().filter(username__in=names)) if names else []
    if unknown := sorted(names - {user.get_username() for user in mentioned}):
        raise Refused(*(_("Nobody at the desk is called “%s”.") % name for name in unknown))
    with transaction.atomic(), history_context(user=by):
        comment = Comment.objects.create(record_id=record.uid, author=by, text=text)
        Mention.objects.bulk_create([Mention(comment=comment, user=user) for user in mentioned])
    return comment


def resolve(*, comment: Comment, by: Any) -> None:
    """Close a comment; a second time changes nothing."""
    with transaction.atomic(), history_context(user=by):
        Comment.objects.filter(pk=comment.pk, resolved_at=None).update(resolved_at=timezone.now(), resolved_by=by)


def reopen(*, comment: Comment, by: Any) -> None:
    """Open a resolved comment again."""
    with transaction.atomic(), history_context(user=by):
        Comment.objects.filter(pk=comment.pk).exclude(resolved_at=None).update(resolved_at=None, resolved_by=None)


def assign(*, record: Any, to: Any, by: Any) -> None:
    """Put somebody in charge of a record, or nobody (``None``). Raises `Refused` for who does not work at the desk."""
    assign_all(records=[record], to=to, by=by)


def assign_all(*, records: Collection[Any], to: Any, by: Any) -> None:
    """`assign` for many records; a few queries for all of them."""
    if to is not None and not (to.is_active and to.is_staff):
        raise Refused(_("Only somebody who works at the desk can be in charge of a record."))
    uids = [record.uid for record in records]
    with transaction.atomic(), history_context(user=by):
        there = Assignment.objects.filter(record__in=uids)
        if to is None:
            there.delete()
            return
        now = timezone.now()
        known = set(there.values_list("record", flat=True))
        there.exclude(user=to).update(user=to, assigned_by=by, assigned_at=now)
        Assignment.objects.bulk_create(
            [Assignment(record_id=uid, user=to, assigned_by=by, assigned_at=now) for uid in uids if uid not in known],
            update_conflicts=True,
            unique_fields=["record"],
            update_fields=["user", "assigned_by", "assigned_at"],
        )


def comments_for(user: Any) -> QuerySet[Comment]:
    """Open comments of others that mention the user, or are about a record the user is in charge of."""
    theirs = Q(mentions__user=user) | Q(record__in=Assignment.objects.filter(user=user).values("record"))
    waiting = Comment.objects.filter(theirs, resolved_at=None).exclude(author=user)
    return Comment.objects.filter(pk__in=waiting.values("pk"))
