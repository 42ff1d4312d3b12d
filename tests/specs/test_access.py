"""Rights and roles: both files hold together, and a fault in them stops the platform with file, table and line."""

import shutil
import tomllib

import pytest

from yba.access import Right
from yba.kit.actor import ActorKind
from yba.specs import access
from yba.specs.claims import SpecError

ISSUE_3 = """citizen guardian station-nurse doctor pharmacist lab facility-administrator record-clerk epidemiologist programme-officer dispatcher
    ambulance-crew claims-auditor provincial-manager data-scientist privacy-officer system-administrator""".split()
ISSUE_4 = ["identity-officer"]
ISSUE_7 = ["facility-manager"]
SCREENS = ["facility-screen", "province-screen"]  # devices on a wall: what they see ends at their unit
CLINICAL = {name for name, right in access.rights().items() if right.about in {"resource", "claim"}}


def rules_of(role):
    return access.roles()[role].may


def test_the_enum_is_the_file():
    assert [right.value for right in Right] == list(access.rights())
    assert [right.name for right in Right] == [right.value.upper().replace(":", "_").replace("-", "_") for right in Right]


def test_every_role_of_the_issue_and_every_machine_is_there():
    machines = [kind.value for kind in ActorKind if kind not in {ActorKind.USER, ActorKind.SCREEN}]
    assert set(access.roles()) == {*ISSUE_3, *ISSUE_4, *ISSUE_7, *SCREENS, *machines}


def test_a_screen_sees_aggregates_counts_of_alerts_and_names_of_places_and_nothing_else():
    for name in SCREENS:
        role = access.roles()[name]
        assert (role.kind, role.purpose) == ("machine", "administration")
        assert {right for rule in role.may for right in rule.rights} == {"warehouse:measure:read", "warehouse:alert:read", "directory:facility:read"}
        assert all(rule.aggregate for rule in role.may if "warehouse:measure:read" in rule.rights)
        assert not [rule for rule in role.may if rule.labels]


def test_every_right_is_held_by_somebody_and_every_rule_has_a_reason():
    held = {right for role in access.roles().values() for rule in role.may for right in rule.rights}
    assert held == set(access.rights())
    assert not [role.name for role in access.roles().values() if min(len(rule.why) for rule in role.may) < 15]


def test_every_reason_has_its_english_and_none_is_left_over():
    said = {why for role in access.roles().values() for why in (role.why, *(rule.why for rule in role.may))}
    assert access.reasons_in_english().keys() == said
    assert all(text.isascii() or not set(text) & set("ăâđêôơưĂÂĐÊÔƠƯạảấầệộớợụủứừ") for text in access.reasons_in_english().values())


def test_every_right_can_be_used_by_its_holders_for_their_purpose():
    """A rule whose role never works for a purpose of the right would be a right on paper only."""
    faults = []
    for role in access.roles().values():
        for rule in role.may:
            faults += [(role.name, name) for name in rule.rights if role.kind != "machine" and role.purpose not in access.rights()[name].purposes]
    assert faults == []


@pytest.mark.parametrize(
    "role",
    [
        "system-administrator",
        "privacy-officer",
        "facility-administrator",
        "provincial-manager",
        "data-scientist",
        "dispatcher",
        "record-clerk",
        "identity-officer",
    ],
)
def test_who_has_no_ground_reads_no_clinical_row(role):
    assert not [rule for rule in rules_of(role) if rule.rights & CLINICAL]


@pytest.mark.parametrize("role", ["provincial-manager", "data-scientist"])
def test_who_sees_aggregates_only_sees_no_row_about_a_person(role):
    about = {access.rights()[name].about for rule in rules_of(role) if not rule.aggregate for name in rule.rights}
    assert about <= {"", "facility"}


COUNTED = frozenset({"MeasureReport"})


def test_a_rule_about_reports_opens_nothing_of_a_person():
    """Numbers of a unit, also of restricted categories, to whom the law names: no right to any other row may stand in such a rule."""
    found = [rule for role in access.roles().values() for rule in role.may if any(right.startswith("warehouse:report:") for right in rule.rights)]
    assert found
    assert all(rule.types == COUNTED and all(right.startswith("warehouse:report:") for right in rule.rights) for rule in found)


def test_restricted_categories_need_a_relation_of_ones_own_or_the_own_person():
    """Nobody sees them by place alone, except the machine, the insurer's auditor over the very claims it was sent, and notifiable tuberculosis."""
    wide = {
        (role.name, rule.where.value)
        for role in access.roles().values()
        for rule in role.may
        if rule.labels - {"tuberculosis"} and not (rule.where is access.Where.RELATION and "facility" not in rule.units) and rule.types != COUNTED
    }
    assert {name for name, _ in wide} == {"citizen", "claims-auditor", "facility-client", "operator", "system"}


def test_donors_and_victims_are_opened_to_no_staff():
    never = {"assisted-reproduction", "surrogacy", "domestic-violence", "child-abuse", "gender"}
    assert not [role.name for role in access.roles().values() if role.kind == "staff" for rule in role.may if rule.labels & never]


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(access.FOLDER, tmp_path / "access")


SPOILED = [
    (
        "roles.toml",
        'rights = ["ingest:receipt:read"]',
        'rights = ["ingest:receipt:raed"]',
        r"\[role\.\S+\.may\]: names an unknown right: 'ingest:receipt:raed'",
    ),
    ("roles.toml", 'where = "own-person"', 'where = "own-cat"', "unknown place: 'own-cat'"),
    ("roles.toml", 'labels = ["tuberculosis"]', 'labels = ["tubrculosis"]', "unknown restricted category: 'tubrculosis'"),
    ("roles.toml", 'types = ["Patient", "Coverage"]', 'types = ["Patient", "Covrage"]', "unknown resource type: 'Covrage'"),
    ("roles.toml", 'purposes = ["treatment"]', 'purposes = ["trade"]', "unknown purpose of these rights: 'trade'"),
    ("roles.toml", 'kinds = ["enrolment"]', 'kinds = ["friend"]', "unknown kind of relation: 'friend'"),
    ("roles.toml", "aggregate = true", "agregate = true", "a key nobody reads: agregate"),
    ("roles.toml", 'second_factor = "always"', 'second_factor = "maybe"', "unknown second factor: 'maybe'"),
    ("rights.toml", 'purposes = ["oversight"]', 'purposes = ["curiosity"]', "unknown purpose: 'curiosity'"),
    ("rights.toml", 'about = "emergency"', 'about = "gossip"', "unknown kind of row: 'gossip'"),
    ("rights.toml", '[right."access:emergency:read"]', '[right."zz:emergency:read"]', r"zz:emergency:read.*order of the alphabet"),
    ("rights.toml", "hours = 24", "hours = 0", "hours is not a whole number above 0"),
    ("rights.toml", "valid_from = 2026-01-01", "valid_from = nonsense", "line 9"),
]


@pytest.mark.parametrize(("file", "good", "bad", "words"), SPOILED)
def test_a_fault_is_named_by_file_table_and_line(folder, file, good, bad, words):
    path = folder / file
    text = path.read_text("utf-8")
    assert good in text
    path.write_text(text.replace(good, bad, 1), "utf-8")
    with pytest.raises(SpecError, match=words) as told:
        access.load(folder, access.LABELS)
    assert str(told.value).startswith(file)
    line = text[: text.index(good)].count("\n") + 1
    exact = bad.split('"')[-2] in str(told.value) if '"' in bad else False
    if exact and "order" not in words:
        assert f"line {line}," in str(told.value)


def test_the_labels_are_those_of_the_mapping():
    assert set(tomllib.loads(access.LABELS.read_text("utf-8"))["category"]) >= {"hiv", "psychiatry", "tuberculosis"}
