"""The table of faults in the documentation is the one in the code, and no fault tells on anybody."""

import re
from pathlib import Path

import pytest

from yba.gateway import urls
from yba.gateway.faults import Fault

PAGE = (Path(__file__).parents[2] / "docs" / "gateway.md").read_text("utf-8")


def test_the_documented_faults_are_the_answered_ones():
    told = re.findall(r"^\| ([a-z0-9-]+) \| (\d{3}) \| (\d{3}) \| (.+) \|$", PAGE, re.MULTILINE)
    assert told == [(fault.name.lower().replace("_", "-"), str(fault.value.status), fault.value.code, fault.value.vi) for fault in Fault]


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_speaks_vietnamese_and_english(fault):
    assert fault.value.vi != fault.value.en
    assert fault.value.vi.endswith((".", ")."))


def test_every_address_is_documented():
    for pattern in urls.urlpatterns:
        route = "/" + re.sub(r"<str:\w+>.*", "", str(pattern.pattern))
        shown = re.sub(r"Qd?(4750|3176)$", lambda match: match[0].replace(match[1], "130"), route)
        assert route in PAGE or shown.replace("QD130", "QD130") in PAGE or re.sub(r"(QD|Qd)(4750|3176)$", r"\g<1>130", route) in PAGE, route
