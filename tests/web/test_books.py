"""The pages of books over HTTP: who may, what stands in them in both languages, files, paper, pages, refusals, statements."""

import csv
import io

import openpyxl
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.attacks.test_books import relabel
from tests.warehouse.books.library import (
    AN,
    AWAY,
    HOME,
    OURS,
    THEIRS,
    dispensed,
    exported,
    month,
    put,
    trail,
    visit,
)  # fmt: skip
from tests.web.test_english import left
from yba import accounts, directory
from yba.kit import Actor, clock, settings
from yba.kit.db import unit_of_work
from yba.operations.bench_web import counted
from yba.specs import access as specs
from yba.specs.books import books
from yba.warehouse.settings import LAKE

OPERATOR = Actor.operator()
PAGES = 40  # statements of a page of a book: who asks, rights, the lake's and the book's rows of the trail, one a type of what is shown
OCTOBER = {"period": "2026-10"}


@pytest.fixture(scope="module")
def world(migrated, tmp_path_factory):
    migrated.renew()
    folder = tmp_path_factory.mktemp("books")
    with settings.VAR.set_to(folder), LAKE.set_to(str(folder / "lake")):
        with unit_of_work(by=OPERATOR) as conn:
            directory.ensure_many(conn, by=OPERATOR, seen_at=clock.now(), facilities=[OURS, THEIRS])
            for code, name in ((OURS, "Trạm Y tế Mường Thanh"), (THEIRS, "Bệnh viện Đa khoa tỉnh")):
                directory.complete_facility(conn, by=OPERATOR, code=code, name=name)
        month()
        put(visit(AN, 60, "2026-10-09", codes=("I10",), more=[dispensed(AN, 69, 60, "Amlodipin 5mg")]))
        exported()
        yield migrated


def signed_in(role, *, facility=OURS, area="", proven=True):
    with unit_of_work(by=OPERATOR) as conn:
        post = accounts.Post(role, facility=facility, area=area)
        username = f"{role}.{clock.now().timestamp()}"
        made_ = accounts.join(conn, by=OPERATOR, username=username, display_name=f"Người {role}", post=post, reason="vào làm việc")
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(pk=made_.account))
    session = client.session
    session["started"] = session["seen"] = clock.now().timestamp()
    if proven:
        session["yba_assured"] = str(made_.account)
    session.save()
    return client


@pytest.fixture(scope="module")
def nurse(world):
    return signed_in("station-nurse", area=HOME)


def shown(browser, name="a1", **asked):
    answer = browser.get(f"/books/{name}", {**OCTOBER, **asked})
    assert answer.status_code == 200, answer.text[:3000]
    return answer.text


def test_the_list_says_of_each_book_what_a_row_is_and_which_are_closed(nurse):
    page = nurse.get("/books").text
    for one in books().values():
        assert one.title.vi in page
        opens = f'href="/books/{one.name}"' in page
        assert opens == (not one.restricted or one.restricted == ("tuberculosis",)), one.name
    assert "hạn chế: bạn chưa có quyền mở" in page
    assert "TT 37/2019/TT-BYT" in page


def test_a_book_on_the_page(nurse):
    page = shown(nurse)
    for said in (
        "LÒ THỊ AN",
        "TRẦN THỊ BÌNH",
        "011159001234",
        "Paracetamol 500mg",
        "Ho, sốt",
        "Trạm Y tế Mường Thanh",
        "10/2026",
        "3 dòng",
        "Ngày 05/10/2026",
    ):
        assert said in page, said
    assert "VÀNG THỊ CHI" not in page
    assert f"/record/{AN}" in page
    assert "Người cư trú tại" in page, "the commune may be chosen too"
    assert "VÀNG THỊ CHI" in shown(nurse, at=f"area:{HOME}")
    assert "VÀNG THỊ CHI" in shown(nurse, facility=THEIRS)
    assert "TRẦN THỊ BÌNH" not in shown(nurse, facility=THEIRS)


def test_days_and_editions_may_be_chosen(nurse):
    week = nurse.get("/books/a1", {"since": "05/10/2026", "until": "05/10/2026"}).text
    assert "LÒ THỊ AN" in week
    assert "TRẦN THỊ BÌNH" not in week
    assert "10/2026 · TT 37/2019/TT-BYT" in shown(nurse, edition="tt37-2019")
    for asked in ({"since": "05/10/2026"}, {"period": "tháng mười"}, {"since": "05/10/2026", "until": "01/10/2026"}):
        answer = nurse.get("/books/a1", asked)
        assert (answer.status_code, "Kỳ không đọc được" in answer.text) == (400, True), asked
    assert nurse.get("/books/a13").status_code == 404


def test_in_english_nothing_of_ours_is_vietnamese(world):
    browser = signed_in("station-nurse", area=HOME)
    data = {
        "LÒ THỊ AN",
        "TRẦN THỊ BÌNH",
        "Bản Noong Bua",
        "Ho, sốt",
        "Uống đủ nước",
        "Trạm Y tế Mường Thanh",
        "001234/ĐB-CCHN",
        "Người station-nurse",
    }
    data |= {directory.commune(HOME, clock.today()).name, "bệnh", "Thái", "Y bạ"}
    for address in ("/books", "/books/a1", "/books/a3", "/books/a11", "/books/a12", "/books/a1/print", "/books/a9"):
        page = browser.get(address, {**OCTOBER, "lang": "en"}).text
        assert left(page, data) == [], address


def test_what_has_no_source_is_never_empty(nurse):
    page = shown(nurse, "a12")
    assert "chưa có nguồn" in page
    assert "Nguy cơ tim mạch</b>: chưa có nguồn" in page
    assert "chưa có nguồn" in shown(nurse, "a11")
    assert "buổi truyền thông chưa được ghi" in shown(nurse, "a11")


def test_files_are_the_same_rows_and_each_is_a_reading(nurse, world):
    answer = nurse.get("/books/a1/export", OCTOBER)
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [line[2] for line in lines[1:]] == ["LÒ THỊ AN", "TRẦN THỊ BÌNH", "LÒ THỊ AN"]
    assert "so-a1-2026-10.csv" in answer["Content-Disposition"]
    book = nurse.get("/books/a1/export", {**OCTOBER, "as": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).active
    assert [cell.value for cell in sheet["C"]][4:] == ["LÒ THỊ AN", "TRẦN THỊ BÌNH", "LÒ THỊ AN"]
    assert [row[5]["form"] for row in trail() if row[1] == "Book"][-2:] == ["csv", "xlsx"]
    assert answer["Cache-Control"] == "no-store"


def test_paper_holds_all_rows_and_no_link(nurse):
    page = nurse.get("/books/a1/print", OCTOBER).text
    assert 'class="bookpaper"' in page, "wide books alone break numbers to fit"
    assert "LÒ THỊ AN" in page
    assert f"/record/{AN}" not in page


@pytest.mark.law("DLCN-R01")
@pytest.mark.parametrize("role", sorted(name for name, one in specs.roles().items() if one.kind == "staff"))
def test_who_has_no_rows_is_refused_everywhere_and_it_is_written_down(world, role):
    holds = any("warehouse:row:read" in rule.rights for rule in specs.roles()[role].may)
    browser = signed_in(role, area=HOME if role in {"station-nurse", "epidemiologist"} else "")
    for address in ("/books", "/books/a1", "/books/a1/print", "/books/a1/export"):
        assert (browser.get(address, OCTOBER).status_code == 403) != holds, address
    for name in ("a5-2", "a8", "a10"):
        opens = set(books()[name].restricted) <= {
            label for rule in specs.roles()[role].may if "warehouse:row:read" in rule.rights for label in rule.labels
        }
        assert (browser.get(f"/books/{name}/export", OCTOBER).status_code == 200) == opens, name


def test_the_second_factor_is_asked_for(world):
    browser = signed_in("station-nurse", area=HOME, proven=False)
    answer = browser.get("/books/a1", OCTOBER)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/")


def test_a_label_of_a_minute_ago_is_respected(world, nurse):
    other = signed_in("station-nurse", facility=OURS, area=AWAY)
    assert "LÒ THỊ AN" in shown(other)
    relabel(AN, 10, "psychiatry")
    try:
        page = shown(other)
        assert "2 dòng" in page
        assert "Paracetamol 500mg" not in page
        assert "Paracetamol" not in other.get("/books/a1/export", OCTOBER).content.decode()
    finally:
        put(visit(AN, 10, "2026-10-05"))


def test_a_page_asks_no_more_statements_for_many_rows_than_for_few(world, nurse):
    def asked(**given):
        with counted() as sent:
            page = shown(nurse, **given)
        return len(sent), page

    shown(nurse)
    few, _ = asked()
    put(*[visit(AN, 1000 + 10 * number, "2026-08-05", more=[dispensed(AN, 1005 + 10 * number, 1000 + 10 * number, "Thuốc")]) for number in range(60)])
    exported()
    many, page = asked(period="2026-08")
    assert many <= few + 2, (few, many)
    assert many <= PAGES
    assert "60 dòng" in page
    assert "Trang 1 / 2" in page
    assert "Trang 2 / 2" in shown(nurse, period="2026-08", page="2")
