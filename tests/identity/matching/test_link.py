"""Any list of people: what is found, and what is said of a list that cannot be used."""

import csv

import pytest

from yba.identity import link_lists
from yba.kit.errors import Invalid
from yba.synth import dirty

HEAD = "ma,ho_ten,ngay_sinh,gioi,cccd,dien_thoai,xa"
MAP = 'id = "ma"\n[columns]\nname = "ho_ten"\nbirth = "ngay_sinh"\nsex = "gioi"\ncitizen = "cccd"\nphone = "dien_thoai"\ncommune = "xa"\n'


@pytest.fixture
def run(tmp_path):
    def link(*lists, mapping=MAP, **options):
        (tmp_path / "columns.toml").write_text(mapping, "utf-8")
        files = []
        for at, content in enumerate(lists):
            files.append(tmp_path / f"{'AB'[at]}.csv")
            files[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
        done = link_lists(files, tmp_path / "columns.toml", tmp_path / "pairs.csv", **options)
        with (tmp_path / "pairs.csv").open(encoding="utf-8", newline="") as rows:
            return done, list(csv.DictReader(rows))

    return link


def _list(rows, prefix=""):
    said = [HEAD, *(f"{prefix}{row.id},{row.name},{row.birth},{row.sex},{row.citizen},{row.phone},{row.commune}" for row in rows)]
    return "\n".join(said) + "\n"


def test_two_lists_are_linked_across_and_explained(run):
    rows = list(dirty.residents(31, 400))
    again = [row for row, _ in dirty.copies(31, rows, share=0.5)]
    done, pairs = run(_list(rows), _list(again))
    links = [pair for pair in pairs if pair["zone"] == "link"]
    right = [pair for pair in links if pair["left"][1:] == pair["right"][1:]]
    assert (done.rows, done.links) == (len(rows) + len(again), len(links))
    assert len(right) > 0.8 * len(again)
    assert len(right) == len(links)
    assert all(pair["left"].startswith("A") and pair["right"].startswith("B") for pair in pairs)
    assert all("Họ tên: " in pair["explanation"] for pair in links)


def test_the_order_of_rows_does_not_matter(run):
    rows = list(dirty.residents(32, 300))
    rows += [row for row, _ in dirty.copies(32, rows)]
    judged = [
        {(frozenset((pair["left"], pair["right"])), pair["weight"], pair["zone"]) for pair in run(_list(order))[1]} for order in (rows, rows[::-1])
    ]
    assert judged[0]
    assert judged[0] == judged[1]


def test_blocks_do_not_explode(run):
    """10^5 records of one name and birth year: the block is above its cap and leaves them to finer ones; two of them are told apart by a number."""
    crowd = "\n".join(f"N{n},Nguyễn Văn A,1980,nam,,,00004" for n in range(100_000))
    sure = "X1,Nguyễn Văn A,1980,nam,001080123457,,00004\nX2,Nguyễn Văn A,1980,nam,001080123457,,00004\n"
    done, pairs = run(f"{HEAD}\n{crowd}\n{sure}")
    assert done.looked_at < 1000
    assert [(pair["left"], pair["right"], pair["zone"]) for pair in pairs] == [("X1", "X2", "link")]


def test_what_is_wrong_in_a_list_is_told_by_column_and_row(run):
    done, _pairs = run(f"{HEAD}\n1,<b>Trần</b> Văn B,1980-01-02,nam,12,0912,zz\n2,con bà Lan,hôm nay,?,,,\n")
    told = {(each.rule, each.column, each.rows) for each in done.findings}
    assert told == {
        ("LINK001", "ho_ten", (2,)), ("LINK002", "ho_ten", (1,)), ("LINK003", "ngay_sinh", (2,)), ("LINK004", "gioi", (2,)),
        ("LINK005", "cccd", (1,)), ("LINK006", "dien_thoai", (1,)), ("LINK007", "xa", (1,)),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEAD.encode() + b"\n1,Tr\xc7n,1980,nam,,,\n", "A.csv, dòng 2: không phải UTF-8"),
        (HEAD.encode() + b"\n1,Tran\x00,1980,nam,,,\n", "A.csv, dòng 2: có ký tự NUL"),
        (HEAD.encode() + b"\n1,Tran,1980,nam,,,\n2,Tr\xe1\xba", "bị cắt giữa một ký tự"),
        (f"{HEAD}\n1,Tran,1980,nam,,,\n2,Tran,19", "A.csv, dòng 3"),
        (f'{HEAD}\n1,"Tran,1980,nam,,,\n', "A.csv, dòng 2"),
        ("ma,ho_ten\n1,Tran\n", "không có cột ngay_sinh, gioi, cccd, dien_thoai, xa"),
        (f"{HEAD}\n1,Tran,1980,nam,,,\n1,Le,1981,nu,,,\n", "dòng 2 và 3, cột ma: mã trống hoặc trùng"),
        ("", "dòng 1"),
    ],
)
def test_a_list_that_cannot_be_read_says_where(run, content, words):
    with pytest.raises(Invalid) as refused:
        run(content)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ('id = "ma"\n[columns]\nnom = "ho_ten"\n', "không biết nom"),
        ("[columns]\n", "id"),
        ("id = ", "columns.toml"),
        ('id = "ma"\nset = "x.toml"\n[columns]\n', "columns.toml"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(run, mapping, words):
    with pytest.raises(Invalid) as refused:
        run(f"{HEAD}\n", mapping=mapping)
    assert words in str(refused.value)


def test_an_empty_list_has_no_pairs(run):
    assert run(f"{HEAD}\n")[1] == []


def test_families_and_twins_are_not_linked(run):
    rows = [
        "1,Nguyễn Văn Hùng,1970-05-06,nam,,0912345671,00004",
        "2,Nguyễn Văn Hùng,1998-02-03,nam,,0912345671,00004",  # his son
        "3,Nguyễn Thị Hoa,2018-07-09,nữ,,0912345671,00004",
        "4,Nguyễn Thị Huệ,2018-07-09,nữ,,0912345671,00004",  # her twin
        "5,Nguyễn Thị Lan,2015-03-04,nữ,001315000011,0912345671,00004",
        "6,Nguyễn Thị Lan,2015-03-04,nữ,001315999922,0912345671,00004",  # another number
    ]
    _, pairs = run("\n".join([HEAD, *rows]) + "\n")
    assert [pair for pair in pairs if pair["zone"] == "link"] == []
    assert {(pair["left"], pair["right"]) for pair in pairs} >= {("3", "4"), ("5", "6")}
