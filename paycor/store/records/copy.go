package records

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

// Source is a database whose records a new one gets.
type Source interface {
	// CopyTo copies all records and verifies the copy. It fails if the source changes
	// meanwhile.
	CopyTo(ctx context.Context, to Side) error
}

// Side is one of the two databases of a copy, in a transaction.
type Side struct {
	Conn    Conn
	Dialect *Dialect
	Keys    *KeySource
}

// referredTables are the tables that others refer to. They are copied first, in this order.
var referredTables = []string{"keysets", "applications", "credentials", "hosts", "notification_channels"}

// copiedTables returns all tables with records, each after those that it refers to. What
// lists and searches read is made of the credentials again.
func copiedTables(ctx context.Context, side Side) ([]string, error) {
	tables := slices.Clone(referredTables)
	err := side.Conn.Rows(ctx, side.Dialect.Tables, nil, func(scan Scan) error {
		var name string
		err := scan(&name)
		if !strings.HasPrefix(name, "search_") && !slices.Contains(referredTables, name) {
			tables = append(tables, name)
		}
		return err
	})
	return tables, err
}

// numbered returns the column with the numbers that a database gives to the rows of a table
// by itself; empty without. Rows are copied in their order.
func numbered(table string) string {
	if table == "use_failures" {
		return "sequence"
	}
	return "number" // of a table that has one
}

const (
	// copiedAtOnce is how many rows one statement inserts.
	copiedAtOnce = 50

	// copiedBetweenLogs is how many rows are copied between two lines of the log.
	copiedBetweenLogs = 20_000
)

// Copy copies the rows of all tables with records as they are, and verifies the copy: each
// table has as many rows, every value can be decrypted that could be before, what is
// authentic stays so, and the audit trail is intact.
func Copy(ctx context.Context, from, to Side, log *slog.Logger) error {
	tables, err := copiedTables(ctx, to)
	if err != nil {
		return err
	}
	if found, err := copiedTables(ctx, from); err != nil || !slices.Equal(found, tables) {
		return errors.Join(err, fmt.Errorf("the databases have different tables: %q and %q", found, tables))
	}
	for _, table := range tables {
		rows, err := copyTable(ctx, from, to, table, log)
		if err != nil {
			return fmt.Errorf("copying the table %s: %w", table, err)
		}
		log.InfoContext(ctx, "table copied", "table", table, "rows", rows)
	}
	head, err := NewTrail(from.Conn, from.Dialect).Check(ctx)
	if err != nil {
		return err
	}
	var heads []audit.Head
	if head.Sequence > 0 {
		heads = append(heads, head)
	}
	copied, err := NewTrail(to.Conn, to.Dialect).Check(ctx, heads...)
	if err != nil {
		return err
	}
	if copied != head {
		return message.Errorf("store.copy-differs", "audit")
	}
	return compareProtected(ctx, from, to)
}

// copyTable copies the rows of a table and returns how many there are.
func copyTable(ctx context.Context, from, to Side, table string, log *slog.Logger) (rows int, err error) {
	columns, _, err := columnsOf(ctx, to, table)
	if err != nil {
		return 0, err
	}
	found, isNumbered, err := columnsOf(ctx, from, table)
	if err != nil {
		return 0, err
	}
	if !slices.Equal(found, columns) {
		return 0, message.Errorf("store.copy-differs", table)
	}
	order := ""
	switch {
	case table == "secrets":
		order = " ORDER BY " + from.Dialect.SecretNumber
	case isNumbered:
		order = " ORDER BY " + numbered(table)
	}
	row := "(?" + strings.Repeat(", ?", len(columns)-1) + ")"
	list := strings.Join(columns, ", ")
	var values []any
	insert := func() error {
		if len(values) == 0 {
			return nil
		}
		count := len(values) / len(columns)
		_, err := to.Conn.Exec(ctx, `INSERT INTO `+table+` (`+list+`) VALUES `+row+strings.Repeat(", "+row, count-1), values...)
		values = values[:0]
		return err
	}
	err = from.Conn.Rows(ctx, `SELECT `+list+` FROM `+table+order, nil, func(scan Scan) error {
		start := len(values)
		values = append(values, make([]any, len(columns))...)
		destinations := make([]any, len(columns))
		for i := range destinations {
			destinations[i] = &values[start+i]
		}
		if err := scan(destinations...); err != nil {
			return err
		}
		for i, column := range columns {
			switch value := values[start+i].(type) {
			case int64:
				if column == "sign_in" { // SQLite has no booleans
					values[start+i] = value != 0
				}
			case []byte:
				values[start+i] = nonNil(value)
			}
		}
		if rows++; rows%copiedBetweenLogs == 0 {
			log.InfoContext(ctx, "copying", "table", table, "rows", rows)
		}
		if len(values) == copiedAtOnce*len(columns) {
			return insert()
		}
		return nil
	})
	if err == nil {
		err = insert()
	}
	if err != nil {
		return 0, err
	}
	var copied int
	if err := to.Conn.Row(ctx, `SELECT count(*) FROM `+table, nil, &copied); err != nil {
		return 0, err
	}
	if copied != rows {
		return 0, message.Errorf("store.copy-differs", table)
	}
	return rows, nil
}

// columnsOf returns the columns that are copied, in the order of their names, and whether
// there is one with numbers, too.
func columnsOf(ctx context.Context, side Side, table string) (columns []string, isNumbered bool, err error) {
	err = side.Conn.Rows(ctx, side.Dialect.Columns, []any{table}, func(scan Scan) error {
		var column string
		err := scan(&column)
		if column == numbered(table) {
			isNumbered = true
		} else {
			columns = append(columns, column)
		}
		return err
	})
	slices.Sort(columns)
	return columns, isNumbered, err
}

// compareProtected compares what keys protect: the values that they encrypted, and the
// records that they authenticate.
func compareProtected(ctx context.Context, from, to Side) error {
	var unopened [2][]store.UnopenedSecret
	var counts [2]int
	var altered [2][]*store.AlteredError
	for i, side := range []Side{from, to} {
		inspection := NewInspection(side.Conn, side.Dialect)
		err := inspection.OpenKeys(ctx, side.Keys)
		if err == nil {
			unopened[i], counts[i], err = inspection.UnopenedSecrets(ctx)
		}
		if err == nil {
			altered[i], err = inspection.AlteredRecords(ctx)
		}
		if err != nil {
			return err
		}
	}
	if counts[0] != counts[1] || !slices.Equal(unopened[0], unopened[1]) {
		return message.Errorf("store.copy-differs", "secrets")
	}
	same := func(a, b *store.AlteredError) bool { return *a == *b }
	if !slices.EqualFunc(altered[0], altered[1], same) {
		return message.Errorf("store.copy-differs", "tokens")
	}
	return nil
}
