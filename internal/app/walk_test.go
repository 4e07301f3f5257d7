package app

import (
	"testing"

	"github.com/chromedp/chromedp"

	"coffer/internal/simulator"
)

// send says a command that needs no more.
func (w *window) send(line string) {
	w.t.Helper()
	w.write(line + " ")
	w.ready()
	w.press(enter)
	w.gone(".cmd")
}

// with fills in options of a command, each by its name.
func (w *window) with(command string, options ...string) {
	w.t.Helper()
	w.write(command + " ")
	for i := 0; i < len(options); i += 2 {
		w.option(options[i], options[i+1])
	}
	w.ready()
	w.press(enter)
	w.gone(".cmd")
}

// option puts the cursor into an option, wherever it is, and types its value.
func (w *window) option(name, value string) {
	w.t.Helper()
	w.until(`document.activeElement?.dataset.option || document.activeElement?.classList.contains('adder')`)
	if eval[string](w, `document.activeElement.dataset.option ?? ''`) != name {
		w.ready()
		w.press(name + ":")
		w.in(name)
	}
	w.press(value, tabKey)
}

// TestPlaygroundWalksTheShopAndTheTasks goes through both flows as people do, by
// clicking: an admin offers, a member buys and works, a reviewer decides.
func TestPlaygroundWalksTheShopAndTheTasks(t *testing.T) {
	thorough(t)
	w := newTown(t, nil)
	w.staffed()
	p := w.visit(newBrowser(t), t, 1360, 900, "dark")

	p.be("ada")
	p.with("/admin item create", "name", "Lantern", "price", "40", "stock", "2", "usable", "true", "message", "It is bright now.")
	p.latest("Lantern")
	p.be("bob")
	p.send("/shop")
	p.latest("Lantern")
	p.picture("walk-shop")
	p.click("[data-message] .select", "")
	p.click(".popup li", "Lantern")
	p.latest("2 left")
	p.click("[data-message] button", "Buy")
	p.latest("60") // what will be left
	p.picture("walk-confirm")
	p.click("[data-message] button", "Confirm")
	p.latest("Bought")
	p.send("/inventory")
	p.latest("Lantern")
	p.write("/use ")
	p.in("item")
	p.shows("#suggestions", "Lantern")
	p.press(enter)
	p.ready()
	p.press(enter)
	p.latest("It is bright now.")

	p.be("ada")
	p.with("/admin task create", "title", "Sketch the pier", "reward", "50", "proof", "picture", "places", "3")
	p.latest("Sketch the pier")
	p.click("[data-message] button", "Edit the words")
	p.shows("dialog", "Description")
	p.until(`document.querySelector('dialog [data-input="title"]').value === 'Sketch the pier'`)
	p.press(tabKey, "In pencil.", enter, "With its lamp.")
	p.picture("walk-form")
	p.click("dialog button", "Submit")
	p.gone("dialog")
	p.latest("Task changed")
	p.be("bob")
	p.click("nav button", "tasks")
	p.shows("h1", "tasks")
	p.latest("3 of 3 left")
	p.shows("[data-message]", "In pencil.\nWith its lamp.")
	p.click("[data-message] button", "Claim")
	p.latest("is yours, for 50")
	p.shows("[data-message]", "2 of 3 left") // kept up to date
	p.picture("walk-claim")
	p.write("/task submit ")
	p.in("task")
	p.shows("#suggestions", "Sketch the pier")
	p.press(enter)
	p.ready()
	p.press("image:")
	p.in("image")
	p.run(chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{file(t, "pier.png", string(sketch(t)))}))
	p.ready()
	p.press(enter)
	p.latest("Handed in")

	p.be("chidi")
	p.click("nav button", "reviews")
	p.shows("h1", "reviews")
	p.latest("Sketch the pier")
	p.until(`[...document.querySelectorAll('[data-message] img')].some((i) => i.src.includes('/simulator/files/') && i.naturalWidth === 8)`)
	p.picture("walk-review")
	p.click("[data-message] button", "Reject")
	p.shows("dialog", "Why")
	p.press("The lamp is missing.", enter)
	p.gone("dialog")
	p.latest("The lamp is missing.")

	p.be("bob")
	p.send("/tasks")
	p.latest("Sketch the pier")
	p.click("[data-message] button", "My tasks")
	p.latest("The lamp is missing.")
	w.handIn("bob", "Sketch the pier", simulator.File{Name: "again.png", Data: sketch(t)})
	p.be("chidi")
	p.click("[data-message] button", "Approve part")
	p.shows("dialog", "percent")
	p.press("90")
	p.click("dialog button", "Submit")
	p.gone("dialog")
	p.latest("45")
	p.picture("walk-approved")
	p.be("bob")
	p.send("/history")
	p.latest("Sketch the pier")
	p.latest("+45")
	w.sound()
}
