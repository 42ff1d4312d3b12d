"""The compiled functions: one for all columns of a decision does for a row what one for just the row's fields does."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yba.ingest.mapping.context import Context
from yba.ingest.mapping.engine import shapes
from yba.ingest.mapping.release import CURRENT, release
from yba.ingest.mapping.source import compiled, has_room
from yba.ingest.model import Envelope, ParsedClaim
from yba.specs.claims import edition

VALUES = st.sampled_from(["0", "1", "100", "12.50", "1,5", " ", "a;b", "202601011030", "20260101", "thai nhi là nam", "K01;K02", "\x01x", "Thuốc"])
KINDS = {"XML1": ("", "height"), "XML3": ("", "procedure", "report", "supply"), "XML4": ("number", "text", "narrative"), "XML6": ("", "positive")}
DECISIONS = ("917", "4210", "130", "4750", "3176", "1931")


def _told(fill, row):
    claim = ParsedClaim("3176", "01234", "L1", {"XML1": [{"MA_LK": "L1", "NGAY_YL": "202601011030"}]}, Envelope(), [])
    over: dict[str, str] = {}
    docs = fill(Context(claim), row, 0, over)
    return orjson.dumps([list(docs.items()), list(over.items())])


@pytest.mark.parametrize("table", ["XML1", "XML2", "XML3", "XML4", "XML5", "XML6", "XML7", "XML9", "XML13", "XML15"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_one_function_serves_every_set_of_fields(table, data):
    decision = data.draw(st.sampled_from([one for one in DECISIONS if table in edition(one).tables]))
    variant = data.draw(st.sampled_from(KINDS.get(table, ("",))))
    mapped = release(CURRENT)[table]
    columns = [name for name in edition(decision).tables[table].by_field if name in mapped.bit and has_room(mapped, variant, name)]
    row = {name: data.draw(VALUES) for name in columns if data.draw(st.booleans())}
    shape = shapes(CURRENT, decision, table, variant)[tuple(row)]
    assert _told(shape.fill, row) == _told(compiled(mapped, variant, tuple(row)), row)


@given(st.permutations(["MA_LK", "STT", "LA_GI", "GIA_TRI", "NGAY_KQ", "GI_NUA"]))
def test_unknown_fields_are_kept_in_the_order_of_the_row(names):
    row = dict.fromkeys(names, "?")
    shape, over = shapes(CURRENT, "3176", "XML4", "text")[tuple(row)], {}
    shape.fill(Context(ParsedClaim("3176", "01234", "L1", {"XML1": [{}]}, Envelope(), [])), row, 0, over)
    shape.keep_unknown(row, over)
    late = [name for name in names if name not in {"GIA_TRI", "NGAY_KQ"}]
    assert [name for name in over if name not in {"GIA_TRI", "NGAY_KQ"}] == late
