// Coffer is an economy for Discord communities: coins that are all accounted for.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"coffer/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	code := app.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
