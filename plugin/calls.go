package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"unicode/utf8"
)

// bodyError says what a caller did wrong. It concerns the whole of a body: nothing of it is written.
type bodyError struct{ error }

func wrongBody(format string, arguments ...any) error {
	return bodyError{fmt.Errorf(format, arguments...)}
}

// writing serves a call that writes: only where nothing stands in the way, as many at once as may be, a body of bounded
// size. What serve answers is committed.
func (p *importer) writing(serve func(context.Context, []byte) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if objections := p.standsInTheWay(); len(objections) > 0 {
			refuse(http.StatusConflict, "schema", objections[0]).write(w)
			return
		}
		select {
		case p.turns <- struct{}{}:
			defer func() { <-p.turns }()
		default:
			refuse(http.StatusTooManyRequests, "busy", "The plugin has as much to do as it may have at once.").write(w)
			return
		}
		raw, refused := readBody(w, r, mostBytes)
		if refused != nil {
			refused.write(w)
			return
		}
		answer, err := serve(r.Context(), raw)
		var wrong bodyError
		switch {
		case errors.As(err, &wrong):
			refuse(http.StatusBadRequest, "body", wrong.Error()).write(w)
		case err != nil:
			p.API.LogError("a batch could not be written", "route", r.URL.Path, "error", err.Error())
			refuse(http.StatusServiceUnavailable, "database", "The server's database did not take the batch; its log says why.").write(w)
		default:
			writeJSON(w, http.StatusOK, answer)
		}
	}
}

func (p *importer) standsInTheWay() []string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.objections
}

// readBody reads no more than is allowed, whatever the headers say.
func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, *refusal) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, refuse(http.StatusRequestEntityTooLarge, "too_large", "The body is larger than the plugin takes.")
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "body", "The body broke off.")
	}
	return raw, nil
}

// decodeBody reads a body of UTF-8, whose every field must be known, and which holds no more than may be.
func decodeBody(raw []byte, into any) error {
	// Go would put replacement characters in the place of what is no UTF-8, and nobody would notice.
	if !utf8.Valid(raw) {
		return wrongBody("the body is no UTF-8")
	}
	if err := objectionToCount(raw, reflect.TypeOf(into).Elem()); err != nil {
		return err
	}
	if err := decodeStrictly(raw, into); err != nil {
		return bodyError{err}
	}
	return nil
}

// halved writes things together. Where the database refuses a value that our checks let pass, they are halved until the
// culprit stands alone: it is refused with the database's word, and costs no other.
func halved[In, Out any](things []In, together func([]In) ([]Out, error), alone func(In, error) Out) ([]Out, error) {
	answers, err := together(things)
	if err == nil || !isAboutValues(err) {
		return answers, err
	}
	if len(things) == 1 {
		return []Out{alone(things[0], err)}, nil
	}
	middle := len(things) / 2
	first, err := halved(things[:middle], together, alone)
	if err != nil {
		return nil, err
	}
	second, err := halved(things[middle:], together, alone)
	return append(first, second...), err
}
