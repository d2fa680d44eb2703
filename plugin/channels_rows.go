package main

import (
	"slices"
	"unicode/utf8"

	"github.com/mattermost/mattermost/server/public/model"
)

// channelAnswer is what came of a channel, and why some people (ids) did not come into it.
type channelAnswer struct {
	ID             string            `json:"id,omitempty"`
	Answer         string            `json:"answer,omitempty"`
	Reason         string            `json:"reason,omitempty"`
	RefusedMembers map[string]string `json:"refused_members,omitempty"`
}

// channelsKnown is what the server has of that which a batch names.
type channelsKnown struct {
	HasTeam      bool                    `json:"has_team"`
	Team         knownTeam               `json:"team"`
	TeamMembers  int                     `json:"team_members"`  // active ones
	TeamChannels int                     `json:"team_channels"` // public and private ones that are not archived
	People       map[string]knownPerson  `json:"people"`        // by id
	Channels     map[string]knownChannel `json:"channels"`      // by id
	Named        map[string]string       `json:"named"`         // name -> id: of the team's, and of direct and group ones
	Stored       map[string]string       `json:"stored"`        // identity -> id
}

type knownPerson struct {
	Username string `json:"username"`
	Roles    string `json:"roles"`
	Email    string `json:"email"`
	DeleteAt int64  `json:"delete_at"`
	IsBot    bool   `json:"is_bot"`
	IsInTeam bool   `json:"is_in_team"`
	// IsInItsGroups: in one of the groups of which the team's people are, where they are of groups alone.
	IsInItsGroups bool `json:"is_in_its_groups"`
}

func (k knownPerson) isGuest() bool { return model.IsInRole(k.Roles, model.SystemGuestRoleId) }

type knownChannel struct {
	TeamID             string `json:"team_id"`
	Type               string `json:"type"`
	Name               string `json:"name"`
	DeleteAt           int64  `json:"delete_at"`
	IsGroupConstrained bool   `json:"is_group_constrained"`
}

type newChannelRow struct {
	ID          string `json:"id"`
	CreateAt    int64  `json:"createat"`
	UpdateAt    int64  `json:"updateat"`
	TeamID      string `json:"teamid"`
	Type        string `json:"type"`
	DisplayName string `json:"displayname"`
	Name        string `json:"name"`
	Header      string `json:"header"`
	Purpose     string `json:"purpose"`
	CreatorID   string `json:"creatorid"`
	Shared      *bool  `json:"shared"`
}

type changedChannelRow struct {
	ID          string  `json:"id"`
	Type        *string `json:"type"`
	DisplayName *string `json:"displayname"`
	Header      *string `json:"header"`
	Purpose     *string `json:"purpose"`
	CreatorID   string  `json:"creatorid"`
	CreateAt    int64   `json:"createat"`
	Archive     bool    `json:"archive"`
}

// rooms turns channels into rows and answers, against what the server has. Nothing of it is written here.
type rooms struct {
	made        []newChannelRow
	changed     []changedChannelRow
	fresh       []storedRow
	preferences []preferenceRow
	joined

	teamID   string
	homes    []string
	known    *channelsKnown
	defaults serverDefaults
	now      int64
	inTeam   map[string]bool // people who have come into the team in this batch
	space    int             // how many channels the team still takes; -1 = any number
	seats    int             // how many people
}

func newRooms(body *channelsBody, k *channelsKnown, defaults serverDefaults, now int64) *rooms {
	return &rooms{
		teamID: body.TeamID, homes: body.Homes, known: k, defaults: defaults, now: now, inTeam: map[string]bool{},
		space: left(defaults.mostChannelsPerTeam, k.TeamChannels), seats: left(defaults.mostUsersPerTeam, k.TeamMembers),
	}
}

// left is what is left of a limit; -1 where there is none.
func left(most, used int) int {
	if most < 0 {
		return -1
	}
	return max(0, most-used)
}

// take adds a channel, and answers for it.
func (r *rooms) take(in *channelIn) channelAnswer {
	if in.ID != "" {
		return r.change(in)
	}
	// One that is called otherwise is not the one that is asked for: people have renamed it, or it was made for another plan.
	if id, isThere := r.known.Stored[in.Identity]; isThere && in.isNamed() && r.known.Channels[id].Name == in.Name {
		return r.withMembers(in, channelAnswer{ID: id, Answer: wasCreated})
	}
	channel, why := r.channelOf(in)
	if why != "" {
		return channelAnswer{Reason: why}
	}
	if id, isThere := r.known.Named[channel.Name]; isThere {
		return r.withMembers(in, channelAnswer{ID: id, Answer: hadExisted})
	}
	if in.isNamed() {
		if r.space == 0 {
			return channelAnswer{Reason: "The team takes no more channels: raise TeamSettings.MaxChannelsPerTeam, then try again."}
		}
		r.space--
	}
	r.add(in, channel)
	return r.withMembers(in, channelAnswer{ID: channel.Id, Answer: wasCreated})
}

// channelOf is the channel as the server makes it for a line of an import, or why it would refuse it.
func (r *rooms) channelOf(in *channelIn) (*model.Channel, string) {
	channel := &model.Channel{
		TeamId: r.teamID, Type: model.ChannelType(in.Type), Name: in.Name, DisplayName: in.DisplayName, Header: in.Header,
		Purpose: in.Purpose, CreatorId: in.CreatorID, CreateAt: in.CreateAt,
	}
	for _, text := range []string{in.Identity, in.Name, in.DisplayName, in.Header, in.Purpose} {
		if holdsNUL(text) {
			return nil, "It holds the character U+0000. Trying again will not help."
		}
	}
	if _, isThere := r.known.People[in.CreatorID]; in.CreatorID != "" && !isThere {
		return nil, "The server has no account for its creator: export that person first, then try again."
	}
	switch {
	case in.CreateAt < 0:
		return nil, "It was made before all time. Trying again will not help."
	case in.isNamed() && !r.known.HasTeam:
		return nil, "The server has no such team. Trying again will not help."
	case in.isNamed() && in.DisplayName == "":
		return nil, "It has no name. Trying again will not help."
	case !in.isNamed():
		if why := r.ofPeople(in, channel); why != "" {
			return nil, why
		}
	}
	channel.PreSave()
	if refused := channel.IsValid(); refused != nil {
		return nil, "Mattermost refuses this channel: " + refused.Id + ". Trying again will not help."
	}
	return channel, ""
}

// ofPeople gives a direct or group channel the name that the server makes of its people. Says why it cannot be, or "".
func (r *rooms) ofPeople(in *channelIn, channel *model.Channel) string {
	var users []*model.User
	for _, id := range in.Members {
		person, isThere := r.known.People[id]
		if !isThere {
			return "The server has no account for one of its people: export that person first, then try again."
		}
		users = append(users, &model.User{Id: id, Username: person.Username})
	}
	people := distinct(in.Members)
	channel.TeamId, channel.Purpose = "", ""
	switch {
	case channel.Type == model.ChannelTypeDirect && (len(people) == 1 || len(people) == 2):
		channel.Name, channel.DisplayName = model.GetDMNameFromIds(people[0], people[len(people)-1]), ""
		channel.Shared = model.NewPointer(false)
		if channel.CreatorId == "" {
			channel.CreatorId = in.Members[0]
		}
	case channel.Type == model.ChannelTypeGroup && len(people) == len(in.Members) &&
		len(people) >= model.ChannelGroupMinUsers && len(people) <= model.ChannelGroupMaxUsers:
		channel.Name, channel.DisplayName = model.GetGroupNameFromUserIds(slices.Clone(people)), model.GetGroupDisplayNameFromUsers(users, true)
		channel.Shared = r.defaults.isGroupShared
	default:
		return "There is no such kind of channel, or not for so many people. Trying again will not help."
	}
	return ""
}

func (r *rooms) add(in *channelIn, channel *model.Channel) {
	r.made = append(r.made, newChannelRow{
		ID: channel.Id, CreateAt: channel.CreateAt, UpdateAt: channel.UpdateAt, TeamID: channel.TeamId,
		Type: string(channel.Type), DisplayName: channel.DisplayName, Name: channel.Name, Header: channel.Header,
		Purpose: channel.Purpose, CreatorID: channel.CreatorId, Shared: channel.Shared,
	})
	r.known.Named[channel.Name] = channel.Id
	r.known.Channels[channel.Id] = knownChannel{TeamID: channel.TeamId, Type: string(channel.Type), Name: channel.Name}
	if in.isNamed() {
		r.fresh = append(r.fresh, storedRow{Identity: in.Identity, ID: channel.Id})
		return
	}
	people := distinct(in.Members)
	for place, id := range people {
		r.channels = append(r.channels, memberRow{ChannelID: channel.Id, UserID: id, IsGuest: r.known.People[id].isGuest()})
		// It stands in the side bar of its people: a direct one by the other's id.
		shown := preferenceRow{UserID: id, Category: model.PreferenceCategoryGroupChannelShow, Name: channel.Id, Value: "true"}
		if channel.Type == model.ChannelTypeDirect {
			shown.Category, shown.Name = model.PreferenceCategoryDirectChannelShow, people[len(people)-1-place]
		}
		r.preferences = append(r.preferences, shown)
	}
}

// change has a channel that is there become what is asked, and adds its people.
func (r *rooms) change(in *channelIn) channelAnswer {
	there, isThere := r.known.Channels[in.ID]
	if !isThere {
		return channelAnswer{Reason: "The channel is not on the server any more: export the channel first, then try again."}
	}
	if there.TeamID != "" && there.TeamID != r.teamID {
		return channelAnswer{Reason: "The channel is of another team. Trying again will not help."}
	}
	if in.Set != nil {
		if why := objectionToChange(in.Set, there); why != "" {
			return channelAnswer{Reason: why}
		}
		set := in.Set
		if _, isThere := r.known.People[set.CreatorID]; set.CreatorID != "" && !isThere {
			return channelAnswer{Reason: "The server has no account for its creator: export that person first, then try again."}
		}
		r.changed = append(r.changed, changedChannelRow{
			ID: in.ID, Type: set.Type, DisplayName: set.DisplayName, Header: set.Header, Purpose: set.Purpose,
			CreatorID: set.CreatorID, CreateAt: max(0, set.CreateAt), Archive: set.Archive,
		})
	}
	return r.withMembers(in, channelAnswer{ID: in.ID, Answer: hadExisted})
}

// objectionToChange says why the server would not let a channel become that, or "".
func objectionToChange(set *channelsSet, there knownChannel) string {
	switch {
	case there.TeamID == "":
		return "A direct or group channel is not changed. Trying again will not help."
	case there.DeleteAt != 0:
		return "The channel is archived: it stays as it is."
	case set.Archive && there.Name == model.DefaultChannelName:
		return "Everybody's first channel cannot be archived. Trying again will not help."
	}
	channel := &model.Channel{
		Id: model.NewId(), CreateAt: 1, UpdateAt: 1, Type: model.ChannelType(there.Type), Name: there.Name, DisplayName: "x",
	}
	for text, given := range map[*string]*string{
		&channel.DisplayName: set.DisplayName, &channel.Header: set.Header, &channel.Purpose: set.Purpose,
	} {
		if given != nil {
			*text = *given
		}
		if holdsNUL(*text) {
			return "It holds the character U+0000. Trying again will not help."
		}
	}
	if set.Type != nil {
		channel.Type = model.ChannelType(*set.Type)
		if channel.Type != model.ChannelTypeOpen && channel.Type != model.ChannelTypePrivate {
			return "A channel with a name is public or private. Trying again will not help."
		}
	}
	if utf8.RuneCountInString(channel.DisplayName) == 0 {
		return "It has no name. Trying again will not help."
	}
	if refused := channel.IsValid(); refused != nil {
		return "Mattermost refuses this channel: " + refused.Id + ". Trying again will not help."
	}
	return ""
}

// withMembers adds people to a public or private channel, and to its team where need be; the answer tells who cannot come.
func (r *rooms) withMembers(in *channelIn, answer channelAnswer) channelAnswer {
	there := r.known.Channels[answer.ID]
	if there.TeamID == "" {
		if in.ID != "" && len(in.Members) > 0 {
			answer.RefusedMembers = refusedAll(in.Members, "nobody is added to a direct or group channel")
		}
		return answer
	}
	for _, id := range distinct(in.Members) {
		if why := r.objectionToMember(id, there); why != "" {
			if answer.RefusedMembers == nil {
				answer.RefusedMembers = map[string]string{}
			}
			answer.RefusedMembers[id] = why
			continue
		}
		r.comeIntoTeam(id)
		r.channels = append(r.channels, memberRow{ChannelID: answer.ID, UserID: id, IsGuest: r.known.People[id].isGuest()})
	}
	return answer
}

func refusedAll(ids []string, why string) map[string]string {
	refused := map[string]string{}
	for _, id := range ids {
		refused[id] = why
	}
	return refused
}

func (r *rooms) objectionToMember(id string, channel knownChannel) string {
	person, isThere := r.known.People[id]
	switch {
	case !isThere:
		return "there is no such account"
	case person.DeleteAt != 0:
		return "the account is deactivated"
	case channel.TeamID != r.teamID:
		return "the channel is of another team"
	case channel.DeleteAt != 0:
		return "the channel is archived"
	case channel.IsGroupConstrained:
		return "the channel takes the members of its groups alone"
	case person.IsInTeam || r.inTeam[id]:
		return ""
	case r.seats == 0:
		return "the team takes no more people (TeamSettings.MaxUsersPerTeam)"
	}
	return r.known.Team.objectionTo(person, r.defaults)
}

// comeIntoTeam has somebody be in the team, and in the channels that all of it are in.
func (r *rooms) comeIntoTeam(id string) {
	person := r.known.People[id]
	if person.IsInTeam || r.inTeam[id] {
		return
	}
	r.inTeam[id] = true
	r.seats--
	isGuest := person.isGuest()
	r.team = append(r.team, teamMemberRow{UserID: id, IsGuest: isGuest})
	if isGuest {
		return
	}
	for _, home := range r.homes {
		if there, isThere := r.known.Channels[home]; isThere && there.TeamID == r.teamID && there.DeleteAt == 0 {
			r.channels = append(r.channels, memberRow{ChannelID: home, UserID: id})
		}
	}
}
