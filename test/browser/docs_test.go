package browser

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// operation selects the part of the page that shows a route.
type operation string

const (
	create operation = "#operations-Organizations-createOrganization"
	logIn  operation = "#operations-Administrators-logIn"
	remove operation = "#operations-Organizations-deleteOrganization"
)

func TestRootLeadsToThePage(t *testing.T) {
	url := serve(t)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Timeout: patience, Transport: transport}).Get(url + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || response.Request.URL.String() != url+"/docs" ||
		!strings.Contains(string(page), `<div id="swagger-ui">`) {
		t.Errorf("%d from %s: %s", response.StatusCode, response.Request.URL, page)
	}
}

// A newcomer goes by what the page shows: its examples go together.
func TestTryingItOut(t *testing.T) {
	p := open(t)
	url := serve(t)
	p.do(t, "open the page", chromedp.Navigate(url+"/docs"))

	p.tryOut(t, create)
	made := p.execute(t, create, "201")
	p.tryOut(t, logIn)
	token := p.execute(t, logIn, "200")["access_token"]
	p.authorize(t, token)
	p.tryOut(t, remove)
	p.fill(t, remove, "organization_name", strings.ToLower(made["organization_name"]))
	p.execute(t, remove, "200")

	if status := p.watch.status(url + "/openapi.json"); status != http.StatusOK {
		t.Errorf("/openapi.json: %d", status)
	}
	for _, e := range p.watch.seen() {
		t.Errorf("the page complains: %s", e)
	}
	for _, address := range p.watch.foreign(url) {
		t.Errorf("the page asks elsewhere: %s", address)
	}
}
