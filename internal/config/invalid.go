package config

import (
	"fmt"
	"strings"
)

// Problem is one variable that is missing or wrong.
type Problem struct {
	Variable string
	Wrong    string // continues a sentence that starts with the name; never quotes a value
	Help     string // what the variable is for
}

// Invalid lists every problem of an environment, in the order of Variables.
type Invalid struct {
	Problems []Problem
}

// Error returns all problems, for a terminal: one line each and one below on
// what the variable is for.
func (e *Invalid) Error() string {
	var s strings.Builder
	s.WriteString("the settings are not complete (environment or .env file):")
	for _, p := range e.Problems {
		fmt.Fprintf(&s, "\n  %s %s\n      %s", p.Variable, p.Wrong, p.Help)
	}
	return s.String()
}
