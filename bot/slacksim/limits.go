package slacksim

import "time"

// Slack's limits, as documented unless a comment says otherwise. Lengths are
// counted in UTF-16 code units.
const (
	ackLimit         = 3 * time.Second
	responseLimit    = 30 * time.Minute
	responseUses     = 5
	ticketKept       = 10 * time.Minute // unpublished; long enough for any client
	maxAckFrame      = 20480            // bytes; a larger acknowledgement is dropped silently
	maxAppFrame      = 16 << 20         // bytes; a larger one ends its connection
	maxConnections   = 10
	pingEvery        = 5 * time.Second
	connectionSecond = 18060

	maxChannelName = 80
	maxTopic       = 250
	maxInvited     = 100
	maxPins        = 100 // reported, not documented
	maxBookmarks   = 100
	maxAttachments = 100
	maxShares      = 100     // channels of a file upload
	maxAltText     = 1000    // of a file
	maxCanvas      = 1 << 20 // characters
	maxSnippet     = 1 << 20 // bytes
	maxReactions   = 23      // of one person on a message; reported
	maxEmoji       = 50      // on a message; reported
	maxReplyUsers  = 5       // named with a thread
	maxTogether    = 8       // people in a direct message

	maxPostText    = 40000
	maxUpdateText  = 4000
	maxMessageText = 13200 // all block text together; reported, not documented
	maxMetadata    = 16384 // bytes of JSON; unpublished, so what is surely meant as an attribute of a message
	maxBlocks      = 50

	maxViewBlocks   = 100
	maxViewBytes    = 250_000
	maxViewTitle    = 24
	maxPrivate      = 3000
	maxCallbackID   = 255
	maxViewStack    = 3
	maxSectionText  = 3000
	maxFields       = 10
	maxFieldText    = 2000
	maxHeaderText   = 150
	maxContext      = 10
	maxActions      = 25
	maxImageText    = 2000
	maxURL          = 3000
	maxInputText    = 2000
	maxMarkdown     = 12000
	maxTableRows    = 100
	maxTableColumns = 20
	maxIDText       = 255

	maxButtonText   = 75
	maxButtonValue  = 2000
	maxPlaceholder  = 150
	maxInputLength  = 3000
	maxOptions      = 100
	maxOverflow     = 5
	maxCheckboxes   = 10
	maxOptionText   = 75
	maxOptionValue  = 150
	maxConfirmTitle = 100
	maxConfirmText  = 300
	maxConfirmLabel = 30

	maxAppName       = 35
	maxAppWords      = 140
	minAppStory      = 175
	maxAppStory      = 4000
	maxCommand       = 32
	maxShortcuts     = 10
	maxShortcutName  = 24
	maxShortcutWords = 150
)

// cutUnits shortens a text to n code units without splitting a character.
func cutUnits(s string, n int) string {
	used := 0
	for i, r := range s {
		w := 1
		if r > 0xFFFF {
			w = 2
		}
		if used+w > n {
			return s[:i]
		}
		used += w
	}
	return s
}
