package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

//go:embed statements/together.sql
var createTogether string

//go:embed statements/turns.sql
var findTurns string

// mostTries bounds how often a batch looks anew because another one was quicker: one of those that meet always gets through.
const mostTries = 50

// turn is one look of a batch, and what it writes then. It holds nothing of the server's while it looks: a transaction that
// is open between two calls would outlive a plugin that dies, on a connection that the server hands to others as it is.
type turn struct {
	p     *importer
	names []string
	seen  map[string]int64 // how often the names had been written when it looked
	steps []step
}

// step is a statement with its rows, and at most two arguments behind them: one that has no rows is left out.
type step struct {
	statement string
	rows      int
	arguments []any
}

// inTurn has a batch look and say what it writes, and writes it, all or nothing. It looks anew where another batch has
// written of the same names since.
func (p *importer) inTurn(ctx context.Context, look func(*turn) error) error {
	for range mostTries {
		t := &turn{p: p}
		if err := look(t); err != nil {
			return err
		}
		isWritten, err := t.write(ctx)
		if err != nil || isWritten {
			return err
		}
	}
	return errors.New("other batches of the same things were quicker, time after time")
}

// locked says what a batch writes of, before it looks at anything: what others write of it meanwhile is noticed.
func locked(ctx context.Context, t *turn, names ...string) error {
	t.names, t.seen = names, map[string]int64{}
	return t.p.oneRow(ctx, &t.seen, findTurns, list(names))
}

// oneRow reads one row of JSON.
func oneRow(ctx context.Context, t *turn, into any, statement string, arguments ...any) error {
	return t.p.oneRow(ctx, into, statement, arguments...)
}

// runSteps adds to what is written at the end of the turn.
func runSteps(t *turn, steps ...step) error {
	for _, one := range steps {
		if one.rows > 0 {
			t.steps = append(t.steps, one)
		}
	}
	return nil
}

// write says whether everything is written; it is not where others were quicker.
func (t *turn) write(ctx context.Context) (bool, error) {
	if len(t.steps) == 0 {
		return true, nil
	}
	type seenTurn struct {
		Name string `json:"name"`
		Turn int64  `json:"turn"`
	}
	type numbered struct {
		Statement string `json:"statement"`
		First     int    `json:"first"`
	}
	turns, steps := make([]seenTurn, 0, len(t.names)), make([]numbered, 0, len(t.steps))
	for _, name := range t.names {
		turns = append(turns, seenTurn{name, t.seen[name]})
	}
	var places strings.Builder
	arguments := []any{list(keysOf(t.names)), "", ""}
	for _, one := range t.steps {
		steps = append(steps, numbered{one.statement, len(arguments) - 2})
		for _, argument := range one.arguments {
			arguments = append(arguments, asText(argument))
			places.WriteString(", $" + strconv.Itoa(len(arguments)) + "::text")
		}
	}
	arguments[1], arguments[2] = list(turns), list(steps)
	var isWritten bool
	call := "SELECT mm_pipeline_together($1::json, $2::json, $3::json" + places.String() + ")"
	err := t.p.db.QueryRowContext(ctx, call, arguments...).Scan(&isWritten)
	return isWritten, err
}

// asText is an argument as PostgreSQL reads it.
func asText(argument any) string {
	switch value := argument.(type) {
	case string:
		return value
	case int64:
		return strconv.FormatInt(value, 10)
	}
	panic(fmt.Sprintf("an argument of a statement that is %T", argument)) // our own calls
}

// oneRow reads one row of JSON: each row would cost a call from the plugin to the server.
func (p *importer) oneRow(ctx context.Context, into any, statement string, arguments ...any) error {
	var raw []byte
	if err := p.db.QueryRowContext(ctx, statement, arguments...).Scan(&raw); err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}
