package main

import (
	"context"
	_ "embed"

	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/leftovers.sql
var findLeftovers string

//go:embed statements/leftovers_drop.sql
var dropLeftovers string

// removeLeftovers removes files that came and hang on no post, and those of which a part came. Nobody sees them, the server never
// removes them, and once the plugin's tables are gone no run finds them again.
func (p *importer) removeLeftovers(ctx context.Context, userID string) error {
	var found struct {
		Open  string   `json:"open"`
		Paths []string `json:"paths"`
	}
	if err := p.oneRow(ctx, &found, findLeftovers); err != nil {
		return err
	}
	if len(found.Paths) > 0 {
		session, err := p.API.CreateUploadSession(&model.UploadSession{
			Id: model.NewId(), Type: model.UploadTypeAttachment, UserId: userID, ChannelId: found.Open, Filename: "nothing", FileSize: 1,
		})
		if err != nil {
			return err
		}
		if session == nil {
			return errSilent
		}
		for _, path := range found.Paths {
			p.throwAway(session, path)
		}
		if _, err := p.db.ExecContext(ctx, "DELETE FROM uploadsessions WHERE id = $1", session.Id); err != nil {
			return err
		}
	}
	_, err := p.db.ExecContext(ctx, dropLeftovers)
	return err
}
