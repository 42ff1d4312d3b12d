"""A lake of its own for each test, beside the keys of the test installation."""

import pytest

from yba.kit import settings
from yba.warehouse.settings import LAKE


@pytest.fixture
def lake(database, tmp_path):
    """A fresh database and an empty lake; the data folder (with the key ring) is the test's own too."""
    with settings.VAR.set_to(tmp_path), LAKE.set_to(str(tmp_path / "lake")):
        yield tmp_path / "lake" / "1"
