package browser

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// part selects something in the operation's part of the page.
func (o operation) part(selector string) chromedp.CSS {
	return chromedp.CSS(string(o) + " " + selector)
}

// tryOut unfolds the operation and makes its fields editable.
func (p *tab) tryOut(t *testing.T, o operation) {
	t.Helper()
	p.do(t, "try out "+string(o),
		chromedp.Click(o.part(".opblock-summary-control")),
		chromedp.Click(o.part(".try-out__btn")),
		chromedp.WaitVisible(o.part(".execute")))
}

// execute sends the request as the page shows it, and returns the answer's fields
// that are text once the page shows the status.
func (p *tab) execute(t *testing.T, o operation, status string) map[string]string {
	t.Helper()
	p.do(t, "execute "+string(o), chromedp.Click(o.part(".execute")))
	const answer = ".live-responses-table tr.response "
	shown := p.await(t, "the status of "+string(o), o.part(answer+".response-col_status"))
	body := p.await(t, "the answer of "+string(o), o.part(answer+".highlight-code code"))
	if shown != status {
		t.Fatalf("%s: %s, should be %s: %s", o, shown, status, body)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(body), &fields); err != nil {
		t.Fatalf("%s: %v: %s", o, err, body)
	}
	texts := map[string]string{}
	for name, value := range fields {
		if s, ok := value.(string); ok {
			texts[name] = s
		}
	}
	return texts
}

// authorize gives the token to the page.
func (p *tab) authorize(t *testing.T, token string) {
	t.Helper()
	if token == "" {
		t.Fatal("no token was shown")
	}
	p.do(t, "authorize",
		chromedp.Click(chromedp.CSS(".scheme-container .authorize")),
		chromedp.Click(chromedp.CSS(".auth-container input")),
		paste(token),
		chromedp.Click(chromedp.CSS(".auth-container button.authorize")),
		chromedp.Click(chromedp.CSS(".auth-container button.btn-done")),
		chromedp.WaitNotPresent(chromedp.CSS(".auth-container")),
		chromedp.WaitVisible(chromedp.CSS(".scheme-container .authorize.locked")))
}

// fill puts the value over what the page suggests for a parameter.
func (p *tab) fill(t *testing.T, o operation, parameter, value string) {
	t.Helper()
	field := o.part(`[data-param-name="` + parameter + `"] input`)
	p.do(t, "fill in "+parameter,
		chromedp.Click(field),
		chromedp.Evaluate[chromedp.Void](`document.activeElement.select()`),
		paste(value))
	shown, err := chromedp.Run(p.ctx, chromedp.Value(field))
	if err != nil || shown != value {
		t.Fatalf("%s is %q, %v, should be %q", parameter, shown, err, value)
	}
}

// paste puts the text where the cursor is, over what is selected.
func paste(text string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
}
