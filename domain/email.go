package domain

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// EmailMaxBytes bounds an email address (RFC 5321, section 4.5.3.1.3: a path of
// 256 octets with its two brackets). The local part has at most 64 octets
// (4.5.3.1.1), a label of the domain at most 63 (RFC 1035, section 2.3.4).
const EmailMaxBytes = 254

const (
	emailLocalMaxBytes = 64
	domainLabelBytes   = 63
)

// Email is one address: no display name, no comments, no IP literal. The zero
// Email is no address.
type Email struct{ address string }

// ParseEmail checks an address. Outer white space is cut. It returns an
// invalid-request *Error for the field email otherwise.
func ParseEmail(s string) (Email, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Email{}, Invalid("email", "must not be empty")
	}
	if len(s) > EmailMaxBytes {
		return Email{}, Invalid("email", "must have at most 254 bytes")
	}
	if !validEmail(s) {
		return Email{}, Invalid("email", "must be one email address such as admin@example.com")
	}
	return Email{s}, nil
}

// StoredEmail returns an Email as a store kept it, unchecked.
func StoredEmail(s string) Email { return Email{s} }

// String returns the address as it was given.
func (e Email) String() string { return e.address }

// Key returns the lower-cased address, by which emails are compared.
func (e Email) Key() string { return strings.ToLower(e.address) }

// IsZero reports whether e is no address.
func (e Email) IsZero() bool { return e.address == "" }

func validEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > emailLocalMaxBytes || !utf8.ValidString(s) {
		return false
	}
	if strings.ContainsFunc(s, func(r rune) bool {
		// A quoted local part is legal but never wanted; the rest are the
		// characters of display names, comments and address lists.
		return strings.ContainsRune("\"()<>[],;:\\", r) || unicode.IsSpace(r) || !unicode.IsPrint(r) || invisible(r)
	}) {
		return false
	}
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Address == s && validDomain(s[at+1:])
}

func validDomain(domain string) bool {
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > domainLabelBytes || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			if r != '-' && !unicode.In(r, unicode.L, unicode.M, unicode.Nd) {
				return false
			}
		}
	}
	// A last label of digits, of whatever script, makes it an IP address.
	last := labels[len(labels)-1]
	return strings.ContainsFunc(last, func(r rune) bool { return !unicode.IsDigit(r) })
}
