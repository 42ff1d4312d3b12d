"""What an operator loads (ATC, SNOMED CT): checked whole, kept or refused whole."""

from __future__ import annotations

import zipfile
from datetime import date

import pytest

from yba import terminology
from yba.kit import Actor, Invalid
from yba.terminology.sources import valid_atc, valid_sctid

BY = Actor.operator()
ATC = "code,name\nA,ALIMENTARY TRACT\nA10,DRUGS USED IN DIABETES\nA10B,BLOOD GLUCOSE LOWERING\nA10BA,Biguanides\nA10BA02,metformin\n"


@pytest.fixture(autouse=True)
def _own_folder(var):
    terminology.forget()
    yield
    terminology.forget()


def load(tmp_path, text, system="atc", edition="2026", valid_from=date(2026, 1, 1)):
    path = tmp_path / "codes.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = terminology.load(system, path, by=BY, edition=edition, valid_from=valid_from, licence="made up for a test")
    terminology.forget()
    return done


def test_nothing_is_shipped():
    assert "atc" not in {info.id for info in terminology.all_lists()}
    with pytest.raises(terminology.UnknownList):
        terminology.lookup("atc", "A10BA02")


def test_a_load_is_found_by_id_and_uri_and_knows_its_tree(tmp_path):
    assert load(tmp_path, ATC).codes == 5
    assert terminology.lookup("atc", "a10ba02").display_en == "metformin"
    assert terminology.lookup("http://www.whocc.no/atc", "A10BA02").parent == "A10BA"
    assert terminology.subsumes("atc", "A10", "A10BA02")
    assert terminology.is_member("atc", "Z99", date(2026, 2, 1)) is terminology.Membership.UNKNOWN
    assert terminology.lookup("atc", "A10BA02", date(2025, 12, 31)) is None


def test_editions_stand_side_by_side(tmp_path):
    load(tmp_path, ATC)
    done = load(tmp_path, ATC + "A10BA03,buformin\n", edition="2027", valid_from=date(2027, 1, 1))
    assert (done.added, done.removed) == (1, 0)
    assert terminology.lookup("atc", "A10BA03", date(2026, 12, 31)) is None
    assert terminology.lookup("atc", "A10BA03", date(2027, 1, 1)) is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no columns"),
        ("x,y\nA,b\n", "no columns"),
        ("code,name\n", "holds no codes"),
        ("code,name\nA,x\nA,y\n", "twice"),
        ("code,name\nA,x\nA10,\n", "has no name"),
        ("code,name\nA10BA02,metformin\n", "parent A10BA is missing"),
        ("code,name\nA'; DROP,metformin\n", "is no atc code"),
        ("code,name\nA,caf\xe9\n".encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_faulty_file_is_refused_whole(tmp_path, text, message):
    with pytest.raises(Invalid, match=message):
        load(tmp_path, text)
    assert "atc" not in {info.id for info in terminology.all_lists()}


def test_a_list_that_shrank_is_refused(tmp_path):
    load(tmp_path, ATC)
    with pytest.raises(Invalid, match="the edition before had 5"):
        load(tmp_path, "code,name\nA,x\nA10,y\n", edition="2027", valid_from=date(2027, 1, 1))


@pytest.mark.parametrize("edition", ["", "../../etc/x", "a/b", "a b", ".hidden", "x" * 41])
def test_an_edition_is_no_path(tmp_path, edition):
    with pytest.raises(Invalid, match="file name"):
        load(tmp_path, ATC, edition=edition)


def test_a_packaged_list_cannot_be_replaced(tmp_path):
    with pytest.raises(Invalid, match="not a system"):
        load(tmp_path, ATC, system="icd10")


def sctid(stem: int) -> str:
    """A made-up identifier with its check digit."""
    return next(f"{stem}{digit}" for digit in range(10) if valid_sctid(f"{stem}{digit}"))


ROOT, DISEASE, HEART, LUNG, BOTH = (sctid(stem) for stem in (90000001, 90000002, 90000003, 90000004, 90000005))


def release(folder, *, without=""):
    def write(name, head, rows):
        if name != without:
            lines = ["\t".join(head), *("\t".join(row) for row in rows)]
            (folder / f"{name}_INT_20260101.txt").write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")

    ids = (ROOT, DISEASE, HEART, LUNG, BOTH)
    write("sct2_Concept_Snapshot", ("id", "active"), [(c, "1") for c in ids] + [(sctid(90000009), "0")])
    names = [(c, "1", "900000000000003001", f'Made-up "thing" {n}') for n, c in enumerate(ids)]
    write("sct2_Description_Snapshot-en", ("conceptId", "active", "typeId", "term"), names)
    above = [(DISEASE, ROOT), (HEART, DISEASE), (LUNG, DISEASE), (BOTH, HEART), (BOTH, LUNG)]
    write("sct2_Relationship_Snapshot", ("sourceId", "destinationId", "active", "typeId"), [(a, b, "1", "116680003") for a, b in above])
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_snomed_has_many_parents(tmp_path, packed):
    (tmp_path / "rf2").mkdir()
    path = release(tmp_path / "rf2")
    if packed:
        path = tmp_path / "release.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in (tmp_path / "rf2").iterdir():
                archive.write(file, f"SnomedCT/Snapshot/Terminology/{file.name}")
    done = terminology.load("snomed", path, by=BY, edition="20260101", valid_from=date(2026, 1, 1), licence="made up")
    terminology.forget()
    assert done.codes == 5
    assert all(terminology.subsumes("snomed", above, BOTH) for above in (ROOT, DISEASE, HEART, LUNG, BOTH))
    assert not terminology.subsumes("snomed", HEART, LUNG)
    assert terminology.lookup("snomed", ROOT).display_en == 'Made-up "thing" 0'


def test_a_release_without_a_file_is_refused(tmp_path):
    path = release(tmp_path, without="sct2_Relationship_Snapshot")
    with pytest.raises(Invalid, match="sct2_Relationship"):
        terminology.load("snomed", path, by=BY, edition="1", valid_from=date(2026, 1, 1), licence="made up")


def test_check_digits_and_patterns():
    assert valid_sctid("138875005")  # the root, as published
    assert not valid_sctid("138875006")
    assert not valid_sctid("0138875005")
    assert valid_atc("A10BA02")
    assert not valid_atc("A10BA2")
    assert not valid_atc("A10BA022")
