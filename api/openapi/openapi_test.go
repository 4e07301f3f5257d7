package openapi_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"coffer/api/openapi"
)

// fragment is a file with one operation.
func fragment(path, operation string) string {
	return "paths: { \"" + path + "\": { get: { operationId: " + operation + ", tags: [x], summary: S, x-access: viewer, responses: { \"200\": { description: D } } } } }\n"
}

func TestFragmentsAreMerged(t *testing.T) {
	d, err := openapi.Merge(fstest.MapFS{"a.yaml": {Data: []byte(fragment("/a/{guild}", "one"))}, "b.yaml": {Data: []byte(fragment("/b", "two") +
		"components: { parameters: { guild: { name: guild, in: path, required: true, schema: { type: string } } } }\n")}})
	if err != nil {
		t.Fatal(err)
	}
	all := d.Operations()
	if len(all) != 2 || all["one"].Path != "/a/{guild}" || all["one"].Method != "GET" || all["two"].Access != "viewer" {
		t.Errorf("operations %+v", all)
	}
	for _, want := range []string{`"401"`, `"403"`, `"404"`, `"429"`, `#/components/parameters/guild`} {
		if !strings.Contains(string(d.JSON()), want) {
			t.Errorf("what follows from the form lacks %s:\n%s", want, d.JSON())
		}
	}
}

func component(schema string) string { return "components: { schemas: { " + schema + " } }\n" }

func TestWhatDoesNotFitTogetherIsAnError(t *testing.T) {
	for name, tt := range map[string]struct{ a, b, want string }{
		"an operation twice": {fragment("/a", "one"), fragment("/a", "two"), "is there twice"},
		"a schema twice":     {fragment("/a", "one") + component("A: { type: string }"), fragment("/b", "two") + component("A: { type: string }"), "b.yaml/components/schemas/A is there twice"},
		"a name twice":       {fragment("/a", "one"), fragment("/b", "one"), "GET /a and GET /b are both called one"},
		"no access":          {fragment("/a", "one"), strings.Replace(fragment("/b", "two"), "x-access: viewer, ", "", 1), "GET /b needs"},
		"no YAML":            {fragment("/a", "one"), "a: [", "b.yaml"},
		"another kind":       {fragment("/a", "one"), "paths: 7", "paths is there twice"},
	} {
		_, err := openapi.Merge(fstest.MapFS{"a.yaml": {Data: []byte(tt.a)}, "b.yaml": {Data: []byte(tt.b)}})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func TestOpenSchemasAreFound(t *testing.T) {
	d, err := openapi.Merge(fstest.MapFS{"a.yaml": {Data: []byte(`
components:
  schemas:
    Open: { type: object, properties: { a: { type: string } } }
    Closed: { type: object, additionalProperties: false, properties: { a: { type: object, properties: { b: {} } } } }
`)}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := d.OpenSchemas(), []string{"/components/schemas/Closed/properties/a", "/components/schemas/Open"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
