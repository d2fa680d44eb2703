package main

import (
	"unicode/utf8"

	"github.com/mattermost/mattermost/server/public/model"
)

// mostChannels bounds what one transaction holds.
const mostChannels = 1_000

// channelsBody is what is asked of POST /api/v1/channels. Ids are the server's own; times are ms.
type channelsBody struct {
	TeamID string `json:"team_id"`
	// Homes are the channels (ids) that everybody who comes into the team is put into, but guests.
	Homes    []string    `json:"homes"`
	Channels []channelIn `json:"channels"`
}

// channelIn is a channel to be made, or (ID is set) one that is there, gets people and becomes what Set says.
//
// People of a direct or group channel are what it is known by: it is made with them, and gets no others.
type channelIn struct {
	ID          string       `json:"id"`
	Identity    string       `json:"identity"` // what it is called in Slack: sent again, it is the same channel
	Type        string       `json:"type"`
	Name        string       `json:"name"` // public and private ones
	DisplayName string       `json:"display_name"`
	Header      string       `json:"header"`
	Purpose     string       `json:"purpose"`
	CreatorID   string       `json:"creator_id"`
	CreateAt    int64        `json:"create_at"` // 0: now
	Members     []string     `json:"members"`   // ids of people
	Set         *channelsSet `json:"set"`
}

// channelsSet is what a public or private channel that is there is to have anew; what is absent stays as it is.
type channelsSet struct {
	Type        *string `json:"type"`
	DisplayName *string `json:"display_name"`
	Header      *string `json:"header"`
	Purpose     *string `json:"purpose"`
	CreatorID   string  `json:"creator_id"` // if it has none yet
	CreateAt    int64   `json:"create_at"`  // 0: stays
	Archive     bool    `json:"archive"`
}

func (c *channelIn) isNamed() bool {
	return c.Type == string(model.ChannelTypeOpen) || c.Type == string(model.ChannelTypePrivate)
}

// decodeChannels reads a body. An error concerns the whole of it.
func decodeChannels(raw []byte) (*channelsBody, error) {
	var body channelsBody
	if err := decodeBody(raw, &body); err != nil {
		return nil, err
	}
	if !model.IsValidId(body.TeamID) {
		return nil, wrongBody("channels are of a team: %q is none", body.TeamID)
	}
	seen := map[string]bool{}
	for i := range body.Channels {
		in := &body.Channels[i]
		named := in.ID
		if in.ID == "" {
			if in.Set != nil {
				return nil, wrongBody("a channel that is to be made needs no second set of fields")
			}
			if runes := utf8.RuneCountInString(in.Identity); runes == 0 || runes > mostIdentityRunes {
				return nil, wrongBody("a channel without an identity of 1 to %d characters", mostIdentityRunes)
			}
			named = in.Identity
		}
		if seen[named] {
			return nil, wrongBody("the channel %q stands there twice", named)
		}
		seen[named] = true
	}
	return &body, nil
}
