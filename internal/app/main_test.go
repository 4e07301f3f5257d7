package app

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

// asProgram makes the test binary behave as the program itself, so that tests
// can start it as a process of its own and kill it.
const asProgram = "COFFER_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	if os.Getenv(asDiscord) != "" {
		serveDiscord()
		return
	}
	goleak.VerifyTestMain(m)
}
