"""Put messages, claims, versions, outcomes, findings and check-ins under row security (docs/design/walls.md)."""

from django.db import migrations

from yba.kit.row_security import ACTOR, behind, policy, seen, shared_sequence, within

FACILITIES = "(SELECT NULLIF(current_setting('yba.facilities', true), ''))::text[]"
# What a facility's client sent is its own, whatever stands in it; what an operator sent is of the facility it names.
OWN = f"{{table}}.sender = {ACTOR} OR coalesce({{table}}.head->'only' ?| {FACILITIES}, {within('facilities', '{table}.facility')})"
SENT = "EXISTS (SELECT FROM message AS sent WHERE sent.seq = {landing} >> 24 AND {which})"
BOUND = f"coalesce(sent.head->'only' ?| {FACILITIES}, false)"

MESSAGE = seen(more=OWN.format(table="message"))
CLAIM = seen(person="claim.person_id", facility="claim.facility")
VERSION = seen(more="EXISTS (SELECT FROM claim AS whole WHERE whole.id = claim_version.claim_id)")
OUTCOME = seen(person="outcome.person_id", facility="outcome.facility", more=SENT.format(landing="outcome.landing", which=BOUND))
# Ordinal 0 is the message itself.
FINDING = seen(
    more="EXISTS (SELECT FROM outcome AS judged WHERE judged.landing = finding.landing) OR "
    + SENT.format(landing="finding.landing", which=f"({BOUND} OR finding.landing & 16777215 = 0)")
)
CHECK_IN = seen(facility="check_in.facility", more=SENT.format(landing="check_in.landing", which=BOUND))

SEQUENCE, OWNED = shared_sequence("message", "seq", "message_landing_seq")

SQL = (
    SEQUENCE
    + behind("message", "seq", "SELECT, INSERT, UPDATE", primary="seq")
    + OWNED
    + behind("claim", "id", "SELECT, INSERT, UPDATE", primary="id")
    + behind("claim_version", "claim_id", "SELECT, INSERT", primary="claim_id, landing, mapped_by, version")
    + behind("outcome", "landing", "SELECT, INSERT", primary="landing")
    + behind("finding", "landing", "SELECT, INSERT")
    + behind("check_in", "landing", "SELECT, INSERT", primary="landing")
    + policy("message", MESSAGE)
    + policy("claim", CLAIM)
    + policy("claim_version", VERSION)
    + policy("outcome", OUTCOME)
    + policy("finding", FINDING)
    + policy("check_in", CHECK_IN)
)


class Migration(migrations.Migration):
    """Parents and policies."""

    dependencies = (("ingest", "0002_traits"), ("access", "0001_relation"))
    operations = (migrations.RunSQL(SQL),)
