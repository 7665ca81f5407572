package view

import (
	"strings"

	"github.com/slack-go/slack"
)

// stack puts blocks under each other, leaving out the absent ones. A message
// that would have too many ends with a line that says so.
func stack(blocks ...[]slack.Block) []slack.Block {
	var out []slack.Block
	for _, b := range blocks {
		out = append(out, b...)
	}
	if len(out) > maxMessageBlocks {
		out = append(out[:maxMessageBlocks-1], context("There is more than fits here.")...)
	}
	return out
}

func heading(text string) []slack.Block {
	return []slack.Block{slack.NewHeaderBlock(plain(text, maxHeader))}
}

// section is a paragraph of mrkdwn; foreign text in it has been escaped.
func section(mrkdwn string) []slack.Block {
	if strings.TrimSpace(mrkdwn) == "" {
		return nil
	}
	return []slack.Block{slack.NewSectionBlock(markdown(mrkdwn), nil, nil)}
}

// paragraphs puts lines into as few sections as their length allows.
func paragraphs(lines []string) []slack.Block {
	var out []slack.Block
	text := ""
	for _, l := range lines {
		if text != "" && units(text)+units(l)+1 > maxSectionText {
			out = append(out, section(text)...)
			text = ""
		}
		if text != "" {
			text += "\n"
		}
		text += l
	}
	return stack(out, section(text))
}

// row is a paragraph with one button beside it.
func row(mrkdwn string, b *slack.ButtonBlockElement) []slack.Block {
	return []slack.Block{slack.NewSectionBlock(markdown(mrkdwn), nil, slack.NewAccessory(b))}
}

// MenuAction begins the id of a menu: what is chosen in it names an action of its
// own, and what that is about.
const MenuAction = "menu.choose"

// item is an entry of a menu: what a button with that action would do.
func item(action, label string, s Stamp) Option { return Option{action + " " + s.String(), label} }

// menuRow is a paragraph with a menu beside it; id makes the menu unique in a view.
func menuRow(mrkdwn, id string, items []Option) []slack.Block {
	e := slack.NewOverflowBlockElement(MenuAction+"."+id, choices(items)...)
	return []slack.Block{slack.NewSectionBlock(markdown(mrkdwn), nil, slack.NewAccessory(e))}
}

func context(lines ...string) []slack.Block {
	var items []slack.MixedElement
	for _, l := range lines {
		if strings.TrimSpace(l) != "" && len(items) < maxContextItems {
			items = append(items, markdown(l))
		}
	}
	if items == nil {
		return nil
	}
	return []slack.Block{slack.NewContextBlock("", items...)}
}

// buttons is one row of at most five, fit for a phone.
func buttons(id string, bs ...*slack.ButtonBlockElement) []slack.Block {
	var items []slack.BlockElement
	for _, b := range bs {
		if b != nil {
			items = append(items, b)
		}
	}
	if items == nil {
		return nil
	}
	return []slack.Block{slack.NewActionBlock(id, items...)}
}

func button(action, label string, s Stamp) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, s.String(), plain(label, maxButtonText))
}

func primary(action, label string, s Stamp) *slack.ButtonBlockElement {
	return button(action, label, s).WithStyle(slack.StylePrimary)
}

func danger(action, label string, s Stamp) *slack.ButtonBlockElement {
	return button(action, label, s).WithStyle(slack.StyleDanger)
}

func plain(s string, limit int) *slack.TextBlockObject {
	if s == "" {
		s = " "
	}
	return slack.NewTextBlockObject(slack.PlainTextType, cut(visible(s), limit), false, false)
}

func markdown(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, cutMarkup(s, maxSectionText), false, false)
}
