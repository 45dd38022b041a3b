package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// moves implements ports.Moves.
type moves struct{ *Store }

var _ ports.Moves = (*moves)(nil)

// moveDocument is a record of the collection moves. Its _id is the operation, always a
// string.
type moveDocument struct {
	ID           string             `bson:"_id"`
	Organization identifier         `bson:"organization_id"`
	By           string             `bson:"by"`
	From         *placementDocument `bson:"from"`
	Source       string             `bson:"source"`
	To           *placementDocument `bson:"to"`
	Target       string             `bson:"target"`
	Stage        string             `bson:"stage"`
	Paused       bool               `bson:"paused"`
	Position     string             `bson:"position"`
	Total        quotaDocument      `bson:"total"`
	Done         quotaDocument      `bson:"done"`
	Held         time.Duration      `bson:"held"` // in nanoseconds, as Took is
	Took         time.Duration      `bson:"took"`
	StartedAt    time.Time          `bson:"started_at"`
	UpdatedAt    time.Time          `bson:"updated_at"`
	DueAt        time.Time          `bson:"due_at"`
	Failures     int                `bson:"failures"`
	Version      int64              `bson:"version"`
}

func moveRecord(m domain.Move) moveDocument {
	return moveDocument{
		ID:           string(m.Operation),
		Organization: identifier(m.Organization),
		By:           string(m.By),
		From:         placementRecord(m.From),
		Source:       m.Source,
		To:           placementRecord(m.To),
		Target:       m.Target,
		Stage:        string(m.Stage),
		Paused:       m.Paused,
		Position:     m.Position,
		Total:        quotaDocument(m.Total),
		Done:         quotaDocument(m.Done),
		Held:         m.Held,
		Took:         m.Took,
		StartedAt:    m.StartedAt,
		UpdatedAt:    m.UpdatedAt,
		DueAt:        m.DueAt,
		Failures:     m.Failures,
		Version:      m.Version,
	}
}

func (d *moveDocument) move() domain.Move {
	return domain.Move{
		Operation:    domain.OperationID(d.ID),
		Organization: domain.OrganizationID(d.Organization),
		By:           domain.Actor(d.By),
		From:         d.From.placement(),
		Source:       d.Source,
		To:           d.To.placement(),
		Target:       d.Target,
		Stage:        domain.MoveStage(d.Stage),
		Paused:       d.Paused,
		Position:     d.Position,
		Total:        domain.Usage(d.Total),
		Done:         domain.Usage(d.Done),
		Held:         d.Held,
		Took:         d.Took,
		StartedAt:    d.StartedAt,
		UpdatedAt:    d.UpdatedAt,
		DueAt:        d.DueAt,
		Failures:     d.Failures,
		Version:      d.Version,
	}
}

// Insert implements ports.Moves.
func (v *moves) Insert(ctx context.Context, m domain.Move) error {
	ctx, cancel := v.limit(ctx)
	defer cancel()
	_, err := v.moved.InsertOne(ctx, moveRecord(m))
	if field, refused := violated(err); refused && field == "_id" && !unavailable(err) {
		return domain.ErrVersionConflict
	}
	return translate("insert a move", err)
}

// ByOrganization implements ports.Moves.
func (v *moves) ByOrganization(ctx context.Context, id domain.OrganizationID) ([]domain.Move, error) {
	return v.find(ctx, bson.D{{Key: "organization_id", Value: identifier(id)}},
		options.Find().SetSort(bson.D{{Key: "started_at", Value: -1}, {Key: "_id", Value: -1}}))
}

// Due implements ports.Moves.
func (v *moves) Due(ctx context.Context, until time.Time, limit int) ([]domain.Move, error) {
	if limit <= 0 {
		return nil, nil
	}
	return v.find(ctx, movesDueBy(until), options.Find().SetSort(bson.D{{Key: "due_at", Value: 1}}).SetLimit(int64(limit)))
}

// movesDueBy returns the filter of Due.
func movesDueBy(until time.Time) bson.D {
	return bson.D{{Key: "due_at", Value: bson.D{{Key: "$lte", Value: until}}}}
}

func (v *moves) find(ctx context.Context, filter bson.D, o *options.FindOptionsBuilder) ([]domain.Move, error) {
	ctx, cancel := v.limit(ctx)
	defer cancel()
	cursor, err := v.moved.Find(ctx, filter, o)
	if err != nil {
		return nil, translate("read moves", err)
	}
	var found []moveDocument
	if err := cursor.All(ctx, &found); err != nil {
		return nil, translate("read moves", err)
	}
	all := make([]domain.Move, len(found))
	for i, d := range found {
		all[i] = d.move()
	}
	return all, nil
}

// Replace implements ports.Moves.
func (v *moves) Replace(ctx context.Context, m domain.Move, ifVersion int64) error {
	ctx, cancel := v.limit(ctx)
	defer cancel()
	update, err := setKnown(moveRecord(m), nil)
	if err != nil {
		return translate("write a move", err)
	}
	result, err := v.moved.UpdateOne(ctx, bson.D{{Key: "_id", Value: string(m.Operation)}, {Key: "version", Value: ifVersion}}, update)
	if err == nil && result.MatchedCount == 0 {
		return domain.ErrVersionConflict
	}
	return translate("write a move", err)
}

// Remove implements ports.Moves.
func (v *moves) Remove(ctx context.Context, op domain.OperationID) error {
	ctx, cancel := v.limit(ctx)
	defer cancel()
	_, err := v.moved.DeleteOne(ctx, bson.D{{Key: "_id", Value: string(op)}})
	return translate("remove a move", err)
}
