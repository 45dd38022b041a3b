// Package arch holds tests of the source itself: which way imports point, what the inner layers may not do,
// and how long a file may be. They parse the files in this process instead of asking the go command, so that
// the test cache sees every file they read and never repeats an old answer.
package arch
