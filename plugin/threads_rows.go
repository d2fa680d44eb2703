package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/mattermost/mattermost/server/public/model"
)

// The rows of a batch, by table. Their names in JSON are those of the statements.
type rows struct {
	posts      []postRow
	reactions  []reactionRow
	followers  []followerRow
	fresh      []storedRow // of posts that are new
	files      []fileRow
	grown      []grownRow  // threads that were there before, and get replies
	begun      []threadRow // threads that are new, with replies
	reactedIDs []string    // of posts that were there before and get reactions
	channels   map[string]*channelRow
}

type postRow struct {
	ID           string          `json:"id"`
	CreateAt     int64           `json:"createat"`
	UpdateAt     int64           `json:"updateat"`
	EditAt       int64           `json:"editat"`
	IsPinned     bool            `json:"ispinned"`
	UserID       string          `json:"userid"`
	ChannelID    string          `json:"channelid"`
	RootID       string          `json:"rootid"`
	Message      string          `json:"message"`
	Type         string          `json:"type"`
	Props        json.RawMessage `json:"props"`
	Hashtags     string          `json:"hashtags"`
	FileIDs      string          `json:"fileids"`
	HasReactions bool            `json:"hasreactions"`
}

type fileRow struct {
	ID        string `json:"id"`
	PostID    string `json:"postid"`
	ChannelID string `json:"channelid"`
	UserID    string `json:"userid"`
	CreateAt  int64  `json:"createat"`
}

type reactionRow struct {
	UserID    string `json:"userid"`
	PostID    string `json:"postid"`
	EmojiName string `json:"emojiname"`
	CreateAt  int64  `json:"createat"`
	ChannelID string `json:"channelid"`
}

type followerRow struct {
	PostID     string `json:"postid"`
	UserID     string `json:"userid"`
	LastViewed int64  `json:"lastviewed"`
}

type storedRow struct {
	Identity string `json:"identity"`
	ID       string `json:"id"`
}

type grownRow struct {
	PostID      string `json:"postid"`
	LastReplyAt int64  `json:"lastreplyat"`
}

// threadRow is a thread all of whose replies are in the batch: counting them in the database is a sixth of all writing.
type threadRow struct {
	PostID       string   `json:"postid"`
	ChannelID    string   `json:"channelid"`
	ReplyCount   int      `json:"replycount"`
	LastReplyAt  int64    `json:"lastreplyat"`
	Participants []string `json:"participants"` // by their last replies
}

type channelRow struct {
	ID             string `json:"id"`
	Posts          int64  `json:"posts"`
	Roots          int64  `json:"roots"`
	LastPostAt     int64  `json:"lastpostat"`
	LastRootPostAt int64  `json:"lastrootpostat"`
}

// batch turns threads into rows and answers, against what the server has. Nothing of it is written here.
type batch struct {
	rows
	known    *known
	stored   map[string]string // identity -> id of posts that were brought before
	maxRunes int
	now      int64
}

func newBatch(k *known, stored map[string]string, maxRunes int, now int64) *batch {
	return &batch{rows: rows{channels: map[string]*channelRow{}}, known: k, stored: stored, maxRunes: maxRunes, now: now}
}

// take adds a thread, and answers for each of its posts, the root first.
func (b *batch) take(thread *threadIn) []answer {
	answers := make([]answer, 1, 1+len(thread.Replies))
	why := objectionToRoot(thread, b.known)
	if why == "" && thread.Root.ID == "" {
		why = b.objectionTo(&thread.Root, thread.ChannelID)
	}
	if why != "" {
		answers[0].Reason = why
		for range thread.Replies {
			answers = append(answers, answer{Reason: rootRefused})
		}
		return answers
	}
	root := b.rootOf(thread, &answers[0])
	lastReplyAt, replies, lastOf := root.createAt, 0, map[string]int64{}
	for i := range thread.Replies {
		reply := &thread.Replies[i]
		answers = append(answers, answer{})
		own := &answers[len(answers)-1]
		if reply.CreateAt < root.createAt {
			own.Reason = "It is older than the post it replies to. Trying again will not help."
			continue
		}
		if own.Reason = b.objectionTo(reply, thread.ChannelID); own.Reason != "" {
			continue
		}
		lastReplyAt = max(lastReplyAt, reply.CreateAt)
		if b.add(reply, thread.ChannelID, root.id, own) {
			replies++
			lastOf[reply.UserID] = max(lastOf[reply.UserID], reply.CreateAt)
		}
	}
	if replies > 0 {
		if root.isNew {
			// As the server does it: a thread's root was changed last by its newest reply.
			b.posts[root.row].UpdateAt = lastReplyAt
			b.begun = append(b.begun, threadRow{
				PostID: root.id, ChannelID: thread.ChannelID, ReplyCount: replies,
				LastReplyAt: latest(lastOf), Participants: byLastReply(lastOf),
			})
		} else {
			b.grown = append(b.grown, grownRow{PostID: root.id, LastReplyAt: lastReplyAt})
		}
	}
	b.follow(thread, root.id, lastReplyAt)
	return answers
}

func latest(lastOf map[string]int64) int64 {
	return slices.Max(slices.Collect(maps.Values(lastOf)))
}

// byLastReply gives those who replied, whoever replied last at the end.
func byLastReply(lastOf map[string]int64) []string {
	return slices.SortedFunc(maps.Keys(lastOf), func(one, other string) int {
		return cmp.Or(cmp.Compare(lastOf[one], lastOf[other]), cmp.Compare(one, other))
	})
}

// objectionTo says why a post cannot come, or "". One that was brought before is there, whatever is said of it now.
func (b *batch) objectionTo(post *postIn, channelID string) string {
	if _, isThere := b.stored[post.Identity]; isThere {
		return ""
	}
	return objectionToPost(post, channelID, b.known, b.maxRunes)
}

const rootRefused = "It cannot be sent because the post that begins its thread was refused: mend that one, then try again."

// begun is the root of a thread: row is its place among the posts, if it is new.
type begun struct {
	id       string
	createAt int64
	isNew    bool
	row      int
}

func (b *batch) rootOf(thread *threadIn, own *answer) begun {
	if thread.Root.ID == "" {
		row := len(b.posts)
		isNew := b.add(&thread.Root, thread.ChannelID, "", own)
		return begun{id: own.ID, createAt: thread.Root.CreateAt, isNew: isNew, row: row}
	}
	there := b.known.posts[thread.Root.ID]
	own.ID = there.ID
	if b.react(thread.Root.Reactions, there.ID, thread.ChannelID, there.CreateAt, own) {
		b.reactedIDs = append(b.reactedIDs, there.ID)
	}
	return begun{id: there.ID, createAt: there.CreateAt}
}

// add adds a post with its reactions, and says whether it is new.
func (b *batch) add(in *postIn, channelID, rootID string, own *answer) bool {
	if id, isThere := b.stored[in.Identity]; isThere {
		own.ID, own.WasThere = id, true
		if b.react(in.Reactions, id, channelID, in.CreateAt, own) {
			b.reactedIDs = append(b.reactedIDs, id)
		}
		return false
	}
	post := postOf(in, channelID, rootID)
	own.ID = post.Id
	if b.react(in.Reactions, post.Id, channelID, post.CreateAt, own) {
		// The server says so of every post that gets a reaction.
		post.UpdateAt = b.now
	}
	post.HasReactions = len(in.Reactions) > len(own.RefusedReactions)
	b.posts = append(b.posts, postRow{
		ID: post.Id, CreateAt: post.CreateAt, UpdateAt: post.UpdateAt, EditAt: post.EditAt, IsPinned: post.IsPinned,
		UserID: post.UserId, ChannelID: channelID, RootID: rootID, Message: post.Message, Type: post.Type,
		Props: json.RawMessage(model.StringInterfaceToJSON(post.GetProps())), Hashtags: post.Hashtags,
		FileIDs: model.ArrayToJSON(post.FileIds), HasReactions: post.HasReactions,
	})
	for _, id := range post.FileIds {
		b.files = append(b.files, fileRow{
			ID: id, PostID: post.Id, ChannelID: channelID, UserID: post.UserId, CreateAt: post.CreateAt,
		})
	}
	b.fresh = append(b.fresh, storedRow{Identity: in.Identity, ID: post.Id})
	b.count(post)
	return true
}

// react adds reactions to a post, and says whether there was one.
func (b *batch) react(reactions []reactionIn, postID, channelID string, createAt int64, own *answer) bool {
	type pair struct{ userID, emojiName string }
	seen := map[pair]bool{}
	for place := range reactions {
		in := &reactions[place]
		if why := objectionToReaction(in, createAt, b.known); why != "" {
			own.RefusedReactions = append(own.RefusedReactions, refusedReaction{Place: place, Reason: why})
			continue
		}
		// One statement may not touch a row twice.
		if key := (pair{in.UserID, in.EmojiName}); !seen[key] {
			seen[key] = true
			b.reactions = append(b.reactions, reactionRow{
				UserID: in.UserID, PostID: postID, EmojiName: in.EmojiName, CreateAt: in.CreateAt, ChannelID: channelID,
			})
		}
	}
	return len(seen) > 0
}

// count adds a post to what its channel gets. Joining and leaving is not counted, but it is the latest all the same.
func (b *batch) count(post *model.Post) {
	channel, isThere := b.channels[post.ChannelId]
	if !isThere {
		channel = &channelRow{ID: post.ChannelId}
		b.channels[post.ChannelId] = channel
	}
	isRoot := post.RootId == ""
	channel.LastPostAt = max(channel.LastPostAt, post.CreateAt)
	if isRoot {
		channel.LastRootPostAt = max(channel.LastRootPostAt, post.CreateAt)
	}
	if !post.IsJoinLeaveMessage() {
		channel.Posts++
		if isRoot {
			channel.Roots++
		}
	}
}

// follow has the followers of a thread follow it, seen to its end.
func (b *batch) follow(thread *threadIn, rootID string, lastReplyAt int64) {
	seen := map[string]bool{}
	for _, userID := range thread.Followers {
		if b.known.users[userID] && !seen[userID] {
			seen[userID] = true
			b.followers = append(b.followers, followerRow{PostID: rootID, UserID: userID, LastViewed: lastReplyAt})
		}
	}
}
