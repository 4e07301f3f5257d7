package postgrest

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// TestMain has the quick run make a fifth of its random sequences: each of their
// steps is dozens of requests here.
func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		few := flag.Lookup("rapid.checks")
		if err := few.Value.Set("20"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}
