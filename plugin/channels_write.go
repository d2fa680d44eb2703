package main

import (
	"context"
	_ "embed"

	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/channels_known.sql
var findChannelsKnown string

//go:embed statements/channels_add.sql
var addChannels string

//go:embed statements/channels_change.sql
var changeChannels string

//go:embed statements/channels_public.sql
var listPublicChannels string

//go:embed statements/stored_channels_add.sql
var addStoredChannels string

// channelsTaken answers for each channel, in the order in which they were sent.
type channelsTaken struct {
	Channels []channelAnswer `json:"channels"`
}

// takeChannels has channels be there, be what they are to be, and have their people.
func (p *importer) takeChannels(ctx context.Context, raw []byte) (any, error) {
	body, err := decodeChannels(raw)
	if err != nil {
		return nil, err
	}
	defaults, err := p.serverDefaults()
	if err != nil {
		return nil, err
	}
	together := func(channels []channelIn) ([]channelAnswer, error) {
		var answers []channelAnswer
		err := p.inTurn(ctx, func(t *turn) error {
			part := &channelsBody{TeamID: body.TeamID, Homes: body.Homes, Channels: channels}
			answers, err = writeChannels(ctx, t, part, defaults)
			return err
		})
		return answers, err
	}
	answers, err := halved(body.Channels, together, func(_ channelIn, err error) channelAnswer {
		return channelAnswer{Reason: "The server's database refuses it: " + err.Error() + ". Trying again will not help."}
	})
	return channelsTaken{Channels: append([]channelAnswer{}, answers...)}, err
}

func writeChannels(ctx context.Context, t *turn, body *channelsBody, defaults serverDefaults) ([]channelAnswer, error) {
	names, identities, people, ids := []string{}, []string{}, []string{}, append([]string{}, body.Homes...)
	for i := range body.Channels {
		in := &body.Channels[i]
		ids, people = append(ids, in.ID), append(append(people, in.Members...), in.CreatorID)
		identities, names = append(identities, in.Identity), append(names, nameOf(in))
		if in.Set != nil {
			people = append(people, in.Set.CreatorID)
		}
	}
	ids = distinct(ids)
	// Names are not locked one by one: new channels are few, and a batch of them is short.
	if err := locked(ctx, t, append([]string{"channels"}, ids...)...); err != nil {
		return nil, err
	}
	known := &channelsKnown{}
	err := oneRow(ctx, t, known, findChannelsKnown,
		body.TeamID, list(ids), list(names), list(distinct(people)), list(identities))
	if err != nil {
		return nil, err
	}
	now := model.GetMillis()
	open := newRooms(body, known, defaults, now)
	answers := make([]channelAnswer, 0, len(body.Channels))
	for i := range body.Channels {
		answers = append(answers, open.take(&body.Channels[i]))
	}
	var touched []string
	for _, row := range open.made {
		touched = append(touched, row.ID)
	}
	for _, row := range open.changed {
		touched = append(touched, row.ID)
	}
	steps := []step{
		{addChannels, len(open.made), []any{list(open.made)}},
		{addStoredChannels, len(open.fresh), []any{list(open.fresh)}},
		{changeChannels, len(open.changed), []any{list(open.changed), now}},
		{listPublicChannels, len(touched), []any{list(touched)}},
		{addPreferences, len(open.preferences), []any{list(open.preferences)}},
	}
	return answers, runSteps(t, append(steps, open.steps(body.TeamID, true, now)...)...)
}

// nameOf is the name by which a channel is found: that of a direct or group one the server makes of its people.
func nameOf(in *channelIn) string {
	people := distinct(in.Members)
	switch {
	case in.isNamed() || len(people) == 0:
		return in.Name
	case len(people) <= 2:
		return model.GetDMNameFromIds(people[0], people[len(people)-1])
	}
	return model.GetGroupNameFromUserIds(people)
}
