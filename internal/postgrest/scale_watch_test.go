package postgrest

import (
	"context"
	"fmt"
	"os"
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
		if err := conn.QueryRow(context.Background(), "SELECT pg_stat_clear_snapshot()").Scan(nil); err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(context.Background(), "SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()").Scan(&bytes); err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	before, start := spilt(), time.Now()
	stop, result := make(chan struct{}), make(chan int)
	go func() {
		most := 0
		for {
			most = max(most, memory(conn, function))
			select {
			case <-stop:
				result <- most
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() string {
		took := time.Since(start).Round(time.Millisecond)
		close(stop)
		most := <-result
		time.Sleep(20 * time.Millisecond) // until the statistics have arrived
		told := fmt.Sprintf("%s, at most %d MB of memory of its own, %d MB of temporary files", took, most>>10, (spilt()-before)>>20)
		_ = conn.Close(context.Background())
		return told
	}
}

// memory is how many kB the processes have to themselves that run a function,
// and their helpers.
func memory(conn *pgx.Conn, function string) (sum int) {
	rows, err := conn.Query(context.Background(), `SELECT a.pid FROM pg_stat_activity a
		JOIN pg_stat_activity l ON l.pid = coalesce(a.leader_pid, a.pid)
		WHERE l.datname = current_database() AND l.state = 'active' AND l.query LIKE '%' || $1 || '%' AND l.pid <> pg_backend_pid()`, function)
	if err != nil {
		return 0
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return 0
	}
	for _, pid := range pids {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(status), "RssAnon:")
		var kB int
		if _, err := fmt.Sscan(rest, &kB); err == nil {
			sum += kB
		}
	}
	return sum
}
