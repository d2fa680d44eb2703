package main

import (
	"strconv"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"
)

// serverDefaults is what this server gives to what is new, and no column tells.
type serverDefaults struct {
	locale              string
	pushStatus          string // when a phone is told something
	isGroupShared       *bool  // what a new group channel says of being shared: nothing, or that it is not
	mostUsersPerTeam    int    // -1 = any number
	mostChannelsPerTeam int
	domains             string // of whose addresses people are, as the server's settings have them; "" = any
	guestDomains        string
}

func (p *importer) serverDefaults() (serverDefaults, error) {
	config, version := p.API.GetConfig(), p.API.GetServerVersion()
	if config == nil || version == "" {
		return serverDefaults{}, errSilent
	}
	defaults := serverDefaults{
		locale:              *config.LocalizationSettings.DefaultClientLocale,
		pushStatus:          model.StatusOnline,
		isGroupShared:       model.NewPointer(false),
		mostUsersPerTeam:    *config.TeamSettings.MaxUsersPerTeam,
		mostChannelsPerTeam: int(*config.TeamSettings.MaxChannelsPerTeam),
		// On their way to a plugin pointers to empty texts become nil.
		domains:      model.SafeDereference(config.TeamSettings.RestrictCreationToDomains),
		guestDomains: model.SafeDereference(config.GuestAccountsSettings.RestrictCreationToDomains),
	}
	if majorOf(version) < 10 {
		// Seen on 9.9.
		defaults.pushStatus, defaults.isGroupShared = model.StatusAway, nil
	}
	return defaults, nil
}

func majorOf(version string) int {
	major, _, _ := strings.Cut(version, ".")
	number, _ := strconv.Atoi(major)
	return number
}
