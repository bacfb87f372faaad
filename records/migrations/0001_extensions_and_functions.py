"""Extensions, and the immutable functions that indexes and generated columns are built on."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

# unaccent() is only STABLE because its dictionary can be replaced; with the dictionary named, as here, the result is fixed.
# Schema-qualified names keep restores and index maintenance working, which run with an empty search path.
FUNCTIONS = """
DO $do$
DECLARE
    home text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'unaccent');
    here text := current_schema();
BEGIN
    EXECUTE format($sql$
        CREATE OR REPLACE FUNCTION %2$I.readout_fold(value text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        AS $f$ SELECT lower(%1$I.unaccent('%1$I.unaccent'::regdictionary, $1)) $f$
    $sql$, home, here);
    EXECUTE format($sql$
        CREATE OR REPLACE FUNCTION %1$I.readout_vector(value text) RETURNS tsvector
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        AS $f$
            SELECT to_tsvector('pg_catalog.simple', folded) || to_tsvector('pg_catalog.english', folded)
                || to_tsvector('pg_catalog.russian', folded)
            FROM (SELECT %1$I.readout_fold(left($1, 200000)) AS folded) AS text
        $f$
    $sql$, here);
    EXECUTE format($sql$
        CREATE OR REPLACE FUNCTION %1$I.readout_query(value text, is_phrase boolean) RETURNS tsquery
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        AS $f$
            SELECT CASE WHEN is_phrase THEN
                phraseto_tsquery('pg_catalog.simple', folded) || phraseto_tsquery('pg_catalog.english', folded)
                    || phraseto_tsquery('pg_catalog.russian', folded)
            ELSE
                plainto_tsquery('pg_catalog.simple', folded) || plainto_tsquery('pg_catalog.english', folded)
                    || plainto_tsquery('pg_catalog.russian', folded)
            END
            FROM (SELECT %1$I.readout_fold($1) AS folded) AS text
        $f$
    $sql$, here);
END
$do$;
"""

DROP = """
DROP FUNCTION IF EXISTS readout_query(text, boolean);
DROP FUNCTION IF EXISTS readout_vector(text);
DROP FUNCTION IF EXISTS readout_fold(text);
"""


class Migration(migrations.Migration):
    initial = True

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGistExtension(),
        migrations.RunSQL(FUNCTIONS, DROP),
    ]
