package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"coffer/internal/simulator"
)

type sayCommand struct {
	Line   []string `arg:"" help:"The command as typed in Discord, such as: /pay @bob 100"`
	As     string   `help:"Who speaks, by username." default:"ada"`
	Port   int      `help:"The demo's port." default:"8080"`
	Locale string   `help:"The speaker's language, such as de."`
	Click  []string `help:"Then click the button, or choose in the menu what has this label; may be given again."`
	Fill   []string `help:"What to write into the next field of a form that opens; may be given again." sep:"none"`
}

// Run says the line in a running demo and prints the reply, buttons and later
// edits included.
func (s sayCommand) Run(ctx context.Context, c console) error {
	client := playground{fmt.Sprintf("http://%s:%d/simulator", demoHost, s.Port), s.Port}
	names, err := client.names(ctx)
	if err != nil {
		return err
	}
	t := terminal{console: c, names: names, now: time.Now()}
	last, err := s.act(ctx, client, t, "/commands", map[string]any{"line": strings.Join(s.Line, " ")})
	if err != nil {
		return err
	}
	for _, label := range s.Click {
		if last.Message == nil {
			return errors.New("there is no message with buttons to click on")
		}
		clicked, ok := findControl(*last.Message, label)
		if !ok {
			return fmt.Errorf("the message has no button %q that can be clicked", label)
		}
		c.printf("\n%s clicks [%s]\n", s.As, clicked.title())
		next, err := s.act(ctx, client, t, "/components", map[string]any{
			"message": last.Message.ID, "custom_id": clicked.CustomID, "values": clicked.values})
		if err != nil {
			return err
		}
		if next.Message != nil { // a private remark beside it leaves the message
			last = next
		}
	}
	return nil
}

// act does something as the speaker and fills in the form that it opens, as far as
// there is something to write.
func (s *sayCommand) act(ctx context.Context, client playground, t terminal, path string, body map[string]any) (simulator.Interaction, error) {
	body["as"], body["locale"] = s.As, s.Locale
	said, err := client.act(ctx, path, body)
	if err != nil {
		return said, err
	}
	it, err := t.follow(ctx, client, said)
	if err != nil || it.Modal == nil || len(s.Fill) == 0 {
		return it, err
	}
	fields := map[string]string{}
	t.printf("\n%s writes\n", s.As)
	for _, in := range it.Modal.Inputs {
		fields[in.CustomID] = in.Value
		if len(s.Fill) > 0 {
			fields[in.CustomID], s.Fill = s.Fill[0], s.Fill[1:]
		}
		t.printf("  %s: %s\n", in.Label, fields[in.CustomID])
	}
	return s.act(ctx, client, t, "/modals", map[string]any{"interaction": it.ID, "fields": fields})
}

// follow prints an interaction as it is and, while it is thinking, as it becomes.
func (t terminal) follow(ctx context.Context, client playground, it simulator.Interaction) (simulator.Interaction, error) {
	for said := false; it.State == simulator.Thinking; said = true {
		if !said {
			t.printf("Coffer is thinking...\n")
		}
		var err error
		if it, err = client.wait(ctx, it.ID); err != nil {
			return it, err
		}
	}
	if it.State == simulator.Failed {
		t.printf("! %s\n", it.Error)
		return it, fmt.Errorf("the interaction failed: %s", it.Reason)
	}
	t.interaction(it)
	return it, nil
}

// playground is the control API of a running demo.
type playground struct {
	base string
	port int
}

func (p playground) act(ctx context.Context, path string, body any) (it simulator.Interaction, err error) {
	payload, err := json.Marshal(body)
	if err != nil {
		return it, err
	}
	return it, p.call(ctx, http.MethodPost, path, payload, &it)
}

func (p playground) wait(ctx context.Context, id string) (it simulator.Interaction, err error) {
	return it, p.call(ctx, http.MethodGet, "/interactions/"+url.PathEscape(id)+"?wait=10s", nil, &it)
}

// names returns the names of people, roles and channels by their ids.
func (p playground) names(ctx context.Context) (map[string]string, error) {
	var state struct {
		Members  []simulator.Member  `json:"members"`
		Roles    []simulator.Role    `json:"roles"`
		Channels []simulator.Channel `json:"channels"`
	}
	if err := p.call(ctx, http.MethodGet, "/state", nil, &state); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, m := range state.Members {
		names[m.User.ID] = m.DisplayName()
	}
	for _, r := range state.Roles {
		names[r.ID] = strings.TrimPrefix(r.Name, "@")
	}
	for _, c := range state.Channels {
		names[c.ID] = c.Name
	}
	return names, nil
}

func (p playground) call(ctx context.Context, method, path string, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("no demo is running on port %d; start one with: go run . demo", p.port)
	case err != nil:
		return err
	}
	defer func() { _ = res.Body.Close() }()
	reply, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		var refusal struct {
			Error string `json:"error"`
		}
		if json.Unmarshal(reply, &refusal) == nil && refusal.Error != "" {
			return errors.New(refusal.Error)
		}
		return fmt.Errorf("what listens on port %d is no demo (HTTP %d)", p.port, res.StatusCode)
	}
	return json.Unmarshal(reply, into)
}
