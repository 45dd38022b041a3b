-- What was measured of organizations' documents, and the organizations' own quotas.

-- organization names no row of organizations by force: a measurement that was slow may
-- be written after a purge. documents and bytes mean nothing until measured_at is set.
-- Both quotas are NULL where the deployment's applies; 0 is no bound.
CREATE TABLE usages (
    organization    TEXT    NOT NULL PRIMARY KEY,
    documents       INTEGER NOT NULL DEFAULT 0,
    bytes           INTEGER NOT NULL DEFAULT 0,
    measured_at     INTEGER,
    quota_documents INTEGER,
    quota_bytes     INTEGER
) STRICT, WITHOUT ROWID;
