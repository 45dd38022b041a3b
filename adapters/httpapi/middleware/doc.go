// Package middleware holds what happens to every HTTP request, whatever its
// route: an identifier, the client's address, protective headers, recovery from
// panics, one line in the access log.
package middleware
