package postgrest

import (
	"testing"

	"coffer/internal/storetest"
)

func TestAdmins(t *testing.T) {
	thorough(t)
	p := newProject(t)
	storetest.RunAdmins(t, func(t *testing.T) storetest.AdminStore { return p.empty(t) })
}
