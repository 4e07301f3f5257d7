//go:build !unix

package supabasetest

import (
	"errors"
	"os/exec"
)

type account struct{}

func serverAccount() (account, error) {
	return account{}, errors.New("the servers are run through a Unix shell")
}

func (account) other() bool      { return false }
func (account) own(string) error { return nil }
func (account) start(*exec.Cmd)  {}
