package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"coffer/internal/config"
	"coffer/internal/economy"
	"coffer/internal/moving"
	"coffer/internal/postgrest"
	"coffer/internal/problem"
	"coffer/internal/sqlite"
)

// standard stands for standard input or output where a file is asked for.
const standard = "-"

type exportCommand struct {
	Out string `help:"The file to make; - is standard output." required:""`
	DB  string `help:"The SQLite file to export, instead of the store in the environment." type:"path"`
}

// Run writes everything that the store keeps into a file, from one snapshot. The file
// gets its name when it is whole.
func (e exportCommand) Run(ctx context.Context, c console) error {
	place, err := findPlace(e.DB)
	if err != nil {
		return err
	}
	b := newBar(c.err, "exported")
	made, traffic, err := e.write(ctx, c, place, b)
	b.end()
	if err != nil {
		return fmt.Errorf("cannot export %s: %w", place.name, cause(err))
	}
	say := console{c.err, c.err} // the file may be on standard output
	say.printf("Exported %s: %s\n", place.name, summary(made))
	if traffic.Events > 0 || traffic.Leases > 0 {
		say.printf("WARNING: a server was at work: %d events are newer than the export, and %d deliveries were being tried, which may be made twice. "+
			"To move house, stop the server and export again.\n", traffic.Events, traffic.Leases)
	}
	return nil
}

func (e exportCommand) write(ctx context.Context, c console, from storePlace, b *bar) (moving.Header, moving.Traffic, error) {
	if e.Out == standard {
		return from.export(ctx, c.out, b)
	}
	if err := free(e.Out); err != nil {
		return moving.Header{}, moving.Traffic{}, err
	}
	file, err := os.CreateTemp(filepath.Dir(e.Out), "."+filepath.Base(e.Out)+".*") // 0600: it has names and hashes
	if err != nil {
		return moving.Header{}, moving.Traffic{}, err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	made, traffic, err := from.export(ctx, file, b)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return made, traffic, err
	}
	if err := free(e.Out); err != nil { // it took a while
		return made, traffic, err
	}
	if err := os.Rename(file.Name(), e.Out); err != nil {
		return made, traffic, err
	}
	return made, traffic, syncFolder(filepath.Dir(e.Out))
}

// free fails where there is a file.
func free(path string) error {
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return fmt.Errorf("%s is there already: choose another name", path)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

// syncFolder has the names in a folder reach the disk.
func syncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // the operator's own choice
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

type importCommand struct {
	In string `help:"The file that export made; - is standard input." required:""`
	DB string `help:"The SQLite file to fill, instead of the store in the environment. It is made if there is none." type:"path"`
}

// Run fills an empty store with everything that a file has, in one transaction, and
// proves every invariant before it ends.
func (i importCommand) Run(ctx context.Context, c console) error {
	place, err := findPlace(i.DB)
	if err != nil {
		return err
	}
	from := io.Reader(os.Stdin)
	if i.In != standard {
		file, err := os.Open(i.In)
		if err != nil {
			return fmt.Errorf("cannot import: %w", err)
		}
		defer func() { _ = file.Close() }()
		from = file
	}
	b := newBar(c.err, "imported")
	var made moving.Header
	audit, err := place.fill(ctx, func(into moving.Target) (err error) {
		if made, err = moving.Read(from, into, b.show); err == nil {
			b.end()
			c.printf("All %d rows were read. Auditing them...\n", made.Total())
		}
		return err
	})
	b.end()
	if errors.Is(err, postgrest.ErrUncertain) {
		return fmt.Errorf("it is not known whether everything or nothing was imported into %s: %w; import again: where the database is not empty, it was everything", place.name, err)
	}
	if err != nil {
		return fmt.Errorf("nothing was imported into %s: %w", place.name, importTrouble(err))
	}
	c.printf("Imported what was exported from %s at %s: %s\n", made.Store, made.Made.Format("2006-01-02 15:04:05 MST"), summary(made))
	c.printf("The audit passes: %d invariants over %d transactions and %d entries, %d coins in wallets.\n",
		len(audit.Findings), audit.Transactions, audit.Entries, audit.Coins)
	c.printf("Whoever was signed in signs in again. Start the server on this store, with the same JWT_SECRET_KEY, and never again on the old one.\n")
	return nil
}

// importTrouble says what to do, where that is known.
func importTrouble(err error) error {
	switch {
	case errors.Is(err, sqlite.ErrNotEmpty):
		return fmt.Errorf("%w; choose a path where no file is", err)
	case errors.Is(err, postgrest.ErrNotEmpty):
		return fmt.Errorf("%w; choose a new project, and migrate it", err)
	case errors.Is(err, postgrest.ErrInUse):
		return fmt.Errorf("%w: stop the server, or the other import, and try again", err)
	case errors.Is(err, sqlite.ErrSchema):
		return fmt.Errorf("%w; use the program it was last served with, or a newer one", err)
	case errors.Is(err, problem.ErrUnavailable):
		return fmt.Errorf("%w; see that no server uses the file and that there is room on the disk, and try again", cause(err))
	}
	return cause(err)
}

func summary(h moving.Header) string {
	return fmt.Sprintf("%d guilds, %d members, %d transactions, %d entries, %d rows in all",
		h.Rows["guilds"], h.Rows["members"], h.Rows["transactions"], h.Rows["entries"], h.Total())
}

// storePlace is a store that is moved from or to. It is used by itself, without the
// server: with Supabase through Postgres, because one snapshot and one transaction are
// needed.
type storePlace struct {
	name     string
	path     string // of a SQLite file, or
	database string // a connection string
}

// findPlace returns the SQLite file, or the store of the environment where there is no path.
func findPlace(path string) (storePlace, error) {
	if path != "" {
		return storePlace{name: path, path: path}, nil
	}
	cfg, err := config.Read(".env", "STORE", "SQLITE_PATH", "SUPABASE_DB_URL")
	if err != nil {
		return storePlace{}, err
	}
	if cfg.Store == config.SQLite {
		return storePlace{name: cfg.SQLitePath, path: cfg.SQLitePath}, nil
	}
	if cfg.SupabaseDB.Reveal() == "" {
		return storePlace{}, errNoDatabaseURL
	}
	return storePlace{name: "Supabase's database", database: cfg.SupabaseDB.Reveal()}, nil
}

// export writes the store's rows.
func (p storePlace) export(ctx context.Context, w io.Writer, b *bar) (made moving.Header, traffic moving.Traffic, err error) {
	write := func(kind string) func(moving.Source) error {
		return func(from moving.Source) (err error) {
			made, err = moving.Write(w, kind, time.Now(), from, b.show)
			return err
		}
	}
	if p.path == "" {
		traffic, err = postgrest.Export(ctx, p.database, write(string(config.Supabase)))
		return made, traffic, err
	}
	store, err := openExistingFile(ctx, p.path)
	if err != nil {
		return made, traffic, err
	}
	traffic, err = store.Export(ctx, write(string(config.SQLite)))
	return made, traffic, errors.Join(err, store.Close())
}

// fill has the store filled.
func (p storePlace) fill(ctx context.Context, with func(moving.Target) error) (economy.Audit, error) {
	if p.path == "" {
		return postgrest.Import(ctx, p.database, with)
	}
	if err := touch(p.path); err != nil {
		return economy.Audit{}, err
	}
	return sqlite.Import(ctx, p.path, with)
}
