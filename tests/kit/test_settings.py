"""Settings: typed, read once, and a wrong value says what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from yba.kit import Invalid, settings
from yba.kit.settings import Setting


def make(parse, default: str = "") -> Setting:
    return Setting("YBA_TEST", parse, default, "meaning", "a whole number, for example 3")


def test_the_environment_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    setting = make(settings.whole, "3")
    monkeypatch.setenv("YBA_TEST", "5")
    assert setting() == 5
    monkeypatch.setenv("YBA_TEST", "6")
    assert setting() == 5
    with setting.set_to(7):
        assert setting() == 7
    assert setting() == 5


@pytest.mark.parametrize("raw", ["", "  "])
def test_empty_means_the_default(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("YBA_TEST", raw)
    assert make(settings.whole, "3")() == 3


def test_a_wrong_value_says_what_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YBA_TEST", "three")
    with pytest.raises(Invalid, match=r"YBA_TEST='three' cannot be used. Write a whole number, for example 3."):
        make(settings.whole)()


@pytest.mark.parametrize(
    ("parse", "raw", "value"),
    [
        (settings.yes_no, "Yes", True),
        (settings.yes_no, "off", False),
        (settings.words, "a, b,,c ", ("a", "b", "c")),
        (settings.one_of("info", "debug"), "INFO", "info"),
        (settings.postgres_url, "postgresql://yba_app:x@h:5432/yba", "postgresql://yba_app:x@h:5432/yba"),
        (settings.postgres_url, "", ""),
        (settings.folder, "/srv/yba", Path("/srv/yba")),
    ],
)
def test_parsers_take(parse, raw: str, value: object) -> None:
    assert parse(raw) == value


@pytest.mark.parametrize(
    ("parse", "raw"),
    [
        (settings.yes_no, "maybe"),
        (settings.whole, "-1"),
        (settings.one_of("a"), "b"),
        (settings.postgres_url, "mysql://h/yba"),
        (settings.postgres_url, "postgresql://h"),
    ],
)
def test_parsers_refuse(parse, raw: str) -> None:
    with pytest.raises(ValueError, match=raw):
        parse(raw)


def test_a_name_is_declared_once_and_with_our_prefix() -> None:
    for name in ("YBA_VAR", "OTHER"):
        with pytest.raises(Invalid):
            settings.declare(name, settings.text, default="", meaning="", write="")


def test_every_setting_says_what_it_means_and_what_to_write() -> None:
    for setting in settings.REGISTRY.values():
        assert setting.meaning.endswith("."), setting.name
        assert setting.write, setting.name
        setting.parse(setting.default)
