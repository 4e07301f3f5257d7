package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"coffer/internal/simulator"
)

// visit opens the playground of a running demo and waits until it is there.
func (w *town) visit(b *browser, t *testing.T, width, height int64, theme string) *window {
	t.Helper()
	return b.playground(t, "http://"+w.listener.Addr().String(), width, height, theme)
}

func (b *browser) playground(t *testing.T, server string, width, height int64, theme string) *window {
	t.Helper()
	p := b.open(t, server+"/playground", width, height, theme)
	p.until(`document.querySelector('.feed .state') === null && document.querySelectorAll('[data-member]').length > 0`)
	return p
}

// everybody has said something, so that there are two pages to turn.
func (w *town) everybody() {
	w.t.Helper()
	for _, m := range simulator.DemoWorld().Members {
		if !m.User.Bot {
			w.say(m.User.Username, "/balance")
		}
	}
}

func TestPlayground(t *testing.T) {
	b := newBrowser(t)
	t.Run("a member claims and pays, with the keyboard only", func(t *testing.T) {
		p := newTown(t, nil).visit(b, t, 1360, 860, "dark")
		p.be("bob")
		p.write("/dai")
		p.shows("#commands", "/daily")
		p.press(enter)
		p.ready()
		p.press(enter)
		p.latest("+100")
		p.latest("@Bob")
		p.shows("[data-state]", "answered")
		p.shows(".wire", "/daily")

		p.write("/pay ") // the space chooses it
		p.in("member")
		p.press("d", "a", "n")
		p.shows("#suggestions", "Zoë")
		p.press(enter)
		p.in("amount")
		p.press("0.5", tabKey)
		p.ready()
		p.press("n")
		p.shows("#suggestions", "note")
		p.press(enter)
		p.in("note")
		p.press("for *you* <b>&</b> \"quotes\" note:x")
		p.press(enter)
		p.latest("whole number") // the bot's own refusal
		p.latest("Only you can see this")

		p.write("/pay ")
		p.in("member")
		p.press("dana", enter)
		p.in("amount")
		p.press("50", enter)
		p.latest("paid @Zoë")
		p.click(".bar button", "Request")
		p.shows("[data-side=request]", `"name": "amount"`)
		p.shows("[data-side=request]", `"value": "50"`)
	})
	t.Run("the client refuses what Discord's does", func(t *testing.T) {
		thorough(t)
		w := newTown(t, nil)
		p := w.visit(b, t, 1360, 860, "light")
		p.be("bob")
		p.write("/adm")
		p.shows("#commands", "No command fits.") // bob may not
		p.press(escape)
		p.be("ada")
		eval[any](p, `document.querySelector('[data-place="text"]').select?.()`)
		p.write("")
		p.run(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
		p.press("/admin coins")
		p.shows("#commands", "/admin coins give")
		p.shows("#commands", "/admin coins take")
		p.press(down, enter)
		p.in("member")
		p.press("nobody at all", enter)
		p.shows(".hint", "Choose a member of the list.")
		p.until(`document.activeElement.getAttribute('aria-invalid') === 'true'`)
		p.picture("invalid")
		p.press(escape)
		p.press(escape)
		p.gone(".cmd")
		p.write("hello")
		p.press(enter)
		p.shows(".hint", "begin with a slash")
		if got := len(w.sim.Messages("general", "ada")); got != 0 {
			t.Errorf("%d messages were sent", got)
		}
	})
	t.Run("suggestions come from the server", func(t *testing.T) {
		thorough(t)
		w := newTown(t, nil)
		w.say("ada", "/admin coins give @lea 500 reason:ropes")
		p := w.visit(b, t, 1360, 860, "dark")
		p.be("ada")
		p.write("/admin undo ")
		p.in("transaction")
		p.shows("#suggestions", "500")
		p.picture("autocomplete")
		p.press(enter)
		p.ready()
		p.press(enter)
		p.shows("[data-message]", "−500")
		p.shows("[data-state]", "answered")
	})
	t.Run("pages are turned by their owner only", func(t *testing.T) {
		thorough(t)
		w := newTown(t, nil)
		w.everybody()
		p := w.visit(b, t, 1360, 860, "light")
		p.be("emil")
		p.write("/leaderboard ")
		p.ready()
		p.press(enter)
		p.latest("Page 1")
		p.click("[data-message] button", "Next")
		p.latest("Page 2")
		p.be("goro")
		seen := eval[int](p, `document.querySelectorAll('[data-message]').length`)
		p.click("[data-message] button", "Previous")
		p.latest("Only you can see this")
		p.until(fmt.Sprintf(`document.querySelectorAll('[data-message]').length === %d`, seen+1))
		p.shows("[data-message]", "Page 2")
		p.picture("leaderboard-light")
		p.click("[data-message] button", "Dismiss message")
		p.until(fmt.Sprintf(`document.querySelectorAll('[data-message]').length === %d`, seen))
	})
	t.Run("others appear at once", func(t *testing.T) {
		thorough(t)
		w := newTown(t, nil)
		one, other := w.visit(b, t, 1360, 860, "dark"), w.visit(b, t, 1000, 700, "dark")
		w.say("bob", "/daily")
		for _, p := range []*window{one, other} {
			p.latest("+100")
		}
		w.sim.Join(simulator.Member{GuildID: simulator.DemoGuildID, User: simulator.User{ID: "1180000000000009999", Username: "zed"}})
		one.until(`document.querySelector('[data-member="zed"]')`)
	})
	t.Run("a phone", func(t *testing.T) {
		thorough(t)
		w := newTown(t, nil)
		p := w.visit(b, t, 360, 740, "light")
		p.until(`document.documentElement.scrollWidth <= 360`)
		p.click(".drawer-people", "")
		p.shows("#people", "Bob")
		p.picture("phone-people")
		p.be("bob")
		p.until(`!document.querySelector('.veil')`)
		p.click(".composer button", "/")
		p.shows("#commands", "/pay")
		p.picture("phone-commands")
		p.click("#commands li", "/pay")
		p.in("member")
		p.click("#suggestions li", "Zoë")
		p.in("amount")
		p.press("5")
		p.click(".send", "")
		p.latest("paid @Zoë")
		p.until(`document.documentElement.scrollWidth <= 360`)
		p.picture("phone-light")
		p.click(".drawer-wire", "")
		p.shows("#wire", "/pay")
		p.until(`getComputedStyle(document.querySelector('#wire')).transform === 'none'`)
		p.picture("phone-wire")
		p.press(escape)
		p.until(`!document.querySelector('.veil')`)
	})
	t.Run("the theme is the system's until it is chosen", func(t *testing.T) {
		thorough(t)
		p := newTown(t, nil).visit(b, t, 1360, 860, "dark")
		dark := `getComputedStyle(document.body).backgroundColor === 'rgb(49, 51, 56)'`
		p.until(dark)
		p.click("header button", "◐")
		p.until(`getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'`)
		p.run(chromedp.Reload())
		p.until(`getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'`)
		p.click("header button", "☀")
		p.until(dark)
		p.click("header a", "Dashboard")
		p.shows("button", "Sign in")
	})
}

// TestPlaygroundIsForEverybody has axe look for what keeps people out: names
// that are missing, contrast that is too low, roles that do not fit.
func TestPlaygroundIsForEverybody(t *testing.T) {
	thorough(t)
	b := newBrowser(t)
	axe, err := os.ReadFile("../../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err) // it comes with the build
	}
	looks := []struct {
		theme string
		width int64
	}{{"dark", 1360}, {"light", 1360}, {"light", 360}}
	for _, look := range looks {
		t.Run(fmt.Sprint(look.theme, look.width), func(t *testing.T) {
			s := newStandIn(t)
			p := b.playground(t, s.server.URL, look.width, 900, look.theme)
			check := func(what string) {
				t.Helper()
				if found := eval[string](p, `axe.run().then((r) => r.violations.flatMap((v) => v.nodes.map((n) =>
					v.id + ': ' + n.html.slice(0, 200) + ' ' + n.failureSummary)).join('\n'))`); found != "" {
					t.Errorf("%s:\n%s", what, found)
				}
			}
			eval[any](p, string(axe)+";0")
			for _, name := range []string{"rich", "choose", "layout", "bad"} {
				p.write("/" + name + " ")
				p.ready()
				p.press(enter)
				p.gone(".cmd")
			}
			p.latest("did not respond")
			p.write("/")
			p.shows("#commands", "/find")
			check("the commands")
			p.press("find ")
			p.in("item")
			p.shows("#suggestions", "A lantern")
			check("an option")
			p.press(escape, escape)
			p.gone(".cmd")
			eval[any](p, `document.querySelector('[aria-label="Up to three people"]').focus()`)
			p.press(enter)
			p.shows(".popup", "Ada")
			check("a select")
			p.press(escape)
			p.write("/form ")
			p.ready()
			p.press(enter)
			p.shows("dialog", "Tell us")
			check("a modal")
		})
	}
}

// TestTheReadmesPictures takes them: COFFER_SCREENSHOTS=dir go test -run Pictures.
func TestTheReadmesPictures(t *testing.T) {
	if os.Getenv("COFFER_SCREENSHOTS") == "" {
		t.Skip("COFFER_SCREENSHOTS does not name a directory for it")
	}
	w := newTown(t, nil)
	if err := seed(t.Context(), w.store, time.Now()); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	p := w.visit(b, t, 1400, 880, "dark")
	w.say("fatima", "/leaderboard")
	w.say("bob", "/pay @chidi 250 note:for the ropes")
	p.be("bob")
	p.write("/daily ")
	p.ready()
	p.press(enter)
	p.latest("Daily coins")
	p.write("/pay ")
	p.in("member")
	p.press("da")
	p.until(`document.querySelectorAll('#suggestions li').length === 2`)
	p.picture("readme")

	p = w.dashboard(t, b, 1280, 800, "light")
	p.visit(demoGuild, "Overview")
	p.picture("overview")
	p = b.open(t, "http://"+w.listener.Addr().String()+demoGuild+"/members", 1280, 800, "dark") // signed in already
	p.shows("main h1", "Members")
	p.visit(demoGuild+"/members", "Members")
	p.picture("members")
	for _, work := range [][2]string{
		{"bob", "A whale off the point at dawn, and two more at noon. The wind was from the west."},
		{"fatima", "Fog until ten. The ferry blew its horn for an hour, and the gulls answered."},
		{"chidi", "Three sails on the horizon, all of them red."},
	} {
		w.say(work[0], `/task claim task:"Write in the logbook"`)
		w.say(work[0], `/task submit task:"Write in the logbook" text:"`+work[1]+`"`)
	}
	p.visit(demoGuild+"/reviews", "Reviews")
	p.shows("article", "logbook")
	p.picture("reviews")
}

// TestPlaygroundDraws shows what Coffer's own commands do not have yet, with a
// stand-in for the app.
func TestPlaygroundDraws(t *testing.T) {
	thorough(t)
	b := newBrowser(t)
	s := newStandIn(t)
	p := b.playground(t, s.server.URL, 1360, 900, "dark")
	p.be("bob")
	command := func(name string) {
		t.Helper()
		p.write("/" + name + " ")
		p.ready()
		p.press(enter)
	}

	command("form")
	p.shows("dialog", "Tell us")
	p.until(`document.querySelector('dialog').contains(document.activeElement)`)
	p.click("dialog button", "Submit")
	p.shows("dialog", "This field is required.")
	p.until(`document.activeElement.dataset.input === 'name'`)
	p.press("x", enter)
	p.shows("dialog", "between 2 and 20")
	p.picture("modal")
	p.press("yz", tabKey, "Long ago.")
	if _, err := s.sim.Plant(simulator.Fault{Kind: simulator.DropAnswer, Type: simulator.TypeModal}); err != nil {
		t.Fatal(err)
	}
	p.click("dialog button", "Submit")
	p.shows("dialog", "Something went wrong. Try again.")
	s.heard()
	p.click("dialog button", "Submit")
	p.gone("dialog")
	p.latest("Thank you.")
	if got := fmt.Sprint(s.heard()); !strings.Contains(got, "xyz") || !strings.Contains(got, "Long ago.") {
		t.Errorf("the app was told %s", got)
	}

	command("choose")
	p.latest("Choose:")
	p.click(".select", "")
	p.picture("selects")
	p.press("ada", enter)
	p.shows(".select", "Ada")
	p.press(escape) // closes, and sends what is chosen
	if got := fmt.Sprint(s.heard()["values"]); got != "[1180000000000001000]" {
		t.Errorf("chosen people = %s", got)
	}
	p.latest("Thank you.")
	eval[any](p, `document.querySelector('[aria-label="One of them"]').focus()`)
	p.press(down, down, enter)
	if got := fmt.Sprint(s.heard()["values"]); got != "[2]" {
		t.Errorf("chosen = %s", got)
	}
	if _, err := s.sim.Plant(simulator.Fault{Kind: simulator.DropAnswer, Type: simulator.TypeComponent}); err != nil {
		t.Fatal(err)
	}
	p.click("[data-message] button", "Yes")
	s.heard()
	p.shows("[data-message]", "This interaction failed")
	p.click("[data-message] button", "Form")
	p.shows("dialog", "Tell us")
	p.press(escape)
	p.gone("dialog")

	command("wait")
	p.latest("Coffer is thinking")
	p.shows("[data-state]", "thinking")
	s.call("PATCH", "/webhooks/"+simulator.DemoApplicationID+"/"+<-s.token+"/messages/@original", `{"content":"It is **done**."}`)
	p.latest("It is done.")
	p.shows("[data-state]", "answered")

	command("rich")
	p.latest("An embed")
	p.latest("@Bob")
	p.latest("#bazaar")
	p.latest("@Reviewer")
	p.latest("years ago")
	p.latest("November 15, 2023") // the reader is in Auckland
	p.until(`[...document.querySelectorAll('.embed img')].length === 2 && [...document.querySelectorAll('.embed img')].every((i) => i.naturalWidth > 0)`)
	p.until(`document.querySelector('[data-message] script, [data-message] [onerror]') === null && !document.title.includes('pwned')`)
	p.until(`document.querySelector('.pinged') !== null`)
	p.click("[aria-label^=Spoiler]", "")
	p.latest("secret")
	eval[any](p, `document.querySelector('.feed').scrollTo(0, 1e9)`)
	p.picture("rich")
	command("layout")
	p.latest("A container")

	command("bad")
	p.latest("The application did not respond")
	p.shows(".wire", "500")
	p.shows(".wire", "the kettle is on fire")
	p.click(".notice button", "Dismiss")
	p.gone(".notice")
	if _, err := s.sim.Plant(simulator.Fault{Kind: simulator.BadSignature, Command: "wait"}); err != nil {
		t.Fatal(err)
	}

	p.write("/find ")
	p.in("item")
	p.shows("#suggestions", "A lantern")
	p.press(down, enter)
	p.in("colour")
	p.press("gr", enter)
	p.ready()
	for _, o := range []struct{ name, typed string }{{"count", "10"}, {"quick", "f"}, {"where", "baz"}, {"role", "adm"}} {
		p.press(o.name + ":")
		p.in(o.name)
		p.press(o.typed, tabKey)
		p.ready()
	}
	p.press(enter)
	p.in("count")
	p.shows(".hint", "Must be at most 9.")
	p.picture("options")
	p.press(kb.Backspace, enter)
	p.latest("Found.")
	if got := fmt.Sprint(s.heard()["options"]); !strings.Contains(got, "value:lantern") || !strings.Contains(got, "value:g") ||
		!strings.Contains(got, "value:1]") || !strings.Contains(got, "value:false") || !strings.Contains(got, simulator.DemoBazaarChannel) ||
		!strings.Contains(got, simulator.DemoAdminRole) {
		t.Errorf("options = %s", got)
	}

	p.write("/show ")
	p.in("proof")
	const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30" fill="teal"/></svg>`
	p.run(chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{file(t, "my proof.svg", picture)}))
	p.ready()
	p.press(enter)
	p.latest("Proof")
	p.until(`(i => i?.src.includes('/simulator/files/') && i.naturalWidth > 0)([...document.querySelectorAll('.embed img')].at(-1))`)
	if got := fmt.Sprint(s.heard()["resolved"]); !strings.Contains(got, "my_proof.svg") || !strings.Contains(got, "image/svg+xml") {
		t.Errorf("resolved = %s", got)
	}

	// The page survives the loss of the stream, and shows what came meanwhile.
	s.server.CloseClientConnections()
	for said := false; !said; { // the first may meet a connection that was just cut
		it, err := s.sim.Say(t.Context(), simulator.Command{As: "ada", Line: "/layout"})
		if err != nil {
			t.Fatal(err)
		}
		said = it.State == simulator.Answered
	}
	p.latest("A container")
	p.forgive("/simulator/stream")

	// Who one was and where outlives a reload.
	p.click("nav button", "bazaar")
	p.shows("h1", "bazaar")
	p.until(`document.querySelector('[data-message]') === null`)
	p.run(chromedp.Reload())
	p.shows("h1", "bazaar")
	p.until(`document.querySelector('[data-member="bob"][aria-checked="true"]')`)
}

// file makes a file to attach.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
