package app

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"coffer/internal/simulator"
)

// another opens a screen in a second window of a browser that is signed in.
func (w *town) another(t *testing.T, b *browser, width, height int64, theme, path, heading string) *window {
	t.Helper()
	p := b.open(t, "http://"+w.listener.Addr().String()+path, width, height, theme)
	p.until(fmt.Sprintf(`document.querySelector('main h1')?.innerText.includes(%s)`, quote(heading)))
	return p
}

// enter writes into a field by its label.
func (w *window) enter(label, text string) {
	w.t.Helper()
	field := fmt.Sprintf(`[...document.querySelectorAll('label')].filter((l) => l.innerText.startsWith(%s) && l.control).at(-1)?.control`, quote(label))
	w.until(field)
	eval[any](w, fmt.Sprintf(`(() => { const e = %s; e.focus(); e.select?.(); return null })()`, field))
	w.press(text)
}

// choose picks an option of a select by its label, as soon as it is offered.
func (w *window) choose(label, option string) {
	w.t.Helper()
	field := fmt.Sprintf(`[...document.querySelectorAll('label')].find((l) => l.innerText.startsWith(%s))?.control`, quote(label))
	offered := fmt.Sprintf(`[...%s.options].find((o) => o.label === %s)`, field, quote(option))
	w.until(offered)
	eval[any](w, fmt.Sprintf(`(() => { const e = %s; e.value = %s.value; e.dispatchEvent(new Event('change', { bubbles: true })); return null })()`, field, offered))
}

// live waits until what happens would appear.
func (w *window) live() {
	w.t.Helper()
	w.until(`document.querySelector('.live.up')`)
}

func TestWhatHappensInDiscordAppearsOnTheDashboard(t *testing.T) {
	thorough(t)
	bank := stores["sqlite"](t)
	w := newTownWith(t, bank, server{store: bank}, true)
	w.listening()
	w.members(residents())
	w.say("bob", "/balance")
	p := w.dashboard(t, newBrowser(t), 1360, 900, "dark")
	p.visit(demoGuild+"/members", "Members")
	p.live()

	w.arrives("zed")
	p.shows("tr", "zed")
	w.say("bob", "/daily")
	p.until(`[...document.querySelectorAll('tr')].some((r) => r.innerText.includes('Bob') && r.innerText.includes('200'))`)

	p.visit(demoGuild+"/items/new", "New item")
	p.enter("Name", "Lantern")
	p.enter("Price", "40")
	p.click("label", "There are only so many")
	p.enter("Pieces left to sell", "2")
	p.shows(".preview", "2 left")
	p.click("button", "Create")
	p.shows(".toast", "in the shop")
	p.visit(demoGuild+"/items", "Items")
	p.shows("tr", "Lantern")
	w.buy("bob", "Lantern")
	p.until(`[...document.querySelectorAll('tr')].some((r) => r.innerText.includes('Lantern') && /\b1\b.*\b1$/s.test(r.innerText.trim()))`) // one left, one sold
	w.sound()
}

func TestATaskIsDoneBetweenTheDashboardAndDiscord(t *testing.T) {
	thorough(t)
	w := newTown(t, nil)
	w.staffed()
	b := newBrowser(t)
	p := w.dashboard(t, b, 390, 844, "light")
	p.visit(demoGuild+"/tasks/new", "New task")
	p.click("button", "Create and open")
	p.shows(".error", "A title has 1 to 80 characters")
	p.enter("Title", "Tell a story")
	p.enter("Reward", "1k")
	p.shows(".preview", "1,000")
	p.click("button", "Create and open")
	p.shows(".toast", "The task is open")

	w.click("bob", w.posted("tasks", "Tell a story", "1,000"), "Claim")
	w.say("bob", `/task submit task:"Tell a story" text:"It was a dark night."`)
	p.visit(demoGuild+"/reviews", "Reviews")
	p.shows("article", "It was a dark night.")
	second := w.another(t, b, 1360, 900, "dark", demoGuild+"/reviews", "Reviews")
	second.shows("article", "It was a dark night.")
	second.live()

	p.click("button", "Approve and pay 1,000")
	p.shows(".toast", "Bob was paid 1,000")
	w.told("bob", "Tell a story", "1,000")
	second.shows("article", "Accepted by demo") // whoever is second sees who was first
	second.click("button", "Go on")
	second.shows("main", "All done")
	w.expect(w.text(w.say("ada", "/balance @bob").Message), "1,100")
	w.sound()
}

// TestNobodyIsPaidByAccident has somebody write why he rejects while another decides, click
// twice, and hold a key: the work that comes next is not decided by what was not meant for it.
func TestNobodyIsPaidByAccident(t *testing.T) {
	thorough(t)
	w := newTown(t, nil)
	w.staffed()
	w.say("ada", "/admin task create title:Poem reward:50 proof:text")
	people := []string{"bob", "emil", "goro", "hana", "ivan"}
	for _, who := range people {
		w.say(who, "/task claim task:Poem")
		w.say(who, "/task submit task:Poem text:by-"+who)
	}
	paid := func() (n int) {
		for _, who := range people {
			if strings.Contains(w.text(w.say("ada", "/balance @"+who).Message), "150") {
				n++
			}
		}
		return n
	}
	b := newBrowser(t)
	p := w.dashboard(t, b, 1360, 900, "light")
	p.visit(demoGuild+"/reviews", "Reviews")
	p.shows("article", "by-bob")
	p.live()
	p.press("r")
	p.until(`document.activeElement.tagName === 'INPUT'`)
	p.press("just ")
	w.click("ada", w.posted("reviews", "by-bob", "Approve"), "Approve")
	p.shows("article", "Accepted by")
	p.press("a stub of a page", enter)
	p.until(`document.querySelector('article input').value.endsWith('just a stub of a page')`)
	p.click("button", "Back")
	p.click("button", "Go on")
	p.shows("article", "by-emil")
	if n := paid(); n != 1 {
		t.Fatalf("%d were paid, want bob alone", n)
	}

	eval[any](p, `(async () => { for (let i = 0; i < 2; i++) {
		[...document.querySelectorAll('article button')].find((e) => e.innerText.includes('Approve and pay')).click();
		for (let j = 0; j < 50; j++) await null; // the next is drawn, and no time goes by
	} })()`)
	p.shows(".toast", "was paid 50")
	p.shows("article", "by-goro")
	eval[any](p, `(() => { for (let i = 0; i < 5; i++) document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', repeat: true, bubbles: true })); return null })()`)
	if n := paid(); n != 2 {
		t.Errorf("%d were paid, want bob and emil", n)
	}
	p.click("button", "Pay a part")
	p.enter("Percent", " ")
	p.press(enter)
	p.shows(".error", "between 0 and 100 percent")
	if n := paid(); n != 2 {
		t.Errorf("%d were paid, want bob and emil", n)
	}
	w.sound()
	p.calm()
}

// TestNobodysEditsAreLost has two windows edit one task.
func TestNobodysEditsAreLost(t *testing.T) {
	thorough(t)
	w := newTown(t, nil)
	w.say("ada", "/admin task create title:Sketch reward:40 proof:text")
	b := newBrowser(t)
	p := w.dashboard(t, b, 1360, 900, "light")
	p.visit(demoGuild+"/tasks/1", "Sketch")
	p.live()
	p.enter("Title", "Sketch the pier")
	p.shows("[aria-label=Changes]", "Unsaved changes")

	w.say("ada", "/admin task edit task:Sketch reward:55")
	p.shows("[role=alert]", "Changed by Ada")
	p.click("button", "See what")
	p.shows("dialog", "Two people have changed this")
	p.click("dialog button", "Put mine on top")
	p.click("button", "Save")
	p.shows(".toast", "Saved.")
	p.shows(".preview", "Sketch the pier")
	p.shows(".preview", "55")

	p.enter("Title", "Sketch the quay")
	p.click("a", "Members")
	p.shows("dialog", "Leave without saving?")
	p.click("dialog button", "Leave")
	p.until(`document.querySelector('main h1')?.innerText === 'Members'`)
	w.sound()
}

// TestWhoAdministersIsChosenOnTheDashboard has a role chosen there count in Discord at once.
func TestWhoAdministersIsChosenOnTheDashboard(t *testing.T) {
	thorough(t)
	w := newTown(t, nil)
	w.say("ada", "/balance")
	p := w.dashboard(t, newBrowser(t), 390, 844, "dark")
	p.visit(demoGuild+"/settings", "Settings")
	p.choose("Admins", "Reviewer")
	p.click("button", "Save")
	p.shows(".toast", "Saved.")
	w.expect(w.text(w.say("chidi", "/admin coins give @lea 5").Message), "105")
	p.choose("Admins", "Only who manages the server")
	p.click("button", "Save")
	p.until(`!document.querySelector('[aria-label=Changes]')`)
	w.expect(w.text(w.say("chidi", "/admin coins give @lea 5").Message), "have its admin role")
	w.sound()
}

func TestProofsAreSeenOnTheDashboard(t *testing.T) {
	thorough(t)
	w := newTown(t, nil)
	w.staffed()
	w.say("ada", `/admin task create title:Sketch reward:50 proof:"A picture"`)
	w.say("bob", "/task claim task:Sketch")
	w.handIn("bob", "Sketch", simulator.File{Name: "sketch.png", Data: sketch(t)})
	w.posted("reviews", "Sketch") // so that the picture is the message's own
	p := w.dashboard(t, newBrowser(t), 1360, 900, "dark")
	p.visit(demoGuild+"/reviews", "Reviews")
	p.shows("article", "Sketch")
	p.until(`document.querySelector('article img')?.naturalWidth > 0`)
	p.press("r", "Too dark.", enter)
	p.shows(".toast", "Rejected")
	w.told("bob", "Sketch", "Too dark.")
}

// TestSigningOutReachesEveryWindow signs out everywhere in one window; the other asks for
// the password where it was.
func TestSigningOutReachesEveryWindow(t *testing.T) {
	thorough(t)
	w := newTown(t, nil)
	w.say("bob", "/balance")
	b := newBrowser(t)
	p := w.dashboard(t, b, 1360, 900, "light")
	second := w.another(t, b, 390, 844, "dark", demoGuild+"/members", "Members")
	p.click("button", "Your account:")
	p.click(".menu button", "Sign out everywhere")
	p.shows("dialog", "Every browser")
	p.click("dialog button", "Sign out everywhere")
	p.shows("main", "Sign in to Coffer")
	second.shows("main", "Your session has ended")
	second.click("button", "Sign in")
	second.shows("main", "Bob")
	p.until(`document.querySelector('main a[href*="/guilds/"], main h1')`) // the other window signs in for this one
}

// TestWhatIsBeingWrittenWaitsForItsPerson has somebody who came by Discord press "Sign out" by
// mistake, lose his session in another window, and come back by Discord in a third.
func TestWhatIsBeingWrittenWaitsForItsPerson(t *testing.T) {
	thorough(t)
	w := newTown(t, nil)
	w.say("ada", "/balance")
	b := newBrowser(t)
	_, port, _ := net.SplitHostPort(w.listener.Addr().String())
	site := "http://localhost:" + port // where Discord sends people back to
	p := b.open(t, site+demoGuild+"/tasks/new", 390, 844, "light")
	p.agree("ada", p.discord("_self"))
	p.shows("main h1", "New task")
	p.enter("Title", "Tell a story")

	second := b.open(t, site+demoGuild+"/members", 1360, 900, "dark")
	second.shows("main h1", "Members")
	p.click("[aria-label=Menu]", "")
	p.until(`document.querySelector('dialog.drawer[open]')`)
	p.click("dialog.drawer button", "Your account:")
	p.click("dialog.drawer .menu button", "Sign out everywhere")
	p.shows("dialog", "Leave without saving?")
	p.click("dialog button", "Cancel")
	p.gone("dialog:not(.drawer)")

	second.click("button", "Your account:")
	second.click(".menu button", "Sign out everywhere")
	second.click("dialog button", "Sign out everywhere")
	second.shows("main", "Sign in to Coffer")
	p.shows("main", "Your session has ended")
	second.agree("ada", p.discord("_blank"))
	second.shows("main", "You are signed in")
	p.until(`[...document.querySelectorAll('label')].find((l) => l.innerText.startsWith('Title'))?.control.value === 'Tell a story'`)
	p.enter("Reward", "5")
	p.click("button", "Create and open")
	p.shows(".toast", "The task is open")
}

// discord is where "Continue with Discord" leads, to be opened in this tab or in another.
func (w *window) discord(target string) (address string) {
	w.t.Helper()
	w.shows("a[target="+target+"]", "Continue with Discord")
	return eval[string](w, `(() => { localStorage.setItem('coffer.session', '1'); return document.querySelector('a.discord').href })()`)
}

// agree signs in at the local Discord and comes back.
func (w *window) agree(as, address string) {
	w.t.Helper()
	w.run(chromedp.Navigate(address))
	w.shows("a", "("+as+")")
	w.run(chromedp.Navigate(eval[string](w, fmt.Sprintf(`[...document.querySelectorAll('a')].find((a) => a.innerText.includes(%s)).href`, quote("("+as+")")))))
}
