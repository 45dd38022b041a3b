-- The documents of one organization, in a file of their own.

CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE documents (
    id   TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
