package postgrest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestManyCallsShareOneClient(t *testing.T) {
	var requests atomic.Int64
	c := served(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if requests.Add(1)%16 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(body)
	})
	var all sync.WaitGroup
	for worker := range 64 {
		all.Go(func() {
			for i := range 20 {
				var got struct{ N int }
				n := worker*1000 + i
				if err := c.call(context.Background(), "echo", map[string]int{"n": n}, &got); err != nil || got.N != n {
					t.Errorf("got %d, error %v, want %d", got.N, err, n)
				}
			}
		})
	}
	all.Wait()
}

func TestSequentialCallsShareOneConnection(t *testing.T) {
	var mu sync.Mutex
	from := map[string]int{}
	n := 0
	c := served(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		from[r.RemoteAddr]++
		n++
		failed := n%3 == 0
		mu.Unlock()
		if failed {
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `{"code":"PT409","message":"no"}`)
			return
		}
		_, _ = io.WriteString(w, strconv.Itoa(n))
	})
	for i := range 30 {
		err := c.call(t.Context(), "next", nil, nil)
		if _, refused := refusal(err); refused != (i%3 == 2) {
			t.Fatalf("call %d: %v", i, err)
		}
	}
	if len(from) != 1 {
		t.Errorf("%d connections, want 1: %v", len(from), from)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Add(1)
		_, _ = io.WriteString(w, `1`)
	}))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := served(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL+"/rest/v1/rpc/x", status) })
		if err := c.call(t.Context(), "wallet", nil, nil); !errors.Is(err, ErrWrongAddress) {
			t.Errorf("%d: error %v, want ErrWrongAddress", status, err)
		}
	}
	if elsewhere.Load() != 0 {
		t.Error("the key went to another host")
	}
}

func TestARequestForAnotherHostIsHeldBack(t *testing.T) {
	c, s := scripted(answer(200, `1`))
	for _, address := range []string{"https://evil.example/rest/v1/rpc/x", "http://abc.supabase.co/rest/v1/rpc/x"} {
		a := &attempt{client: c, ctx: t.Context()}
		req, err := http.NewRequest("GET", address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.RoundTrip(req); err == nil || s.count() != 0 { //nolint:bodyclose // there is none
			t.Errorf("%s: error %v, %d requests sent", address, err, s.count())
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	long := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			chunk := []byte(strings.Repeat(" ", 1<<20))
			for range 9 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
			_, _ = io.WriteString(w, `1`)
		}
	}
	if err := served(t, long(200)).call(t.Context(), "wallet", nil, nil); err == nil || errors.Is(err, ErrUnreachable) {
		t.Errorf("an endless answer: %v", err)
	}
	var f *failure
	if err := served(t, long(400)).call(t.Context(), "wallet", nil, nil); !errors.As(err, &f) || f.Status != 400 {
		t.Errorf("an endless refusal: %v", err)
	}
}

func TestHTTP2IsSpokenWhereItCanBe(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strconv.Itoa(r.ProtoMajor))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	c, err := newClient(server.URL, testKey)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if err := c.once(t.Context(), "version", nil, nil); !errors.Is(err, ErrUnreachable) {
		t.Errorf("a certificate that nobody vouches for: error %v", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	pool := newPool()
	pool.TLSClientConfig = &tls.Config{RootCAs: roots}
	c.pool = pool
	var version int
	if err := c.call(t.Context(), "version", nil, &version); err != nil || version != 2 {
		t.Errorf("HTTP/%d, error %v, want 2", version, err)
	}
}

func TestAContextEndsAnAttemptAtAnyPoint(t *testing.T) {
	for name, begin := range map[string]func(http.ResponseWriter){
		"before the answer": func(http.ResponseWriter) {},
		"in its body": func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, `{"balance":`)
			_ = http.NewResponseController(w).Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c := served(t, func(w http.ResponseWriter, r *http.Request) {
				begin(w)
				_, _ = io.Copy(io.Discard, r.Body) // so that the server notices who leaves
				cancel()
				<-r.Context().Done()
			})
			if err := c.call(ctx, "wallet", nil, nil); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want Canceled", err)
			}
		})
	}
}
