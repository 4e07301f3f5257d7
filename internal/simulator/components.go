package simulator

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// The types of components.
const (
	typeRow               = 1
	typeButton            = 2
	typeStringSelect      = 3
	typeTextInput         = 4
	typeUserSelect        = 5
	typeRoleSelect        = 6
	typeMentionableSelect = 7
	typeChannelSelect     = 8
	typeSection           = 9
	typeTextDisplay       = 10
	typeThumbnail         = 11
	typeGallery           = 12
	typeFile              = 13
	typeSeparator         = 14
	typeContainer         = 17
	typeLabel             = 18
	typeFileUpload        = 19
)

// What may stand where.
var (
	inMessage   = []int{typeRow}
	inLayout    = []int{typeRow, typeSection, typeTextDisplay, typeGallery, typeFile, typeSeparator, typeContainer}
	inContainer = []int{typeRow, typeSection, typeTextDisplay, typeGallery, typeFile, typeSeparator}
	inRow       = []int{typeButton, typeStringSelect, typeUserSelect, typeRoleSelect, typeMentionableSelect, typeChannelSelect}
	inSection   = []int{typeTextDisplay}
	asAccessory = []int{typeButton, typeThumbnail}
	inModal     = []int{typeRow, typeTextDisplay, typeLabel}
	inModalRow  = []int{typeTextInput}
	inLabel     = []int{typeStringSelect, typeTextInput, typeUserSelect, typeRoleSelect, typeMentionableSelect, typeChannelSelect, typeFileUpload}
)

// parts walks the components of one message or modal.
type parts struct {
	bad   *complaints
	ids   map[string]bool // custom ids seen
	count int
	text  int // letters in text displays
}

// readComponents reads and checks the components of a message; layout is the
// newer kind (flag IS_COMPONENTS_V2), which allows more. Components get ids.
func readComponents(f form, layout bool) []json.RawMessage {
	p := &parts{bad: f.bad, ids: map[string]bool{}}
	allowed, size := inMessage, upTo(maxRows)
	if layout {
		allowed, size = inLayout, upTo(maxLayoutParts)
	}
	list := f.list("components", size)
	p.each(list, f.at.to("components"), allowed)
	switch at := f.at.to("components"); {
	case layout && p.count > maxLayoutParts:
		p.bad.add(at, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "The total number of components cannot exceed %d.", maxLayoutParts)
	case p.text > maxLayoutText:
		p.bad.add(at, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "The total size of displayable text cannot exceed %d.", maxLayoutText)
	}
	return numberComponents(list)
}

func (p *parts) each(list []json.RawMessage, at *path, allowed []int) {
	for i, raw := range list {
		p.one(raw, at.index(i), allowed)
	}
}

// one checks a component and what is in it, and returns its type (0 if it is
// none of the allowed ones).
func (p *parts) one(raw json.RawMessage, at *path, allowed []int) int {
	c, ok := openForm(raw, at, p.bad)
	if !ok || !c.require("type") {
		return 0
	}
	kind, err := strconv.Atoi(string(c.fields["type"]))
	if err != nil || !slices.Contains(allowed, kind) {
		p.bad.add(at, "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (%s).", strings.Join(numbers(allowed), ", "))
		return 0
	}
	p.count++
	c.whole("id", 0, 1<<31-1)
	switch kind {
	case typeRow:
		p.row(c, allowed)
	case typeButton:
		p.button(c)
	case typeStringSelect, typeUserSelect, typeRoleSelect, typeMentionableSelect, typeChannelSelect:
		p.selectMenu(c, kind)
	case typeTextInput:
		p.textInput(c, slices.Equal(allowed, inModalRow))
	case typeSection:
		if c.require("components") {
			p.each(c.list("components", span{1, 3}), at.to("components"), inSection)
		}
		if c.require("accessory") {
			p.one(c.fields["accessory"], at.to("accessory"), asAccessory)
		}
	case typeTextDisplay:
		p.text += length(c.needText("content", span{1, maxLayoutText}))
	case typeThumbnail, typeFile:
		key := map[int]string{typeThumbnail: "media", typeFile: "file"}[kind]
		if media, ok := c.sub(key); ok {
			checkURL(media, "url", true)
		} else {
			c.require(key)
		}
	case typeGallery:
		if c.require("items") {
			c.list("items", span{1, 10})
		}
	case typeContainer:
		if c.require("components") {
			c.whole("accent_color", 0, maxColor)
			p.each(c.list("components", span{1, maxLayoutParts}), at.to("components"), inContainer)
		}
	case typeLabel:
		c.needText("label", span{1, maxInputLabel})
		c.text("description", upTo(maxInputHint))
		if c.require("component") {
			p.one(c.fields["component"], at.to("component"), inLabel)
		}
	case typeFileUpload:
		p.customID(c, true)
	}
	return kind
}

// row checks an action row: up to five buttons, or one select, or in a modal
// one text input.
func (p *parts) row(c form, where []int) {
	if !c.require("components") {
		return
	}
	allowed, widths := inRow, map[int]int{typeButton: 1}
	if slices.Equal(where, inModal) {
		allowed = inModalRow
	}
	width := 0
	for i, raw := range c.list("components", span{1, maxRowWidth}) {
		at := c.at.to("components").index(i)
		kind := p.one(raw, at, allowed)
		if kind == 0 {
			continue
		}
		if w, ok := widths[kind]; ok {
			width += w
		} else {
			width += maxRowWidth
		}
		if width > maxRowWidth {
			p.bad.add(at, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
			return
		}
	}
}

// customID checks a custom id and that no other component has it.
func (p *parts) customID(c form, required bool) string {
	if !c.given("custom_id") {
		if required {
			c.bad.required(c.at.to("custom_id"))
		}
		return ""
	}
	id := c.text("custom_id", span{1, maxCustomID})
	if id != "" && p.ids[id] {
		p.bad.add(c.at.to("custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
	}
	p.ids[id] = true
	return id
}

// button checks that style, custom_id, url and label belong together.
func (p *parts) button(c form) {
	const link, premium = 5, 6
	style := c.kind("style", 1, 2, 3, 4, link, premium)
	id := p.customID(c, false)
	c.text("label", upTo(maxButtonLabel))
	c.boolean("disabled")
	labelled := c.given("label") && string(c.fields["label"]) != `""` || c.given("emoji")
	switch {
	case style == premium:
		c.require("sku_id")
		return
	case id != "" && c.given("url"):
		p.bad.add(c.at, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A custom id and url cannot both be specified")
	case style == link && c.given("url"):
		c.text("url", upTo(maxButtonURL))
		checkURL(c, "url", false)
	case style == link && id != "":
		p.bad.add(c.at.to("custom_id"), "BUTTON_COMPONENT_LINK_CUSTOM_ID", "A custom id cannot be used with a link button")
	case style == link:
		p.bad.add(c.at.to("url"), "BUTTON_COMPONENT_URL_REQUIRED", "A url is required")
	case style != 0 && c.given("url"):
		p.bad.add(c.at.to("url"), "BUTTON_COMPONENT_INVALID_URL", "A url can only be used with a link button")
	case style != 0 && !c.given("custom_id"):
		p.bad.add(c.at.to("custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
	}
	if style != 0 && !labelled {
		p.bad.add(c.at, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or emoji is required")
	}
}

func (p *parts) selectMenu(c form, kind int) {
	p.customID(c, true)
	c.text("placeholder", upTo(maxPlaceholder))
	c.boolean("disabled")
	low, lowGiven := c.whole("min_values", 0, maxSelectOptions)
	high, highGiven := c.whole("max_values", 1, maxSelectOptions)
	if !lowGiven {
		low = 1
	}
	if !highGiven {
		high = 1
	}
	if low > high {
		p.bad.add(c.at.to("min_values"), "NUMBER_TYPE_MAX", "int value should be less than or equal to %d.", high)
	}
	if kind != typeStringSelect || !c.require("options") {
		return
	}
	options := c.list("options", span{1, maxSelectOptions})
	values, chosen := map[string]bool{}, 0
	for i, raw := range options {
		o, ok := openForm(raw, c.at.to("options").index(i), p.bad)
		if !ok {
			continue
		}
		o.needText("label", span{1, maxSelectText})
		o.text("description", upTo(maxSelectText))
		value := o.needText("value", span{1, maxSelectText})
		if values[value] {
			p.bad.add(o.at.to("value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
		}
		values[value] = true
		if o.boolean("default") {
			chosen++
		}
	}
	if len(options) == 0 {
		return
	}
	if highGiven && int(high) > len(options) {
		p.bad.length(c.at.to("options"), len(options), span{int(high), maxSelectOptions})
	}
	if chosen > int(high) {
		p.bad.add(c.at, "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "The specified number of default values exceeds the specified maximum values")
	}
}

// numberComponents gives every component that has none an id, counting up
// from 1 past those in use, as Discord does. Values are otherwise kept.
func numberComponents(list []json.RawMessage) []json.RawMessage {
	trees := make([]map[string]any, len(list))
	used := map[string]bool{}
	for i, raw := range list {
		dec := json.NewDecoder(strings.NewReader(string(raw)))
		dec.UseNumber()
		_ = dec.Decode(&trees[i]) // what is no object was complained about
		walkComponents(trees[i], func(c map[string]any) {
			if id, ok := c["id"].(json.Number); ok {
				used[id.String()] = true
			}
		})
	}
	next := 0
	for i, tree := range trees {
		walkComponents(tree, func(c map[string]any) {
			if id, ok := c["id"].(json.Number); ok && id != "0" {
				return
			}
			for next++; used[strconv.Itoa(next)]; {
				next++
			}
			c["id"] = next
		})
		if out, err := json.Marshal(tree); err == nil && tree != nil {
			list[i] = out
		}
	}
	return list
}

// walkComponents visits a component and those in it, outer ones first.
func walkComponents(c map[string]any, visit func(map[string]any)) {
	if c == nil {
		return
	}
	visit(c)
	children, _ := c["components"].([]any)
	for _, key := range []string{"accessory", "component"} {
		children = append(children, c[key])
	}
	for _, child := range children {
		if m, ok := child.(map[string]any); ok {
			walkComponents(m, visit)
		}
	}
}
