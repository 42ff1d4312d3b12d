"""Every act that can stand in the trail is told in words of both languages, and no two acts in the same words."""

import pytest

from yba.audit.tags import Tag
from yba.specs.acts import act, acts


@pytest.mark.parametrize("tag", Tag)
def test_every_act_has_words_of_both_languages(tag):
    assert tag.value in acts(), "write its words in specs/acts.toml"
    told = act(tag.value)
    assert told.vi != told.en
    assert ":" not in told.vi + told.en


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_two_acts_are_told_alike(lang):
    words = [getattr(one, lang) for one in acts().values()]
    assert len(set(words)) == len(words)


def test_an_act_of_another_release_is_told_by_its_tag():
    assert act("gone:thing:did") == ("gone:thing:did", "gone:thing:did")
