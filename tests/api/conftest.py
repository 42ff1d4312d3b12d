"""Who is there in most tests of the API: a facility's software over an empty database, and one Patient of it."""

import pytest

from tests.api import world as w


@pytest.fixture
def client(database):
    """A facility's software with a session."""
    return w.software()


@pytest.fixture
def mai(client):
    """The id of its Patient."""
    made = client.post("Patient", w.patient())
    assert made.status == 201, made.data
    return made.id
