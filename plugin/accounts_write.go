package main

import (
	"context"
	_ "embed"

	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/accounts_known.sql
var findAccountsKnown string

//go:embed statements/users.sql
var addUsers string

//go:embed statements/preferences.sql
var addPreferences string

//go:embed statements/stored_accounts_add.sql
var addStoredAccounts string

// accountsTaken answers for each account, in the order in which they were sent.
type accountsTaken struct {
	Accounts []accountAnswer `json:"accounts"`
}

// takeAccounts brings people in, each once, with their memberships.
func (p *importer) takeAccounts(ctx context.Context, raw []byte) (any, error) {
	body, err := decodeAccounts(raw)
	if err != nil {
		return nil, err
	}
	defaults, err := p.serverDefaults()
	if err != nil {
		return nil, err
	}
	together := func(accounts []accountIn) ([]accountAnswer, error) {
		var answers []accountAnswer
		err := p.inTurn(ctx, func(t *turn) error {
			answers, err = writeAccounts(ctx, t, body.TeamID, accounts, defaults)
			return err
		})
		return answers, err
	}
	answers, err := halved(body.Accounts, together, func(_ accountIn, err error) accountAnswer {
		return accountAnswer{Reason: "The server's database refuses it: " + err.Error() + ". Trying again will not help."}
	})
	return accountsTaken{Accounts: append([]accountAnswer{}, answers...)}, err
}

func writeAccounts(
	ctx context.Context, t *turn, teamID string, accounts []accountIn, defaults serverDefaults,
) ([]accountAnswer, error) {
	var usernames, emails, identities, channels []string
	for i := range accounts {
		in := &accounts[i]
		usernames = append(usernames, model.NormalizeUsername(in.Username))
		emails = append(emails, model.NormalizeEmail(in.Email))
		identities = append(identities, in.Identity)
		channels = append(channels, in.ChannelIDs...)
	}
	channels = distinct(channels)
	if err := locked(ctx, t, append([]string{"accounts"}, channels...)...); err != nil {
		return nil, err
	}
	known := &accountsKnown{}
	err := oneRow(ctx, t, known, findAccountsKnown, teamID, list(usernames), list(emails), list(channels), list(identities))
	if err != nil {
		return nil, err
	}
	news := newNewcomers(known, defaults)
	answers := make([]accountAnswer, 0, len(accounts))
	for i := range accounts {
		answers = append(answers, news.take(&accounts[i]))
	}
	steps := []step{
		{addUsers, len(news.users), []any{list(news.users)}},
		{addStoredAccounts, len(news.fresh), []any{list(news.fresh)}},
		{addPreferences, len(news.preferences), []any{list(news.preferences)}},
	}
	return answers, runSteps(t, append(steps, news.steps(teamID, false, model.GetMillis())...)...)
}

func distinct(ids []string) []string {
	seen, kept := map[string]bool{}, []string{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			kept = append(kept, id)
		}
	}
	return kept
}
