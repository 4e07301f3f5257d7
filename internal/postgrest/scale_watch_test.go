package postgrest

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// watch looks at what the server's processes that run a function need, until the
// returned function is called, which tells it.
func (p *project) watch(t *testing.T, function string) (done func() string) {
	t.Helper()
	conn := must[*pgx.Conn](t)(pgx.Connect(t.Context(), p.SuperuserURL()))
	spilt := func() (bytes int64) {
		if err := conn.QueryRow(context.Background(), "SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()").Scan(&bytes); err != nil {
			t.Error(err)
		}
		return bytes
	}
	before, start := spilt(), time.Now()
	stop, result := make(chan struct{}), make(chan *needs)
	go func() {
		n := &needs{began: map[int]time.Duration{}, spent: map[int]time.Duration{}}
		for {
			n.look(conn, function)
			select {
			case <-stop:
				result <- n
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() string {
		took := time.Since(start).Round(time.Millisecond)
		close(stop)
		n := <-result
		var processor time.Duration
		for pid, spent := range n.spent {
			processor += spent - n.began[pid]
		}
		told := fmt.Sprintf("%s (%s of a processor), at most %d MB of memory of its own, %d MB of temporary files",
			took, processor.Round(time.Millisecond), n.memory>>10, (spilt()-before)>>20)
		_ = conn.Close(context.Background())
		return told
	}
}

// needs is what processes were seen to need.
type needs struct {
	memory       int // kB
	began, spent map[int]time.Duration
}

// look asks about the processes that run a function, and their helpers.
func (n *needs) look(conn *pgx.Conn, function string) {
	rows, err := conn.Query(context.Background(), `SELECT a.pid FROM pg_stat_activity a
		JOIN pg_stat_activity l ON l.pid = coalesce(a.leader_pid, a.pid)
		WHERE l.datname = current_database() AND l.state = 'active' AND l.query LIKE '%' || $1 || '%' AND l.pid <> pg_backend_pid()`, function)
	if err != nil {
		return
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return
	}
	memory := 0
	for _, pid := range pids {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // nothing, where there is no such thing
		_, rest, _ := strings.Cut(string(status), "RssAnon:")
		var kB int
		_, _ = fmt.Sscan(rest, &kB)
		memory += kB
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) < 13 {
			continue
		}
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		spent := time.Duration(user+system) * 10 * time.Millisecond // a tick of Linux
		if _, known := n.began[pid]; !known {
			n.began[pid] = spent
		}
		n.spent[pid] = spent
	}
	n.memory = max(n.memory, memory)
}
