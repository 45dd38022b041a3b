package httpapi

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// operatorGates returns the gates of the routes for operators.
func (s *Server) operatorGates() map[string][]gate {
	quick, long := s.operatorsOnly(s.options.RequestTimeout), s.operatorsOnly(0)
	gates := map[string][]gate{
		opExport:     {long, s.noQuery, s.atOnce(transfersAtOnce)},
		opImport:     {long, s.lines, s.atOnce(transfersAtOnce)},
		opList:       {quick},
		opMake:       {quick, s.noQuery, s.readBody(plainBody), s.once},
		opInspect:    {quick, s.noQuery},
		opOperations: {quick, s.noQuery},
		opUsage:      {quick, s.noQuery},
		opSetQuota:   {quick, s.noQuery, s.readBody(plainBody)},
		opUnsetQuota: {quick, s.noQuery},
		opMoves:      {quick, s.noQuery},
		opMove:       {quick, s.noQuery, s.oneCondition, s.readBody(plainBody), s.once},
		opChange:     {quick, s.noQuery, s.oneCondition, s.readBody(plainBody)},
		opRemove:     {quick, s.noQuery, s.oneCondition},
		opRestore:    {quick, s.noQuery, s.oneCondition, s.readOptionalBody, s.once},
	}
	gates[opPauseMove], gates[opResumeMove] = gates[opRestore], gates[opRestore]
	for _, c := range s.commands() {
		gates[c.operation.OperationID] = gates[opRestore]
	}
	return gates
}

func (s *Server) listOperation() huma.Operation {
	return forOperators(opList, http.MethodGet, pathOrganizations, "List organizations",
		"In the order of their IDs. One that is there during all of a walk by cursor is met once, whatever comes and goes meanwhile.",
		"Organizations.", describeList, describeInvalid("query.limit", "must be a whole number from 1 to 200"))
}

func (s *Server) inspectOperation() huma.Operation {
	return forOperators(opInspect, http.MethodGet, pathOrganization, "Get an organization of any status", "",
		"The organization.", describeProblem(noSuchID), func(op *huma.Operation) {
			op.Responses["304"] = &huma.Response{Description: "The organization has an ETag of If-None-Match still."}
		})
}

func (s *Server) operationsOperation() huma.Operation {
	return forOperators(opOperations, http.MethodGet, pathOrganization+"/operations", "Get what runs on an organization, and what ran last", "",
		"The pending operation and the one that ended last.", describeProblem(noSuchID))
}

func (s *Server) exportOperation() huma.Operation {
	return forOperators(opExport, http.MethodGet, pathOrganization+"/export", "Export an organization's documents",
		"As lines of relaxed Extended JSON, one document each with its _id first, and a last line with $end that has their number, "+
			"their digest and whether they are of one instant. Without that line the export was cut. Also of a suspended organization, and of a deleted one that is kept.",
		"The documents.", describeProblem(noSuchID), func(op *huma.Operation) {
			op.Responses["200"].Content = map[string]*huma.MediaType{typeLines: {}}
		})
}

func (s *Server) importOperation() huma.Operation {
	return forOperators(opImport, http.MethodPost, pathOrganization+"/import", "Import documents that were exported",
		"Of whatever engine. A document that exists is replaced, others stay. Nothing is undone when it fails: offset tells how far it has come. It can be repeated.",
		"All documents are imported.", describeProblem(noSuchID), describeProblem(notLines.problem),
		describeInvalid("body", "must end with the line that sums it up; it was cut"), failing(domain.ErrSuspended, domain.ErrQuotaExceeded), func(op *huma.Operation) {
			none := float64(0)
			op.Parameters = append(op.Parameters, &huma.Param{
				Name: paramOffset, In: "query", Description: "How many documents to read and not to write: the offset of an import that failed.",
				Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &none, Default: 0},
			})
			op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{typeLines: {}}}
		})
}

func (s *Server) changeOperation() huma.Operation {
	return forOperators(opChange, http.MethodPatch, pathOrganization, "Change an organization's name or its administrator's email",
		"Also of a suspended organization. What is as it shall be already changes nothing.", "The organization afterwards.",
		changing, withStrictBody, describeInvalid("body.name", "must have at least 2 characters"),
		failing(domain.ErrStatus, domain.ErrNameTaken, domain.ErrEmailTaken, domain.ErrOperationInProgress, domain.ErrOperationAborted))
}

func (s *Server) removeOperation() huma.Operation {
	return forOperators(opRemove, http.MethodDelete, pathOrganization, "Delete an organization",
		"Its name is free and its tokens are dead at once. Its data is kept for DELETE_RETENTION, or as long as it is on hold, and dropped at once without either.",
		"The organization afterwards, deleted or purged.", changing, failing(domain.ErrStatus, domain.ErrOperationInProgress))
}

func (s *Server) restoreOperation() huma.Operation {
	return posting(opRestore, "restore", "Bring a deleted organization back",
		"With all its documents, under the name that it had or the one in the body. Tokens from before stay dead.",
		failing(domain.ErrStatus, domain.ErrNameTaken, domain.ErrOperationInProgress))
}

// commands are the routes that need no more than an organization.
func (s *Server) commands() []operatorCommand {
	turning := failing(domain.ErrStatus, domain.ErrOperationInProgress)
	return []operatorCommand{
		{posting(opSuspend, "suspend", "Suspend an organization",
			"Its tokens and log-ins are refused until it is activated. It keeps its name and its data. One that is suspended stays so.", turning), s.service.SuspendOrganization},
		{posting(opActivate, "activate", "End a suspension", "One that is active stays so.", turning), s.service.ActivateOrganization},
		{posting(opHold, "hold", "Forbid to drop an organization's data", "Whoever asks for it, until it is released.", turning), s.hold(true)},
		{posting(opRelease, "release", "Allow to drop an organization's data again", "", turning), s.hold(false)},
		{posting(opPurge, "purge", "Drop the data of a deleted organization before its time",
			"The record stays, with a receipt.", turning, failing(domain.ErrHeld)), s.service.PurgeOrganization},
		{posting(opRetry, "retry", "Go on with the pending operation at once",
			"Also when it is stuck; its failures so far don't count any more.", failing(domain.ErrOperationNotFound, domain.ErrOperationInProgress)), s.service.RetryOperation},
		{posting(opAbort, "abort", "Make the pending operation go back",
			"Who asked for it gets operation_aborted.", failing(domain.ErrOperationNotFound, domain.ErrOperationNotAbortable)), s.service.AbortOperation},
	}
}

// posting describes a POST on an organization.
func posting(id, verb, summary, description string, with ...describer) huma.Operation {
	return forOperators(id, http.MethodPost, pathOrganization+"/"+verb, summary, description, "The organization afterwards.",
		append([]describer{changing, withStrictBody, repeatable}, with...)...)
}

func forOperators(id, method, path, summary, description, meaning string, with ...describer) huma.Operation {
	return operation(id, method, path, summary, description, http.StatusOK, meaning, append([]describer{func(op *huma.Operation) {
		op.Security = []map[string][]string{{operatorScheme: {}}}
		describeProblem(unauthenticated.problem)(op)
		describeProblem(badQuery.problem)(op)
		failing(domain.ErrOverloaded, domain.ErrStoreUnavailable)(op)
	}}, with...)...)
}

// changing describes what a change of an organization can meet.
func changing(op *huma.Operation) {
	describeProblem(noSuchID)(op)
	describeProblem(badCondition.problem)(op)
	failing(domain.ErrPreconditionFailed)(op)
}

func withStrictBody(op *huma.Operation) { describeBody(op, plainBody, inBody, unknownField) }

// repeatable describes the Idempotency-Key.
func repeatable(op *huma.Operation) {
	least, most := 1, keyMaxBytes
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: headerKey, In: "header",
		Description: "Makes the request safe to send again: for 24 hours the same key with the same body gives the first answer, with " +
			headerReplayed + ": true, and does nothing. Take a new random text for each request, such as a UUID.",
		Schema: &huma.Schema{Type: "string", MinLength: &least, MaxLength: &most, Pattern: "^[!-~]+$"},
	})
	failing(domain.ErrKeyInUse, domain.ErrKeyReused)(op)
}

// forOperatorsToo says that an operator's token counts where none is needed.
func (s *Server) forOperatorsToo(op *huma.Operation) {
	if len(s.options.OperatorTokens) > 0 {
		op.Security = []map[string][]string{{}, {operatorScheme: {}}}
		op.Description = strings.TrimSpace(op.Description + " With an operator's token also while sign-up is closed.")
	}
}

// describeList describes the parameters that listQuery reads.
func describeList(op *huma.Operation) {
	one, most := float64(1), float64(app.ListLimit)
	var statuses []any
	for _, status := range domain.Statuses() {
		statuses = append(statuses, string(status))
	}
	separate := false
	op.Parameters = []*huma.Param{
		{Name: paramLimit, In: "query", Description: "How many organizations at most.", Schema: &huma.Schema{Type: "integer", Minimum: &one, Maximum: &most, Default: listDefault}},
		{Name: paramCursor, In: "query", Description: "The next_cursor of an answer, to go on behind it.", Schema: &huma.Schema{Type: "string"}},
		{Name: paramStatus, In: "query", Explode: &separate, Description: "The statuses to list, separated by commas; the parameter may also be repeated. All but purged without it.", Schema: &huma.Schema{Type: "array", Items: &huma.Schema{Type: "string", Enum: statuses}}},
		{Name: paramNamePrefix, In: "query", Description: "What the names begin with, in any case, width and spacing.", Schema: &huma.Schema{Type: "string"}},
		{Name: paramCreatedFrom, In: "query", Description: "Lists organizations that were created then or later.", Schema: &huma.Schema{Type: "string", Format: "date-time"}},
		{Name: paramCreatedBefore, In: "query", Description: "Lists organizations that were created before.", Schema: &huma.Schema{Type: "string", Format: "date-time"}},
	}
}
