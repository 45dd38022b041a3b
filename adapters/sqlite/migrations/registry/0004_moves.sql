-- The records of moves, apart from the organizations'.

-- organization names no row of organizations by force, as in usages. held and took are in
-- nanoseconds.
CREATE TABLE moves (
    operation       TEXT    NOT NULL PRIMARY KEY,
    organization    TEXT    NOT NULL,
    actor           TEXT    NOT NULL,
    from_strategy   TEXT    NOT NULL,
    from_database   TEXT    NOT NULL,
    from_namespace  TEXT    NOT NULL,
    from_generation INTEGER NOT NULL,
    from_state      TEXT    NOT NULL,
    source          TEXT    NOT NULL,
    to_strategy     TEXT    NOT NULL,
    to_database     TEXT    NOT NULL,
    to_namespace    TEXT    NOT NULL,
    to_generation   INTEGER NOT NULL,
    to_state        TEXT    NOT NULL,
    target          TEXT    NOT NULL,
    stage           TEXT    NOT NULL,
    paused          INTEGER NOT NULL,
    position        TEXT    NOT NULL,
    total_documents INTEGER NOT NULL,
    total_bytes     INTEGER NOT NULL,
    done_documents  INTEGER NOT NULL,
    done_bytes      INTEGER NOT NULL,
    held            INTEGER NOT NULL,
    took            INTEGER NOT NULL,
    started_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,
    failures        INTEGER NOT NULL,
    version         INTEGER NOT NULL
) STRICT;

-- Serves the moves of an organization, in the order in which they are listed.
CREATE INDEX moves_by_organization ON moves (organization, started_at, operation);

-- Serves the search for moves with which somebody is to go on.
CREATE INDEX moves_due ON moves (due_at);
