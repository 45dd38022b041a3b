package httpapi

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/orgkeeper/orgkeeper/domain"
)

// bearerScheme names the security scheme; Swagger UI's Authorize asks for a token.
const bearerScheme = "bearer"

// operatorScheme names the one of the routes for operators.
const operatorScheme = "operatorToken"

// humaConfig is huma's with nothing of it served: no page that loads scripts
// from elsewhere, no $schema links in answers, no second form of the document.
func (s *Server) humaConfig() huma.Config {
	c := huma.DefaultConfig("orgkeeper", s.options.Version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	// By the second name huma finds the types that end in +json.
	c.Formats = map[string]huma.Format{typeJSON: jsonFormat, "json": jsonFormat}
	c.DefaultFormat = typeJSON
	c.Transformers = []huma.Transformer{s.rewriteErrors}
	c.AllowAdditionalPropertiesByDefault = true
	c.Info.Description = "Registers the organizations of a multi-tenant product and lets their administrators in.\n\n" +
		"Errors are problems by RFC 9457; compare their `code`. Unknown fields of a body are ignored, keys have exactly the case shown. " +
		"Every answer has an `X-Request-ID`."
	c.Tags = []*huma.Tag{
		{Name: tagOrganizations},
		{Name: tagAdministrators},
		{Name: tagDocuments, Description: "Those of the token's organization. Unknown parameters are refused here."},
		{Name: tagProbes},
	}
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearerScheme: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The access_token that POST " + pathLogin + " gives."},
	}
	if len(s.options.OperatorTokens) > 0 {
		c.Tags = append(c.Tags, &huma.Tag{Name: tagOperators, Description: "For who runs the service. Unknown fields and parameters are refused here."})
		c.Components.SecuritySchemes[operatorScheme] = &huma.SecurityScheme{
			Type: "http", Scheme: "bearer", Description: "An operator's token: OPERATOR_TOKEN of the deployment.",
		}
	}
	return c
}

// The groups of operations.
const (
	tagOrganizations  = "Organizations"
	tagAdministrators = "Administrators"
	tagDocuments      = "Documents"
	tagProbes         = "Probes"
	tagOperators      = "Operators"
)

var tags = map[string]string{
	opCreate: tagOrganizations, opGet: tagOrganizations, opUpdate: tagOrganizations, opDelete: tagOrganizations,
	opLogin: tagAdministrators, opHealth: tagProbes, opReady: tagProbes,
	opDocuments: tagDocuments, opDocument: tagDocuments, opCountDocuments: tagDocuments, opPutDocument: tagDocuments,
	opCreateDocument: tagDocuments, opDeleteDocument: tagDocuments, opWriteDocuments: tagDocuments,
}

// describer adds to an operation what the document says of it.
type describer func(*huma.Operation)

func operation(id, method, path, summary, description string, status int, meaning string, with ...describer) huma.Operation {
	tag, ok := tags[id]
	if !ok {
		tag = tagOperators
	}
	op := huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, Description: description,
		Tags:          []string{tag},
		DefaultStatus: status,
		Responses:     map[string]*huma.Response{strconv.Itoa(status): {Description: meaning}},
		// The gate has read the body; huma must not take the largest for too large. Where
		// documents are sent it doesn't read it.
		MaxBodyBytes: bodyMaxBytes + 1,
		// Nor need it watch the clock: the body is in memory.
		BodyReadTimeout: -1,
	}
	for _, d := range append(with, describeProblem(internal.problem)) {
		d(&op)
	}
	return op
}

// describeProblem documents one problem that an operation can answer with.
func describeProblem(p *Problem) describer {
	return func(op *huma.Operation) {
		status := strconv.Itoa(p.Status)
		r := op.Responses[status]
		if r == nil {
			r = &huma.Response{
				Description: http.StatusText(p.Status),
				Headers:     map[string]*huma.Header{},
				Content: map[string]*huma.MediaType{typeProblem: {
					Schema:   &huma.Schema{Ref: "#/components/schemas/Problem"},
					Examples: map[string]*huma.Example{},
				}},
			}
			op.Responses[status] = r
		}
		r.Content[typeProblem].Examples[string(p.Code)] = &huma.Example{Summary: p.Detail, Value: p}
		for name, values := range p.GetHeaders() {
			described := headers[name]
			r.Headers[described.name] = &huma.Header{
				Description: described.text,
				Schema:      &huma.Schema{Type: "string", Examples: []any{values[0]}},
			}
		}
	}
}

// headers describes the headers that go with problems.
var headers = map[string]struct{ name, text string }{
	"Www-Authenticate": {"WWW-Authenticate", "The scheme to authenticate with."},
	"Retry-After":      {"Retry-After", "After how many seconds another try makes sense."},
}

func failing(errs ...*domain.Error) describer {
	return func(op *huma.Operation) {
		for _, e := range errs {
			describeProblem(newProblem(e.Code, e.Message))(op)
		}
	}
}

func secured(op *huma.Operation) {
	op.Security = []map[string][]string{{bearerScheme: {}}}
	describeProblem(unauthenticated.problem)(op)
	failing(domain.ErrSuspended)(op)
}

func limited(op *huma.Operation) {
	describeProblem(rateLimited.problem)(op)
	op.Responses[strconv.Itoa(http.StatusTooManyRequests)].Headers["Retry-After"] = &huma.Header{
		Description: headers["Retry-After"].text,
		Schema:      &huma.Schema{Type: "string", Examples: []any{"60"}},
	}
}

func drained(op *huma.Operation) { describeProblem(draining.problem)(op) }

func withBody(op *huma.Operation) {
	describeBody(op, plainBody, "body.email", "must be one email address such as admin@example.com")
}

// describeBody describes what a body can be refused for, with an example of a field.
func describeBody(op *huma.Operation, kind bodyKind, location, message string) {
	describeProblem(bodyMalformed.problem)(op)
	describeProblem(kind.tooLarge.problem)(op)
	describeProblem(kind.unsupported.problem)(op)
	describeInvalid(location, message)(op)
}

func invalidQuery(op *huma.Operation) { describeInvalid("query.organization_name", isRequired)(op) }

func describeInvalid(location, message string) describer {
	return describeProblem(invalidExample(location, message))
}

func invalidExample(location, message string) *Problem {
	p := newProblem(domain.CodeInvalidRequest, "The request is not valid.")
	p.Errors = []InputError{{Location: location, Message: message}}
	return p
}

// describe completes the document. Lengths and formats are told in a way that
// huma doesn't check: the domain's rules are applied after normalization, and
// there only.
func describe(doc *huma.OpenAPI, passwordMin int) {
	schemas := doc.Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	name := map[string]any{"minLength": domain.NameMinRunes, "maxLength": domain.NameMaxRunes}
	email := map[string]any{"format": "email", "maxLength": domain.EmailMaxBytes}
	typed := map[string]any{"format": "password", "writeOnly": true, "minLength": 1, "maxLength": domain.PasswordMaxRunes}
	wanted := maps.Clone(typed)
	wanted["minLength"] = passwordMin
	for schema, rules := range map[string]map[string]map[string]any{
		"CreateRequest": {fieldName: name, fieldEmail: email, fieldPassword: wanted},
		"UpdateRequest": {fieldName: name, fieldEmail: email, fieldPassword: typed},
		"LoginRequest":  {fieldEmail: email, fieldPassword: typed},

		"NewOrganization": {fieldWish: name, fieldEmail: email, fieldPassword: wanted},
	} {
		if schemas[schema] == nil {
			continue // Without operators there is none of theirs.
		}
		for field, extra := range rules {
			schemas[schema].Properties[field].Extensions = extra
		}
	}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Delete} {
			for _, p := range params(op) {
				if len(p.Schema.Examples) > 0 {
					p.Example = p.Schema.Examples[0] // so that the page fills it in
				}
			}
		}
		for _, op := range []*huma.Operation{item.Post, item.Put, item.Patch} {
			if op == nil {
				continue
			}
			if body := op.RequestBody.Content[typeJSON]; body != nil && body.Example == nil {
				exemplify(body, schemas)
			}
		}
	}
	code := schemas["Problem"].Properties["code"]
	for _, c := range slices.Sorted(maps.Keys(statuses)) {
		code.Enum = append(code.Enum, string(c))
	}
}

// exemplify gives a body an example of its fields alone. The page would make one up
// that has an unknown field, since those are allowed.
func exemplify(body *huma.MediaType, schemas map[string]*huma.Schema) {
	example := map[string]any{}
	for name, property := range schemas[path.Base(body.Schema.Ref)].Properties {
		example[name] = property.Examples[0]
	}
	body.Example = example
}

func params(op *huma.Operation) []*huma.Param {
	if op == nil {
		return nil
	}
	return op.Parameters
}
