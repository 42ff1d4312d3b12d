"""A clean claim has no finding: the generator and the checks are two makers of one answer."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yba.ingest.checks import Context, check
from yba.ingest.claims_xml import read_claim
from yba.ingest.landing.scanner import Part, scan
from yba.ingest.model import Envelope, Severity
from yba.synth import KINDS, STANDARDS, Options, Stream, one_claim
from yba.synth.plan import PERIODS

TODAY = Context(today=date(2026, 11, 21))
# The portal's validator marks these as required although they only exist for people with HIV or resistant tuberculosis;
# inventing an ARV start for a person without HIV would be a worse lie than a finding.
NOT_FOR_EVERYBODY = {("XML15", "PHANLOAI_LAO_KT"), ("XML15", "BDDT_ARV"), ("XML15", "NGAY_BAT_DAU_DT_CTX")}
EVERY_STANDARD = tuple((name, 1.0) for name in STANDARDS)


def faults(hoso: bytes, facility: str) -> list[tuple[str, str, str, str]]:
    claim = read_claim(hoso, Envelope(facility))
    found = [*claim.reading, *check(claim, TODAY)]
    return [
        (one.rule, one.table, one.field, one.value)
        for one in found
        if one.severity is not Severity.NOTE and (one.table, one.field) not in NOT_FOR_EVERYBODY
    ]


@pytest.mark.parametrize(("seed", "province", "standards"), [(11, "11", ()), (12, "79", ()), (13, "11", EVERY_STANDARD), (14, "66", EVERY_STANDARD)])
def test_a_set_without_dirt_has_no_finding(seed, province, standards):
    count = 0
    for file in Stream(Options(seed=seed, province=province, claims=450, dirt=0, standards=standards)):
        claims = [one.data for one in scan([file.data]) if one.part is Part.CLAIM]
        assert len(claims) == len(file.sent)
        for data, truth in zip(claims, file.sent, strict=True):
            assert faults(data, truth.facility) == [], (file.path, truth.note)
            count += 1
    assert count == 450


@settings(max_examples=80, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(STANDARDS), st.sampled_from(KINDS))
def test_every_kind_of_visit_is_read_back_in_its_standard(rng, standard, kind):
    made = one_claim(rng, standard, kind)
    claim = read_claim(made.hoso, Envelope(made.facility))
    assert (claim.decision, claim.facility, claim.link) == (standard, made.facility, made.link)
    assert faults(made.hoso, made.facility) == []
    assert made.xml.count(b"<HOSO>") == 1


@pytest.mark.parametrize(
    ("kind", "field", "values"),
    [
        ("inpatient", "MA_LOAI_KCB", {"03"}), ("short_stay", "MA_LOAI_KCB", {"09"}), ("death", "KET_QUA_DTRI", {"5"}), ("referral", "MA_LOAI_RV", {"2", "5"}),
        ("injury", "MA_TAI_NAN", set("12345678")), ("refill", "MA_LOAI_KCB", {"07"}),
    ],
)  # fmt: skip
def test_a_kind_is_what_it_says(kind, field, values):
    for seed in range(5):
        assert one_claim(random.Random(seed), "3176", kind).tables["XML1"][0][field] in values


@pytest.mark.parametrize(
    ("kind", "table"), [("birth", "XML9"), ("hiv", "XML6"), ("tuberculosis", "XML15"), ("referral", "XML13"), ("inpatient", "XML7")]
)
def test_a_kind_brings_its_paper(kind, table):
    rows = one_claim(random.Random(3), "3176", kind).tables
    assert rows[table]


def test_a_newborn_is_named_after_its_mother_and_has_a_temporary_card():
    top = one_claim(random.Random(5), "3176", "newborn").tables["XML1"][0]
    assert any(word in top["HO_TEN"].upper() for word in ("CON BÀ ", "CB ", "(CON)"))
    assert top["MA_THE_BHYT"].startswith("TE1")
    assert top["MA_DKBD"].endswith("000")
    assert top["SO_CCCD"] == ""
    assert top["NGAY_SINH"][8:] != "0000"


def test_one_claim_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="unknown kind"):
        one_claim(random.Random(1), "3176", "teleport")
    with pytest.raises(KeyError):
        one_claim(random.Random(1), "9999")


def test_every_standard_is_written_inside_its_time():
    for standard in STANDARDS:
        first, last = PERIODS[standard]
        assert first < last
