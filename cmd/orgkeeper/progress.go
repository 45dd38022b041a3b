package main

import (
	"io"

	"github.com/schollz/progressbar/v3"

	"github.com/orgkeeper/orgkeeper/cmd/orgkeeper/internal/cli"
)

// bar shows how far a long command is. On anything but a terminal it shows nothing.
type bar struct {
	w           io.Writer
	description string
	bar         *progressbar.ProgressBar
}

func newBar(w io.Writer, description string) *bar {
	if !cli.IsTerminal(w) {
		w = nil
	}
	return &bar{w: w, description: description}
}

// set shows the bytes that are done, of total.
func (b *bar) set(done, total int64) {
	if b.w == nil {
		return
	}
	if b.bar == nil {
		b.bar = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(b.w),
			progressbar.OptionSetDescription(b.description),
			progressbar.OptionShowBytes(true),
			progressbar.OptionClearOnFinish())
	}
	_ = b.bar.Set64(done) // What a terminal doesn't show is lost.
}

// end takes the bar away.
func (b *bar) end() {
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}
