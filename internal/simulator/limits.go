package simulator

import (
	"regexp"
	"time"
	"unicode/utf8"
)

// Discord's limits, as its documentation gives them. This table is the
// simulator's own: it shares nothing with the code it judges.
const (
	maxContent     = 2000
	maxNonce       = 25
	maxEmbeds      = 10
	maxEmbedTotal  = 6000 // over all embeds of a message
	maxTitle       = 256
	maxDescription = 4096
	maxFields      = 25
	maxFieldName   = 256
	maxFieldValue  = 1024
	maxFooter      = 2048
	maxAuthor      = 256
	maxColor       = 0xFFFFFF
	maxURL         = 2048
	maxAttachments = 10
	maxMentions    = 100 // ids in allowed_mentions.users and .roles

	maxRows           = 5
	maxRowWidth       = 5 // a button is 1 wide, a select 5
	maxCustomID       = 100
	maxButtonLabel    = 80
	maxButtonURL      = 512
	maxPlaceholder    = 150
	maxSelectOptions  = 25
	maxSelectText     = 100 // label, value and description of an option
	maxLayoutParts    = 40  // components of a message of components only (v2)
	maxLayoutText     = 4000
	maxModalTitle     = 45
	maxModalParts     = 5
	maxInputLabel     = 45
	maxInputValue     = 4000
	maxInputHint      = 100
	maxChoices        = 25
	maxChoiceName     = 100
	maxChoiceValue    = 100
	maxSafeInteger    = 1<<53 - 1 // of INTEGER and NUMBER options
	maxCommands       = 100       // slash commands in one scope
	maxContextMenu    = 5         // user commands, and message commands, in one scope
	maxCommandName    = 32
	maxCommandText    = 100 // descriptions
	maxCommandSize    = 8000
	maxOptions        = 25
	maxOptionLength   = 6000 // of min_length and max_length
	maxMembersPerPage = 1000

	tokenLife    = 15 * time.Minute
	answerWithin = 3 * time.Second
	fileLife     = 24 * time.Hour  // of a file's address
	nonceLife    = 3 * time.Minute // Discord says "the past few minutes"

	maxRESTBody    = 25 << 20 // with files; Discord answers 413 above
	maxJSONBody    = 2 << 20
	maxAnswerBody  = 8 << 20
	maxControlBody = 64 << 10
	maxFileSize    = 10 << 20                         // of one that somebody attaches to a command, or the bot to a message
	maxUploadBody  = maxFileSize*4/3 + maxControlBody // of a command with a file
)

// How much of the past is kept. The oldest goes first.
const (
	keptInteractions = 4000
	keptMessages     = 8000
	keptFiles        = 2000
	keptFileBytes    = 64 << 20
)

// Message flags an app may set.
const (
	flagSuppressEmbeds        = 1 << 2
	flagEphemeral             = 1 << 6
	flagLoading               = 1 << 7 // Discord sets it while "thinking"
	flagSuppressNotifications = 1 << 12
	flagVoiceMessage          = 1 << 13
	flagComponentsV2          = 1 << 15

	flagsOfAnswer = flagSuppressEmbeds | flagEphemeral | flagSuppressNotifications | flagVoiceMessage | flagComponentsV2
)

// commandName is Discord's ^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$.
// Lower case is a rule of its own, with an error of its own.
var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

// locales are the keys that localisation dictionaries may have.
var locales = map[string]bool{
	"id": true, "da": true, "de": true, "en-GB": true, "en-US": true, "es-ES": true, "es-419": true,
	"fr": true, "hr": true, "it": true, "lt": true, "hu": true, "nl": true, "no": true, "pl": true,
	"pt-BR": true, "ro": true, "fi": true, "sv-SE": true, "vi": true, "tr": true, "cs": true,
	"el": true, "bg": true, "ru": true, "uk": true, "hi": true, "th": true, "zh-CN": true,
	"ja": true, "zh-TW": true, "ko": true,
}

// length counts as Discord's API does: code points, neither bytes nor UTF-16
// units ("Our API uses Python 3, so the API calculates length based on the
// number of codepoints in the string", discord-api-docs issue 1315). An emoji
// of four bytes is one; a family of seven joined code points is seven.
func length(s string) int { return utf8.RuneCountInString(s) }
