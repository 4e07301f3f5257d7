package interactions

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/tasks"
)

// inspect walks the syntax of a folder's Go files, without tests.
func inspect(t *testing.T, dir string, visit func(ast.Node)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources in %s: %v", dir, err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool { visit(n); return true })
	}
}

func literal(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != gotoken.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// stringLiterals visits every string in a folder's Go files.
func stringLiterals(t *testing.T, dir string, visit func(string)) {
	t.Helper()
	inspect(t, dir, func(n ast.Node) {
		if s, ok := literal(n); ok {
			visit(s)
		}
	})
}

// TestTextsAreFilledCompletely compares the placeholders of each text with what
// is passed where it is used.
func TestTextsAreFilledCompletely(t *testing.T) {
	texts := source(t, "en-US")
	calls := 0
	inspect(t, ".", func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || method.Sel.Name != "text" {
			return
		}
		key, ok := literal(call.Args[0])
		if !ok {
			return
		}
		var given []string
		for i := 1; i < len(call.Args); i += 2 {
			name, _ := literal(call.Args[i])
			given = append(given, name)
		}
		want := compile(texts[key]).names
		slices.Sort(given)
		slices.Sort(want)
		if calls++; !slices.Equal(given, slices.Compact(want)) || len(call.Args)%2 == 0 {
			t.Errorf("%s has the placeholders %v, and is given %v", key, want, given)
		}
	})
	if calls < 30 {
		t.Errorf("found only %d uses: does the test still look where they are?", calls)
	}
}

// problemCodes returns the codes of the problems that a folder declares.
func problemCodes(t *testing.T, dir string) (codes []string) {
	t.Helper()
	declared := regexp.MustCompile(`\bNew\((?:problem\.)?(\w+), "(\w+)"`)
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil || strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, m := range declared.FindAllStringSubmatch(string(raw), -1) {
			codes = append(codes, m[2])
		}
	}
	return codes
}

// checkedFields returns the fields that a file's rules name when they are broken.
func checkedFields(t *testing.T, path string) (fields []string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\t\t\{"(\w+)", |With\("field", "(\w+)"\)`).FindAllStringSubmatch(string(raw), -1) {
		fields = append(fields, m[1]+m[2])
	}
	if len(fields) < 10 {
		t.Errorf("found only %v in %s: does the test still look where they are?", fields, path)
	}
	return fields
}

// TestEveryTextIsUsedAndEveryUseHasAText follows the keys that stand in the code
// and the families of keys that it composes.
func TestEveryTextIsUsedAndEveryUseHasAText(t *testing.T) {
	texts := source(t, "en-US")
	used := map[string]bool{}
	use := func(key, why string) {
		used[key] = true
		if _, ok := texts[key]; !ok {
			t.Errorf("%s has no text, needed by %s", key, why)
		}
	}
	families := map[string]bool{}
	for key := range texts {
		family, _, _ := strings.Cut(key, ".")
		families[family] = true
	}
	keyLike := regexp.MustCompile(`^[a-z]+(\.[a-z_]+)+$`)
	stringLiterals(t, ".", func(s string) {
		family, _, _ := strings.Cut(s, ".")
		if _, known := texts[s]; known || keyLike.MatchString(s) && families[family] {
			use(s, "the code")
		}
	})
	for _, c := range newTable(&bank{}).commands {
		words := strings.Fields(c.name)
		for i, w := range words {
			use("name."+w, c.name)
			use("describe."+strings.Join(words[:i+1], "."), c.name)
		}
		for _, p := range c.options {
			for _, value := range p.chosen {
				use("choice."+p.name+"."+value, c.name)
			}
			use("name."+p.name, c.name)
			use("describe."+dotted(c.name)+"."+p.name, c.name)
		}
	}
	stringLiterals(t, "../internal/economy", func(s string) {
		for _, k := range []economy.Kind{economy.KindOpening, economy.KindDaily, economy.KindTransfer, economy.KindGive,
			economy.KindTake, economy.KindSet, economy.KindReversal, economy.KindPurchase, economy.KindRefund, economy.KindReward} {
			if s == string(k) {
				use("kind."+s, "economy")
			}
		}
	})
	for _, p := range tasks.Proofs {
		use("proof."+string(p), "tasks")
	}
	for _, s := range []tasks.State{tasks.Draft, tasks.Open, tasks.Closed, tasks.Archived} {
		use("state."+string(s), "tasks")
	}
	for _, s := range []tasks.ClaimState{tasks.Claimed, tasks.Submitted, tasks.Rejected, tasks.Failed, tasks.Approved, tasks.Dropped, tasks.Expired} {
		use("status."+string(s), "tasks")
	}
	for _, s := range []tasks.SubmissionState{tasks.Waiting, tasks.Accepted, tasks.Refused} {
		use("verdict."+string(s), "tasks")
	}
	codes := []string{problem.Internal.String()}
	for _, dir := range []string{".", "../internal/economy", "../internal/shop", "../internal/tasks", "../internal/problem"} {
		codes = append(codes, problemCodes(t, dir)...)
	}
	for code, path := range map[string]string{"item": "../internal/shop/shop.go", "task": "../internal/tasks/tasks.go", "settings": "../internal/economy/settings.go"} {
		for _, field := range checkedFields(t, path) {
			use("wrong."+code+"."+field, path)
		}
	}
	for _, code := range codes {
		use("problem."+code, "a problem")
	}
	for key := range texts {
		code, variant := strings.CutPrefix(key, "problem.")
		code, _, _ = strings.Cut(code, ".")
		if variant && slices.Contains(codes, code) {
			used[key] = true
		}
		if !used[key] {
			t.Errorf("%s is never used", key)
		}
	}
}

// TestCommandsInTextsExist holds that a text names commands as its readers see them.
func TestCommandsInTextsExist(t *testing.T) {
	mentioned := regexp.MustCompile("`/([^`]+)`")
	for _, l := range []*locale{texts().english, texts().german} {
		known := map[string]bool{}
		for _, c := range newTable(&bank{}).commands {
			known[l.path(c.name)] = true
		}
		for key, text := range source(t, l.tag) {
			for _, m := range mentioned.FindAllStringSubmatch(text, -1) {
				if !known[m[1]] {
					t.Errorf("%s: %s names /%s, which is no command", l.tag, key, m[1])
				}
			}
		}
	}
}
