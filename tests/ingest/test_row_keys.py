"""Row keys survive corrections: content first, then number, then position; new rows never reuse a key."""

from hypothesis import given
from hypothesis import strategies as st

from yba.ingest import row_keys

ROWS = st.lists(st.fixed_dictionaries({"MA_THUOC": st.sampled_from("abcdef"), "STT": st.sampled_from(["1", "2", "3", "x", ""])}), max_size=8)


def keys_after(before, after):
    tables = {"XML2": before}
    packed = row_keys.pack(tables, row_keys.fresh(tables))
    return row_keys.matched(packed, {"XML2": after})["XML2"]


@given(ROWS, ROWS)
def test_keys_are_unique_and_equal_content_keeps_its_key(before, after):
    keys = keys_after(before, after)
    assert len(set(keys)) == len(after)
    assert min(keys, default=1) >= 1


@given(ROWS)
def test_unchanged_rows_keep_everything(rows):
    assert keys_after(rows, rows) == list(range(1, len(rows) + 1))


def test_reordered_rows_keep_their_keys():
    a, b, c = ({"MA_THUOC": x, "STT": str(n)} for n, x in enumerate("abc", 1))
    assert keys_after([a, b, c], [{**c, "STT": "1"}, {**a, "STT": "2"}]) == [3, 1]


def test_changed_row_is_found_by_its_number_and_a_new_one_gets_a_new_key():
    before = [{"MA_THUOC": "a", "STT": "1"}, {"MA_THUOC": "b", "STT": "2"}]
    after = [{"MA_THUOC": "a", "STT": "1"}, {"MA_THUOC": "B", "STT": "2"}, {"MA_THUOC": "c", "STT": "3"}]
    assert keys_after(before, after) == [1, 2, 3]


def test_vanished_rows_give_their_key_to_nobody_with_other_content_and_number():
    before = [{"MA_THUOC": "a", "STT": "1"}, {"MA_THUOC": "b", "STT": "2"}]
    assert keys_after(before, [{"MA_THUOC": "b", "STT": "2"}, {"MA_THUOC": "z", "STT": "9"}])[0] == 2
