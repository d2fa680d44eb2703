package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const (
	ada     = "adaadaadaadaadaadaadaadaad"
	bo      = "bobobobobobobobobobobobobo"
	kitchen = "kitchenkitchenkitchenkitch"
	morning = 1_700_000_000_000
)

func TestABodyThatIsNotAsItMustBeIsRefusedAsAWhole(t *testing.T) {
	for name, raw := range map[string]string{
		"no JSON":             `{"threads":`,
		"nothing":             ``,
		"a list":              `[]`,
		"more after its end":  `{"threads":[]} {"threads":[]}`,
		"an unknown field":    `{"threads":[],"and":"more"}`,
		"a number for a text": `{"threads":[{"channel_id":5}]}`,
		"a text for a number": `{"threads":[{"root":{"identity":"a","create_at":"1"}}]}`,
		"a list for props":    `{"threads":[{"root":{"identity":"a","props":[]}}]}`,
		"a float for a time":  `{"threads":[{"root":{"identity":"a","create_at":1.5}}]}`,
		"a time beyond int64": `{"threads":[{"root":{"identity":"a","create_at":9223372036854775808}}]}`,
		"no UTF-8":            "{\"threads\":[{\"root\":{\"identity\":\"\xff\"}}]}",
		"no identity":         `{"threads":[{"root":{"create_at":1}}]}`,
		"a long identity":     `{"threads":[{"root":{"identity":"` + strings.Repeat("é", 191) + `"}}]}`,
		"one identity twice":  `{"threads":[{"root":{"identity":"a"},"replies":[{"identity":"a"}]}]}`,
		"a reply by its id":   `{"threads":[{"root":{"identity":"a"},"replies":[{"id":"b"}]}]}`,
	} {
		if body, err := decodeThreads([]byte(raw)); err == nil {
			t.Errorf("%s was taken: %+v", name, body)
		}
	}
}

func TestABodyKeepsWhatItSays(t *testing.T) {
	raw := `{"threads":[{"channel_id":"c","followers":["f"],"root":{"identity":"` + strings.Repeat("é", 190) + `",` +
		`"message":"  two\n lines \u202e ","create_at":1,"props":{"a":[1,{"b":null}]},"reactions":[{"emoji_name":"tada"}]},` +
		`"replies":[{"identity":"r"}]}]}`
	body, err := decodeThreads([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	thread := body.Threads[0]
	if thread.Root.Message != "  two\n lines \u202e " || len(thread.posts()) != 2 || thread.Root.Reactions[0].EmojiName != "tada" {
		t.Errorf("%+v", thread)
	}
}

func TestMorePostsThanOneTransactionHoldsAreRefused(t *testing.T) {
	var body threadsBody
	for i := range mostPosts + 1 {
		body.Threads = append(body.Threads, threadIn{Root: postIn{Identity: fmt.Sprint(i)}})
	}
	raw, _ := json.Marshal(body)
	if _, err := decodeThreads(raw); err == nil || !strings.Contains(err.Error(), "10001 posts") {
		t.Error(err)
	}
}
