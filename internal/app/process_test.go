package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is the program, started by a test with its own Discord key.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	key    ed25519.PrivateKey
	stderr *bytes.Buffer
	logs   sync.WaitGroup
	client *http.Client
}

// environment is what `serve` needs for a store at path, with a Discord that
// cannot be reached.
func environment(key ed25519.PrivateKey, port int, path string) []string {
	return environmentOn(key, port, "STORE=sqlite", "SQLITE_PATH="+path)
}

// environmentOn is environment with any store.
func environmentOn(key ed25519.PrivateKey, port int, store ...string) []string {
	return append([]string{
		asProgram + "=1", "PORT=" + strconv.Itoa(port),
		"DISCORD_TOKEN=MTE4MDAwMDAwMDAwMDAwMDAwMQ.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB",
		"DISCORD_CLIENT_ID=1180000000000000001",
		"DISCORD_PUBLIC_KEY=" + hex.EncodeToString(key.Public().(ed25519.PublicKey)),
		"DISCORD_API_URL=http://127.0.0.1:9",
		"JWT_SECRET_KEY=0123456789abcdef0123456789abcdef-test",
		"HOME=" + os.Getenv("HOME"), "PATH=" + os.Getenv("PATH"),
	}, store...)
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// startServe starts `coffer serve` on a database file and returns once it serves.
func startServe(t *testing.T, key ed25519.PrivateKey, path string) *process {
	t.Helper()
	return startServeOn(t, key, "STORE=sqlite", "SQLITE_PATH="+path)
}

// startServeOn is startServe with any store.
func startServeOn(t *testing.T, key ed25519.PrivateKey, store ...string) *process {
	t.Helper()
	port := freePort(t)
	p := &process{t: t, key: key, url: "http://127.0.0.1:" + strconv.Itoa(port), stderr: &bytes.Buffer{},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 30 * time.Second}}
	p.cmd = exec.Command(os.Args[0], "serve")
	p.cmd.Dir = t.TempDir() // no .env file there
	p.cmd.Env = environmentOn(key, port, store...)
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan bool, 1)
	p.logs.Go(func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if strings.Contains(lines.Text(), `"msg":"serving"`) {
				ready <- true
			}
		}
		close(ready)
	})
	t.Cleanup(func() { _ = p.kill() })
	if !<-ready {
		t.Fatalf("serve did not start: %s", p.stderr)
	}
	return p
}

// kill ends the process as a power cut would.
func (p *process) kill() error {
	_ = p.cmd.Process.Kill()
	return p.wait()
}

// stop asks the process to end and returns how it did.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(os.Interrupt)
	return p.wait()
}

// terminate is stop as a platform does it.
func (p *process) terminate() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	return p.wait()
}

func (p *process) wait() error {
	p.logs.Wait()
	p.client.CloseIdleConnections()
	return p.cmd.Wait()
}

// post sends a signed interaction and returns the status and the reply.
func (p *process) post(body []byte) (int, []byte, error) {
	return p.postContext(context.Background(), body)
}

func (p *process) postContext(ctx context.Context, body []byte) (int, []byte, error) {
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/interactions", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("X-Signature-Timestamp", stamp)
	req.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(p.key, append([]byte(stamp), body...))))
	res, err := p.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	reply, err := io.ReadAll(res.Body)
	return res.StatusCode, reply, err
}

// snowflake makes an interaction id for the given time.
func snowflake(at time.Time, n int) string {
	const discordEpoch = 1420070400000
	return strconv.FormatInt((at.UnixMilli()-discordEpoch)<<22|int64(n), 10)
}

// command is a slash command as Discord sends it.
func command(id, user, name string, options ...map[string]any) []byte {
	users, members := map[string]any{}, map[string]any{}
	for _, o := range options {
		if o["type"] == 6 {
			other := o["value"].(string)
			users[other] = map[string]any{"id": other, "username": "u" + other}
			members[other] = map[string]any{"roles": []string{}, "permissions": "0"}
		}
	}
	body, err := json.Marshal(map[string]any{
		"id": id, "application_id": "1180000000000000001", "type": 2, "token": "token-" + id, "version": 1,
		"guild_id": "1180000000000000100", "channel_id": "1180000000000000201", "locale": "en-US",
		"member": map[string]any{"user": map[string]any{"id": user, "username": "u" + user}, "roles": []string{}, "permissions": "0"},
		"data": map[string]any{"id": "1", "name": name, "type": 1, "options": options,
			"resolved": map[string]any{"users": users, "members": members}},
	})
	if err != nil {
		panic(fmt.Sprintf("a command that is no JSON: %v", err))
	}
	return body
}

func option(kind int, name string, value any) map[string]any {
	return map[string]any{"type": kind, "name": name, "value": value}
}
