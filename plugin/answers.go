package main

import (
	"encoding/json"
	"errors"
	"net/http"
)

// refusal is an answer of 400 and above, in the form of the server's own errors.
type refusal struct {
	ID         string `json:"id"`
	Message    string `json:"message"`
	StatusCode int    `json:"status_code"`
}

func refuse(status int, name, message string) *refusal {
	return &refusal{ID: "com.mm-pipeline.importer." + name + ".error", Message: message, StatusCode: status}
}

// errSilent is what a call of the server's API means that answers nothing, and no error: it did not reach the server. So
// it is while the plugin is ended or replaced. A caller asks again, and another process answers.
var errSilent = errors.New("the server does not answer the plugin, which is being ended or replaced")

func serverIsSilent() *refusal {
	return refuse(http.StatusServiceUnavailable, "silent", "The server does not answer the plugin at this moment. Ask again.")
}

func (r *refusal) write(w http.ResponseWriter) {
	if r.StatusCode == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, r.StatusCode, r)
}

func writeJSON(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A caller who went away is no error of ours.
	_ = json.NewEncoder(w).Encode(answer)
}
