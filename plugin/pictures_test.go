package main

import (
	"database/sql/driver"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
)

func TestTheSizeOfADrawingIsThatOfItsFirstElement(t *testing.T) {
	for raw, want := range map[string][2]int{
		`<svg width="30" height="20"/>`:                     {30, 20},
		`<?xml version="1.0"?><svg viewBox="0 0 7 8"/>`:     {7, 8},
		`<svg width="30px" height="20px"/>`:                 {30, 20},
		`<svg width="30"/>`:                                 {0, 0},
		`<svg width="wide" height="20"/>`:                   {0, 0},
		`no drawing`:                                        {0, 0},
		`<svg viewBox="0 0 a b" width="1" height="1"/>`:     {0, 0},
		`<svg><rect width="30" height="20"/></svg>`:         {0, 0},
		`<svg viewBox="0 0 7" width="30" height="20"/>`:     {30, 20},
		`<svg width="30" height="20" viewBox="0 0 70 80"/>`: {70, 80},
	} {
		if width, height := sizeOfDrawing([]byte(raw)); [2]int{width, height} != want {
			t.Errorf("%s: %d x %d", raw, width, height)
		}
	}
}

// storeAPI is a server that takes drawings: whole, and never as pictures.
type storeAPI struct {
	adminAPI
	size int64
}

func (s storeAPI) GetUploadSession(id string) (*model.UploadSession, error) {
	return &model.UploadSession{Id: id, Filename: "drawn.svg", FileSize: s.size}, nil
}

func (s storeAPI) UploadData(session *model.UploadSession, part io.Reader) (*model.FileInfo, error) {
	if _, err := io.Copy(io.Discard, part); err != nil {
		return nil, err
	}
	if session.Filename == "drawn.svg" {
		return nil, &model.AppError{Id: noPicture}
	}
	return &model.FileInfo{Id: session.Id, Name: session.Filename, Size: s.size, Path: "where it lies"}, nil
}

func (s storeAPI) ReadFile(string) ([]byte, *model.AppError) { return make([]byte, s.size), nil }

// spaces are what a drawing may consist of.
type spaces struct{}

func (spaces) Read(into []byte) (int, error) {
	for i := range into {
		into[i] = ' '
	}
	return len(into), nil
}

func TestADrawingIsMeasuredByItsBeginningHoweverLargeItIs(t *testing.T) {
	const size = 100 << 20
	for begins, want := range map[string][][]any{
		`<svg width="30" height="20">`:                                                {{"f", int64(30), int64(20)}},
		`<!--` + strings.Repeat(" ", 64<<10) + `--><svg width="30" height="20">`:      {{"f", int64(30), int64(20)}},
		`<!--` + strings.Repeat(" ", mostOfDrawing) + `--><svg width="1" height="1">`: nil,
	} {
		database := &fakeDatabase{answers: map[string]func([]driver.NamedValue) any{
			findUpload: always([]byte(`[{"id": "f", "path": "p", "channel_id": "c"}]`)),
		}}
		p := &importer{db: database.open()}
		p.SetAPI(storeAPI{size: size})
		r := httptest.NewRequest("POST", "/api/v1/files/f?offset=0", io.MultiReader(strings.NewReader(begins), io.LimitReader(spaces{}, size-int64(len(begins)))))
		r.SetPathValue("id", "f")
		w := httptest.NewRecorder()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p.takeBytes(w, r)
		runtime.ReadMemStats(&after)
		if w.Code != http.StatusOK {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		var measured [][]any
		for _, arguments := range database.executed[1:] { // the first one gives it its name back
			row := []any{}
			for _, argument := range arguments {
				row = append(row, argument.Value)
			}
			measured = append(measured, row)
		}
		if !reflect.DeepEqual(measured, want) {
			t.Errorf("%.40s: %v", begins, measured)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 4<<20 {
			t.Errorf("%.40s: %d MiB", begins, taken>>20)
		}
	}
}

func TestADrawingThatComesInPartsHasNoSize(t *testing.T) {
	for name, session := range map[string]*model.UploadSession{
		"a later part": {Filename: "drawn.svg", FileOffset: 8 << 20}, "a photograph": {Filename: "seen.png"},
	} {
		kept := beginningOf(session)
		_, _ = kept.Write([]byte(`<svg width="30" height="20">`))
		if width, height := sizeOfDrawing(kept.kept()); width != 0 || height != 0 {
			t.Errorf("%s: %d x %d", name, width, height)
		}
	}
}
