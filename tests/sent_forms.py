"""The form on a page of the admin, as a browser sends it when nothing was changed."""


def sent(page):
    """Every field, empty ones too, by the name it is sent under."""
    formsets = [one.formset for one in page.context["inline_admin_formsets"]]
    forms = [page.context["adminform"].form]
    for formset in formsets:
        forms += [formset.management_form, *formset.initial_forms]
    values = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is None or value is False:
                value = "" if value is None else None
            if isinstance(value, list) and field.field.__class__.__name__ == "LinesField":
                value = "\n".join(value)
            if value is not None:
                values[field.html_name] = value
    return values


def with_rows(form, prefix, rows):
    """The form with more rows of one kind at its end."""
    first = int(form[f"{prefix}-TOTAL_FORMS"])
    added = {f"{prefix}-{first + n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}
    return {**form, **added, f"{prefix}-TOTAL_FORMS": first + len(rows)}
