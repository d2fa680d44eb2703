package main

import (
	"errors"
	"io"
	"net/http"
)

// threadsTaken answers for each post of each thread, in the order in which they were sent, the root first.
type threadsTaken struct {
	Threads [][]answer `json:"threads"`
}

// takeThreads brings threads of posts in. Answered is what is committed.
func (p *importer) takeThreads(w http.ResponseWriter, r *http.Request) {
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
	raw, refused := readBody(w, r)
	if refused != nil {
		refused.write(w)
		return
	}
	body, err := decodeThreads(raw)
	if err != nil {
		refuse(http.StatusBadRequest, "body", err.Error()).write(w)
		return
	}
	threads := make([]*threadIn, len(body.Threads))
	for i := range body.Threads {
		threads[i] = &body.Threads[i]
	}
	answers, err := p.write(r.Context(), threads)
	if err != nil {
		p.API.LogError("a batch of threads could not be written", "error", err.Error())
		refuse(http.StatusServiceUnavailable, "database", "The server's database did not take the batch; its log says why.").write(w)
		return
	}
	writeJSON(w, http.StatusOK, threadsTaken{Threads: append([][]answer{}, answers...)})
}

func (p *importer) standsInTheWay() []string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.objections
}

// readBody reads no more than is allowed, whatever the headers say.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBytes))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, refuse(http.StatusRequestEntityTooLarge, "too_large", "The body is larger than the plugin takes.")
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "body", "The body broke off.")
	}
	return raw, nil
}
