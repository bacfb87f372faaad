"""The table of the cache that all workers share; Django makes it by a command, not by a model."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("records", "0003_desk_of_editors")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
