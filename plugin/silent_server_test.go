package main

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// silentAPI is the server's API once the connection to it is broken: each call gives the zero of what it returns.
type silentAPI struct{ plugin.API }

func (silentAPI) HasPermissionTo(string, *model.Permission) bool      { return false }
func (silentAPI) GetUser(string) (*model.User, *model.AppError)       { return nil, nil }
func (silentAPI) GetSession(string) (*model.Session, *model.AppError) { return nil, nil }
func (silentAPI) GetConfig() *model.Config                            { return nil }
func (silentAPI) GetUnsanitizedConfig() *model.Config                 { return nil }
func (silentAPI) GetServerVersion() string                            { return "" }
func (silentAPI) LogError(string, ...any)                             {}
func (silentAPI) LogWarn(string, ...any)                              {}

// brokenOffAPI breaks off after it has said who may ask.
type brokenOffAPI struct{ silentAPI }

func (brokenOffAPI) HasPermissionTo(string, *model.Permission) bool { return true }

// memberAPI is a whole server that a plain member asks.
type memberAPI struct{ silentAPI }

func (memberAPI) GetUser(id string) (*model.User, *model.AppError) { return &model.User{Id: id}, nil }

// adminAPI breaks off after everything is known of who asks.
type adminAPI struct{ brokenOffAPI }

func (adminAPI) GetSession(id string) (*model.Session, *model.AppError) {
	return &model.Session{Id: id, UserId: "u"}, nil
}

func asked(api plugin.API, method, path, body string) int {
	p := &importer{turns: make(chan struct{}, mostConnections), db: sql.OpenDB(nil)}
	p.SetAPI(api)
	p.routes = p.newRoutes()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Mattermost-User-Id", "u")
	w := httptest.NewRecorder()
	p.ServeHTTP(&plugin.Context{SessionId: "s"}, w, r)
	return w.Code
}

func TestAServerThatIsSilentIsNoTokenWithoutRights(t *testing.T) {
	for name, want := range map[string]struct {
		api    plugin.API
		status int
	}{
		"silent from the start":    {silentAPI{}, http.StatusServiceUnavailable},
		"silent behind the rights": {brokenOffAPI{}, http.StatusServiceUnavailable},
		"a member":                 {memberAPI{}, http.StatusForbidden},
	} {
		if got := asked(want.api, "GET", "/api/v1/hello", ""); got != want.status {
			t.Errorf("%s: %d", name, got)
		}
	}
}

func TestAServerThatIsSilentIsNeitherAnotherDatabaseNorAnOldVersion(t *testing.T) {
	const id = "abcdefghijklmnopqrstuvwxyz"
	for _, call := range [][3]string{
		{"GET", "/api/v1/hello", ""},
		{"DELETE", "/api/v1/stored", ""},
		{"POST", "/api/v1/accounts", `{"team_id": "` + id + `", "accounts": []}`},
		{"POST", "/api/v1/channels", `{"team_id": "` + id + `", "channels": []}`},
		{"POST", "/api/v1/files", `{"identity": "a", "name": "b", "size": 1, "create_at": 1, "channel_id": "` + id + `", "user_id": "` + id + `"}`},
	} {
		if got := asked(adminAPI{}, call[0], call[1], call[2]); got != http.StatusServiceUnavailable {
			t.Errorf("%s %s: %d", call[0], call[1], got)
		}
	}
}

// otherDatabaseAPI is a whole server on MySQL that an administrator asks.
type otherDatabaseAPI struct{ adminAPI }

func (otherDatabaseAPI) GetUnsanitizedConfig() *model.Config {
	return &model.Config{SqlSettings: model.SqlSettings{DriverName: model.NewPointer("mysql")}}
}

func TestOnAnotherDatabaseNothingWasStoredAndNothingIsDropped(t *testing.T) {
	if got := asked(otherDatabaseAPI{}, "DELETE", "/api/v1/stored", ""); got != http.StatusOK {
		t.Error(got)
	}
}
