"""Money rules of the claims as drawn tables: what is said of these amounts, exact to the last digit."""

from __future__ import annotations

import pytest

from tests.ingest.checks.example import DRUG, SERVICE, claim, findings
from yba.ingest.model import Row

pytestmark = pytest.mark.law("BHYT-DATA-R10")


def drawn(table: str) -> list[dict[str, str]]:
    """Rows of a drawn table, by its headings."""
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


def said(table: str, row: Row, rules: set[str]) -> set[str]:
    one = claim(drugs=1, services=1)
    one.tables[table][0] = row
    return {finding.rule for finding in findings(one) if finding.rule in rules and finding.table == table}


DRUG_LINES = """
quantity | price    | rate | gross    | covered  | level | insured  | shared  | own     | says
10.000   | 1550.000 | 100  | 15500.00 | 15500.00 | 80    | 12400.00 | 3100.00 | 0       |
10       | 1550     | 100  | 15500    | 15500    | 80    | 12400    | 3100    | 0       |
3        | 333.333  | 100  | 1000     | 1000     | 80    | 800      | 200     | 0       |
3        | 333.333  | 100  | 999.99   | 999.99   | 80    | 799.99   | 200     | 0       |
3        | 333.333  | 100  | 999.98   | 999.98   | 80    | 799.98   | 200     | 0       | VR093 VR094
1.5      | 0.005    | 100  | 0.01     | 0.01     | 100   | 0.01     | 0       | 0       |
10       | 1550     | 50   | 15500    | 7750     | 80    | 6200     | 1550    | 7750    |
10       | 1550     | 50   | 15500    | 7750     | 80    | 6200     | 1550    | 0       | VR095
10       | 1550     | 50   | 15500    | 15500    | 80    | 12400    | 3100    | 0       | VR094
10       | 1550     | 0    | 15500    | 0        | 0     | 0        | 0       | 15500   |
10       | 1550     | 100  | 15500    | 15500    | 95    | 14725    | 775     | 0       |
10       | 1550     | 100  | 15500    | 15500    | 95    | 14725    | 774     | 0       | VR095
10       | 1550     | 100  | 15500    | 15500    | 95    | 14724.98 | 775.02  | 0       | VR095
10       | 1550     | 100  | 15501    | 15500    | 80    | 12400    | 3100    | 1       | VR093
1        | 12345678.123 | 100 | 12345678.12 | 12345678.12 | 80 | 9876542.50 | 2469135.62 | 0 |
"""


@pytest.mark.parametrize("line", drawn(DRUG_LINES), ids=lambda line: " ".join(line.values()))
def test_drug_lines(line: dict[str, str]):
    row = {
        **DRUG, "SO_LUONG": line["quantity"], "DON_GIA": line["price"], "TYLE_TT_BH": line["rate"], "THANH_TIEN_BV": line["gross"],
        "THANH_TIEN_BH": line["covered"], "MUC_HUONG": line["level"], "T_BHTT": line["insured"], "T_BNCCT": line["shared"], "T_BNTT": line["own"],
    }  # fmt: skip
    assert said("XML2", row, {"VR093", "VR094", "VR095"}) == set(line["says"].split())


SERVICE_LINES = """
quantity | price   | covered_price | service_rate | rate | gross   | covered | says
1        | 21500   | 21500         | 100          | 100  | 21500   | 21500   |
5        | 200000  | 200000        | 100          | 100  | 1000000 | 1000000 |
1        | 2000000 | 1800000       | 50           | 100  | 1000000 | 900000  |
1        | 2000000 | 1800000       | 50           | 100  | 2000000 | 1800000 | VR116 VR117
1        | 2000000 | 1800000       | 80           | 60   | 1600000 | 864000  |
1        | 2000000 | 1800000       | 80           | 60   | 1600000 | 864001  | VR117
3        | 33333   | 33333         | 33           | 100  | 32999.67 | 32999.67 |
3        | 33333   | 33333         | 33           | 100  | 33000   | 33000   | VR116 VR117
"""


@pytest.mark.parametrize("line", drawn(SERVICE_LINES), ids=lambda line: " ".join(line.values()))
def test_service_lines(line: dict[str, str]):
    row = {
        **SERVICE, "SO_LUONG": line["quantity"], "DON_GIA_BV": line["price"], "DON_GIA_BH": line["covered_price"], "TYLE_TT_DV": line["service_rate"],
        "TYLE_TT_BH": line["rate"], "THANH_TIEN_BV": line["gross"], "THANH_TIEN_BH": line["covered"],
    }  # fmt: skip
    assert said("XML3", row, {"VR116", "VR117"}) == set(line["says"].split())


OTHER_SOURCES = """
state | foreign | domestic | rest | total  | says
0     | 0       | 0        | 0    | 0      |
100   | 20      | 3        | 0.45 | 123.45 |
100   | 20      | 3        | 0.45 | 123.46 |
100   | 20      | 3        | 0.45 | 123.47 | VR096
100   | 0       | 0        | 0    | 0      | VR096
"""


@pytest.mark.parametrize("table", ["XML2", "XML3"])
@pytest.mark.parametrize("line", drawn(OTHER_SOURCES), ids=lambda line: " ".join(line.values()))
def test_other_sources(table: str, line: dict[str, str]):
    base = DRUG if table == "XML2" else SERVICE
    row = {
        **base, "T_NGUONKHAC_NSNN": line["state"], "T_NGUONKHAC_VTNN": line["foreign"], "T_NGUONKHAC_VTTN": line["domestic"],
        "T_NGUONKHAC_CL": line["rest"], "T_NGUONKHAC": line["total"],
    }  # fmt: skip
    assert said(table, row, {"VR096"}) == set(line["says"].split())


TOTALS = """
field        | off    | says
T_THUOC      | 0      |
T_THUOC      | 1      |
T_THUOC      | 1.01   | VR081
T_THUOC      | -1.01  | VR081
T_TONGCHI_BV | 1.01   | VR083
T_TONGCHI_BH | 0.99   |
T_TONGCHI_BH | 1.01   | VR084 VR088
T_BNTT       | 2      | VR085
T_BNCCT      | 2      | VR086 VR088
T_BHTT       | 2      | VR087 VR088
T_NGUONKHAC  | 2      | VR089
T_BHTT_GDV   | 2      | VR090
T_VTYT       | 2      | VR082
"""


@pytest.mark.parametrize("line", drawn(TOTALS), ids=lambda line: " ".join(line.values()))
def test_totals(line: dict[str, str]):
    one = claim(drugs=3, services=2)
    head = one.tables["XML1"][0]
    head[line["field"]] = f"{float(head[line['field']]) + float(line['off']):.2f}"
    assert {finding.rule for finding in findings(one)} == set(line["says"].split())


def test_a_total_is_judged_against_the_exact_sum_and_says_it():
    one = claim(drugs=0, services=1)
    one.tables["XML2"] = [{**DRUG, "STT": str(n), "THANH_TIEN_BV": "0.10"} for n in range(1, 31)]
    one.tables["XML1"][0]["T_THUOC"] = "5"
    finding = next(finding for finding in findings(one) if finding.rule == "VR081")
    assert finding.expected == "3"


def test_supplies_are_groups_10_and_11_only():
    one = claim(drugs=1, services=2)
    one.tables["XML3"][0] |= {"MA_NHOM": "10", "MA_VAT_TU": "N01", "TEN_VAT_TU": "Bông"}
    assert [finding.expected for finding in findings(one) if finding.rule == "VR082"] == ["21500"]


@pytest.mark.parametrize(("card", "said_of_it"), [("GD4010100000017", True), ("QN5010100000017", False), ("CA5010100000017", False)])
def test_fee_for_service_total_is_not_judged_for_the_armed_forces(card: str, said_of_it: bool):
    one = claim()
    one.tables["XML1"][0] |= {"MA_THE_BHYT": card, "T_BHTT_GDV": "1"}
    assert ("VR090" in {finding.rule for finding in findings(one)}) is said_of_it


def test_capitation_lines_do_not_count_as_fee_for_service():
    one = claim(drugs=2, services=1)
    one.tables["XML2"][0]["MA_PTTT"] = "2"
    assert [finding.expected for finding in findings(one) if finding.rule == "VR090"] == [str(12400 + 17200 + 800_000)]
