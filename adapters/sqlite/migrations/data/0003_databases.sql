-- One row is one file of documents, databases/<number>.db. number is never used again.
-- The row comes before its file and goes after it. finished is 1 once the file was made:
-- from then on it must be there, until dropping is 1.
CREATE TABLE databases (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    database        TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    organization_id TEXT    NOT NULL,
    finished        INTEGER NOT NULL DEFAULT 0,
    dropping        INTEGER NOT NULL DEFAULT 0,
    UNIQUE (database, name)
) STRICT;
