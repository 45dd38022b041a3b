package httpapi

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// Transfers is what the routes for exports and imports need of package app.
type Transfers interface {
	ExportDocuments(ctx context.Context, id domain.OrganizationID, w io.Writer) (app.Export, error)
	ImportDocuments(ctx context.Context, id domain.OrganizationID, r io.Reader, offset int64) (app.Import, error)
}

// typeLines is the media type of an export: a JSON value on each line.
const typeLines = "application/x-ndjson"

const (
	// transfersAtOnce bounds exports, and imports. On SQLite each export has one of the
	// readers for as long as it takes.
	transfersAtOnce = 2
	// transferStall is how long a client may leave a transfer without reading or writing.
	transferStall = 30 * time.Second
)

type exportInput struct {
	Subject
	AcceptEncoding string `header:"Accept-Encoding" doc:"gzip for a compressed stream."`
}

func (s *Server) exportDocuments(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
	c, err := s.command(ctx, in.ID, "")
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		_, w := humachi.Unwrap(hctx)
		out := &exportWriter{w: w, control: http.NewResponseController(w), compressed: acceptsGzip(in.AcceptEncoding)}
		_, err := s.service.ExportDocuments(ctx, c.Organization, out)
		switch {
		case err == nil:
			err = out.close()
		case !out.begun:
			s.refuse(w, prepare(s.operatorProblem(ctx, err)))
			return
		}
		if err != nil { // The client sees it by the last line, which is missing.
			s.log(ctx, slog.LevelWarn, "an export was cut", err)
		}
	}}, nil
}

// exportWriter begins the answer with the first bytes, and gives the client some time
// for each part.
type exportWriter struct {
	w          http.ResponseWriter
	control    *http.ResponseController
	compressed bool
	begun      bool
	gzip       *gzip.Writer
}

// Write implements io.Writer.
func (e *exportWriter) Write(b []byte) (int, error) {
	_ = e.control.SetWriteDeadline(time.Now().Add(transferStall)) // a test's recorder has none
	if !e.begun {
		e.begin()
	}
	if e.gzip != nil {
		return e.gzip.Write(b)
	}
	return e.w.Write(b)
}

func (e *exportWriter) begin() {
	e.begun = true
	header := e.w.Header()
	header.Set("Content-Type", typeLines)
	header.Add("Vary", "Accept-Encoding")
	if e.compressed {
		header.Set("Content-Encoding", "gzip")
		e.gzip = gzip.NewWriter(e.w)
	}
	e.w.WriteHeader(http.StatusOK)
}

func (e *exportWriter) close() error {
	if e.gzip == nil {
		return nil
	}
	return e.gzip.Close()
}

// acceptsGzip reports whether an Accept-Encoding takes gzip (RFC 9110, section 12.5.3).
func acceptsGzip(header string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(item, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			quality, ok := qualityOf(parameters)
			return ok && quality > 0
		}
	}
	return false
}

const paramOffset = "offset"

// importInput is a request to import: its body is read while it comes.
type importInput struct {
	Subject
	body   io.Reader
	offset int64
}

// Resolve implements huma.Resolver.
func (in *importInput) Resolve(ctx huma.Context) []error {
	r, w := humachi.Unwrap(ctx)
	in.body = &importReader{r.Body, http.NewResponseController(w)}
	address := ctx.URL()
	return takeQuery(address.RawQuery, []string{paramOffset}, "", func(_ string, values []string) (wrong string) {
		n, err := strconv.ParseInt(values[0], 10, 64)
		if err != nil || n < 0 {
			return "must be a whole number from 0"
		}
		in.offset = n
		return ""
	})
}

// importReader gives the client some time for each part.
type importReader struct {
	io.Reader
	control *http.ResponseController
}

// Read implements io.Reader. What goes wrong is the client's.
func (r *importReader) Read(b []byte) (int, error) {
	_ = r.control.SetReadDeadline(time.Now().Add(transferStall)) // a test's recorder has none
	_ = r.control.SetWriteDeadline(time.Now().Add(2 * transferStall))
	n, err := r.Reader.Read(b)
	if err != nil && err != io.EOF { //nolint:errorlint // io.Reader says so
		err = domain.Invalid(fieldExport, "did not arrive whole")
	}
	return n, err
}

// fieldExport is the name of an import's input in package app.
const fieldExport = "export"

// ImportResponse is the body of the answer to POST /v1/organizations/{id}/import.
type ImportResponse struct {
	Documents int64 `json:"documents" doc:"How many documents the export has: all are imported." example:"1200"`
	Created   int64 `json:"created" doc:"How many of those that were written weren't there before." example:"1200"`
}

type importOutput struct{ Body ImportResponse }

func (s *Server) importDocuments(ctx context.Context, in *importInput) (*importOutput, error) {
	c, err := s.command(ctx, in.ID, "")
	if err != nil {
		return nil, err
	}
	done, err := s.service.ImportDocuments(ctx, c.Organization, in.body, in.offset)
	if err != nil {
		p := *s.operatorProblem(ctx, err)
		for i, e := range p.Errors {
			if e.Location == inBody+"."+fieldExport {
				p.Errors[i].Location = inBody
			}
		}
		p.Offset = &done.Offset
		return nil, &p
	}
	return &importOutput{ImportResponse{done.Offset, done.Created}}, nil
}

// lines lets through requests whose body is said to be an export, and unpacks it.
func (s *Server) lines(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if given := r.Header.Get("Content-Type"); given != "" {
			if name, _, err := mime.ParseMediaType(given); err != nil || name != typeLines {
				s.refuse(w, notLines)
				return
			}
		}
		switch encoding := r.Header.Get("Content-Encoding"); {
		case encoding == "" || strings.EqualFold(encoding, "identity"):
		case strings.EqualFold(encoding, "gzip"):
			unpacked := &unpacker{packed: r.Body}
			r.Body = unpacked
		default:
			s.refuse(w, notLines)
			return
		}
		next.ServeHTTP(w, r)
	})
}

var notLines = prepare(newProblem(codeUnsupportedMediaType, "The body must be an export, sent as "+typeLines+", compressed by gzip or not at all."))

// unpacker unpacks a body once somebody reads it.
type unpacker struct {
	packed   io.ReadCloser
	unpacked *gzip.Reader
}

// Read implements io.Reader.
func (u *unpacker) Read(b []byte) (int, error) {
	if u.unpacked == nil {
		reader, err := gzip.NewReader(u.packed)
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		u.unpacked = reader
	}
	return u.unpacked.Read(b)
}

// Close implements io.Closer.
func (u *unpacker) Close() error { return u.packed.Close() }
