package simulator

import (
	"encoding/json"
	"slices"
	"strings"
)

// clickable is what of a component matters to a click.
type clickable struct {
	Type      int    `json:"type"`
	ID        int    `json:"id"`
	CustomID  string `json:"custom_id"`
	Disabled  bool   `json:"disabled"`
	MinValues *int   `json:"min_values"`
	MaxValues *int   `json:"max_values"`
	Options   []struct {
		Value string `json:"value"`
	} `json:"options"`
	Components []clickable `json:"components"`
	Accessory  *clickable  `json:"accessory"`
	Component  *clickable  `json:"component"`
}

// find looks for a custom id in a component and all that is inside.
func (c *clickable) find(customID string) *clickable {
	if c == nil {
		return nil
	}
	if c.CustomID == customID && c.Type != typeRow {
		return c
	}
	for i := range c.Components {
		if found := c.Components[i].find(customID); found != nil {
			return found
		}
	}
	if found := c.Accessory.find(customID); found != nil {
		return found
	}
	return c.Component.find(customID)
}

// press checks that a message has the component, and builds the click's data.
func (s *Simulator) press(message *Message, m *Member, c Click) (componentData, error) {
	var found *clickable
	for _, raw := range message.Components {
		var top clickable
		if json.Unmarshal(raw, &top) == nil && found == nil && c.CustomID != "" {
			found = top.find(c.CustomID)
		}
	}
	switch {
	case found == nil:
		return componentData{}, clientErrorf("The message has no component %q.", c.CustomID)
	case found.Disabled:
		return componentData{}, clientErrorf("The component %q is disabled.", c.CustomID)
	}
	data := componentData{ID: found.ID, CustomID: c.CustomID, Type: found.Type}
	if found.Type == typeButton {
		return data, nil
	}
	values, res, err := s.choose(found, m, c.Values)
	data.Values, data.Resolved = &values, res.orNil()
	return data, err
}

// choose checks the values of a select as a client does.
func (s *Simulator) choose(c *clickable, m *Member, values []string) ([]string, *resolved, error) {
	low, high := 1, 1
	if c.MinValues != nil {
		low = *c.MinValues
	}
	if c.MaxValues != nil {
		high = *c.MaxValues
	}
	res, out := &resolved{}, []string{}
	if len(values) < low || len(values) > high {
		return nil, res, clientErrorf("Choose %d to %d.", low, high)
	}
	for _, v := range values {
		id := v
		switch c.Type {
		case typeStringSelect:
			if !slices.ContainsFunc(c.Options, func(o struct {
				Value string `json:"value"`
			}) bool {
				return o.Value == v
			}) {
				return nil, res, clientErrorf("%q is not one of the options.", v)
			}
		default:
			kind := map[int]int{typeUserSelect: optionUser, typeRoleSelect: optionRole, typeMentionableSelect: optionMentionable, typeChannelSelect: optionChannel}[c.Type]
			var err error
			if id, err = s.resolve(m, kind, v, res); err != nil {
				return nil, res, err
			}
		}
		out = append(out, id)
	}
	return out, res, nil
}

// fill checks the fields of a modal as a client does, and builds its data.
func (s *Simulator) fill(modal *Modal, m *Member, fields map[string]string) (modalData, error) {
	data := modalData{CustomID: modal.CustomID}
	for name := range fields {
		if !slices.ContainsFunc(modal.Inputs, func(in Input) bool { return in.CustomID == name }) {
			return data, clientErrorf("The modal has no field %q.", name)
		}
	}
	res := &resolved{}
	for _, raw := range modal.Components {
		var top clickable
		if json.Unmarshal(raw, &top) != nil {
			continue
		}
		part := modalPart{Type: top.Type, ID: top.ID}
		leaves := top.Components
		if top.Component != nil {
			leaves = []clickable{*top.Component}
		}
		for _, leaf := range leaves {
			x, err := s.fillOne(modal, leaf, m, fields, res)
			if err != nil {
				return data, err
			}
			if top.Component != nil {
				part.Component = &x
			} else {
				part.Components = append(part.Components, x)
			}
		}
		data.Components = append(data.Components, part)
	}
	data.Resolved = res.orNil()
	return data, nil
}

func (s *Simulator) fillOne(modal *Modal, leaf clickable, m *Member, fields map[string]string, res *resolved) (modalPart, error) {
	part := modalPart{Type: leaf.Type, ID: leaf.ID, CustomID: leaf.CustomID}
	i := slices.IndexFunc(modal.Inputs, func(in Input) bool { return in.CustomID == leaf.CustomID })
	if i < 0 {
		return part, nil
	}
	in := modal.Inputs[i]
	value, filled := fields[in.CustomID]
	if leaf.Type != typeTextInput {
		values := []string{}
		if filled && value != "" {
			values = strings.Split(value, ",")
		}
		if len(values) > 0 || in.Required {
			chosen, found, err := s.choose(&leaf, m, values)
			if err != nil {
				return part, err
			}
			values = chosen
			mergeResolved(res, found)
		}
		part.Values = &values
		return part, nil
	}
	if !filled {
		value = in.Value // what the app has prefilled
	}
	n, most := length(value), in.MaxLength
	if most == 0 {
		most = maxInputValue
	}
	switch {
	case strings.TrimSpace(value) == "" && in.Required:
		return part, clientErrorf("%s: this field is required.", in.Label)
	case value != "" && n < in.MinLength, n > most:
		return part, clientErrorf("%s: must be between %d and %d in length.", in.Label, in.MinLength, most)
	}
	part.Value = &value
	return part, nil
}

func mergeResolved(to, from *resolved) {
	for id, u := range from.Users {
		put(&to.Users, id, u)
	}
	for id, m := range from.Members {
		put(&to.Members, id, m)
	}
	for id, r := range from.Roles {
		put(&to.Roles, id, r)
	}
	for id, c := range from.Channels {
		put(&to.Channels, id, c)
	}
}
