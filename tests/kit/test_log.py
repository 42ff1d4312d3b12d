"""Logs: nothing about a person gets through, not by arguments, fields, exceptions or statements; time and actor stay readable."""

from __future__ import annotations

import json
import logging
from datetime import datetime

import pytest

from yba.kit import Actor, clock, log

NAME = "Nguyễn Thị Mai"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)

    def formatted() -> list[dict]:
        texts = [log.JsonFormatter().format(record) for record in caplog.records]
        assert NAME not in "".join(texts)
        return [json.loads(text) for text in texts]

    return formatted


def test_kept_fields_are_written(lines) -> None:
    log.get("yba.x").info("ingest.batch", rows=250, facility="01234", seconds=0.5)
    (line,) = lines()
    assert (line["event"], line["rows"], line["facility"], line["level"]) == ("ingest.batch", 250, "01234", "info")
    assert datetime.fromisoformat(line["time"]).utcoffset() == clock.VIETNAM.utcoffset(None)


def test_a_field_that_is_not_on_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="name"):
        log.get("yba.x").info("person.seen", name=NAME)


def test_arguments_of_foreign_logs_are_left_out_but_numbers_stay(lines) -> None:
    logging.getLogger("django.server").info('"%s" took %d ms', f"/record/{NAME}", 12)
    (line,) = lines()
    assert line["event"] == '"…" took 12 ms'


def test_extras_and_broken_formats_do_not_get_through() -> None:
    record = logging.makeLogRecord({"msg": "patient %s %s", "args": (NAME,), "patient": NAME, "job": {"name": NAME}})
    text = log.JsonFormatter().format(record)
    assert NAME not in text
    assert json.loads(text).keys() == {"time", "level", "logger", "event"}


def test_of_an_exception_type_and_places_are_told_never_its_message(lines) -> None:
    try:
        int(NAME)
    except ValueError:
        log.get("yba.x").error("mapping.failed", code="E1")
    (line,) = lines()
    assert line["error"] == "ValueError"
    assert "test_log.py" in line["at"][-1]


def test_the_clock_can_be_held() -> None:
    with clock.frozen("2026-07-01T08:00"):
        assert clock.now().isoformat() == "2026-07-01T08:00:00+07:00"
        with clock.frozen("2026-07-01T20:00+00:00"):
            assert clock.today().isoformat() == "2026-07-02"
        assert clock.in_utc(clock.now()).isoformat() == "2026-07-01T01:00:00+00:00"
    assert clock.now().utcoffset() == clock.VIETNAM.utcoffset(None)
    with pytest.raises(ValueError, match="naive"):
        clock.in_utc(datetime(2026, 7, 1))  # noqa: DTZ001  # the point


def test_actors_see_what_is_theirs() -> None:
    client = Actor.facility_client("01234")
    assert (client.scope, client.may_see("01234"), client.may_see("99999")) == ("bound", True, False)
    assert Actor.operator().may_see("99999")
    assert Actor.operator().name.startswith("operator:")
    assert Actor.system("seal").name == "system:seal"
