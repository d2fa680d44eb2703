package main

import (
	"context"
	_ "embed"

	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/attached_known.sql
var findAttachable string

//go:embed statements/attached_posts.sql
var nameFiles string

// mostFiles is how many files a post has at most.
const mostFiles = 10

// attachedBody is what is asked of POST /api/v1/attached: files that came by POST /api/v1/files hang on posts that are there.
type attachedBody struct {
	Posts []attachedIn `json:"posts"`
}

type attachedIn struct {
	ID      string   `json:"id"`
	FileIDs []string `json:"file_ids"`
}

// attachedTaken answers for each post: its id, or why nothing hangs on it that did not before.
type attachedTaken struct {
	Posts []answer `json:"posts"`
}

type attachable struct {
	Posts map[string]attachablePost `json:"posts"`
	// Files are those that came through the plugin and are free, or hang on one of the posts already: id -> post's id or "".
	Files map[string]string `json:"files"`
}

type attachablePost struct {
	ChannelID string   `json:"channel_id"`
	UserID    string   `json:"user_id"`
	CreateAt  int64    `json:"create_at"`
	FileIDs   []string `json:"file_ids"`
}

type namedFilesRow struct {
	ID      string `json:"id"`
	FileIDs string `json:"fileids"`
}

// attachFilesTo hangs files on posts. Sent again, it changes nothing.
func (p *importer) attachFilesTo(ctx context.Context, raw []byte) (any, error) {
	var body attachedBody
	if err := decodeBody(raw, &body); err != nil {
		return nil, err
	}
	var posts, files []string
	for _, in := range body.Posts {
		posts, files = append(posts, in.ID), append(files, in.FileIDs...)
	}
	if len(distinct(posts)) < len(posts) || len(distinct(files)) < len(files) {
		return nil, wrongBody("a post or a file stands there twice")
	}
	answers := make([]answer, len(body.Posts))
	err := p.inTurn(ctx, func(t *turn) error {
		if err := locked(ctx, t, distinct(posts)...); err != nil {
			return err
		}
		known := &attachable{}
		if err := oneRow(ctx, t, known, findAttachable, list(posts), list(files)); err != nil {
			return err
		}
		var rows []fileRow
		var named []namedFilesRow
		for i := range body.Posts {
			in := &body.Posts[i]
			free, why := known.freeFor(in)
			answers[i] = answer{ID: in.ID}
			if why != "" {
				answers[i] = answer{Reason: why}
			}
			if len(free) == 0 {
				continue
			}
			post := known.Posts[in.ID]
			for _, id := range free {
				rows = append(rows, fileRow{ID: id, PostID: in.ID, ChannelID: post.ChannelID, UserID: post.UserID, CreateAt: post.CreateAt})
			}
			named = append(named, namedFilesRow{ID: in.ID, FileIDs: model.ArrayToJSON(append(post.FileIDs, free...))})
		}
		return runSteps(t,
			step{attachFiles, len(rows), []any{list(rows)}},
			step{nameFiles, len(named), []any{list(named), model.GetMillis()}},
		)
	})
	return attachedTaken{Posts: answers}, err
}

// freeFor are those of a post's new files that do not hang on it yet; or why it cannot have them.
func (k *attachable) freeFor(in *attachedIn) (free []string, why string) {
	post, isThere := k.Posts[in.ID]
	if !isThere {
		return nil, "The post was deleted on the server: trying again will not help."
	}
	for _, id := range in.FileIDs {
		hangsOn, isThere := k.Files[id]
		switch {
		case !isThere || (hangsOn != "" && hangsOn != in.ID):
			return nil, "One of its files is not on the server: run the same command again."
		case hangsOn == "":
			free = append(free, id)
		}
	}
	if len(post.FileIDs)+len(free) > mostFiles {
		return nil, "A post has ten files at most. Trying again will not help."
	}
	return free, ""
}
