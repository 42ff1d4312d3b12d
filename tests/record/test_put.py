"""Putting resources: new, unchanged, changed, twice in a batch, strange texts, moved, buried and risen."""

from datetime import datetime
from uuid import UUID

import psycopg
import pytest

from yba.kit import Actor, Forbidden, Invalid, clock
from yba.record import NOBODY, PutCounts, get, history, of_person, of_source, put_many, refs_of_sources, tombstone_many

CLAIM = UUID(int=0xC1)


def test_new_unchanged_changed(conn, operator, put, condition):
    assert put_many(conn, by=operator, puts=[put(condition(n), fresh=n % 2 == 0) for n in range(6)]) == PutCounts(created=6)
    assert put_many(conn, by=operator, puts=[put(condition(n)) for n in range(6)]) == PutCounts(unchanged=6)
    assert put_many(conn, by=operator, puts=[put(condition(n, code="J18" if n else "I10")) for n in range(3)]) == PutCounts(changed=2, unchanged=1)
    assert [one.version for one in history(conn, by=operator, rtype="Condition", id="c1")] == [2, 1]
    assert [one.version for one in history(conn, by=operator, rtype="Condition", id="c0")] == [1]


def test_what_is_stored_is_what_was_put(conn, operator, put, condition, an):
    doc = condition(meta={"tag": [{"code": "x"}]})
    with clock.frozen("2026-04-01T08:00:00"):
        put_many(conn, by=operator, puts=[put(doc, labels=("HIV", 'a"b\\c,{}'), facility="79001")])
    (found,) = of_source(conn, by=operator, source_id=CLAIM)  # restricted: by the right that rebuilds claims
    assert found.doc == doc | {"meta": {"tag": [{"code": "x"}], "versionId": "1", "lastUpdated": "2026-04-01T08:00:00+07:00"}}
    assert (found.person_id, found.facility_id, found.source_id, found.mapped_by, found.deleted) == (an, "79001", CLAIM, "2026.1", False)
    assert found.labels == ("HIV", 'a"b\\c,{}')
    assert found.start == datetime.fromisoformat("2026-03-12T00:00:00+07:00")
    assert found.end == datetime.fromisoformat("2026-03-12T23:59:59.999999+07:00")


def test_decimals_keep_their_text(conn, operator, put, condition):
    one = put(condition())
    one.doc = one.doc.replace(b'"Condition"', b'"Condition","x":6300.000,"y":1.10', 1)
    put_many(conn, by=operator, puts=[one])
    found = get(conn, by=operator, rtype="Condition", id="c1")
    assert (str(found.exact["x"]), str(found.exact["y"])) == ("6300.000", "1.10")


@pytest.mark.parametrize(
    "text",
    [
        "\\",
        "\\N",
        "\\.",
        'a"b',
        "tab\there",
        "line\nfeed\r",
        "\\u0000 is six letters",
        "Nguyễn Văn Ân",
        "\U0001f600",
        "', '); DROP TABLE resource; --",
        "{}",
    ],
)
@pytest.mark.parametrize("fresh", [True, False])
def test_any_text_survives(conn, operator, put, condition, text, fresh):
    put_many(conn, by=operator, puts=[put(condition(note=[{"text": text}]), facility=text, labels=(text,), fresh=fresh)])
    (found,) = of_source(conn, by=operator, source_id=CLAIM)  # restricted: by the right that rebuilds claims
    assert found.doc["note"][0]["text"] == text
    assert (found.facility_id, found.labels) == (text, (text,))
    put_many(conn, by=operator, puts=[put(condition(note=[{"text": text + "!"}]), facility=text, labels=(text,))])
    assert of_source(conn, by=operator, source_id=CLAIM)[0].doc["note"][0]["text"] == text + "!"


def test_a_document_with_layout(conn, operator, put, condition):
    one = put(condition())
    one.doc = one.doc.replace(b",", b",\n\t\r ")
    put_many(conn, by=operator, puts=[one])
    assert get(conn, by=operator, rtype="Condition", id="c1").doc["id"] == "c1"


def test_a_nul_is_refused_with_a_reason(conn, operator, put, condition):
    with pytest.raises(Invalid, match="U\\+0000"):
        put_many(conn, by=operator, puts=[put(condition(note=[{"text": "a\0b"}]))])


def test_the_same_id_twice_in_a_batch_is_as_one_after_the_other(conn, operator, put, condition):
    puts = [put(condition(code=code), fresh=first) for first, code in [(True, "A00"), (False, "A00"), (False, "A01"), (False, "A02")]]
    assert put_many(conn, by=operator, puts=puts) == PutCounts(created=1, changed=2, unchanged=1)
    versions = history(conn, by=operator, rtype="Condition", id="c1")
    assert [(one.version, one.doc["code"]["coding"][0]["code"]) for one in versions] == [(3, "A02"), (2, "A01"), (1, "A00")]


def test_a_new_label_is_a_change(conn, operator, put, condition):
    put_many(conn, by=operator, puts=[put(condition())])
    assert put_many(conn, by=operator, puts=[put(condition(), labels=("HIV",))]).changed == 1
    assert of_source(conn, by=operator, source_id=CLAIM)[0].labels == ("HIV",)


def test_not_fresh_after_all(conn, operator, put, condition):
    put_many(conn, by=operator, puts=[put(condition())])
    with pytest.raises(psycopg.errors.UniqueViolation), conn.transaction():
        put_many(conn, by=operator, puts=[put(condition(), fresh=True)])
    assert put_many(conn, by=operator, puts=[put(condition())]).unchanged == 1


def test_every_r4_type_has_a_home(conn, operator, put):
    from_both = [{"resourceType": rtype, "id": "x"} for rtype in ("Organization", "Basic", "Slot", "Provenance")]
    put_many(conn, by=operator, puts=[put(doc, person=NOBODY, source=None) for doc in from_both])
    for doc in from_both:
        assert get(conn, by=operator, rtype=doc["resourceType"], id="x").doc["id"] == "x"


def test_another_person_moves_without_a_version(conn, operator, put, condition, an, binh):
    put_many(conn, by=operator, puts=[put(condition(1)), put(condition(2))])
    counts = put_many(conn, by=operator, puts=[put(condition(1), person=binh), put(condition(2, code="B20"), person=binh)])
    assert counts == PutCounts(changed=2)
    assert of_person(conn, by=operator, person_id=an) == []
    assert sorted((one.id, one.version) for one in of_person(conn, by=operator, person_id=binh)) == [("c1", 1), ("c2", 2)]
    assert [(one.version, one.person_id) for one in history(conn, by=operator, rtype="Condition", id="c2")] == [
        (2, binh),
        (1, binh),
    ]  # the person of today


def test_tombstone_and_return(conn, operator, put, condition, an):
    put_many(conn, by=operator, puts=[put(condition(1)), put(condition(2))])
    refs = [("Condition", "c1"), ("Condition", "c1"), ("Condition", "never")]
    assert tombstone_many(conn, by=operator, refs=refs, reason="withdrawn") == 1
    assert tombstone_many(conn, by=operator, refs=refs, reason="withdrawn") == 0
    buried = get(conn, by=operator, rtype="Condition", id="c1")
    assert (buried.deleted, buried.version, buried.doc, buried.facility_id) == (True, 2, {}, "01003")
    assert [one.id for one in of_person(conn, by=operator, person_id=an)] == ["c2"]
    assert [one.id for one in of_source(conn, by=operator, source_id=CLAIM)] == ["c2"]
    assert put_many(conn, by=operator, puts=[put(condition(1))]) == PutCounts(changed=1, deleted=1)
    assert [(one.version, one.deleted) for one in history(conn, by=operator, rtype="Condition", id="c1")] == [(3, False), (2, True), (1, False)]
    assert conn.execute("SELECT count(*) FROM audit_event WHERE tag = 'record:resource:tombstone' AND reason = 'withdrawn'").fetchone() == (1,)


def test_of_source_is_one_claims_living_rows(conn, operator, put, condition):
    other = UUID(int=0xC2)
    put_many(conn, by=operator, puts=[put(condition(1)), put(condition(2), source=other), put(condition(3))])
    assert [one.id for one in of_source(conn, by=operator, source_id=CLAIM)] == ["c1", "c3"]
    assert [one.id for one in of_source(conn, by=operator, source_id=other)] == ["c2"]
    tombstone_many(conn, by=operator, refs=[("Condition", "c3")], reason="gone")
    found = refs_of_sources(conn, by=operator, source_ids=[CLAIM, other, UUID(int=9)])
    assert found == {CLAIM: {("Condition", "c1")}, other: {("Condition", "c2")}}


def test_nothing_to_do(conn, operator):
    assert put_many(conn, by=operator, puts=[]) == PutCounts()
    assert tombstone_many(conn, by=operator, refs=[], reason="") == 0
    assert get(conn, by=operator, rtype="Condition", id="none") is None
    assert history(conn, by=operator, rtype="Condition", id="none") == []


def test_a_facility_writes_for_itself_only(conn, put, condition):
    with pytest.raises(Forbidden, match="01003"):
        put_many(conn, by=Actor.facility_client("79001"), puts=[put(condition(), facility="01003")])
