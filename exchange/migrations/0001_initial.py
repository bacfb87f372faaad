import django.db.models.deletion
import pgtrigger.compiler
from records.triggers import install_triggers
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('records', '0002_register_of_ids'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportedRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dataset', models.CharField(max_length=60, verbose_name='data set')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('key', models.CharField(max_length=200, verbose_name='key in the data set')),
                ('uid', models.CharField(max_length=10, verbose_name='public id')),
                ('checksum', models.CharField(max_length=64, verbose_name='checksum of the entry')),
                ('version', models.PositiveIntegerField(verbose_name='version after the import')),
                ('applied_at', models.DateTimeField(auto_now=True, verbose_name='applied at')),
            ],
            options={
                'verbose_name': 'imported record',
                'verbose_name_plural': 'imported records',
                'constraints': [models.UniqueConstraint(fields=('dataset', 'kind', 'key'), name='imported_once_per_data_set')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "exchange_importedrecordevent" ("applied_at", "checksum", "dataset", "id", "key", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "uid", "version") VALUES (NEW."applied_at", NEW."checksum", NEW."dataset", NEW."id", NEW."key", NEW."kind", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."uid", NEW."version"); RETURN NULL;', hash='8bcbb4b0f798ddecb62a045e2df35037530cfaad', operation='INSERT', pgid='pgtrigger_insert_insert_19f5d', table='exchange_importedrecord', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "exchange_importedrecordevent" ("applied_at", "checksum", "dataset", "id", "key", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "uid", "version") VALUES (NEW."applied_at", NEW."checksum", NEW."dataset", NEW."id", NEW."key", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."uid", NEW."version"); RETURN NULL;', hash='272aab72a916a74b3bd5fc8883c419040775b5f8', operation='UPDATE', pgid='pgtrigger_update_update_5c486', table='exchange_importedrecord', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "exchange_importedrecordevent" ("applied_at", "checksum", "dataset", "id", "key", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "uid", "version") VALUES (OLD."applied_at", OLD."checksum", OLD."dataset", OLD."id", OLD."key", OLD."kind", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."uid", OLD."version"); RETURN NULL;', hash='381ba100e69bdbbf8358d6469fa3501c3faac846', operation='DELETE', pgid='pgtrigger_delete_delete_99d68', table='exchange_importedrecord', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ImportedRecordEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='exchange.importedrecord')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('dataset', models.CharField(max_length=60, verbose_name='data set')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('key', models.CharField(max_length=200, verbose_name='key in the data set')),
                ('uid', models.CharField(max_length=10, verbose_name='public id')),
                ('checksum', models.CharField(max_length=64, verbose_name='checksum of the entry')),
                ('version', models.PositiveIntegerField(verbose_name='version after the import')),
                ('applied_at', models.DateTimeField(auto_now=True, verbose_name='applied at')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b5b50caf823cbaffd0d9fd834cafb5a3985b0a8b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_8a311', table='exchange_importedrecordevent', when='BEFORE'))],
            },
        ),
        migrations.RunPython(
            code=install_triggers('exchange'),
            reverse_code=migrations.RunPython.noop,
        ),
    ]
