package main

import (
	_ "embed"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/counted.sql
var countPosts string

// mostCounted bounds one answer: 60 bytes a post.
const mostCounted = 10_000

// postsCounted holds of each post its id, its ms, and how many files and reactions it has: newest first.
type postsCounted struct {
	Posts json.RawMessage `json:"posts"`
	Most  int64           `json:"most"` // so many, and there may be more
}

// tellPosts tells what a channel shows, without what is said there. Parameters: since (ms), and of the post that was
// seen last before (ms) and before_id; most: how many.
func (p *importer) tellPosts(w http.ResponseWriter, r *http.Request) {
	if objections := p.standsInTheWay(); len(objections) > 0 {
		refuse(http.StatusConflict, "schema", objections[0]).write(w)
		return
	}
	id, asked := r.PathValue("id"), r.URL.Query()
	since, isNumber := numberIn(asked, "since", 0)
	before, isNumberToo := numberIn(asked, "before", math.MaxInt64)
	most, isNumberAlso := numberIn(asked, "most", mostCounted)
	beforeID := asked.Get("before_id")
	if !isNumber || !isNumberToo || !isNumberAlso || most == 0 || !model.IsValidId(id) || (beforeID != "" && !model.IsValidId(beforeID)) {
		refuse(http.StatusBadRequest, "page", "A page is of a channel, and begins before a post: its ms and its id.").write(w)
		return
	}
	found := postsCounted{Most: min(most, mostCounted)}
	if err := p.oneRow(r.Context(), &found.Posts, countPosts, id, since, before, beforeID, found.Most); err != nil {
		p.databaseFailed(err).write(w)
		return
	}
	writeJSON(w, http.StatusOK, found)
}

// numberIn reads a number of a query, which may be absent. It says whether it is one.
func numberIn(asked url.Values, name string, otherwise int64) (int64, bool) {
	if !asked.Has(name) {
		return otherwise, true
	}
	number, err := strconv.ParseInt(asked.Get(name), 10, 64)
	return number, err == nil && number >= 0
}
