package view

// Slack's limits, as its documentation gives them, in UTF-16 units where Slack
// counts text. Views are built so that they cannot be exceeded: text is cut by
// rune with an ellipsis, lists are cut with a line that says so.
const (
	maxMessageBlocks  = 50
	maxModalBlocks    = 100
	maxFallback       = 150
	maxSectionText    = 3000
	maxHeader         = 150
	maxContextItems   = 10
	maxActionItems    = 25
	maxButtonText     = 75
	maxButtonValue    = 2000
	maxStamp          = 200
	maxModalTitle     = 24
	maxModalButton    = 24
	maxPrivateData    = 3000
	maxInputLabel     = 2000
	maxPlaceholder    = 150
	maxPlainInput     = 3000
	maxOptionText     = 75
	maxOptionValue    = 75
	maxSelectOptions  = 100
	maxMessageText    = 4000
	maxAllText        = 12000
	codeWidth         = 40
	maxCodeRows       = 12
	maxCheckboxOption = 10
	maxHomeTitle      = 80
)
