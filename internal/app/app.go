// Package app is the program: its commands, and the one place where its parts
// are put together.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	_ "time/tzdata" // guilds choose their time zone, and small machines have none

	"github.com/alecthomas/kong"
)

// commands is the command line.
type commands struct {
	Demo     demoCommand     `cmd:"" help:"Start everything on this machine, Discord included, and try it."`
	Say      sayCommand      `cmd:"" help:"Say a slash command in a running demo."`
	Serve    serveCommand    `cmd:"" help:"Serve Discord's webhooks and the admin API."`
	Worker   workerCommand   `cmd:"" help:"Listen at Discord's gateway for people who join, without serving."`
	Register registerCommand `cmd:"" help:"Tell Discord the slash commands, if they have changed."`
	Migrate  migrateCommand  `cmd:"" help:"Bring Supabase's database up to this program."`
	Audit    auditCommand    `cmd:"" help:"Prove that every coin is accounted for."`
	Doctor   doctorCommand   `cmd:"" help:"Look whether everything is ready for production."`
	Export   exportCommand   `cmd:"" help:"Write everything that the store keeps into a file."`
	Import   importCommand   `cmd:"" help:"Fill an empty store with what was exported."`
	Admin    adminCommand    `cmd:"" help:"Accounts of the dashboard."`
}

// console is where a command talks to whoever started it.
type console struct {
	out, err io.Writer
}

func (c console) printf(format string, args ...any) { _, _ = fmt.Fprintf(c.out, format, args...) }

// errSilent ends the program with exit code 1 after everything has been said.
var errSilent = errors.New("silent")

// Main runs the program with its arguments and returns the exit code: 0 for
// success, 1 for a failure, which is told on stderr, 2 for a command line that
// is wrong. It returns once everything it started has ended.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c commands
	type exited int
	run, err := func() (run *kong.Context, err error) {
		defer func() { // --help ends the program in the middle of parsing
			if v := recover(); v != nil {
				if _, ok := v.(exited); !ok {
					panic(v)
				}
			}
		}()
		parser := kong.Must(&c, kong.Name("coffer"), kong.Writers(stdout, stderr),
			kong.Description("An economy for Discord communities: every coin is accounted for."),
			kong.WithHyphenPrefixedParameters(true), kong.Exit(func(code int) { panic(exited(code)) }),
			kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(console{stdout, stderr}))
		if len(args) == 0 {
			args = []string{"--help"}
		}
		return parser.Parse(args)
	}()
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "coffer: %v. See coffer --help.\n", err)
		return 2
	}
	if run == nil {
		return 0
	}
	switch err := run.Run(); {
	case err == nil:
		return 0
	case !errors.Is(err, errSilent):
		_, _ = fmt.Fprintf(stderr, "coffer: %v\n", err)
	}
	return 1
}

// version is the revision that this program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return strings.Trim(info.Main.Version, "()") // "devel" for a build without version control
}
