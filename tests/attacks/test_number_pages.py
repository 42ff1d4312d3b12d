"""The pages of numbers attacked over HTTP: another facility's by whatever parameter, hostile names on page and in file, forged questions, few people by subtraction."""

import csv
import io
from uuid import UUID, uuid4

import openpyxl
import orjson
import pytest

from tests.pace import rest
from tests.web import measured_world as w
from tests.web.test_measures import signed_in
from yba import accounts, directory, warehouse
from yba.audit import Tag
from yba.kit import Invalid, clock
from yba.kit.db import reading, unit_of_work
from yba.kit.ids import new_id
from yba.operations.bench_web import counted
from yba.specs.access import roles
from yba.specs.boards import boards
from yba.specs.measures import Dimension, Kind, measures
from yba.warehouse import alerts, digests

EVIL = '=HYPERLINK("http://x","y")<script>alert(1)</script>"><img src=x onerror=alert(1)>{{7*191}}\x07#emph[x]$x$'
SIGNS = ("<script>alert", "<img src=x", "1337", "Traceback", "psycopg", "duckdb", "read_parquet")
OWN, OTHER = "11002", w.HOSPITAL
OTHERS = w.NAMES[OTHER]
FORGED = [
    OTHER, "1100１", "１１００１", f"{OTHER} ", f" {OTHER}", f"{OTHER}\x00", f"{OTHER},{OWN}", f"{OWN},{OTHER}", "*", "%", "_____", "11_01", "' OR '1'='1", "province",
    "NULL", "", "facility:11001", "../11001", "[]", "11001;11002",
]  # fmt: skip
ROADS = ["/measures/visits", "/measures/visits/export", "/measures/length-of-stay/export", "/measures/readmission-30", "/director", "/director/csv"]


@pytest.fixture(scope="module")
def world(migrated, tmp_path_factory):
    migrated.renew()
    with w.laid(tmp_path_factory.mktemp("numbers")):
        with unit_of_work(by=w.OPERATOR) as conn:
            directory.complete_facility(conn, by=w.OPERATOR, code="11005", name=EVIL)
        yield migrated


@pytest.fixture(autouse=True)
def rested(world):
    """Let a minute pass: an attack asks more often than a person may."""
    rest()


@pytest.fixture(scope="module")
def manager(world):
    return signed_in("provincial-manager")


@pytest.fixture(scope="module")
def head(world):
    return signed_in("facility-manager", facility=OWN)


def employed(role):
    """An account with a role where it can be held: of a facility, a commune, or both."""
    for places in ({"facility": OWN}, {"facility": OWN, "area": w.communes()[0]}, {"area": w.communes()[0]}, {}):
        try:
            with unit_of_work(by=w.OPERATOR) as conn:
                post = accounts.Post(role, **places)
                given = {"username": f"x{uuid4().hex[:10]}", "display_name": "Người Thử", "post": post, "reason": "kiểm thử"}
                return accounts.join(conn, by=w.OPERATOR, **given).account
        except Invalid:
            continue
    raise AssertionError(role)


def lines(answer):
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.law("BAOMAT-CB-R02")
@pytest.mark.parametrize("road", ROADS)
def test_the_head_of_a_facility_is_told_of_no_other(head, road):
    fields = (
        "facility",
        "area",
        "commune",
        "value",
        "by",
        "and",
        "period",
        "since",
        "board",
        "tile",
        "open",
        "map",
        "as",
        "limits",
        "facility[]",
        "places",
    )
    asked = [("facility", forged) for forged in FORGED] + [(field, FORGED[turn % len(FORGED)]) for turn, field in enumerate(fields * 2)]
    answered = 0
    for field, forged in asked:
        answer = head.get(road, {"by": "facility", "tile": 1, field: forged})
        assert answer.status_code in {200, 400, 403, 404}, (field, forged)
        if answer.status_code == 200:
            answered += 1
            text = answer.content.decode(errors="replace")
            if road == "/director" and field == "facility":
                assert '<b class="num">' not in text or forged in {"", "[]"}, forged  # what it is called is public, no number of it is
                continue
            assert OTHERS not in text, (field, forged)
            assert f"{OTHER}," not in text, (field, forged)
    assert answered, "a road that always refuses proves nothing"
    for twice in (f"facility={OWN}&facility={OTHER}", f"facility={OTHER}&facility={OWN}", f"by=facility&by=detail&facility={OTHER}"):
        answer = head.get(f"{road}?{twice}&tile=1")
        text = answer.content.decode(errors="replace")
        assert answer.status_code in {400, 403} or OTHERS not in text or '<b class="num">' not in text


def test_every_line_of_every_file_is_of_his_own(head):
    for name, spec in measures().items():
        if Dimension.FACILITY not in spec.dimensions:
            assert head.get(f"/measures/{name}/export").status_code == 400, name
            continue
        rest()
        answer = head.get(f"/measures/{name}/export?by=facility")
        assert answer.status_code == 200, name
        assert {line.get("facility", "") for line in lines(answer)} <= {OWN, ""}, name
    for number in range(1, len(boards()["director"].tiles) + 1):
        for by in ("facility", "commune", "detail", ""):
            answer = head.get("/director/csv", {"tile": number, "by": by, "facility": OTHER})
            assert answer.status_code in {200, 404}
            if answer.status_code == 200:
                assert {line.get("facility", OWN) for line in lines(answer)} <= {OWN, ""}


def test_his_numbers_are_his_facilitys_and_not_the_whole_hidden_in_a_commune(head, manager):
    """A commune's number, narrowed to where he is: not larger than what his facility saw of it."""
    when = {"period": w.last_month(), "by": "commune"}
    whole = sum(float(line["value"] or 0) for line in lines(head.get("/measures/visits/export", {**when, "by": "facility"})))
    mine = lines(head.get("/measures/visits/export", when))
    assert sum(float(line["value"] or 0) for line in mine) <= whole
    every = lines(manager.get("/measures/visits/export", when))
    assert sum(float(line["value"] or 0) for line in every) > whole
    for code in w.communes()[:3]:
        (told,) = lines(head.get("/measures/visits/export", {"period": w.last_month(), "area": code}))[-1:]
        assert float(told["value"] or 0) <= whole + 5


@pytest.mark.parametrize("role", sorted(name for name, one in roles().items() if one.kind == "staff"))
def test_roles_without_the_right_are_told_nothing_by_any_page_or_file(world, role):
    may = {right for rule in roles()[role].may for right in rule.rights}
    roads = {
        "warehouse:measure:read": ["/measures", *ROADS, "/director/wall"], "warehouse:alert:read": ["/alerts"], "warehouse:digest:read": ["/digests"],
        "warehouse:report:read": ["/reports-period", "/reports-period/facility-activity?unit=province&period=2026-10"],
        "warehouse:row:read": ["/books", "/books/a1", "/books/a1/export", "/books/a1/print"],
    }  # fmt: skip
    closed = [road for right, some in roads.items() if right not in may for road in some]
    if not closed:
        return
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(w, "employ", employed)
        browser = signed_in(role)
    for road in closed:
        answer = browser.get(road)
        assert answer.status_code in {302, 403}, road
        assert OTHERS not in answer.content.decode(errors="replace")


def test_a_hostile_name_is_text_on_every_page_and_in_every_file(manager):
    desk = len(boards()["director"].tiles)
    pages = ["/director", "/director?facility=11005", "/director/wall", "/director/wall?slide=1", "/alerts", "/measures/visits?by=facility", "/measures/visits?facility=11005",
             "/measures/readmission-30?by=facility", "/measures/referrals?by=facility&and=detail", "/reports-period/facility-activity?unit=facility:11005&period=2026-10"]  # fmt: skip
    for page in pages:
        text = manager.get(page).content.decode()
        assert not [one for one in SIGNS if one in text], page
    assert "&lt;script&gt;alert" in manager.get("/measures/visits?by=facility").content.decode()
    files = [f"/director/csv?tile={number}&by={by}" for number in range(1, desk + 1) for by in ("facility", "")]
    files += [
        "/measures/visits/export?by=facility",
        "/measures/visits/export?facility=11005&by=facility",
        "/measures/referrals/export?by=facility&and=detail",
    ]
    for file in files:
        answer = manager.get(file)
        assert answer.status_code == 200, file
        for line in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))):
            assert not [cell for cell in line if cell[:1] in {"=", "+", "@", "\t", "\r"} and cell], file
        assert "\r" not in answer["Content-Disposition"]
        assert answer["X-Content-Type-Options"] == "nosniff"
    book = openpyxl.load_workbook(io.BytesIO(manager.get("/measures/visits/export?by=facility&as=xlsx").content)).active
    assert "f" not in {cell.data_type for row in book.iter_rows() for cell in row}


def test_alert_notes_and_closing_words_stay_text_and_are_nobody_elses(world, manager, head):
    ident = new_id()
    with unit_of_work(by=w.SYSTEM) as conn:
        conn.execute(
            "INSERT INTO warehouse_alert (id, rule, severity, measure, period, facility, value, reason, first_period, raised_at, seen_at)"
            " VALUES (%s, 'visits-by-facility', 'warning', 'visits', '2026-W40', %s, 99, 'above-limit', '2026-W40', now(), now())",
            (ident, OTHER),
        )
    for browser, status in ((head, 404), (signed_in("doctor", facility=OTHER), 403)):
        told = {(browser.post(f"/alerts/{one}", {"act": act, "note": "x"}).status_code, browser.get(f"/alerts/{one}").status_code)
                for one in (ident, UUID(int=5)) for act in ("take", "close")}  # fmt: skip
        assert {one for pair in told for one in pair} <= {status, 403}, "one that is another's and one that is none are refused alike"
        assert len(told) == 1
    for wrong in ("x" * 900 + "=" * 101, "\x00"):
        assert manager.post(f"/alerts/{ident}", {"act": "take", "note": wrong}).status_code == 400
    assert manager.post(f"/alerts/{ident}", {"act": "close", "note": "  "}).status_code == 400
    assert manager.post(f"/alerts/{ident}", {"act": "take", "note": EVIL}).status_code == 302
    shown = manager.get("/alerts").content.decode()
    assert "&lt;script&gt;" in shown
    assert not [one for one in SIGNS if one in shown]
    assert manager.post(f"/alerts/{ident}", {"act": "close", "note": EVIL}).status_code == 302
    assert not [one for one in SIGNS if one in manager.get("/alerts?state=closed").content.decode()]
    assert head.get("/alerts?state=closed").content.decode().count("&lt;script&gt;") == 0


def test_a_digest_prints_hostile_names_as_they_are(world, manager):
    """What typst would take for markup, code or a file is text; the file is a PDF whatever a facility is called."""
    evil = {"vi": EVIL.replace("\x07", ""), "en": '#read("/etc/passwd") #sys.inputs $ $ *b* @x <y> \\u{41}'}
    period = {"vi": "x", "en": "x"}
    tile = {"measure": "visits", "title": evil, "period": period, "value": evil, "why": evil, "target": None, "target_words": None, "before": None, "heard": 1,
            "expected": 1, "course": [1.0, None, 2.0], "periods": ["a", "b", "c"]}  # fmt: skip
    place = {"name": evil, "tile": evil, "words": evil, "limit": "95"}
    alert = {"title": evil, "place": evil, "words": evil, "severity": "urgent", "taken": False}
    content = {"form": 1, "title": evil, "period": period, "until": "2026-11-22T10:00+07:00", "tiles": [tile], "worst": [place], "improved": [place], "alerts": [alert],
               "more": 0, "notes": [evil]}  # fmt: skip
    for lang in ("vi", "en"):
        assert digests.paper.paper(content, lang).startswith(b"%PDF")


def test_forged_questions_are_answered_or_refused_calmly(manager):
    fields = (
        "period",
        "since",
        "until",
        "by",
        "and",
        "facility",
        "area",
        "value",
        "limits",
        "as",
        "board",
        "tile",
        "slide",
        "commune",
        "open",
        "map",
        "hold",
        "state",
    )
    values = (
        "0001",
        "9999",
        "1900",
        "0001-01-01..9999-12-31",
        "9999-12-31..9999-12-31",
        "2026-10@28",
        "-1",
        "1e9",
        "²",
        "９",
        "NaN",
        "inf",
        "{}",
        "a" * 5000,
        "\ud800",
        EVIL,
        "facility\x00",
    )
    for road in ("/measures/visits", "/measures/visits/export", "/measures", "/director", "/director/csv", "/director/wall", "/alerts", "/digests"):
        for turn, field in enumerate(fields):
            rest()
            for value in values[turn % 5 :: 5]:
                answer = manager.get(road, {field: value.encode("utf-8", "replace").decode()})
                assert answer.status_code in {200, 400, 404}, (road, field, value[:40])
                assert "Traceback" not in answer.content.decode(errors="replace")
                assert "\n" not in answer.get("Content-Disposition", "") + answer.get("Refresh", "")


def test_what_a_question_costs_is_bounded(manager):
    """The largest a page can ask: thirteen years, two dimensions, no statement of the database more than for a small one."""
    manager.get("/measures/visits", {"period": "2026", "by": "commune", "and": "age_band"})
    with counted() as sent:
        assert manager.get("/measures/visits", {"period": "2026", "by": "commune", "and": "age_band"}).status_code == 200
    assert len(sent) <= 12
    with counted() as sent:
        manager.get("/measures/visits?" + "&".join(f"facility={number}&by=facility" for number in range(900)))
    assert len(sent) <= 30


def test_who_asked_of_which_places_stands_in_the_trail_and_no_name_does(manager):
    code = w.communes()[0]
    manager.get("/measures/visits", {"period": w.last_month(), "area": code})
    with reading(by=w.SYSTEM) as conn:
        (detail,) = conn.execute("SELECT detail FROM audit_event WHERE tag = %s ORDER BY id DESC LIMIT 1", (Tag.MEASURE_READ.value,)).fetchone()
    assert orjson.loads(detail)["areas"] == [code]


# Differencing: two answers that differ by one person.


def told(browser, name="visits", **asked):
    answer = browser.get(f"/measures/{name}/export", asked)
    assert answer.status_code == 200, answer.content[:300]
    return lines(answer)


def test_one_day_more_and_one_day_less_tell_of_no_day(manager):
    """Windows of one's own over the same month: what they differ by is a multiple of five, not the visits of that day."""
    month = warehouse.period(w.last_month())
    values = []
    for last in range(20, 29):
        day = month.start.replace(day=last)
        (line,) = told(manager, since=f"{month.start:%d/%m/%Y}", until=f"{day:%d/%m/%Y}")
        values.append(float(line["value"]))
    assert all(value % 5 == 0 for value in values)
    cut = told(manager, period=f"{w.last_month()}@15")
    assert all(float(line["value"] or 0) % 5 == 0 for line in cut)


def test_a_crossing_tells_no_less_than_five(manager):
    for asked in (
        {"by": "facility", "and": "sex"},
        {"by": "commune", "and": "age_band"},
        {"facility": OTHER, "by": "sex"},
        {"area": w.communes()[0], "by": "facility"},
    ):
        shown = [float(line["value"]) for line in told(manager, period=w.last_month(), **asked) if line["state"] == "shown"]
        assert all(value % 5 == 0 for value in shown), asked
    assert {line["words"] for line in told(manager, period=w.last_month(), by="facility", **{"and": "sex"}) if line["state"] == "shown"} == {
        "đã làm tròn ngẫu nhiên"
    }
    page = manager.get("/measures/visits", {"period": w.last_month(), "by": "facility", "and": "sex"}).content.decode()
    assert "làm tròn ngẫu nhiên" in page, "and it is said"


def test_what_hides_a_smaller_one_is_not_told_by_asking_for_it_alone(manager):
    """In the table by commune the next smallest goes with the small one; the way to that commune's own page must not open it."""
    found = 0
    for name in ("visits", "notifiable-diagnoses", "top-diagnoses", "readmission-30"):
        if measures()[name].kind is Kind.MEAN:
            continue
        table = told(manager, name, period=w.month_before(), by="commune")
        hidden = [line["commune"] for line in table if line["state"] == "too_few" and line["commune"]]
        for code in hidden:
            alone = told(manager, name, period=w.month_before(), area=code)[-1]
            assert alone["state"] == "too_few", (name, code)
            found += 1
        shown = [line for line in table if line["state"] == "shown" and line["commune"]]
        for line in shown[:2]:
            assert told(manager, name, period=w.month_before(), area=line["commune"])[-1]["value"] == line["value"]
    assert found, "the world has small communes"


def test_the_same_question_is_answered_alike_however_often_and_by_whatever_way(manager):
    asked = {"period": w.last_month(), "facility": OTHER, "by": "sex"}
    first = told(manager, **asked)
    for _ in range(3):
        assert told(manager, **asked) == first
    crossed = {
        line["sex"]: line["value"] for line in told(manager, period=w.last_month(), by="facility", **{"and": "sex"}) if line["facility"] == OTHER
    }
    for line in first:
        if line["state"] == "shown" and crossed.get(line["sex"]):
            assert crossed[line["sex"]] == line["value"], "no second draw to take the mean of"


def test_a_head_of_one_facility_sees_his_own_numbers_whole(head):
    (line,) = told(head, period=w.last_month(), by="facility")
    assert float(told(head, period=w.last_month())[-1]["value"]) == float(line["value"])


def test_restricted_rows_are_counted_for_no_reader_so_that_no_two_answers_differ_by_them(world, manager):
    """No measure, by whoever asks, counts what bears a label: there is no second number to subtract from."""
    for role, spec in roles().items():
        if spec.kind != "machine" and any("warehouse:measure:read" in rule.rights for rule in spec.may):
            assert not any("warehouse:restricted:read" in rule.rights for rule in spec.may), role
    assert alerts.standing
    assert clock.today()
