"""A list of texts as one text, for stored columns and indexes.

``array_to_string`` is not immutable, because the text of some types depends on settings; that of texts does not.
"""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION readout_lines(texts text[]) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $f$ SELECT pg_catalog.array_to_string(texts, chr(10)) $f$;
"""


class Migration(migrations.Migration):

    dependencies = [("records", "0018_answers_kept_by_key")]

    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION IF EXISTS readout_lines(text[])")]
