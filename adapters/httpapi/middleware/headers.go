package middleware

import "net/http"

// The values are shared by all answers: nobody changes a header's slice in
// place, and Header.Set puts another one in its stead.
var (
	noSniff    = []string{"nosniff"}
	noReferrer = []string{"no-referrer"}
	noStore    = []string{"no-store"}
	noContent  = []string{"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
)

// protect sets the headers that every answer has. The content security policy
// forbids everything, frames included, since answers are data; the page under
// /docs has its own. Answers may hold tokens and names: no cache keeps any of
// them. There are no more of them than that, because net/http sorts and copies
// them for every answer.
func protect(h http.Header) {
	h["X-Content-Type-Options"] = noSniff
	h["Referrer-Policy"] = noReferrer
	h["Cache-Control"] = noStore
	h["Content-Security-Policy"] = noContent
}
