"""The tables of people's accounts beside Django's two: where somebody works, old passwords, codes, networks, reviews."""

CREATE = """
ALTER TABLE accounts_user ADD CONSTRAINT accounts_user_lower CHECK (username = lower(username));
ALTER TABLE accounts_user ADD CONSTRAINT accounts_user_kind CHECK (kind IN ('staff', 'citizen'));
ALTER TABLE accounts_user ADD CONSTRAINT accounts_user_disabled CHECK (is_active = (disabled_at IS NULL));

-- Closed, never deleted: who was what, where and when.
CREATE TABLE accounts_assignment (
    id         uuid PRIMARY KEY,
    account    uuid NOT NULL REFERENCES accounts_user (id),
    role       text NOT NULL,
    facility   text NOT NULL DEFAULT '',
    department text NOT NULL DEFAULT '',
    area       text NOT NULL DEFAULT '',
    licence    text NOT NULL DEFAULT '',
    person_id  uuid,
    starts     timestamptz NOT NULL,
    ends       timestamptz,
    granted_at timestamptz NOT NULL DEFAULT now(),
    granted_by text NOT NULL,
    reason     text NOT NULL,
    ended_at   timestamptz,
    ended_by   text,
    end_reason text,
    CHECK (ends >= starts),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK (ended_at IS NULL OR ends IS NOT NULL)
);
CREATE UNIQUE INDEX accounts_assignment_once ON accounts_assignment
    (account, role, facility, department, area, coalesce(person_id, '00000000-0000-0000-0000-000000000000')) WHERE ends IS NULL;
CREATE INDEX accounts_assignment_facility ON accounts_assignment (facility) WHERE facility <> '';
CREATE INDEX accounts_assignment_licence ON accounts_assignment (licence) WHERE licence <> '';
REVOKE DELETE, TRUNCATE ON accounts_assignment FROM yba_app;

CREATE TABLE accounts_password (
    account uuid NOT NULL REFERENCES accounts_user (id),
    set_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    encoded text NOT NULL,
    PRIMARY KEY (account, set_at)
);

-- A code the administrator hands over in person: first sign-in and recovery. Only its hash is kept; one per account.
CREATE TABLE accounts_handover (
    account    uuid PRIMARY KEY REFERENCES accounts_user (id),
    code_hash  bytea NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT now(),
    made_by    text NOT NULL,
    expires_at timestamptz NOT NULL
);

-- From where a facility's people work; facility '' is the province's own office.
CREATE TABLE accounts_network (
    id       uuid PRIMARY KEY,
    facility text NOT NULL,
    network  cidr NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    added_by text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX accounts_network_once ON accounts_network (facility, network) WHERE ended_at IS NULL;

-- Addresses an account signed in from: a stranger's failures do not keep it out there.
CREATE TABLE accounts_place (
    account uuid NOT NULL REFERENCES accounts_user (id),
    address text NOT NULL,
    last_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, address)
);
CREATE INDEX accounts_place_address ON accounts_place (address, last_at);

CREATE TABLE accounts_review (
    id          uuid PRIMARY KEY,
    facility    text NOT NULL, -- '' the province's own posts
    opened_at   timestamptz NOT NULL DEFAULT now(),
    opened_by   text NOT NULL,
    due         date NOT NULL,
    signed_at   timestamptz,
    signed_by   text,
    signed_name text,
    CHECK ((signed_at IS NULL) = (signed_by IS NULL) AND (signed_at IS NULL) = (signed_name IS NULL))
);
CREATE UNIQUE INDEX accounts_review_open ON accounts_review (facility) WHERE signed_at IS NULL;
CREATE TABLE accounts_review_item (
    review     uuid NOT NULL REFERENCES accounts_review (id),
    assignment uuid NOT NULL REFERENCES accounts_assignment (id),
    decision   text CHECK (decision IN ('keep', 'end')),
    decided_at timestamptz,
    decided_by text,
    words      text NOT NULL DEFAULT '',
    PRIMARY KEY (review, assignment),
    CHECK ((decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL) = (decided_by IS NULL))
);
REVOKE DELETE, TRUNCATE ON accounts_review, accounts_review_item FROM yba_app;

-- Django's cache, shared by all processes: used one-time codes, paces of the second factor. It need not outlive a crash.
CREATE UNLOGGED TABLE accounts_cache (
    cache_key varchar(255) PRIMARY KEY,
    value     text NOT NULL,
    expires   timestamptz NOT NULL
);
CREATE INDEX accounts_cache_expires ON accounts_cache (expires);
"""

DROP = (
    "DROP TABLE accounts_cache, accounts_review_item, accounts_review, accounts_place, accounts_network,"
    " accounts_handover, accounts_password, accounts_assignment"
)
