"""The table of accounts' own tokens: kept as hashes, for twelve hours at most, behind a policy that no person's unit of work opens."""

from typing import Final

from yba.kit.row_security import SCOPE, policy

CREATE: Final = f"""
CREATE TABLE accounts_token (
    id           uuid PRIMARY KEY,
    hash         bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    account      uuid NOT NULL REFERENCES accounts_user (id),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    made_at      timestamptz NOT NULL,
    made_by      text NOT NULL,
    address      text NOT NULL,
    proven       boolean NOT NULL, -- the session it was made in had used its second factor
    expires_at   timestamptz NOT NULL CHECK (expires_at <= made_at + interval '12 hours'),
    last_used_at timestamptz,
    ended_at     timestamptz,
    ended_by     text,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX accounts_token_account ON accounts_token (account, made_at);
REVOKE TRUNCATE ON accounts_token FROM yba_app;
{policy("accounts_token", f"{SCOPE} = 'all'")}
"""

DROP: Final = "DROP TABLE accounts_token"
