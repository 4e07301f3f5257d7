// Package doctor looks at everything that a server in production needs and tells what
// is wrong and what to do. It changes nothing.
package doctor

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config is what is looked at. What is missing in it is not looked at, and told so.
type Config struct {
	Version  string    // the program's
	Problems []Problem // of the environment; checks that need one of these variables are skipped
	Secrets  []Secret  // none of them is ever told

	Supabase bool // the store is a Supabase project, not a file
	// Open opens the store so that nothing is changed; newer says that its tables are of
	// a program newer than this. Errors: ErrKey, ErrSchema, others with what to do.
	Open        func(ctx context.Context) (store Store, newer bool, err error)
	SupabaseAPI string // where the project serves its tables, without trailing slash
	File        string // the path of the store's file, if it is one
	Railway     bool   // this runs on Railway, where files live in Volume only
	Volume      string

	Discord       Discord
	DiscordAPI    string // scheme and host
	Homepage      string // of the bot, for the user agent
	ApplicationID string
	PublicKey     ed25519.PublicKey
	Login         bool // people may sign in with Discord
	Gateway       bool // the server listens at Discord's gateway

	PublicURL    string // where the server is reached
	DashboardURL string // where the dashboard is, if not there
	CORSOrigins  []string
	Elsewhere    bool // sessions are for a dashboard on another site (COOKIE_SAMESITE=none)
	ProxySecret  bool // the server believes the dashboard's proxy who its clients are

	InteractionsPath string
	HealthPath       string
	CallbackPath     string
	Headers          http.Header       // those of security that each answer of the server has
	Deployment       map[string]string // what there is here of railway.toml and .railway/railway.ts, by path

	Transport http.RoundTripper // nil: the standard library's
	Now       func() time.Time  // nil: time.Now
}

// Problem is a variable of the environment that is missing or wrong.
type Problem struct {
	Variable string
	Wrong    string // continues a sentence that starts with the name
	Help     string // what the variable is for
}

// Secret is the value of a variable that nobody may see.
type Secret struct {
	Variable string
	Value    string
	Chosen   bool // by the operator, not by Discord or Supabase
}

// Status is how a check ended.
type Status string

// The statuses. Only Fail makes the examination fail.
const (
	Pass Status = "pass"
	Warn Status = "warn"
	Fail Status = "fail"
	Skip Status = "skip" // not needed, or not possible because of what failed
)

// Finding is the outcome of one check.
type Finding struct {
	ID     string   `json:"id"` // for programs; stays the same
	Title  string   `json:"title"`
	Status Status   `json:"status"`
	Detail string   `json:"detail"`
	Advice []string `json:"advice,omitempty"` // what to do
}

const (
	totalTime = 30 * time.Second
	usualTime = 12 * time.Second // of one check
)

// Run makes all checks, at the same time where none needs another's outcome, and
// returns what they found, in the order of the table. It takes 30 seconds at most.
func Run(ctx context.Context, c Config) Report {
	ctx, cancel := context.WithTimeout(ctx, totalTime)
	defer cancel()
	e := newExaminer(c)
	defer e.close()
	report := Report{Version: c.Version, At: e.Now().UTC().Truncate(time.Second), Findings: make([]Finding, len(checks))}
	finished := make(map[string]chan struct{}, len(checks))
	for _, k := range checks {
		finished[k.id] = make(chan struct{})
	}
	found := func(id string) Finding {
		<-finished[id]
		for i, k := range checks {
			if k.id == id {
				return report.Findings[i]
			}
		}
		panic("doctor: a check needs the unknown " + id)
	}
	var group sync.WaitGroup
	for i, k := range checks {
		group.Go(func() {
			defer close(finished[k.id])
			f := e.make(ctx, k, found)
			f.ID, f.Title = k.id, k.title
			report.Findings[i] = e.presentable(f)
		})
	}
	group.Wait()
	return report
}

// make makes a check, unless something forbids it.
func (e *examiner) make(ctx context.Context, k check, found func(id string) Finding) Finding {
	for _, variable := range k.settings {
		for _, p := range e.Problems {
			if p.Variable == variable {
				return skip("because %s is missing or wrong", variable)
			}
		}
	}
	if k.unless != nil {
		if why := k.unless(e); why != "" {
			return skip("not needed: %s", why)
		}
	}
	for _, id := range k.needs {
		switch f := found(id); f.Status {
		case Fail:
			return skip("because of what is wrong under %q", f.Title)
		case Skip:
			return skip("%s", f.Detail) // for the same reason
		}
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(k.time, usualTime))
	defer cancel()
	return k.run(e, ctx)
}

// presentable makes sure that a finding shows no secret, whatever others answered, and
// nothing that a terminal would obey.
func (e *examiner) presentable(f Finding) Finding {
	f.Detail = e.clean(f.Detail)
	for i, a := range f.Advice {
		f.Advice[i] = e.clean(a)
	}
	return f
}

// longest is how much of a text is told.
const longest = 600

func (e *examiner) clean(s string) string {
	s = e.redact.Replace(s)
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 || r == ' ' }), " ")
	s = strings.ToValidUTF8(s, "")
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "..."
	}
	return s
}
