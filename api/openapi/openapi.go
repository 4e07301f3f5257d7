// Package openapi is the description of the admin API: the fragments beside this
// file, one for each slice of the API, merged into one OpenAPI 3.1 document.
//
// A fragment has paths and components like any document. base.yaml has besides
// them what stands only once. An operation says by x-access who may call it, and
// leaves out what follows: its security, the parameters of its path that
// components/parameters has by name, and the refusals that Document.complete lists.
package openapi

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"
)

//go:embed *.yaml
var fragments embed.FS

// Document is the merged description.
type Document struct {
	root map[string]any
	text []byte
	byID map[string]Operation
	page func() (page []byte, style string)
}

// Own returns the description of this program's API. It is made once; what is
// wrong with the embedded fragments is a defect, and a test finds it.
var Own = sync.OnceValue(func() *Document {
	d, err := Merge(fragments)
	if err != nil {
		panic(err)
	}
	return d
})

// Merge reads all fragments of a folder. A name that two of them have is an error
// that names it.
func Merge(folder fs.FS) (*Document, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, err
	}
	root := map[string]any{}
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		var fragment map[string]any
		if err := yaml.Unmarshal(text, &fragment); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := merge(root, fragment, name); err != nil {
			return nil, err
		}
	}
	d := &Document{root: root, byID: map[string]Operation{}}
	d.complete()
	if d.text, err = json.MarshalIndent(root, "", "  "); err != nil {
		return nil, fmt.Errorf("the merged description is no JSON: %w", err)
	}
	for _, o := range d.list() {
		d.byID[o.ID] = o
	}
	d.page = sync.OnceValues(d.render)
	return d, d.check()
}

// merge adds what is new; where both have an object, what is in it. A component, and
// what a path does by a method, stands in one fragment.
func merge(into, from map[string]any, where string) error {
	for name, value := range from {
		old, there := into[name]
		if !there {
			into[name] = value
			continue
		}
		a, fits := old.(map[string]any)
		b, also := value.(map[string]any)
		whole := strings.Count(where, "/") >= 2 // NAME/components/schemas, NAME/paths/PATH
		if !fits || !also || whole {
			return fmt.Errorf("%s/%s is there twice", where, name)
		}
		if err := merge(a, b, where+"/"+name); err != nil {
			return err
		}
	}
	return nil
}

// Operation is one operation of the document.
type Operation struct {
	ID, Method, Path, Access string // Access as the role's name, or public or signed-in
	Tag, Summary             string
	node                     map[string]any
	parameters               []map[string]any // with those of the path, references resolved
}

// methods are the keys of a path that are operations, in the order of the page.
var methods = []string{"get", "post", "put", "patch", "delete"}

func (d *Document) check() error {
	seen := map[string]string{}
	for _, o := range d.list() {
		at := o.Method + " " + o.Path
		switch {
		case o.ID == "" || o.Summary == "" || o.Tag == "" || o.Access == "":
			return fmt.Errorf("%s needs operationId, summary, a tag and x-access", at)
		case seen[o.ID] != "":
			return fmt.Errorf("%s and %s are both called %s", seen[o.ID], at, o.ID)
		}
		seen[o.ID] = at
	}
	return nil
}

// list returns the operations by path and method.
func (d *Document) list() []Operation {
	var all []Operation
	paths := object(d.root["paths"])
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := object(paths[path])
		for _, method := range methods {
			node := object(item[method])
			if node == nil {
				continue
			}
			o := Operation{ID: text(node["operationId"]), Method: strings.ToUpper(method), Path: path,
				Access: text(node["x-access"]), Summary: text(node["summary"]), node: node}
			if tags, _ := node["tags"].([]any); len(tags) > 0 {
				o.Tag = text(tags[0])
			}
			for _, list := range []any{item["parameters"], node["parameters"]} {
				parameters, _ := list.([]any)
				for _, p := range parameters {
					o.parameters = append(o.parameters, d.resolve(object(p)))
				}
			}
			all = append(all, o)
		}
	}
	return all
}

// Operations returns the operations by their ids.
func (d *Document) Operations() map[string]Operation { return maps.Clone(d.byID) }

// Query returns the names of an operation's parameters in the query, and whether
// there may be others, which x-open-query says.
func (d *Document) Query(operation string) (names []string, open bool) {
	o := d.byID[operation]
	open, _ = o.node["x-open-query"].(bool)
	for _, p := range o.parameters {
		if p["in"] == "query" {
			names = append(names, text(p["name"]))
		}
	}
	return names, open
}

// JSON returns the document.
func (d *Document) JSON() []byte { return d.text }

// resolve follows a reference within the document.
func (d *Document) resolve(node map[string]any) map[string]any {
	for range 10 {
		reference, ok := strings.CutPrefix(text(node["$ref"]), "#/")
		if !ok {
			return node
		}
		found := d.root
		for name := range strings.SplitSeq(reference, "/") {
			found = object(found[name])
		}
		node = found
	}
	return node
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// OpenSchemas returns where schemas list properties without saying whether there
// may be others.
func (d *Document) OpenSchemas() []string {
	var found []string
	var walk func(v any, at string)
	walk = func(v any, at string) {
		switch v := v.(type) {
		case map[string]any:
			_, additional := v["additionalProperties"]
			_, unevaluated := v["unevaluatedProperties"]
			if properties := object(v["properties"]); properties != nil && !additional && !unevaluated && !strings.Contains(at, "/allOf/") {
				found = append(found, at)
			}
			for name, inner := range v {
				walk(inner, at+"/"+name)
			}
		case []any:
			for i, inner := range v {
				walk(inner, fmt.Sprintf("%s/%d", at, i))
			}
		}
	}
	walk(d.root, "")
	slices.Sort(found)
	return found
}
