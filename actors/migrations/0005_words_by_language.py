"""Search vectors with the stems of each text's own language, and pairs of signs of scripts without spaces.

The database cannot change what a stored column is computed from, so each is dropped and made again: one pass over a
table, which computes all its vectors, and one over its index.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.comparison
import django.db.models.functions.text
import records.search
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0010_words_by_language'),
        ('actors', '0004_short_names'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='actor', name='actor_search'),
        migrations.RemoveField(model_name='actor', name='search'),
        migrations.AddField(
            model_name='actor',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Joined(records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('name'), models.Value('')), models.Value('')), records.search._Weight(weight='A')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('description'), models.Value('')), models.Value('')), records.search._Weight(weight='B'))), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='actor',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='actor_search'),
        ),
        migrations.RemoveIndex(model_name='actorname', name='actor_name_search'),
        migrations.RemoveField(model_name='actorname', name='search'),
        migrations.AddField(
            model_name='actorname',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('text'), models.Value('')), models.F('language')), records.search._Weight(weight='A')), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='actorname',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='actor_name_search'),
        ),
        migrations.RemoveField(model_name='office', name='search'),
        migrations.AddField(
            model_name='office',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('name'), models.Value('')), models.Value('')), records.search._Weight(weight='A')), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='actoridentifier',
            index=models.Index(django.db.models.functions.text.Upper('value'), name='identifier_by_value'),
        ),
        migrations.AddIndex(
            model_name='actor',
            index=models.Index(django.contrib.postgres.indexes.OpClass(records.search.Folded('name'), name='text_pattern_ops'), name='actor_name_beginnings'),
        ),
        migrations.AddIndex(
            model_name='actorname',
            index=models.Index(django.contrib.postgres.indexes.OpClass(records.search.Folded('text'), name='text_pattern_ops'), name='actor_name_text_beginnings'),
        ),
    ]
