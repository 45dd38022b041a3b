// Package crash kills, freezes and starves the real program under a random workload, and
// checks that nothing it has acknowledged is lost and nothing else is half there.
//
// The driver knows what each of 50 organizations is like, as far as the answers tell it.
// Workers change them over HTTP and write documents straight into their namespaces.
// After each disturbance the driver holds everything that can be seen against what may
// be: what was acknowledged is there, what was not is there whole or not at all.
//
// Moves have a world of their own, in which few organizations are moved to and fro while
// their documents are written.
//
// Environment variables:
//
//   - CRASH_KILLS is the number of kills on each engine. Without it there are a few, and
//     what takes long is left out; make crash sets 100, make soak 1000.
//   - CRASH_SEED is the seed of all choices; it is printed at start and with every
//     failure. It repeats the choices of the driver, not the scheduling of the machine.
package crash
