package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a test waits for something to appear on a page. It is
// far more than needed: it ends tests that have failed.
const patience = time.Minute

// needBuiltPages skips a test when the pages are not built or Chromium is not
// there, and fails it in CI.
func needBuiltPages(t *testing.T) (chromium string) {
	t.Helper()
	miss := t.Skip
	if os.Getenv("CI") == "true" {
		miss = t.Fatal
	}
	if _, err := os.Stat("../../web/dist/playground.html"); errors.Is(err, fs.ErrNotExist) {
		miss("the playground is not built: run make web")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	miss("there is no Chromium: apt-get install chromium")
	return ""
}

// browser is one Chromium for all the pages of a test.
type browser struct {
	t   *testing.T
	ctx context.Context
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(needBuiltPages(t)), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU, // root has no sandbox
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("lang", "en-US"), chromedp.Env("TZ=Pacific/Auckland"), // a reader far from UTC
		chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("the browser did not end: %v", err)
		}
		end()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return &browser{t: t, ctx: ctx}
}

// window is a page in the browser. It fails its test when the page reports an
// error on its console, a violated policy among them.
type window struct {
	t       *testing.T
	ctx     context.Context
	mu      sync.Mutex
	trouble []string
}

// open opens an address in a new window of a size, in a theme of the system.
func (b *browser) open(t *testing.T, url string, width, height int64, theme string) *window {
	t.Helper()
	ctx, end := chromedp.NewContext(b.ctx)
	w := &window{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil { // opens it, for as long as ctx
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, w.hear); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.calm()
		end()
	})
	w.run(
		devtools(log.Enable, cdp.Empty{}),
		devtools(runtime.Enable, cdp.Empty{}),
		devtools(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500}),
		devtools(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: theme},
				{Name: "prefers-reduced-motion", Value: "reduce"}, // so that nothing is clicked on its way
			}}),
		chromedp.Navigate(url))
	return w
}

// devtools is an action that sends a command of the protocol.
func devtools[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

func (w *window) hear(event any) {
	said := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		said = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			said += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			said = fmt.Sprintf("console.%s", e.Type)
			for _, arg := range e.Args {
				said += fmt.Sprintf(" %s%s", arg.Value, arg.Description)
			}
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			said = fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
	if said != "" {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.trouble = append(w.trouble, said)
	}
}

// calm fails the test if the page has reported anything.
func (w *window) calm() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, said := range w.trouble {
		w.t.Errorf("the page reports: %s", said)
	}
	w.trouble = nil
}

// forgive forgets what was reported of a part that a test broke on purpose.
func (w *window) forgive(part string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble = slices.DeleteFunc(w.trouble, func(said string) bool { return strings.Contains(said, part) })
}

func (w *window) run(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience+5*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		w.t.Fatal(err)
	}
}

// eval evaluates an expression in the page.
func eval[T any](w *window, expression string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience+5*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// until waits for an expression to be true. The page itself watches it.
func (w *window) until(condition string) {
	w.t.Helper()
	ok := eval[bool](w, fmt.Sprintf(`new Promise((done) => {
		const end = Date.now() + %d;
		const look = () => {
			let is = false;
			try { is = !!(%s); } catch { /* not there yet */ }
			if (is || Date.now() > end) done(is); else setTimeout(look, 10);
		};
		look();
	})`, patience.Milliseconds(), condition))
	if !ok {
		w.picture("failed-" + strings.ReplaceAll(w.t.Name(), "/", "-"))
		w.t.Fatalf("never true: %s\nthe page shows:\n%s", condition, eval[string](w, "document.body.innerText"))
	}
}

// shows waits for a text in one of the elements. What closes names in themselves cannot be
// seen.
func (w *window) shows(selector, text string) {
	w.t.Helper()
	w.until(fmt.Sprintf(`[...document.querySelectorAll(%s)].some((e) => e.innerText.replace(/[\u2066-\u2069]/g, '').includes(%s))`, quote(selector), quote(text)))
}

// latest waits for a text in the newest message.
func (w *window) latest(text string) {
	w.t.Helper()
	w.until(fmt.Sprintf(`[...document.querySelectorAll('[data-message], .notice')].at(-1).innerText.includes(%s)`, quote(text)))
}

func (w *window) gone(selector string) {
	w.t.Helper()
	w.until(fmt.Sprintf(`document.querySelector(%s) === null`, quote(selector)))
}

// press types keys into whatever has the focus.
func (w *window) press(keys ...string) {
	w.t.Helper()
	for _, key := range keys {
		w.run(chromedp.KeyEvent(key))
	}
}

// click clicks the first element that is seen and holds the text, with the
// mouse.
func (w *window) click(selector, text string) {
	w.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(%s)].filter((e) => e.innerText.includes(%s) && e.checkVisibility({visibilityProperty: true})).at(-1)`, quote(selector), quote(text))
	w.until(find)
	// A page in motion is clicked once it stands still.
	at := eval[struct{ X, Y float64 }](w, fmt.Sprintf(`new Promise((done) => {
		let last = '', since = 0;
		const look = () => {
			const e = %s;
			e?.scrollIntoView({ block: 'nearest' });
			const r = e?.getBoundingClientRect(), now = JSON.stringify(r);
			if (r && now === last && Date.now() - since > 100) return done({ X: r.x + r.width / 2, Y: r.y + r.height / 2 });
			if (now !== last) since = Date.now();
			last = now;
			setTimeout(look, 20);
		};
		look();
	})`, find))
	w.run(chromedp.MouseClickXY(at.X, at.Y))
}

// be switches to another member.
func (w *window) be(username string) {
	w.t.Helper()
	w.until(fmt.Sprintf(`document.querySelector('[data-member="%s"]')`, username))
	w.click(fmt.Sprintf(`[data-member="%s"]`, username), "")
	w.until(fmt.Sprintf(`document.querySelector('[data-member="%s"][aria-checked="true"]')`, username))
	w.until(`document.querySelector('.feed .state') === null`)
}

// write puts the cursor into the message box and types.
func (w *window) write(text string) {
	w.t.Helper()
	w.until(`document.querySelector('[data-place="text"]')`)
	eval[any](w, `document.querySelector('[data-place="text"]').focus()`)
	w.press(text)
}

// in waits until the cursor is in an option of the command.
func (w *window) in(option string) {
	w.t.Helper()
	w.until(fmt.Sprintf(`document.activeElement?.dataset.option === %s`, quote(option)))
}

// ready waits until the command can be sent: the cursor is after all options.
func (w *window) ready() {
	w.t.Helper()
	w.until(`document.activeElement?.classList.contains('adder')`)
}

const (
	enter  = kb.Enter
	down   = kb.ArrowDown
	escape = kb.Escape
	tabKey = kb.Tab
)

// picture keeps a screenshot when COFFER_SCREENSHOTS names a directory.
func (w *window) picture(name string) {
	w.t.Helper()
	dir := os.Getenv("COFFER_SCREENSHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
	if err != nil {
		w.t.Error(err)
	}
}

func quote(s string) string {
	text, _ := json.Marshal(s) // cannot fail
	return string(text)
}
