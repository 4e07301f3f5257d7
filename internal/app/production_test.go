package app

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"coffer/internal/simulator"
	"coffer/internal/supabasetest"
)

// asDiscord makes the test binary a local Discord on the port that it names, with the
// seed of its key and the address of the program.
const asDiscord = "COFFER_TEST_AS_DISCORD"

const localBotToken = "local.bot.token"

// serveDiscord is a Discord as a process of its own: REST and gateway, and the control
// API that "coffer say" speaks to.
func serveDiscord() {
	port, seed, interactions := os.Getenv(asDiscord), os.Getenv("COFFER_TEST_SEED"), os.Getenv("COFFER_TEST_INTERACTIONS")
	bare, err := hex.DecodeString(seed)
	if err != nil {
		panic(err)
	}
	sim := simulator.New(simulator.Config{ApplicationID: simulator.DemoApplicationID, BotToken: localBotToken,
		PrivateKey: ed25519.NewKeyFromSeed(bare), InteractionsURL: interactions, World: simulator.DemoWorld(), AnswerWithin: answered})
	rest, control := sim.REST(), sim.Control()
	err = http.ListenAndServe(net127(port), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/simulator/") {
			control.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	}))
	panic(err)
}

func net127(port string) string { return "127.0.0.1:" + port }

// installation is the program as it is deployed: built, on a Supabase, with the
// gateway's worker, and Discord elsewhere.
type installation struct {
	t       *testing.T
	binary  string
	environ []string
	url     string
	discord string // its port
	log     *lockedBuffer
}

// install builds the program, prepares everything as README.md says, and serves.
func install(t *testing.T) *installation {
	t.Helper()
	s := &installation{t: t, binary: filepath.Join(t.TempDir(), "coffer"), log: &lockedBuffer{}}
	build := exec.Command("go", "build", "-o", s.binary, "coffer")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	project := supabasetest.New(t, nil, supabasetest.From(migrated))
	port := strconv.Itoa(freePort(t))
	s.url, s.discord = "http://"+net127(port), strconv.Itoa(freePort(t))
	s.environ = append([]string{"PORT=" + port, "DISCORD_TOKEN=" + localBotToken, "DISCORD_CLIENT_ID=" + simulator.DemoApplicationID,
		"DISCORD_PUBLIC_KEY=" + hex.EncodeToString(public), "DISCORD_API_URL=http://" + net127(s.discord), "GATEWAY=on",
		"JWT_SECRET_KEY=0123456789abcdef0123456789abcdef-test", "ADMIN_USERNAME=owner", "ADMIN_PASSWORD=a password of twelve",
		"HOME=" + os.Getenv("HOME"), "PATH=" + os.Getenv("PATH")}, onSupabase(project)...)

	s.start(exec.Command(os.Args[0]), []string{asDiscord + "=" + s.discord, "COFFER_TEST_SEED=" + hex.EncodeToString(key.Seed()),
		"COFFER_TEST_INTERACTIONS=" + s.url + "/interactions"}, "http://"+net127(s.discord)+"/simulator/state")
	s.run("register")
	s.start(exec.Command(s.binary, "serve"), s.environ, s.url+"/api/health")
	return s
}

// start starts a process and waits until an address answers.
func (s *installation) start(cmd *exec.Cmd, environ []string, answers string) {
	s.t.Helper()
	cmd.Env, cmd.Dir = environ, s.t.TempDir()
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd.Stderr = s.log
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			_, _ = s.log.Write(append(bytes.Clone(lines.Bytes()), '\n'))
		}
	}()
	s.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-done
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		res, err := http.Get(answers)
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				http.DefaultClient.CloseIdleConnections()
				return
			}
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s does not answer: %v\n%s", answers, err, s.log)
		}
	}
}

// run runs one of the program's commands and returns what it prints.
func (s *installation) run(args ...string) string {
	s.t.Helper()
	cmd := exec.Command(s.binary, args...)
	cmd.Env, cmd.Dir = s.environ, s.t.TempDir()
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("coffer %s: %v\n%s\n%s", strings.Join(args, " "), err, out, s.log)
	}
	return string(out)
}

// say has somebody say a line in Discord, click what comes, and see all of the words.
func (s *installation) say(as, line string, clicks []string, words ...string) {
	s.t.Helper()
	args := []string{"say", "--port", s.discord, "--as", as, line}
	for _, label := range clicks {
		args = append(args, "--click", label)
	}
	if out := s.run(args...); !has(out, words) {
		s.t.Errorf("%s says %s: missing %q in:\n%s", as, line, words, out)
	}
}

// joins has somebody join the server in Discord.
func (s *installation) joins(name string) {
	s.t.Helper()
	res, err := http.Post("http://"+net127(s.discord)+"/simulator/members", "application/json", strings.NewReader(fmt.Sprintf(`{"name":%q}`, name)))
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		s.t.Fatalf("nobody joins: %s", res.Status)
	}
}

// TestTheFourFlowsInProduction walks what communities live on with each part a process of
// its own: the built program on a Supabase, its gateway's worker, Discord, and the
// dashboard in a browser, which is never loaded anew.
func TestTheFourFlowsInProduction(t *testing.T) {
	thorough(t)
	b := newBrowser(t)
	s := install(t)
	p := b.open(t, s.url+"/", 1360, 900, "light")
	p.enter("Name", "owner")
	p.enter("Password", "a password of twelve")
	p.click("button", "Sign in")
	p.until(`[...document.querySelectorAll('a')].some((a) => a.pathname.startsWith('/guilds/'))`)

	// Somebody joins, and is a member.
	p.visit(demoGuild+"/members", "Members")
	p.live()
	s.joins("zed")
	p.shows("tr", "zed")

	// He claims, and his balance changes on the screen.
	s.say("zed", "/daily", nil, "+100", "200")
	p.until(`[...document.querySelectorAll('tr')].some((r) => r.innerText.includes('zed') && r.innerText.includes('200'))`)

	// A task is made on the dashboard, done in Discord, approved on the dashboard, and paid.
	s.say("ada", "/admin settings task_channel:#tasks review_channel:#reviews", nil, "tasks")
	p.visit(demoGuild+"/tasks/new", "New task")
	p.enter("Title", "Tell a story")
	p.enter("Reward", "1000")
	p.click("button", "Create and open")
	p.shows(".toast", "The task is open")
	s.say("zed", "/tasks", nil, "Tell a story", "1,000")
	s.say("zed", `/task claim task:"Tell a story"`, nil, "Tell a story")
	s.say("zed", `/task submit task:"Tell a story" text:"It was a dark night."`, nil, "Tell a story")
	p.visit(demoGuild+"/reviews", "Reviews")
	p.shows("article", "It was a dark night.")
	p.click("button", "Approve and pay 1,000")
	p.shows(".toast", "was paid 1,000")
	s.say("zed", "/balance", nil, "1,200")

	// An item is put on sale and bought, and its stock falls on the screen.
	p.visit(demoGuild+"/items/new", "New item")
	p.enter("Name", "Lantern")
	p.enter("Price", "40")
	p.click("label", "There are only so many")
	p.enter("Pieces left to sell", "2")
	p.click("button", "Create")
	p.shows(".toast", "in the shop")
	p.visit(demoGuild+"/items", "Items")
	p.shows("tr", "Lantern")
	s.say("zed", "/buy item:Lantern", []string{"Confirm"}, "Bought", "Lantern", "1,160")
	p.until(`[...document.querySelectorAll('tr')].some((r) => r.innerText.includes('Lantern') && /\b1\b.*\b1$/s.test(r.innerText.trim()))`)
	s.say("zed", "/inventory", nil, "Lantern")

	if out := s.run("audit"); !strings.Contains(out, "ok ") {
		t.Errorf("audit: %s", out)
	}
}
