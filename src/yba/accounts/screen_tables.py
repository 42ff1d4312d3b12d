"""The table of screens: devices on a wall that see one unit's picture of numbers; kept as hashes, reached by the platform's own work alone."""

from typing import Final

from yba.kit.row_security import SCOPE, policy

CREATE: Final = f"""
CREATE TABLE accounts_screen (
    id           uuid PRIMARY KEY,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    facility     text NOT NULL, -- '' = the province
    made_at      timestamptz NOT NULL,
    made_by      text NOT NULL,
    days         integer NOT NULL CHECK (days BETWEEN 1 AND 180),
    expires_at   timestamptz NOT NULL,
    renewed_at   timestamptz NOT NULL CHECK (expires_at <= renewed_at + interval '180 days'),
    code_hash    bytea UNIQUE CHECK (length(code_hash) = 32), -- typed once at the screen
    code_until   timestamptz,
    hash         bytea UNIQUE CHECK (length(hash) = 32),      -- of the token the screen keeps
    opened_at    timestamptz,
    address      text NOT NULL DEFAULT '',
    browser      text NOT NULL DEFAULT '',
    last_seen_at timestamptz,
    ended_at     timestamptz,
    ended_by     text,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK ((code_hash IS NULL) = (code_until IS NULL)),
    CHECK ((hash IS NULL) = (opened_at IS NULL)),
    CHECK (ended_at IS NULL OR (hash IS NULL AND code_hash IS NULL))
);
CREATE INDEX accounts_screen_facility ON accounts_screen (facility, made_at);
REVOKE DELETE, TRUNCATE ON accounts_screen FROM yba_app;
{policy("accounts_screen", f"{SCOPE} = 'all'")}
"""

DROP: Final = "DROP TABLE accounts_screen"
