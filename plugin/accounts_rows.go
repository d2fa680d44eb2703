package main

import (
	"encoding/json"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"
)

// The answers to an object that is to be made.
const (
	wasCreated     = "created"
	hadExisted     = "existed"
	emailExists    = "email_exists"
	usernameExists = "username_exists"
)

// accountAnswer is what came of an account. Where another one has its e-mail or name there is no id: look that one up.
type accountAnswer struct {
	ID     string `json:"id,omitempty"`
	Answer string `json:"answer,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// accountsKnown is what the server has of that which a batch names.
type accountsKnown struct {
	HasTeam     bool                     `json:"has_team"`
	TeamMembers int                      `json:"team_members"` // active ones
	Usernames   []string                 `json:"usernames"`
	Emails      []string                 `json:"emails"`
	ChannelIDs  []string                 `json:"channel_ids"` // public and private ones of the team
	Stored      map[string]storedAccount `json:"stored"`      // by identity
}

type storedAccount struct {
	ID       string `json:"id"`
	Username string `json:"username"`
}

type userRow struct {
	ID          string          `json:"id"`
	CreateAt    int64           `json:"createat"`
	UpdateAt    int64           `json:"updateat"`
	DeleteAt    int64           `json:"deleteat"`
	Username    string          `json:"username"`
	AuthData    *string         `json:"authdata"`
	AuthService string          `json:"authservice"`
	Email       string          `json:"email"`
	Nickname    string          `json:"nickname"`
	FirstName   string          `json:"firstname"`
	LastName    string          `json:"lastname"`
	Position    string          `json:"position"`
	Roles       string          `json:"roles"`
	NotifyProps json.RawMessage `json:"notifyprops"`
	Locale      string          `json:"locale"`
	Timezone    json.RawMessage `json:"timezone"`
}

type preferenceRow struct {
	UserID   string `json:"userid"`
	Category string `json:"category"`
	Name     string `json:"name"`
	Value    string `json:"value"`
}

// newcomers turns accounts into rows and answers, against what the server has. Nothing of it is written here.
type newcomers struct {
	users       []userRow
	preferences []preferenceRow
	fresh       []storedRow
	joined

	known         *accountsKnown
	defaults      serverDefaults
	taken         map[string]bool // names and addresses, of the server and of this batch
	teamsChannels map[string]bool
	room          int // how many active people the team still takes; -1 = any number
}

func newNewcomers(k *accountsKnown, defaults serverDefaults) *newcomers {
	n := &newcomers{known: k, defaults: defaults, taken: map[string]bool{}, teamsChannels: map[string]bool{}, room: -1}
	for _, name := range append(k.Usernames, k.Emails...) {
		n.taken[name] = true
	}
	for _, id := range k.ChannelIDs {
		n.teamsChannels[id] = true
	}
	if most := defaults.mostUsersPerTeam; most >= 0 {
		n.room = max(0, most-k.TeamMembers)
	}
	return n
}

// take adds an account, and answers for it.
func (n *newcomers) take(in *accountIn) accountAnswer {
	user := n.userOf(in)
	// One that was given another name since is no longer who it was.
	if there, isThere := n.known.Stored[in.Identity]; isThere && there.Username == user.Username {
		return accountAnswer{ID: there.ID, Answer: wasCreated}
	}
	if n.taken[user.Email] {
		return accountAnswer{Answer: emailExists}
	}
	if n.taken[user.Username] {
		return accountAnswer{Answer: usernameExists}
	}
	if why := n.objectionTo(in, user); why != "" {
		return accountAnswer{Reason: why}
	}
	n.taken[user.Email], n.taken[user.Username] = true, true
	n.add(in, user)
	return accountAnswer{ID: user.Id, Answer: wasCreated}
}

// userOf is the account as the server makes it for a line of an import: its e-mail counts as verified.
func (n *newcomers) userOf(in *accountIn) *model.User {
	user := &model.User{
		Username: in.Username, Email: in.Email, FirstName: in.FirstName, LastName: in.LastName, Nickname: in.Nickname,
		Position: in.Position, Locale: in.Locale, Roles: in.Roles, DeleteAt: in.DeleteAt, EmailVerified: true,
	}
	if in.AuthService != "" && in.AuthData != "" {
		user.AuthService, user.AuthData = in.AuthService, &in.AuthData
	}
	if user.Locale == "" {
		user.Locale = n.defaults.locale
	}
	if user.Roles == "" {
		user.Roles = model.SystemUserRoleId
	}
	user.SetDefaultNotifications()
	user.NotifyProps[model.PushStatusNotifyProp] = n.defaults.pushStatus
	_ = user.PreSave() // it can fail with a password alone
	if in.TimeZone != "" {
		user.Timezone["automaticTimezone"] = in.TimeZone
	}
	return user
}

// rolesOfPeople are those that an account may be given; all others would be somebody's own scheme.
var rolesOfPeople = map[string]bool{model.SystemUserRoleId: true, model.SystemGuestRoleId: true, model.SystemAdminRoleId: true}

// objectionTo says why the server would refuse an account, or "".
func (n *newcomers) objectionTo(in *accountIn, user *model.User) string {
	for _, text := range []string{in.Identity, in.FirstName, in.LastName, in.Nickname, in.Position, in.AuthData, in.AuthService, in.TimeZone} {
		if holdsNUL(text) {
			return "It holds the character U+0000. Trying again will not help."
		}
	}
	for _, role := range strings.Fields(user.Roles) {
		if !rolesOfPeople[role] {
			return "There is no role of people called " + role + ". Trying again will not help."
		}
	}
	if in.Username == "" {
		return "It has no name. Trying again will not help." // the server would give it one
	}
	if refused := user.IsValid(); refused != nil {
		return "Mattermost refuses this account: " + refused.Id + ". Trying again will not help."
	}
	if in.DeleteAt < 0 {
		return "It was deactivated before all time. Trying again will not help."
	}
	if in.IsOutside && len(in.ChannelIDs) > 0 {
		return "It is in no team and cannot be in its channels. Trying again will not help."
	}
	if !in.IsOutside && !n.known.HasTeam {
		return "The server has no such team. Trying again will not help."
	}
	for _, id := range in.ChannelIDs {
		if !n.teamsChannels[id] {
			return "One of its channels is not in the team any more: run the same command again."
		}
	}
	if !in.IsOutside && user.DeleteAt == 0 && n.room == 0 {
		return "The team takes no more people: raise TeamSettings.MaxUsersPerTeam, then try again."
	}
	return ""
}

func (n *newcomers) add(in *accountIn, user *model.User) {
	isGuest := user.IsGuest()
	n.users = append(n.users, userRow{
		ID: user.Id, CreateAt: user.CreateAt, UpdateAt: user.UpdateAt, DeleteAt: user.DeleteAt, Username: user.Username,
		AuthData: user.AuthData, AuthService: user.AuthService, Email: user.Email, Nickname: user.Nickname,
		FirstName: user.FirstName, LastName: user.LastName, Position: user.Position, Roles: user.Roles,
		NotifyProps: json.RawMessage(model.MapToJSON(user.NotifyProps)), Locale: user.Locale,
		Timezone: json.RawMessage(model.MapToJSON(user.Timezone)),
	})
	n.preferences = append(n.preferences, preferenceRow{
		UserID: user.Id, Category: model.PreferenceCategoryTutorialSteps, Name: user.Id, Value: "0",
	})
	n.fresh = append(n.fresh, storedRow{Identity: in.Identity, ID: user.Id})
	if in.IsOutside {
		return
	}
	if n.room > 0 && user.DeleteAt == 0 {
		n.room--
	}
	n.team = append(n.team, teamMemberRow{UserID: user.Id, IsGuest: isGuest})
	seen := map[string]bool{}
	for _, id := range in.ChannelIDs {
		if !seen[id] {
			seen[id] = true
			n.joined.channels = append(n.joined.channels, memberRow{ChannelID: id, UserID: user.Id, IsGuest: isGuest})
		}
	}
}
