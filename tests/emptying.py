"""How the database is emptied after a test that commits."""

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

#: What ``migrate`` fills: the same for every test, and looked at after each.
FILLED = [model._meta.db_table for model in (ContentType, Permission, Group, Group.permissions.through)]


class Emptying:
    """Takes away what tests committed, from the tables that hold a row and those that refer to them.

    Django empties all of nearly a hundred tables, most of which no test has touched, and then makes every kind of
    content, permission and group anew: a third of a second for each test that commits.
    """

    def __init__(self, connection):
        self.connection = connection
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        self.tables = sorted(set(names) - set(FILLED))
        self.filled = self._filled()

    def __call__(self):
        if self._filled() != self.filled:
            call_command("flush", verbosity=0, interactive=False, database=self.connection.alias, reset_sequences=False)
            self.filled = self._filled()
            return
        with self.connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join(f"SELECT '{one}' WHERE EXISTS (SELECT FROM {one})" for one in self.tables)
            )
            # To cascade reaches what refers to them, which is empty or among them, and none that `migrate` fills.
            if touched := [name for (name,) in cursor.fetchall()]:
                cursor.execute(f"TRUNCATE {', '.join(touched)} CASCADE")

    def _filled(self):
        with self.connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join(f"SELECT md5(string_agg(t::text, '' ORDER BY t.id)) FROM {one} t" for one in FILLED)
            )
            return cursor.fetchall()
