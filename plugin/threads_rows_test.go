package main

import (
	"slices"
	"strings"
	"testing"
)

func aBatch(stored map[string]string) *batch {
	k := &known{
		Users: []string{ada, bo}, Channels: []string{kitchen},
		Posts: []knownPost{{ID: "there", ChannelID: kitchen, CreateAt: morning}, {ID: "reply", ChannelID: kitchen, RootID: "there"}},
	}
	k.index()
	return newBatch(k, stored, 16383, morning+1_000_000)
}

func aPost(identity string, after int64) postIn {
	return postIn{Identity: identity, UserID: ada, Message: "post " + identity, CreateAt: morning + after}
}

func TestARootIsAsNewAsItsNewestReply(t *testing.T) {
	b := aBatch(nil)
	answers := b.take(&threadIn{
		ChannelID: kitchen, Root: aPost("1", 0), Replies: []postIn{aPost("2", 20), aPost("3", 10)}, Followers: []string{bo, bo},
	})
	if len(b.posts) != 3 || b.posts[0].UpdateAt != morning+20 || b.posts[2].UpdateAt != morning+10 {
		t.Errorf("%+v", b.posts)
	}
	if b.posts[1].RootID != answers[0].ID || b.posts[0].RootID != "" {
		t.Error("the replies are not under their root")
	}
	if len(b.followers) != 1 || b.followers[0].LastViewed != morning+20 {
		t.Errorf("%+v", b.followers)
	}
	if len(b.begun) != 1 || b.begun[0].ReplyCount != 2 || b.begun[0].LastReplyAt != morning+20 || len(b.grown) > 0 {
		t.Errorf("%+v", b.begun)
	}
	channel := b.channels[kitchen]
	if channel.Posts != 3 || channel.Roots != 1 || channel.LastPostAt != morning+20 || channel.LastRootPostAt != morning {
		t.Errorf("%+v", channel)
	}
}

func TestWhoRepliedLastStandsLastInANewThread(t *testing.T) {
	b := aBatch(nil)
	byBo := aPost("2", 10)
	byBo.UserID = bo
	b.take(&threadIn{ChannelID: kitchen, Root: aPost("1", 0), Replies: []postIn{aPost("3", 5), byBo, aPost("4", 20)}})
	if want := []string{bo, ada}; len(b.begun) != 1 || !slices.Equal(b.begun[0].Participants, want) {
		t.Errorf("%+v", b.begun)
	}
}

func TestWhatWasBroughtBeforeIsAnsweredAndNotBroughtAgain(t *testing.T) {
	b := aBatch(map[string]string{"1": "first", "2": "second"})
	answers := b.take(&threadIn{ChannelID: kitchen, Root: aPost("1", 0), Replies: []postIn{aPost("2", 1)}})
	if answers[0].ID != "first" || answers[1].ID != "second" || !answers[0].WasThere || !answers[1].WasThere {
		t.Errorf("%+v", answers)
	}
	if len(b.posts)+len(b.fresh)+len(b.begun)+len(b.grown)+len(b.channels) > 0 {
		t.Errorf("%+v", b.rows)
	}
}

func TestARefusedRootTakesItsRepliesWithItAndARefusedReplyNobody(t *testing.T) {
	b := aBatch(nil)
	stranger := aPost("1", 0)
	stranger.UserID = "nobody"
	answers := b.take(&threadIn{ChannelID: kitchen, Root: stranger, Replies: []postIn{aPost("2", 1)}})
	if answers[0].Reason == "" || answers[1].Reason != rootRefused || len(b.posts) > 0 {
		t.Errorf("%+v", answers)
	}
	early := aPost("4", -1)
	answers = b.take(&threadIn{ChannelID: kitchen, Root: aPost("3", 0), Replies: []postIn{early, aPost("5", 1)}})
	if answers[0].ID == "" || answers[1].Reason == "" || answers[2].ID == "" || len(b.posts) != 2 {
		t.Errorf("%+v", answers)
	}
}

func TestWhatTheServerWouldRefuseIsNamed(t *testing.T) {
	for name, change := range map[string]func(*postIn){
		"a long text":     func(p *postIn) { p.Message = strings.Repeat("é", 16384) },
		"no time":         func(p *postIn) { p.CreateAt = 0 },
		"a strange type":  func(p *postIn) { p.Type = "system_of_ours" },
		"a long type":     func(p *postIn) { p.Type = "custom_" + strings.Repeat("x", 20) },
		"NUL in the text": func(p *postIn) { p.Message = "a\x00b" },
		"NUL in props":    func(p *postIn) { p.Props = map[string]any{"a": []any{map[string]any{"b": "\x00"}}} },
		"NUL in a name":   func(p *postIn) { p.Props = map[string]any{"\x00": 1} },
		"huge props":      func(p *postIn) { p.Props = map[string]any{"a": strings.Repeat("x", 800_000)} },
	} {
		post := aPost("1", 0)
		change(&post)
		b := aBatch(nil)
		if answers := b.take(&threadIn{ChannelID: kitchen, Root: post}); answers[0].Reason == "" || len(b.posts) > 0 {
			t.Errorf("%s was taken", name)
		}
	}
	b := aBatch(nil)
	if answers := b.take(&threadIn{ChannelID: "elsewhere", Root: aPost("1", 0)}); answers[0].Reason == "" {
		t.Error("a post without a channel was taken")
	}
	if answers := b.take(&threadIn{ChannelID: kitchen, Root: postIn{ID: "reply"}, Replies: []postIn{aPost("2", 1)}}); answers[1].ID != "" {
		t.Error("a reply got a reply")
	}
}

func TestABadReactionCostsItselfAndTheSameOneTwiceIsOne(t *testing.T) {
	b := aBatch(nil)
	post := aPost("1", 0)
	good := reactionIn{UserID: bo, EmojiName: "tada", CreateAt: morning + 1}
	early, long, strange := good, good, good
	early.CreateAt, long.EmojiName, strange.UserID = morning-1, strings.Repeat("x", 65), "nobody"
	post.Reactions = []reactionIn{good, early, good, long, strange}
	answers := b.take(&threadIn{ChannelID: kitchen, Root: post})
	if len(b.reactions) != 1 || len(answers[0].RefusedReactions) != 3 || answers[0].RefusedReactions[0].Place != 1 {
		t.Errorf("%+v %+v", b.reactions, answers)
	}
	if !b.posts[0].HasReactions || b.posts[0].UpdateAt != b.now {
		t.Errorf("%+v", b.posts[0])
	}
}

func TestAThreadThatIsThereGrowsAndIsNotCountedAgain(t *testing.T) {
	b := aBatch(nil)
	answers := b.take(&threadIn{ChannelID: kitchen, Root: postIn{ID: "there"}, Replies: []postIn{aPost("2", 5)}})
	if answers[0].ID != "there" || len(b.grown) != 1 || b.grown[0].LastReplyAt != morning+5 || b.channels[kitchen].Roots != 0 {
		t.Errorf("%+v", b.rows)
	}
}

func TestHashtagsAreTheServersAndOfRootsAlone(t *testing.T) {
	b := aBatch(nil)
	root, reply := aPost("1", 0), aPost("2", 1)
	root.Message, reply.Message = "to #Market, then #home!", "#home"
	b.take(&threadIn{ChannelID: kitchen, Root: root, Replies: []postIn{reply}})
	if b.posts[0].Hashtags != "#Market #home" || b.posts[1].Hashtags != "" {
		t.Errorf("%q %q", b.posts[0].Hashtags, b.posts[1].Hashtags)
	}
}
