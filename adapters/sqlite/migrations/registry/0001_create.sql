-- The registry: organizations and accounts. Times are milliseconds since 1970,
-- UTC. Texts compare byte by byte.

CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY
) STRICT;

-- One row is one organization of any status; purged ones stay. number names it
-- in this file alone.
CREATE TABLE organizations (
    number               INTEGER PRIMARY KEY,
    id                   TEXT    NOT NULL UNIQUE,
    name                 TEXT    NOT NULL,
    name_key             TEXT    NOT NULL,
    status               TEXT    NOT NULL,
    placement_strategy   TEXT    NOT NULL,
    placement_database   TEXT    NOT NULL,
    placement_namespace  TEXT    NOT NULL,
    placement_generation INTEGER NOT NULL,
    placement_state      TEXT    NOT NULL,
    owner_id             TEXT    NOT NULL,
    epoch                INTEGER NOT NULL,
    last_operation       TEXT    NOT NULL,
    last_refused         TEXT    NOT NULL,
    version              INTEGER NOT NULL,
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL,
    deleted_at           INTEGER
) STRICT;

-- Serves the count of live organizations.
CREATE INDEX organizations_by_status ON organizations (status);

-- The operation that runs on an organization, if one does.
CREATE TABLE operations (
    organization      INTEGER PRIMARY KEY REFERENCES organizations (number),
    id                TEXT    NOT NULL,
    kind              TEXT    NOT NULL,
    phase             TEXT    NOT NULL,
    refused           TEXT    NOT NULL,
    started_at        INTEGER NOT NULL,
    lease_until       INTEGER NOT NULL,
    attempt           INTEGER NOT NULL,
    name              TEXT    NOT NULL,
    name_key          TEXT    NOT NULL,
    email             TEXT    NOT NULL,
    former_email      TEXT    NOT NULL,
    target_strategy   TEXT    NOT NULL,
    target_database   TEXT    NOT NULL,
    target_namespace  TEXT    NOT NULL,
    target_generation INTEGER NOT NULL,
    target_state      TEXT    NOT NULL,
    source            TEXT    NOT NULL
) STRICT;

-- Serves the search for operations whose lease ran out.
CREATE INDEX operations_due ON operations (lease_until);

-- The names that live organizations hold: one each, two while a rename runs. The
-- primary key decides who gets a name.
CREATE TABLE name_keys (
    key          TEXT    PRIMARY KEY,
    organization INTEGER NOT NULL REFERENCES organizations (number)
) STRICT, WITHOUT ROWID;

-- Every namespace that was ever given. Rows are only added: one that the record
-- lists no more has no position. The primary key decides who gets a namespace.
CREATE TABLE reservations (
    entry        TEXT    PRIMARY KEY,
    organization INTEGER NOT NULL REFERENCES organizations (number),
    position     INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX reservations_by_organization ON reservations (organization, position);

-- organization_id names no row of organizations by force: an account may outlive
-- its organization until a sweep finds it.
CREATE TABLE accounts (
    id              TEXT    NOT NULL PRIMARY KEY,
    email           TEXT    NOT NULL,
    email_key       TEXT    NOT NULL UNIQUE,
    password_hash   TEXT    NOT NULL,
    organization_id TEXT    NOT NULL,
    epoch           INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT;
