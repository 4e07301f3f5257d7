// Package netlify has no code in Go: its test runs those of the edge function.
package netlify_test

import (
	"os"
	"os/exec"
	"testing"
)

func TestEdgeFunctions(t *testing.T) {
	for _, name := range []string{"edge-functions/api.js", "edge-functions.test.mjs"} {
		if _, err := os.ReadFile(name); err != nil { // so that go test runs again when they change
			t.Fatal(err)
		}
	}
	const missing = "node is not installed, so the edge functions cannot be tested: apt-get install nodejs"
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	out, err := exec.CommandContext(t.Context(), node, "--test", "--test-reporter=spec", "edge-functions.test.mjs").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
