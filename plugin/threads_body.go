package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

const (
	// mostBytes bounds a body, and with mostConnections the memory of the plugin.
	mostBytes = 16 << 20
	// mostPosts bounds what one transaction holds.
	mostPosts = 10_000
	// mostIdentityRunes is what the column of the plugin's own table takes.
	mostIdentityRunes = 190
)

// threadsBody is what is asked of POST /api/v1/threads. Ids are the server's own; times are ms.
type threadsBody struct {
	Threads []threadIn `json:"threads"`
}

type threadIn struct {
	ChannelID string   `json:"channel_id"`
	Root      postIn   `json:"root"`
	Replies   []postIn `json:"replies"`
	Followers []string `json:"followers"` // ids of people
}

// postIn is a post to be made, or (ID is set) one that is there and gets replies or reactions.
type postIn struct {
	ID        string         `json:"id"`
	Identity  string         `json:"identity"` // what it is called in Slack: sent again, it is the same post
	UserID    string         `json:"user_id"`
	Message   string         `json:"message"`
	CreateAt  int64          `json:"create_at"`
	EditAt    int64          `json:"edit_at"`
	Type      string         `json:"type"`
	IsPinned  bool           `json:"is_pinned"`
	Props     map[string]any `json:"props"`
	Reactions []reactionIn   `json:"reactions"`
	FileIDs   []string       `json:"file_ids"` // that came by POST /api/v1/files
}

type reactionIn struct {
	UserID    string `json:"user_id"`
	EmojiName string `json:"emoji_name"`
	CreateAt  int64  `json:"create_at"`
}

// posts are all posts of a thread, the root first.
func (t *threadIn) posts() []*postIn {
	all := make([]*postIn, 0, 1+len(t.Replies))
	all = append(all, &t.Root)
	for i := range t.Replies {
		all = append(all, &t.Replies[i])
	}
	return all
}

// decodeThreads reads a body. An error concerns the whole of it, and says what a caller did wrong.
func decodeThreads(raw []byte) (*threadsBody, error) {
	var body threadsBody
	if err := decodeBody(raw, &body); err != nil {
		return nil, err
	}
	identities, files := map[string]bool{}, map[string]bool{}
	for i := range body.Threads {
		for place, post := range body.Threads[i].posts() {
			if post.ID != "" {
				if place > 0 {
					return nil, wrongBody("a reply that is there is not sent again: name it as a root to add reactions")
				}
				if len(post.FileIDs) > 0 {
					return nil, wrongBody("a post that is there takes no files")
				}
				continue
			}
			for _, id := range post.FileIDs {
				if files[id] {
					return nil, wrongBody("the file %q hangs on two posts", id)
				}
				files[id] = true
			}
			if runes := utf8.RuneCountInString(post.Identity); runes == 0 || runes > mostIdentityRunes {
				return nil, wrongBody("a post without an identity of 1 to %d characters", mostIdentityRunes)
			}
			if identities[post.Identity] {
				return nil, wrongBody("the identity %q stands there twice", post.Identity)
			}
			identities[post.Identity] = true
		}
	}
	return &body, nil
}

// decodeStrictly decodes one JSON value, whose every field must be known.
func decodeStrictly(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("the body is not as it must be: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return fmt.Errorf("the body goes on after its end")
	}
	return nil
}
