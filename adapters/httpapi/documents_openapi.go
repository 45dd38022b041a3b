package httpapi

import (
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// What the bodies of the routes for documents may be.
var (
	documentBody = extendedBody(domain.DocumentMaxBytes, "1 MiB")
	batchBody    = extendedBody(16<<20, "16 MiB")
)

// documentGates returns the gates of the routes for documents.
func (s *Server) documentGates() map[string][]gate {
	return map[string][]gate{
		opDocuments:      {s.requireToken},
		opDocument:       {s.requireToken, s.noQuery},
		opCountDocuments: {s.requireToken, s.noQuery},
		opPutDocument:    {s.requireToken, s.noQuery, s.oneCondition, s.onlyAbsence, s.readBody(documentBody)},
		opCreateDocument: {s.requireToken, s.noQuery, s.readBody(documentBody), s.once},
		opDeleteDocument: {s.requireToken, s.noQuery, s.oneCondition},
		opWriteDocuments: {s.requireToken, s.noQuery, s.atOnce(batchesAtOnce), s.readBody(batchBody), s.once},
	}
}

// registerDocuments adds the routes for documents.
func (s *Server) registerDocuments(api huma.API) {
	schemas := api.OpenAPI().Components.Schemas.Map()
	schemas["Document"] = documentSchema("A document as it is kept.", domain.FieldID)
	schemas["NewDocument"] = documentSchema("A document to be kept.")
	schemas["DocumentList"] = object(map[string]*huma.Schema{
		"documents":   {Type: huma.TypeArray, Items: schemaRef("Document"), Description: "In an order of their IDs that never changes."},
		"next_cursor": {Type: huma.TypeString, Description: "Send it as cursor for what follows; absent at the end. What follows may be nothing."},
	}, "documents")
	schemas["BatchWrite"] = object(map[string]*huma.Schema{
		fieldAction:   {Type: huma.TypeString, Enum: []any{"put", "create", "delete"}},
		fieldDocument: schemaRef("NewDocument"),
		fieldID:       {Type: huma.TypeString, Description: "Of a delete alone: the document's ID. Those of the others are in document."},
		fieldIfMatch:  {Type: huma.TypeString, Description: "Of a put and a delete: what If-Match is."},
	}, fieldAction)
	one, most := 1, app.DocumentBatchLimit
	schemas["BatchRequest"] = object(map[string]*huma.Schema{
		fieldWrites: {Type: huma.TypeArray, Items: schemaRef("BatchWrite"), MinItems: &one, MaxItems: &most, Description: "Each of another document."},
	}, fieldWrites)

	huma.Register(api, listDocumentsOperation(), s.listDocuments)
	huma.Register(api, getDocumentOperation(), s.getDocument)
	huma.Register(api, countDocumentsOperation(), s.countDocuments)
	huma.Register(api, putDocumentOperation(), s.putDocument)
	huma.Register(api, createDocumentOperation(), s.createDocument)
	huma.Register(api, deleteDocumentOperation(), s.deleteDocument)
	huma.Register(api, writeDocumentsOperation(), s.writeDocuments)

	// A body that huma knew of beforehand it would read and judge itself.
	paths := api.OpenAPI().Paths
	paths[pathDocument].Put.RequestBody = requestBody("NewDocument", exampleDocument)
	paths[pathDocuments].Post.RequestBody = requestBody("NewDocument", exampleDocument)
	paths[pathDocumentBatch].Post.RequestBody = requestBody("BatchRequest", exampleBatch)
}

var (
	exampleDocument = map[string]any{domain.FieldID: "invoice-17", "total": 119.5, "paid": false}
	exampleBatch    = map[string]any{fieldWrites: []any{
		map[string]any{fieldAction: "put", fieldDocument: exampleDocument},
		map[string]any{fieldAction: "delete", fieldID: "invoice-16"},
	}}
)

func requestBody(schema string, example any) *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: inBothNotations(schema, example)}
}

func listDocumentsOperation() huma.Operation {
	return onDocuments(opDocuments, http.MethodGet, pathDocuments, "List documents",
		"One that is there during all of a walk by cursor is met once, whatever comes and goes meanwhile. A page ends with the document by which it has 4 MiB. "+
			"For a filter at most "+strconv.Itoa(app.DocumentScanLimit)+" documents are looked at.",
		http.StatusOK, "Documents.", answering("DocumentList"), describeDocumentsQuery,
		describeInvalid("query.limit", "must be a whole number from 1 to "+strconv.Itoa(app.DocumentListLimit)), failing(domain.ErrFilterTooBroad))
}

func getDocumentOperation() huma.Operation {
	return onDocuments(opDocument, http.MethodGet, pathDocument, "Get a document", "",
		http.StatusOK, "The document.", answering("Document"), badDocumentID, failing(domain.ErrDocumentNotFound), func(op *huma.Operation) {
			op.Responses["304"] = &huma.Response{Description: "The document has an ETag of If-None-Match still."}
		})
}

func countDocumentsOperation() huma.Operation {
	return onDocuments(opCountDocuments, http.MethodGet, pathDocumentCount, "Count the documents", "",
		http.StatusOK, "Their number.", describeProblem(badQuery.problem))
}

func putDocumentOperation() huma.Operation {
	return onDocuments(opPutDocument, http.MethodPut, pathDocument, "Make or replace a document",
		"The whole of it. Its `"+domain.FieldID+"` may be left out of the body, and must be the one in the path otherwise.",
		http.StatusOK, "It is replaced.", taking(documentBody),
		badDocumentID, failing(domain.ErrDocumentChanged, domain.ErrQuotaExceeded), func(op *huma.Operation) {
			op.Responses["201"] = &huma.Response{
				Description: "It is made.",
				Content:     map[string]*huma.MediaType{typeJSON: {Schema: schemaRef("WriteResponse")}},
				Headers:     map[string]*huma.Header{"ETag": headerOf("Made of what the document holds."), "Location": headerOf("Where the document is found.")},
			}
		})
}

func createDocumentOperation() huma.Operation {
	return onDocuments(opCreateDocument, http.MethodPost, pathDocuments, "Create a document",
		"Without `"+domain.FieldID+"` it is given one.", http.StatusCreated, "It is made.",
		taking(documentBody), repeatable, failing(domain.ErrDocumentExists, domain.ErrQuotaExceeded))
}

func deleteDocumentOperation() huma.Operation {
	return onDocuments(opDeleteDocument, http.MethodDelete, pathDocument, "Delete a document", "One that doesn't exist is no error.",
		http.StatusNoContent, "There is no such document.", badDocumentID, failing(domain.ErrDocumentChanged))
}

func writeDocumentsOperation() huma.Operation {
	return onDocuments(opWriteDocuments, http.MethodPost, pathDocumentBatch, "Write up to "+strconv.Itoa(app.DocumentBatchLimit)+" documents",
		"No transaction: each write is done or fails by itself; what the quota has no room for fails with quota_exceeded. If anything in the body is wrong, nothing is done.",
		http.StatusOK, "What became of each write, in their order.",
		taking(batchBody), repeatable)
}

func onDocuments(id, method, path, summary, description string, status int, meaning string, with ...describer) huma.Operation {
	return operation(id, method, path, summary, description, status, meaning, append([]describer{
		secured, failing(domain.ErrOperationInProgress, domain.ErrOverloaded, domain.ErrStoreUnavailable),
	}, with...)...)
}

// badDocumentID describes that the path's ID can't be one.
func badDocumentID(op *huma.Operation) { describeInvalid(inPath+".id", "must have 1 to 512 bytes")(op) }

// answering describes an answer that is written in the notation that the client wants.
func answering(schema string) describer {
	return func(op *huma.Operation) {
		op.Responses[strconv.Itoa(op.DefaultStatus)].Content = inBothNotations(schema, nil)
	}
}

// taking describes what a body of the kind can be refused for.
func taking(kind bodyKind) describer {
	return func(op *huma.Operation) { describeBody(op, kind, inBody, "must be a JSON object") }
}

func inBothNotations(schema string, example any) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{
		typeJSON:  {Schema: schemaRef(schema), Example: example},
		typeEJSON: {Schema: schemaRef(schema), Example: example},
	}
}

// describeDocumentsQuery describes the parameters that documentsQuery reads.
func describeDocumentsQuery(op *huma.Operation) {
	one, most := float64(1), float64(app.DocumentListLimit)
	op.Parameters = []*huma.Param{
		{Name: paramLimit, In: "query", Description: "How many documents at most.", Schema: &huma.Schema{Type: "integer", Minimum: &one, Maximum: &most, Default: documentsDefault}},
		{Name: paramCursor, In: "query", Description: "The next_cursor of an answer, to go on behind it.", Schema: &huma.Schema{Type: "string"}},
		{Name: paramFilter, In: "query", Description: `A JSON object: the fields at the top level that all of them have, each equal to a string, number, boolean or null, such as {"paid":false}.`, Schema: &huma.Schema{Type: "string"}},
	}
}

// documentSchema describes a document. That it has other fields is said by a schema and
// not by true, which all schemas have here: whoever holds answers against the document
// to the letter shall see that these fields are meant to be there.
func documentSchema(description string, required ...string) *huma.Schema {
	s := object(map[string]*huma.Schema{domain.FieldID: {
		Description: "Text of 1 to 512 bytes. Of one that an application has stored as something else, and in Extended JSON alone, an object such as {\"$oid\":…}.",
		OneOf:       []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeObject}},
	}}, required...)
	s.Description = description
	s.AdditionalProperties = &huma.Schema{Description: "Any JSON."}
	return s
}

func object(properties map[string]*huma.Schema, required ...string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Properties: properties, Required: required}
}

func schemaRef(name string) *huma.Schema { return &huma.Schema{Ref: "#/components/schemas/" + name} }

func headerOf(description string) *huma.Header {
	return &huma.Header{Schema: &huma.Schema{Type: huma.TypeString, Description: description}}
}
