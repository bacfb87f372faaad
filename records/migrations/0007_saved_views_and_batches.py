import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What a batch holds, and what undid it, are asked for by the words in the context; the table belongs to pghistory.
INDEXES = [
    ("context_of_batch", "((metadata -> 'batch')) WHERE metadata -> 'batch' IS NOT NULL"),
    ("context_of_undo", "((metadata -> 'undoes')) WHERE metadata -> 'undoes' IS NOT NULL"),
    ("context_latest_batches", "(created_at) WHERE metadata ? 'batch'"),
]


class Migration(migrations.Migration):

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('records', '0006_redirects'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list', models.CharField(help_text='The model, as app.model.', max_length=60, verbose_name='list')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('query', models.CharField(blank=True, max_length=2000, verbose_name='state of the list')),
                ('is_shared', models.BooleanField(default=False, verbose_name='shared with the desk')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saved by')),
            ],
            options={
                'verbose_name': 'saved view',
                'verbose_name_plural': 'saved views',
                'ordering': ('name', 'id'),
                'indexes': [models.Index(fields=['list', 'name'], name='saved_view_by_list')],
                'constraints': [models.UniqueConstraint(fields=('user', 'list', 'name'), name='saved_view_name_once_per_list', violation_error_message='You have a view of this name already. Choose another name.'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='saved_view_has_name', violation_error_message='Give the view a name.')],
            },
        ),
        *(
            migrations.RunSQL(
                f"CREATE INDEX {name} ON pghistory_context {what}",
                f"DROP INDEX {name}",
            )
            for name, what in INDEXES
        ),
    ]
