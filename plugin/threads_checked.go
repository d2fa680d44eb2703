package main

import (
	"strings"
	"unicode/utf8"

	"github.com/mattermost/mattermost/server/public/model"
)

// mostTypeRunes is what the column takes; Post.IsValid does not look at the length of a custom type.
const mostTypeRunes = 26

// known is what the server has of that which a batch refers to.
type known struct {
	Users    []string    `json:"users"`
	Channels []string    `json:"channels"`
	Posts    []knownPost `json:"posts"`
	Files    []string    `json:"files"`

	users, channels, files map[string]bool
	posts                  map[string]knownPost
}

type knownPost struct {
	ID        string `json:"id"`
	ChannelID string `json:"channel_id"`
	RootID    string `json:"root_id"`
	CreateAt  int64  `json:"create_at"`
}

func (k *known) index() {
	k.users, k.channels, k.files = map[string]bool{}, map[string]bool{}, map[string]bool{}
	k.posts = map[string]knownPost{}
	for _, id := range k.Files {
		k.files[id] = true
	}
	for _, id := range k.Users {
		k.users[id] = true
	}
	for _, id := range k.Channels {
		k.channels[id] = true
	}
	for _, post := range k.Posts {
		k.posts[post.ID] = post
	}
}

// referredTo are the ids of users, channels, posts and files that a batch names.
func referredTo(threads []*threadIn) (users, channels, posts, files []string) {
	seen := map[string]bool{}
	add := func(list *[]string, id string) {
		if !seen[id] {
			seen[id] = true
			*list = append(*list, id)
		}
	}
	for _, thread := range threads {
		add(&channels, thread.ChannelID)
		for _, id := range thread.Followers {
			add(&users, id)
		}
		for _, post := range thread.posts() {
			if post.ID != "" {
				add(&posts, post.ID)
			} else {
				add(&users, post.UserID)
			}
			for _, reaction := range post.Reactions {
				add(&users, reaction.UserID)
			}
			files = append(files, post.FileIDs...)
		}
	}
	return users, channels, posts, files
}

// objectionToRoot says why a thread has no place, or "".
func objectionToRoot(thread *threadIn, k *known) string {
	if !k.channels[thread.ChannelID] {
		return "Its channel is not on the server any more: export the channel first, then try again."
	}
	if thread.Root.ID == "" {
		return ""
	}
	root, isThere := k.posts[thread.Root.ID]
	if !isThere || root.ChannelID != thread.ChannelID {
		return "The post that begins its thread was deleted on the server: trying again will not help."
	}
	if root.RootID != "" && len(thread.Replies) > 0 {
		return "The post that it replies to is a reply itself: trying again will not help."
	}
	return ""
}

// objectionToPost says why the server would refuse a post, or "". The rules are the server's own.
func objectionToPost(in *postIn, channelID string, k *known, maxRunes int) string {
	if !k.users[in.UserID] {
		return "The server has no account for its author: export that person first, then try again."
	}
	if in.CreateAt <= 0 || in.EditAt < 0 {
		return "It has no time. Trying again will not help."
	}
	if holdsNUL(in.Message) || holdsNUL(in.Type) || propsHoldNUL(in.Props) {
		return "It holds the character U+0000. Trying again will not help."
	}
	if utf8.RuneCountInString(in.Type) > mostTypeRunes {
		return "Its type is too long. Trying again will not help."
	}
	for _, id := range in.FileIDs {
		if !k.files[id] {
			return "One of its files is not on the server: run the same command again."
		}
	}
	post := postOf(in, channelID, "")
	if refused := post.IsValid(maxRunes); refused != nil {
		return "Mattermost refuses this post: " + refused.Id + ". Trying again will not help."
	}
	return ""
}

// objectionToReaction says why a reaction cannot come, or "". createAt is that of its post.
func objectionToReaction(in *reactionIn, createAt int64, k *known) string {
	switch {
	case !k.users[in.UserID]:
		return "The server has no account for the person who reacted."
	case in.EmojiName == "" || utf8.RuneCountInString(in.EmojiName) > model.EmojiNameMaxLength:
		return "The name of its emoji is empty or too long."
	case holdsNUL(in.EmojiName):
		return "It holds the character U+0000."
	case in.CreateAt < createAt:
		return "It is earlier than its post."
	}
	return ""
}

// postOf is the post as the server makes it: with an id of its own, and with what PreSave fills in.
func postOf(in *postIn, channelID, rootID string) *model.Post {
	post := &model.Post{
		UserId: in.UserID, ChannelId: channelID, RootId: rootID, Message: in.Message, Type: in.Type,
		CreateAt: in.CreateAt, EditAt: in.EditAt, IsPinned: in.IsPinned, HasReactions: len(in.Reactions) > 0,
		FileIds: append(model.StringArray{}, in.FileIDs...),
	}
	post.SetProps(in.Props)
	if rootID == "" {
		// The import job leaves the hashtags of replies out.
		post.Hashtags = hashtagsOf(in.Message)
	}
	post.PreSave()
	return post
}

// hashtagsOf returns what the server finds a text by. It looks at each word with three regular expressions, which took a third
// of the plugin's time; most texts have none.
func hashtagsOf(text string) string {
	if !strings.Contains(text, "#") {
		return ""
	}
	hashtags, _ := model.ParseHashtags(text)
	return hashtags
}

func holdsNUL(text string) bool { return strings.ContainsRune(text, 0) }

func propsHoldNUL(value any) bool {
	switch inner := value.(type) {
	case string:
		return holdsNUL(inner)
	case []any:
		for _, one := range inner {
			if propsHoldNUL(one) {
				return true
			}
		}
	case map[string]any:
		for name, one := range inner {
			if holdsNUL(name) || propsHoldNUL(one) {
				return true
			}
		}
	}
	return false
}
