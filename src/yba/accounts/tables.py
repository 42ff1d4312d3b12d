"""The tables of accounts: who may send, open sessions, failed sign-ins and the pace of requests."""

CREATE = """
CREATE TABLE accounts_client (
    id              uuid PRIMARY KEY,
    facility        text NOT NULL UNIQUE,
    username        text NOT NULL,
    secret_hash     text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    secret_set_at   timestamptz NOT NULL DEFAULT now(),
    disabled_at     timestamptz,
    last_sign_in_at timestamptz
);
CREATE UNIQUE INDEX accounts_client_username ON accounts_client (lower(username));

CREATE TABLE accounts_session (
    access_hash    bytea PRIMARY KEY,
    id_hash        bytea NOT NULL,
    client_id      uuid NOT NULL REFERENCES accounts_client (id),
    password_proof bytea NOT NULL,
    address        text NOT NULL,
    issued_at      timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL
);
CREATE INDEX accounts_session_client ON accounts_session (client_id);
CREATE INDEX accounts_session_expiry ON accounts_session (expires_at);

-- One row per thing that is watched: an account at an address, an address, an account.
CREATE TABLE accounts_failure (
    watched      text PRIMARY KEY,
    failures     integer NOT NULL,
    first_at     timestamptz NOT NULL,
    locked_until timestamptz
);

-- Paces need not outlive a crash, so they cost no disk write: unlogged.
CREATE UNLOGGED TABLE accounts_pace (
    watched   text PRIMARY KEY,
    credit    double precision NOT NULL,
    seen_at   timestamptz NOT NULL
);
"""

DROP = "DROP TABLE accounts_pace, accounts_failure, accounts_session, accounts_client"
