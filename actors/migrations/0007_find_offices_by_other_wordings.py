"""Offices are found by their other wordings, and by an index.

The database cannot change what a stored column is computed from: it is dropped and made again.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.comparison
import records.search
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('actors', '0006_tell_who_shows_it'),
        ('records', '0019_lines_of_lists'),
    ]

    operations = [
        migrations.RemoveField(model_name='office', name='search'),
        migrations.AddField(
            model_name='office',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Joined(records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('name'), models.Value('')), models.Value('')), records.search._Weight(weight='A')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(records.search.Lines('aliases'), models.Value('')), models.Value('')), records.search._Weight(weight='B'))), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='office',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='office_search'),
        ),
    ]
