import pytest
from django.db import connection

from tests.partialdates.models import Office, Talks


@pytest.fixture
def tables(db):
    """Tables of two models that belong to no app, for as long as the test."""
    with connection.schema_editor() as editor:
        editor.create_model(Talks)
        editor.create_model(Office)
