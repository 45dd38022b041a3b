package browser

import (
	"fmt"
	"net/url"
	"slices"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch takes down what a tab asks for and complains about.
type watch struct {
	mu       sync.Mutex
	requests []string       // URLs, but for those that hold their content
	statuses map[string]int // of the last answer for a URL
	errors   []string       // of the console, where violations of the policy show as well
	changed  chan struct{}
}

func newWatch() *watch {
	return &watch{statuses: map[string]int{}, changed: make(chan struct{}, 1)}
}

// note takes down an event.
func (w *watch) note(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.request(e.Request.URL)
	case *network.EventWebSocketCreated:
		w.request(e.URL)
	case *network.EventResponseReceived:
		w.statuses[e.Response.URL] = int(e.Response.Status)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			w.errors = append(w.errors, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			w.errors = append(w.errors, "console: "+text(e.Args))
		}
	case *runtime.EventExceptionThrown:
		w.errors = append(w.errors, "exception: "+e.ExceptionDetails.Text+" "+
			text([]*runtime.RemoteObject{e.ExceptionDetails.Exception}))
	default:
		return
	}
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

func (w *watch) request(address string) {
	if u, err := url.Parse(address); err == nil && slices.Contains([]string{"data", "blob", "about"}, u.Scheme) {
		return
	}
	w.requests = append(w.requests, address)
}

// foreign lists the requests to any other host than that of base.
func (w *watch) foreign(base string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	home, err := url.Parse(base)
	return slices.DeleteFunc(slices.Clone(w.requests), func(address string) bool {
		u, bad := url.Parse(address)
		return err == nil && bad == nil && u.Host == home.Host
	})
}

// status returns the status of the last answer for the URL, 0 if there was none.
func (w *watch) status(address string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.statuses[address]
}

// seen returns the errors so far.
func (w *watch) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.errors)
}

func text(args []*runtime.RemoteObject) string {
	var s string
	for _, arg := range args {
		if arg != nil {
			s += fmt.Sprint(arg.Description, " ", arg.Value, " ")
		}
	}
	return s
}
