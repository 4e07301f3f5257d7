package postgrest

import (
	"testing"

	"coffer/internal/lease"
	"coffer/internal/storetest"
)

func TestLeases(t *testing.T) {
	thorough(t)
	p := newProject(t)
	storetest.RunLeases(t, func(t *testing.T) lease.Store { return p.empty(t) })
}
