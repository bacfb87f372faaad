import hypothesis
import pytest
from django.db import connection
from django.test import TransactionTestCase

# A busy machine is no fault of the rule that is tried.
hypothesis.settings.register_profile("readout", deadline=None)
hypothesis.settings.load_profile("readout")


#: What autovacuum learns between two tests is that tables of many pages hold no row, since all was rolled back. Plans
#: made for that took minutes over the seeds, in whichever test came next.
UNWATCHED = """
DO $$ DECLARE one regclass; BEGIN
  FOR one IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
    EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', one);
  END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database of the worker, with plans that do not depend on what ran before, and a quick way to empty it."""
    from tests.emptying import Emptying  # of models, when apps are ready

    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(UNWATCHED)
        empty = Emptying(connection)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty())
        yield


@pytest.fixture
def editor(django_user_model):
    return django_user_model.objects.create_user("editor")


@pytest.fixture
def static_files(settings, tmp_path):
    """Static files as they stand in the source, for pages that name them before anything was collected."""
    settings.STATIC_ROOT = tmp_path
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def unlimited_requests(settings):
    """No test is slowed or refused by the limit of requests; one that is about it sets its own."""
    settings.API_REQUESTS_PER_MINUTE = settings.API_TOKEN_REQUESTS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 0
    settings.FEED_REQUESTS_PER_MINUTE = settings.FILE_REQUESTS_PER_MINUTE = 0


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """The slow hash that guards real passwords would take a sixth of the time of the whole suite."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
