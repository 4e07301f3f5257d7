package supabasetest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// errStopped is why the gateway reaches no PostgREST.
var errStopped = errors.New("PostgREST is stopped")

// StopDatabase ends all connections to the project's database and lets nobody
// in, until StartDatabase. PostgREST goes on and says that it has no database.
func (p *Project) StopDatabase() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.admit(ctx, false); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, p.cluster.address(superuser, "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// A connection that was being made meanwhile needs another round.
	for ended := -1; ended != 0; {
		const terminate = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = $1"
		if err := conn.QueryRow(ctx, terminate, p.database).Scan(&ended); err != nil {
			return err
		}
	}
	return nil
}

// StartDatabase lets connections in again. PostgREST finds out by itself.
func (p *Project) StartDatabase() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return p.admit(ctx, true)
}

func (p *Project) admit(ctx context.Context, all bool) error {
	return p.cluster.execute(ctx, superuser, "postgres", fmt.Sprintf("ALTER DATABASE %s ALLOW_CONNECTIONS %t", p.database, all))
}

// StopREST kills PostgREST. The gateway then answers 502.
func (p *Project) StopREST() error { return p.stopREST() }

func (p *Project) stopREST() error {
	p.switching.Lock()
	defer p.switching.Unlock()
	rest := p.rest.Swap(nil)
	if rest == nil {
		return nil
	}
	return rest.end()
}

// StartREST starts PostgREST again and returns when it is ready.
func (p *Project) StartREST() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return p.startREST(ctx)
}

func (p *Project) startREST(ctx context.Context) error {
	p.switching.Lock()
	defer p.switching.Unlock()
	if p.rest.Load() != nil {
		return nil
	}
	rest, err := p.cluster.startREST(ctx, p.database, p.gateway.secret, p.options)
	if err != nil {
		return err
	}
	p.rest.Store(rest)
	return nil
}

// socket is where PostgREST listens.
func (p *Project) socket() (string, error) {
	rest := p.rest.Load()
	if rest == nil {
		return "", errStopped
	}
	return socket(rest.folder), nil
}

func (p *Project) log() string {
	rest := p.rest.Load()
	if rest == nil {
		return errStopped.Error()
	}
	var lines []string
	for line := range strings.Lines(rest.output()) {
		if !strings.Contains(line, probe) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}
