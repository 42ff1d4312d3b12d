"""Rules about the stay, the card, ages and doses as drawn tables, with both sides of every boundary."""

from __future__ import annotations

from datetime import date

import pytest

from tests.ingest.checks.bends import OPERATION
from tests.ingest.checks.example import BED, SERVICE, claim, findings
from yba.ingest.checks.functions.lines import DOSES
from yba.ingest.model import ParsedClaim

LATER = date(2026, 12, 31)


def drawn(table: str) -> list[dict[str, str]]:
    """Rows of a drawn table, by its headings."""
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


def lines(table: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("line", drawn(table), ids=lambda line: " ".join(line.values()))


def told(one: ParsedClaim, *rules: str, today: date = LATER) -> str:
    return " ".join(sorted({finding.rule for finding in findings(one, today)} & set(rules)))


def summary(**changes: str) -> ParsedClaim:
    one = claim()
    one.tables["XML1"][0] |= changes
    return one


@lines("""
kind | arrived      | ended        | days | says
03   | 202606100800 | 202606151000 | 6    |
03   | 202606100800 | 202606151000 | 5    | VR052
03   | 202606100800 | 202606151000 | 7    | VR052
02   | 202606100800 | 202606101000 | 1    |
02   | 202606100800 | 202606101000 | 0    | VR052
06   | 202602280800 | 202603011000 | 2    |
04   | 202606100800 | 202606101800 | 1    |
01   | 202606100800 | 202606101000 | 0    |
01   | 202606100800 | 202606101000 | 1    | VR051
09   | 202606100800 | 202606101000 | 1    | VR051
07   | 202606100800 | 202606100810 | 0    |
08   | 202606100800 | 202606301000 | 3    |
03   | 202606100800 | 202606100000 | 1    |
""")
def test_days_of_treatment(line: dict[str, str]):
    one = summary(MA_LOAI_KCB=line["kind"], NGAY_VAO=line["arrived"], NGAY_RA=line["ended"], SO_NGAY_DTRI=line["days"])
    assert told(one, "VR051", "VR052") == line["says"]


@lines("""
kind | arrived      | admitted     | ended        | days | says
03   | 202606100800 | 202606100800 | 202606101159 | 1    | VR056
03   | 202606100800 | 202606100800 | 202606101200 | 1    |
03   | 202606100800 | 202606101000 | 202606101359 | 1    | VR056
03   | 202606100800 | 202606100800 | 202606101200 | 0    | VR057
09   | 202606100800 | 202606100800 | 202606101159 | 0    |
01   | 202606100800 |              | 202606100804 | 0    | VR055
01   | 202606100800 |              | 202606100805 | 0    |
01   | 202606100800 |              | 202606110900 | 0    |
01   | 202606100800 |              | 202606120700 | 0    | VR054
""")
def test_hours_of_a_stay(line: dict[str, str]):
    one = summary(
        MA_LOAI_KCB=line["kind"], NGAY_VAO=line["arrived"], NGAY_VAO_NOI_TRU=line["admitted"], NGAY_RA=line["ended"], SO_NGAY_DTRI=line["days"]
    )
    one.tables["XML3"] = one.tables["XML3"][:-1]  # no bed
    assert told(one, "VR054", "VR055", "VR056", "VR057") == line["says"]


@lines("""
cards                           | since             | until             | says
GD4010100000017                 | 20260610          | 20260615          |
GD4010100000017                 | 20260611          | 20261231          | VR030
GD4010100000017                 | 20260101          | 20260614          | VR030
GD4010100000017;TE1010100000017 | 20260101;20260612 | 20260611;20261231 |
GD4010100000017;TE1010100000017 | 20260101;20260612 | 20260611          | VR026 VR030
GD4010100000017                 | 20260101;20260612 | 20260611;20261231 | VR026 VR030
GD4010100000017                 | 20261231          | 20260101          | VR028 VR030
GD4010100000017                 | 20270101          | 20271231          | VR029 VR030
GD4010100000017                 | 20260199          | 20261231          |
GD6010100000017                 | 20260101          | 20261231          | VR025
gd4010100000017                 | 20260101          | 20261231          | VR025
""")
def test_cards(line: dict[str, str]):
    one = summary(
        MA_THE_BHYT=line["cards"],
        MA_DKBD=";".join(["01001"] * line["cards"].count(";") + ["01001"]),
        GT_THE_TU=line["since"],
        GT_THE_DEN=line["until"],
    )
    assert told(one, "VR025", "VR026", "VR028", "VR029", "VR030") == line["says"]


@lines("""
born         | category | says
202605130812 | 1.1      |
202605130000 | 1.1      | VR013
202605120000 | 1.1      |
20260601     | 1.1      | VR012 VR013
202606050830 | 1.7      |
202606040830 | 1.7      | VR039
202606110000 | 1.1      | VR012
202606100759 | 1.1      |
195000000000 | 1.1      |
""")
def test_birth(line: dict[str, str]):
    one = summary(NGAY_SINH=line["born"], MA_DOITUONG_KCB=line["category"])
    assert told(one, "VR012", "VR013", "VR039") == line["says"]


@lines("""
diagnosis | sex | born         | says
O80.9     | 2   | 201706100000 |
O80.9     | 2   | 201706110000 | VR077
O80.9     | 2   | 196506110000 |
O80.9     | 2   | 196506100000 | VR077
O80.9     | 1   | 199003050000 | VR075 VR077
O80.9     | 2   | 199000000000 |
N40       | 1   | 195003050000 |
N40       | 2   | 195003050000 | VR075
J18.9     | 2   | 199003050000 |
""")
def test_diagnosis_against_sex_and_age(line: dict[str, str]):
    one = summary(MA_BENH_CHINH=line["diagnosis"], GIOI_TINH=line["sex"], NGAY_SINH=line["born"])
    assert told(one, "VR075", "VR077") == line["says"]


@lines("""
text                                            | days | total
1 viên/lần * 2 lần/ngày * 5 ngày [10 viên]      | 5    | 10
1 viên/lần * 2 lần/ngày * 5 ngày                | 5    |
0,5 viên/lần*3 lần/ngày*30 ngày [45 viên]       | 30   | 45
1.5 ống /lần * 1 lần /ngày * 1 ngày             | 1    |
ngày 2 viên chia 2 lần                          |      |
Viên                                            |      |
1 viên/lần * 2 lần/ngày                         |      |
""")
def test_doses(line: dict[str, str]):
    dose = DOSES[line["text"]]
    assert ("" if dose is None else str(dose.days), "" if dose is None or dose.total is None else str(dose.total)) == (line["days"], line["total"])


@lines("""
quantity | says
10       |
10.000   |
9        | VR106
""")
def test_dose_total_against_quantity(line: dict[str, str]):
    one = claim()
    one.tables["XML2"][0]["SO_LUONG"] = line["quantity"]
    assert told(one, "VR106") == line["says"]


@lines("""
nights | extra | rate | says
6      |       |      |
7      |       |      | VR130
3      | 3     | 100  | VR132
3      | 3     | 50   |
3      | 4     | 50   | VR130
""")
def test_beds(line: dict[str, str]):
    one = claim()
    one.tables["XML3"][-1]["SO_LUONG"] = line["nights"]
    if line["extra"]:
        one.tables["XML3"].append({**BED, "STT": "9", "SO_LUONG": line["extra"], "TYLE_TT_DV": line["rate"]})
    assert told(one, "VR130", "VR132") == line["says"]


@lines("""
first        | second       | rate | says
202606110800 | 202606111000 | 100  | VR143
202606110800 | 202606111000 | 50   |
202606110800 | 202606111000 | 80   |
202606110800 | 202606120800 | 100  |
202606110800 | 202606110800 | 50   | VR144
""")
def test_operations(line: dict[str, str]):
    one = claim()
    one.tables["XML3"] += [
        {**OPERATION, "STT": "8", "NGAY_TH_YL": line["first"]},
        {**OPERATION, "STT": "9", "NGAY_TH_YL": line["second"], "TYLE_TT_DV": line["rate"]},
    ]
    assert told(one, "VR143", "VR144") == line["says"]


@lines("""
ordered      | done         | result       | says
202606100920 | 202606100920 | 202606100923 |
202606100920 | 202606100920 | 202606100922 | VR124
202606100920 | 202606100919 | 202606100930 | VR122
202606100920 | 202606100940 | 202606100930 | VR123
202606100759 | 202606100940 | 202606101030 | VR123
202606100920 | 202606100940 | 202606171000 | VR123
202606100920 | 202606100940 | 202606181000 | VR123 VR125
""")
def test_times_of_a_service(line: dict[str, str]):
    one = claim()
    one.tables["XML3"][0] |= {"NGAY_YL": line["ordered"], "NGAY_TH_YL": line["done"], "NGAY_KQ": line["result"]}
    assert told(one, "VR122", "VR123", "VR124", "VR125") == line["says"]


def test_a_result_after_discharge_is_only_a_note():
    one = claim()
    one.tables["XML3"][0]["NGAY_KQ"] = "202606160900"
    assert [finding.severity.value for finding in findings(one, LATER) if finding.rule == "VR123"] == ["note"]


@lines("""
service              | result        | says
23.0075.1494         | 23.0075.1494  |
23.0075.1494_TB      | 23.0075.1494  |
23.0075.1494.K.01002 | 23.0075.1494  |
23.0075.1494         | 23.0051.1494  | VR145
""")
def test_services_and_results_answer_each_other(line: dict[str, str]):
    one = claim(services=1)
    one.tables["XML3"][0]["MA_DICH_VU"], one.tables["XML4"][0]["MA_DICH_VU"] = line["service"], line["result"]
    assert told(one, "VR145") == line["says"]


@lines("""
kind | outcome | discharge | says
03   | 1       | 1         | VR153
03   | 5       | 1         |
03   | 1       | 3         |
09   | 1       | 1         | VR153
01   | 1       | 1         |
""")
def test_discharge_paper(line: dict[str, str]):
    one = summary(MA_LOAI_KCB=line["kind"], KET_QUA_DTRI=line["outcome"], MA_LOAI_RV=line["discharge"])
    del one.tables["XML7"]
    assert told(one, "VR153") == line["says"]


@lines("""
tender                      | group | says
17/QĐ-SYT;G1;N1;2025        | 4     |
1234/QĐ-SYT;G1;N4;2022;75   | 4     |
17/QĐ-SYT;G1.01;N1;2025     | 4     |
17/QĐ-SYT                   | 4     | VR105
17/QĐ-SYT;G1;N1;25          | 4     | VR105
                            | 4     | VR105
                            | 7     |
                            | 17    |
""")
def test_tender(line: dict[str, str]):
    one = claim()
    row = one.tables["XML2"][0]
    row |= {"MA_NHOM": line["group"], "TT_THAU": line["tender"]}
    if not line["tender"]:
        del row["TT_THAU"]
    assert told(one, "VR105") == line["says"]


def test_a_supply_needs_its_own_name_and_a_service_its_own():
    one = claim()
    row = {key: value for key, value in SERVICE.items() if key not in {"MA_DICH_VU", "TEN_DICH_VU"}}
    one.tables["XML3"][0] = {**row, "MA_VAT_TU": "N01.01.010"}
    assert [finding.field for finding in findings(one, LATER) if finding.rule == "VR115"] == ["TEN_VAT_TU"]
