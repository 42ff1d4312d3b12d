"""The clerk's desk over HTTP: who may open it, what is decided, what the second clerk hears, and attacks on ids, forms and names."""

from uuid import UUID, uuid4

import pytest

from tests.identity.people import CARD, CITIZEN, MAN, facts
from tests.web.test_views import HERE, THERE, province, signed_in  # noqa: F401  # fixtures
from yba import audit, identity
from yba.identity import Decided, Doubt
from yba.kit import Actor
from yba.specs import identity as specs
from yba.web.pages.clerk_words import SHORT

OPERATOR = Actor.operator()
NASTY = '<script>alert(1)</script> "Lò" & Thị'


@pytest.fixture
def conflicts(province):  # noqa: F811
    """Two likely duplicates at one facility, a number shared by two clearly different people, and somebody known elsewhere only."""
    said = [
        facts(HERE, "A1", citizen_number=CITIZEN, address="bản Nà Lay"), facts(HERE, "A2", day=3, name=NASTY, birth="1959"),
        facts(HERE, "A3", day=4, citizen_number=CITIZEN, **MAN), facts(THERE, "B1", card=CARD, name="Vàng A Páo", birth="1990-02-02", sex="male"),
    ]  # fmt: skip
    people = [one.person_id for one in identity.resolve_many(province, by=OPERATOR, facts=said)]
    opened(province, "likely-duplicate", people[:2], HERE, "A2")
    opened(province, "card-shared", [people[0], people[3]], HERE, "A1")
    identity.report(province, by=OPERATOR, doubts=[Doubt("demographics-differ", people[3], THERE, "B1", {"contradicts": ["name"]})])
    return people


def opened(conn, kind, people, facility, local_id):
    from yba.identity import store  # noqa: PLC0415  # as resolving opens them
    from yba.identity.state import Review  # noqa: PLC0415

    store.open_reviews(conn, [Review(kind, tuple(sorted(people)), facility, local_id, {"weight": 812, "by": "MA_THE_BHYT"})])


def item(kind):
    with_reviews = identity.reviews(item.conn, by=OPERATOR, kind=kind, state=None)
    return next(one for one in with_reviews)


@pytest.fixture(autouse=True)
def _connection(conn):
    item.conn = conn


def officer(signed_in):  # noqa: F811
    return signed_in("identity-officer", facility="")


def person_count(conn):
    return conn.execute("SELECT count(*) FROM person WHERE merged_into IS NULL").fetchone()[0]


def test_the_queue_counts_filters_and_names_nobody(signed_in, conflicts):  # noqa: F811
    browser, _ = officer(signed_in)
    page = browser.get("/clerk")
    assert page.status_code == 200
    assert page.text.count("data-row") == 4
    assert "Lò Thị Mai" not in page.text
    assert CITIZEN not in page.text
    assert browser.get("/clerk?kind=card-shared").text.count("data-row") == 1
    assert "Không có mục nào khớp" in browser.get("/clerk?kind=visit-after-death").text
    assert browser.get("/clerk?kind=%3Cscript%3E&facility='--&from=-1").text.count("data-row") == 4, "nonsense narrows nothing"


def test_a_long_queue_says_how_much_there_is_and_keeps_its_filter(signed_in, conflicts):  # noqa: F811
    browser, _ = officer(signed_in)
    identity.report(item.conn, by=OPERATOR, doubts=[Doubt("visit-after-death", conflicts[0], HERE, f"P{n}", {}) for n in range(60)])
    first = browser.get(f"/clerk?kind=visit-after-death&facility={HERE}")
    assert first.text.count("data-row") == 50
    assert "1–50 trong 60" in first.text
    assert f'href="/clerk?kind=visit-after-death&amp;facility={HERE}&amp;from=50"' in first.text
    second = browser.get(f"/clerk?kind=visit-after-death&facility={HERE}&from=50")
    assert second.text.count("data-row") == 10
    assert "51–60 trong 60" in second.text
    assert "from=100" not in second.text


def test_a_person_leads_to_its_conflicts_and_an_old_id_to_who_it_is_now(signed_in, conflicts):  # noqa: F811
    browser, _ = officer(signed_in)
    review = item("likely-duplicate")
    shown = browser.get(f"/person/{conflicts[1]}")
    assert f'href="/clerk/{review.id}"' in shown.text
    browser.post(f"/clerk/{review.id}/merge", {"reason": "papers", "keep": str(conflicts[0])})
    assert browser.get(f"/person/{conflicts[1]}")["Location"] == f"/person/{conflicts[0]}"
    assert f'href="/clerk/{review.id}"' not in browser.get(f"/person/{conflicts[0]}").text


def test_an_item_lays_two_records_side_by_side_in_words(signed_in, conflicts):  # noqa: F811
    browser, account = officer(signed_in)
    page = browser.get(f"/clerk/{item('likely-duplicate').id}")
    assert page.status_code == 200
    for words in ("KHÁC", "một bên không có", "Vì sao nghi là một người", "Hai người bất kỳ trong tỉnh", "bản Nà Lay", "12/03/1959", CITIZEN):
        assert words in page.text, words
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    opened_people = item.conn.execute(
        "SELECT count(DISTINCT person_id) FROM audit_event WHERE tag = 'identity:person:read' AND who = %s", (f"user:{account}",)
    ).fetchone()
    assert opened_people == (2,), "each of the two was opened, and the trail says so"


@pytest.mark.law("SKDT-R14")
def test_merge_and_undo(signed_in, conflicts):  # noqa: F811
    browser, account = officer(signed_in)
    review, before = item("likely-duplicate"), person_count(item.conn)
    keep = str(conflicts[0])
    answer = browser.post(f"/clerk/{review.id}/merge", {"reason": "papers", "keep": keep})
    assert (answer.status_code, answer.headers.get("Location")) == (302, f"/clerk/{review.id}?done=merged"), answer.text[-900:]
    assert person_count(item.conn) == before - 1
    page = browser.get(answer["Location"]).text
    assert "Đã gộp: cùng một người" in page
    assert "Người identity-officer" in page, "who decided"
    assert "Giấy tờ tùy thân gốc cho thấy là một người" in page
    assert "Hoàn tác (U)" in page
    answer = browser.post(f"/clerk/{review.id}/undo", {"reason": "mistake"})
    assert answer["Location"] == f"/clerk/{review.id}?done=undone"
    assert person_count(item.conn) == before
    assert "Đã hoàn tác" in browser.get(f"/clerk/{review.id}").text
    assert item("likely-duplicate").state is identity.ReviewState.OPEN
    who = item.conn.execute("SELECT DISTINCT who FROM audit_event WHERE tag IN ('identity:person:merge', 'identity:person:undo')").fetchall()
    assert who == [(f"user:{account}",)]


def test_what_else_stood_between_the_two_is_settled_and_opened_with_it(signed_in, conflicts):  # noqa: F811
    browser, _ = officer(signed_in)
    opened(item.conn, "newborn-card", conflicts[:2], HERE, "A2")
    review = item("likely-duplicate")

    def told():
        done = identity.desk_case(item.conn, by=OPERATOR, review=item("newborn-card").id)
        return done.item.state.value, [one.kind.value for one in done.decisions]

    browser.post(f"/clerk/{review.id}/merge", {"reason": "papers", "keep": str(conflicts[0])})
    assert told() == ("settled", ["merged"])
    browser.post(f"/clerk/{review.id}/undo", {"reason": "mistake"})
    assert told() == ("open", ["merged", "undone"])


def test_an_undo_is_refused_with_what_happened_since(signed_in, conflicts):  # noqa: F811
    browser, _ = officer(signed_in)
    review = item("likely-duplicate")
    browser.post(f"/clerk/{review.id}/merge", {"reason": "papers", "keep": str(conflicts[0])})
    identity.resolve_many(item.conn, by=OPERATOR, facts=[facts(HERE, "A1", day=9, citizen_number=CITIZEN, phone="0912345678")])
    answer = browser.post(f"/clerk/{review.id}/undo", {"reason": "mistake"})
    assert answer.status_code == 409
    assert "Cơ sở đã gửi thêm thông tin hành chính" in answer.text
    assert item("likely-duplicate").state is identity.ReviewState.SETTLED


def test_two_clearly_different_people_wait_for_a_second_person_who_is_not_the_first(signed_in, conflicts):  # noqa: F811
    first, _ = officer(signed_in)
    second, _ = officer(signed_in)
    review, before = item("number-shared"), person_count(item.conn)
    answer = first.post(f"/clerk/{review.id}/merge", {"reason": "", "words": "đã xem giấy tờ gốc của cả hai", "keep": str(review.persons[0])})
    assert answer["Location"].endswith("done=proposed")
    assert person_count(item.conn) == before, "proposed, not done"
    assert "Chờ người thứ hai" in first.get(f"/clerk/{review.id}").text
    mine = first.get("/clerk/proposals").text
    assert "Bạn đề nghị: người khác duyệt" in mine
    assert "Duyệt và gộp" not in mine
    proposal = item.conn.execute("SELECT id FROM person_proposal").fetchone()[0]
    own = first.post(f"/clerk/proposals/{proposal}/approve")
    assert own.status_code == 409
    assert "không tự duyệt" in own.text
    assert "1 đề nghị gộp chờ người thứ hai" in second.get("/clerk").text
    assert second.post(f"/clerk/proposals/{proposal}/approve")["Location"] == "/clerk/proposals?done=merged"
    assert person_count(item.conn) == before - 1
    assert item("number-shared").state is identity.ReviewState.SETTLED
    assert second.post(f"/clerk/proposals/{proposal}/approve").status_code == 409, "once"
    done = identity.desk_case(item.conn, by=OPERATOR, review=review.id).decisions
    assert [one.kind for one in done] == [Decided.PROPOSED, Decided.MERGED]
    assert done[0].who != done[1].who


def test_what_a_second_person_declines_is_decided_anew(signed_in, conflicts):  # noqa: F811
    first, _ = officer(signed_in)
    second, _ = officer(signed_in)
    review = item("number-shared")
    first.post(f"/clerk/{review.id}/merge", {"reason": "papers", "keep": str(review.persons[0])})
    proposal = item.conn.execute("SELECT id FROM person_proposal").fetchone()[0]
    assert second.post(f"/clerk/proposals/{proposal}/decline", {"reason": "doubt"})["Location"] == "/clerk/proposals?done=declined"
    page = first.get(f"/clerk/{review.id}").text
    assert "Người thứ hai không đồng ý" in page
    assert "/merge" in page


def test_the_second_of_two_clerks_is_told_who_was_first(signed_in, conflicts):  # noqa: F811
    first, _ = officer(signed_in)
    second, _ = officer(signed_in)
    review, before = item("likely-duplicate"), person_count(item.conn)
    assert first.post(f"/clerk/{review.id}/different", {"reason": "family"}).status_code == 302
    for act, form in (("different", {"reason": "family"}), ("merge", {"reason": "papers", "keep": str(conflicts[0])}), ("ask", {"reason": "name"})):
        told = second.post(f"/clerk/{review.id}/{act}", form)
        assert told.status_code == 409, act
        assert "đã có người quyết định trước bạn" in told.text
        assert "Hai người khác nhau" in told.text
    assert person_count(item.conn) == before
    assert [one.kind for one in identity.desk_case(item.conn, by=OPERATOR, review=review.id).decisions] == [Decided.DIFFERENT]


def test_a_facilitys_clerk_decides_about_its_own_and_only_tells_about_others(signed_in, conflicts):  # noqa: F811
    clerk, _ = signed_in("record-clerk", facility=HERE)
    assert clerk.get("/clerk").text.count("data-row") == 3, "the conflicts of the own facility"
    across = clerk.get(f"/clerk/{item('card-shared').id}").text
    assert "Một hồ sơ chỉ do cơ sở khác gửi" in across
    assert "Vàng A Páo" not in across
    assert "/merge" not in across
    for act, form in (("different", {"reason": "family"}), ("merge", {"reason": "papers", "keep": str(conflicts[0])})):
        assert clerk.post(f"/clerk/{item('card-shared').id}/{act}", form).status_code == 404, act
    told = clerk.post(f"/clerk/{item('card-shared').id}/answer", {"reason": "confirmed"})
    assert told.status_code == 302
    assert item("card-shared").state is identity.ReviewState.OPEN
    merged = clerk.post(f"/clerk/{item('likely-duplicate').id}/merge", {"reason": "typing", "keep": str(conflicts[0])})
    assert merged.status_code == 302, merged.text[-500:]
    assert item("likely-duplicate").state is identity.ReviewState.SETTLED


def test_a_split_takes_the_chosen_sources_out(signed_in, conflicts):  # noqa: F811
    browser, _ = officer(signed_in)
    review = item("likely-duplicate")
    browser.post(f"/clerk/{review.id}/merge", {"reason": "papers", "keep": str(conflicts[0])})
    identity.report(item.conn, by=OPERATOR, doubts=[Doubt("demographics-differ", conflicts[0], HERE, "A1", {"contradicts": ["name"]})])
    doubt = next(one for one in identity.reviews(item.conn, by=OPERATOR, kind="demographics-differ") if one.persons == (conflicts[0],))
    page = browser.get(f"/clerk/{doubt.id}").text
    assert "Nguồn thuộc về người khác" in page
    sources = {one.local_id: one for one in identity.person(item.conn, by=OPERATOR, person_id=conflicts[0]).sources}
    form = {"person": str(conflicts[0]), "reason": "reused"}
    for wrong in (
        {},
        {"source": str(uuid4())},
        {"source": [str(one.patient_id) for one in sources.values()]},
        {"person": str(uuid4()), "source": str(sources["A2"].patient_id)},
    ):
        assert browser.post(f"/clerk/{doubt.id}/split", {**form, **wrong}).status_code in {400, 409}, wrong
    before = person_count(item.conn)
    answer = browser.post(f"/clerk/{doubt.id}/split", {**form, "source": str(sources["A2"].patient_id)})
    assert answer["Location"].endswith("done=split"), answer.text[-500:]
    assert person_count(item.conn) == before + 1


@pytest.mark.parametrize(
    "role", ["doctor", "privacy-officer", "facility-administrator", "station-nurse", "system-administrator", "provincial-manager"]
)
def test_others_may_not_and_the_trail_says_so(signed_in, conflicts, role):  # noqa: F811
    browser, account = signed_in(role, area="03127" if role == "station-nurse" else "", proven=True)
    review = item("likely-duplicate").id
    asked = ["/clerk", "/clerk/decided", "/clerk/figures", "/clerk/proposals", f"/clerk/{review}"]
    assert {browser.get(path).status_code for path in asked} == {403}
    assert browser.post(f"/clerk/{review}/merge", {"reason": "papers", "keep": str(conflicts[0])}).status_code == 403
    refused = item.conn.execute(
        "SELECT count(*) FROM audit_event WHERE tag = %s AND who = %s", (audit.Tag.RIGHT_REFUSED.value, f"user:{account}")
    ).fetchone()
    assert refused == (len(asked) + 1,)


def test_a_citizen_and_a_clerk_of_another_facility_see_nothing(signed_in, conflicts):  # noqa: F811
    citizen, _ = signed_in("citizen", person=UUID(int=5), proven=True)
    assert citizen.get("/clerk").status_code == 403
    other, _ = signed_in("record-clerk", facility=THERE)
    foreign = item("likely-duplicate").id
    assert other.get("/clerk").text.count("data-row") == 1
    for path in (f"/clerk/{foreign}", f"/clerk/{uuid4()}"):
        answer = other.get(path)
        assert answer.status_code == 404
        assert "Lò" not in answer.text
    for act in ("merge", "different", "ask", "answer", "split", "right", "undo"):
        assert other.post(f"/clerk/{foreign}/{act}", {"reason": "papers", "keep": str(conflicts[0])}).status_code == 404, act
    assert item("likely-duplicate").state is identity.ReviewState.OPEN


def test_a_form_takes_nothing_but_its_fields(signed_in, conflicts):  # noqa: F811
    browser, account = officer(signed_in)
    review = item("likely-duplicate")
    for wrong in ({"keep": str(conflicts[2])}, {"keep": ""}, {"keep": "' OR 1=1"}, {"reason": "family"}, {"reason": "", "words": "gộp"}):
        answer = browser.post(f"/clerk/{review.id}/merge", {"reason": "papers", "keep": str(conflicts[0]), **wrong})
        assert answer.status_code == 400, wrong
    forged = {"reason": "family", "who": "user:somebody", "state": "settled", "kind": "../x", "facility": "a b", "act": "1", "at": "2020-01-01"}
    answer = browser.post(f"/clerk/{review.id}/different", forged)
    assert answer["Location"] == f"/clerk/{review.id}?done=different", "only filters that are filters travel on"
    (done,) = identity.desk_case(item.conn, by=OPERATOR, review=review.id).decisions
    assert (done.who, done.kind, done.act, done.at.year > 2020) == (f"user:{account}", Decided.DIFFERENT, None, True)
    assert item("likely-duplicate").state is identity.ReviewState.DISMISSED


def test_without_the_form_token_nothing_is_decided(signed_in, conflicts):  # noqa: F811
    browser, _ = officer(signed_in)
    browser.handler.enforce_csrf_checks = True
    assert browser.post(f"/clerk/{item('likely-duplicate').id}/different", {"reason": "family"}).status_code == 403
    assert item("likely-duplicate").state is identity.ReviewState.OPEN


def test_a_merge_asks_for_the_second_factor(signed_in, conflicts):  # noqa: F811
    clerk, _ = signed_in("record-clerk", facility=HERE, proven=False)
    answer = clerk.post(f"/clerk/{item('likely-duplicate').id}/merge", {"reason": "typing", "keep": str(conflicts[0])})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/second-factor/")
    assert item("likely-duplicate").state is identity.ReviewState.OPEN


def test_no_log_line_says_who(signed_in, conflicts, caplog):  # noqa: F811
    browser, _ = officer(signed_in)
    review = item("likely-duplicate")
    with caplog.at_level("DEBUG"):
        for path in ("/clerk", f"/clerk/{review.id}", "/clerk/figures"):
            browser.get(path)
        browser.post(f"/clerk/{review.id}/merge", {"reason": "", "words": "Lò", "keep": str(conflicts[0])})
        browser.post(f"/clerk/{review.id}/merge", {"reason": "papers", "keep": str(conflicts[0])})
        browser.post(f"/clerk/{uuid4()}/merge", {"reason": "papers", "keep": CITIZEN})
    for word in ("Lò", "alert(1)", CITIZEN, "1959-03-12", "Nà Lay"):
        assert word not in caplog.text, word


def test_every_kind_has_short_words_for_the_desk():
    assert set(SHORT) == set(specs.reviews())


def test_figures_and_decisions_are_pages_too(signed_in, conflicts):  # noqa: F811
    browser, _ = officer(signed_in)
    browser.post(f"/clerk/{item('likely-duplicate').id}/different", {"reason": "family"})
    figures = browser.get("/clerk/figures").text
    for words in ("Theo loại", "Theo cơ sở", "Theo người quyết định", "Người identity-officer", "Không có số định danh"):
        assert words in figures, words
    assert "Người cùng nhà hoặc sinh đôi" in browser.get("/clerk/decided").text
    english = browser.get("/clerk/figures?lang=en").text
    assert "By facility" in english
    assert "Theo cơ sở" not in english
