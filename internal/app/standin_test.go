package app

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"coffer/internal/simulator"
	"coffer/web"
)

// standIn is an app with commands that Coffer does not have: for what the
// playground must draw whatever commands there are.
type standIn struct {
	t      *testing.T
	server *httptest.Server
	rest   *httptest.Server
	sim    *simulator.Simulator
	told   chan map[string]any // the data of each modal and select that came
	token  chan string         // of each command that was deferred
}

const standInToken = "stand-in"

const standInCommands = `[
	{"name":"form","description":"Opens a form"},
	{"name":"choose","description":"Shows selects"},
	{"name":"wait","description":"Thinks"},
	{"name":"rich","description":"Shows everything that can be drawn"},
	{"name":"layout","description":"Shows components of the second version"},
	{"name":"bad","description":"Answers with an error"},
	{"name":"find","description":"Has all kinds of options","name_localizations":{"de":"finde"},"options":[
		{"type":3,"name":"item","description":"What to find","required":true,"autocomplete":true},
		{"type":3,"name":"colour","description":"Which colour","required":true,"choices":[{"name":"Red","value":"r"},{"name":"Green","value":"g"}]},
		{"type":4,"name":"count","description":"How many","min_value":1,"max_value":9},
		{"type":5,"name":"quick","description":"Or not"},
		{"type":7,"name":"where","description":"In which channel"},
		{"type":8,"name":"role","description":"For which role"}]},
	{"name":"show","description":"Shows a picture","options":[{"type":11,"name":"proof","description":"A picture","required":true}]}
]`

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	s := &standIn{t: t, told: make(chan map[string]any, 9), token: make(chan string, 9)}
	mux := http.NewServeMux()
	s.server = httptest.NewServer(mux)
	s.sim = simulator.New(simulator.Config{
		ApplicationID: simulator.DemoApplicationID, BotToken: standInToken, World: simulator.DemoWorld(),
		PrivateKey:      ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)),
		InteractionsURL: s.server.URL + "/interactions", AnswerWithin: answered,
	})
	s.rest = httptest.NewServer(s.sim.REST())
	mux.Handle("/simulator/", s.sim.Control())
	mux.Handle("GET /playground", web.Playground())
	mux.Handle("/", web.Handler())
	mux.HandleFunc("POST /interactions", s.answer)
	t.Cleanup(func() {
		s.sim.HangUp()
		s.server.Close()
		s.rest.Close()
		if err := s.sim.Close(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	s.call("PUT", "/applications/"+simulator.DemoApplicationID+"/commands", standInCommands)
	return s
}

// call does a call of Discord's REST.
func (s *standIn) call(method, path, body string) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.rest.URL+"/api/v10"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bot "+standInToken)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "DiscordBot (https://coffer.example, 1)")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if out, _ := io.ReadAll(res.Body); res.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, out)
	}
}

// heard waits for the data of the next modal, select or command that tells.
func (s *standIn) heard() map[string]any {
	s.t.Helper()
	select {
	case data := <-s.told:
		return data
	case <-time.After(patience):
		s.t.Fatal("the app was told nothing")
		return nil
	}
}

func (s *standIn) answer(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Type  int
		Token string
		Data  map[string]any
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		s.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, s.reply(w, in.Type, in.Token, in.Data))
}

func (s *standIn) reply(w http.ResponseWriter, kind int, token string, data map[string]any) string {
	id, _ := data["custom_id"].(string)
	switch {
	case kind == 4:
		return `{"type":8,"data":{"choices":[{"name":"A rope","value":"rope"},{"name":"A lantern","value":"lantern"}]}}`
	case kind == 5 || kind == 3 && id != "open":
		s.told <- data
		return `{"type":4,"data":{"content":"Thank you.","flags":64}}`
	case kind == 3:
		return standInForm
	}
	switch data["name"] {
	case "form":
		return standInForm
	case "choose":
		return `{"type":4,"data":{"content":"Choose:","components":[
			{"type":1,"components":[{"type":3,"custom_id":"one","placeholder":"One of them","options":[
				{"label":"First","value":"1","description":"The first of all"},{"label":"Second","value":"2","emoji":{"name":"🪢"}}]}]},
			{"type":1,"components":[{"type":5,"custom_id":"some","placeholder":"Up to three people","min_values":1,"max_values":3}]},
			{"type":1,"components":[{"type":2,"style":1,"label":"Form","custom_id":"open"},{"type":2,"style":3,"label":"Yes","custom_id":"yes"},
				{"type":2,"style":4,"label":"No","custom_id":"no","disabled":true},{"type":2,"style":5,"label":"Site","url":"https://coffer.example/"}]}]}}`
	case "wait":
		s.token <- token
		return `{"type":5}`
	case "rich":
		return s.rich()
	case "layout":
		return `{"type":4,"data":{"flags":32768,"components":[{"type":17,"accent_color":5763719,"components":[
			{"type":10,"content":"## A container\nwith **text**"},{"type":14},
			{"type":9,"components":[{"type":10,"content":"A section"}],"accessory":{"type":2,"style":2,"label":"Look","custom_id":"look"}},
			{"type":12,"items":[{"media":{"url":"` + s.server.URL + `/coffer.svg"}}]}]}]}}`
	case "bad":
		w.WriteHeader(http.StatusInternalServerError)
		return "the kettle is on fire"
	case "find":
		s.told <- data
		return `{"type":4,"data":{"content":"Found."}}`
	case "show":
		s.told <- data
		attached, _ := data["resolved"].(map[string]any)["attachments"].(map[string]any)
		for _, a := range attached {
			address, _ := json.Marshal(a.(map[string]any)["url"])
			return `{"type":4,"data":{"embeds":[{"title":"Proof","image":{"url":` + string(address) + `}}]}}`
		}
	}
	return `{"type":4,"data":{"content":"?"}}`
}

const standInForm = `{"type":9,"data":{"custom_id":"form","title":"Tell us","components":[
	{"type":1,"components":[{"type":4,"custom_id":"name","label":"A name","style":1,"min_length":2,"max_length":20}]},
	{"type":1,"components":[{"type":4,"custom_id":"story","label":"The story","style":2,"required":false,"placeholder":"Once upon a time"}]}]}}`

// rich is a message with all of the markdown and a full embed.
func (s *standIn) rich() string {
	text := "# Heading\n**bold** *italic* __under__ ~~gone~~ `code` ||secret|| <@1180000000000001001> <#1180000000000000202> " +
		"<@&1180000000000000302> <t:1700000000:R> <t:1700000000:D> <:coin:1180000000000009000> @everyone\n> a quote\n-# small print\n- one\n- two\n" +
		"```go\nx := 1\n```[a link](https://coffer.example/x) <script>document.title='pwned'</script> <img src=x onerror=alert(1)>"
	body, _ := json.Marshal(map[string]any{"type": 4, "data": map[string]any{
		"content": text,
		"embeds": []any{map[string]any{
			"title": "An embed", "url": "https://coffer.example/", "description": "with **all** of it", "color": 0x2ECC71,
			"author": map[string]any{"name": "The author"}, "footer": map[string]any{"text": "The footer"}, "timestamp": "2026-11-02T12:00:00Z",
			"thumbnail": map[string]any{"url": s.server.URL + "/coffer.svg"}, "image": map[string]any{"url": s.server.URL + "/coffer.svg"},
			"fields": []any{
				map[string]any{"name": "One", "value": "`1`", "inline": true}, map[string]any{"name": "Two", "value": "2", "inline": true},
				map[string]any{"name": "Wide", "value": "- a\n- b"}},
		}},
	}})
	return string(body)
}
