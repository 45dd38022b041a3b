// Package httpapi offers the use cases of package app over HTTP: five routes
// whose form is a contract with existing clients, two probes, the OpenAPI
// document and a page to try it all in. docs/http.md says what the document
// can't.
//
// A request passes, in this order, the middlewares of the subpackage, its
// route's gates (rate limit, token, body) and huma, which finds missing fields
// and wrong types; then a handler of a few lines calls the use case. What is
// refused is refused as early as possible. Rules about values are the domain's
// alone.
package httpapi
