package config_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"coffer/internal/config"

	"github.com/joho/godotenv"
)

var update = flag.Bool("update", false, "rewrite .env.example")

func TestEveryVariableIsDescribed(t *testing.T) {
	names := map[string]bool{}
	for _, v := range config.Variables() {
		if v.Name == "" || v.Help == "" || v.Example == "" || names[v.Name] {
			t.Errorf("variable %+v: want a name of its own, a help and an example", v)
		}
		names[v.Name] = true
	}
	for _, v := range config.Variables() {
		if other, _, _ := strings.Cut(v.Required, "="); other != "" && other != "always" && !names[other] {
			t.Errorf("%s is required by %q, which is no variable", v.Name, other)
		}
	}
}

// likeExample is a value of the example's form. The example itself is refused
// where taking it for real would be dangerous.
func likeExample(v config.Variable) string {
	switch {
	case v.Secret:
		return v.Example + "x"
	case v.Required == "always":
		return v.Example[:len(v.Example)-1] + "9"
	}
	return v.Example
}

func TestEveryExampleIsValid(t *testing.T) {
	for _, store := range []string{"supabase", "sqlite"} {
		environ := map[string]string{}
		for _, v := range config.Variables() {
			environ[v.Name] = likeExample(v)
		}
		environ["STORE"] = store
		if _, err := config.Load(environ); err != nil {
			t.Errorf("%s: %v", store, err)
		}
	}
}

// example renders .env.example, so that its words are the configuration's own.
func example() string {
	var s strings.Builder
	s.WriteString(`# Copy this file to .env and fill in what is required; the rest may stay.
# Real environment variables win over the file. Put single quotes around a
# value with a space, a # or a $. "go run . demo" needs none of this.
#
# Written from internal/config: go test ./internal/config -update
`)
	for _, v := range config.Variables() {
		fmt.Fprintf(&s, "\n# %s\n", v.Help)
		switch {
		case v.Required == "always":
			s.WriteString("# Required.")
		case strings.Contains(v.Required, "="):
			s.WriteString("# Required with " + v.Required + ".")
		case v.Required != "":
			s.WriteString("# Required if " + v.Required + " is set.")
		default:
			s.WriteString("# Optional.")
		}
		if v.Choices != nil {
			s.WriteString(" One of: " + strings.Join(v.Choices, ", ") + ".")
		} else {
			s.WriteString(" Like: " + v.Example)
		}
		fmt.Fprintf(&s, "\n%s=%s\n", v.Name, v.Default)
	}
	return s.String()
}

func TestTheExampleFileHoldsEveryVariable(t *testing.T) {
	const path = "../../.env.example"
	if *update {
		if err := os.WriteFile(path, []byte(example()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != example() {
		t.Errorf("%s is stale; run: go test ./internal/config -update", path)
	}
	parsed, err := godotenv.Unmarshal(string(got))
	if err != nil || len(parsed) != len(config.Variables()) {
		t.Errorf("%s holds %d variables, want %d: %v", path, len(parsed), len(config.Variables()), err)
	}
}

// reference is Railway's syntax for another variable of the project.
var reference = regexp.MustCompile(`\$\{\{ ?(shared\.)?([A-Z_]+) ?\}\}`)

func TestTheRailwayFileHoldsEveryVariableAndNoSecret(t *testing.T) {
	text, err := os.ReadFile("../../.env.railway")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if _, twice := got[name]; !ok || twice {
			t.Errorf("line %q: want NAME=value, each name once", line)
		}
		got[name] = strings.Trim(value, `"`)
	}
	environ := map[string]string{}
	for _, v := range config.Variables() {
		value, ok := got[v.Name]
		delete(got, v.Name)
		switch {
		case !ok:
			t.Errorf("%s is missing", v.Name)
		case v.Secret && value != "${{shared."+v.Name+"}}" && value != "":
			t.Errorf("%s = %q, want a reference to a shared variable", v.Name, value)
		default:
			environ[v.Name] = reference.ReplaceAllStringFunc(value, func(ref string) string {
				if strings.Contains(ref, "RAILWAY_PUBLIC_DOMAIN") {
					return "coffer.up.railway.app"
				}
				return likeExample(v)
			})
		}
	}
	for name := range got {
		t.Errorf("%s is no variable of the configuration", name)
	}
	if _, err := config.Load(environ); err != nil {
		t.Errorf("with its references filled in: %v", err)
	}
}
