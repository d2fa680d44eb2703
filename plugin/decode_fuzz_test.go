package main

import (
	"encoding/json"
	"testing"
)

// Whatever comes: a decoder answers or refuses, and what it lets pass becomes rows or reasons. Nothing panics.
//
//	go test -fuzz=FuzzThreads -fuzztime=1m .

func seeded(f *testing.F, bodies ...any) {
	for _, body := range bodies {
		raw, _ := json.Marshal(body)
		f.Add(raw)
	}
	for _, text := range []string{"", "{", "[]", "null", `{"threads":[null]}`, `{"accounts":[{}]}`, `{"channels":[{"set":{}}]}`, "\xff"} {
		f.Add([]byte(text))
	}
}

func FuzzThreads(f *testing.F) {
	root := aPost("1", 0)
	root.Props = map[string]any{"a": []any{"b", map[string]any{"c": nil}}}
	root.Reactions = []reactionIn{{UserID: ada, EmojiName: "tada", CreateAt: morning}}
	seeded(f,
		threadsBody{Threads: []threadIn{{ChannelID: kitchen, Root: root, Replies: []postIn{aPost("2", 1)}, Followers: []string{bo}}}},
		threadsBody{Threads: []threadIn{{Root: postIn{ID: "x", Reactions: root.Reactions}}}},
	)
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, err := decodeThreads(raw)
		if err != nil {
			return
		}
		b := aBatch(map[string]string{"1": "there"})
		for i := range body.Threads {
			thread := &body.Threads[i]
			if answers := b.take(thread); len(answers) != len(thread.posts()) {
				t.Errorf("%d answers to %d posts", len(answers), len(thread.posts()))
			}
		}
	})
}

func FuzzAccounts(f *testing.F) {
	seeded(f, accountsBody{TeamID: aTeam, Accounts: []accountIn{anAccount("fern"), anAccount("moss")}})
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, err := decodeAccounts(raw)
		if err != nil {
			return
		}
		n := someNewcomers(&accountsKnown{Usernames: []string{"fern"}}, 5)
		for i := range body.Accounts {
			if said := n.take(&body.Accounts[i]); said.Answer == "" && said.Reason == "" {
				t.Errorf("%+v", said)
			}
		}
	})
}

func FuzzChannels(f *testing.F) {
	header := "tea"
	seeded(f, channelsBody{TeamID: aTeam, Homes: []string{kitchen}, Channels: []channelIn{
		aRoom("one", ada, bo), {Identity: "D", Type: "D", Members: []string{ada}},
		{Identity: "G", Type: "G", Members: []string{ada, bo, cy}}, {ID: kitchen, Set: &channelsSet{Header: &header}, Members: []string{cy}},
	}})
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, err := decodeChannels(raw)
		if err != nil {
			return
		}
		r := someRooms(&channelsKnown{}, 5)
		for i := range body.Channels {
			if said := r.take(&body.Channels[i]); said.ID == "" && said.Reason == "" {
				t.Errorf("%+v", said)
			}
			_ = nameOf(&body.Channels[i])
		}
	})
}

func FuzzOtherBodies(f *testing.F) {
	seeded(f, readIn{ChannelIDs: []string{kitchen}}, attachedBody{Posts: []attachedIn{{ID: "x", FileIDs: []string{"y"}}}},
		textsBody{Texts: []textIn{{ID: "x", Old: "a", New: "b"}}}, fileIn{Identity: "f", Name: "a.txt", Size: 5, CreateAt: morning})
	f.Fuzz(func(_ *testing.T, raw []byte) {
		var file fileIn
		if decodeBody(raw, &file) == nil {
			_ = file.objection()
		}
		var texts textsBody
		if decodeBody(raw, &texts) == nil {
			for i := range texts.Texts {
				_ = objectionToText(&texts.Texts[i], knownText{Message: "a"}, true, 10)
			}
		}
		var attached attachedBody
		if decodeBody(raw, &attached) == nil {
			known := &attachable{Posts: map[string]attachablePost{"x": {}}, Files: map[string]string{"y": ""}}
			for i := range attached.Posts {
				_, _ = known.freeFor(&attached.Posts[i])
			}
		}
		_ = decodeBody(raw, &readIn{})
	})
}
