package browser

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// careless does all that the documentation's page must not do.
const careless = `<!DOCTYPE html><title>careless</title><img src="http://elsewhere.example/pixel.png">
<script nonce="a">console.error("said"); throw new Error("thrown")</script>
<script>document.title = "run"</script>`

// The watch proves something only if it sees a page that misbehaves.
func TestTheWatchNotices(t *testing.T) {
	p := open(t)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "script-src 'nonce-a'")
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(careless))
	}))
	defer site.Close()
	p.do(t, "open the careless page", chromedp.Navigate(site.URL))
	for {
		errors := p.watch.seen()
		unseen := slices.DeleteFunc([]string{"said", "thrown", "Content Security Policy"}, func(sign string) bool {
			return slices.ContainsFunc(errors, func(e string) bool { return strings.Contains(e, sign) })
		})
		foreign := p.watch.foreign(site.URL)
		if len(unseen) == 0 && slices.Equal(foreign, []string{"http://elsewhere.example/pixel.png"}) {
			return
		}
		select {
		case <-p.watch.changed:
		case <-p.ctx.Done():
			t.Fatalf("unnoticed: %q; errors %q, requests elsewhere %q", unseen, errors, foreign)
		}
	}
}
