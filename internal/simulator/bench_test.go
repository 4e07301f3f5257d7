package simulator

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkSay is what a command costs, with the stand-in app's share.
func BenchmarkSay(b *testing.B) {
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"type":4,"data":{"content":"x"}}`))
	}))
	defer app.Close()
	s := New(Config{ApplicationID: DemoApplicationID, PrivateKey: testKey, InteractionsURL: app.URL, World: DemoWorld()})
	defer s.Close(b.Context())
	list, refused := readDefinitions([]byte(testCommands))
	if refused != nil {
		b.Fatal(refused)
	}
	s.overwrite("", list)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			it, err := s.Say(b.Context(), Command{As: "bob", Line: "/pay ada 5"})
			if err != nil || it.State != Answered {
				b.Errorf("%v %+v", err, it)
				return
			}
		}
	})
}
