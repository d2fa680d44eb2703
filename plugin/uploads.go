package main

import (
	"context"
	_ "embed"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/upload_begin.sql
var beginUpload string

//go:embed statements/upload_find.sql
var findUpload string

//go:embed statements/upload_of.sql
var uploadOf string

//go:embed statements/upload_measured.sql
var measureUploaded string

//go:embed statements/upload_named.sql
var nameUploaded string

// mostDescriptionBytes bounds what describes a file; its bytes come after it, as a stream.
const mostDescriptionBytes = 64 << 10

// noPicture is the server's word for a file that is called like a picture and is none.
const noPicture = "app.upload.upload_data.gen_info.app_error"

// othersAreQuicker are the server's words for an upload that another request writes at this moment, or has just finished.
var othersAreQuicker = []string{"app.upload.upload_data.concurrent.app_error", "app.upload.get.app_error"}

// fileIn describes a file that is to come. Size in bytes, CreateAt (ms) is that of its post.
type fileIn struct {
	Identity  string `json:"identity"`
	ChannelID string `json:"channel_id"`
	UserID    string `json:"user_id"`
	Name      string `json:"name"`
	Size      int64  `json:"size"`
	CreateAt  int64  `json:"create_at"`
}

// uploadState says how much of a file is there; IsDone: it can hang on a post.
type uploadState struct {
	ID     string `json:"id"`
	Offset int64  `json:"offset"`
	IsDone bool   `json:"is_done"`
}

// storedUpload is what the plugin remembers of a file while it comes.
type storedUpload struct {
	ID        string `json:"id"`
	Path      string `json:"path"`
	ChannelID string `json:"channel_id"`
	IsDone    bool   `json:"is_done"`
	// IsDoubtful: more of it may lie there than the server knows of.
	IsDoubtful bool `json:"is_doubtful"`
}

// beginFile has a file be known, and answers how much of it is there. Asked again, it goes on where it broke off.
func (p *importer) beginFile(w http.ResponseWriter, r *http.Request) {
	if objections := p.standsInTheWay(); len(objections) > 0 {
		refuse(http.StatusConflict, "schema", objections[0]).write(w)
		return
	}
	raw, refused := readBody(w, r, mostDescriptionBytes)
	if refused != nil {
		refused.write(w)
		return
	}
	var in fileIn
	err := decodeBody(raw, &in)
	if err == nil {
		err = in.objection()
	}
	if err != nil {
		refuse(http.StatusBadRequest, "body", err.Error()).write(w)
		return
	}
	state, refused := p.begin(r.Context(), &in)
	if refused != nil {
		refused.write(w)
		return
	}
	writeJSON(w, http.StatusOK, state)
}

// objection says what of a description cannot be.
func (f *fileIn) objection() error {
	switch {
	case f.Identity == "" || utf8.RuneCountInString(f.Identity) > mostIdentityRunes:
		return errors.New("a file needs an identity of 1 to 190 characters")
	case f.Name == "" || f.Name != filepath.Base(f.Name) || f.Name == "." || f.Name == ".." || strings.ContainsAny(f.Name, "\x00/\\"):
		return errors.New("the name of a file is one segment of a path")
	case f.Size < 0 || f.CreateAt <= 0:
		return errors.New("a file has a size and a time")
	case !model.IsValidId(f.ChannelID) || !model.IsValidId(f.UserID):
		return errors.New("a file belongs to a channel and to a person")
	}
	return nil
}

func (p *importer) begin(ctx context.Context, in *fileIn) (*uploadState, *refusal) {
	// The REST API holds people to it; plugins could go beyond.
	config := p.API.GetConfig()
	if config == nil {
		return nil, serverIsSilent()
	}
	if most := config.FileSettings.MaxFileSize; most != nil && in.Size > *most {
		return nil, refuse(http.StatusRequestEntityTooLarge, "too_large", "The file is larger than FileSettings.MaxFileSize.")
	}
	for range mostTries {
		if state, refused := p.beginOnce(ctx, in); state != nil || refused != nil {
			return state, refused
		}
	}
	return nil, serverIsSilent()
}

// beginOnce answers nothing where another one began the same file since it looked.
func (p *importer) beginOnce(ctx context.Context, in *fileIn) (*uploadState, *refusal) {
	stored, err := p.uploads(ctx, findUpload, in.Identity, "")
	if err != nil {
		return nil, p.databaseFailed(err)
	}
	var known storedUpload
	isUnfinished := false
	if len(stored) > 0 {
		known = stored[0]
		if known.IsDone {
			return p.done(ctx, known.ID, in)
		}
		if p.coming.has(known.ID) {
			return nil, refuse(http.StatusServiceUnavailable, "busy", "Another request brings this file at this moment. Ask again.")
		}
		session, err := p.API.GetUploadSession(known.ID)
		switch {
		case err != nil && !isForgotten(err):
			return nil, p.databaseFailed(err)
		case err == nil && session == nil:
			return nil, serverIsSilent()
		case err == nil && session.FileSize == sizeTold(in) && !known.IsDoubtful:
			return p.goOn(session, in, known.Path, known.ChannelID)
		}
		isUnfinished = err == nil
	}
	var places []struct {
		TeamID string `json:"team_id"`
		Open   string `json:"open"`
	}
	if err := p.oneRow(ctx, &places, uploadOf, in.ChannelID, in.UserID); err != nil {
		return nil, p.databaseFailed(err)
	}
	if len(places) == 0 {
		return nil, refuse(http.StatusNotFound, "place", "The server has no such channel, or no such person.")
	}
	// The server begins no upload into an archived channel, so this one begins in an open one: where the file belongs
	// is said with its bytes.
	session := &model.UploadSession{
		Id: model.NewId(), Type: model.UploadTypeAttachment, UserId: in.UserID, ChannelId: places[0].Open,
		Filename: in.Name, FileSize: sizeTold(in),
	}
	begun, err := p.API.CreateUploadSession(session)
	if err != nil {
		return nil, serverRefuses(err)
	}
	if begun == nil {
		return nil, serverIsSilent()
	}
	path := pathOf(in, places[0].TeamID, session.Id)
	var counts bool
	err = p.db.QueryRowContext(ctx, beginUpload, in.Identity, session.Id, path, in.ChannelID, known.ID).Scan(&counts)
	if err != nil {
		return nil, p.databaseFailed(err)
	}
	if !counts {
		return nil, nil
	}
	if isUnfinished {
		p.throwAway(session, known.Path)
	}
	return p.goOn(session, in, path, in.ChannelID)
}

// sizeTold is what the server is told of a file's size, in bytes: it begins no upload of none.
func sizeTold(in *fileIn) int64 {
	return max(in.Size, 1)
}

// goOn says how much of an upload is there. That of a file of no bytes is finished at once.
func (p *importer) goOn(session *model.UploadSession, in *fileIn, path, channelID string) (*uploadState, *refusal) {
	if in.Size == 0 {
		return p.takeEmptyFile(session, path, channelID)
	}
	return &uploadState{ID: session.Id, Offset: session.FileOffset}, nil
}

func (p *importer) takeEmptyFile(session *model.UploadSession, path, channelID string) (*uploadState, *refusal) {
	session.Path, session.ChannelId, session.ReqFileId, session.FileSize = path, channelID, session.Id, 0
	info, err := p.API.UploadData(session, strings.NewReader(""))
	var said *model.AppError
	if errors.As(err, &said) && slices.Contains(othersAreQuicker, said.Id) {
		return nil, serverIsSilent()
	}
	if err != nil {
		return nil, serverRefuses(err)
	}
	if info == nil {
		return nil, serverIsSilent()
	}
	return &uploadState{ID: info.Id, IsDone: true}, nil
}

// pathOf is where the import job would lay the file: the day is its post's.
func pathOf(in *fileIn, teamID, id string) string {
	if teamID == "" {
		teamID = "noteam"
	}
	return time.UnixMilli(in.CreateAt).Format("20060102") + "/teams/" + teamID + "/channels/" + in.ChannelID +
		"/users/" + in.UserID + "/" + id + "/" + in.Name
}

// done gives a file that is there what it lacks: who brought it may have been ended before that.
func (p *importer) done(ctx context.Context, id string, in *fileIn) (*uploadState, *refusal) {
	info, failed := p.API.GetFileInfo(id)
	if failed != nil {
		return nil, serverRefuses(failed)
	}
	if info == nil {
		return nil, serverIsSilent()
	}
	if err := p.complete(ctx, info, in.Name, p.beginningOfSmall(info, in.Name)); err != nil {
		return nil, p.databaseFailed(err)
	}
	return &uploadState{ID: id, Offset: in.Size, IsDone: true}, nil
}

// takeBytes appends to a file what the body brings, if it is as long as the caller believes (`offset`); the first part has 5 MiB
// at least, unless it is the whole. Streamed: nothing of it is kept in memory here.
func (p *importer) takeBytes(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	stored, err := p.uploads(r.Context(), findUpload, "", id)
	if err != nil {
		p.databaseFailed(err).write(w)
		return
	}
	if !p.coming.enter(id) {
		beginAgain("Another request brings this file at this moment.").write(w)
		return
	}
	defer p.coming.leave(id)
	session, failed := p.API.GetUploadSession(id)
	if len(stored) == 0 || failed != nil {
		refuse(http.StatusNotFound, "upload", "There is no such upload.").write(w)
		return
	}
	if session == nil {
		serverIsSilent().write(w)
		return
	}
	// A request whose caller hung up may still be at work, or have ended since the caller looked.
	if offset, isNumber := numberIn(r.URL.Query(), "offset", -1); !isNumber || offset != session.FileOffset {
		beginAgain("The file is not so long that these bytes come next.").write(w)
		return
	}
	// A first part is written over what lies there, and nothing is appended to a whole.
	appends := session.FileOffset > 0 && session.FileOffset < session.FileSize
	if appends {
		if err := p.doubt(r.Context(), id, true); err != nil {
			p.databaseFailed(err).write(w)
			return
		}
	}
	session.Path, session.ChannelId, session.ReqFileId = stored[0].Path, stored[0].ChannelID, session.Id
	name, drawing := session.Filename, beginningOf(session)
	info, failed := p.API.UploadData(session, io.TeeReader(r.Body, drawing))
	var refused *model.AppError
	if errors.As(failed, &refused) && refused.Id == noPicture {
		info, failed = p.takeAsIs(session)
	}
	if failed != nil {
		serverRefuses(failed).write(w)
		return
	}
	if info == nil {
		session, failed = p.API.GetUploadSession(id)
		if failed != nil {
			serverRefuses(failed).write(w)
			return
		}
		if session == nil {
			// No 503: a caller would send the part again, and it may be there.
			refuse(http.StatusConflict, "upload", "The server does not say what it has of the file: begin it again.").write(w)
			return
		}
		if appends {
			if err := p.doubt(r.Context(), id, false); err != nil {
				p.databaseFailed(err).write(w)
				return
			}
		}
		writeJSON(w, http.StatusOK, uploadState{ID: id, Offset: session.FileOffset})
		return
	}
	if err := p.complete(r.Context(), info, name, drawing); err != nil {
		p.databaseFailed(err).write(w)
		return
	}
	writeJSON(w, http.StatusOK, uploadState{ID: info.Id, Offset: info.Size, IsDone: true})
}

// takeAsIs finishes a file that is no picture to the server (a drawing, or one by its name alone) under a name that
// promises none: the import job takes such files as they are. Its own name comes with `complete`.
func (p *importer) takeAsIs(session *model.UploadSession) (*model.FileInfo, error) {
	session.Filename, session.FileOffset = "file", session.FileSize
	return p.API.UploadData(session, strings.NewReader(""))
}

// complete gives a file that is there its name and the size that people see. Done again, it changes nothing.
func (p *importer) complete(ctx context.Context, info *model.FileInfo, name string, drawing *beginning) error {
	if info.Name != name {
		told := model.NewInfo(name)
		info.Name, info.Extension, info.MimeType = name, told.Extension, told.MimeType
		if _, err := p.db.ExecContext(ctx, nameUploaded, info.Id, info.Name, info.Extension, info.MimeType); err != nil {
			return err
		}
	}
	if width, height := p.sizeSeen(info, drawing); width != info.Width || height != info.Height {
		if _, err := p.db.ExecContext(ctx, measureUploaded, info.Id, width, height); err != nil {
			return err
		}
	}
	return nil
}

func (p *importer) uploads(ctx context.Context, statement string, arguments ...any) ([]storedUpload, error) {
	var found []storedUpload
	err := p.oneRow(ctx, &found, statement, arguments...)
	return found, err
}

func (p *importer) databaseFailed(err error) *refusal {
	p.API.LogError("the database did not answer", "error", err.Error())
	return refuse(http.StatusServiceUnavailable, "database", "The server's database did not answer; its log says why.")
}

// serverRefuses hands on what the server itself says of a file.
func serverRefuses(err error) *refusal {
	var said *model.AppError
	if errors.As(err, &said) {
		status := said.StatusCode
		if status < http.StatusBadRequest {
			status = http.StatusBadRequest
		}
		return &refusal{ID: said.Id, Message: said.Message, StatusCode: status}
	}
	return refuse(http.StatusBadRequest, "upload", "The server does not take the file: "+err.Error())
}
