package view

import (
	"slices"

	"github.com/slack-go/slack"
)

// Input is the action id of every input: block ids alone tell inputs apart.
const Input = "v"

// modal is a form. submit "" makes one that only tells. The stamp travels in
// its private metadata: it says what the form is about, never who may send it.
func modal(callback, title, submit string, s Stamp, blocks ...[]slack.Block) slack.ModalViewRequest {
	var all []slack.Block
	for _, b := range blocks {
		all = append(all, b...)
	}
	if len(all) > maxModalBlocks {
		all = all[:maxModalBlocks]
	}
	m := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback, PrivateMetadata: s.String(),
		Title: plain(title, maxModalTitle), Close: plain("Close", maxModalButton),
		Blocks: slack.Blocks{BlockSet: all},
	}
	if submit != "" {
		m.Submit = plain(submit, maxModalButton)
		m.Close = plain("Cancel", maxModalButton)
	}
	return m
}

// field is one labelled input; hint may be empty.
func field(block, label, hint string, optional bool, e slack.BlockElement) []slack.Block {
	in := slack.NewInputBlock(block, plain(label, maxInputLabel), nil, e)
	if hint != "" {
		in.Hint = plain(hint, maxInputLabel)
	}
	in.Optional = optional
	return []slack.Block{in}
}

func textInput(initial, placeholder string, lines bool) *slack.PlainTextInputBlockElement {
	e := slack.NewPlainTextInputBlockElement(nil, Input)
	if placeholder != "" {
		e.Placeholder = plain(placeholder, maxPlaceholder)
	}
	e.InitialValue = cut(initial, maxPlainInput)
	e.Multiline = lines
	e.MaxLength = maxPlainInput
	return e
}

// Option is one choice of a select.
type Option struct{ Value, Label string }

func selectInput(placeholder, chosen string, options []Option) *slack.SelectBlockElement {
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(placeholder, maxPlaceholder), Input, choices(options)...)
	for _, o := range e.Options {
		if o.Value == chosen {
			e.InitialOption = o
		}
	}
	return e
}

// severalInput lets choose up to so many of the options.
func severalInput(placeholder string, most int, chosen []string, options []Option) *slack.MultiSelectBlockElement {
	e := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, plain(placeholder, maxPlaceholder), Input, choices(options)...)
	e.MaxSelectedItems = &most
	for _, o := range e.Options {
		if slices.Contains(chosen, o.Value) {
			e.InitialOptions = append(e.InitialOptions, o)
		}
	}
	return e
}

func checkInput(chosen []string, options []Option) *slack.CheckboxGroupsBlockElement {
	if len(options) > maxCheckboxOption {
		options = options[:maxCheckboxOption]
	}
	e := slack.NewCheckboxGroupsBlockElement(Input, choices(options)...)
	for _, o := range e.Options {
		for _, c := range chosen {
			if o.Value == c {
				e.InitialOptions = append(e.InitialOptions, o)
			}
		}
	}
	return e
}

func radioInput(chosen string, options []Option) *slack.RadioButtonsBlockElement {
	e := slack.NewRadioButtonsBlockElement(Input, choices(options)...)
	for _, o := range e.Options {
		if o.Value == chosen {
			e.InitialOption = o
		}
	}
	return e
}

// choices leaves out what Slack could not carry back unchanged: a value is
// never cut, because a cut value would be another value.
func choices(options []Option) []*slack.OptionBlockObject {
	var out []*slack.OptionBlockObject
	for _, o := range options {
		if o.Value == "" || units(o.Value) > maxOptionValue || len(out) == maxSelectOptions {
			continue
		}
		out = append(out, slack.NewOptionBlockObject(o.Value, plain(o.Label, maxOptionText), nil))
	}
	return out
}
