package main

import (
	"context"
	_ "embed"

	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/read_channels.sql
var readChannels string

//go:embed statements/read_memberships.sql
var readMemberships string

//go:embed statements/read_threads.sql
var readThreads string

// mostPairs bounds what one transaction names.
const mostPairs = 100_000

// readIn is what is asked of POST /api/v1/read: everything that is in some channels is read by their people.
type readIn struct {
	ChannelIDs []string     `json:"channel_ids"`
	ThreadsIn  []string     `json:"threads_in"` // channels whose threads are read by those who follow them
	Besides    []membership `json:"besides"`    // further channels of some people
	Keep       []membership `json:"keep"`       // who had something unread there before: that stays
}

type membership struct {
	ChannelID string `json:"channel_id"`
	UserID    string `json:"user_id"`
}

// markRead marks channels read, for all of their people in one statement. Nobody is shown online by it.
func (p *importer) markRead(ctx context.Context, raw []byte) (any, error) {
	var in readIn
	if err := decodeBody(raw, &in); err != nil {
		return nil, err
	}
	if named := len(in.ChannelIDs) + len(in.ThreadsIn) + len(in.Besides) + len(in.Keep); named > mostPairs {
		return nil, wrongBody("%d channels and people in one batch, and %d are taken", named, mostPairs)
	}
	lockedIDs := append(append([]string{}, in.ChannelIDs...), in.ThreadsIn...)
	for _, one := range in.Besides {
		lockedIDs = append(lockedIDs, one.ChannelID)
	}
	err := p.inTurn(ctx, func(t *turn) error {
		if err := locked(ctx, t, distinct(lockedIDs)...); err != nil {
			return err
		}
		keep := list(in.Keep)
		return runSteps(t,
			step{readChannels, len(in.ChannelIDs), []any{list(in.ChannelIDs), keep}},
			step{readMemberships, len(in.Besides), []any{list(in.Besides), keep}},
			step{readThreads, len(in.ThreadsIn), []any{list(in.ThreadsIn), keep, model.GetMillis()}},
		)
	})
	return struct{}{}, err
}
