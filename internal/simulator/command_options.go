package simulator

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Option types by where they may stand.
var (
	anyOption   = []int{optionSub, optionGroup, optionString, optionInteger, optionBoolean, optionUser, optionChannel, optionRole, optionMentionable, optionNumber, optionAttachment}
	inGroup     = []int{optionSub}
	inSub       = anyOption[2:]
	withChoices = []int{optionString, optionInteger, optionNumber}
	channelKind = []int{0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16}
)

// readOptions reads the options of a command, a group or a subcommand, where
// only some types are allowed.
func readOptions(f form, allowed []int) []option {
	var list []option
	names, optional := map[string]bool{}, false
	for i, raw := range f.list("options", upTo(maxOptions)) {
		at := f.at.to("options").index(i)
		o, ok := readOption(raw, at, f.bad, allowed)
		if !ok {
			continue
		}
		if names[o.Name] {
			f.bad.add(at, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name %s is already used in these options", o.Name)
		}
		names[o.Name] = true
		if len(list) > 0 && list[0].nests() != o.nests() {
			f.bad.add(at, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
				"Sub-command and sub-command group option types are mutually exclusive to all other types")
		}
		if o.Required && optional {
			f.bad.add(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")
		}
		optional = optional || !o.Required
		list = append(list, o)
	}
	return list
}

// nests: it is a subcommand or a group, not a parameter.
func (o option) nests() bool { return o.Type == optionSub || o.Type == optionGroup }

func readOption(raw json.RawMessage, at *path, bad *complaints, allowed []int) (option, bool) {
	f, ok := openForm(raw, at, bad)
	if !ok || !f.require("type") {
		return option{}, false
	}
	kind, err := strconv.Atoi(string(f.fields["type"]))
	if err != nil || !slices.Contains(allowed, kind) {
		bad.add(at, "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (%s).", strings.Join(numbers(allowed), ", "))
		return option{}, false
	}
	o := option{
		Type: kind, Name: f.needText("name", span{1, maxCommandName}), Description: f.needText("description", span{1, maxCommandText}),
		NameIn:        readLocalizations(f, "name_localizations", span{1, maxCommandName}, validName),
		DescriptionIn: readLocalizations(f, "description_localizations", span{1, maxCommandText}, nil),
	}
	checkName(f, o.Name)
	switch kind {
	case optionGroup:
		if f.require("options") {
			o.Options = readOptions(f, inGroup)
		}
		return o, true
	case optionSub:
		o.Options = readOptions(f, inSub)
		return o, true
	}
	o.Required, o.Autocomplete = f.boolean("required"), f.boolean("autocomplete")
	if o.Autocomplete && !slices.Contains(withChoices, kind) {
		bad.add(at.to("autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_TYPE_INVALID", "Autocomplete is only available for string, integer and number options")
	}
	o.Choices = readOptionChoices(f, kind)
	if o.Autocomplete && len(o.Choices) > 0 {
		bad.add(at, "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES_MUTUALLY_EXCLUSIVE", "Autocomplete cannot be set when choices are present")
	}
	readRange(f, &o)
	if f.given("channel_types") {
		if kind != optionChannel {
			bad.add(at.to("channel_types"), "APPLICATION_COMMAND_CHANNEL_TYPES_INVALID", "Channel types are only available for channel options")
		}
		o.ChannelTypes = readEnums(f, "channel_types", channelKind)
	}
	return o, true
}

func readOptionChoices(f form, kind int) []choice {
	raws := f.list("choices", upTo(maxChoices))
	if len(raws) > 0 && !slices.Contains(withChoices, kind) {
		f.bad.add(f.at.to("choices"), "APPLICATION_COMMAND_CHOICES_TYPE_INVALID", "Choices are only available for string, integer and number options")
		return nil
	}
	var list []choice
	names := map[string]bool{}
	for i, raw := range raws {
		c, ok := openForm(raw, f.at.to("choices").index(i), f.bad)
		if !ok {
			continue
		}
		name := c.needText("name", span{1, maxChoiceName})
		if names[name] {
			f.bad.add(c.at, "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", "Option choice name already exists")
		}
		names[name] = true
		readChoiceValue(c, kind)
		list = append(list, choice{Name: name, NameIn: readLocalizations(c, "name_localizations", span{1, maxChoiceName}, nil), Value: c.fields["value"]})
	}
	return list
}

// readChoiceValue checks that a choice's value fits the type of its option.
func readChoiceValue(c form, kind int) {
	switch kind {
	case optionString:
		c.needText("value", span{1, maxChoiceValue})
	case optionInteger:
		if c.require("value") {
			c.whole("value", -maxSafeInteger, maxSafeInteger)
		}
	case optionNumber:
		if c.require("value") {
			readNumber(c, "value")
		}
	}
}

// readNumber reads an optional number that a double holds safely.
func readNumber(f form, key string) json.Number {
	if !f.given(key) {
		return ""
	}
	raw := string(f.fields[key])
	x, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.Abs(x) > maxSafeInteger {
		f.bad.add(f.at.to(key), "NUMBER_TYPE_COERCE", "Value \"%s\" is not float.", strings.Trim(raw, `"`))
		return ""
	}
	return json.Number(raw)
}

// readRange reads the bounds of an option: of its value or of its length.
func readRange(f form, o *option) {
	for key, kinds := range map[string][]int{
		"min_value": {optionInteger, optionNumber}, "max_value": {optionInteger, optionNumber},
		"min_length": {optionString}, "max_length": {optionString},
	} {
		if f.given(key) && !slices.Contains(kinds, o.Type) {
			f.bad.add(f.at.to(key), "APPLICATION_COMMAND_OPTION_RANGE_INVALID", "%s is not available for this type of option", key)
		}
	}
	switch o.Type {
	case optionInteger:
		for key, to := range map[string]*json.Number{"min_value": &o.Min, "max_value": &o.Max} {
			if n, ok := f.whole(key, -maxSafeInteger, maxSafeInteger); ok {
				*to = json.Number(strconv.FormatInt(n, 10))
			}
		}
	case optionNumber:
		o.Min, o.Max = readNumber(f, "min_value"), readNumber(f, "max_value")
	case optionString:
		if n, ok := f.whole("min_length", 0, maxOptionLength); ok {
			o.MinLength = &n
		}
		if n, ok := f.whole("max_length", 1, maxOptionLength); ok {
			o.MaxLength = &n
		}
		if o.MinLength != nil && o.MaxLength != nil && *o.MinLength > *o.MaxLength {
			f.bad.add(f.at.to("min_length"), "APPLICATION_COMMAND_OPTION_LENGTH_INVALID", "min_length must not be greater than max_length")
		}
	}
	if o.Min != "" && o.Max != "" {
		low, _ := o.Min.Float64()
		high, _ := o.Max.Float64()
		if low > high {
			f.bad.add(f.at.to("min_value"), "APPLICATION_COMMAND_OPTION_RANGE_INVALID", "min_value must not be greater than max_value")
		}
	}
}
