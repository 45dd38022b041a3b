-- The organizations' documents, apart from the registry: a change of the tables
-- here makes every reader of this file read its schema anew.

CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY
) STRICT;

-- One row is one namespace. Its documents are in the table that physical names;
-- a rename changes database and name alone. number is never used again, so that
-- physical isn't either.
CREATE TABLE namespaces (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    database        TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    organization_id TEXT    NOT NULL,
    physical        TEXT    NOT NULL UNIQUE,
    UNIQUE (database, name)
) STRICT;
