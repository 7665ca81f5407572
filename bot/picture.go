package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/count"
)

// PicturesRefused says that Slack took no picture of an incident's counts.
type PicturesRefused struct {
	Incident incidents.ID
	Reason   string
}

// Kind names the fact.
func (PicturesRefused) Kind() string { return "pictures-refused/1" }

// The step that shows the newest count as pictures, and the kind of message it
// keeps. It follows what changes them: each measurement, and what people decide
// about it.
const pictureStep = "picture"

var pictured = map[string]bool{
	(count.Measured{}).Kind(): true, (count.Decided{}).Kind(): true, (count.Waived{}).Kind(): true, (count.DesiredImported{}).Kind(): true,
}

const (
	// A count that waits for its card any longer goes unpictured; the next one
	// is not.
	pictureWaits = 2 * time.Minute
	// Other news of the incident wait for no picture longer than this.
	pictureWithin = 10 * time.Second
	pictureTries  = 3
	// What is newer says more than the whole of a long watch.
	mostPoints = 300
)

// showing is what a message of pictures shows, as it is kept beside it. Shared
// means that Slack refused them inside a message, so that they were shared as
// files, which cannot be edited.
type showing struct {
	Sum    []byte   `json:"sum"`
	Files  []string `json:"files"`
	Shared bool     `json:"shared"`
}

// picture is one image with the words for who cannot see it.
type picture struct {
	name, title, words string
	png                []byte
}

// preparePicture draws the pictures of the newest count in the thread of the
// state table. They decorate: whatever Slack says to them, nothing waits for
// them and nothing fails with them.
func (b *Bot) preparePicture(ctx context.Context, t task, at time.Time) (do send, why, err error) {
	if !b.o.Pictures {
		return nil, errUnchanged, nil
	}
	head, there, err := findPosted(ctx, b.o.DB, t.Incident, "table")
	if err != nil {
		return nil, nil, err
	}
	if !there {
		if at.Sub(t.entry.At) > pictureWaits {
			return nil, errUnchanged, nil
		}
		return nil, errNotReady, nil
	}
	growth, shares, err := b.pictureData(ctx, t.inc)
	if err != nil {
		return nil, nil, err
	}
	sum, err := drawing([]any{growth, shares})
	if err != nil {
		return nil, nil, err
	}
	old, there, err := findPosted(ctx, b.o.DB, t.Incident, pictureStep)
	if err != nil {
		return nil, nil, err
	}
	var shows showing
	if there {
		if err := json.Unmarshal(old.Drawn, &shows); err != nil {
			return nil, nil, fmt.Errorf("read what the pictures show: %w", err)
		}
		if bytes.Equal(shows.Sum, sum) {
			return nil, errUnchanged, nil
		}
		if free := old.DrawnAt.Add(6 * b.o.EditEvery); at.Before(free) {
			return nil, laterError{free}, nil
		}
	}
	pictures, err := drawn(growth, shares)
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context) (sent, error) {
		ctx, cancel := context.WithTimeout(ctx, pictureWithin)
		defer cancel()
		now, where, err := b.showPictures(ctx, t, place{head.Channel, head.TS}, old, shows, pictures)
		if err != nil {
			return sent{}, b.pictureFailed(context.WithoutCancel(ctx), t, err)
		}
		now.Sum = sum
		raw, err := json.Marshal(now)
		if err != nil {
			return where, fmt.Errorf("encode what the pictures show: %w", err)
		}
		err = savePosted(context.WithoutCancel(ctx), b.o.DB, t.Incident, pictureStep, posted{Channel: where.channel, TS: where.ts, Drawn: raw, DrawnAt: at})
		if err == nil {
			b.forgetFiles(ctx, shows.Files)
		}
		return where, err
	}, nil, nil
}

// pictureData reads the series of counts of an incident.
func (b *Bot) pictureData(ctx context.Context, inc incidents.Incident) (view.GrowthChart, view.SharesChart, error) {
	series, err := b.o.Count.Series(ctx, inc.ID, mostPoints)
	if err != nil {
		return view.GrowthChart{}, view.SharesChart{}, err
	}
	var growth view.GrowthChart
	var shares view.SharesChart
	for _, m := range series {
		unit := b.unit(m.Scope)
		classified, err := m.Classified()
		if err != nil {
			return growth, shares, err
		}
		growth.Incident, growth.Unit, growth.Run = inc.ID, unit, m.Scope.Run
		growth.Points = append(growth.Points, view.GrowthPoint{At: m.Table.At, Touched: m.Table.Members, Wrong: stillWrong(classified)})
		shares = sharesOf(inc.ID, unit, m, classified)
	}
	return growth, shares, nil
}

// stillWrong is how many records are to be written yet; below zero while people
// have not decided about all of them.
func stillWrong(c rollback.Classified) int64 {
	var n int64
	for _, k := range c.Cohorts {
		if k.Kind == "" {
			return -1
		}
		n += k.Counts.Write
	}
	return n
}

func sharesOf(id incidents.ID, unit string, m count.Measurement, c rollback.Classified) view.SharesChart {
	s := view.SharesChart{Incident: id, Unit: unit, Run: m.Scope.Run, At: m.Table.At}
	for _, k := range c.Cohorts {
		left := k.Counts.Write
		if k.Kind == "" {
			left = -1
		}
		s.Bars = append(s.Bars, view.ShareBar{Label: k.Label, Total: k.Counts.Total(), Left: left})
	}
	return s
}

func drawn(growth view.GrowthChart, shares view.SharesChart) ([]picture, error) {
	one, err := growth.PNG()
	if err != nil {
		return nil, err
	}
	two, err := shares.PNG()
	if err != nil {
		return nil, err
	}
	key := growth.Incident.String()
	return []picture{
		{key + "-counts.png", "Touched, count by count", growth.Words(), one},
		{key + "-state-table.png", "State table", shares.Words(), two},
	}, nil
}

// showPictures uploads the pictures and puts them into the one message they
// have, instead of the older ones.
func (b *Bot) showPictures(ctx context.Context, t task, p place, old posted, shows showing, all []picture) (showing, sent, error) {
	now := showing{Shared: shows.Shared}
	if !now.Shared {
		files, err := b.uploadAll(ctx, place{}, all)
		now.Files = files
		if err != nil {
			b.forgetFiles(ctx, files)
			return now, sent{}, err
		}
		where, err := b.postPictures(ctx, t, p, old, files, all)
		if err == nil {
			return now, where, nil
		}
		if f, _ := fateOf(err); f == fateUnknown {
			return now, sent{}, err // the message may stand there, with these files in it
		}
		b.forgetFiles(ctx, files)
		if slackWord(err) != "invalid_blocks" {
			return now, sent{}, err
		}
		now = showing{Shared: true}
		b.log.WarnContext(ctx, "Slack refused pictures inside a message; shared as files", "incident", t.Incident)
	}
	files, err := b.uploadAll(ctx, p, all)
	now.Files = files
	if err != nil {
		b.forgetFiles(ctx, files)
	}
	return now, sent{channel: p.channel}, err
}

// uploadAll uploads files, and shares them in a place if it is one. It returns
// what it has uploaded even when it fails.
func (b *Bot) uploadAll(ctx context.Context, p place, all []picture) (files []string, err error) {
	for _, one := range all {
		if wait := b.limit.take("files.getUploadURLExternal", ""); wait > 0 {
			return files, limitedError{wait}
		}
		params := slack.UploadFileParameters{
			Reader: bytes.NewReader(one.png), FileSize: len(one.png), Filename: one.name, Title: one.title, AltTxt: one.words,
		}
		if p.channel != "" {
			params.Channel, params.ThreadTimestamp, params.InitialComment = p.channel, p.thread, view.Escape(one.words)
		}
		f, err := b.slack.write.UploadFileContext(ctx, params)
		if err != nil {
			b.shutOn("files.getUploadURLExternal", err)
			return files, fmt.Errorf("upload a picture: %w", err)
		}
		files = append(files, f.ID)
	}
	return files, nil
}

// Slack reads an uploaded image before it can stand in a message, and refuses
// the message until then.
var imageReady = []time.Duration{0, 500 * time.Millisecond, time.Second, 2 * time.Second}

func (b *Bot) postPictures(ctx context.Context, t task, p place, old posted, files []string, all []picture) (where sent, err error) {
	var images []view.Image
	for i, one := range all {
		images = append(images, view.Image{File: files[i], Title: one.title, Words: one.words})
	}
	m := view.Pictures(images)
	for _, wait := range imageReady {
		if !b.o.Unhurried && !pause(ctx, wait) {
			return where, ctx.Err()
		}
		where, err = b.putPictures(ctx, t, p, old, m)
		if slackWord(err) != "invalid_blocks" {
			break
		}
	}
	return where, err
}

func (b *Bot) putPictures(ctx context.Context, t task, p place, old posted, m view.Message) (sent, error) {
	if old.TS != "" && old.Channel == p.channel {
		if wait := b.limit.take("chat.update", ""); wait > 0 {
			return sent{}, limitedError{wait}
		}
		_, _, _, err := b.slack.write.UpdateMessageContext(ctx, old.Channel, old.TS, append(content(m), metadata(t))...)
		b.shutOn("chat.update", err)
		if f, _ := fateOf(err); f != fateGone {
			return sent{old.Channel, old.TS}, err
		}
	}
	if wait := b.limit.take("chat.postMessage", p.channel); wait > 0 {
		return sent{}, limitedError{wait}
	}
	channel, ts, err := b.slack.write.PostMessageContext(ctx, p.channel, append(content(m), slack.MsgOptionTS(p.thread), metadata(t))...)
	b.shutOn("chat.postMessage", err)
	return sent{channel, ts}, err
}

// findPictures looks for the message of a step whose answer was lost, and takes
// it over with the files that stand in it. What exactly they show is not known,
// so the next drawing replaces them. Files that Slack shared by themselves bear
// no mark; they are shared again.
func (b *Bot) findPictures(ctx context.Context, t task, at time.Time) (sent, bool, error) {
	head, there, err := findPosted(ctx, b.o.DB, t.Incident, "table")
	if err != nil || !there {
		return sent{}, false, err
	}
	old, edited, err := findPosted(ctx, b.o.DB, t.Incident, pictureStep)
	if err != nil {
		return sent{}, false, err
	}
	since := t.NextAt.Add(-lookBack)
	if edited { // the message is as old as its first picture
		seconds, _, _ := strings.Cut(old.TS, ".")
		if n, err := strconv.ParseInt(seconds, 10, 64); err == nil && n < since.Unix() {
			since = time.Unix(n, 0)
		}
	}
	m, found, err := b.markedMessage(ctx, t, place{head.Channel, head.TS}, since)
	if err != nil || !found {
		return sent{}, false, err
	}
	var before, now showing
	_ = json.Unmarshal(old.Drawn, &before) // no row before the first message
	for _, block := range m.Blocks.BlockSet {
		if i, ok := block.(*slack.ImageBlock); ok && i.SlackFile != nil {
			now.Files = append(now.Files, i.SlackFile.ID)
		}
	}
	raw, err := json.Marshal(now)
	if err != nil {
		return sent{}, false, fmt.Errorf("encode what the pictures show: %w", err)
	}
	where := sent{head.Channel, m.Timestamp}
	if err := savePosted(ctx, b.o.DB, t.Incident, pictureStep, posted{Channel: where.channel, TS: where.ts, Drawn: raw, DrawnAt: at}); err != nil {
		return sent{}, false, err
	}
	b.forgetFiles(ctx, slices.DeleteFunc(before.Files, func(id string) bool { return slices.Contains(now.Files, id) }))
	return where, true, nil
}

// forgetFiles takes pictures away that nothing shows any more. One that stays
// does no harm.
func (b *Bot) forgetFiles(ctx context.Context, files []string) {
	for _, id := range files {
		if err := b.slack.write.DeleteFileContext(ctx, id); err != nil {
			b.log.WarnContext(ctx, "take an old picture away", "err", err)
		}
	}
}

// pictureFailed tries again what may work a moment later. What will not is said
// once for the incident, and the pictures are left out.
func (b *Bot) pictureFailed(ctx context.Context, t task, err error) error {
	var limited limitedError
	f, _ := fateOf(err)
	if errors.As(err, &limited) || f == fateWait {
		return err
	}
	if passing := f == fateUnknown || notSent(err); passing && t.Attempt+1 < pictureTries {
		return err
	}
	b.log.WarnContext(ctx, "no pictures of a count", "incident", t.Incident, "err", err)
	reason := slackWord(err)
	if reason == "" {
		reason = "no answer"
	}
	act := journal.Act{By: incidents.System("bot"), Key: "pictures-refused:" + t.Incident.String()}
	err = b.o.DB.InTx(ctx, func(tx pgx.Tx) error {
		_, at, err := response.Lock(ctx, tx, b.o.DB, act, t.Incident)
		if err != nil {
			return err
		}
		return journal.Append(ctx, tx, t.Incident, act, at, PicturesRefused{Incident: t.Incident, Reason: reason})
	})
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	return err
}

func picturesRefused(f PicturesRefused) incidents.Words {
	next := "Its admin can look at it; the next count tries again."
	if f.Reason == "missing_scope" || f.Reason == "not_allowed_token_type" {
		next = "An admin can give the app the scope files:write (snafu manifest --pictures), or take slack.pictures out of my configuration."
	}
	return incidents.Sentence(f.Incident.String() + ": Slack took no picture of the counts (" + f.Reason + "). The numbers stand in the state table. " + next)
}
