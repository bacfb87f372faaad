"""The counters of the API's callers. Not logged: after a crash everybody starts anew, and counting costs next to nothing."""

from django.db import migrations

CREATE = """
CREATE UNLOGGED TABLE records_api_caller (
    caller varchar(32) PRIMARY KEY,
    period bigint NOT NULL,
    requests integer NOT NULL
) WITH (fillfactor = 50)
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0009_changes")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE records_api_caller")]
