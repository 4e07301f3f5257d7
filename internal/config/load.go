package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/caarlos0/env/v10"
	"github.com/joho/godotenv"
)

// Read loads the process's environment together with the file dotenv, which
// may be absent. Where both set a variable, the environment wins. With names,
// only these variables are read and required; the others have their defaults.
func Read(dotenv string, only ...string) (Config, error) {
	environ := map[string]string{}
	file, err := os.Open(dotenv) //nolint:gosec // the path is the program's own choice
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return Config{}, fmt.Errorf("read settings: %w", err)
	default:
		defer func() { _ = file.Close() }()
		if environ, err = godotenv.Parse(file); err != nil {
			// godotenv quotes the line it dislikes, which may hold a secret.
			return Config{}, &Invalid{Problems: []Problem{{
				Variable: dotenv,
				Wrong:    "has a line that is not NAME=value, or a quote that does not end",
				Help:     "Settings for this machine.",
			}}}
		}
	}
	maps.Copy(environ, env.ToMap(os.Environ()))
	return Load(environ, only...)
}

// Load validates environ, which it does not change. An empty variable counts
// as not set, and space around a value is dropped. Its error is *Invalid and
// lists everything that is missing or wrong. With names, only these variables
// are read and required.
func Load(environ map[string]string, only ...string) (Config, error) {
	variables := slices.DeleteFunc(Variables(), func(v Variable) bool {
		return len(only) > 0 && !slices.Contains(only, v.Name)
	})
	values := make(map[string]string, len(variables))
	for _, v := range variables {
		if s := strings.TrimSpace(environ[v.Name]); s != "" {
			values[v.Name] = s
		}
	}

	wrong := map[string]string{}
	for _, v := range variables {
		if w := v.wrong(values); w != "" {
			wrong[v.Name] = w
		}
	}
	for name := range wrong {
		delete(values, name) // said once is enough
	}

	var c Config
	var parse env.AggregateError
	err := env.ParseWithOptions(&c, env.Options{Environment: values, FuncMap: parsers()})
	if err != nil && !errors.As(err, &parse) {
		return Config{}, fmt.Errorf("read settings: %w", err)
	}
	for _, err := range parse.Errors {
		var field env.ParseError
		if !errors.As(err, &field) {
			return Config{}, fmt.Errorf("read settings: %w", err)
		}
		wrong[variableOf(field.Name)] = field.Err.Error()
	}

	if len(wrong) == 0 {
		return c, nil
	}
	invalid := &Invalid{}
	for _, v := range variables {
		if w, ok := wrong[v.Name]; ok {
			invalid.Problems = append(invalid.Problems, Problem{Variable: v.Name, Wrong: w, Help: v.Help})
		}
	}
	return Config{}, invalid
}

// wrong says what is wrong with the variable before its value is parsed.
func (v Variable) wrong(values map[string]string) string {
	value, set := values[v.Name]
	switch {
	case !set && v.requiredIn(values) && v.Required == "always":
		return "is missing"
	case !set && v.requiredIn(values) && !strings.Contains(v.Required, "="):
		return "is missing, but " + v.Required + " is set"
	case !set && v.requiredIn(values):
		return "is missing with " + v.Required
	case !set:
		return ""
	case v.Choices != nil && !slices.Contains(v.Choices, value):
		return "must be " + strings.Join(v.Choices, " or ")
	case (v.Secret || v.Required == "always") && value == v.Example: // the example's private key is known to all
		return "is still the example"
	}
	if form := formOf(v.Name); form != nil {
		return form(value)
	}
	return ""
}

func (v Variable) requiredIn(values map[string]string) bool {
	other, want, compared := strings.Cut(v.Required, "=")
	switch {
	case v.Required == "":
		return false
	case v.Required == "always":
		return true
	case !compared:
		return values[other] != ""
	case values[other] == "":
		return defaultOf(other) == want
	}
	return values[other] == want
}
