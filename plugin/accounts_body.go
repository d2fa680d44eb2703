package main

import (
	"unicode/utf8"

	"github.com/mattermost/mattermost/server/public/model"
)

// mostAccounts bounds what one transaction holds.
const mostAccounts = 1_000

// accountsBody is what is asked of POST /api/v1/accounts. Ids are the server's own; times are ms.
type accountsBody struct {
	TeamID   string      `json:"team_id"`
	Accounts []accountIn `json:"accounts"`
}

// accountIn is a person to be made, once, with all memberships. It has no password: nobody can sign in with it until one is
// chosen by a mail that resets it, or by single sign-on.
type accountIn struct {
	Identity    string   `json:"identity"` // what the person is called in Slack: sent again, it is the same account
	Username    string   `json:"username"`
	Email       string   `json:"email"`
	FirstName   string   `json:"first_name"`
	LastName    string   `json:"last_name"`
	Nickname    string   `json:"nickname"`
	Position    string   `json:"position"`
	Locale      string   `json:"locale"` // "": the server's own
	Roles       string   `json:"roles"`
	DeleteAt    int64    `json:"delete_at"`
	AuthService string   `json:"auth_service"`
	AuthData    string   `json:"auth_data"`
	TimeZone    string   `json:"time_zone"`
	IsOutside   bool     `json:"is_outside"` // is in no team
	ChannelIDs  []string `json:"channel_ids"`
}

// decodeAccounts reads a body. An error concerns the whole of it.
func decodeAccounts(raw []byte) (*accountsBody, error) {
	var body accountsBody
	if err := decodeBody(raw, &body); err != nil {
		return nil, err
	}
	if !model.IsValidId(body.TeamID) {
		return nil, wrongBody("people come into a team: %q is none", body.TeamID)
	}
	identities := map[string]bool{}
	for i := range body.Accounts {
		identity := body.Accounts[i].Identity
		if runes := utf8.RuneCountInString(identity); runes == 0 || runes > mostIdentityRunes {
			return nil, wrongBody("an account without an identity of 1 to %d characters", mostIdentityRunes)
		}
		if identities[identity] {
			return nil, wrongBody("the identity %q stands there twice", identity)
		}
		identities[identity] = true
	}
	return &body, nil
}
