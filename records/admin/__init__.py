"""What the admins of all records share: the form with its version, reason and workflow, choosing, searching, history.

An app's ``admin.py`` says what stands on its forms and lists, in the order of the document on the editor's desk.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from records.admin import accounts, desk_pages
from records.admin.base import IdentifiedAdmin, Panel, PartInline, RecordAdmin
from records.admin.choosing import Choice, Offer, RecordSelect, RecordSelectMultiple, mark_of, record_choices
from records.admin.finding import closeness, desk_search, found, in_names, in_texts, through
from records.admin.forms import LinesField, RecordForm
from records.admin.listing import OF_ALL_RECORDS, DeskChangeList, Narrow, by_link, by_record, by_row, in_span
from records.admin.rows import AskingForm, KnownChoiceField, KnownMultipleChoiceField, RowFormSet

__all__ = [
    "OF_ALL_RECORDS",
    "AskingForm",
    "Choice",
    "DeskChangeList",
    "IdentifiedAdmin",
    "KnownChoiceField",
    "KnownMultipleChoiceField",
    "LinesField",
    "Narrow",
    "Offer",
    "Panel",
    "PartInline",
    "RecordAdmin",
    "RecordForm",
    "RecordSelect",
    "RecordSelectMultiple",
    "RowFormSet",
    "accounts",
    "by_link",
    "by_record",
    "by_row",
    "closeness",
    "desk_pages",
    "desk_search",
    "found",
    "in_names",
    "in_span",
    "in_texts",
    "mark_of",
    "record_choices",
    "through",
]

admin.site.site_header = _("Readout desk")
admin.site.site_title = _("Readout desk")
admin.site.index_title = _("Records")
admin.site.index_template = "admin/desk.html"
# The forms need the width, and the list of models is one click away; it was 40 tab stops before every form.
admin.site.enable_nav_sidebar = False
