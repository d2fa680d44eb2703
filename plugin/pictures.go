package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	_ "image/jpeg" // previews are one of the two
	_ "image/png"
	"strings"
	"sync"

	"github.com/mattermost/mattermost/server/public/model"
)

// mostOfDrawing is how much of a drawing is looked at, in bytes: its first element says its size.
const mostOfDrawing = 256 << 10

// sizeSeen is how large people see a picture, as the import job writes it. An upload is measured otherwise: drawings have
// no size there, and photographs that lie on their side keep that of the side.
//
// A drawing that came in several parts has no size, either. Nothing but its whole could be read again, and that may be 100 MiB;
// what is less than 5 MiB comes in one.
func (p *importer) sizeSeen(info *model.FileInfo, drawing *beginning) (width, height int) {
	switch {
	case info.IsSvg():
		// What was measured before stays.
		if width, height = sizeOfDrawing(drawing.kept()); width > 0 {
			return width, height
		}
	case info.PreviewPath != "":
		// One at a time: each is in memory as a whole.
		p.preview.Lock()
		defer p.preview.Unlock()
		raw, failed := p.API.ReadFile(info.PreviewPath)
		if failed != nil {
			break
		}
		// The server has set the preview upright.
		if shown, _, err := image.DecodeConfig(bytes.NewReader(raw)); err == nil && liesOnItsSide(info, shown) {
			return info.Height, info.Width
		}
	}
	return info.Width, info.Height
}

// beginning keeps the beginning of what is written to it. The server reads an upload by a goroutine of its own.
type beginning struct {
	mutex sync.Mutex
	bytes []byte
	most  int
}

// beginningOf is that of a file which begins with the next byte of the body, if it is a drawing.
func beginningOf(session *model.UploadSession) *beginning {
	if session.FileOffset > 0 || !model.NewInfo(session.Filename).IsSvg() {
		return &beginning{}
	}
	return &beginning{most: mostOfDrawing}
}

// beginningOfSmall reads a drawing that is there, if all of it may be in memory.
func (p *importer) beginningOfSmall(info *model.FileInfo, name string) *beginning {
	drawing := &beginning{most: mostOfDrawing}
	if model.NewInfo(name).IsSvg() && info.Size <= mostOfDrawing {
		if raw, failed := p.API.ReadFile(info.Path); failed == nil {
			drawing.bytes = raw
		}
	}
	return drawing
}

// Write never fails.
func (b *beginning) Write(part []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.bytes = append(b.bytes, part[:min(len(part), b.most-len(b.bytes))]...)
	return len(part), nil
}

func (b *beginning) kept() []byte {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.bytes
}

func liesOnItsSide(info *model.FileInfo, shown image.Config) bool {
	return (info.Width < info.Height && shown.Width > shown.Height) || (info.Width > info.Height && shown.Width < shown.Height)
}

// sizeOfDrawing reads the size of an SVG from its first element, as the server does: a whole viewBox goes before the rest.
func sizeOfDrawing(raw []byte) (width, height int) {
	decoder := xml.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := decoder.Token()
		if err != nil {
			return 0, 0
		}
		element, isElement := token.(xml.StartElement)
		if !isElement {
			continue
		}
		for _, attribute := range element.Attr {
			switch attribute.Name.Local {
			case "viewBox":
				if box := strings.Fields(attribute.Value); len(box) == 4 {
					if !scan(box[2], &width) || !scan(box[3], &height) {
						return 0, 0
					}
					return width, height
				}
			case "width":
				if !scan(attribute.Value, &width) {
					return 0, 0
				}
			case "height":
				if !scan(attribute.Value, &height) {
					return 0, 0
				}
			}
		}
		if width == 0 || height == 0 {
			return 0, 0
		}
		return width, height
	}
}

func scan(text string, number *int) bool {
	_, err := fmt.Sscan(text, number)
	return err == nil
}
