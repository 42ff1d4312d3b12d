"""Pages of unknown patients, temporary codes and cards over HTTP: who may, what is written, what stands in no address and on no label."""

import re
from datetime import timedelta

import pytest

from tests.identity.people import MAN, facts
from tests.web.test_views import HERE, THERE, province, signed_in  # noqa: F401  # fixtures
from yba import access, identity, record
from yba.identity.jobs import remind
from yba.kit import Actor, clock

OPERATOR, SYSTEM = Actor.operator(), Actor.system("test")
CITIZEN, OLD = "011159007777", "040123456"
CARD = f"{CITIZEN}|{OLD}|Lò Thị Mai|12031959|Nữ|Tổ 5, Mường Thanh|01052021"
MARKS = "hình xăm <con rồng> ở vai & sẹo"


def known(conn, facility=HERE, **more):
    [found] = identity.resolve_many(conn, by=SYSTEM, facts=[facts(facility, "K1", **{"citizen_number": CITIZEN} | more)])
    record.put_many(conn, by=SYSTEM, puts=[record.unknown._patient(str(found.person_id), found.person_id, found.golden, "")])
    return found.person_id


def arrived(browser, **more):
    form = {"sex": "female", "age_from": "60", "age_to": "70", "marks": MARKS, "found": "bến xe", "commune": "03127"} | more
    answer = browser.post("/unknown/new", form)
    assert answer.status_code == 302, re.findall(r'role="alert">(.*?)<', answer.text)
    code = re.fullmatch(r"/temporary/(VD-[0-9-]+)\?done=unknown", answer["Location"])[1]
    return code, browser.get(answer["Location"]).text


@pytest.fixture
def clerk(signed_in):  # noqa: F811
    return signed_in("record-clerk")[0]


def test_a_nurse_registers_and_gets_a_label_and_may_not_follow(signed_in):  # noqa: F811
    nurse, _ = signed_in("station-nurse", area="03127")
    code, page = arrived(nurse)
    assert code in page
    assert "<svg" in page
    assert "NỮ" in page
    assert "con rồng" not in page, "marks stand on no label"
    assert nurse.get(f"/unknown/{code}").status_code == 403
    assert "bến xe" not in nurse.get("/unknown").text
    assert "tiếp nhận ngay bằng mã tạm" in nurse.get("/unknown").text


@pytest.mark.law("SKDT-R10")
def test_the_clerk_sees_the_clock_of_the_own_facility_and_notes_what_was_done(signed_in, clerk, province):  # noqa: F811
    code, _ = arrived(signed_in("doctor")[0])
    assert "còn 47 giờ 59 phút" in clerk.get("/unknown").text
    assert "phải báo UBND xã" in clerk.get("/").text, "home counts it"
    page = clerk.get(f"/unknown/{code}").text
    assert "hình xăm &lt;con rồng&gt; ở vai &amp; sẹo" in page
    assert "khoảng 60–70 tuổi" in page
    assert code not in signed_in("record-clerk", facility=THERE)[0].get("/unknown").text
    assert signed_in("record-clerk", facility=THERE)[0].get(f"/unknown/{code}").status_code == 404
    died = clock.now().astimezone(clock.VIETNAM)
    answer = clerk.post(f"/unknown/{code}/died", {"died_on": f"{died:%d/%m/%Y}", "died_at": f"{died + timedelta(minutes=2):%H:%M}"})
    assert answer.status_code == 400, "a death to come"
    assert clerk.post(f"/unknown/{code}/told", {"how": "x"}).status_code == 400
    assert clerk.post(f"/unknown/{code}/told", {"how": "Công văn 12/BV"}).status_code == 302
    assert "đã báo UBND xã" in clerk.get(f"/unknown/{code}").text
    assert "phải báo UBND xã" not in clerk.get("/").text


def test_a_clock_that_ran_out_is_red_first_on_the_desk_and_leads_to_the_patient(clerk, province):  # noqa: F811
    then = clock.now().astimezone(clock.VIETNAM) - timedelta(hours=50)
    code, _ = arrived(clerk, arrived_on=f"{then:%Y-%m-%d}", arrived_at=f"{then:%H:%M}")
    remind(by=Actor.system("identity:unknown:remind"))
    assert "QUÁ HẠN báo UBND xã 2 giờ" in clerk.get("/unknown").text
    queue = clerk.get("/clerk").text
    first = re.search(r'data-row href="(/clerk/[0-9a-f-]+)[^>]*><b>([^<]+)', queue)
    assert first[2] == "Quá hạn báo UBND xã"
    assert f'href="/unknown/{code}"' in clerk.get(first[1]).text


@pytest.mark.parametrize(
    "wrong",
    [{"age_from": "-1"}, {"age_from": "70", "age_to": "60"}, {"sex": "x"}, {"commune": "99999"}, {"arrived_on": "2999-01-01"}, {"arrived_at": "x"}],
)
def test_what_cannot_be_is_refused_with_the_form_kept(clerk, wrong):
    answer = clerk.post("/unknown/new", {"sex": "female", "marks": MARKS} | wrong)
    assert answer.status_code == 400
    assert "con rồng&gt;" in answer.text
    assert 'role="alert"' in answer.text


@pytest.mark.law("SKDT-R10", "EMR-R05")
def test_known_here_side_by_side_confirmed_and_taken_back(clerk, province):  # noqa: F811
    person = known(province)
    code, _ = arrived(clerk)
    answer = clerk.post(f"/unknown/{code}/seek", {"number": CARD})
    assert answer["Location"] == f"/unknown/{code}/is/{person}", "no number in an address"
    page = clerk.get(answer["Location"]).text
    for words in ("Có phải một người?", "Lò Thị Mai", "12/03/1959", "khoảng 60–70 tuổi", "con rồng"):
        assert words in page, words
    assert clerk.post(answer["Location"], {"reason": "x"}).status_code == 400
    done = clerk.post(answer["Location"], {"reason": "Người nhà nhận dạng"})
    assert done["Location"] == f"/unknown/{code}?done=known", done.text[-600:]
    assert identity.find(province, by=OPERATOR, id=code) == [person]
    page = clerk.get(done["Location"]).text
    assert "đã biết là ai" in page
    assert "hoàn tác (U)" in page
    assert clerk.post(f"/unknown/{code}/undo", {"reason": "Nhận nhầm người"})["Location"].endswith("?done=undone")
    assert identity.find(province, by=OPERATOR, id=code) != [person]
    assert "còn 47 giờ" in clerk.get("/unknown").text, "unknown again, with the clock as it stood"


def test_papers_of_nobody_known_name_the_patient(clerk, province):  # noqa: F811
    code, _ = arrived(clerk)
    page = clerk.post(f"/unknown/{code}/seek", {"number": CARD}).text
    assert 'value="Lò Thị Mai"' in page
    form = {"number": CITIZEN, "old": OLD, "name": "Lò Thị Mai", "birth": "12/03/1959", "sex": "female", "reason": "Tỉnh lại, có CCCD"}
    assert clerk.post(f"/unknown/{code}/papers", form)["Location"].endswith("?done=known")
    [person] = identity.find(province, by=OPERATOR, id=CITIZEN)
    assert identity.person(province, by=OPERATOR, person_id=person).golden["birthDate"] == "1959-03-12"
    assert identity.find(province, by=OPERATOR, id=OLD) == identity.find(province, by=OPERATOR, id=code) == [person]


def test_papers_of_somebody_known_elsewhere_go_to_the_officer_and_say_nothing_of_whom(clerk, province):  # noqa: F811
    other = known(province, THERE)
    code, _ = arrived(clerk)
    form = {"number": CITIZEN, "name": "Lò Thị Mai", "birth": "1959", "sex": "female", "reason": "Tỉnh lại, có CCCD"}
    answer = clerk.post(f"/unknown/{code}/papers", form)
    assert answer["Location"].endswith("?done=asked")
    page = clerk.get(answer["Location"]).text
    assert "Cán bộ định danh của tỉnh đã được hỏi" in page
    assert str(other) not in page
    [item] = identity.reviews(province, by=OPERATOR, kind="identifiers-disagree")
    assert other in item.persons


def test_codes_are_given_ahead_attached_and_printed_with_words_that_stay_nowhere(clerk, province):  # noqa: F811
    assert clerk.post("/temporary", {"kind": "newborn", "count": "3"})["Location"] == "/temporary?done=given"
    page = clerk.get("/temporary").text
    codes = re.findall(r'href="/temporary/(VD-[0-9-]+)"', page)
    assert len(codes) == 3
    assert page.count("in sẵn, chưa gắn") == 3
    printed = clerk.post(f"/temporary/{codes[0]}", {"name": "con bà <Lò> Mai", "sex": "male", "birth": "22/11/2026"}).text
    assert ">con bà &lt;Lò&gt; Mai</text>" in printed
    assert ">NAM · 22/11/2026 · " in printed
    assert "con bà" not in re.sub("ví dụ: con bà", "", clerk.get(f"/temporary/{codes[0]}").text)
    person = known(province)
    assert clerk.post(f"/temporary/{codes[0]}/attach", {"number": CITIZEN}).status_code == 302
    assert identity.find(province, by=OPERATOR, id=codes[0]) == [person]
    assert clerk.post(f"/temporary/{codes[1]}/attach", {"number": "000000000000"}).status_code == 404
    assert clerk.post("/temporary", {"kind": "unknown-kind"}).status_code == 400
    assert clerk.post("/temporary", {"kind": "newborn", "count": "51"}).status_code == 400
    swapped = codes[0].replace("-0003-", "-0030-")
    assert swapped != codes[0]
    assert clerk.get(f"/temporary/{swapped}").status_code == 404, "the check characters"


def test_a_person_of_the_clerks_page_gets_a_code(clerk, province):  # noqa: F811
    person = known(province)
    assert f'href="/temporary?person={person}"' in clerk.get(f"/person/{person}").text
    answer = clerk.post("/temporary", {"kind": "foreigner", "person": str(person)})
    code = answer["Location"].removeprefix("/temporary/").removesuffix("?done=given")
    assert "Lò Thị Mai" in clerk.get(answer["Location"]).text, "the label names whom the facility knows"
    assert identity.find(province, by=OPERATOR, id=code) == [person]


@pytest.mark.parametrize("text", [CITIZEN, CARD, f"{CARD}\r\n", f"011085999999|{CITIZEN}|Lò Thị Mai|12031959|Nữ|Tổ 5|01052021"])
def test_the_one_box_takes_a_number_or_a_scanned_card(signed_in, province, text):  # noqa: F811
    person = known(province)
    visit = access.Relation(person, access.UnitKind.FACILITY, HERE, access.RelationKind.VISIT, clock.now(), None, "Encounter", "n", person)
    access.relate_many(province, by=OPERATOR, relations=[visit])
    doctor, _ = signed_in("doctor")
    assert doctor.post("/search", {"number": text})["Location"] == f"/record/{person}"


def test_a_card_that_cannot_be_read_is_told_on_home(signed_in, province):  # noqa: F811
    answer = signed_in("doctor")[0].post("/search", {"number": "1|2|3"})
    assert answer.status_code == 400
    assert "không phải của thẻ căn cước" in answer.text


@pytest.mark.law("SKDT-R13")
def test_a_card_whose_old_number_is_somebody_elses_proposes_to_make_them_one(signed_in, province):  # noqa: F811
    new = known(province)
    [other] = identity.resolve_many(province, by=SYSTEM, facts=[facts(THERE, "B1", old_citizen_number=OLD, **MAN)])
    doctor, _ = signed_in("doctor")
    doctor.post("/search", {"number": CARD})
    [item] = identity.reviews(province, by=OPERATOR, kind="identifiers-disagree")
    assert set(item.persons) == {new, other.person_id}
    officer, _ = signed_in("identity-officer", facility="")
    assert "Số CMND cũ" in officer.get(f"/clerk/{item.id}").text
