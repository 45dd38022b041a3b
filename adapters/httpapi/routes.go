package httpapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/domain"
)

// The paths of the routes.
const (
	pathCreate  = "/org/create"
	pathGet     = "/org/get"
	pathUpdate  = "/org/update"
	pathDelete  = "/org/delete"
	pathLogin   = "/admin/login"
	pathHealth  = "/healthz"
	pathReady   = "/readyz"
	pathOpenAPI = "/openapi.json"
	pathDocs    = "/docs"

	pathOrganizations = "/v1/organizations"
	pathOrganization  = pathOrganizations + "/{id}"
	pathUsage         = pathOrganization + "/usage"
	pathQuota         = pathOrganization + "/quota"
	pathMove          = pathOrganization + "/move"

	pathDocuments     = "/v1/documents"
	pathDocument      = pathDocuments + "/{id}"
	pathDocumentCount = pathDocuments + ":count"
	pathDocumentBatch = pathDocuments + ":batch"
)

// Where the fields of a use case's input stand in a request.
const (
	inBody  = "body"
	inQuery = "query"
	inPath  = "path"
)

// The IDs of the operations.
const (
	opCreate = "createOrganization"
	opGet    = "getOrganization"
	opUpdate = "updateOrganization"
	opDelete = "deleteOrganization"
	opLogin  = "logIn"
	opHealth = "healthz"
	opReady  = "readyz"

	opDocuments      = "listDocuments"
	opDocument       = "getDocument"
	opCountDocuments = "countDocuments"
	opPutDocument    = "putDocument"
	opCreateDocument = "createDocument"
	opDeleteDocument = "deleteDocument"
	opWriteDocuments = "writeDocuments"

	opList       = "listOrganizations"
	opMake       = "makeOrganization"
	opInspect    = "inspectOrganization"
	opChange     = "changeOrganization"
	opRemove     = "removeOrganization"
	opSuspend    = "suspendOrganization"
	opActivate   = "activateOrganization"
	opRestore    = "restoreOrganization"
	opHold       = "holdOrganization"
	opRelease    = "releaseOrganization"
	opPurge      = "purgeOrganization"
	opOperations = "inspectOperations"
	opRetry      = "retryOperation"
	opAbort      = "abortOperation"
	opExport     = "exportDocuments"
	opImport     = "importDocuments"
	opUsage      = "getUsage"
	opSetQuota   = "setQuota"
	opUnsetQuota = "unsetQuota"
	opMove       = "moveOrganization"
	opMoves      = "inspectMoves"
	opPauseMove  = "pauseMove"
	opResumeMove = "resumeMove"
)

// routes adds every route to the router and describes them in the OpenAPI document.
func (s *Server) routes(router chi.Router) error {
	o := s.options
	tooMany := func(w http.ResponseWriter, _ *http.Request) { s.refuse(w, rateLimited) }
	limit := func(perMinute int) gate { return middleware.Limit(perMinute, o.RateLimitExempt, tooMany) }
	gates := map[string][]gate{
		opCreate: {limit(o.RateLimitCreate), s.noteOperator, s.readBody(plainBody), s.bound, s.once},
		opGet:    {limit(o.RateLimitGet), s.bound},
		opUpdate: {s.requireToken, s.readBody(plainBody)},
		opDelete: {s.requireToken},
		opLogin:  {limit(o.RateLimitLogin), s.readBody(plainBody), s.bound},
	}
	if o.PrivateGet {
		gates[opGet] = []gate{limit(o.RateLimitGet), s.requireToken}
	}
	maps.Copy(gates, s.documentGates())
	maps.Copy(gates, s.operatorGates())
	config, routed := s.humaConfig(), &adapter{router: router, gates: gates}
	api := jsonOnly{huma.NewAPI(config, routed)}

	api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")

	huma.Register(api, s.createOperation(), s.createOrganization)
	huma.Register(api, s.getOperation(), s.getOrganization)
	huma.Register(api, s.updateOperation(), s.updateOrganization)
	huma.Register(api, s.deleteOperation(), s.deleteOrganization)
	huma.Register(api, s.loginOperation(), s.logIn)
	huma.Register(api, s.healthOperation(), s.healthz)
	huma.Register(api, s.readyOperation(), s.readyz)
	s.registerDocuments(api)

	if len(o.OperatorTokens) > 0 {
		// The same document, other rules for bodies.
		config.Formats = map[string]huma.Format{typeJSON: strictFormat, "json": strictFormat}
		s.registerOperators(jsonOnly{huma.NewAPI(config, routed)})
	}
	describe(api.OpenAPI(), o.PasswordMinRunes)
	// Nine tenths of the time of New would go into the document: it is encoded
	// when somebody first asks.
	s.document = sync.OnceValues(func() ([]byte, error) { return json.MarshalIndent(api.OpenAPI(), "", "  ") })
	serve(router, http.MethodGet, pathOpenAPI, http.HandlerFunc(s.openAPI))
	return s.serveDocs(router)
}

// bound gives the request its deadline.
func (s *Server) bound(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		middleware.FromContext(r.Context()).Bound(s.options.RequestTimeout)
		next.ServeHTTP(w, r)
	})
}

func (s *Server) createOperation() huma.Operation {
	return operation(opCreate, http.MethodPost, pathCreate, "Create an organization",
		"Registers an organization, makes the place for its documents and the account of its administrator.",
		http.StatusCreated, "The organization exists.",
		withBody, limited, repeatable, s.forOperatorsToo, failing(domain.ErrNameTaken, domain.ErrEmailTaken, domain.ErrSignupClosed,
			domain.ErrOrganizationLimit, domain.ErrOperationAborted, domain.ErrStatus, domain.ErrOverloaded, domain.ErrStoreUnavailable))
}

func (s *Server) getOperation() huma.Operation {
	with := []describer{invalidQuery, failing(domain.ErrOrganizationNotFound, domain.ErrOverloaded, domain.ErrStoreUnavailable)}
	if s.options.RateLimitGet > 0 {
		with = append(with, limited)
	}
	if s.options.PrivateGet {
		with = append(with, secured)
	}
	return operation(opGet, http.MethodGet, pathGet, "Look an organization up by its name",
		"The administrator's email is never told.", http.StatusOK, "The organization.", with...)
}

func (s *Server) updateOperation() huma.Operation {
	return operation(opUpdate, http.MethodPut, pathUpdate, "Rename the token's organization or change its administrator's email",
		"Documents stay as they are, whatever their number. The same name and email change nothing.",
		http.StatusOK, "The organization before and after.",
		secured, withBody, failing(domain.ErrInvalidCredentials, domain.ErrNameTaken, domain.ErrEmailTaken,
			domain.ErrOperationInProgress, domain.ErrOperationAborted, domain.ErrOverloaded, domain.ErrStoreUnavailable))
}

func (s *Server) deleteOperation() huma.Operation {
	return operation(opDelete, http.MethodDelete, pathDelete, "Delete the token's organization",
		"The name must be the organization's own. Its tokens are dead at once, so that a repeated call gets 401.",
		http.StatusOK, "The organization is deleted.",
		secured, invalidQuery, failing(domain.ErrForbidden, domain.ErrOrganizationNotFound, domain.ErrOperationInProgress,
			domain.ErrOverloaded, domain.ErrStoreUnavailable))
}

func (s *Server) loginOperation() huma.Operation {
	return operation(opLogin, http.MethodPost, pathLogin, "Log in", "Exchanges email and password for an access token.",
		http.StatusOK, "An access token.",
		withBody, limited, failing(domain.ErrInvalidCredentials, domain.ErrSuspended, domain.ErrOverloaded, domain.ErrStoreUnavailable))
}

func (s *Server) healthOperation() huma.Operation {
	return operation(opHealth, http.MethodGet, pathHealth, "Is the process alive?", "", http.StatusOK, "It is.")
}

func (s *Server) readyOperation() huma.Operation {
	return operation(opReady, http.MethodGet, pathReady, "Can requests be served?", "Asks the store.",
		http.StatusOK, "They can.", failing(domain.ErrStoreUnavailable), drained)
}
