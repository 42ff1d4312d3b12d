"""Create the requests that are answered later; only the platform's own work reaches them."""

from django.db import migrations

from yba.kit.row_security import SCOPE, policy

CREATE = f"""
CREATE TABLE api_later (
    id          uuid PRIMARY KEY,
    who         text NOT NULL,  -- the actor's name: nobody else is given the answer
    account     uuid,
    facility    text NOT NULL,  -- of a facility's software; '' of a person
    purpose     text NOT NULL,
    proven      boolean NOT NULL,
    route       text NOT NULL,
    asked_at    timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL CHECK (expires_at > asked_at),
    request     bytea NOT NULL, -- sealed: a query may name somebody
    finished_at timestamptz,
    answer      bytea,          -- sealed
    CHECK ((finished_at IS NULL) = (answer IS NULL))
);
CREATE INDEX api_later_expires ON api_later (expires_at);
REVOKE TRUNCATE ON api_later FROM yba_app;
{policy("api_later", f"{SCOPE} = 'all'")}
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_tokens")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE api_later")]
