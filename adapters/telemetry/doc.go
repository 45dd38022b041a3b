// Package telemetry tells operators what the program does: counts and durations for
// Prometheus, traces for OpenTelemetry, and the trace's ID on each line of the log.
//
// Nothing that it tells holds a name, an email, a query, a body or a secret, and no
// label has values that a client can choose. docs/operations.md lists the metrics,
// docs/alerts.yaml has rules for them.
package telemetry
