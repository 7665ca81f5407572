package view

import (
	"strings"

	"github.com/slack-go/slack"
)

// Image is an uploaded file with the words for who cannot see it.
type Image struct{ File, Title, Words string }

// Pictures is one message of images. Its text says what they show.
func Pictures(images []Image) Message {
	var said []string
	var blocks []slack.Block
	for _, i := range images {
		said = append(said, i.Words)
		title := slack.NewTextBlockObject(slack.PlainTextType, cut(i.Title, maxHeader), false, false)
		blocks = append(blocks, slack.NewImageBlockSlackFile(&slack.SlackFileObject{ID: i.File}, cut(visible(i.Words), maxAlt), "", title))
	}
	text := Escape(strings.Join(said, " "))
	return Message{Text: cutMarkup(text, maxMessageText), Blocks: stack(context(text), blocks)}
}
