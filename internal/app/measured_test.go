package app

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/shop"
	"coffer/internal/sqlite"
)

func TestEveryCallOfTheStoreIsMeasured(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "measured.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
			have = append(have, f.Name.Name)
		}
	}
	all := reflect.TypeFor[books]()
	for i := range all.NumMethod() {
		if name := all.Method(i).Name; !slices.Contains(have, name) {
			t.Errorf("measured.go does not measure %s", name)
		}
	}
}

func TestCallsAreNotedWithTheirOutcome(t *testing.T) {
	type call struct {
		operation string
		err       error
	}
	var noted []call
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "coffer.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	m := measured{store, func(operation string, took time.Duration, err error) {
		if took <= 0 {
			t.Errorf("%s took %s", operation, took)
		}
		noted = append(noted, call{operation, err})
	}}
	if _, err := m.Settings(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	_, err = m.Offer(t.Context(), shop.OfferQuery{Guild: "1", Viewer: economy.Person{User: "2"}, At: time.Now()})
	if len(noted) != 2 || noted[0] != (call{"settings", nil}) || noted[1].operation != "offer" || !errors.Is(noted[1].err, err) || problem.Of(err).Kind != problem.NotFound {
		t.Errorf("noted %v, and the error is %v", noted, err)
	}
	silent := measured{store, func(string, time.Duration, error) {}}
	if n := testing.AllocsPerRun(100, func() { silent.ended("settings", time.Now(), &err) }); n > 0 {
		t.Errorf("a note makes %v allocations", n)
	}
}
