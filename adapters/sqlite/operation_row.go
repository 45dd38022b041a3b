package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

const (
	// operationObject makes one value of a row of operations, for readOperation.
	operationObject = `json_object(
		'id', id, 'kind', kind, 'phase', phase, 'refused', refused,
		'started_at', started_at, 'lease_until', lease_until, 'attempt', attempt,
		'name', name, 'name_key', name_key, 'email', email, 'former_email', former_email,
		'strategy', target_strategy, 'database', target_database, 'namespace', target_namespace,
		'generation', target_generation, 'state', target_state, 'source', source,
		'by', actor, 'failures', failures, 'stuck', stuck,
		'documents', measured_documents, 'bytes', measured_bytes)`

	replaceOperation = `REPLACE INTO operations (organization,
			id, kind, phase, refused, started_at, lease_until, attempt,
			name, name_key, email, former_email,
			target_strategy, target_database, target_namespace, target_generation, target_state, source,
			actor, failures, stuck, measured_documents, measured_bytes)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// operationRow is what operationObject makes.
type operationRow struct {
	ID          domain.OperationID    `json:"id"`
	Kind        domain.OperationKind  `json:"kind"`
	Phase       domain.Phase          `json:"phase"`
	Refused     domain.Code           `json:"refused"`
	StartedAt   int64                 `json:"started_at"`
	LeaseUntil  int64                 `json:"lease_until"`
	Attempt     int                   `json:"attempt"`
	Name        string                `json:"name"`
	NameKey     string                `json:"name_key"`
	Email       string                `json:"email"`
	FormerEmail string                `json:"former_email"`
	Strategy    domain.Strategy       `json:"strategy"`
	Database    string                `json:"database"`
	Namespace   string                `json:"namespace"`
	Generation  int64                 `json:"generation"`
	State       domain.PlacementState `json:"state"`
	Source      string                `json:"source"`
	By          domain.Actor          `json:"by"`
	Failures    int                   `json:"failures"`
	Stuck       int                   `json:"stuck"`
	Documents   int64                 `json:"documents"`
	Bytes       int64                 `json:"bytes"`
}

// putOperation brings an organization's operation from was to is.
func putOperation(ctx context.Context, tx *sql.Tx, number int64, was, is domain.Operation) (err error) {
	switch to := is.Target; {
	case was == is:
		return nil
	case is.IsZero():
		_, err = tx.ExecContext(ctx, "DELETE FROM operations WHERE organization = ?", number)
	default:
		_, err = tx.ExecContext(ctx, replaceOperation, number,
			string(is.ID), string(is.Kind), string(is.Phase), string(is.Refused),
			is.StartedAt.UnixMilli(), is.LeaseUntil.UnixMilli(), is.Attempt,
			is.Name.String(), is.Name.Key(), is.Email.String(), is.FormerEmail.String(),
			string(to.Strategy), to.Database, to.Namespace, to.Generation, string(to.State), is.Source,
			string(is.By), is.Failures, is.Stuck, is.Measured.Documents, is.Measured.Bytes)
	}
	return err
}

// readOperation reads what operationObject made; nothing is no operation.
func readOperation(object []byte) (domain.Operation, error) {
	if len(object) == 0 {
		return domain.Operation{}, nil
	}
	var r operationRow
	if err := json.Unmarshal(object, &r); err != nil {
		return domain.Operation{}, fmt.Errorf("operation: %w", err)
	}
	return domain.Operation{
		ID: r.ID, Kind: r.Kind, Phase: r.Phase, Refused: r.Refused,
		StartedAt:  time.UnixMilli(r.StartedAt).UTC(),
		LeaseUntil: time.UnixMilli(r.LeaseUntil).UTC(),
		Attempt:    r.Attempt,
		Name:       domain.StoredName(r.Name, r.NameKey),
		Email:      domain.StoredEmail(r.Email), FormerEmail: domain.StoredEmail(r.FormerEmail),
		Target: domain.Placement{
			Strategy: r.Strategy, Database: r.Database, Namespace: r.Namespace,
			Generation: r.Generation, State: r.State,
		},
		Source:   r.Source,
		By:       r.By,
		Failures: r.Failures,
		Stuck:    r.Stuck != 0,
		Measured: domain.Usage{Documents: r.Documents, Bytes: r.Bytes},
	}, nil
}
