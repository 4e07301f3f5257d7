package app

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

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
	t.Run("others appear at once, in their channel, and a lost stream comes back", func(t *testing.T) {
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
		p.shows("main", "comes later")
	})
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
