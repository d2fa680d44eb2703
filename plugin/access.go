package main

import (
	"net/http"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// refusalOf says why a request may not be served, or nil. It is asked at every call: rights are taken away at any time.
//
// The server resolves the session (a login, or a personal access token) and names its owner in a header that no caller
// can set; a bad token comes as no owner.
func (p *importer) refusalOf(c *plugin.Context, r *http.Request) *refusal {
	// Other plugins could name anybody.
	if r.Header.Get("Mattermost-Plugin-ID") != "" {
		return refuse(http.StatusForbidden, "rights", "Only people may ask the plugin, no other plugin.")
	}
	userID := r.Header.Get("Mattermost-User-Id")
	if userID == "" {
		return refuse(http.StatusUnauthorized, "session", "Sign in, or give a personal access token.")
	}
	if !p.API.HasPermissionTo(userID, model.PermissionManageSystem) {
		// It says false where it could not ask, too.
		if user, failed := p.API.GetUser(userID); failed != nil || user == nil {
			return serverIsSilent()
		}
		return refuse(http.StatusForbidden, "rights", "Only system administrators may ask the plugin.")
	}
	// An app that was given somebody's rights by OAuth was not given these.
	session, failed := p.API.GetSession(c.SessionId)
	if failed != nil || session == nil {
		// The server has just resolved it. One that has gone since is no owner at the next call.
		return serverIsSilent()
	}
	if session.UserId != userID {
		return refuse(http.StatusUnauthorized, "session", "Sign in, or give a personal access token.")
	}
	if session.IsOAuth {
		return refuse(http.StatusForbidden, "rights", "Apps may not ask the plugin: give a personal access token.")
	}
	return nil
}
