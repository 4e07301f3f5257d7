package discord

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"coffer/internal/doctor"
)

func TestTheApplicationAndTheBotsStanding(t *testing.T) {
	answers := map[string]string{
		"/api/v10/applications/@me": `{"id":"1","name":"Coffer","bot":{"id":"2","username":"coffer"},"verify_key":"ab","flags":16384,
			"interactions_endpoint_url":null,"redirect_uris":["https://coffer.example/callback"]}`,
		"/api/v10/guilds/5/roles": `[{"id":"5","name":"@everyone","position":0,"managed":false,"permissions":"1024"},
			{"id":"6","name":"Coffer","position":3,"managed":true,"permissions":"268435456"}]`,
		"/api/v10/guilds/5/members/2": `{"roles":["6"],"user":{"id":"2"}}`,
		"/api/v10/guilds/7/roles":     `[{"id":"7","permissions":"all"}]`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.URL.Path]
		if !ok || r.Method != http.MethodGet || r.Header.Get("Authorization") != "Bot t.o.k" {
			w.WriteHeader(http.StatusNotFound)
			body = `{"message":"Unknown Guild","code":10004}`
		}
		_, _ = io.WriteString(w, body)
	}))
	defer server.Close()
	c := New(Config{BaseURL: server.URL, Token: "t.o.k", ApplicationID: "1"})
	defer c.Close()

	app, err := c.Application(t.Context())
	if want := (doctor.Application{ID: "1", Name: "Coffer", Bot: "2", PublicKey: "ab", RedirectURIs: []string{"https://coffer.example/callback"}, MembersIntent: true}); err != nil || !reflect.DeepEqual(app, want) {
		t.Errorf("%+v, %v; want %+v", app, err, want)
	}
	answers["/api/v10/applications/@me"] = `{"id":"1","flags":4096}`
	if app, err := c.Application(t.Context()); err != nil || app.Bot != "1" || app.MembersIntent {
		t.Errorf("%+v, %v", app, err)
	}

	m, err := c.Membership(t.Context(), "5", "2")
	want := doctor.Membership{Mine: []string{"6"}, Roles: []doctor.Role{
		{ID: "5", Name: "@everyone", Permissions: 1024}, {ID: "6", Name: "Coffer", Position: 3, Managed: true, Permissions: 1 << 28},
	}}
	if err != nil || !reflect.DeepEqual(m, want) {
		t.Errorf("%+v, %v; want %+v", m, err, want)
	}
	var e *Error
	if _, err := c.Membership(t.Context(), "8", "2"); !errors.As(err, &e) || e.Status != http.StatusNotFound {
		t.Errorf("a guild that the bot is not in: %v", err)
	}
	if _, err := c.Membership(t.Context(), "7", "2"); err == nil || !strings.Contains(err.Error(), "permissions") {
		t.Errorf("permissions that are no number: %v", err)
	}
}
