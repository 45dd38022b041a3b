package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
)

// sentNotation returns how the body of a request is to be understood, once the gate has
// let it through.
func sentNotation(h http.Header) domain.Notation {
	if h.Get("Content-Type") == typeEJSON {
		return domain.ExtendedJSON
	}
	return domain.PlainJSON
}

// wantedNotation returns how a client wants documents to be written: as Extended JSON
// if its Accept prefers that (RFC 9110, section 12.5.1). Who accepts neither gets plain
// JSON, as everywhere.
func wantedNotation(h http.Header) domain.Notation {
	plain, extended := preference{name: typeJSON}, preference{name: typeEJSON}
	for _, line := range h["Accept"] {
		for item := range strings.SplitSeq(line, ",") {
			plain.note(item)
			extended.note(item)
		}
	}
	if extended.quality > plain.quality {
		return domain.ExtendedJSON
	}
	return domain.PlainJSON
}

// preference is what an Accept says about a media type.
type preference struct {
	name    string
	quality float64
	// by tells how closely the range names the type by which quality was found.
	by int
}

// How closely a range names a type.
const (
	byNothing = iota
	byAny
	byGroup
	byName
)

// note takes one item of the header into account. The closest range counts, the first
// of several; one whose quality can't be read doesn't.
func (p *preference) note(item string) {
	name, parameters, _ := strings.Cut(item, ";")
	by := byNothing
	switch name = strings.ToLower(strings.TrimSpace(name)); name {
	case p.name:
		by = byName
	case "application/*":
		by = byGroup
	case "*/*":
		by = byAny
	}
	if quality, ok := qualityOf(parameters); ok && by > p.by {
		p.quality, p.by = quality, by
	}
}

// qualityOf returns the weight among a range's parameters (RFC 9110, section 12.4.2).
func qualityOf(parameters string) (float64, bool) {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			quality, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return quality, err == nil && quality >= 0 && quality <= 1
		}
	}
	return 1, true
}

// mediaType returns the media type of documents that are written so.
func mediaType(n domain.Notation) string {
	if n == domain.ExtendedJSON {
		return typeEJSON
	}
	return typeJSON
}
