package main

import (
	"context"
	_ "embed"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/upload_doubt.sql
var markUpload string

// partWasTooSmall are the server's words for a first part that it has thrown away, and the file with it.
const partWasTooSmall = "app.upload.upload_data.first_part_too_small.app_error"

// underWay are the uploads that get bytes at this moment, from this process.
type underWay struct {
	mutex sync.Mutex
	ids   map[string]bool
}

// enter says whether an upload is free, and takes it.
func (u *underWay) enter(id string) bool {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if u.ids[id] {
		return false
	}
	if u.ids == nil {
		u.ids = map[string]bool{}
	}
	u.ids[id] = true
	return true
}

func (u *underWay) leave(id string) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	delete(u.ids, id)
}

func (u *underWay) has(id string) bool {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	return u.ids[id]
}

// beginAgain refuses bytes, of which none was taken: how much is there is told by who asks for the file.
func beginAgain(why string) *refusal {
	return refuse(http.StatusConflict, "upload", why+" Begin the file again.")
}

// doubt remembers, or forgets, that more of a file may lie there than the server knows of. The server appends, and then counts:
// after a death between the two (its own, the plugin's, the database's) the same bytes would be appended once more, and
// nothing would tell, for a file's size is what was declared.
func (p *importer) doubt(ctx context.Context, id string, isDoubtful bool) error {
	_, err := p.db.ExecContext(ctx, markUpload, id, isDoubtful)
	return err
}

// throwAway removes what came of an upload that goes on no more. No call of the API removes a file; but the server removes one
// whose first part is too small, and to a session that is new this is one.
func (p *importer) throwAway(fresh *model.UploadSession, path string) {
	session := *fresh
	session.Path = path
	_, err := p.API.UploadData(&session, strings.NewReader(""))
	var said *model.AppError
	if !errors.As(err, &said) || said.Id != partWasTooSmall {
		p.API.LogWarn("what came of a file before it was begun anew may still lie there", "path", path, "error", err)
	}
}

// isForgotten says whether the server knows no such upload, and not only that it could not look.
func isForgotten(err error) bool {
	var said *model.AppError
	return errors.As(err, &said) && said.StatusCode == http.StatusNotFound
}
