-- One table for the documents of all organizations that share it.

-- dropping is 1 from the first removed document on: nothing is read or written there
-- any more, and only the end of the drop is left.
ALTER TABLE namespaces ADD COLUMN dropping INTEGER NOT NULL DEFAULT 0;

-- One row is one share of tenants. number is never used again.
CREATE TABLE shares (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    database        TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    organization_id TEXT    NOT NULL,
    dropping        INTEGER NOT NULL DEFAULT 0,
    UNIQUE (database, name),
    UNIQUE (organization_id, number)
) STRICT;

-- The documents of all shares. Every index begins with the organization, and no document
-- is in a share of another one.
CREATE TABLE tenants (
    organization_id TEXT    NOT NULL,
    share           INTEGER NOT NULL,
    id              TEXT    NOT NULL CHECK (id <> ''),
    body            TEXT    NOT NULL,
    PRIMARY KEY (organization_id, share, id),
    FOREIGN KEY (organization_id, share) REFERENCES shares (organization_id, number)
) STRICT;
