package main

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
)

const (
	aTeam = "teamteamteamteamteamteamte"
	cy    = "cycycycycycycycycycycycycy"
)

func someRooms(k *channelsKnown, mostChannels int) *rooms {
	k.HasTeam = true
	k.People = map[string]knownPerson{
		ada: {Username: "ada", IsInTeam: true}, bo: {Username: "bo"}, cy: {Username: "cy", Roles: model.SystemGuestRoleId},
	}
	for _, made := range []*map[string]string{&k.Named, &k.Stored} {
		if *made == nil {
			*made = map[string]string{}
		}
	}
	if k.Channels == nil {
		k.Channels = map[string]knownChannel{}
	}
	k.Channels[kitchen] = knownChannel{TeamID: aTeam, Type: "O", Name: "kitchen"}
	body := &channelsBody{TeamID: aTeam, Homes: []string{kitchen}}
	return newRooms(body, k, serverDefaults{mostUsersPerTeam: -1, mostChannelsPerTeam: mostChannels}, morning)
}

func aRoom(name string, members ...string) channelIn {
	return channelIn{Identity: "C" + name, Type: "O", Name: name, DisplayName: name, Members: members}
}

func TestWhoComesIntoAChannelComesIntoItsTeamOnceAndGuestsIntoNoOther(t *testing.T) {
	r := someRooms(&channelsKnown{}, -1)
	first, second := aRoom("one", ada, bo, cy, "nobody"), aRoom("two", bo, bo)
	said := r.take(&first)
	if said.Answer != wasCreated || len(said.RefusedMembers) != 1 || r.take(&second).ID == "" {
		t.Errorf("%+v", said)
	}
	if len(r.team) != 2 || r.team[0].UserID != bo || !r.team[1].IsGuest {
		t.Errorf("%+v", r.team)
	}
	homes := 0
	for _, row := range r.channels {
		if row.ChannelID == kitchen {
			homes++
		}
	}
	if homes != 1 || len(r.channels) != 5 {
		t.Errorf("%+v", r.channels)
	}
}

func TestAChannelThatIsThereIsAnsweredAndStaysAsItIs(t *testing.T) {
	r := someRooms(&channelsKnown{
		Named:    map[string]string{"kitchen": kitchen, "ours": "made before"},
		Stored:   map[string]string{"Cours": "made before"},
		Channels: map[string]knownChannel{"made before": {TeamID: aTeam, Type: "P", Name: "ours"}},
	}, -1)
	there, ours := aRoom("kitchen"), aRoom("ours")
	if said := r.take(&there); said.ID != kitchen || said.Answer != hadExisted {
		t.Errorf("%+v", said)
	}
	if said := r.take(&ours); said.ID != "made before" || said.Answer != wasCreated {
		t.Errorf("%+v", said)
	}
	if len(r.made) != 0 || len(r.changed) != 0 {
		t.Errorf("%+v %+v", r.made, r.changed)
	}
}

func TestAChannelOfAnotherNameIsNotTheOneThatIsAskedForWhateverItIsCalledInSlack(t *testing.T) {
	r := someRooms(&channelsKnown{
		Named:    map[string]string{"theirs": kitchen},
		Stored:   map[string]string{"Cgeneral-2": "of others", "Ctheirs": "of others"},
		Channels: map[string]knownChannel{"of others": {TeamID: aTeam, Type: "P", Name: "general"}},
	}, -1)
	ours, theirs := aRoom("general-2", ada), aRoom("theirs")
	said := r.take(&ours)
	if said.Answer != wasCreated || len(r.made) != 1 || said.ID != r.made[0].ID || r.made[0].Name != "general-2" {
		t.Errorf("%+v %+v", said, r.made)
	}
	if len(r.channels) != 1 || r.channels[0].ChannelID != said.ID {
		t.Errorf("%+v", r.channels)
	}
	if said := r.take(&theirs); said.Answer != hadExisted || said.ID != kitchen {
		t.Errorf("%+v", said)
	}
}

func TestADirectChannelHasTheNameThatTheServerMakesOfItsPeople(t *testing.T) {
	r := someRooms(&channelsKnown{}, 0)
	direct := channelIn{Identity: "D", Type: "D", Members: []string{bo, ada}}
	self := channelIn{Identity: "S", Type: "D", Members: []string{ada, ada}}
	group := channelIn{Identity: "G", Type: "G", Members: []string{ada, bo, cy}}
	again := channelIn{Identity: "G2", Type: "G", Members: []string{cy, bo, ada}}
	if r.take(&direct).Answer+r.take(&self).Answer+r.take(&group).Answer != "createdcreatedcreated" {
		t.Errorf("%+v", r.made)
	}
	if said := r.take(&again); said.Answer != hadExisted || said.ID != r.made[2].ID {
		t.Errorf("%+v", said)
	}
	if r.made[0].Name != model.GetDMNameFromIds(ada, bo) || r.made[0].CreatorID != bo || r.made[0].TeamID != "" {
		t.Errorf("%+v", r.made[0])
	}
	if r.made[2].DisplayName != "ada, bo, cy" || len(r.channels) != 6 {
		t.Errorf("%+v %+v", r.made[2], r.channels)
	}
	if shown := r.preferences; len(shown) != 6 || shown[0].Name != ada || shown[2].Name != ada || shown[3].Name != r.made[2].ID {
		t.Errorf("%+v", shown)
	}
}

func TestATeamTakesAsManyChannelsAsItMay(t *testing.T) {
	r := someRooms(&channelsKnown{TeamChannels: 1}, 2)
	first, second := aRoom("one"), aRoom("two")
	if r.take(&first).ID == "" || !strings.Contains(r.take(&second).Reason, "MaxChannelsPerTeam") {
		t.Errorf("%+v", r.made)
	}
}

func TestNoDirectOrArchivedChannelIsChangedAndNobodyComesIntoOne(t *testing.T) {
	k := &channelsKnown{Channels: map[string]knownChannel{
		"direct": {Type: "D", Name: "d"}, "closed": {TeamID: aTeam, Type: "O", Name: "c", DeleteAt: 1},
		"square": {TeamID: aTeam, Type: "O", Name: model.DefaultChannelName}, "elsewhere": {TeamID: "other", Type: "O", Name: "e"},
	}}
	r := someRooms(k, -1)
	for _, id := range []string{"direct", "closed", "square", "elsewhere", "nowhere"} {
		change := channelIn{ID: id, Set: &channelsSet{Archive: true}}
		if said := r.take(&change); said.Reason == "" {
			t.Errorf("%s: %+v", id, said)
		}
		join := channelIn{ID: id, Members: []string{bo}}
		if said := r.take(&join); id != "square" && said.Reason == "" && len(said.RefusedMembers) != 1 {
			t.Errorf("%s: %+v", id, said)
		}
	}
	if len(r.changed) != 0 {
		t.Errorf("%+v", r.changed)
	}
}
