package main

import (
	_ "embed"

	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/team_members.sql
var joinTeam string

//go:embed statements/channel_history.sql
var logJoined string

//go:embed statements/channel_members.sql
var joinChannels string

// joined are people who come into a team and its channels, as rows. Nobody is told, and they find everything read.
type joined struct {
	team     []teamMemberRow
	channels []memberRow
}

type teamMemberRow struct {
	UserID  string `json:"userid"`
	IsGuest bool   `json:"isguest"`
}

type memberRow struct {
	ChannelID string `json:"channelid"`
	UserID    string `json:"userid"`
	IsGuest   bool   `json:"isguest"`
}

// steps write the rows. Where logged, the server's history of who was where is told, as it is when people add people; the
// import job says nothing of new accounts there.
func (j *joined) steps(teamID string, logged bool, now int64) []step {
	inHistory := 0
	if logged {
		inHistory = len(j.channels)
	}
	return []step{
		{joinTeam, len(j.team), []any{list(j.team), teamID, now}},
		{logJoined, inHistory, []any{list(j.channels), now}},
		{joinChannels, len(j.channels), []any{list(j.channels), now, model.MapToJSON(model.GetDefaultChannelNotifyProps())}},
	}
}
