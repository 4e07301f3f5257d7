package discord

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

// What is remembered by guild, channel and user does not grow for ever.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	var r routes
	var d directs
	closed := func(i int) *gate {
		req, err := http.NewRequest(http.MethodPost, "https://x/api/v10/channels/"+strconv.Itoa(i)+"/messages", nil)
		if err != nil {
			t.Fatal(err)
		}
		return r.gate(req)
	}
	held := closed(0)
	held.closeFor(time.Hour)
	for i := range 10 * mostRoutes {
		closed(i)
		d.put(strconv.Itoa(i), "1")
	}
	if len(r.gates) > mostRoutes || len(d.channels) > mostDirects {
		t.Errorf("%d routes and %d channels are remembered", len(r.gates), len(d.channels))
	}
	if closed(0) != held {
		t.Error("a closed route was forgotten")
	}
	if d.get(strconv.Itoa(10*mostRoutes-1)) == "" {
		t.Error("the newest channel was forgotten")
	}
}

func TestRoutes(t *testing.T) {
	for path, want := range map[string]string{
		"/api/v10/guilds/1/members/2/roles/3":          "PUT /api/v10/guilds/1/members/:id/roles/:id",
		"/api/v10/channels/1/messages":                 "PUT /api/v10/channels/1/messages",
		"/api/v10/channels/1/messages/2":               "PUT /api/v10/channels/1/messages/:id",
		"/api/v10/users/@me/channels":                  "PUT /api/v10/users/@me/channels",
		"/api/v10/applications/1/guilds/2/commands":    "PUT /api/v10/applications/1/guilds/:id/commands",
		"/api/v10/webhooks/1/token/messages/@original": "",
		"/api/v10/interactions/1/token/callback":       "",
	} {
		if got, ok := routeOf(http.MethodPut, path); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", path, got, ok)
		}
	}
}
