"""What makes the mapping fast must not be seen: folding word by word, filters in front of patterns, runs that leave no rings behind."""

import gc

from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.mapping.samples import full, inpatient
from yba.ingest import row_keys
from yba.ingest.mapping import map_claim
from yba.kit import folding
from yba.specs import unborn

WORDS = st.lists(
    st.one_of(st.sampled_from(["Thai", "thái", "th?i", "fetus", "FOETAL", "Ầ", "Đau", "İ", "Σ", "σς", "\n", "\xa0", ""]), st.text(max_size=6))
)


@given(WORDS.map(" ".join))
def test_folding_by_words_is_folding_by_letters(text):
    assert folding.folded(text) == text.translate(folding._TABLE).lower()


@given(WORDS.map(" ".join))
def test_the_filter_in_front_of_the_pattern_hides_no_fetus(text):
    plain = folding.folded(folding.composed(text))
    if unborn._FETUS.search(plain):
        assert any(part in plain for part in ("thai", "th?i", "fet", "foet"))


def test_mapping_leaves_no_ring_of_references():
    """The cyclic collector is held back during a run: a ring for each claim would fill the memory."""
    claims = [inpatient(), full("3176"), full("4210")]
    for claim in claims:
        map_claim(claim, row_keys.fresh(claim.tables))
    gc.collect()
    gc.disable()
    try:
        for claim in claims:
            map_claim(claim, row_keys.fresh(claim.tables))
        assert gc.collect() == 0
    finally:
        gc.enable()
