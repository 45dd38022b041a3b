-- What suspending, keeping and purging ask for, and requests that are asked again.

-- hold forbids to drop the data. purge_at is until when a deleted organization's data
-- is kept. receipt is what a purge has dropped: a JSON object. last is what became of
-- the operation that ended last: kind, actor, code of the refusal, start, end,
-- attempts and ID, joined by semicolons. Both are read whole, and nothing looks for
-- what is in them.
ALTER TABLE organizations ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN purge_at INTEGER;
ALTER TABLE organizations ADD COLUMN receipt TEXT;
ALTER TABLE organizations ADD COLUMN last TEXT;

UPDATE organizations SET last = ';;' || last_refused || ';;;0;' || last_operation
    WHERE last_operation <> '' OR last_refused <> '';
ALTER TABLE organizations DROP COLUMN last_operation;
ALTER TABLE organizations DROP COLUMN last_refused;

-- Serves lists in the order of IDs. It has all that a list selects by, so that rows
-- that aren't selected are never read.
CREATE INDEX organizations_listed ON organizations (id, status, created_at, name_key);

-- Serves the search for data whose time is over.
CREATE INDEX organizations_purge_due ON organizations (purge_at) WHERE purge_at IS NOT NULL AND hold = 0;

ALTER TABLE operations ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE operations ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE operations ADD COLUMN stuck INTEGER NOT NULL DEFAULT 0;
ALTER TABLE operations ADD COLUMN measured_documents INTEGER NOT NULL DEFAULT 0;
ALTER TABLE operations ADD COLUMN measured_bytes INTEGER NOT NULL DEFAULT 0;

-- Stuck operations are never due, and are looked for by themselves.
DROP INDEX operations_due;
CREATE INDEX operations_due ON operations (lease_until) WHERE stuck = 0;
CREATE INDEX operations_stuck ON operations (organization) WHERE stuck <> 0;

-- Requests that carry an idempotency key. answer is NULL until there is one.
CREATE TABLE requests (
    id          TEXT    NOT NULL PRIMARY KEY,
    fingerprint TEXT    NOT NULL,
    operation   TEXT    NOT NULL,
    lease_until INTEGER NOT NULL,
    answer      BLOB,
    expires_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT;

-- Serves the removal of what may be forgotten.
CREATE INDEX requests_by_expiry ON requests (expires_at);
