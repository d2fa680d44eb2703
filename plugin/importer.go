package main

import (
	"database/sql"
	"net/http"
	"sync"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
	"github.com/mattermost/mattermost/server/public/shared/driver"
)

// mostConnections bounds what we take of the server's own pool: people are using it.
const mostConnections = 4

// importer is the plugin as the server knows it: it is set up once, and then serves requests side by side.
type importer struct {
	plugin.MattermostPlugin
	routes  http.Handler
	db      *sql.DB
	turns   chan struct{} // one for each request that may hold a body in memory
	threads chan struct{} // the one batch of threads that is written
	preview sync.Mutex    // the one preview that is looked at
	coming  underWay

	mutex        sync.Mutex
	objections   []string // why nothing may be written here, as it was when the schema was last looked at
	maxPostRunes int
}

// OnActivate looks at the schema. It does not fail where that is unknown: hello says why, and every write is refused.
func (p *importer) OnActivate() error {
	p.turns = make(chan struct{}, mostConnections)
	p.threads = make(chan struct{}, 1)
	p.db = sql.OpenDB(driver.NewConnector(p.Driver, true))
	p.db.SetMaxOpenConns(mostConnections)
	p.db.SetMaxIdleConns(mostConnections)
	p.routes = p.newRoutes()
	schema, err := p.lookAtSchema()
	if objections := schema.objections; err != nil || len(objections) > 0 {
		p.API.LogWarn("nothing will be written to this server", "objections", objections, "error", err)
	}
	return nil
}

// OnDeactivate gives the connections back to the server.
func (p *importer) OnDeactivate() error {
	if p.db == nil {
		return nil
	}
	return p.db.Close()
}

// ServeHTTP serves what comes to /plugins/com.mm-pipeline.importer.
func (p *importer) ServeHTTP(c *plugin.Context, w http.ResponseWriter, r *http.Request) {
	if refused := p.refusalOf(c, r); refused != nil {
		refused.write(w)
		return
	}
	p.routes.ServeHTTP(w, r)
}

func (p *importer) newRoutes() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /api/v1/hello", p.hello)
	routes.HandleFunc("POST /api/v1/threads", p.writing(p.takeThreads))
	routes.HandleFunc("POST /api/v1/accounts", p.writing(p.takeAccounts))
	routes.HandleFunc("POST /api/v1/channels", p.writing(p.takeChannels))
	routes.HandleFunc("POST /api/v1/read", p.writing(p.markRead))
	routes.HandleFunc("POST /api/v1/attached", p.writing(p.attachFilesTo))
	routes.HandleFunc("POST /api/v1/texts", p.writing(p.takeTexts))
	routes.HandleFunc("GET /api/v1/channels/{id}/posts", p.tellPosts)
	routes.HandleFunc("POST /api/v1/files", p.beginFile)
	routes.HandleFunc("POST /api/v1/files/{id}", p.takeBytes)
	routes.HandleFunc("DELETE /api/v1/stored", p.removeStored)
	routes.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(http.StatusNotFound, "route", "The plugin has no such route.").write(w)
	})
	return routes
}

func (p *importer) isPostgres() (bool, error) {
	config := p.API.GetUnsanitizedConfig()
	if config == nil {
		return false, errSilent
	}
	name := config.SqlSettings.DriverName
	return name != nil && *name == model.DatabaseDriverPostgres, nil
}
