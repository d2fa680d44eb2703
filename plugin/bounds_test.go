package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// aThing is one of each kind that a body has a list of: the list with its beginning and its end, and an item of it.
var aThing = []struct {
	name       string
	into       func() any
	begin, end string
	item       string
}{
	{"threads", newBody[threadsBody], `{"threads":[`, `]}`, `{}`},
	{"threads that are nothing", newBody[threadsBody], `{"threads":[`, `]}`, `null`},
	{"threads of another type", newBody[threadsBody], `{"threads":[`, `]}`, `1`},
	{"replies", newBody[threadsBody], `{"threads":[{"replies":[`, `]}]}`, `{}`},
	{"replies of another type", newBody[threadsBody], `{"threads":[{"replies":[`, `]}]}`, `""`},
	{"reactions", newBody[threadsBody], `{"threads":[{"root":{"reactions":[`, `]}}]}`, `{}`},
	{"followers", newBody[threadsBody], `{"threads":[{"followers":[`, `]}]}`, `""`},
	{"files", newBody[threadsBody], `{"threads":[{"root":{"file_ids":[`, `]}}]}`, `""`},
	{"lists in props", newBody[threadsBody], `{"threads":[{"root":{"props":{"a":[`, `]}}}]}`, `{}`},
	{"names in props", newBody[threadsBody], `{"threads":[{"root":{"props":{`, `}}}]}`, `"":{"":0}`},
	{"accounts", newBody[accountsBody], `{"team_id":"x","accounts":[`, `]}`, `{}`},
	{"channels of people", newBody[accountsBody], `{"accounts":[{"channel_ids":[`, `]}]}`, `""`},
	{"channels", newBody[channelsBody], `{"team_id":"x","channels":[`, `]}`, `{}`},
	{"homes", newBody[channelsBody], `{"homes":[`, `]}`, `""`},
	{"members", newBody[channelsBody], `{"channels":[{"members":[`, `]}]}`, `""`},
	{"channels that are read", newBody[readIn], `{"channel_ids":[`, `]}`, `""`},
	{"threads that are read", newBody[readIn], `{"threads_in":[`, `]}`, `""`},
	{"people who read", newBody[readIn], `{"besides":[`, `]}`, `{}`},
	{"people who keep", newBody[readIn], `{"keep":[`, `]}`, `{}`},
	{"posts with files", newBody[attachedBody], `{"posts":[`, `]}`, `{}`},
	{"files of posts", newBody[attachedBody], `{"posts":[{"file_ids":[`, `]}]}`, `""`},
	{"texts", newBody[textsBody], `{"texts":[`, `]}`, `{}`},
}

func newBody[T any]() any { return new(T) }

// filled is a body of one list, half as large as a body may be: the race detector is slow.
func filled(begin, item, end string) []byte {
	items := mostBytes / 2 / (len(item) + 1)
	return []byte(begin + strings.Repeat(item+",", items-1) + item + end)
}

func TestABodyThatHoldsTooMuchIsRefusedBeforeItTakesMemory(t *testing.T) {
	for _, one := range aThing {
		raw, into := filled(one.begin, one.item, one.end), one.into()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := decodeBody(raw, into)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "in one batch, and ") {
			t.Errorf("%s: %v", one.name, err)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<20 {
			t.Errorf("%s: %d MiB", one.name, taken>>20)
		}
	}
}

func TestNoListOfABodyIsUnbounded(t *testing.T) {
	isBounded := map[reflect.Type]bool{}
	for _, one := range bounds {
		for _, kind := range one.of {
			isBounded[kind] = true
		}
	}
	lists := 0
	for kind, fields := range fieldsOf {
		for name, field := range fields {
			if item := itemOf(field); item != nil {
				lists++
				if !isBounded[item] {
					t.Errorf("%s.%s is a list that nobody counts", kind, name)
				}
			}
		}
	}
	if lists < 15 {
		t.Errorf("only %d lists were found", lists)
	}
}

func TestAsManyAsMayBeAreTakenAndOneMoreIsNot(t *testing.T) {
	for _, one := range []struct {
		into       func() any
		begin, end string
		item       string
		most       int
	}{
		{newBody[threadsBody], `{"threads":[`, `]}`, `{}`, 10_000},
		// The thread's root is a post, too.
		{newBody[threadsBody], `{"threads":[{"replies":[`, `]}]}`, `{}`, 9_999},
		{newBody[threadsBody], `{"threads":[{"root":{"reactions":[`, `]}}]}`, `{}`, 200_000},
		{newBody[threadsBody], `{"threads":[{"root":{"props":{"a":[`, `]}}}]}`, `0`, 999_999},
		{newBody[accountsBody], `{"accounts":[`, `]}`, `{}`, 1_000},
		{newBody[channelsBody], `{"channels":[`, `]}`, `{}`, 1_000},
		{newBody[channelsBody], `{"channels":[{"members":[`, `]}]}`, `""`, 600_000},
		{newBody[readIn], `{"keep":[`, `]}`, `{}`, 100_000},
		{newBody[attachedBody], `{"posts":[`, `]}`, `{}`, 10_000},
		{newBody[textsBody], `{"texts":[`, `]}`, `{}`, 10_000},
	} {
		body := one.begin + strings.Repeat(one.item+" , ", one.most-1) + one.item
		if err := decodeBody([]byte(body+one.end), one.into()); err != nil {
			t.Errorf("%s: %v", one.begin, err)
		}
		if err := decodeBody([]byte(body+","+one.item+one.end), one.into()); err == nil {
			t.Errorf("%s: %d were taken", one.begin, one.most+1)
		}
	}
}

func TestAListIsCountedUnderWhateverNameTheDecoderTakesIt(t *testing.T) {
	for _, raw := range []string{
		`{"Threads":[]}`, `{"\u0074hreads":[]}`, `{"threads":[{"REPLIES":[]}]}`, `{"threads":[{"root":{"PROPS":{"a":1}}}]}`,
	} {
		if err := decodeBody([]byte(raw), &threadsBody{}); err == nil || !strings.Contains(err.Error(), "unknown field") {
			t.Errorf("%s: %v", raw, err)
		}
	}
	// Twice the same field is one list to the decoder.
	half := `"threads":[` + strings.Repeat(`{},`, 6_000) + `{}]`
	if err := decodeBody([]byte("{"+half+","+half+"}"), &threadsBody{}); err == nil {
		t.Error("two lists of one name were counted as one")
	}
}

// counted is what a decoded value holds, by kind.
func counted(value reflect.Value, seen map[reflect.Type]int) {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			counted(value.Elem(), seen)
		}
	case reflect.Struct:
		for i := range value.NumField() {
			counted(value.Field(i), seen)
		}
	case reflect.Slice:
		seen[value.Type().Elem()] += value.Len()
		for i := range value.Len() {
			counted(value.Index(i), seen)
		}
	case reflect.Map:
		seen[value.Type().Elem()] += value.Len()
		for _, name := range value.MapKeys() {
			counted(value.MapIndex(name), seen)
		}
	}
}

// FuzzBounds: what the decoder makes of a body was counted before.
func FuzzBounds(f *testing.F) {
	f.Add([]byte(`{"threads":[{"channel_id":"a\\\"[{","followers":["f"],"root":{"props":{"a":[1,{"b":null}]}},"replies":[{},null]}]}`))
	f.Add([]byte(`{"team_id":"","channels":[{"set":{"type":null},"members":["a"]}],"homes":[],"accounts":[]}`))
	f.Add([]byte(`{"posts":[{"id":"x","file_ids":["y"]}],"texts":[{}],"keep":[{}],"besides":[]}`))
	f.Add([]byte(`[}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, newInto := range []func() any{newBody[threadsBody], newBody[accountsBody], newBody[channelsBody], newBody[readIn], newBody[attachedBody], newBody[textsBody]} {
			into := newInto()
			c := &counter{raw: raw, seen: map[reflect.Type]int{}}
			c.value(reflect.TypeOf(into).Elem(), 0)
			_ = json.Unmarshal(raw, into)
			there := map[reflect.Type]int{}
			counted(reflect.ValueOf(into).Elem(), there)
			for kind, n := range there {
				if c.unknown == "" && c.seen[kind] < n {
					t.Errorf("%d %s were counted, and %d are there", c.seen[kind], kind, n)
				}
			}
		}
	})
}

// aFullBatch is what comes at once: 2,000 posts with replies, reactions and props.
func aFullBatch() []byte {
	var body threadsBody
	for i := range 400 {
		thread := threadIn{ChannelID: kitchen, Root: aPost(fmt.Sprint(i), 0), Followers: []string{ada, bo}}
		for reply := range 4 {
			thread.Replies = append(thread.Replies, aPost(fmt.Sprint(i, ":", reply), int64(reply)))
		}
		for _, post := range thread.posts() {
			post.Message = strings.Repeat("Where is the \"tea\"?\n", 20)
			post.Props = map[string]any{"attachments": []any{map[string]any{"text": "tea", "title": "Tea"}}}
			post.Reactions = []reactionIn{{UserID: bo, EmojiName: "tada", CreateAt: morning + 10}}
		}
		body.Threads = append(body.Threads, thread)
	}
	raw, _ := json.Marshal(body)
	return raw
}

func BenchmarkAFullBatch(b *testing.B) {
	raw := aFullBatch()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := decodeThreads(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAFullBatchIsCounted(b *testing.B) {
	raw := aFullBatch()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if err := objectionToCount(raw, reflect.TypeFor[threadsBody]()); err != nil {
			b.Fatal(err)
		}
	}
}
