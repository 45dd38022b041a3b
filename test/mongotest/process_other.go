//go:build !unix

package mongotest

import (
	"errors"
	"os/exec"
)

var errNoSignals = errors.New("this operating system has no such signal")

func dieWithParent(*exec.Cmd) {}

// gone can't be told here: nothing is swept.
func gone(int) bool { return false }

// terminate kills: there is no gentler way here.
func (p *process) terminate() error { return p.kill() }

func (p *process) pause() error { return errNoSignals }

func (p *process) resume() error { return errNoSignals }
