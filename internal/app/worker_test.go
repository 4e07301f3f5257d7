package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/simulator"
)

const workerToken = "worker.secret.token"

// harbour is a local Discord for workers that are processes of their own, and the store
// that they share.
type harbour struct {
	t     *testing.T
	sim   *simulator.Simulator
	rest  *httptest.Server
	store store
	env   []string // all that a worker needs
}

func newHarbour(t *testing.T, s store, env ...string) *harbour {
	t.Helper()
	world := simulator.DemoWorld()
	world.Members = nil
	h := &harbour{t: t, store: s, sim: simulator.New(simulator.Config{ApplicationID: simulator.DemoApplicationID,
		BotToken: workerToken, PrivateKey: ed25519.NewKeyFromSeed(make([]byte, 32)), World: world})}
	h.rest = httptest.NewServer(h.sim.REST())
	t.Cleanup(func() {
		if err := h.sim.Close(context.Background()); err != nil {
			t.Error(err)
		}
		h.rest.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	h.env = append([]string{"DISCORD_TOKEN=" + workerToken, "DISCORD_API_URL=" + h.rest.URL}, env...)
	return h
}

// newFileHarbour is newHarbour on SQLite.
func newFileHarbour(t *testing.T) *harbour {
	t.Helper()
	path := filepath.Join(t.TempDir(), "coffer.db")
	s, err := openFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return newHarbour(t, s, "STORE=sqlite", "SQLITE_PATH="+path)
}

// eachHarbour tells a story on each kind of store.
func eachHarbour(t *testing.T, story func(*testing.T, *harbour)) {
	t.Run("sqlite", func(t *testing.T) { story(t, newFileHarbour(t)) })
	t.Run("supabase", func(t *testing.T) {
		thorough(t)
		bank, project := newSupabase(t)
		story(t, newHarbour(t, bank, onSupabase(project)...))
	})
}

// hand is a worker's process.
type hand struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err *lockedBuffer
}

// works starts a process. Nothing but the variables of the worker are set.
func (h *harbour) works(command string, more ...string) *hand {
	h.t.Helper()
	w := &hand{t: h.t, cmd: exec.Command(os.Args[0], command), out: &lockedBuffer{}, err: &lockedBuffer{}}
	w.cmd.Dir = h.t.TempDir() // no .env file there
	w.cmd.Env = append([]string{asProgram + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, append(h.env, more...)...)
	w.cmd.Stdout, w.cmd.Stderr = w.out, w.err
	if err := w.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if w.cmd.ProcessState == nil {
			_ = w.cmd.Process.Kill()
			_ = w.cmd.Wait()
		}
		if strings.Contains(w.out.String()+w.err.String(), "secret") {
			h.t.Errorf("the token is shown:\n%s%s", w.out, w.err)
		}
	})
	return w
}

// says waits until the process has said something, and returns how long that took.
func (w *hand) says(text string, within time.Duration) time.Duration {
	w.t.Helper()
	began := time.Now()
	for ; !strings.Contains(w.out.String(), text); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > within {
			w.t.Fatalf("it does not say %q within %v:\n%s%s", text, within, w.out, w.err)
		}
	}
	return time.Since(began)
}

// ends sends a signal and returns how the process ended.
func (w *hand) ends(signal os.Signal) error {
	_ = w.cmd.Process.Signal(signal)
	return w.cmd.Wait()
}

// crowd has so many join.
func (h *harbour) crowd(from, n int) {
	for i := range n {
		id := fmt.Sprint(990_000 + from + i)
		h.sim.Join(simulator.Member{GuildID: simulator.DemoGuildID, User: simulator.User{ID: id, Username: "crowd" + id}})
	}
}

// members waits until the guild has so many members, and sees that each has the
// starting balance.
func (h *harbour) members(want int) {
	h.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		found, err := h.store.Guilds(h.t.Context(), economy.GuildsQuery{Of: []economy.GuildID{simulator.DemoGuildID}, Limit: 1})
		if err != nil {
			h.t.Fatal(err)
		}
		if len(found.Guilds) == 1 && int(found.Guilds[0].Members) == want {
			break
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("%+v, want %d members", found, want)
		}
	}
	a, err := h.store.Audit(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	if broken, ok := a.Broken(); ok || int(a.Members) != want || int(a.Coins) != 100*want || int(a.Transactions) != want {
		h.t.Errorf("%d members with %d coins in %d transactions, want %d, each with an opening of 100; broken: %+v",
			a.Members, a.Coins, a.Transactions, want, broken)
	}
}

const (
	listens = `"msg":"the gateway is connected"`
	idles   = `"msg":"another process works; this one waits"`
)

func TestAWorkerAloneMeetsWhoJoinsAndWhoJoinedWhileItWasAway(t *testing.T) {
	eachHarbour(t, func(t *testing.T, h *harbour) {
		h.sim.AddGuild(simulator.Guild{ID: "77", Name: "Empty"})
		w := h.works("worker")
		w.says(listens, time.Minute)
		h.crowd(0, 3)
		h.members(3)
		if err := w.ends(syscall.SIGTERM); err != nil || w.err.String() != "" {
			t.Fatalf("%v: %s%s", err, w.out, w.err)
		}
		away := 1100
		if os.Getenv("COFFER_SOAK") != "" {
			away = 5000
		}
		h.crowd(3, away)
		w = h.works("worker")
		w.says(listens, 15*time.Second) // the lease was given back
		h.members(3 + away)

		// A guild that the bot is added to appears, with the default settings.
		h.sim.AddGuild(simulator.Guild{ID: "78", Name: "New"})
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
			found, err := h.store.Guilds(t.Context(), economy.GuildsQuery{Of: []economy.GuildID{simulator.DemoGuildID, "77", "78"}, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			if len(found.Guilds) == 3 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("the store knows %v", found)
			}
		}
		if err := w.ends(os.Interrupt); err != nil {
			t.Errorf("%v: %s", err, w.err)
		}
	})
}

// TestTheNextWorkerTakesOver: at once from one that ends, and when its lease is over from
// one that is killed.
func TestTheNextWorkerTakesOver(t *testing.T) {
	thorough(t)
	h := newFileHarbour(t)
	first := h.works("worker")
	first.says(listens, time.Minute)
	second := h.works("worker")
	second.says(idles, time.Minute)
	h.crowd(0, 1)
	h.members(1)
	if n := h.sim.Gateway().Identified; n != 1 {
		t.Errorf("%d sessions", n)
	}
	if err := first.ends(syscall.SIGTERM); err != nil {
		t.Errorf("%v: %s", err, first.err)
	}
	second.says(listens, 15*time.Second)
	h.crowd(1, 1)
	h.members(2)
	if testing.Short() {
		return // the rest waits for the lease to end
	}
	third := h.works("worker")
	third.says(idles, time.Minute)
	_ = second.ends(syscall.SIGKILL)
	h.crowd(2, 1) // whom nobody hears of
	t.Logf("the third listens after %v", third.says(listens, time.Minute))
	h.members(3)
	if err := third.ends(syscall.SIGTERM); err != nil {
		t.Errorf("%v: %s", err, third.err)
	}
}

func TestAWorkerThatDiscordRefusesEndsWithOneClearLine(t *testing.T) {
	h := newFileHarbour(t)
	h.sim.AllowMembersIntent(false)
	w := h.works("worker")
	err := w.cmd.Wait()
	if code := w.cmd.ProcessState.ExitCode(); code != 1 || strings.Count(w.err.String(), "\n") != 1 ||
		!strings.Contains(w.err.String(), "Server Members Intent") {
		t.Errorf("code %d (%v), stderr:\n%s", code, err, w.err)
	}
	h.sim.AllowMembersIntent(true)
	w = h.works("worker", "DISCORD_TOKEN=another.token.x")
	err = w.cmd.Wait()
	if code := w.cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(w.err.String(), "DISCORD_TOKEN is not valid") {
		t.Errorf("code %d (%v), stderr:\n%s", code, err, w.err)
	}
	h.works("worker").says(listens, 15*time.Second) // the lease was given back each time
}

// TestAServerGoesOnWhoseWorkerIsRefused: the same line, in its log.
func TestAServerGoesOnWhoseWorkerIsRefused(t *testing.T) {
	h := newFileHarbour(t)
	h.sim.AllowMembersIntent(false)
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	w := h.works("serve", fmt.Sprint("PORT=", port), "GATEWAY=on", "DISCORD_CLIENT_ID="+simulator.DemoApplicationID,
		fmt.Sprintf("DISCORD_PUBLIC_KEY=%x", public), "JWT_SECRET_KEY=0123456789abcdef0123456789abcdef-test")
	w.says("Server Members Intent", time.Minute)
	res, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/api/health", port))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("health is %d", res.StatusCode)
	}
	if err := w.ends(syscall.SIGTERM); err != nil {
		t.Errorf("%v: %s", err, w.err)
	}
}

func TestAWorkerSaysWhatItLacks(t *testing.T) {
	inEnvironment(t)
	r := runCommand(t, "worker")
	for _, name := range []string{"DISCORD_TOKEN", "SUPABASE_URL", "SUPABASE_KEY"} {
		if !strings.Contains(r.err, name) {
			t.Errorf("missing %s in:\n%s", name, r.err)
		}
	}
	for _, name := range []string{"DISCORD_PUBLIC_KEY", "JWT_SECRET_KEY", "DISCORD_CLIENT_ID"} {
		if strings.Contains(r.err, name) {
			t.Errorf("a worker needs no %s:\n%s", name, r.err)
		}
	}
	if r.code != 1 {
		t.Errorf("code %d", r.code)
	}
}

// TestABurstOfJoins: of ten thousand in the long run; package gateway has as many with
// every run, without a store.
func TestABurstOfJoins(t *testing.T) {
	thorough(t)
	burst := 1500
	if os.Getenv("COFFER_SOAK") != "" {
		burst = 10_000
	}
	h := newFileHarbour(t)
	w := h.works("worker", "LOG_LEVEL=debug")
	w.says(listens, time.Minute)
	w.says("were compared", time.Minute)
	before := resident(t, w.cmd.Process.Pid)
	h.crowd(0, burst)
	h.members(burst)
	after := resident(t, w.cmd.Process.Pid)
	t.Logf("%d KiB before, %d KiB after", before, after)
	if after > before+100<<10 {
		t.Errorf("the worker has %d KiB before and %d KiB after", before, after)
	}
	if n := h.sim.Gateway().Identified; n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// resident is how much memory a process has, in KiB.
func resident(t *testing.T, pid int) (kib int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("the system does not tell how much memory a process has")
	}
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	if _, err := fmt.Sscan(string(rest), &kib); err != nil {
		t.Fatal(err)
	}
	return kib
}

// TestWhoWasErasedIsNotMetAgainByBeingThere: only by what he does.
func TestWhoWasErasedIsNotMetAgainByBeingThere(t *testing.T) {
	eachHarbour(t, func(t *testing.T, h *harbour) {
		joins := func(id string, when time.Duration) {
			h.sim.Join(simulator.Member{GuildID: simulator.DemoGuildID, User: simulator.User{ID: id, Username: "user" + id},
				JoinedAt: time.Now().Add(when)})
		}
		joins("71", -24*time.Hour)
		joins("72", -24*time.Hour)
		w := h.works("worker")
		h.members(2)
		_ = w.ends(syscall.SIGTERM)
		look := func(user string) []economy.Member {
			t.Helper()
			found, err := h.store.Members(t.Context(), economy.MembersQuery{Guild: simulator.DemoGuildID, Search: user, Limit: 9, At: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			return found.Members
		}
		who := look("71")
		if len(who) != 1 {
			t.Fatalf("%+v", who)
		}
		if _, err := h.store.Erase(t.Context(), economy.Erasure{
			Request: economy.Request{Guild: simulator.DemoGuildID, Source: "test", Key: "1", At: time.Now()},
			Admin:   economy.Person{Admin: 1, Name: "Owner"}, Member: who[0].ID}); err != nil {
			t.Fatal(err)
		}
		joins("73", time.Hour)
		w = h.works("worker")
		w.says(`"new":1`, time.Minute) // the third
		if again := look("71"); len(again) > 0 || len(look("73")) != 1 {
			t.Errorf("who was erased is there: %+v", again)
		}
	})
}
