package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// sessionAPI is a server that knows who asks: whether an administrator, and by which session.
type sessionAPI struct {
	memberAPI
	isAdmin bool
	session *model.Session
}

func (s sessionAPI) HasPermissionTo(_ string, what *model.Permission) bool {
	return s.isAdmin && what == model.PermissionManageSystem
}

func (s sessionAPI) GetSession(string) (*model.Session, *model.AppError) { return s.session, nil }

func TestNobodyIsLetInButAnAdministratorInPerson(t *testing.T) {
	hers := &model.Session{UserId: "u"}
	for name, one := range map[string]struct {
		user, plugin string
		isAdmin      bool
		session      *model.Session
		status       int // 0: let in
	}{
		"an administrator":                   {"u", "", true, hers, 0},
		"nobody":                             {"", "", true, &model.Session{}, http.StatusUnauthorized},
		"a member":                           {"u", "", false, hers, http.StatusForbidden},
		"another plugin":                     {"u", "com.example.other", true, hers, http.StatusForbidden},
		"the session of somebody else":       {"u", "", true, &model.Session{UserId: "v"}, http.StatusUnauthorized},
		"an administrator's app by OAuth":    {"u", "", true, &model.Session{UserId: "u", IsOAuth: true}, http.StatusForbidden},
		"a session that has gone since then": {"u", "", true, nil, http.StatusServiceUnavailable},
	} {
		p := &importer{}
		p.SetAPI(sessionAPI{isAdmin: one.isAdmin, session: one.session})
		r := httptest.NewRequest("GET", "/api/v1/hello", nil)
		r.Header.Set("Mattermost-User-Id", one.user)
		if one.plugin != "" {
			r.Header.Set("Mattermost-Plugin-ID", one.plugin)
		}
		status := 0
		if refused := p.refusalOf(&plugin.Context{SessionId: "s"}, r); refused != nil {
			status = refused.StatusCode
		}
		if status != one.status {
			t.Errorf("%s: %d", name, status)
		}
	}
}
