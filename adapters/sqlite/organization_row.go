package sqlite

import (
	"encoding/json"
	"fmt"

	"github.com/orgkeeper/orgkeeper/domain"
)

// organizationColumns are the columns that a write sets: all but number, id and
// created_at. organizationValues and scanOrganization have the same order.
const organizationColumns = `name, name_key, status,
	placement_strategy, placement_database, placement_namespace, placement_generation, placement_state,
	owner_id, epoch, last, version, updated_at, deleted_at, purge_at, hold, receipt`

// organizationMarks has a mark for each of organizationColumns.
const organizationMarks = `?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?`

// selectOrganization reads what scanOrganization takes, of the organization o.
// The operation, the reservations and what hardly any organization has come as one
// value each, since what a query costs here is its columns.
const selectOrganization = `SELECT o.number, o.id, o.created_at,
	o.name, o.name_key, o.status,
	o.placement_strategy, o.placement_database, o.placement_namespace, o.placement_generation, o.placement_state,
	o.owner_id, o.epoch, o.last, o.version, o.updated_at, ` + endingObject + `,
	(SELECT ` + operationObject + ` FROM operations WHERE organization = o.number),
	(SELECT json_group_array(entry) FROM
		(SELECT entry FROM reservations WHERE organization = o.number AND position >= 0 ORDER BY position))`

func organizationValues(o domain.Organization) []any {
	at := o.Placement
	return []any{
		o.Name.String(), o.Name.Key(), string(o.Status),
		string(at.Strategy), at.Database, at.Namespace, at.Generation, string(at.State),
		string(o.Owner), o.Epoch, outcomeValue(o.Last), o.Version, o.UpdatedAt.UnixMilli(),
		milliseconds{o.DeletedAt},
		milliseconds{o.PurgeAt},
		o.Hold, receiptValue(o.Receipt),
	}
}

// scanRecord takes the columns of selectOrganization.
func scanRecord(from row) (domain.Organization, error) {
	_, o, err := scanOrganization(from)
	return o, err
}

// scanOrganization returns the organization and its number in this file.
func scanOrganization(from row) (number int64, o domain.Organization, err error) {
	var (
		at                        = &o.Placement
		name, nameKey             string
		created, updated          milliseconds
		last                      *string
		ending, pending, reserved []byte
	)
	err = from.Scan(
		&number, &o.ID, &created,
		&name, &nameKey, &o.Status,
		&at.Strategy, &at.Database, &at.Namespace, &at.Generation, &at.State,
		&o.Owner, &o.Epoch, &last, &o.Version, &updated, &ending,
		&pending, &reserved,
	)
	if err != nil {
		return 0, domain.Organization{}, err
	}
	if o.Pending, err = readOperation(pending); err != nil {
		return 0, domain.Organization{}, err
	}
	if o.Reserved, err = readReservations(reserved); err != nil {
		return 0, domain.Organization{}, err
	}
	if o.Last, err = readOutcome(last); err != nil {
		return 0, domain.Organization{}, err
	}
	if err := readEnding(ending, &o); err != nil {
		return 0, domain.Organization{}, err
	}
	o.Name = domain.StoredName(name, nameKey)
	o.CreatedAt, o.UpdatedAt = created.time, updated.time
	return number, o, nil
}

// readReservations reads a JSON array of texts. There is no empty list: it is nil.
func readReservations(array []byte) (entries []string, err error) {
	if err := json.Unmarshal(array, &entries); err != nil {
		return nil, fmt.Errorf("reservations: %w", err)
	}
	if len(entries) == 0 {
		return nil, nil
	}
	return entries, nil
}
