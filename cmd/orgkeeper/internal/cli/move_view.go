package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/domain"
)

// printMoves writes the organization's moves, the one that began last first.
func (o *output) printMoves(ctx context.Context, cmd *cobra.Command, s Store, of domain.Organization) error {
	all, err := s.Service.Moves(ctx, of.ID)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Fprintln(cmd.ErrOrStderr(), domain.ErrMoveNotFound.Message)
	}
	for i, m := range all {
		if i > 0 && !o.json() {
			fmt.Fprintln(cmd.OutOrStdout())
		}
		if err := o.printMove(cmd, m); err != nil {
			return err
		}
	}
	return nil
}

// printMove writes one move.
func (o *output) printMove(cmd *cobra.Command, m domain.Move) error {
	if o.json() {
		return writeJSON(cmd.OutOrStdout(), httpapi.RepresentMove(m))
	}
	return describeMove(cmd.OutOrStdout(), m)
}

// describeMove writes a move for people, a line for each thing that there is.
func describeMove(w io.Writer, m domain.Move) error {
	v := httpapi.RepresentMove(m)
	lines := [][2]string{
		{"Operation", v.Operation},
		{"From", placeText(v.From)},
		{"To", placeText(v.To)},
		{"Stage", stageText(m)},
	}
	add := func(there bool, label, text string) {
		if there {
			lines = append(lines, [2]string{label, text})
		}
	}
	add(v.Documents != nil, "Documents", fmt.Sprintf("%d of %d", m.Done.Documents, m.Total.Documents))
	add(v.Bytes != nil, "Bytes", fmt.Sprintf("%d of %d", m.Done.Bytes, m.Total.Bytes))
	add(v.DocumentsPerSecond != nil, "Rate", rateText(m.Rate()))
	add(v.SecondsLeft != nil, "Left", m.Left().String()+" of this stage")
	add(m.Ended(), "Held", fmt.Sprintf("for %v nobody could write", m.Held))
	add(m.Failures > 0, "Failures", fmt.Sprint(m.Failures))
	add(true, "Started", clock(m.StartedAt))
	add(true, "Updated", clock(m.UpdatedAt))
	add(v.RetryAt != nil, "Tried again", clock(m.DueAt))
	add(v.KeptUntil != nil, "Kept until", clock(m.DueAt))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		fmt.Fprintf(t, "%s\t%s\n", line[0], cell(line[1]))
	}
	return t.Flush()
}

func placeText(p httpapi.MovePlace) string { return p.Namespace + " (" + p.Strategy + ")" }

func stageText(m domain.Move) string {
	if m.Paused {
		return string(m.Stage) + ", paused"
	}
	return string(m.Stage)
}

func rateText(perSecond domain.Usage) string {
	return fmt.Sprintf("%d documents, %s a second", perSecond.Documents, sizeText(perSecond.Bytes))
}

// sizeText returns what people see of a number of bytes.
func sizeText(n int64) string {
	units := []string{"KiB", "MiB", "GiB", "TiB"}
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n)/1024, 0
	for value >= 1024 && unit < len(units)-1 {
		value, unit = value/1024, unit+1
	}
	return fmt.Sprintf("%.1f %s", value, units[unit])
}

// moveProgress shows how far a move is: on a terminal a bar, elsewhere nothing.
type moveProgress struct {
	w     io.Writer
	bar   *progressbar.ProgressBar
	stage domain.MoveStage
	// shown is when the bar was drawn last.
	shown time.Time
}

// moveProgressPause is how often the bar is drawn.
const moveProgressPause = 100 * time.Millisecond

func newMoveProgress(w io.Writer) *moveProgress {
	p := &moveProgress{}
	if IsTerminal(w) {
		p.w = w
	}
	return p
}

// set shows the move.
func (p *moveProgress) set(m domain.Move) {
	if p.w == nil || m.Ended() || p.stage == m.Stage && time.Since(p.shown) < moveProgressPause {
		return
	}
	total := max(m.Total.Documents, m.Done.Documents)
	if total == 0 {
		total = -1
	}
	if p.bar == nil || p.stage != m.Stage {
		p.clear()
		p.bar = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(p.w),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false), // The bar may begin in the middle.
			progressbar.OptionClearOnFinish())
	}
	p.stage, p.shown = m.Stage, time.Now()
	if total > 0 {
		p.bar.ChangeMax64(total)
	}
	p.bar.Describe(progressText(m))
	_ = p.bar.Set64(m.Done.Documents) // What a terminal doesn't show is lost.
}

// progressText returns what stands before the bar.
func progressText(m domain.Move) string {
	text := fmt.Sprintf("%s documents, %s", stageText(m), sizeText(m.Done.Bytes))
	if m.Took > 0 {
		text += ", " + fmt.Sprintf("%d/s", m.Rate().Documents)
	}
	if left := m.Left(); left > 0 {
		text += ", " + left.String() + " left"
	}
	return text
}

// clear takes the bar away, until set shows it again.
func (p *moveProgress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
