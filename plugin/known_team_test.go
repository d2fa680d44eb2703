package main

import (
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
)

func TestWhomPeopleCouldNotAddToATeamIsNotAddedToIt(t *testing.T) {
	ofServer := serverDefaults{domains: "@pond.invalid, hill.invalid", guestDomains: "guests.invalid"}
	both := knownTeam{AllowedDomains: "Pond.invalid"}
	guest := model.SystemGuestRoleId
	for _, one := range []struct {
		team     knownTeam
		person   knownPerson
		defaults serverDefaults
		comes    bool
	}{
		{knownTeam{}, knownPerson{Email: "a@x.invalid"}, serverDefaults{}, true},
		{knownTeam{AllowedDomains: " , @ "}, knownPerson{Email: "a@x.invalid"}, serverDefaults{}, true},
		{knownTeam{}, knownPerson{Email: "A@Hill.invalid"}, ofServer, true},
		{knownTeam{}, knownPerson{Email: "a@hill.invalid.x"}, ofServer, false},
		{knownTeam{}, knownPerson{Email: "a@uphill.invalid"}, ofServer, false},
		{both, knownPerson{Email: "a@hill.invalid"}, ofServer, false},
		{both, knownPerson{Email: "a@pond.invalid"}, ofServer, true},
		{both, knownPerson{Email: "bot@localhost", IsBot: true}, ofServer, true},
		{both, knownPerson{Email: "a@pond.invalid", Roles: guest}, ofServer, false},
		{both, knownPerson{Email: "a@guests.invalid", Roles: guest}, ofServer, true},
		{knownTeam{IsGroupConstrained: true}, knownPerson{}, serverDefaults{}, false},
		{knownTeam{IsGroupConstrained: true}, knownPerson{IsBot: true}, serverDefaults{}, true},
		{knownTeam{IsGroupConstrained: true}, knownPerson{IsInItsGroups: true}, serverDefaults{}, true},
	} {
		if said := one.team.objectionTo(one.person, one.defaults); (said == "") != one.comes {
			t.Errorf("%+v: %q", one, said)
		}
	}
}
