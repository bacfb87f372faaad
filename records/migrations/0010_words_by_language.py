"""The functions behind search by the stems of each language, and inside text without spaces between words.

``readout_words`` makes the vector of a text: its words as they stand, their English and Russian stems (the
configuration ``russian`` stems Latin letters as English), the stems of the text's own language where PostgreSQL has a
stemmer for it, and each pair of neighbouring signs of a script without spaces. ``readout_query`` asks for the same.
Stems of other languages carry the language before them (``fr:negoci``), so that a word of one is not taken for a word
of another. ``readout_base_query`` leaves these out: fit for ranking, which divides by the number of words asked for.

Everything is folded first (lower case, no accents), on both sides, and signs are taken out by which PostgreSQL's parser
would read a path or a tag: it skips what stands in a tag. ``readout_vector``, its predecessor, stays for the
migrations before this one.
"""

from django.db import migrations

#: Primary subtags of languages (BCP 47), and the configuration of PostgreSQL 15 that stems them.
STEMMERS = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "da": "danish", "nl": "dutch", "fi": "finnish",
    "fr": "french", "de": "german", "el": "greek", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "ga": "irish",
    "it": "italian", "lt": "lithuanian", "ne": "nepali", "no": "norwegian", "nb": "norwegian", "nn": "norwegian",
    "pt": "portuguese", "ro": "romanian", "sr": "serbian", "es": "spanish", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
#: As `records.query.UNSPACED`: Thai to Lao, Burmese, Khmer, kana, Chinese characters.
UNSPACED = r"[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3040-\u30FF\u3400-\u9FFF\uF900-\uFAFF\U00020000-\U0003FFFF]"
OWN_STEMMER = " ".join(f"WHEN '{tag}' THEN 'pg_catalog.{name}'" for tag, name in STEMMERS.items())
ALL_STEMMERS = ", ".join(f"('{tag}', 'pg_catalog.{name}_stem'::regdictionary)" for tag, name in STEMMERS.items())

FUNCTIONS = f"""
DO $do$
DECLARE
    here text := current_schema();
BEGIN
    EXECUTE format($sql$
        CREATE OR REPLACE FUNCTION %1$I.readout_words(value text, language text) RETURNS tsvector
        LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
        AS $f$
        DECLARE
            folded text := %1$I.readout_fold(left(value, 200000));
            spaced text := translate(folded, '/\\<>', '    ');
            tag text := lower(split_part(COALESCE(language, ''), '-', 1));
            own regconfig;
            pairs text;
            found tsvector;
        BEGIN
            IF COALESCE(folded, '') = '' THEN
                RETURN ''::tsvector;
            END IF;
            IF folded ~ '{UNSPACED}' THEN
                spaced := regexp_replace(spaced, '{UNSPACED}+', ' ', 'g');
                SELECT string_agg(pair || ':' || places, ' ') INTO pairs FROM (
                    SELECT pair, string_agg(least(place, 16383)::text, ',') AS places FROM (
                        SELECT substr(run[1], at, 2) AS pair, row_number() OVER (ORDER BY nth, at) AS place
                        FROM regexp_matches(folded, '{UNSPACED}+', 'g') WITH ORDINALITY AS runs (run, nth),
                            generate_series(1, length(run[1])) AS at
                    ) AS pairs WHERE place <= 200000 GROUP BY pair
                ) AS grouped;
            END IF;
            found := to_tsvector('pg_catalog.simple', spaced) || to_tsvector('pg_catalog.russian', spaced);
            own := CASE tag {OWN_STEMMER} END;
            IF own IS NOT NULL THEN
                found := found || array_to_tsvector(ARRAY(
                    SELECT tag || ':' || stem FROM unnest(tsvector_to_array(to_tsvector(own, spaced))) AS stem
                ));
            END IF;
            RETURN found || COALESCE(pairs::tsvector, ''::tsvector);
        END
        $f$
    $sql$, here);
    EXECUTE format($sql$
        CREATE OR REPLACE FUNCTION %1$I.readout_base_query(value text, is_phrase boolean) RETURNS tsquery
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
        AS $f$
        DECLARE
            folded text := %1$I.readout_fold(value);
            spaced text := regexp_replace(translate(folded, '/\\<>', '    '), '{UNSPACED}+', ' ', 'g');
            pairs text;
            asked tsquery;
        BEGIN
            IF is_phrase THEN
                asked := phraseto_tsquery('pg_catalog.simple', spaced);
            ELSE
                asked := plainto_tsquery('pg_catalog.simple', spaced) || plainto_tsquery('pg_catalog.russian', spaced);
            END IF;
            SELECT
                string_agg(DISTINCT substr(run[1], at, 2) || CASE WHEN length(run[1]) = 1 THEN ':*' ELSE '' END, ' & ')
            INTO pairs
            FROM regexp_matches(folded, '{UNSPACED}+', 'g') AS run,
                generate_series(1, greatest(length(run[1]) - 1, 1)) AS at;
            RETURN asked && COALESCE(pairs::tsquery, ''::tsquery);
        END
        $f$
    $sql$, here);
    EXECUTE format($sql$
        CREATE OR REPLACE FUNCTION %1$I.readout_query(value text, is_phrase boolean) RETURNS tsquery
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
        AS $f$
        DECLARE
            asked tsquery := %1$I.readout_base_query(value, is_phrase);
            folded text := translate(%1$I.readout_fold(value), '/\\<>', '    ');
            stems text;
        BEGIN
            IF is_phrase OR folded ~ '{UNSPACED}' THEN
                RETURN asked;
            END IF;
            -- The words are taken apart once; a dictionary alone is ten times quicker than a whole configuration.
            SELECT string_agg(DISTINCT '(' || of_language || ')', ' | ') INTO stems FROM (
                SELECT string_agg(
                    '''' || replace(replace(tag || ':' || stem, '\\', '\\\\'), '''', '''''') || '''', ' & '
                ) AS of_language
                FROM unnest(tsvector_to_array(to_tsvector('pg_catalog.simple', folded))) AS word,
                    (VALUES {ALL_STEMMERS}) AS stemmer (tag, own),
                    unnest(ts_lexize(own, word)) AS stem
                GROUP BY tag
            ) AS asked_of;
            RETURN asked || COALESCE(stems::tsquery, ''::tsquery);
        END
        $f$
    $sql$, here);
END
$do$;
"""  # noqa: S608 (constants of this file)

#: The query of the first migration, for its vectors.
BEFORE = """
DO $do$
DECLARE
    here text := current_schema();
BEGIN
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
DROP FUNCTION IF EXISTS readout_base_query(text, boolean);
DROP FUNCTION IF EXISTS readout_words(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0013_callers_of_the_api")]

    operations = [migrations.RunSQL(FUNCTIONS, BEFORE)]
