package main

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// wholeAPI is a server that is asked by an administrator, and is all there.
type wholeAPI struct{ adminAPI }

func (wholeAPI) GetUnsanitizedConfig() *model.Config {
	return &model.Config{SqlSettings: model.SqlSettings{DriverName: model.NewPointer(model.DatabaseDriverPostgres)}}
}

func (wholeAPI) GetConfig() *model.Config {
	config := &model.Config{}
	config.SetDefaults()
	return config
}

func (wholeAPI) GetServerVersion() string { return "11.4.0" }

func (wholeAPI) CreateUploadSession(session *model.UploadSession) (*model.UploadSession, error) {
	return session, nil
}

// meter says how many are inside, and how many there were at most.
type meter struct{ inside, most atomic.Int64 }

func (m *meter) pass() {
	inside := m.inside.Add(1)
	for most := m.most.Load(); inside > most && !m.most.CompareAndSwap(most, inside); most = m.most.Load() {
	}
	time.Sleep(time.Millisecond)
	m.inside.Add(-1)
}

// Run with -race: what is asked side by side is what no other test here shares.
func TestCallsThatComeSideBySideAreServedOrToldToWait(t *testing.T) {
	columns, _ := json.Marshal(asKnown())
	known := fmt.Sprintf(`{"users": [%q], "channels": [%q], "posts": [], "files": []}`, ada, kitchen)
	var looking meter
	database := &fakeDatabase{answers: map[string]func([]driver.NamedValue) any{
		readColumns: always(columns), findTurns: always([]byte(`{}`)), findStored: always([]byte(`{}`)),
		"SELECT mm_pipeline_together": always(true), findTexts: always([]byte(`{"x": {"message": "old"}}`)),
		findUpload: always([]byte(`[]`)), uploadOf: always([]byte(`[{"team_id": "t", "open": "o"}]`)), beginUpload: always(true),
		countPosts: always([]byte(`[]`)), findAttachable: always([]byte(`{"posts": {}, "files": {}}`)),
		findAccountsKnown: always([]byte(`{"has_team": true}`)), findChannelsKnown: always([]byte(`{"has_team": true}`)),
		findKnown: func([]driver.NamedValue) any {
			looking.pass()
			return []byte(known)
		},
	}}
	p := &importer{turns: make(chan struct{}, mostConnections), threads: make(chan struct{}, 1), db: database.open()}
	p.SetAPI(wholeAPI{})
	p.routes = p.newRoutes()
	if _, err := p.lookAtSchema(); err != nil {
		t.Fatal(err)
	}
	calls := [][3]string{
		{"GET", "hello", ""},
		{"POST", "texts", `{"texts": [{"id": "x", "old": "old", "new": "new"}]}`},
		{"POST", "read", `{"channel_ids": ["` + kitchen + `"]}`},
		{"POST", "attached", `{"posts": [{"id": "x"}]}`},
		{"POST", "accounts", `{"team_id": "` + aTeam + `", "accounts": [{"identity": "a", "username": "fern"}]}`},
		{"POST", "channels", `{"team_id": "` + aTeam + `", "channels": [{"identity": "c", "type": "O", "name": "kitchen"}]}`},
		{"GET", "channels/" + kitchen + "/posts", ""},
		{"POST", "files", `{"identity": "f", "name": "n", "size": 5, "create_at": 1, "channel_id": "` + kitchen + `", "user_id": "` + ada + `"}`},
	}
	for n := range 8 {
		calls = append(calls, [3]string{"POST", "threads", fmt.Sprintf(`{"threads": [{"channel_id": %q, "root": {"identity": "%d", "user_id": %q, "create_at": 1}}]}`, kitchen, n, ada)})
	}
	said := make([]map[int]int, len(calls))
	var together sync.WaitGroup
	for i, call := range calls {
		said[i] = map[int]int{}
		together.Go(func() {
			// Who is turned away comes again, as callers do.
			for tries := 0; said[i][http.StatusOK] < 5 && tries < 10_000; tries++ {
				r := httptest.NewRequest(call[0], "/api/v1/"+call[1], strings.NewReader(call[2]))
				r.Header.Set("Mattermost-User-Id", "u")
				w := httptest.NewRecorder()
				p.ServeHTTP(&plugin.Context{SessionId: "s"}, w, r)
				said[i][w.Code]++
				if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
					t.Error("nobody is told when to come back")
				}
				time.Sleep(time.Millisecond)
			}
		})
	}
	together.Wait()
	busy := 0
	for i, call := range calls {
		busy += said[i][http.StatusTooManyRequests]
		delete(said[i], http.StatusTooManyRequests)
		if said[i][http.StatusOK] != 5 || len(said[i]) > 1 {
			t.Errorf("%s: %v", call[1], said[i])
		}
	}
	if busy == 0 {
		t.Error("nobody was turned away")
	}
	if most := looking.most.Load(); most != 1 {
		t.Errorf("%d batches of threads looked at the same time", most)
	}
	if len(p.turns)+len(p.threads) > 0 {
		t.Error("a turn was not given back")
	}
}

func TestTablesThatAreTakenAwayWhileOthersWriteStopThemOrDoNot(t *testing.T) {
	columns, _ := json.Marshal(asKnown())
	database := &fakeDatabase{answers: map[string]func([]driver.NamedValue) any{
		readColumns: always(columns), findTurns: always([]byte(`{}`)), findTexts: always([]byte(`{}`)),
	}}
	p := &importer{turns: make(chan struct{}, mostConnections), db: database.open()}
	p.SetAPI(wholeAPI{})
	p.routes = p.newRoutes()
	var together sync.WaitGroup
	for _, call := range [][3]string{
		{"GET", "hello", ""}, {"DELETE", "stored", ""}, {"POST", "texts", `{"texts": [{"id": "x", "old": "a", "new": "b"}]}`},
	} {
		together.Go(func() {
			for range 50 {
				r := httptest.NewRequest(call[0], "/api/v1/"+call[1], strings.NewReader(call[2]))
				r.Header.Set("Mattermost-User-Id", "u")
				w := httptest.NewRecorder()
				p.ServeHTTP(&plugin.Context{SessionId: "s"}, w, r)
				if w.Code != http.StatusOK && (call[1] != "texts" || w.Code != http.StatusConflict) {
					t.Errorf("%s: %d %s", call[1], w.Code, w.Body)
				}
			}
		})
	}
	together.Wait()
}
