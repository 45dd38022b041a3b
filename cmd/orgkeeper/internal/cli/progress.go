package cli

import (
	"io"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far a check is: on a terminal a bar, elsewhere nothing.
type progress struct {
	w    io.Writer
	bar  *progressbar.ProgressBar
	what string
	// done is how many of each thing were looked at.
	done map[string]int
}

func newProgress(w io.Writer) *progress {
	p := &progress{done: map[string]int{}}
	if IsTerminal(w) {
		p.w = w
	}
	return p
}

// set shows that done of total things were looked at; a total of 0 is unknown.
func (p *progress) set(what string, done, total int) {
	p.done[what] = done
	if p.w == nil {
		return
	}
	if total == 0 {
		total = -1
	}
	if p.bar == nil || p.what != what {
		p.clear()
		p.what = what
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(p.w),
			progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(),
			progressbar.OptionClearOnFinish())
	}
	if total > 0 {
		p.bar.ChangeMax(total) // It may grow meanwhile.
	}
	_ = p.bar.Set(done) // What a terminal doesn't show is lost.
}

// clear takes the bar away, until set shows it again.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
