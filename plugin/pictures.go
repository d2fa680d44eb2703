package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	_ "image/jpeg" // previews are one of the two
	_ "image/png"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"
)

// sizeSeen is how large people see a picture, as the import job writes it. An upload is measured otherwise: drawings have
// no size there, and photographs that lie on their side keep that of the side.
func (p *importer) sizeSeen(info *model.FileInfo) (width, height int) {
	switch {
	case info.IsSvg():
		if raw, failed := p.API.ReadFile(info.Path); failed == nil {
			return sizeOfDrawing(raw)
		}
	case info.PreviewPath != "":
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
