package main

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
)

func someNewcomers(k *accountsKnown, most int) *newcomers {
	k.HasTeam, k.ChannelIDs = true, []string{kitchen}
	return newNewcomers(k, serverDefaults{locale: "en", pushStatus: model.StatusAway, mostUsersPerTeam: most})
}

func anAccount(name string) accountIn {
	return accountIn{Identity: "U" + name, Username: name, Email: name + "@people.invalid", ChannelIDs: []string{kitchen, kitchen}}
}

func TestAPersonIsInEachChannelOnceAndHasNoPassword(t *testing.T) {
	n := someNewcomers(&accountsKnown{}, -1)
	in := anAccount("Fern")
	said := n.take(&in)
	if said.Answer != wasCreated || len(n.users) != 1 || n.users[0].Username != "fern" || n.users[0].ID != said.ID {
		t.Errorf("%+v %+v", said, n.users)
	}
	if len(n.joined.channels) != 1 || len(n.team) != 1 || n.team[0].IsGuest {
		t.Errorf("%+v", n.joined)
	}
	if props := string(n.users[0].NotifyProps); !strings.Contains(props, `"push_status":"away"`) {
		t.Error(props)
	}
	if strings.Contains(list(n.users), "password") {
		t.Error("there is a password")
	}
}

func TestWhoHasTheNameOrTheAddressIsAnsweredAndNotMade(t *testing.T) {
	n := someNewcomers(&accountsKnown{Usernames: []string{"fern"}, Emails: []string{"moss@people.invalid"}}, -1)
	fern, moss, reed, again := anAccount("fern"), anAccount("moss"), anAccount("reed"), anAccount("reed")
	both := anAccount("fern")
	both.Email, again.Identity, again.Email = "moss@people.invalid", "U2", "REED@people.invalid"
	answers := []string{}
	for _, in := range []*accountIn{&fern, &moss, &both, &reed, &again} {
		answers = append(answers, n.take(in).Answer)
	}
	if told := strings.Join(answers, " "); told != "username_exists email_exists email_exists created email_exists" {
		t.Error(told)
	}
}

func TestWhoWasMadeBeforeIsFoundAsLongAsHeIsCalledSo(t *testing.T) {
	stored := map[string]storedAccount{"Ufern": {ID: "1", Username: "fern"}, "Umoss": {ID: "2", Username: "moss-gone"}}
	n := someNewcomers(&accountsKnown{Stored: stored, Usernames: []string{"fern"}}, -1)
	fern, moss := anAccount("fern"), anAccount("moss")
	if said := n.take(&fern); said.ID != "1" || said.Answer != wasCreated {
		t.Errorf("%+v", said)
	}
	if said := n.take(&moss); said.ID == "2" || said.Answer != wasCreated {
		t.Errorf("%+v", said)
	}
	if len(n.users) != 1 {
		t.Errorf("%+v", n.users)
	}
}

func TestATeamTakesAsManyActivePeopleAsItMay(t *testing.T) {
	n := someNewcomers(&accountsKnown{TeamMembers: 1}, 2)
	first, second, gone, outside := anAccount("a"), anAccount("b"), anAccount("c"), anAccount("d")
	gone.DeleteAt = morning
	outside.IsOutside, outside.ChannelIDs = true, nil
	if n.take(&first).ID == "" || n.take(&second).Reason == "" || n.take(&gone).ID == "" || n.take(&outside).ID == "" {
		t.Errorf("%+v", n.users)
	}
	if len(n.team) != 2 {
		t.Errorf("%+v", n.team)
	}
}
