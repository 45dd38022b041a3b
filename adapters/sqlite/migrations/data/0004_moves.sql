-- What it takes to move documents while they are read and written.

-- moving is 1 while what is written is recorded, and 2 once the documents are frozen: they
-- are read alone. session counts how often somebody has begun to move them; of many at
-- once the last goes on.
ALTER TABLE namespaces ADD COLUMN moving INTEGER NOT NULL DEFAULT 0;
ALTER TABLE namespaces ADD COLUMN session INTEGER NOT NULL DEFAULT 0;
ALTER TABLE shares ADD COLUMN moving INTEGER NOT NULL DEFAULT 0;
ALTER TABLE shares ADD COLUMN session INTEGER NOT NULL DEFAULT 0;
ALTER TABLE databases ADD COLUMN moving INTEGER NOT NULL DEFAULT 0;
ALTER TABLE databases ADD COLUMN session INTEGER NOT NULL DEFAULT 0;

-- The IDs of documents that were written and aren't brought over yet. source is the table
-- that has the row of the namespace, number is that row's. Files have such a table of
-- their own while they are moved. A document that is written again gets a higher seq.
CREATE TABLE changes (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT    NOT NULL,
    number INTEGER NOT NULL,
    id     TEXT    NOT NULL,
    UNIQUE (source, number, id)
) STRICT;

-- Serves the changes of a namespace, in the order of seq.
CREATE INDEX changes_by_source ON changes (source, number);
