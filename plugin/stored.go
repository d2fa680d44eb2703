package main

import (
	"context"
	_ "embed"
	"net/http"
)

//go:embed statements/stored_create.sql
var createStored string

//go:embed statements/stored_drop.sql
var dropStored string

// prepareStored makes the plugin's own tables: which post came of which message, which file of which.
func (p *importer) prepareStored() error {
	_, err := p.db.ExecContext(context.Background(), createStored+";\n"+createTogether)
	return err
}

// removeStored takes away all that the plugin has stored for itself, and what it brought and no post ever named. The rest stays.
func (p *importer) removeStored(w http.ResponseWriter, r *http.Request) {
	isPostgres, err := p.isPostgres()
	if err != nil {
		p.databaseFailed(err).write(w)
		return
	}
	if !isPostgres {
		// Nothing was ever stored there, and the statements are PostgreSQL's.
		writeJSON(w, http.StatusOK, struct{}{})
		return
	}
	if err := p.removeLeftovers(r.Context(), r.Header.Get("Mattermost-User-Id")); err != nil {
		p.API.LogWarn("files that hang on no post may still lie there", "error", err.Error())
	}
	if _, err := p.db.ExecContext(context.Background(), dropStored); err != nil {
		p.API.LogError("the plugin's tables could not be dropped", "error", err.Error())
		refuse(http.StatusInternalServerError, "database", "The plugin's own tables could not be dropped.").write(w)
		return
	}
	// Until hello has made the tables again, nothing can be written.
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.objections = []string{"What the plugin had stored was removed: say hello first."}
	writeJSON(w, http.StatusOK, struct{}{})
}
