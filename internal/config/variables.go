package config

import (
	"reflect"
	"strings"
)

// Variable describes one variable of the environment.
type Variable struct {
	Name     string
	Help     string
	Example  string
	Default  string
	Choices  []string // the only values, if not nil
	Required string   // "always", "OTHER=value", "OTHER" (is set), or "" for never
	Secret   bool
}

// Variables returns every variable that Load reads, in the order of Config.
func Variables() []Variable {
	t := reflect.TypeFor[Config]()
	all := make([]Variable, 0, t.NumField())
	for field := range t.Fields() {
		v := Variable{
			Name:     field.Tag.Get("env"),
			Help:     field.Tag.Get("help"),
			Example:  field.Tag.Get("example"),
			Default:  field.Tag.Get("envDefault"),
			Required: field.Tag.Get("required"),
			Secret:   field.Type == reflect.TypeFor[Secret]() || field.Type == reflect.TypeFor[[]Secret](),
		}
		if choices := field.Tag.Get("oneof"); choices != "" {
			v.Choices = strings.Split(choices, "|")
		}
		all = append(all, v)
	}
	return all
}

func variableOf(fieldName string) string {
	field, _ := reflect.TypeFor[Config]().FieldByName(fieldName)
	return field.Tag.Get("env")
}

func defaultOf(variable string) string {
	for _, v := range Variables() {
		if v.Name == variable {
			return v.Default
		}
	}
	return ""
}
