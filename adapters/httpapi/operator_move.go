package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// Movers is what the routes about moves need of package app.
type Movers interface {
	MoveOrganization(context.Context, app.Command, domain.Strategy) (domain.Organization, error)
	Moves(context.Context, domain.OrganizationID) ([]domain.Move, error)
	PauseMove(context.Context, app.Command) (domain.Move, error)
	ResumeMove(context.Context, app.Command) (domain.Move, error)
}

// MoveRequest is the body of POST /v1/organizations/{id}/move.
type MoveRequest struct {
	_        struct{} `additionalProperties:"false"`
	Strategy string   `json:"strategy" doc:"How the documents shall be kept: collection, database or shared." example:"shared"`
}

func (b *MoveRequest) set(name, value string) {
	if name == fieldStrategy {
		b.Strategy = value
	}
}

// Move is how far an organization's documents have come on their way to another strategy.
type Move struct {
	Operation          string        `json:"operation" doc:"The operation that moves; it is pending on the organization until the switch." example:"01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e60"`
	By                 string        `json:"by,omitempty" doc:"Who asked for it." example:"operator"`
	From               MovePlace     `json:"from" doc:"Where the documents were before."`
	To                 MovePlace     `json:"to" doc:"Where they go."`
	Stage              string        `json:"stage" enum:"copying,checking,switching,back,kept" doc:"copying; checking, which compares every document with its copy; switching, in which nobody writes; back, which removes the copy of a move that was refused or aborted; kept, once the organization lives at to and what it has left is kept." example:"copying"`
	Paused             bool          `json:"paused" doc:"Whether nobody goes on until an operator resumes it." example:"false"`
	Documents          *MoveProgress `json:"documents,omitempty" doc:"Absent of back and kept, as all up to seconds_left."`
	Bytes              *MoveProgress `json:"bytes,omitempty" doc:"The documents' size as the engine counts it, without indexes."`
	DocumentsPerSecond *int64        `json:"documents_per_second,omitempty" doc:"In this stage, while it was worked on; absent when nobody knows." example:"4000"`
	BytesPerSecond     *int64        `json:"bytes_per_second,omitempty" doc:"As documents_per_second." example:"1600000"`
	SecondsLeft        *int64        `json:"seconds_left,omitempty" doc:"How long this stage is estimated to take from now on; absent when nobody knows." example:"12"`
	HeldMS             *int64        `json:"held_ms,omitempty" doc:"For how many milliseconds nobody could write at the switch; absent before." example:"40"`
	Failures           int           `json:"failures" doc:"How many attempts have failed since one made progress." example:"0"`
	StartedAt          time.Time     `json:"started_at" example:"2026-11-22T09:30:00.123Z"`
	UpdatedAt          time.Time     `json:"updated_at" example:"2026-11-22T09:30:10.123Z"`
	RetryAt            *time.Time    `json:"retry_at,omitempty" doc:"When it is tried again; absent unless the last attempt failed." example:"2026-11-22T09:30:11.123Z"`
	KeptUntil          *time.Time    `json:"kept_until,omitempty" doc:"Until when what was left is kept; absent before the switch." example:"2026-11-22T10:30:10.123Z"`
}

// MovePlace is where documents are moved from or to.
type MovePlace struct {
	Strategy  string `json:"strategy" enum:"collection,database,shared" example:"collection"`
	Database  string `json:"database" doc:"The database that holds the documents." example:"tenants"`
	Namespace string `json:"namespace" doc:"The name among all of the strategy." example:"org_acme_corp"`
}

// MoveProgress is how much of the documents the stage has done.
type MoveProgress struct {
	Total int64 `json:"total" doc:"What there was when the move began to copy; 0 when that is not known." example:"120000"`
	Done  int64 `json:"done" doc:"What is copied or compared in this stage. What is written meanwhile isn't in total, so that this may come to more." example:"45000"`
}

// MovesResponse is the body of the answer to GET /v1/organizations/{id}/move.
type MovesResponse struct {
	Moves []Move `json:"moves" nullable:"false" doc:"The one that began last first: one that is under way, and those whose leavings are kept."`
}

// RepresentMove returns what operators see of a move, by HTTP or otherwise.
func RepresentMove(m domain.Move) Move {
	r := Move{
		Operation: string(m.Operation),
		By:        string(m.By),
		From:      representPlace(m.From),
		To:        representPlace(m.To),
		Stage:     string(m.Stage),
		Paused:    m.Paused,
		Failures:  m.Failures,
		StartedAt: m.StartedAt.UTC(),
		UpdatedAt: m.UpdatedAt.UTC(),
	}
	if m.Stage != domain.MoveBack && !m.Ended() {
		r.representProgress(m)
	}
	if m.Ended() {
		held := m.Held.Milliseconds()
		r.HeldMS = &held
	}
	switch {
	case m.Paused:
	case m.Failures > 0:
		r.RetryAt = unlessZero(m.DueAt)
	case m.Ended():
		r.KeptUntil = unlessZero(m.DueAt)
	}
	return r
}

// representProgress fills in how far the stage has come, and what is known of its end.
func (r *Move) representProgress(m domain.Move) {
	r.Documents = &MoveProgress{Total: m.Total.Documents, Done: m.Done.Documents}
	r.Bytes = &MoveProgress{Total: m.Total.Bytes, Done: m.Done.Bytes}
	if rate := m.Rate(); m.Took > 0 {
		r.DocumentsPerSecond, r.BytesPerSecond = &rate.Documents, &rate.Bytes
	}
	if left := m.Left(); left > 0 {
		seconds := int64(left / time.Second)
		r.SecondsLeft = &seconds
	}
}

func representPlace(p domain.Placement) MovePlace {
	return MovePlace{Strategy: string(p.Strategy), Database: p.OwnDatabase(), Namespace: p.Namespace}
}

type movesOutput struct{ Body MovesResponse }

type moveOutput struct {
	Status   int
	Location string `header:"Location" doc:"Where to see how far the move has come." example:"/v1/organizations/01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e5f/move"`
	Body     MovesResponse
}

type changedMoveOutput struct{ Body Move }

// registerMoves adds the routes about moves.
func (s *Server) registerMoves(api huma.API) {
	huma.Register(api, movesOperation(), s.inspectMoves)
	huma.Register(api, moveOperation(), s.moveOrganization)
	huma.Register(api, pauseOperation(), s.changedMove(s.service.PauseMove))
	huma.Register(api, resumeOperation(), s.changedMove(s.service.ResumeMove))
}

// moveOrganization answers 202 while the move is under way, and 200 when the organization
// has the strategy.
func (s *Server) moveOrganization(ctx context.Context, in *struct {
	Condition
	Body MoveRequest
},
) (*moveOutput, error) {
	c, err := s.command(ctx, in.ID, in.IfMatch)
	if err != nil {
		return nil, err
	}
	to := domain.Strategy(in.Body.Strategy)
	o, err := s.service.MoveOrganization(ctx, c, to)
	if err != nil {
		return nil, s.operatorProblem(ctx, err)
	}
	moves, err := s.moves(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	out := &moveOutput{Status: http.StatusOK, Body: moves.Body}
	if o.Busy() || o.Placement.Strategy != to {
		out.Status = http.StatusAccepted
		out.Location = pathOrganizations + "/" + url.PathEscape(string(o.ID)) + "/move"
	}
	return out, nil
}

func (s *Server) inspectMoves(ctx context.Context, in *Subject) (*movesOutput, error) {
	details, err := s.inspect(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return s.moves(ctx, details.Organization.ID)
}

func (s *Server) moves(ctx context.Context, id domain.OrganizationID) (*movesOutput, error) {
	all, err := s.service.Moves(ctx, id)
	if err != nil {
		return nil, s.operatorProblem(ctx, err)
	}
	list := make([]Move, len(all))
	for i, m := range all {
		list[i] = RepresentMove(m)
	}
	return &movesOutput{MovesResponse{Moves: list}}, nil
}

// changedMove is the handler of a use case that changes the move under way.
func (s *Server) changedMove(
	change func(context.Context, app.Command) (domain.Move, error),
) func(context.Context, *command) (*changedMoveOutput, error) {
	return func(ctx context.Context, in *command) (*changedMoveOutput, error) {
		c, err := s.command(ctx, in.ID, in.IfMatch)
		if err != nil {
			return nil, err
		}
		m, err := change(ctx, c)
		if err != nil {
			return nil, s.operatorProblem(ctx, err)
		}
		return &changedMoveOutput{RepresentMove(m)}, nil
	}
}

func movesOperation() huma.Operation {
	return forOperators(opMoves, http.MethodGet, pathMove, "Get how far an organization's move has come",
		"Also how long its stage is estimated to take. Moves that have ended are shown as long as what was left by them is kept, those that went back no more.",
		"Its moves.", describeProblem(noSuchID))
}

func moveOperation() huma.Operation {
	op := posting(opMove, "move", "Move an organization's documents to another strategy",
		"They are read and written meanwhile, but for a short while at the end in which they are only read. It can be paused until then, and aborted as any operation.",
		describeInvalid("body.strategy", "is not offered here"),
		failing(domain.ErrStatus, domain.ErrOperationInProgress, domain.ErrOperationAborted, domain.ErrMoveRefused))
	op.DefaultStatus = http.StatusAccepted
	op.Responses["200"] = &huma.Response{
		Description: "The organization has the strategy; nothing was begun.",
		Content:     map[string]*huma.MediaType{typeJSON: {Schema: schemaRef("MovesResponse")}},
	}
	op.Responses["202"] = &huma.Response{Description: "The move is under way."}
	return op
}

func pauseOperation() huma.Operation {
	return posting(opPauseMove, "move/pause", "Pause an organization's move",
		"Nobody goes on with it until it is resumed; the organization is read and written where it was. One that switches or goes back can't be paused.",
		failing(domain.ErrMoveNotFound, domain.ErrOperationNotAbortable), movedSoFar)
}

func resumeOperation() huma.Operation {
	return posting(opResumeMove, "move/resume", "Go on with an organization's move",
		"After a pause, and at once after a failure. One that runs goes on.", failing(domain.ErrMoveNotFound), movedSoFar)
}

// movedSoFar says that the answer is a move.
func movedSoFar(op *huma.Operation) { op.Responses["200"].Description = "The move." }
