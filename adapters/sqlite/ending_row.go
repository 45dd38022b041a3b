package sqlite

import (
	"encoding/json"
	"fmt"

	"github.com/orgkeeper/orgkeeper/domain"
)

// endingObject makes one value, for readEnding, of what an organization has once it
// is deleted or on hold. Of any other it makes NULL, which costs next to nothing.
const endingObject = `CASE WHEN o.hold <> 0 OR coalesce(o.deleted_at, o.purge_at, o.receipt) IS NOT NULL THEN json_object(
		'deleted_at', o.deleted_at, 'purge_at', o.purge_at, 'hold', o.hold, 'receipt', json(o.receipt)) END`

// endingRow is what endingObject makes.
type endingRow struct {
	DeletedAt milliseconds `json:"deleted_at"`
	PurgeAt   milliseconds `json:"purge_at"`
	Hold      int          `json:"hold"`
	Receipt   receiptRow   `json:"receipt"`
}

// receiptRow is the object in the column receipt.
type receiptRow struct {
	By        domain.Actor `json:"by,omitempty"`
	At        milliseconds `json:"at,omitzero"`
	Documents int64        `json:"documents"`
	Bytes     int64        `json:"bytes"`
}

// readEnding sets the fields of what endingObject made; nothing is none of them.
func readEnding(object []byte, o *domain.Organization) error {
	if len(object) == 0 {
		return nil
	}
	var r endingRow
	if err := json.Unmarshal(object, &r); err != nil {
		return fmt.Errorf("ending: %w", err)
	}
	o.DeletedAt, o.PurgeAt, o.Hold = r.DeletedAt.time, r.PurgeAt.time, r.Hold != 0
	o.Receipt = domain.Receipt{
		By: r.Receipt.By, At: r.Receipt.At.time,
		Usage: domain.Usage{Documents: r.Receipt.Documents, Bytes: r.Receipt.Bytes},
	}
	return nil
}

// receiptValue makes what is stored of a receipt: NULL of none.
func receiptValue(r domain.Receipt) any {
	if r == (domain.Receipt{}) {
		return nil
	}
	return object(receiptRow{By: r.By, At: milliseconds{r.At}, Documents: r.Documents, Bytes: r.Bytes})
}

// object makes JSON text of a row type of this file.
func object(row any) string {
	text, err := json.Marshal(row)
	if err != nil {
		panic(err) // numbers and texts can't fail
	}
	return string(text)
}
