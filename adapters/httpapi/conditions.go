package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
)

// noVersion is a version that no organization has.
const noVersion = -1

// etag returns the entity tag of an organization. Whatever is shown of one changes
// with its version alone.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

const notOneTag = "must be * or one ETag"

var badCondition = prepare(invalidExample("header.If-Match", notOneTag))

// oneCondition lets through requests that have no If-Match, or one that can be read.
func (s *Server) oneCondition(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.Header["If-Match"]
		if len(given) > 1 || len(given) == 1 && !isCondition(given[0]) {
			s.refuse(w, badCondition)
			return
		}
		next.ServeHTTP(w, r)
	})
}

var badAbsence = prepare(invalidExample("header.If-None-Match", "must be *, without an If-Match"))

// onlyAbsence lets through requests that have no If-None-Match, or one that says that
// there shall be nothing yet.
func (s *Server) onlyAbsence(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.Header["If-None-Match"]
		if len(given) == 0 || len(given) == 1 && given[0] == "*" && r.Header["If-Match"] == nil {
			next.ServeHTTP(w, r)
			return
		}
		s.refuse(w, badAbsence)
	})
}

// ifVersion returns the version that If-Match asks for: 0 for any, noVersion for a tag
// that is none of ours. A weak tag matches nothing (RFC 9110, section 13.1.1).
func ifVersion(condition string) int64 {
	if condition == "" || condition == "*" {
		return 0
	}
	version, err := strconv.ParseInt(strings.Trim(condition, `"`), 10, 64)
	if err != nil || version < 1 || etag(version) != condition {
		return noVersion
	}
	return version
}

// noTag is an ETag that no document has.
const noTag domain.ETag = "none"

// documentTag returns the entity tag of a document.
func documentTag(d domain.Document) string { return `"` + string(d.ETag()) + `"` }

// ifTag returns the condition that If-Match stands for, which can be read. A weak tag
// matches nothing (RFC 9110, section 13.1.1).
func ifTag(condition string) domain.ETag {
	switch {
	case condition == "":
		return ""
	case condition == "*":
		return domain.AnyETag
	case condition == `""`, condition == `"*"`, condition[0] != '"': // W/
		return noTag
	}
	return domain.ETag(strings.Trim(condition, `"`))
}

// noneMatch reports whether If-None-Match asks for an answer, and not for 304. Tags
// are compared weakly (RFC 9110, section 13.1.2).
func noneMatch(condition, tag string) bool {
	for item := range strings.SplitSeq(condition, ",") {
		item = strings.TrimSpace(item)
		if item == "*" || strings.TrimPrefix(item, "W/") == tag {
			return false
		}
	}
	return true
}

// isCondition reports whether s can stand as If-Match.
func isCondition(s string) bool { return s == "*" || isETag(s) }

// isETag reports whether s is one entity tag (RFC 9110, section 8.8.3).
func isETag(s string) bool {
	s = strings.TrimPrefix(s, "W/")
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return false
	}
	for _, c := range []byte(s[1 : len(s)-1]) {
		if c == '"' || c <= ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

const idMaxBytes = 64

// organizationID takes a path's text for an ID if it can be one.
func organizationID(s string) (domain.OrganizationID, error) {
	if s == "" || len(s) > idMaxBytes {
		return "", domain.ErrOrganizationNotFound
	}
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return "", domain.ErrOrganizationNotFound
		}
	}
	return domain.OrganizationID(s), nil
}
