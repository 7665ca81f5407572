package slacksim

// canvasesCreate gives a channel its canvas. The canvas is remembered, not drawn.
func canvasesCreate(c *call) (object, error) {
	ch := c.state.byID[c.str("channel_id")]
	content, err := c.document()
	switch {
	case err != nil:
		return nil, err
	case ch == nil, ch.Deleted, !ch.has(c.state.App.BotUser):
		return nil, refuse("channel_canvas_creation_failed", "[ERROR] the app is in no such channel")
	case ch.Archived:
		return nil, refuse("restricted_action")
	case ch.Canvas != "":
		return nil, refuse("channel_canvas_already_exists")
	}
	f := &file{
		ID: c.state.mintID("F"), Name: "canvas.md", Title: c.str("title"), Mimetype: "application/vnd.slack-docs", User: c.state.App.BotUser,
		Size: int64(len(content)), Created: unixNow(c.clock), Content: []byte(content), Done: true, Channels: []string{ch.ID},
	}
	c.state.Files = append(c.state.Files, f)
	c.save("file", f.ID, f)
	ch.Canvas = f.ID
	c.touch(ch)
	return object{"canvas_id": f.ID}, nil
}

// document reads the content of a canvas, which may be empty.
func (c *call) document() (string, error) {
	raw, err := c.decoded("document_content")
	if err != nil {
		return "", refuse("invalid_arguments", "[ERROR] "+err.Error())
	}
	if raw == nil {
		return "", nil
	}
	o, ok := raw.(object)
	words := text(o, "markdown")
	switch {
	case !ok, text(o, "type") != "markdown":
		return "", refuse("invalid_arguments", "[ERROR] must be an object of type markdown [json-pointer:/document_content]")
	case units(words) > maxCanvas:
		return "", refuse("invalid_arguments", "[ERROR] must be no more than 1048576 characters [json-pointer:/document_content/markdown]")
	}
	return words, nil
}
