package slacksim

import (
	"fmt"
	"slices"
)

// checked collects what is wrong with blocks, each with a pointer to its place,
// and what Slack would take but the simulator does not draw.
type checked struct {
	problems, warnings []string
	blockIDs           map[string]bool
	markdown           int
	tables             int
}

func (c *checked) wrong(at, format string, a ...any) {
	c.problems = append(c.problems, "[ERROR] "+fmt.Sprintf(format, a...)+" [json-pointer:"+at+"]")
}

// checkMessage holds the blocks of a message to Slack's limits.
func checkMessage(blocks []any) *checked {
	c := &checked{blockIDs: map[string]bool{}}
	if len(blocks) > maxBlocks {
		c.wrong("/blocks", "no more than %d items allowed", maxBlocks)
	}
	c.blocks("/blocks", blocks)
	return c
}

// attached checks the blocks of an attachment, which have ids of their own.
func (c *checked) attached(at string, attachment object) {
	blocks, isList := attachment["blocks"].([]any)
	if attachment["blocks"] != nil && !isList {
		c.wrong(at, "must be an array")
	}
	c.count(at, len(blocks), 0, maxBlocks)
	own := &checked{blockIDs: map[string]bool{}}
	own.blocks(at, blocks)
	c.problems, c.warnings = append(c.problems, own.problems...), append(c.warnings, own.warnings...)
}

var (
	drawn = []string{"section", "divider", "image", "actions", "context", "header", "input", "rich_text", "table", "markdown"}
	taken = []string{"file", "video", "call", "context_actions", "data_table", "data_visualization", "task_card", "plan", "alert", "card", "carousel"}
)

func (c *checked) blocks(at string, blocks []any) {
	for i, raw := range blocks {
		here := fmt.Sprintf("%s/%d", at, i)
		b, ok := raw.(object)
		if !ok {
			c.wrong(here, "must be an object")
			continue
		}
		kind := text(b, "type")
		switch {
		case slices.Contains(taken, kind):
			c.warnings = append(c.warnings, "block_not_drawn:"+kind)
			continue
		case !slices.Contains(drawn, kind):
			c.wrong(here+"/type", "unsupported type: %s", kind)
			continue
		}
		c.id(here+"/block_id", b, "block_id", c.blockIDs)
		c.block(here, kind, b)
	}
}

func (c *checked) block(at, kind string, b object) {
	c.known(at, kind, b)
	switch kind {
	case "section":
		c.section(at, b)
	case "header":
		c.words(at+"/text", b["text"], 1, maxHeaderText, "plain_text")
	case "context":
		c.context(at, items(b, "elements"))
	case "actions":
		elements := items(b, "elements")
		c.count(at+"/elements", len(elements), 1, maxActions)
		c.elements(at+"/elements", elements)
	case "input":
		c.input(at, b)
	case "image":
		c.image(at, b)
		if b["title"] != nil {
			c.words(at+"/title", b["title"], 1, maxImageText, "plain_text")
		}
	case "markdown":
		if c.markdown += units(text(b, "text")); c.markdown > maxMarkdown {
			c.wrong(at+"/text", "must be no more than %d characters in all markdown blocks", maxMarkdown)
		}
	case "table":
		c.table(at, b)
	case "rich_text":
		c.richText(at+"/elements", b)
	}
}

func (c *checked) section(at string, b object) {
	fields, isList := b["fields"].([]any)
	if b["fields"] != nil && !isList {
		c.wrong(at+"/fields", "must be an array")
	}
	if b["text"] == nil && len(fields) == 0 {
		c.wrong(at, "a section needs text or fields")
	}
	if b["text"] != nil {
		c.words(at+"/text", b["text"], 1, maxSectionText, "")
	}
	c.count(at+"/fields", len(fields), 0, maxFields)
	for i, f := range fields {
		c.words(fmt.Sprintf("%s/fields/%d", at, i), f, 1, maxFieldText, "")
	}
	if b["accessory"] == nil {
		return
	}
	accessory := child(b, "accessory")
	if kind := text(accessory, "type"); slices.Contains(onlyInInput, kind) {
		c.wrong(at+"/accessory/type", "unsupported type: %s", kind)
		return
	}
	c.element(at+"/accessory", accessory, map[string]bool{})
}

func (c *checked) context(at string, elements []any) {
	c.count(at+"/elements", len(elements), 1, maxContext)
	for i, raw := range elements {
		here := fmt.Sprintf("%s/elements/%d", at, i)
		e, _ := raw.(object)
		if text(e, "type") == "image" {
			c.image(here, e)
			continue
		}
		c.words(here, raw, 1, maxSectionText, "")
	}
}

func (c *checked) image(at string, b object) {
	if n := units(text(b, "alt_text")); n < 1 || n > maxImageText {
		c.wrong(at+"/alt_text", "must be 1 to %d characters", maxImageText)
	}
	if child(b, "slack_file") == nil && text(b, "image_url") == "" {
		c.wrong(at+"/image_url", "missing required field")
	}
	if link := text(b, "image_url"); link != "" && !validLink(link) {
		c.wrong(at+"/image_url", "invalid image url")
	}
	if units(text(b, "image_url")) > maxURL {
		c.wrong(at+"/image_url", "must be no more than %d characters", maxURL)
	}
}

func (c *checked) input(at string, b object) {
	c.words(at+"/label", b["label"], 1, maxInputText, "plain_text")
	if b["hint"] != nil {
		c.words(at+"/hint", b["hint"], 1, maxInputText, "plain_text")
	}
	element := child(b, "element")
	if element == nil {
		c.wrong(at+"/element", "missing required field")
		return
	}
	if kind := text(element, "type"); kind == "button" || kind == "overflow" || kind == "image" {
		c.wrong(at+"/element/type", "unsupported type: %s", kind)
		return
	}
	c.element(at+"/element", element, map[string]bool{})
}

func (c *checked) table(at string, b object) {
	if c.tables++; c.tables > 1 {
		c.wrong(at, "only one table is allowed")
	}
	rows := items(b, "rows")
	c.count(at+"/rows", len(rows), 1, maxTableRows)
	for i, raw := range rows {
		row, _ := raw.([]any)
		c.count(fmt.Sprintf("%s/rows/%d", at, i), len(row), 1, maxTableColumns)
		for j, cell := range row {
			o, _ := cell.(object)
			if kind := text(o, "type"); kind != "raw_text" && kind != "rich_text" {
				c.wrong(fmt.Sprintf("%s/rows/%d/%d/type", at, i, j), "unsupported type: %s", kind)
			}
		}
	}
}

var richParts = []string{"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}

func (c *checked) richText(at string, b object) {
	elements, isList := b["elements"].([]any)
	if !isList {
		c.wrong(at, "missing required field")
	}
	for i, raw := range elements {
		e, _ := raw.(object)
		if !slices.Contains(richParts, text(e, "type")) {
			c.wrong(fmt.Sprintf("%s/%d/type", at, i), "unsupported type: %s", text(e, "type"))
		}
		if _, isList := e["elements"].([]any); !isList {
			c.wrong(fmt.Sprintf("%s/%d/elements", at, i), "missing required field")
		}
	}
}

// words checks a text object.
func (c *checked) words(at string, raw any, least, most int, only string) {
	o, ok := raw.(object)
	if !ok {
		c.wrong(at, "missing required field")
		return
	}
	kind := text(o, "type")
	switch {
	case only != "" && kind != only:
		c.wrong(at+"/type", "must be %s", only)
	case kind != "plain_text" && kind != "mrkdwn":
		c.wrong(at+"/type", "must be plain_text or mrkdwn")
	}
	c.known(at, "text object "+kind, o)
	switch n := units(text(o, "text")); {
	case n < least:
		c.wrong(at+"/text", "must be more than %d characters", least-1)
	case n > most:
		c.wrong(at+"/text", "must be less than %d characters", most+1)
	}
}

func (c *checked) count(at string, n, least, most int) {
	switch {
	case n < least:
		c.wrong(at, "no fewer than %d items allowed", least)
	case n > most:
		c.wrong(at, "no more than %d items allowed", most)
	}
}

// id checks an id and that no other of its scope is the same.
func (c *checked) id(at string, o object, key string, seen map[string]bool) {
	id := text(o, key)
	if units(id) > maxIDText {
		c.wrong(at, "must be no more than %d characters", maxIDText)
	}
	if id != "" && seen[id] {
		c.wrong(at, "%s %q is there already", key, id)
	}
	seen[id] = true
}

// blockText counts the characters of all text of blocks.
func blockText(v any) int {
	switch v := v.(type) {
	case []any:
		n := 0
		for _, e := range v {
			n += blockText(e)
		}
		return n
	case object:
		n := 0
		for key, e := range v {
			if s, ok := e.(string); ok && key == "text" {
				n += units(s)
			} else {
				n += blockText(e)
			}
		}
		return n
	}
	return 0
}

// giveIDs names the blocks and elements that came without an id, as Slack does.
func giveIDs(st *state, blocks []any) {
	for _, raw := range blocks {
		b, ok := raw.(object)
		if !ok {
			continue
		}
		if text(b, "block_id") == "" {
			b["block_id"] = digest36(st.minted("block"), 5)
		}
		for _, e := range interactive(b) {
			if text(e, "action_id") == "" {
				e["action_id"] = digest36(st.minted("action"), 5)
			}
		}
	}
}

// name gives ids to what came without: attachments are numbered, blocks and
// elements named.
func (st *state) name(words content) {
	giveIDs(st, words.blocks)
	for i, raw := range words.attachments {
		if a, ok := raw.(object); ok {
			a["id"] = i + 1
			giveIDs(st, items(a, "blocks"))
		}
	}
}

// everyBlock lists the blocks of a message, those of its attachments included.
func (m *message) everyBlock() []any {
	out := slices.Clone(m.Blocks)
	for _, raw := range m.Attachments {
		a, _ := raw.(object)
		out = append(out, items(a, "blocks")...)
	}
	return out
}

// attachmentOf is the number of the attachment that has an element, 0 if none has.
func (m *message) attachmentOf(block, action string) int {
	if _, e, _ := findElement(m.Blocks, "", action, block); e != nil {
		return 0
	}
	for i, raw := range m.Attachments {
		a, _ := raw.(object)
		if _, e, _ := findElement(items(a, "blocks"), "", action, block); e != nil {
			return i + 1
		}
	}
	return 0
}

// interactive lists the elements of a block that a person can act on.
func interactive(b object) []object {
	var out []object
	add := func(e object) {
		if e != nil && text(e, "type") != "image" && text(e, "type") != "mrkdwn" && text(e, "type") != "plain_text" {
			out = append(out, e)
		}
	}
	switch text(b, "type") {
	case "section":
		add(child(b, "accessory"))
	case "input":
		add(child(b, "element"))
	case "actions":
		for _, raw := range items(b, "elements") {
			e, _ := raw.(object)
			add(e)
		}
	}
	return out
}
