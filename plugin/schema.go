package main

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/lib/pq"
	"github.com/mattermost/mattermost/server/public/model"
)

//go:embed statements/columns.sql
var readColumns string

// wayBack ends every sentence that says why nothing is written here.
const wayBack = " Use MM_TRANSPORT=stock, which writes no tables."

// column is one column as information_schema tells of it.
type column struct {
	Table      string `json:"table"`
	Name       string `json:"name"`
	Type       string `json:"type"`
	Length     int    `json:"length"` // of a varchar; 0 = unbounded, or no varchar
	Nullable   bool   `json:"nullable"`
	HasDefault bool   `json:"has_default"`
}

// kind is a type as schema_known.go writes it.
func (c column) kind() string {
	if c.Type == "varchar" && c.Length > 0 {
		return varchar(c.Length)
	}
	return c.Type
}

func varchar(length int) string { return fmt.Sprintf("varchar(%d)", length) }

// schema is what was seen of the server's database.
type schema struct {
	database     string
	fingerprint  string
	objections   []string
	maxPostRunes int
}

// lookAtSchema reads the columns and remembers what stands in the way of writing: an error does, too.
func (p *importer) lookAtSchema() (schema, error) {
	seen, err := p.readSchema()
	if err != nil {
		seen = schema{objections: []string{"The server's tables cannot be read: say hello first." + wayBack}}
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.objections = seen.objections
	p.maxPostRunes = seen.maxPostRunes
	return seen, err
}

func (p *importer) readSchema() (schema, error) {
	isPostgres, err := p.isPostgres()
	if err != nil {
		return schema{}, err
	}
	if !isPostgres {
		return schema{database: "other", objections: []string{"The server's database is no PostgreSQL." + wayBack}}, nil
	}
	var raw []byte
	names, _ := json.Marshal(tableNames())
	if err := p.db.QueryRowContext(context.Background(), readColumns, string(names)).Scan(&raw); err != nil {
		return schema{}, err
	}
	var columns []column
	if err := json.Unmarshal(raw, &columns); err != nil {
		return schema{}, err
	}
	seen := schema{database: "postgres", fingerprint: fingerprintOf(columns), objections: objectionsTo(columns)}
	if len(seen.objections) == 0 {
		if err := p.prepareStored(); err != nil {
			p.API.LogError("the plugin's own tables could not be made", "error", err.Error())
			seen.objections = []string{"The plugin cannot make its own tables in the server's database" + saidBy(err) + "." + wayBack}
		}
	}
	for _, one := range columns {
		if one.Table == "posts" && one.Name == "message" {
			// As the server itself works it out: four bytes for each character.
			seen.maxPostRunes = max(one.Length/4, model.PostMessageMaxRunesV1)
		}
	}
	return seen, nil
}

// saidBy is the database's own word on what it refuses, in brackets; what else an error tells may name a host or a person.
func saidBy(err error) string {
	var refused *pq.Error
	if errors.As(err, &refused) {
		return " (" + refused.Message + ")"
	}
	return ""
}

// objectionsTo says, a sentence for each, what of the columns our statements were not made for.
func objectionsTo(columns []column) []string {
	objections := []string{}
	there := map[string]bool{}
	for _, one := range columns {
		there[one.Table+"."+one.Name] = true
		kinds, isUsed := columnsUsed[one.Table][one.Name]
		switch {
		case isUsed && !slices.Contains(kinds, one.kind()):
			objections = append(objections, fmt.Sprintf(
				"The column %s.%s is %s on this server, and the plugin knows it as %s.%s",
				one.Table, one.Name, one.kind(), strings.Join(kinds, " or "), wayBack))
		case !isUsed && tablesWithNewRows[one.Table] && !one.Nullable && !one.HasDefault:
			objections = append(objections, fmt.Sprintf(
				"The column %s.%s must be filled on this server, and the plugin does not know it.%s",
				one.Table, one.Name, wayBack))
		}
	}
	for _, table := range tableNames() {
		for name := range columnsUsed[table] {
			if !there[table+"."+name] {
				objections = append(objections, fmt.Sprintf("The server has no column %s.%s.%s", table, name, wayBack))
			}
		}
	}
	sort.Strings(objections)
	return objections
}

// fingerprintOf is the same for two servers whose tables take the same rows.
func fingerprintOf(columns []column) string {
	lines := make([]string, 0, len(columns))
	for _, one := range columns {
		lines = append(lines, fmt.Sprintf("%s.%s %s %t %t", one.Table, one.Name, one.kind(), one.Nullable, one.HasDefault))
	}
	sort.Strings(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:8])
}

func tableNames() []string {
	names := make([]string, 0, len(columnsUsed))
	for table := range columnsUsed {
		names = append(names, table)
	}
	sort.Strings(names)
	return names
}
