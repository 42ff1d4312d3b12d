"""`yba reports`: listed, drafted, made, written; the operator alone cannot do both steps."""

import orjson
import pytest
from click.testing import CliRunner

from tests.warehouse.lake_world import SYSTEM, write
from tests.warehouse.reports.test_acts import HERE, ON, visit
from yba import warehouse
from yba.cli import rights
from yba.cli.main import yba
from yba.kit import clock, settings
from yba.kit.errors import Conflict, YbaError
from yba.warehouse.settings import LAKE

OCTOBER = ("-p", "2026-10", "--facility", HERE)


@pytest.fixture
def run(database, tmp_path, monkeypatch):
    monkeypatch.setattr(rights.app, "setup", lambda **_: 0)

    def run(*words):
        done = CliRunner().invoke(yba, ["reports", *words])
        if isinstance(done.exception, YbaError):
            raise done.exception
        return done

    with settings.VAR.set_to(tmp_path), LAKE.set_to(str(tmp_path / "lake")), clock.frozen(ON):
        write(visit(1), visit(2))
        warehouse.refresh(by=SYSTEM)
        yield run


def test_a_month_from_the_command_line(run, tmp_path):
    listed = run("list").output
    assert "Biểu 14/BCT" in listed
    assert "Mười biểu chưa tìm thấy" in listed
    assert "trễ hạn" in run("standing", "--facility", HERE).output
    draft = orjson.loads(run("draft", "facility-activity", *OCTOBER, "--json").output)
    assert draft["places"][f"facility:{HERE}"]["visits"] == [{"value": 2, "state": "shown"}]
    assert draft["places"][f"facility:{HERE}"]["beds"] == [{"value": None, "state": "no_source"}]
    assert "đúng" in run("check", "facility-activity", *OCTOBER).output
    assert "chờ duyệt" in run("sign", "facility-activity", *OCTOBER, "--step", "made").output
    with pytest.raises(Conflict, match="người khác"):
        run("sign", "facility-activity", *OCTOBER, "--step", "approved")
    file = tmp_path / "out.xml"
    assert run("write", "facility-activity", *OCTOBER, "--format", "xml", "-o", str(file)).exit_code == 0
    assert file.read_bytes().startswith(b"<?xml")
    assert "đúng số" in run("recount", "facility-activity", *OCTOBER).output
    assert "đã trả lại" in run("return", "facility-activity", *OCTOBER, "--words", "làm thử ở máy chủ, bỏ").output
    assert run("draft", "facility-activity", "-p", "2026-10").exit_code == 2
    assert run("draft", "facility-activity", *OCTOBER, "--province").exit_code == 2
