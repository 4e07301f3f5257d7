package main

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// key signs everything, as Discord would.
var key = ed25519.NewKeyFromSeed([]byte("a seed for benchmarks, not secret"[:ed25519.SeedSize]))

const bareAddress = "COFFER_BENCHMARK_BARE"

// laboratory is where the servers run.
type laboratory struct {
	binary string   // the product
	log    *os.File // where it writes its log, as a deployed program writes its own somewhere
	cores  *cores
}

// server is a process under measurement.
type server struct {
	cmd     *exec.Cmd
	address string
}

func build(ctx context.Context, binary string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "coffer") //nolint:gosec // a path of our own
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build coffer: %w: %s", err, out)
	}
	return nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (l *laboratory) start(ctx context.Context, binary string, address string, environ []string, args ...string) (*server, error) {
	s := &server{exec.CommandContext(ctx, binary, args...), address} //nolint:gosec // what we have built ourselves
	s.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, environ...)
	s.cmd.Dir = os.TempDir() // away from any .env file
	s.cmd.Stdout, s.cmd.Stderr = l.log, os.Stderr
	if err := l.cores.start(s.cmd); err != nil {
		return nil, err
	}
	for {
		c, err := net.Dial("tcp", address)
		if err == nil {
			return s, c.Close()
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		time.Sleep(time.Millisecond)
	}
}

func (l *laboratory) startBare(ctx context.Context) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return l.start(ctx, self, address, []string{bareAddress + "=" + address})
}

func (l *laboratory) startCoffer(ctx context.Context, store []string) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	return l.start(ctx, l.binary, address, append([]string{
		"PORT=" + port, "ADMIN_USERNAME=" + ownersName, "ADMIN_PASSWORD=" + ownersPassword,
		"DISCORD_TOKEN=benchmark.benchmark.benchmark", "DISCORD_CLIENT_ID=" + applicationID,
		"DISCORD_PUBLIC_KEY=" + hex.EncodeToString(key.Public().(ed25519.PublicKey)),
		"DISCORD_API_URL=http://127.0.0.1:9", "JWT_SECRET_KEY=benchmark-benchmark-benchmark-benchmark",
	}, store...), "serve")
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
}

// cpu is the time that all threads of the process have run.
func (s *server) cpu() (time.Duration, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.cmd.Process.Pid))
	if err != nil || len(threads) == 0 {
		return 0, errors.Join(errors.New("no /proc/PID/task/*/schedstat: this needs Linux"), err)
	}
	var total time.Duration
	for _, path := range threads {
		stat, err := os.ReadFile(path) //nolint:gosec // of the process we started
		if err != nil {
			continue // the thread has ended
		}
		ns, err := strconv.ParseInt(strings.Fields(string(stat))[0], 10, 64)
		if err != nil {
			return 0, err
		}
		total += time.Duration(ns)
	}
	return total, nil
}

// memory is the resident memory of the process in bytes.
func (s *server) memory() (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	return kb << 10, err
}

// coldStart is the time from starting the program on an existing database to
// its first PONG, the median of five.
func (l *laboratory) coldStart(ctx context.Context, store []string) (time.Duration, error) {
	var took []time.Duration
	for range 5 {
		began := time.Now()
		s, err := l.startCoffer(ctx, store)
		if err != nil {
			return 0, err
		}
		c, err := dial(s.address)
		if err == nil {
			_, err = c.do(sign(s.address, ping(0)))
			_ = c.Close()
		}
		took = append(took, time.Since(began))
		s.stop()
		if err != nil {
			return 0, err
		}
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// serveBare is the handler that everything is compared with.
func serveBare(address string) {
	public := key.Public().(ed25519.PublicKey)
	srv := &http.Server{Addr: address, ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signature, err := hex.DecodeString(r.Header.Get("X-Signature-Ed25519"))
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || !ed25519.Verify(public, append([]byte(r.Header.Get("X-Signature-Timestamp")), body...), signature) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"type":1}`)
	})}
	_ = srv.ListenAndServe()
}

func machine() {
	info, _ := os.ReadFile("/proc/cpuinfo")
	name := "unknown processor"
	if _, rest, ok := strings.Cut(string(info), "model name"); ok {
		name = strings.TrimLeft(strings.SplitN(rest, "\n", 2)[0], "\t :")
	}
	fmt.Printf("%s, %d cores\n", name, strings.Count(string(info), "processor\t"))
}
