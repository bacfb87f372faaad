"""Meetings are found by the capacity of a participant as the source words it, by an index over those that have one."""

import django.contrib.postgres.indexes
import records.search
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0011_tell_who_shows_it'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='participation',
            index=django.contrib.postgres.indexes.GinIndex(records.search.Words('capacity'), condition=models.Q(('capacity', ''), _negated=True), name='participation_capacity_words'),
        ),
    ]
