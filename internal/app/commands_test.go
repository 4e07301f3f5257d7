package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"coffer/internal/config"
	"coffer/internal/simulator"
)

// result is what a command did.
type result struct {
	code     int
	out, err string
}

func runCommand(t *testing.T, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := Main(t.Context(), args, &out, &errs)
	return result{code, out.String(), errs.String()}
}

// oneLine fails unless the command failed with exit code 1 and one line on
// stderr that holds every part.
func (r result) oneLine(t *testing.T, parts ...string) {
	t.Helper()
	if r.code != 1 || strings.Count(r.err, "\n") != 1 {
		t.Errorf("code %d, stderr:\n%s\nwant code 1 and one line", r.code, r.err)
	}
	for _, part := range parts {
		if !strings.Contains(r.err, part) {
			t.Errorf("missing %q in %q", part, r.err)
		}
	}
}

// inEnvironment sets exactly the given variables, as NAME=value, and works in
// an empty directory.
func inEnvironment(t *testing.T, variables ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, v := range config.Variables() {
		t.Setenv(v.Name, "")
	}
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
}

func notADatabase(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "coffer.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("Dear Ada, "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTroubleAtTheStartIsOneClearLine(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	file := notADatabase(t)

	t.Run("demo on a taken port", func(t *testing.T) {
		runCommand(t, "demo", "--port", strconv.Itoa(port)).oneLine(t, strconv.Itoa(port), "taken", "--port")
	})
	t.Run("demo in a directory that cannot be", func(t *testing.T) {
		runCommand(t, "demo", "--port=0", "--data", filepath.Join(file, "below-a-file")).oneLine(t, "data directory", "--data")
	})
	t.Run("demo on a broken database", func(t *testing.T) {
		runCommand(t, "demo", "--port=0", "--data", filepath.Dir(file)).oneLine(t, "cannot use the database", "not a database")
	})
	t.Run("serve on a broken database", func(t *testing.T) {
		inEnvironment(t, environment(key, freePort(t), file)...)
		runCommand(t, "serve").oneLine(t, "cannot use the database", "not a database")
	})
	t.Run("serve where nothing can be written", func(t *testing.T) {
		inEnvironment(t, environment(key, freePort(t), filepath.Join(file, "below-a-file"))...)
		runCommand(t, "serve").oneLine(t, "cannot open the database")
	})
	t.Run("serve on a taken port", func(t *testing.T) {
		all, err := net.Listen("tcp", ":0")
		if err != nil {
			t.Fatal(err)
		}
		defer all.Close()
		inEnvironment(t, environment(key, all.Addr().(*net.TCPAddr).Port, filepath.Join(t.TempDir(), "coffer.db"))...)
		runCommand(t, "serve").oneLine(t, "taken", "PORT")
	})
	t.Run("audit of nothing", func(t *testing.T) {
		runCommand(t, "audit", "--db", filepath.Join(t.TempDir(), "none.db")).oneLine(t, "cannot open the database")
	})
	t.Run("say to nobody", func(t *testing.T) {
		runCommand(t, "say", "/daily", "--port", strconv.Itoa(freePort(t))).oneLine(t, "no demo is running", "go run . demo")
	})
}

func TestServeListsEverythingThatIsMissing(t *testing.T) {
	inEnvironment(t, "PORT=eighty")
	r := runCommand(t, "serve")
	if r.code != 1 {
		t.Errorf("code %d, want 1", r.code)
	}
	for _, name := range []string{"DISCORD_TOKEN", "DISCORD_CLIENT_ID", "DISCORD_PUBLIC_KEY", "SUPABASE_URL", "SUPABASE_KEY", "JWT_SECRET_KEY", "PORT"} {
		if !strings.Contains(r.err, name) {
			t.Errorf("missing %s in:\n%s", name, r.err)
		}
	}
}

func TestACommandLineThatIsWrongIsExitCode2(t *testing.T) {
	for _, args := range [][]string{{"dance"}, {"demo", "--port=x"}, {"demo", "--log=loud"}, {"say"}} {
		if r := runCommand(t, args...); r.code != 2 || r.err == "" {
			t.Errorf("%v: code %d, %q", args, r.code, r.err)
		}
	}
	for _, args := range [][]string{{}, {"--help"}, {"serve", "--help"}} {
		if r := runCommand(t, args...); r.code != 0 || !strings.Contains(r.out, "Usage: coffer") {
			t.Errorf("%v: code %d, %q", args, r.code, r.out)
		}
	}
}

func TestServeIsHealthyWithoutDiscordAndStopsOnASignal(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := startServe(t, key, filepath.Join(t.TempDir(), "coffer.db"))
	res, err := p.client.Get(p.url + "/api/health")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body struct {
		Status, Service, Version string
		Timestamp                time.Time
		Checks                   map[string]string
	}
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 200 || body.Status != "healthy" || body.Service != "coffer" || body.Version == "" ||
		body.Timestamp.IsZero() || body.Checks["store"] != "ok" {
		t.Errorf("%d %+v", res.StatusCode, body)
	}
	if err := p.stop(); err != nil {
		t.Errorf("%v: %s", err, p.stderr)
	}
	if p.stderr.Len() > 0 {
		t.Errorf("stderr: %s", p.stderr)
	}
}

func TestTheDemoCanBeSpokenToAndLeavesNothingBehind(t *testing.T) {
	temp := t.TempDir()
	cmd := exec.Command(os.Args[0], "demo", "--port=0")
	cmd.Env = append(os.Environ(), asProgram+"=1", "TMPDIR="+temp)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	said, port := readUntil(t, stdout, "Ctrl-C"), ""
	if _, rest, ok := strings.Cut(said, "--port "); ok {
		port, _, _ = strings.Cut(rest, "\n")
	}
	daily := runCommand(t, "say", "/daily", "--as", "ada", "--port", port)
	if daily.code != 0 || !strings.Contains(daily.out, "doubloons") && !strings.Contains(daily.out, "🪙") {
		t.Errorf("say: %+v", daily)
	}
	board := runCommand(t, "say", "/leaderboard", "--as=bob", "--port", port, "--click", "next")
	if board.code != 0 || !strings.Contains(board.out, "Page 1") || !strings.Contains(board.out, "Page 2") {
		t.Errorf("say: %+v", board)
	}
	said = talk(t, port, "bob", "/shop", "--click", "Deckhand's badge", "--click", "Buy", "--click", "Confirm")
	for _, want := range []string{"[Look at something ▾]", "@Deckhand for 7 days", "bob clicks [Deckhand's badge]", "Bought", "in 7 days"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in:\n%s", want, said)
		}
	}
	talk(t, port, "bob", "/tasks", "--click", "logbook", "--click", "Claim", "--click", "Hand in", "--fill", "Fog, all week.")
	said = talk(t, port, "chidi", "/review", "--click", "Reject", "--fill", "Two words more.")
	if !strings.Contains(said, "Fog, all week.") || !strings.Contains(said, "Why? The member reads it.: Two words more.") || !strings.Contains(said, "rejected by @Chidi") {
		t.Errorf("said:\n%s", said)
	}
	runCommand(t, "say", "/nonsense", "--port", port).oneLine(t, "There is no command /nonsense")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(stdout)
	if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
		t.Errorf("the demo ended with %v: %s", err, &stderr)
	}
	if !strings.Contains(string(rest), "Stopped.") {
		t.Errorf("last words: %q", rest)
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// talk says a line in a running demo and returns what is printed.
func talk(t *testing.T, port, who, line string, more ...string) string {
	t.Helper()
	r := runCommand(t, append([]string{"say", line, "--as", who, "--port", port}, more...)...)
	if r.code != 0 {
		t.Errorf("%s: %+v", line, r)
	}
	return r.out
}

// readUntil reads until a line has the text, and returns all up to it.
func readUntil(t *testing.T, r io.Reader, text string) string {
	t.Helper()
	var all []byte
	one := make([]byte, 1)
	for !strings.Contains(string(all), text) {
		if _, err := io.ReadFull(r, one); err != nil {
			t.Fatalf("%v after:\n%s", err, all)
		}
		all = append(all, one...)
	}
	return string(all)
}

func TestTheDemoKeepsItsDataWhenAsked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	totals := make([]string, 0, 2)
	for range 2 {
		ctx, stop := context.WithCancel(t.Context())
		said := &signalWriter{text: "Ctrl-C", then: stop}
		if code := Main(ctx, []string{"demo", "--port=0", "--data", dir}, said, io.Discard); code != 0 {
			t.Fatalf("code %d", code)
		}
		r := runCommand(t, "audit", "--db", filepath.Join(dir, "coffer.db"))
		if r.code != 0 {
			t.Fatal(r.err)
		}
		totals = append(totals, strings.Split(r.out, "\n")[1])
	}
	if totals[0] != totals[1] || !strings.Contains(totals[0], "12 members") {
		t.Errorf("after the first run: %s\nafter the second: %s", totals[0], totals[1])
	}
}

// signalWriter calls then once the text has been written.
type signalWriter struct {
	all  bytes.Buffer
	text string
	then func()
}

func (w *signalWriter) Write(p []byte) (int, error) {
	defer func() {
		if strings.Contains(w.all.String(), w.text) {
			w.then()
		}
	}()
	return w.all.Write(p)
}

func TestAuditNamesWhatIsBrokenBesideARunningServer(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "coffer.db")
	p := startServe(t, key, path)
	for i := range 5 {
		if status, reply, err := p.post(command(snowflake(time.Now(), i), strconv.Itoa(100000+i), "daily")); status != http.StatusOK {
			t.Fatal(status, string(reply), err)
		}
	}
	if r := runCommand(t, "audit", "--db", path); r.code != 0 || !strings.Contains(r.out, "5 members, 10 transactions, 20 entries, 1000 coins") {
		t.Errorf("%+v", r)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("UPDATE members SET balance = balance + 1 WHERE user_id = '100003'"); err != nil {
		t.Fatal(err)
	}
	r := runCommand(t, "audit", "--db", path)
	r.oneLine(t, "balances_match", "member")
	if strings.Contains(r.err+r.out, "100003") {
		t.Errorf("the audit shows a Discord id: %s%s", r.out, r.err)
	}
}

func TestRegisterSendsOnlyChanges(t *testing.T) {
	inEnvironment(t)
	dry := runCommand(t, "register", "--dry-run")
	var definitions []map[string]any
	if err := json.Unmarshal([]byte(dry.out), &definitions); dry.code != 0 || err != nil || len(definitions) < 7 {
		t.Fatalf("dry run: %+v, %v", dry, err)
	}

	token := "a.b.c"
	sim := simulator.New(simulator.Config{ApplicationID: simulator.DemoApplicationID, BotToken: token,
		PrivateKey: ed25519.NewKeyFromSeed(make([]byte, 32)), World: simulator.DemoWorld()})
	var bodies []string
	rest := http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if r.Method == http.MethodPut {
			bodies = append(bodies, string(body))
		}
		sim.REST().ServeHTTP(rw, r)
	})}
	listener, err := listen(demoHost, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = rest.Serve(listener) }()
	t.Cleanup(func() { _ = rest.Close(); _ = sim.Close(context.Background()) })

	inEnvironment(t, "DISCORD_TOKEN="+token, "DISCORD_CLIENT_ID="+simulator.DemoApplicationID,
		"DISCORD_API_URL=http://"+listener.Addr().String())
	for i, want := range []string{"Registered", "nothing was sent", "Registered", "nothing was sent"} {
		args := []string{"register"}
		if i >= 2 {
			args = append(args, "--guild", simulator.DemoGuildID)
		}
		if r := runCommand(t, args...); r.code != 0 || !strings.Contains(r.out, want) {
			t.Errorf("%d: %+v, want %q", i, r, want)
		}
	}
	if len(bodies) != 2 || slices.ContainsFunc(bodies, func(b string) bool { return b != strings.TrimSpace(dry.out) }) {
		t.Errorf("sent %d bodies; each must be what the dry run prints", len(bodies))
	}
}

func TestRegisterSaysWhatDiscordRefuses(t *testing.T) {
	w := newTown(t, nil)
	inEnvironment(t, "DISCORD_TOKEN=wrong.token.here", "DISCORD_CLIENT_ID="+simulator.DemoApplicationID,
		"DISCORD_API_URL=http://"+w.rest.Addr().String())
	r := runCommand(t, "register")
	r.oneLine(t, "401")
	if strings.Contains(r.err, "wrong.token") {
		t.Errorf("the token is shown: %s", r.err)
	}
}
