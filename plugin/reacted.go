package main

import (
	"context"
	_ "embed"
	"sync"

	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/reactions_of.sql
var findReactions string

// noEmoji is a name that no emoji can have: nobody has ever reacted with it.
const noEmoji = "no.emoji"

// forgetsAtOnce bounds the calls that have the server forget reactions: each one is a commit of its own there.
const forgetsAtOnce = 8

// reactedPost is a post that was there before a batch, with all its reactions (user id, emoji name) after it.
type reactedPost struct {
	Pairs      [][2]string `json:"pairs"`
	HasFurther bool        `json:"has_further"` // it has new ones, and had some before
}

// tellReactions adds to the answers what posts that were there before have by now, and has the server show it.
func (p *importer) tellReactions(ctx context.Context, b *batch, answers [][]answer) error {
	if len(b.reactedIDs) == 0 {
		return nil
	}
	found := map[string]reactedPost{}
	if err := p.oneRow(ctx, &found, findReactions, list(b.reactedIDs), b.now); err != nil {
		return err
	}
	for _, ofThread := range answers {
		for i := range ofThread {
			ofThread[i].Reactions = found[ofThread[i].ID].Pairs
		}
	}
	p.forgetReactions(found)
	return nil
}

// forgetReactions has all servers forget the reactions that they remember of a post: for half an hour, and the REST call that
// clears caches leaves them out (9.9 and 11.4). Taking a reaction back has them do so even if there is none, and notifies
// nobody: those who look at the channel hear that a reaction is gone which they do not show. Of an archived channel the server
// refuses it.
func (p *importer) forgetReactions(found map[string]reactedPost) {
	var all sync.WaitGroup
	turns := make(chan struct{}, forgetsAtOnce)
	for id, post := range found {
		if !post.HasFurther {
			continue
		}
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			_ = p.API.RemoveReaction(&model.Reaction{UserId: post.Pairs[0][0], PostId: id, EmojiName: noEmoji})
		})
	}
	all.Wait()
}
