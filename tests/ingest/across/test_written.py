"""Rules across claims on the main path: told once, at the claim written last, whatever the workers, and in the receipt."""

from itertools import permutations

import pytest

from tests.ingest.builder import SERVICE, SUMMARY, file_of, tables
from yba import ingest
from yba.ingest import Channel, across
from yba.ingest.across.judge import Written
from yba.kit import Actor
from yba.kit.db import reading
from yba.specs.claims import edition
from yba.specs.claims_writer import write_table

OPERATOR = Actor.operator("claims-intake")
RULES = ("VR080", "VR177", "VR179", "VR180")
DIALYSIS = {**SERVICE, "STT": "2", "MA_DICH_VU": "02.0495.0196", "TEN_DICH_VU": "Thận nhân tạo chu kỳ", "MA_NHOM": "18"}


def visit(link, first, last, care="03", facility="11001", **more):
    return tables(link, MA_LOAI_KCB=care, NGAY_VAO=first, NGAY_RA=last, MA_CSKCB=facility, MA_BN=f"BN-{facility}", **more)


def dialysis(day, link):
    made = visit(link, f"{day}0700", f"{day}1100", care="01")
    made["XML3"].append({**DIALYSIS, "MA_LK": link})
    return made


def land(*made):
    """Land claims, a file each, in this order; process nothing yet."""
    return [ingest.land(by=OPERATOR, channel=Channel.INTAKE, data=file_of(one)).transaction for one in made]


def told():
    """What was found across claims, as (link, rule, field, value, expected)."""
    with reading(by=OPERATOR) as conn:
        return conn.execute(
            """SELECT o.link, f.rule, f.field, f.value, f.expected FROM finding f JOIN outcome o USING (landing)
               WHERE f.rule = ANY(%s) ORDER BY f.landing, f.rule, f.field""",
            (list(RULES),),
        ).fetchall()


def anew(database):
    """An empty database in the middle of a test."""
    database.renew()


def check_in(link="25.000001", **changes):
    row = {name: SUMMARY[name] for name in ("MA_BN", "HO_TEN", "SO_CCCD", "NGAY_SINH", "GIOI_TINH", "NGAY_VAO", "MA_CSKCB", "MA_LOAI_KCB")}
    return write_table(edition("3176").tables["XML0"], [{"MA_LK": link, "STT": "1", **row, **changes}]).encode()


A = visit("A", "202603010800", "202603100800")
B = visit("B", "202603050800", "202603120800", facility="11002")


@pytest.mark.parametrize("first", ["A", "B"])
def test_overlapping_stays_are_told_once_at_the_later_one(database, first):
    order = [A, B] if first == "A" else [B, A]
    land(*order)
    totals = ingest.process(by=OPERATOR)
    assert totals.claims_accepted == 2
    ((link, rule, field, _, expected),) = told()
    assert (link, rule, field) == ("B" if first == "A" else "A", "VR180", "NGAY_VAO")
    assert expected == "không nằm viện ở cơ sở khác trong 202603050800-202603100800"


def test_one_batch_or_many_runs_say_the_same(database):
    """In one batch the pair is found among the claims in hand, in two runs in the database."""
    codes = land(A, B)
    for code in codes:
        ingest.process(by=OPERATOR, transactions=[code])
    apart = told()
    anew(database)
    land(A, B)
    ingest.process(by=OPERATOR)
    assert told() == apart
    assert len(apart) == 1


def test_the_finding_stands_in_the_receipt_with_words(database):
    codes = land(A, B)
    ingest.process(by=OPERATOR)
    (claim,) = ingest.receipt(by=OPERATOR, transaction=codes[1]).claims
    (one,) = [one for one in claim.findings if one.rule == "VR180"]
    assert one.severity.value == "note"
    assert "Một người không nằm viện ở hai cơ sở cùng lúc." in ingest.render(one)
    assert "11001" not in ingest.render(one)
    assert [one for one in ingest.receipt(by=OPERATOR, transaction=codes[0]).claims[0].findings if one.rule in RULES] == []


def test_any_number_of_workers_says_the_same(database):
    days = [f"2026{month:02}{day:02}" for month in (1, 2) for day in range(1, 29, 2)]
    made = [dialysis(day, f"D{day}") for day in days]
    made += [visit(f"S{number}", f"202603{number + 1:02}0800", f"202603{number + 3:02}0800", facility=f"1100{number % 3}") for number in range(20)]
    made += [visit(f"C{number}", f"2026{number:02}050800", f"2026{number:02}050900", care="05") for number in range(1, 10)]
    found = []
    for workers in (1, 3):
        anew(database)
        for at in range(0, len(made), 9):
            ingest.land(by=OPERATOR, channel=Channel.INTAKE, data=file_of(*made[at : at + 9]))
        ingest.process(by=OPERATOR, workers=workers)
        found.append(told())
    assert found[0] == found[1]
    rules = [row[1] for row in found[0]]
    assert rules.count("VR179") == len(days) - 12
    assert rules.count("VR180") > 10
    assert rules.count("VR080") == 1  # 5 February to 5 March


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_arrival_finds_the_same_pairs(database, order):
    """Three chronic visits within thirty days: each claim but the first to land tells of the nearest one that landed before it."""
    visits = [visit(f"V{day}", f"202603{day:02}0800", f"202603{day:02}0900", care="08") for day in (1, 20, 25)]
    land(*(visits[number] for number in order))
    ingest.process(by=OPERATOR)
    assert [row[:2] for row in told()] == [(visits[number]["XML1"][0]["MA_LK"], "VR080") for number in order[1:]]


def test_a_correction_is_judged_by_what_it_says_now_and_not_against_itself(database):
    land(A, B, visit("B", "202603110800", "202603120800", facility="11002"), visit("C", "202603050800", "202603060800", facility="11003"))
    totals = ingest.process(by=OPERATOR)
    assert totals.claims_replaced == 1
    # B, moved behind A, has nothing to tell any more; C falls into A alone
    assert [(row[0], row[4][-25:]) for row in told()] == [("B", "202603050800-202603100800"), ("C", "202603050800-202603060800")]


def test_a_claim_that_became_ambulant_or_was_withdrawn_counts_no_more(database):
    codes = land(A)
    ingest.process(by=OPERATOR)
    ingest.withdraw(by=OPERATOR, transaction=codes[0], reason="nhầm")
    land(B)
    ingest.process(by=OPERATOR)
    assert told() == []
    land(visit("B", "202603050800", "202603051000", care="01", facility="11002"), visit("C", "202603050800", "202603060800", facility="11003"))
    ingest.process(by=OPERATOR)
    assert told() == []


def test_mapping_again_judges_nothing_and_keeps_what_the_claims_are(database):
    land(A, B)
    ingest.process(by=OPERATOR)
    before = told()
    ingest.replay(by=OPERATOR, every=True)
    assert told() == before
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT traits FROM claim ORDER BY link").fetchall() == [(1,), (1,)]


def test_another_person_is_another_matter(database):
    other = visit("B", "202603050800", "202603120800", facility="11002", HO_TEN="Lò Văn Khác", SO_CCCD="011088000002", MA_THE_BHYT="DN4110987654321")
    land(A, other)
    ingest.process(by=OPERATOR)
    assert told() == []


def test_a_check_in_of_somebody_else_is_told_at_the_claim(database):
    ingest.land(by=OPERATOR, channel=Channel.INTAKE, data=check_in(HO_TEN="Lò Thị Khác", GIOI_TINH="1"))
    land(tables(), tables("25.000002", NGAY_VAO="202603110800", NGAY_RA="202603110900"))
    ingest.process(by=OPERATOR)
    assert [row[:4] for row in told()] == [("25.000001", "VR177", "GIOI_TINH", "2"), ("25.000001", "VR177", "HO_TEN", "Nguyễn Thị Thử")]


def test_a_visit_that_checked_in_under_another_link(database):
    ingest.land(by=OPERATOR, channel=Channel.INTAKE, data=check_in("KHAC"))
    land(tables())
    ingest.process(by=OPERATOR)
    assert [row[1:] for row in told()] == [("VR177", "MA_LK", "25.000001", "KHAC (check-in 202603100800)")]
    ingest.land(by=OPERATOR, channel=Channel.INTAKE, data=check_in())
    land(tables(GHI_CHU="gửi lại"))
    ingest.process(by=OPERATOR)
    assert len(told()) == 1  # now the check-in of its own link is there


def test_claims_nobody_else_can_concern_cost_no_query():
    """`None` in place of the connection: anything asked of it would fail."""
    made = tables()
    plain = Written(
        ingest.ParsedClaim("3176", "11001", "L", made),
        None,
        None,
        None,
        None,
        across.traits_of(ingest.ParsedClaim("3176", "11001", "L", made)),
        1,
        [],
    )
    across.judge(None, [plain, plain], frozenset({"11002"}))
    assert plain.findings == []
