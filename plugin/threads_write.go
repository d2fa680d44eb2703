package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"hash/fnv"
	"slices"
	"time"

	"github.com/lib/pq"
	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/known.sql
var findKnown string

//go:embed statements/stored_find.sql
var findStored string

//go:embed statements/stored_add.sql
var addStored string

//go:embed statements/posts.sql
var addPosts string

//go:embed statements/reactions.sql
var addReactions string

//go:embed statements/files.sql
var attachFiles string

//go:embed statements/reacted.sql
var markReacted string

//go:embed statements/grown_roots.sql
var touchGrown string

//go:embed statements/followers_read.sql
var readByFollowers string

//go:embed statements/posts_under_way.sql
var findUnderWay string

//go:embed statements/threads_held.sql
var holdThreads string

//go:embed statements/threads.sql
var countThreads string

//go:embed statements/threads_new.sql
var addThreads string

//go:embed statements/followers.sql
var addFollowers string

//go:embed statements/members.sql
var readByMembers string

//go:embed statements/channels.sql
var countChannels string

// Who writes a post takes milliseconds; a transaction that stays open for longer is nobody's reply.
const mostAwaited, betweenLooks = 5 * time.Second, 5 * time.Millisecond

// answer is what came of one post: its id, or why it is not there. Of one that was brought before nothing but reactions is
// taken, and those that it has by now are told, if it has got some: as user id and emoji name.
type answer struct {
	ID               string            `json:"id,omitempty"`
	Reason           string            `json:"reason,omitempty"`
	WasThere         bool              `json:"was_there,omitempty"`
	Reactions        [][2]string       `json:"reactions,omitempty"`
	RefusedReactions []refusedReaction `json:"refused_reactions,omitempty"`
}

// refusedReaction is a reaction that did not come, by its place in the list that was sent.
type refusedReaction struct {
	Place  int    `json:"place"`
	Reason string `json:"reason"`
}

// writeTogether brings threads in, all or none, and answers for each post of each of them. One batch after the other: two go
// to the same channels, so that one would have to look anew. The next one is received and decoded meanwhile.
func (p *importer) writeTogether(ctx context.Context, threads []*threadIn) (answers [][]answer, err error) {
	select {
	case p.threads <- struct{}{}:
		defer func() { <-p.threads }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var b *batch
	err = p.inTurn(ctx, func(t *turn) error {
		users, channels, posts, files := referredTo(threads)
		if err := locked(ctx, t, channels...); err != nil {
			return err
		}
		k, stored := &known{}, map[string]string{}
		if err := oneRow(ctx, t, k, findKnown, list(users), list(channels), list(posts), list(files)); err != nil {
			return err
		}
		k.index()
		if err := oneRow(ctx, t, &stored, findStored, list(identitiesOf(threads))); err != nil {
			return err
		}
		b, answers = newBatch(k, stored, p.mostRunes(), model.GetMillis()), nil
		for _, thread := range threads {
			answers = append(answers, b.take(thread))
		}
		return b.write(t)
	})
	if err != nil {
		return nil, err
	}
	if err := p.countAgain(ctx, b.grown); err != nil {
		return nil, err
	}
	return answers, p.tellReactions(ctx, b, answers)
}

// countAgain counts threads that have grown once more, when everybody is done who was writing posts as their batch was
// committed: whoever replied to one of them may have read its count before, and writes down his own.
func (p *importer) countAgain(ctx context.Context, grown []grownRow) error {
	if len(grown) == 0 {
		return nil
	}
	if err := p.awaitPostsUnderWay(ctx); err != nil {
		return err
	}
	t := &turn{p: p, names: []string{}}
	roots := list(rootsOf(grown))
	if err := runSteps(t,
		step{holdThreads, len(grown), []any{roots}},
		step{countThreads, len(grown), []any{roots}},
	); err != nil {
		return err
	}
	_, err := t.write(ctx)
	return err
}

// awaitPostsUnderWay waits until the transactions that write posts at this moment are over, or mostAwaited is.
func (p *importer) awaitPostsUnderWay(ctx context.Context) error {
	// Not a deadline of the looks themselves: a look that met it would make an error of a batch that is written.
	until := time.Now().Add(mostAwaited)
	underWay := []string{}
	err := p.oneRow(ctx, &underWay, findUnderWay, nil)
	for err == nil && len(underWay) > 0 && time.Now().Before(until) {
		time.Sleep(betweenLooks)
		err = p.oneRow(ctx, &underWay, findUnderWay, list(underWay))
	}
	return err
}

// write says what is written, by one statement for all rows of a kind: one that has none is left out.
func (b *batch) write(t *turn) error {
	channels := make([]*channelRow, 0, len(b.channels))
	for _, channel := range b.channels {
		channels = append(channels, channel)
	}
	grown := list(rootsOf(b.grown))
	return runSteps(t,
		step{addPosts, len(b.posts), []any{list(b.posts)}},
		step{addStored, len(b.fresh), []any{list(b.fresh)}},
		step{attachFiles, len(b.files), []any{list(b.files)}},
		step{addReactions, len(b.reactions), []any{list(b.reactions), b.now}},
		step{markReacted, len(b.reactedIDs), []any{list(b.reactedIDs), b.now}},
		step{touchGrown, len(b.grown), []any{list(b.grown)}},
		step{readByFollowers, len(b.grown), []any{list(b.grown), b.now}},
		step{holdThreads, len(b.grown), []any{grown}},
		step{countThreads, len(b.grown), []any{grown}},
		step{addThreads, len(b.begun), []any{list(b.begun)}},
		step{addFollowers, len(b.followers), []any{list(b.followers), b.now}},
		step{readByMembers, len(channels), []any{list(channels), b.now}},
		step{countChannels, len(channels), []any{list(channels)}},
	)
}

func (p *importer) mostRunes() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.maxPostRunes
}

// isAboutValues tells an error that some row caused from one of the database: classes 22 (data) and 23 (constraints).
func isAboutValues(err error) bool {
	var refused *pq.Error
	return errors.As(err, &refused) && (refused.Code.Class() == "22" || refused.Code.Class() == "23")
}

func refusedAlone(thread *threadIn, err error) []answer {
	answers := make([]answer, 1+len(thread.Replies))
	for i := range answers {
		answers[i].Reason = "The server's database refuses its thread: " + err.Error() + ". Trying again will not help."
	}
	return answers
}

func rootsOf(grown []grownRow) []string {
	ids := make([]string, 0, len(grown))
	for _, thread := range grown {
		ids = append(ids, thread.PostID)
	}
	return ids
}

func identitiesOf(threads []*threadIn) []string {
	var identities []string
	for _, thread := range threads {
		for _, post := range thread.posts() {
			if post.ID == "" {
				identities = append(identities, post.Identity)
			}
		}
	}
	return identities
}

// keysOf are numbers for advisory locks, in the one order that keeps two batches from waiting for each other.
func keysOf(channels []string) []int64 {
	keys := make([]int64, 0, len(channels))
	for _, id := range channels {
		sum := fnv.New64a()
		_, _ = sum.Write([]byte("com.mm-pipeline.importer " + id))
		keys = append(keys, int64(sum.Sum64())) //nolint:gosec // any 64 bits will do
	}
	slices.Sort(keys)
	return keys
}

// list is a JSON list for one parameter of a statement: values reach the database as data alone.
func list[T any](items []T) string {
	if len(items) == 0 {
		return "[]"
	}
	raw, err := json.Marshal(items)
	if err != nil {
		panic(err) // our own structs of strings and numbers
	}
	return string(raw)
}
