"""Search vectors with the stems of each text's own language, and pairs of signs of scripts without spaces.

The database cannot change what a stored column is computed from, so each is dropped and made again: one pass over a
table, which computes all its vectors, and one over its index.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.comparison
import records.search
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0010_words_by_language'),
        ('events', '0007_typed_names'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name='formula', name='formula_search'),
        migrations.RemoveField(model_name='formula', name='search'),
        migrations.AddField(
            model_name='formula',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Joined(records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('name'), models.Value('')), models.Value('')), records.search._Weight(weight='A')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('note'), models.Value('')), models.Value('')), records.search._Weight(weight='B'))), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='formula',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='formula_search'),
        ),
        migrations.RemoveIndex(model_name='formulavariant', name='formula_variant_search'),
        migrations.RemoveField(model_name='formulavariant', name='search'),
        migrations.AddField(
            model_name='formulavariant',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('text'), models.Value('')), models.F('language')), records.search._Weight(weight='A')), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='formulavariant',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='formula_variant_search'),
        ),
        migrations.RemoveIndex(model_name='meeting', name='meeting_search'),
        migrations.RemoveField(model_name='meeting', name='search'),
        migrations.AddField(
            model_name='meeting',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Joined(records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('title'), models.Value('')), models.Value('')), records.search._Weight(weight='A')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('summary'), models.Value('')), models.Value('')), records.search._Weight(weight='B')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('notes'), models.Value('')), models.Value('')), records.search._Weight(weight='C'))), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='meeting',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='meeting_search'),
        ),
        migrations.RemoveIndex(model_name='place', name='place_search'),
        migrations.RemoveField(model_name='place', name='search'),
        migrations.AddField(
            model_name='place',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('name'), models.Value('')), models.Value('')), records.search._Weight(weight='A')), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='place',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='place_search'),
        ),
        migrations.RemoveIndex(model_name='placename', name='place_name_search'),
        migrations.RemoveField(model_name='placename', name='search'),
        migrations.AddField(
            model_name='placename',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('text'), models.Value('')), models.F('language')), records.search._Weight(weight='A')), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='placename',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='place_name_search'),
        ),
        migrations.RemoveIndex(model_name='series', name='series_search'),
        migrations.RemoveField(model_name='series', name='search'),
        migrations.AddField(
            model_name='series',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Joined(records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('name'), models.Value('')), models.Value('')), records.search._Weight(weight='A')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('description'), models.Value('')), models.Value('')), records.search._Weight(weight='B'))), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='series',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='series_search'),
        ),
        migrations.RemoveIndex(model_name='source', name='source_search'),
        migrations.RemoveField(model_name='source', name='search'),
        migrations.AddField(
            model_name='source',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Joined(records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('title'), models.Value('')), models.F('language')), records.search._Weight(weight='A')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('publisher'), models.Value('')), models.Value('')), records.search._Weight(weight='B')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('note'), models.Value('')), models.Value('')), records.search._Weight(weight='C')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('text'), models.Value('')), models.F('language')), records.search._Weight(weight='D'))), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='source',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='source_search'),
        ),
        migrations.RemoveIndex(model_name='statement', name='statement_search'),
        migrations.RemoveField(model_name='statement', name='search'),
        migrations.AddField(
            model_name='statement',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Joined(records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('title'), models.Value('')), models.F('language')), records.search._Weight(weight='A')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('gist'), models.Value('')), models.Value('')), records.search._Weight(weight='B')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('text'), models.Value('')), models.F('language')), records.search._Weight(weight='C')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('translation'), models.Value('')), models.F('translation_language')), records.search._Weight(weight='D'))), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='statement',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='statement_search'),
        ),
        migrations.RemoveIndex(model_name='topic', name='topic_search'),
        migrations.RemoveField(model_name='topic', name='search'),
        migrations.AddField(
            model_name='topic',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Joined(records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('name'), models.Value('')), models.Value('')), records.search._Weight(weight='A')), records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('scope_note'), models.Value('')), models.Value('')), records.search._Weight(weight='B'))), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='topic',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='topic_search'),
        ),
        migrations.RemoveIndex(model_name='topiclabel', name='topic_label_search'),
        migrations.RemoveField(model_name='topiclabel', name='search'),
        migrations.AddField(
            model_name='topiclabel',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=records.search._Weighed(records.search._Words(django.db.models.functions.comparison.Coalesce(models.F('text'), models.Value('')), models.F('language')), records.search._Weight(weight='A')), output_field=django.contrib.postgres.search.SearchVectorField(null=True)),
        ),
        migrations.AddIndex(
            model_name='topiclabel',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='topic_label_search'),
        ),
        migrations.AddIndex(
            model_name='place',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(records.search.Folded('name'), name='gin_trgm_ops'), name='place_trigrams'),
        ),
        migrations.AddIndex(
            model_name='placename',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(records.search.Folded('text'), name='gin_trgm_ops'), name='place_name_trigrams'),
        ),
        migrations.AddIndex(
            model_name='series',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(records.search.Folded('name'), name='gin_trgm_ops'), name='series_trigrams'),
        ),
        migrations.AddIndex(
            model_name='topic',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(records.search.Folded('name'), name='gin_trgm_ops'), name='topic_trigrams'),
        ),
        migrations.AddIndex(
            model_name='topiclabel',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(records.search.Folded('text'), name='gin_trgm_ops'), name='topic_label_trigrams'),
        ),
    ]
