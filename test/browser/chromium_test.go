package browser

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/orgkeeper/orgkeeper/test/notrun"
)

// chromium returns the browser's path. Where there is none, the test does not run.
func chromium(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("TEST_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	notrun.Skip(t, "browser", "install Chromium (Debian: apt install chromium), or name it in TEST_CHROMIUM")
	return ""
}

// tab is a tab of a browser of its own.
type tab struct {
	ctx   context.Context
	watch *watch
}

// open starts a browser that has an empty profile and resolves no name, and watches its
// tab. It ends with the test, or when patience does; chromedp kills what it leaves behind.
func open(t *testing.T) *tab {
	t.Helper()
	path := chromium(t)
	limit, expire := context.WithTimeout(t.Context(), patience)
	t.Cleanup(expire)
	home := t.TempDir()
	// The profile is a new folder below TMPDIR, which chromedp makes and removes.
	t.Setenv("TMPDIR", home)
	allocator, free := chromedp.NewExecAllocator(limit,
		chromedp.ExecPath(path), chromedp.Env("HOME="+home),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-breakpad", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("password-store", "basic"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.WindowSize(1280, 1024))
	p := &tab{watch: newWatch()}
	var end context.CancelFunc
	p.ctx, end = chromedp.NewContext(allocator, chromedp.WithListener(p.watch.note))
	t.Cleanup(func() {
		end()
		free()
	})
	p.do(t, "start the browser")
	return p
}

// do acts on the page; what says why, should it fail.
func (p *tab) do(t *testing.T, what string, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		t.Fatalf("%s: %v\nthe tab: %q", what, err, p.watch.seen())
	}
}

// await returns the text of the first element that the selector finds, once it has any.
func (p *tab) await(t *testing.T, what string, selector chromedp.CSS) string {
	t.Helper()
	text, err := chromedp.Run(p.ctx, chromedp.PollFunction[string](
		`selector => document.querySelector(selector)?.textContent.trim()`,
		chromedp.WithPollingArgs(selector), chromedp.WithPollingTimeout(0)))
	if err != nil {
		t.Fatalf("%s: %v\nthe tab: %q", what, err, p.watch.seen())
	}
	return text
}
