package simulator

import "encoding/json"

// Modal is a form that the app opened in one person's client.
type Modal struct {
	CustomID   string            `json:"custom_id"`
	Title      string            `json:"title"`
	Inputs     []Input           `json:"inputs"`
	Components []json.RawMessage `json:"components"` // as the app sent them
}

// Input is one thing to fill in: a text input, or a select inside a label.
type Input struct {
	Type        int             `json:"type"`
	ID          int             `json:"id"`
	CustomID    string          `json:"custom_id"`
	Label       string          `json:"label"`
	Description string          `json:"description,omitempty"`
	Style       int             `json:"style,omitempty"` // 1 short, 2 paragraph
	Required    bool            `json:"required"`
	MinLength   int             `json:"min_length,omitempty"`
	MaxLength   int             `json:"max_length,omitempty"`
	Value       string          `json:"value,omitempty"`
	Placeholder string          `json:"placeholder,omitempty"`
	Options     json.RawMessage `json:"options,omitempty"`
	MinValues   *int            `json:"min_values,omitempty"`
	MaxValues   *int            `json:"max_values,omitempty"`
}

// readModal reads and checks the data of a modal callback.
func readModal(f form) *Modal {
	m := &Modal{
		CustomID: f.needText("custom_id", span{1, maxCustomID}),
		Title:    f.needText("title", span{1, maxModalTitle}),
	}
	if !f.require("components") {
		return m
	}
	p := &parts{bad: f.bad, ids: map[string]bool{}}
	m.Components = f.list("components", span{1, maxModalParts})
	p.each(m.Components, f.at.to("components"), inModal)
	m.Components = numberComponents(m.Components)
	m.Inputs = modalInputs(m.Components)
	return m
}

// textInput checks a text input. In an action row it brings its own label.
func (p *parts) textInput(c form, inRow bool) {
	p.customID(c, true)
	c.kind("style", 1, 2)
	if inRow {
		c.needText("label", span{1, maxInputLabel})
	}
	c.boolean("required")
	low, _ := c.whole("min_length", 0, maxInputValue)
	high, given := c.whole("max_length", 1, maxInputValue)
	if given && low > high {
		p.bad.add(c.at.to("min_length"), "NUMBER_TYPE_MAX", "int value should be less than or equal to %d.", high)
	}
	c.text("value", upTo(maxInputValue))
	c.text("placeholder", upTo(maxInputHint))
}

// modalInputs flattens the rows and labels of a modal that was found in order.
func modalInputs(components []json.RawMessage) []Input {
	type leaf struct {
		Input
		Required *bool `json:"required"`
	}
	var inputs []Input
	add := func(l leaf, label, description string) {
		in := l.Input
		in.Required = l.Required == nil || *l.Required // the default is true
		if label != "" {
			in.Label, in.Description = label, description
		}
		inputs = append(inputs, in)
	}
	for _, raw := range components {
		var part struct {
			Type        int    `json:"type"`
			Label       string `json:"label"`
			Description string `json:"description"`
			Components  []leaf `json:"components"`
			Component   leaf   `json:"component"`
		}
		if json.Unmarshal(raw, &part) != nil {
			continue
		}
		switch part.Type {
		case typeRow:
			for _, l := range part.Components {
				add(l, "", "")
			}
		case typeLabel:
			add(part.Component, part.Label, part.Description)
		}
	}
	return inputs
}
