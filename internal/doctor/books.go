package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// reachable opens the store and has it tell of itself.
func (e *examiner) reachable(ctx context.Context) Finding {
	store, newer, err := e.Open(ctx)
	switch {
	case errors.Is(err, ErrKey) || errors.Is(err, ErrSchema):
		e.openErr = err // it is there; the next checks tell
		return pass("answers")
	case err != nil:
		return fail(err.Error(), "Without its store the server does not start.")
	}
	e.store, e.newer = store, newer
	before := time.Now()
	if e.condition, err = store.Condition(ctx); err != nil {
		return fail("does not tell of itself: "+err.Error(), "Try again; if it stays so, look at the store's own log.")
	}
	e.skew = skew{e.condition.At.Sub(e.Now()), time.Since(before)}
	return pass("answers, in %d ms", time.Since(before).Milliseconds())
}

func (e *examiner) key(context.Context) Finding {
	const advice = "Set SUPABASE_KEY to the project's secret key (sb_secret_...), from its settings under API Keys."
	switch {
	case errors.Is(e.openErr, ErrKey):
		return fail(e.openErr.Error(), advice)
	case e.openErr != nil:
		return skip("cannot be seen before the schema is there")
	case e.condition.Access.Role != "service_role":
		return fail(fmt.Sprintf("makes the server %q, not service_role", e.condition.Access.Role), advice)
	}
	return pass("makes the server service_role")
}

func (e *examiner) schema(context.Context) Finding {
	switch {
	case errors.Is(e.openErr, ErrKey):
		return skip("cannot be seen without the right key")
	case e.openErr != nil && e.Supabase:
		return fail(e.openErr.Error(), "Run coffer migrate.")
	case e.openErr != nil:
		return fail(e.openErr.Error(), "An older file is brought up to date by coffer serve; a newer one needs the program that it was last served with.")
	case e.newer:
		return warn("newer than this program", "That is right while a deployment is taken back; otherwise install the newer program.")
	}
	return pass("is this program's")
}

func (e *examiner) rowSecurity(context.Context) Finding {
	if open := e.condition.Access.Unprotected; len(open) > 0 {
		return fail("off, or loosened by a policy, on: "+some(open),
			"In Supabase's SQL editor: ALTER TABLE coffer."+open[0]+" ENABLE ROW LEVEL SECURITY; and drop the policies of Coffer's tables.")
	}
	return pass("on for all tables, and no policy loosens it")
}

// others asks Postgres who may do what, and then tries from outside, without a key,
// what could not change anything even if it were allowed.
func (e *examiner) others(ctx context.Context) Finding {
	a := e.condition.Access
	if len(a.Open) > 0 {
		return fail(some(a.Open), "Run in Supabase's SQL editor: CALL coffer.keep_private(); and revoke what was granted on tables: REVOKE ALL ON ALL TABLES IN SCHEMA coffer FROM anon, authenticated, service_role;")
	}
	paths := []string{"/"}
	for _, table := range a.Tables {
		paths = append(paths, "/"+table+"?limit=0")
	}
	var mu sync.Mutex
	var open, silent []string
	together(paths, 6, func(path string) {
		status, err := e.knock(ctx, path)
		mu.Lock()
		defer mu.Unlock()
		refused := status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotAcceptable
		switch {
		case err != nil, status >= 400 && !refused: // an outage refuses nobody
			silent = append(silent, path)
		case !refused:
			open = append(open, fmt.Sprintf("%s answers %d without a key", path, status))
		}
	})
	switch {
	case len(open) > 0:
		slices.Sort(open)
		return fail(some(open), "Take the schema coffer out of the exposed schemas (Supabase's settings under Data API), and let nobody pass without a key.")
	case len(silent) > 0:
		return fail(fmt.Sprintf("%d of %d requests without a key were neither let in nor refused", len(silent), len(paths)), "Try again.")
	}
	return pass("anon and authenticated may do nothing with %d functions and %d tables; without a key %d requests were refused",
		a.Functions, len(a.Tables), len(paths))
}

// knock asks for the head of what the project serves, as nobody.
func (e *examiner) knock(ctx context.Context, path string) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, e.SupabaseAPI+path, nil)
	if err != nil {
		return 0, err
	}
	if path != "/" {
		req.Header.Set("Accept-Profile", "coffer")
	}
	res, err := e.http.Do(req)
	if err != nil {
		return 0, err
	}
	_ = res.Body.Close()
	return res.StatusCode, nil
}

// together does something for each of a list, a few at once.
func together[T any](list []T, most int, do func(T)) {
	var group sync.WaitGroup
	room := make(chan struct{}, most)
	for _, v := range list {
		room <- struct{}{}
		group.Go(func() {
			defer func() { <-room }()
			do(v)
		})
	}
	group.Wait()
}

// skew is how far another clock is ahead, and how wrong that may be.
type skew struct{ by, unsure time.Duration }

// finding judges a clock. Discord's signatures and the store's deadlines tell times
// apart by seconds to minutes.
func (s skew) finding(whose string) Finding {
	ahead := max(s.by.Abs()-s.unsure, 0)
	direction := "behind"
	if s.by < 0 {
		direction = "ahead of"
	}
	detail := fmt.Sprintf("this clock is about %s %s %s", s.by.Abs().Round(time.Second), direction, whose)
	const advice = "Have the clock set by NTP (timedatectl set-ntp true)."
	switch {
	case ahead > time.Minute:
		return fail(detail, advice, "Discord's interactions are refused where clocks differ by more than 5 minutes.")
	case ahead > 2*time.Second:
		return warn(detail, advice)
	}
	return pass("agrees with %s", whose)
}

func (e *examiner) storeClock(context.Context) Finding { return e.skew.finding("the database's") }

// disk judges where the file is. A disk that does not survive a deployment looks like
// any other from inside, but for what the platform says.
func (e *examiner) disk(context.Context) Finding {
	path, err := filepath.Abs(e.File)
	if err != nil {
		return fail(err.Error(), "Set SQLITE_PATH to a whole path.")
	}
	within := func(dir string) bool {
		rest, err := filepath.Rel(dir, path)
		return err == nil && dir != "" && filepath.IsLocal(rest)
	}
	switch {
	case e.Railway && !within(e.Volume):
		return warn(path+" is gone with the next deployment", "Attach a volume to the service and set SQLITE_PATH to a file in it.")
	case within(os.TempDir()):
		return warn(path+" is in the directory of temporary files", "Set SQLITE_PATH to a disk that survives a restart.")
	}
	if err := hasRoom(filepath.Dir(path)); err != nil && !errors.Is(err, fs.ErrNotExist) { // whether it is there, the store tells
		return fail("there can be no new file beside "+path+": "+err.Error(),
			"Make room on the disk, and let the server's user write to the directory.", "Until then every write is refused.")
	}
	return pass("%s is not in a place that is known to be emptied", path)
}

// hasRoom writes a file to a directory, and removes it.
func hasRoom(dir string) error {
	const room = 1 << 20 // about what a busy minute writes
	f, err := os.CreateTemp(dir, "coffer-doctor-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, room))
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
}

func (e *examiner) books(ctx context.Context) Finding {
	audit, err := e.store.Audit(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return warn("were not proved in the time there is here", "Run coffer audit, which takes its time.")
	case err != nil:
		return fail("could not be audited: "+err.Error(), "Run coffer audit.")
	}
	if broken, ok := audit.Broken(); ok {
		return fail(fmt.Sprintf("broken: %s (%s): %d rows, such as %s", broken.Name, broken.Statement, broken.Broken, broken.Example),
			"Stop the server, keep a copy of the store, and run coffer audit.")
	}
	return pass("balanced: %d invariants hold over %d transactions of %d members", len(audit.Findings), audit.Transactions, audit.Members)
}

// The times after which deliveries are looked into. A server that runs looks for what
// is due every few seconds, and puts off what fails.
const (
	stuckAfter = 2 * time.Minute
	lateAfter  = time.Hour
)

func (e *examiner) outbox(context.Context) Finding {
	c := e.condition
	late, old := c.At.Sub(c.Due), c.At.Sub(c.Oldest)
	switch {
	case c.Waiting > 0 && late > stuckAfter:
		return fail(fmt.Sprintf("stuck: %d wait, and one was due %s ago", c.Waiting, late.Round(time.Second)),
			"See that a server runs on this store and look for \"deliver\" in its log.")
	case c.Failed > 0:
		return warn(fmt.Sprintf("given up: %d (%d wait)", c.Failed, c.Waiting), "See why with /admin deliveries or in the dashboard, and retry them there.")
	case c.Waiting > 0 && old > lateAfter:
		return warn(fmt.Sprintf("%d wait, the oldest for %s", c.Waiting, old.Round(time.Minute)), "See why with /admin deliveries or in the dashboard.")
	}
	return pass("%d wait, none late, none given up", c.Waiting)
}

// healthSetting is where Railway is told what to ask, in either of its forms.
var healthSetting = regexp.MustCompile(`(?m)^\s*healthcheckPath\s*[=:]\s*["']([^"']*)["']`)

// healthPath compares the path that Railway asks with the server's.
func (e *examiner) healthPath(context.Context) Finding {
	const name = "healthcheckPath"
	files := slices.Sorted(maps.Keys(e.Deployment))
	for _, file := range files {
		switch said := healthSetting.FindStringSubmatch(e.Deployment[file]); {
		case said == nil:
			return fail(file+" has no "+name, "Set "+name+" to \""+e.HealthPath+"\" there, or broken deployments replace good ones.")
		case said[1] != e.HealthPath:
			return fail(fmt.Sprintf("%s says %q, the server answers at %s", file, said[1], e.HealthPath), "Set "+name+" to \""+e.HealthPath+"\" there, or no deployment becomes healthy.")
		}
	}
	return pass("%s in the program and in %s", e.HealthPath, strings.Join(files, " and "))
}
