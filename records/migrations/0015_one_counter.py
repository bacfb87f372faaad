"""One table for all that is counted within a time: requests to the API, and what is open to everybody.

Not logged: after a crash everybody starts anew, and counting costs next to nothing. Half of each page is left free, so
that a row is counted up where it lies; an index on the end of its time would prevent that.
"""

from django.db import migrations

CREATE = """
CREATE UNLOGGED TABLE records_counter (
    key varchar(32) PRIMARY KEY,
    ends_at timestamptz NOT NULL,
    times integer NOT NULL CHECK (times > 0)
) WITH (fillfactor = 50)
"""
CREATE_OLD = """
CREATE UNLOGGED TABLE records_api_caller (
    caller varchar(32) PRIMARY KEY,
    period bigint NOT NULL,
    requests integer NOT NULL
) WITH (fillfactor = 50)
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0014_feed")]

    operations = [
        migrations.RunSQL(CREATE, "DROP TABLE records_counter"),
        migrations.RunSQL("DROP TABLE records_api_caller", CREATE_OLD),
    ]
