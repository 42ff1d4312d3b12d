"""Every alert rule of the house loads; one that is worded wrongly is refused with file and key."""

import shutil

import pytest

from yba.specs import alerts
from yba.specs.alerts import RuleKind
from yba.specs.claims import SpecError


def test_every_kind_has_a_rule_and_every_rule_a_source():
    rules = alerts.alerts()
    assert {one.kind for one in rules.values()} == set(RuleKind)
    assert all(one.source and one.why.vi and one.why.en for one in rules.values())


@pytest.mark.parametrize(
    ("name", "old", "new", "key"),
    [
        ("facility-silent", "days = 10", "", "days"),
        ("facility-silent", "past = 180", "past = 5", "past"),
        ("facility-silent", 'by = ["facility"]', 'by = ["commune"]', "by"),
        ("facility-silent", 'severity = "warning"', 'severity = "loud"', "severity"),
        ("facility-silent", 'every = "hour"', 'every = "minute"', "every"),
        ("visits-below-usual", 'measure = "visits"', 'measure = "visit"', "measure"),
        ("visits-below-usual", 'measure = "visits"', 'measure = "record-freshness"', "measure"),
        ("visits-below-usual", "past = 26", "", "past"),
        ("visits-below-usual", "fewest = 10", "fewest = 99", "fewest"),
        ("visits-below-usual", "least = 20", "least = -1", "least"),
        ("visits-below-usual", "least = 20", "few = 20", "few"),
        ("freshness-below-target", "value = 50", "", "value"),
        ("notifiable-rising", "factor = 2", "", "factor"),
        ("notifiable-above-channel", 'period = "week"', 'period = "month"', "period"),
        ("visits-outside-forecast", 'series = "visits"', 'series = "visit"', "series"),
        ("notifiable-rising", "title = ", "# title = ", "title"),
        ("notifiable-rising", " · A notifiable disease rising three weeks on end", "", "title"),
        ("notifiable-rising", "next_review = 2027-06-30", "next_review = 2020-06-30", "next_review"),
    ],
)
def test_what_is_worded_wrongly_is_named(tmp_path, name, old, new, key):
    folder = shutil.copytree(alerts.FOLDER, tmp_path / "alerts")
    path = folder / f"{name}.toml"
    before = path.read_text("utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), "utf-8")
    with pytest.raises(SpecError, match=rf"{name}\.toml: {key}"):
        alerts.load(folder)
