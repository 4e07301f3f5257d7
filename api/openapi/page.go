package openapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"maps"
	"slices"
	"strings"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

// section is a group of operations on the page.
type section struct {
	Name, Description string
	Operations        []described
}

// described is an operation as the page shows it.
type described struct {
	Operation
	Description string
	Parameters  []parameter
	Body        string // its schema
	Answers     []answer
}

type parameter struct {
	Name, In, Type, Description string
	Required                    bool
}

type answer struct{ Status, Description, Schema string }

// Page returns the document as one page of HTML without scripts, and the hash of
// its style for a content security policy.
func (d *Document) Page() (page []byte, style string) { return d.page() }

func (d *Document) render() (page []byte, style string) {
	info := object(d.root["info"])
	var sections []section
	tags, _ := d.root["tags"].([]any)
	for _, tag := range tags {
		s := section{Name: text(object(tag)["name"]), Description: text(object(tag)["description"])}
		for _, o := range d.list() {
			if o.Tag == s.Name {
				s.Operations = append(s.Operations, d.describe(o))
			}
		}
		if len(s.Operations) > 0 {
			sections = append(sections, s)
		}
	}
	type schema struct{ Name, Text string }
	var schemas []schema
	all := object(object(d.root["components"])["schemas"])
	for _, name := range slices.Sorted(maps.Keys(all)) {
		schemas = append(schemas, schema{name, pretty(all[name])})
	}
	var out bytes.Buffer
	err := template.Must(template.New("page").Parse(pageHTML)).Execute(&out, map[string]any{
		"Title": text(info["title"]), "Description": paragraphs(text(info["description"])), "Sections": sections,
		"Schemas": schemas, "Style": template.CSS(pageCSS), //nolint:gosec // the file beside this one
	})
	if err != nil {
		panic(err) // the template is part of the program
	}
	hash := sha256.Sum256([]byte(pageCSS))
	return out.Bytes(), "sha256-" + base64.StdEncoding.EncodeToString(hash[:])
}

func (d *Document) describe(o Operation) described {
	out := described{Operation: o, Description: text(o.node["description"])}
	for _, p := range o.parameters {
		required, _ := p["required"].(bool)
		out.Parameters = append(out.Parameters, parameter{text(p["name"]), text(p["in"]), kind(object(p["schema"])), text(p["description"]), required})
	}
	out.Body = schemaOf(object(d.resolve(object(o.node["requestBody"]))["content"]))
	answers := object(o.node["responses"])
	for _, status := range slices.Sorted(maps.Keys(answers)) {
		r := d.resolve(object(answers[status]))
		out.Answers = append(out.Answers, answer{status, text(r["description"]), schemaOf(object(r["content"]))})
	}
	return out
}

// schemaOf shows what a body holds: the name of its schema, or the schema.
func schemaOf(content map[string]any) string {
	var texts []string
	for _, media := range slices.Sorted(maps.Keys(content)) {
		schema := object(object(content[media])["schema"])
		shown := pretty(schema)
		if reference := text(schema["$ref"]); reference != "" {
			shown = reference[strings.LastIndexByte(reference, '/')+1:]
		}
		texts = append(texts, media+": "+shown)
	}
	return strings.Join(texts, "\n")
}

// kind is a parameter's type in a few words.
func kind(schema map[string]any) string {
	if choices, ok := schema["enum"]; ok {
		return pretty(choices)
	}
	if format := text(schema["format"]); format != "" {
		return format
	}
	return text(schema["type"])
}

func pretty(v any) string {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return ""
	}
	return string(text)
}

func paragraphs(s string) []string { return strings.Split(strings.TrimSpace(s), "\n\n") }
