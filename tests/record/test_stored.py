"""How documents stand in the record: without type and id, and given back to the letter, old rows too."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.record import PutCounts, get, history, put_many
from yba.record.lines import columns_of, stored, whole

UUID_FORM = "0329159d-2508-8f43-86bc-a506a297609f"
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
LAYOUT = st.sampled_from(["", " ", "\n", "\t "])
MEMBER = st.tuples(st.sampled_from(["resourceType", "id", "status", " ", "{"]), TEXT | st.integers(0, 9) | st.just({}))


@given(st.lists(MEMBER, max_size=4), LAYOUT, LAYOUT, st.sampled_from(["c1", UUID_FORM]))
def test_whatever_is_put_is_given_back_to_the_letter(members, before, between, id_):
    """Doubled keys, another order, layout: the same bytes come back."""
    head = [("resourceType", "Condition"), ("id", id_)]
    for given_members in (members, head + members, members + head):
        inner = f",{between}".join(f"{orjson.dumps(key).decode()}:{orjson.dumps(value).decode()}" for key, value in given_members)
        doc = f"{before}{{{inner}}}"
        assert whole("Condition", id_, stored("Condition", id_, doc.encode()).decode()) == doc


def test_type_and_id_stand_in_columns_only(conn, operator, put, condition):
    put_many(conn, by=operator, puts=[put(condition(note=[{"text": "x"}])), put({"resourceType": "Basic", "id": UUID_FORM}, fresh=True)])
    rows = dict(conn.execute("SELECT coalesce(given_id, id::text), doc::text FROM resource").fetchall())
    assert rows[UUID_FORM] == "{}"
    assert "resourceType" not in rows["c1"]
    assert '"c1"' not in rows["c1"]
    assert get(conn, by=operator, rtype="Basic", id=UUID_FORM).json == f'{{"resourceType":"Basic","id":"{UUID_FORM}"}}'
    assert list(get(conn, by=operator, rtype="Condition", id="c1").doc)[:2] == ["resourceType", "id"]


@pytest.mark.parametrize("id_", ["C1", UUID_FORM, UUID_FORM.upper(), UUID_FORM.replace("-", ""), "0" * 64])
def test_an_id_keeps_its_spelling(conn, operator, put, condition, id_):
    doc = condition() | {"id": id_}
    put_many(conn, by=operator, puts=[put(doc)])
    put_many(conn, by=operator, puts=[put(doc | {"language": "vi"})])
    assert [one.id for one in history(conn, by=operator, rtype="Condition", id=id_)] == [id_, id_]
    assert (columns_of(id_)[1] is None) is (id_ == UUID_FORM)


def test_rows_from_before_read_the_same_and_are_not_changed_by_the_same_put(conn, operator, put, condition):
    """Documents stored whole, as they were before type and id were left out."""
    one = put(condition())
    put_many(conn, by=operator, puts=[one])
    conn.execute("UPDATE resource SET doc = %s", (one.doc.decode(),))
    found = get(conn, by=operator, rtype="Condition", id="c1")
    assert found.json == one.doc.decode()
    assert put_many(conn, by=operator, puts=[one]) == PutCounts(unchanged=1)
    assert put_many(conn, by=operator, puts=[put(condition(language="vi"))]) == PutCounts(changed=1)
    assert [version.json for version in history(conn, by=operator, rtype="Condition", id="c1")][1] == one.doc.decode()
