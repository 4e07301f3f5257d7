// Package supabasetest is a Supabase project on this machine, for tests: a real
// Postgres with Supabase's roles and privileges, a real PostgREST, and a
// gateway before it that knows Supabase's keys and has faults planted in it.
//
// All projects of a process share a Postgres and each has a database of its
// own; roles and their settings are thus common to them. Everything ends with
// the process, also if it is killed, and nothing has to be called for that.
//
// What Supabase has and this has not: TLS and HTTP/2, the extension safeupdate
// (which refuses UPDATE and DELETE without WHERE to PostgREST's callers, in
// functions too), the reload of PostgREST's schema by itself after DDL, pooling
// by Supavisor, and newer versions of Postgres and PostgREST.
package supabasetest

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// patience is how long starting or stopping something may take on a machine
// that is busy with other tests.
const patience = time.Minute

// Project is a Supabase project. Its methods may be called by many at once.
type Project struct {
	cluster  *cluster
	database string
	options  options
	gateway  *gateway

	switching sync.Mutex // one starts or stops PostgREST
	rest      atomic.Pointer[guarded]
}

type options struct {
	pool     int
	durable  bool
	template *Template
}

// Option changes what New starts.
type Option func(*options)

// PoolSize is how many connections PostgREST has at most; 15 by default.
func PoolSize(n int) Option { return func(o *options) { o.pool = n } }

// Durable commits wait for the disk, as they do in production. Tests do not
// need that, measurements do.
func Durable() Option { return func(o *options) { o.durable = true } }

// From begins with a copy of a template's database, which New's prepare then finds.
func From(t *Template) Option { return func(o *options) { o.template = t } }

// New starts a fresh project that is stopped with the test. It calls prepare,
// which may be nil, with DatabaseURL before PostgREST reads the schema.
//
// The test is skipped where Postgres or PostgREST is missing, and fails if the
// environment has CI=true. A test that fails logs what PostgREST said.
func New(t testing.TB, prepare func(ctx context.Context, databaseURL string) error, with ...Option) *Project {
	t.Helper()
	p, err := Start(t.Context(), prepare, with...)
	if os.Getenv("CI") != "true" && (errors.Is(err, errNoPostgres) || errors.Is(err, errNoPostgREST)) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("PostgREST's log:\n%s", p.log())
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// Start is New for a program that is no test. The caller closes the project.
func Start(ctx context.Context, prepare func(ctx context.Context, databaseURL string) error, with ...Option) (*Project, error) {
	p := &Project{options: options{pool: 15}}
	for _, option := range with {
		option(&p.options)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := p.start(ctx, prepare); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *Project) start(ctx context.Context, prepare func(context.Context, string) error) error {
	startCluster := sharedCluster
	if p.options.durable {
		startCluster = durableCluster
	}
	var err error
	if p.cluster, err = startCluster(); err != nil {
		return err
	}
	if p.database, err = p.cluster.newDatabase(ctx, p.options.template); err != nil {
		return err
	}
	if prepare != nil {
		if err := prepare(ctx, p.DatabaseURL()); err != nil {
			return err
		}
	}
	if p.gateway, err = startGateway(newKeys(), p.socket); err != nil {
		return err
	}
	return p.startREST(ctx)
}

// Close stops the project and drops its database.
func (p *Project) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var problems []error
	if p.gateway != nil {
		problems = append(problems, p.gateway.close())
	}
	problems = append(problems, p.stopREST())
	if p.database != "" {
		problems = append(problems, p.cluster.dropDatabase(ctx, p.database))
	}
	return errors.Join(problems...)
}

// URL is the project's address, without the path of the API: SUPABASE_URL.
func (p *Project) URL() string { return p.gateway.url }

// Key is the secret key, which makes its owner service_role.
func (p *Project) Key() string { return p.gateway.key }

// PublishableKey makes its owner anon.
func (p *Project) PublishableKey() string { return p.gateway.publishable }

// LegacyKey is a JWT for anon, authenticated or service_role. Those for anon
// and service_role are keys; authenticated is a token for Authorization only,
// as a user has when he is logged in.
func (p *Project) LegacyKey(role string) string { return p.gateway.legacy[role] }

// DatabaseURL connects as postgres, who owns the database, creates roles and
// passes row level security, but is no superuser.
func (p *Project) DatabaseURL() string { return p.cluster.address("postgres", p.database) }

// SuperuserURL connects as Supabase's own role, for what a project's owner may
// not do there: LOAD 'auto_explain', or settings of authenticator in this
// database.
func (p *Project) SuperuserURL() string { return p.cluster.address(superuser, p.database) }

// Requests are those that reached the gateway since the start or the last
// Forget, in that order; of very many the last 10,000.
func (p *Project) Requests() []Request { return p.gateway.list() }

// Forget empties Requests.
func (p *Project) Forget() { p.gateway.forget() }

// Plant has every later request asked what goes wrong with it: nil is nothing.
// The function is called by many requests at once and must leave their bodies
// alone. Plant(nil) ends it.
func (p *Project) Plant(fault func(*http.Request) Fault) {
	if fault == nil {
		p.gateway.fault.Store(nil)
		return
	}
	p.gateway.fault.Store(&fault)
}
