package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"sync"
)

// fakeDatabase answers each statement as it was told to, one value of one row; what it was not told of is an error. It keeps
// what was executed.
type fakeDatabase struct {
	answers map[string]func(arguments []driver.NamedValue) any // by the statement's beginning

	mutex    sync.Mutex
	executed [][]driver.NamedValue
}

func (f *fakeDatabase) open() *sql.DB {
	db := sql.OpenDB(f)
	db.SetMaxOpenConns(mostConnections)
	return db
}

func (f *fakeDatabase) Connect(context.Context) (driver.Conn, error) { return fakeConnection{f}, nil }
func (f *fakeDatabase) Driver() driver.Driver                        { return nil }

type fakeConnection struct{ of *fakeDatabase }

func (fakeConnection) Prepare(string) (driver.Stmt, error) { return nil, errors.New("not asked for") }
func (fakeConnection) Begin() (driver.Tx, error)           { return nil, errors.New("not asked for") }
func (fakeConnection) Close() error                        { return nil }

func (c fakeConnection) QueryContext(_ context.Context, query string, arguments []driver.NamedValue) (driver.Rows, error) {
	for begins, answer := range c.of.answers {
		if strings.HasPrefix(query, begins) {
			return &fakeRow{answer(arguments)}, nil
		}
	}
	return nil, errors.New("no answer to " + query)
}

func (c fakeConnection) ExecContext(_ context.Context, _ string, arguments []driver.NamedValue) (driver.Result, error) {
	c.of.mutex.Lock()
	defer c.of.mutex.Unlock()
	c.of.executed = append(c.of.executed, arguments)
	return driver.RowsAffected(1), nil
}

// fakeRow is one row of one column; nil once it was read.
type fakeRow struct{ value any }

func (*fakeRow) Columns() []string { return []string{"value"} }
func (*fakeRow) Close() error      { return nil }

func (r *fakeRow) Next(row []driver.Value) error {
	if r.value == nil {
		return io.EOF
	}
	row[0], r.value = r.value, nil
	return nil
}

// always is an answer that no argument changes.
func always(value any) func([]driver.NamedValue) any {
	return func([]driver.NamedValue) any { return value }
}
