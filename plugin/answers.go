package main

import (
	"encoding/json"
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
