"""The rules of identity are read whole or not at all."""

import pytest

from yba.identity import IdType
from yba.identity.survive import FIELDS
from yba.specs import identity as specs
from yba.specs import systems
from yba.specs.claims import SpecError


def test_every_kind_of_identifier_has_a_system_and_words_for_its_conflict():
    kinds = specs.identifiers().kinds
    assert [kind.type for kind in kinds] == [
        t.value for t in (IdType.CITIZEN, IdType.INSURANCE, IdType.CARD, IdType.PASSPORT, IdType.OLD_CITIZEN, IdType.TEMPORARY)
    ]
    assert all(systems.identifier(kind.system) for kind in kinds)
    assert {kind.review for kind in kinds} <= set(specs.reviews())


def test_every_field_has_a_rule_that_ends_with_the_latest():
    assert set(FIELDS) == set(specs.survivorship())
    assert {(rule.within[-1], rule.across[-1]) for rule in specs.survivorship().values()} == {("latest", "latest")}


@pytest.mark.parametrize(
    ("name", "text", "loader"),
    [
        ("survivorship.toml", '[field.name]\nwithin = ["latest", "words"]\nacross = ["latest"]\n', specs.survivorship),
        ("survivorship.toml", '[field.name]\nwithin = ["beauty", "latest"]\nacross = ["latest"]\n', specs.survivorship),
        ("identifiers.toml", "", specs.identifiers),
    ],
)
def test_a_bad_file_fails_loudly(tmp_path, monkeypatch, name, text, loader):
    head = "source = 's'\nvalid_from = 2016-01-01\nowner = 'o'\nchecked_by = 'c'\nnext_review = 2027-01-01\n" if text else ""
    (tmp_path / name).write_text(head + text, "utf-8")
    monkeypatch.setattr(specs, "_FOLDER", tmp_path)
    with pytest.raises(SpecError):
        loader.__wrapped__()
