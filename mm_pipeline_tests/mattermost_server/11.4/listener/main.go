// A server plugin that remembers what it is told of, for tests: GET answers a list of [hook, id], DELETE forgets it.
package main

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

type listener struct {
	plugin.MattermostPlugin
	lock  sync.Mutex
	heard [][2]string
}

func (l *listener) hear(hook, id string) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.heard = append(l.heard, [2]string{hook, id})
}

func (l *listener) MessageHasBeenPosted(_ *plugin.Context, post *model.Post) {
	l.hear("MessageHasBeenPosted", post.Id)
}

func (l *listener) ReactionHasBeenAdded(_ *plugin.Context, reaction *model.Reaction) {
	l.hear("ReactionHasBeenAdded", reaction.PostId)
}

func (l *listener) ChannelHasBeenCreated(_ *plugin.Context, channel *model.Channel) {
	l.hear("ChannelHasBeenCreated", channel.Id)
}

func (l *listener) UserHasBeenCreated(_ *plugin.Context, user *model.User) {
	l.hear("UserHasBeenCreated", user.Id)
}

func (l *listener) UserHasJoinedTeam(_ *plugin.Context, member *model.TeamMember, _ *model.User) {
	l.hear("UserHasJoinedTeam", member.UserId)
}

func (l *listener) UserHasJoinedChannel(_ *plugin.Context, member *model.ChannelMember, _ *model.User) {
	l.hear("UserHasJoinedChannel", member.UserId)
}

func (l *listener) ServeHTTP(_ *plugin.Context, w http.ResponseWriter, r *http.Request) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if r.Method == http.MethodDelete {
		l.heard = nil
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(append([][2]string{}, l.heard...))
}

func main() {
	plugin.ClientMain(&listener{})
}
