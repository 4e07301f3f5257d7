package app

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// imports are the direct imports of each of the program's packages, without
// the tests.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "coffer/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p.Imports
	}
	return all
}

// TestTheImportLaw holds ARCHITECTURE.md's law: what each kind of package may
// import of the program, the standard library and other modules.
func TestTheImportLaw(t *testing.T) {
	const own = "coffer/"
	domain := []string{own + "internal/problem", own + "internal/economy", own + "internal/events"}
	ports := append([]string{own + "internal/shop", own + "internal/tasks", own + "internal/outbox"}, domain...)
	edge := append([]string{own + "internal/requestlog"}, ports...)
	kept := append([]string{own + "internal/admins", own + "internal/lease", own + "internal/doctor"}, ports...)
	admin := append([]string{own + "api/openapi", own + "internal/admins"}, edge...)
	laws := map[string]struct {
		own     []string // packages of the program that may be imported
		modules bool     // whether other modules may be
	}{
		"":                      {[]string{own + "internal/app"}, false},
		"api":                   {admin, true},
		"api/openapi":           {nil, true},
		"interactions":          {edge, true},
		"web":                   {nil, false},
		"netlify":               {nil, false},
		"internal/problem":      {nil, false},
		"internal/economy":      {domain[:1], false},
		"internal/shop":         {domain[:2], false},
		"internal/tasks":        {domain[:2], false},
		"internal/admins":       {domain[:1], false},
		"internal/lease":        {nil, false},
		"internal/outbox":       {domain[:2], false},
		"internal/events":       {domain[:2], false},
		"internal/metrics":      {domain, true},
		"internal/requestlog":   {nil, false},
		"internal/passwords":    {domain[:1], true},
		"internal/logging":      {nil, true},
		"internal/config":       {[]string{own + "internal/supabase", own + "internal/admins"}, true},
		"internal/doctor":       {domain[:2], false},
		"internal/discord":      {append([]string{own + "internal/admins", own + "internal/doctor"}, domain[:1]...), true},
		"internal/gateway":      {append([]string{own + "internal/lease"}, domain...), true},
		"internal/supabase":     {nil, false},
		"internal/moving":       {nil, false},
		"internal/postgrest":    {append([]string{own + "internal/supabase", own + "internal/moving"}, kept...), true},
		"internal/sqlite":       {append([]string{own + "internal/moving"}, kept...), true},
		"internal/storetest":    {kept, true},
		"internal/simulator":    {nil, false},
		"internal/supabasetest": {nil, true},
		"internal/benchmark":    {append([]string{own + "internal/sqlite", own + "internal/postgrest", own + "internal/supabasetest"}, ports...), true},
	}
	found := imports(t)
	for path, imported := range found {
		name := strings.TrimPrefix(strings.TrimPrefix(path, "coffer"), "/")
		if name == "internal/app" {
			for _, p := range []string{own + "internal/storetest", own + "internal/supabasetest"} {
				if slices.Contains(imported, p) {
					t.Errorf("%s imports %s, which is for tests", path, p)
				}
			}
			continue
		}
		law, ok := laws[name]
		if !ok {
			t.Errorf("%s is new: say here what it may import", path)
		}
		for _, p := range imported {
			switch {
			case strings.HasPrefix(p, own):
				if !slices.Contains(law.own, p) {
					t.Errorf("%s must not import %s", path, p)
				}
			case strings.Contains(strings.SplitN(p, "/", 2)[0], ".") && !law.modules:
				t.Errorf("%s must not import %s: the standard library is enough there", path, p)
			}
		}
	}
	for name := range laws {
		path := strings.TrimSuffix("coffer/"+name, "/")
		if _, ok := found[path]; !ok {
			t.Errorf("%s is gone: strike it from the law", path)
		}
	}
}

// TestEveryDependencyIsExplained: ARCHITECTURE.md says why each direct
// dependency is there.
func TestEveryDependencyIsExplained(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{if not (or .Indirect .Main)}}{{.Path}}{{end}}", "all").Output()
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(out)) {
		if name := strings.TrimPrefix(path, "github.com/"); !strings.Contains(string(document), name) {
			t.Errorf("ARCHITECTURE.md does not say why %s is there", name)
		}
	}
}

// TestTheProofsExist fails where README.md or ARCHITECTURE.md names a test or a fuzz
// target that there is not.
func TestTheProofsExist(t *testing.T) {
	declared := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, pattern := range []string{"../../*/*_test.go", "../../*/*/*_test.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range declaration.FindAllSubmatch(source, -1) {
				declared[string(m[1])] = true
			}
		}
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
	for _, page := range []string{"../../README.md", "../../ARCHITECTURE.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllSubmatch(text, -1) {
			if name := string(m[1]); !declared[name] {
				t.Errorf("%s names %s, which is no test", page, name)
			}
		}
	}
}

// TestRailwayWatchesWhateverIsBuiltIn: a change of any file that becomes a part of the
// program is deployed. (That railway.ts has the same patterns, make railway holds.)
func TestRailwayWatchesWhateverIsBuiltIn(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	said, err := os.ReadFile(filepath.Join(root, "railway.toml"))
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	list := regexp.MustCompile(`(?m)^watchPatterns = (\[.*\])$`).FindSubmatch(said)
	if list == nil || json.Unmarshal(list[1], &patterns) != nil {
		t.Fatalf("railway.toml has no watchPatterns in one line:\n%s", said)
	}
	for i, p := range patterns {
		patterns[i] = strings.NewReplacer(`\*\*/`, `(.*/)?`, `\*\*`, `.*`, `\*`, `[^/]*`).Replace(regexp.QuoteMeta(p))
	}
	watched := regexp.MustCompile("^(" + strings.Join(patterns, "|") + ")$")
	cmd := exec.Command("go", "list", "-deps", "-json=Dir,Module,GoFiles,EmbedFiles", ".")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	embedded := 0
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p struct {
			Dir                 string
			Module              struct{ Main bool }
			GoFiles, EmbedFiles []string
		}
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if !p.Module.Main {
			continue
		}
		embedded += len(p.EmbedFiles)
		for _, name := range slices.Concat(p.GoFiles, p.EmbedFiles) {
			name, err := filepath.Rel(root, filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if !watched.MatchString(filepath.ToSlash(name)) {
				t.Errorf("railway.toml does not watch %s", name)
			}
		}
	}
	if embedded == 0 {
		t.Error("nothing is embedded")
	}
}
