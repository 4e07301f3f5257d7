package storetest_test

import (
	"testing"
	_ "time/tzdata"

	"coffer/internal/storetest"
)

func TestTheModelKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Store { return storetest.NewModel() })
}
