"""Forms with more fields than the page has: nothing but the named ones is read."""

from tests.matrix import world as w
from tests.matrix.test_pages import world  # noqa: F401  a fixture
from yba import accounts
from yba.kit.db import reading

MORE = {
    "is_superuser": "1", "is_staff": "1", "kind": "citizen", "demo": "1", "person_id": str(w.RESIDENT), "id": str(w.STRANGER), "account": str(w.STRANGER),
    "granted_by": "operator:root@x", "starts": "2000-01-01", "ends": "2999-01-01", "may_see": "*", "facilities": "*", "persons": str(w.RESIDENT),
    "purpose": "operation", "grants": "operator", "scope": "all", "password": "x" * 20, "is_active": "0", "second_factor": "no",
}  # fmt: skip


def row(username):
    with reading(by=w.OPERATOR) as conn:
        found = conn.execute("SELECT id, kind, demo, person_id, is_active, password FROM accounts_user WHERE username = %s", (username,)).fetchone()
        held = accounts.assignments_of(conn, by=w.OPERATOR, account=found[0])
    return found, held


def test_a_new_account_has_what_the_form_names_and_nothing_else(world):  # noqa: F811
    form = {"username": "bs.them", "display_name": "Thêm Trường", "role": "doctor", "facility": w.FACILITY, "reason": "vào làm"}
    assert world.browsers["system-administrator"].post("/admin/accounts/add", form | MORE).status_code == 200
    (ident, kind, demo, person, active, password), held = row("bs.them")
    assert (kind, demo, person, active) == ("staff", False, None, True)
    assert ident != w.STRANGER
    assert password.startswith("!")
    assert [(one.post.role, one.post.facility, one.post.person_id, one.ends) for one in held] == [("doctor", w.FACILITY, None, None)]
    assert held[0].starts.year > 2000
    assert held[0].granted_by == f"user:{world.accounts['system-administrator']}"


def test_a_role_of_machines_or_citizens_is_not_for_the_asking(world):  # noqa: F811
    for role in ("operator", "system", "facility-client", "citizen", "guardian", "no-such-role", ""):
        form = {"username": f"bs.{role or 'x'}", "display_name": "Ai Đó", "role": role, "facility": w.FACILITY, "reason": "thử"}
        assert world.browsers["system-administrator"].post("/admin/accounts/add", form).status_code == 400
        form |= {"account": str(world.accounts["doctor"])}
        assert world.browsers["system-administrator"].post(f"/admin/accounts/{world.accounts['doctor']}/assign", form).status_code == 400


def test_emergency_and_report_take_nobody_elses_name(world):  # noqa: F811
    form = {"ground": "life", "reason": "Ngừng tuần hoàn, cần tiền sử ngay", "facility": w.FACILITY}
    answer = world.browsers["doctor"].post(
        f"/record/{w.RESIDENT}/emergency", form | MORE | {"role": "privacy-officer", "ends_at": "2999-01-01", "who": "user:x"}
    )
    assert answer.status_code == 302
    with reading(by=w.OPERATOR) as conn:
        found = conn.execute(
            "SELECT account, role, state, ends_at < now() + interval '25 hours' FROM emergency WHERE person_id = %s", (w.RESIDENT,)
        ).fetchone()
    assert found == (world.accounts["doctor"], "doctor", "open", True)
