package sqlite

import (
	"testing"

	"coffer/internal/storetest"
)

func TestAdmins(t *testing.T) {
	storetest.RunAdmins(t, func(t *testing.T) storetest.AdminStore { return openTemp(t) })
}
