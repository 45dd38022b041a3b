// Package lifecycle proves on any store that an organization's operations are
// whole: interrupted or frozen at every step, refused, raced, or with lost
// answers, they leave the old or the new state once somebody has gone on with
// them. Run it with a factory, as the suites of test/contract are run.
package lifecycle
