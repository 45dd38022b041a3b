// Package explore walks the interleavings of the use cases: the code of package app
// runs on SQLite in memory behind ports that stop at every call, and the explorer
// decides at each of them who goes on, who dies, and what time it is.
//
// An actor is deterministic: its IDs, its random numbers and its clock are given, and
// what it does next follows from the answers that it has got. So a situation is the
// store's content and how far each actor has come with which answers. Two schedules
// that lead to the same situation have the same futures, and each of them is walked
// once. A call that was made in a situation isn't made again: its answer and what it
// left in the store are remembered. This is what makes walking all schedules quick;
// it leaves none of them out.
package explore
