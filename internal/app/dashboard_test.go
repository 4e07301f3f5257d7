package app

import (
	"fmt"
	"os"
	"testing"

	"coffer/internal/simulator"
)

// demoGuild is where the dashboard shows the demo's guild.
const demoGuild = "/guilds/" + simulator.DemoGuildID

// dashboard opens the dashboard and signs in with the demo's account, which the form has
// filled in.
func (w *town) dashboard(t *testing.T, b *browser, width, height int64, theme string) *window {
	t.Helper()
	if err := demoOwner(t.Context(), w.store); err != nil {
		t.Fatal(err)
	}
	p := b.open(t, "http://"+w.listener.Addr().String()+"/", width, height, theme)
	p.until(`document.querySelector('input[name="username"]')?.value === 'demo'`)
	p.picture("dashboard-sign-in-" + theme)
	p.click("button", "Sign in")
	p.until(`[...document.querySelectorAll('a')].some((a) => a.pathname.startsWith('/guilds/'))`)
	return p
}

// visit goes to a screen as a link does, and waits until it is there. Loading the page
// anew would renew the session.
func (w *window) visit(path, heading string) {
	w.t.Helper()
	eval[any](w, fmt.Sprintf(`(() => { history.pushState(null, '', %s); dispatchEvent(new PopStateEvent('popstate')); })()`, quote(path)))
	w.until(fmt.Sprintf(`document.querySelector('main h1')?.innerText.includes(%s)`, quote(heading)))
	w.until(`!document.querySelector('main [aria-busy="true"]')`)
}

// TestDashboard signs in, opens each screen, and sees at once what a member does.
func TestDashboard(t *testing.T) {
	thorough(t)
	b := newBrowser(t)
	axe, err := os.ReadFile("../../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err) // it comes with the build
	}
	for _, look := range []struct {
		theme string
		width int64
		store string
	}{{"light", 1360, "sqlite"}, {"dark", 390, "sqlite"}, {"dark", 1360, "supabase"}} {
		t.Run(fmt.Sprint(look.theme, look.width, look.store), func(t *testing.T) {
			w := newTownOn(t, stores[look.store](t), nil)
			w.staffed()
			w.say("bob", "/daily")
			w.say("ada", "/admin task create title:Sketch reward:40 proof:text")
			w.say("ada", "/admin item create name:Bread price:5 stock:9")
			p := w.dashboard(t, b, look.width, 900, look.theme)
			open := func(path, heading string) {
				t.Helper()
				p.visit(path, heading)
				eval[any](p, string(axe)+"; 0")
				if found := eval[string](p, `axe.run().then((r) => r.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').flatMap(
					(v) => v.nodes.map((n) => v.id + ': ' + n.html.slice(0, 200) + ' ' + n.failureSummary)).join('\n'))`); found != "" {
					t.Errorf("%s:\n%s", heading, found)
				}
				if wide := eval[string](p, `[...document.querySelectorAll('.field :is(input, select, textarea)')].filter(
					(e) => e.getBoundingClientRect().right > e.closest('.field').getBoundingClientRect().right + 1).map((e) => e.outerHTML).join('\n')`); wide != "" {
					t.Errorf("%s: wider than their places:\n%s", heading, wide)
				}
				p.picture(fmt.Sprint("dashboard-", heading, "-", look.theme, look.width))
			}
			open(demoGuild, "Overview")
			w.say("bob", "/pay @dana 7")
			p.shows("main", "7")
			for _, screen := range []struct{ path, heading string }{
				{"/members", "Members"}, {"/reviews", "Reviews"}, {"/tasks", "Tasks"}, {"/tasks/new", "New task"}, {"/tasks/1", "Sketch"},
				{"/items", "Items"}, {"/items/1", "Bread"}, {"/transactions", "Transactions"}, {"/books", "Balance proof"}, {"/trail", "Audit trail"},
				{"/deliveries", "Deliveries"}, {"/settings", "Settings"},
			} {
				open(demoGuild+screen.path, screen.heading)
			}
			p.visit("/accounts", "Accounts")
			w.promoted(t, p)
			open("/accounts", "Accounts")
			open(demoGuild+"/members", "Members")
			p.shows("main", "193")
			w.say("bob", "/pay @dana 3")
			p.shows("main", "190") // without a reload
		})
	}
}

// promoted has the owner who is signed in make a viewer a manager on the screen of
// accounts, and look up there that he did, by the keyboard.
func (w *town) promoted(t *testing.T, p *window) {
	t.Helper()
	p.click("button", "New account")
	p.enter("Name", "eve")
	p.enter("Password", "correct horse battery")
	p.choose("Role", "Viewer: sees everything")
	p.click("dialog button", "Create")
	p.shows("li", "made the account eve")
	p.click("button", "Change") // the last, which is hers
	p.choose("Role", "Manager: also changes everything")
	p.click("dialog button", "Save")
	p.shows("li", "changed the account eve: viewer to manager")
	eval[any](p, `document.querySelector('[aria-label^="What was done"] [aria-expanded="false"]').focus()`)
	p.press(enter)
	p.shows("[aria-label^='What was done'] td", "manager")
	p.click("button", "All about eve")
	p.until(`document.querySelectorAll('[aria-label^="What was done"] li').length === 2`)
	eval[any](p, `document.querySelector('[aria-label^="What was done"] [aria-expanded="false"]').focus()`)
	p.press(enter)
	p.shows("tr", "viewer\tmanager")
}
