package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// asKnown are columns just as our statements were made for.
func asKnown() []column {
	var columns []column
	for table, names := range columnsUsed {
		for name, kinds := range names {
			one := column{Table: table, Name: name, Type: kinds[0], Nullable: true}
			if strings.HasPrefix(kinds[0], "varchar(") {
				one.Type, one.Length = "varchar", lengthIn(kinds[0])
			}
			columns = append(columns, one)
		}
	}
	return columns
}

func lengthIn(kind string) int {
	length := 0
	for _, digit := range kind {
		if digit >= '0' && digit <= '9' {
			length = 10*length + int(digit-'0')
		}
	}
	return length
}

func TestTablesAsWeKnowThemAreWrittenTo(t *testing.T) {
	if objections := objectionsTo(asKnown()); len(objections) > 0 {
		t.Error(objections)
	}
}

func TestWhatWeDoNotKnowOfATableStopsEveryWriteAndNamesTheWayBack(t *testing.T) {
	changed := func(change func(*column)) []column {
		columns := asKnown()
		for i := range columns {
			if columns[i].Table == "posts" && columns[i].Name == "message" {
				change(&columns[i])
			}
		}
		return columns
	}
	must := column{Table: "posts", Name: "mood", Type: "int4"}
	for said, columns := range map[string][]column{
		"posts.message is text":        changed(func(c *column) { c.Type, c.Length = "text", 0 }),
		"posts.message is varchar(40)": changed(func(c *column) { c.Length = 40 }),
		"no column posts.message":      changed(func(c *column) { c.Name = "words" }),
		"posts.mood must be filled":    append(asKnown(), must),
	} {
		objections := objectionsTo(columns)
		if len(objections) == 0 || !strings.Contains(objections[0], said) || !strings.Contains(objections[0], "MM_TRANSPORT=stock") {
			t.Errorf("%s: %q", said, objections)
		}
	}
}

func TestANewColumnThatMayStayEmptyStopsNothing(t *testing.T) {
	columns := append(asKnown(),
		column{Table: "posts", Name: "mood", Type: "int4", Nullable: true},
		column{Table: "reactions", Name: "mood", Type: "int4", HasDefault: true},
		// Rows that are changed alone need no default.
		column{Table: "fileinfo", Name: "mood", Type: "int4"},
	)
	if objections := objectionsTo(columns); len(objections) > 0 {
		t.Error(objections)
	}
	if fingerprintOf(columns) == fingerprintOf(asKnown()) {
		t.Error("two kinds of tables have one fingerprint")
	}
}

// mysqlAPI is a server on another database.
type mysqlAPI struct{ adminAPI }

func (mysqlAPI) GetUnsanitizedConfig() *model.Config {
	return &model.Config{SqlSettings: model.SqlSettings{DriverName: model.NewPointer("mysql")}}
}

func TestAServerOnMySQLIsToldTheWayBackAndAskedNothing(t *testing.T) {
	// A database that was asked anything would be an error: it has no answers.
	p := &importer{turns: make(chan struct{}, mostConnections), db: (&fakeDatabase{}).open()}
	p.SetAPI(mysqlAPI{})
	p.routes = p.newRoutes()
	const way = "The server's database is no PostgreSQL. Use MM_TRANSPORT=stock, which writes no tables."
	said := func(method, path string) (int, string) {
		r := httptest.NewRequest(method, "/api/v1/"+path, strings.NewReader("{}"))
		r.Header.Set("Mattermost-User-Id", "u")
		w := httptest.NewRecorder()
		p.ServeHTTP(&plugin.Context{SessionId: "s"}, w, r)
		return w.Code, w.Body.String()
	}
	var hello greeting
	status, raw := said("GET", "hello")
	if err := json.Unmarshal([]byte(raw), &hello); err != nil || status != http.StatusOK || hello.Database != "other" || hello.Objections[0] != way {
		t.Errorf("%d %s", status, raw)
	}
	for _, path := range []string{"threads", "accounts", "channels", "read", "attached", "texts", "files"} {
		var refused refusal
		status, raw := said("POST", path)
		if err := json.Unmarshal([]byte(raw), &refused); err != nil || status != http.StatusConflict || refused.Message != way {
			t.Errorf("%s: %d %s", path, status, raw)
		}
	}
}
