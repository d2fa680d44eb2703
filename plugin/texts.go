package main

import (
	"context"
	_ "embed"
	"unicode/utf8"

	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/texts_known.sql
var findTexts string

//go:embed statements/texts_change.sql
var changeTexts string

// Why a text stays as people have it.
const (
	wasDeleted = "it was deleted in Mattermost"
	wasEdited  = "it was edited in Mattermost, too"
)

// textsBody is what is asked of POST /api/v1/texts: posts get other texts, if they still have those that they were given.
type textsBody struct {
	Texts []textIn `json:"texts"`
}

// textIn is a post's new text. What people have changed since is theirs: Old, or the time of the last edit, must be as it was.
type textIn struct {
	ID       string `json:"id"`
	Old      string `json:"old"`
	New      string `json:"new"`
	EditAt   *int64 `json:"edit_at"`   // ms, as it was sent
	EditedAt *int64 `json:"edited_at"` // ms of the edit that made the new text; absent: the post counts as edited as it did
}

// textsTaken answers for each text: when the post was edited last (ms), and why its text stays as it is, if it does.
type textsTaken struct {
	Texts []textAnswer `json:"texts"`
}

type textAnswer struct {
	EditAt int64  `json:"edit_at"`
	Reason string `json:"reason,omitempty"`
}

type knownText struct {
	Message string `json:"message"`
	RootID  string `json:"root_id"`
	EditAt  int64  `json:"edit_at"`
}

type textRow struct {
	ID       string `json:"id"`
	Message  string `json:"message"`
	Hashtags string `json:"hashtags"`
	EditAt   int64  `json:"editat"`
	Was      string `json:"was"` // what people make of it in this very moment is theirs, too
}

// takeTexts gives posts the texts that they would have been sent with today. No edit of today is shown.
func (p *importer) takeTexts(ctx context.Context, raw []byte) (any, error) {
	var body textsBody
	if err := decodeBody(raw, &body); err != nil {
		return nil, err
	}
	var ids []string
	for i := range body.Texts {
		ids = append(ids, body.Texts[i].ID)
	}
	if len(distinct(ids)) < len(ids) {
		return nil, wrongBody("a post stands there twice")
	}
	answers := make([]textAnswer, len(body.Texts))
	var changed []int // places of those that get another text
	err := p.inTurn(ctx, func(t *turn) error {
		known, now := map[string]knownText{}, model.GetMillis()
		if err := oneRow(ctx, t, &known, findTexts, list(ids)); err != nil {
			return err
		}
		var rows []textRow
		changed = nil
		for i := range body.Texts {
			in := &body.Texts[i]
			there, isThere := known[in.ID]
			answers[i].Reason = objectionToText(in, there, isThere, p.mostRunes())
			answers[i].EditAt = there.EditAt
			if answers[i].Reason != "" || there.Message == in.New {
				continue
			}
			row := textRow{ID: in.ID, Message: in.New, EditAt: there.EditAt, Was: there.Message}
			if in.EditedAt != nil {
				row.EditAt = *in.EditedAt
			}
			if there.RootID == "" {
				// The import job leaves the hashtags of replies out.
				row.Hashtags = hashtagsOf(in.New)
			}
			answers[i].EditAt = row.EditAt
			rows, changed = append(rows, row), append(changed, i)
		}
		return runSteps(t,
			step{changeTexts, len(rows), []any{list(rows), now}},
		)
	})
	if err == nil {
		err = p.tellTheirs(ctx, body.Texts, changed, answers)
	}
	return textsTaken{Texts: answers}, err
}

// tellTheirs looks once more at posts that got other texts: one that people edited in that very moment was left to them.
func (p *importer) tellTheirs(ctx context.Context, texts []textIn, changed []int, answers []textAnswer) error {
	if len(changed) == 0 {
		return nil
	}
	ids, known := []string{}, map[string]knownText{}
	for _, i := range changed {
		ids = append(ids, texts[i].ID)
	}
	if err := p.oneRow(ctx, &known, findTexts, list(ids)); err != nil {
		return err
	}
	for _, i := range changed {
		switch there, isThere := known[texts[i].ID]; {
		case !isThere:
			answers[i].Reason = wasDeleted
		case there.Message != texts[i].New:
			answers[i] = textAnswer{EditAt: there.EditAt, Reason: wasEdited}
		}
	}
	return nil
}

func objectionToText(in *textIn, there knownText, isThere bool, mostRunes int) string {
	switch {
	case !isThere:
		return wasDeleted
	case there.Message == in.New:
		return ""
	case there.Message != in.Old && (in.EditAt == nil || there.EditAt != *in.EditAt):
		return wasEdited
	case in.EditedAt != nil && *in.EditedAt < 0:
		return "it was edited before all time"
	case holdsNUL(in.New) || utf8.RuneCountInString(in.New) > mostRunes:
		return "the server takes no such text"
	}
	return ""
}
