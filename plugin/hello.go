package main

import (
	"net/http"
)

// apiVersion is raised when an old caller would misunderstand what is answered, or be misunderstood.
const apiVersion = 2

// greeting is what a caller has to know before the first write.
type greeting struct {
	API         int      `json:"api"`
	Database    string   `json:"database"`
	Fingerprint string   `json:"fingerprint"` // of the columns that are used; "" where they could not be read
	Objections  []string `json:"objections"`  // why nothing is written here; empty where all is well
}

// hello looks at the schema anew: a server may have been updated under a plugin that runs on.
func (p *importer) hello(w http.ResponseWriter, _ *http.Request) {
	schema, err := p.lookAtSchema()
	if err != nil {
		p.databaseFailed(err).write(w)
		return
	}
	writeJSON(w, http.StatusOK, greeting{
		API:         apiVersion,
		Database:    schema.database,
		Fingerprint: schema.fingerprint,
		Objections:  append([]string{}, schema.objections...),
	})
}
