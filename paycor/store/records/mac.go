package records

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

// Records that give authority carry a MAC under a key that is outside of the database,
// so that a row that somebody wrote with SQL is not taken for one of ours. The MAC
// covers every column that this version knows, except for those that change with every use.
//
// A column without a value is not part of what is covered. So a row is as authentic for a
// process of the version before as for one that knows a column more, while servers are
// replaced one after another; where that column has a value, such as one that restricts a
// record, the version before refuses the record. A migration that adds a column adds it here.

// authenticatedTable is a table whose rows have a column mac.
type authenticatedTable struct {
	name    string
	record  store.Record
	primary string   // column of the primary key
	key     []string // columns that identify a row
	id      string   // column that identifies it for people
	columns []string // that the MAC covers, in alphabetical order
	indexes []string // that have all rows, for when the table is damaged
}

var (
	apiTokenTable = authenticatedTable{"tokens", store.RecordAPIToken, "hash", []string{"id"}, "id",
		[]string{"created_at", "created_by", "credentials", "expires_at", "hash", "id", "name", "revoked_at", "revoked_by", "rights", "workspace"}, []string{"tokens_of_workspace"}}
	sessionTable = authenticatedTable{"sessions", store.RecordSession, "hash", []string{"hash"}, "id",
		[]string{"browser", "caller", "came_from", "created_at", "expires_at", "hash", "hint", "id", "issuer", "person", "provider_session", "workspace"}, []string{"sessions_of_person"}}
	signInLinkTable = authenticatedTable{"sign_in_links", store.RecordSignInLink, "hash", []string{"hash"}, "hash",
		[]string{"created_at", "expires_at", "hash", "used_at"}, nil}
	embedHostTable = authenticatedTable{"hosts", store.RecordEmbedHost, "id", []string{"id"}, "id",
		[]string{"created_at", "created_by", "id", "keys", "keys_url", "name", "origins", "rights", "version", "workspace"}, []string{"hosts_of_workspace"}}
	auditBeginningTable = authenticatedTable{"audit_beginnings", store.RecordAuditBeginning, "sequence", []string{"sequence"}, "sequence",
		[]string{"archived_at", "hash", "sequence"}, nil}
	activationLinkTable = authenticatedTable{"activation_links", store.RecordActivationLink, "hash", []string{"hash"}, "id",
		[]string{"created_at", "created_by", "credential", "expires_at", "hash", "id", "revoked_at", "revoked_by", "sign_in", "used_at", "workspace"}, []string{"activation_links_of_credential"}}
	embedTenantTable = authenticatedTable{"embed_tenants", store.RecordEmbedTenant, "id", []string{"id"}, "id",
		[]string{"created_at", "host", "id", "rights", "tenant", "workspace"}, []string{"embed_tenants_of_host"}}
	embedTokenTable = authenticatedTable{"embed_tokens", store.RecordEmbedToken, "hash", []string{"hash"}, "hash",
		[]string{"api_token", "caller", "created_at", "expires_at", "hash", "host", "origin", "session_hash", "tenant"}, []string{"embed_tokens_of_host"}}
	embedSessionTable = authenticatedTable{"embed_sessions", store.RecordEmbedSession, "hash", []string{"hash"}, "hash",
		[]string{"caller", "created_at", "expires_at", "hash", "host", "origin", "tenant"}, []string{"embed_sessions_of_host"}}
)

// keyStatements read the primary keys of the rows that where selects, for keys.
func (t authenticatedTable) keyStatements(dialect *Dialect, where string) []string {
	return dialect.Keys(t.name, t.primary, where, t.indexes...)
}

var authenticatedTables = []authenticatedTable{apiTokenTable, sessionTable, signInLinkTable, embedHostTable, embedTenantTable, embedTokenTable, embedSessionTable, activationLinkTable, auditBeginningTable}

// MACs authenticates rows. Its statements fit the schema it was made for.
type MACs struct {
	sealer  *seal.Sealer
	dialect *Dialect
	tables  map[string]authenticatedColumns
}

// authenticatedColumns are what a table has in one schema.
type authenticatedColumns struct {
	columns          []string // that the MAC covers, in alphabetical order
	one, all, update string   // statements
}

// NewMACs reads which columns the authenticated tables have: in an older schema, some are
// missing. A table without a column mac is left out.
func NewMACs(ctx context.Context, conn Conn, dialect *Dialect, sealer *seal.Sealer) (*MACs, error) {
	m := &MACs{sealer, dialect, map[string]authenticatedColumns{}}
	for _, table := range authenticatedTables {
		var columns []string
		err := conn.Rows(ctx, dialect.Columns, []any{table.name}, func(scan Scan) error {
			var column string
			err := scan(&column)
			columns = append(columns, column)
			return err
		})
		if err != nil {
			return nil, err
		}
		if !slices.Contains(columns, "mac") {
			continue
		}
		covered := slices.DeleteFunc(slices.Clone(table.columns), func(column string) bool { return !slices.Contains(columns, column) })
		where := ` WHERE ` + strings.Join(table.key, ` = ? AND `) + ` = ?`
		read := `SELECT mac, ` + strings.Join(covered, ", ") + ` FROM ` + table.name
		m.tables[table.name] = authenticatedColumns{
			columns: covered, one: read + where, all: read, update: `UPDATE ` + table.name + ` SET mac = ?` + where,
		}
	}
	return m, nil
}

// authenticatedRow is a row as it is stored.
type authenticatedRow struct {
	mac    []byte
	values []any // of the covered columns
}

func (c authenticatedColumns) scan(scan Scan) (row authenticatedRow, err error) {
	row.values = make([]any, len(c.columns))
	targets := []any{&row.mac}
	for i := range row.values {
		targets = append(targets, &row.values[i])
	}
	return row, scan(targets...)
}

// value returns a column of the row.
func (c authenticatedColumns) value(row authenticatedRow, column string) any {
	if i := slices.Index(c.columns, column); i >= 0 {
		return row.values[i]
	}
	return nil
}

// covered encodes the columns that have a value unambiguously: name, type and value, each
// text after its length. Earlier versions encoded all columns.
func (c authenticatedColumns) covered(row authenticatedRow, all bool) []byte {
	data := make([]byte, 0, 512)
	text := func(s string) {
		data = binary.BigEndian.AppendUint64(data, uint64(len(s)))
		data = append(data, s...)
	}
	for i, column := range c.columns {
		if !all && lacksValue(row.values[i]) {
			continue
		}
		text(column)
		switch value := row.values[i].(type) {
		case nil:
			data = append(data, 'n')
		case int64:
			data = binary.BigEndian.AppendUint64(append(data, 'i'), uint64(value))
		case bool: // as an engine without booleans stores it
			number := uint64(0)
			if value {
				number = 1
			}
			data = binary.BigEndian.AppendUint64(append(data, 'i'), number)
		case string:
			data = append(data, 's')
			text(value)
		case []byte:
			data = append(data, 'b')
			text(string(value))
		default: // no column of ours has such a value
			data = append(data, '?')
			text(fmt.Sprintf("%T %v", value, value))
		}
	}
	return data
}

// lacksValue reports whether a value is the one that a column has by default which a
// migration adds.
func lacksValue(value any) bool {
	switch value := value.(type) {
	case int64:
		return value == 0
	case bool:
		return !value
	case string:
		return value == ""
	case []byte:
		return len(value) == 0
	}
	return false
}

// valid reports whether a row has its MAC.
func (m *MACs) valid(table authenticatedTable, row authenticatedRow) bool {
	columns := m.tables[table.name]
	return m.sealer.ValidMAC(table.name, columns.covered(row, false), row.mac) ||
		m.sealer.ValidMAC(table.name, columns.covered(row, true), row.mac)
}

// altered describes a row without its MAC.
func (m *MACs) altered(table authenticatedTable, row authenticatedRow) *store.AlteredError {
	columns := m.tables[table.name]
	id := columns.value(row, table.id)
	if hash, ok := id.([]byte); ok {
		id = hex.EncodeToString(hash[:min(8, len(hash))])
	}
	found := &store.AlteredError{Record: table.record, ID: fmt.Sprint(id)}
	found.Workspace, _ = columns.value(row, "workspace").(string)
	return found
}

// authenticate sets the MAC of a row. Every statement that inserts a row, or changes
// one, is followed by it.
func (t *Transaction) authenticate(table authenticatedTable, key ...any) error {
	columns := t.macs.tables[table.name]
	row, err := One(t, columns.scan, columns.one, key...)
	if err != nil {
		return err
	}
	mac := t.macs.sealer.MAC(table.name, columns.covered(row, false))
	return t.Queue(columns.update, append([]any{mac}, key...)...)
}

// requireAuthentic returns a *store.AlteredError unless a row has its MAC.
func (t *Transaction) requireAuthentic(table authenticatedTable, key ...any) error {
	columns := t.macs.tables[table.name]
	row, err := One(t, columns.scan, columns.one, key...)
	if err == nil && !t.macs.valid(table, row) {
		return t.macs.altered(table, row)
	}
	return err
}

// isAuthentic reports whether a row has its MAC.
func (t *Transaction) isAuthentic(table authenticatedTable, key ...any) (bool, error) {
	err := t.requireAuthentic(table, key...)
	if errors.As(err, new(*store.AlteredError)) {
		return false, nil
	}
	return err == nil, err
}

// eachRow calls each for every row of the authenticated tables.
func (m *MACs) eachRow(ctx context.Context, conn Conn, each func(authenticatedTable, authenticatedRow) error) error {
	for _, table := range authenticatedTables {
		columns, ok := m.tables[table.name]
		if !ok {
			continue
		}
		err := conn.Rows(ctx, columns.all, nil, func(scan Scan) error {
			row, err := columns.scan(scan)
			if err != nil {
				return err
			}
			return each(table, row)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// AlteredRecords lists the rows without their MAC. A *store.DamagedError comes with those
// that can be read.
func (m *MACs) AlteredRecords(ctx context.Context, conn Conn) (altered []*store.AlteredError, err error) {
	check := func(table authenticatedTable, row authenticatedRow) error {
		if !m.valid(table, row) {
			altered = append(altered, m.altered(table, row))
		}
		return nil
	}
	if err := m.eachRow(ctx, conn, check); !IsDamage(err) {
		return altered, err
	}
	altered = nil
	lost := store.DamagedError{}
	for _, table := range authenticatedTables {
		rows, err := m.readableRows(ctx, conn, table)
		if err := lost.Collect(err); err != nil {
			return nil, err
		}
		for _, row := range rows {
			_ = check(table, row)
		}
	}
	if lost.Lost == 0 {
		return altered, nil
	}
	return altered, &lost
}

// readableRows reads the rows of a table one by one.
func (m *MACs) readableRows(ctx context.Context, conn Conn, table authenticatedTable) ([]authenticatedRow, error) {
	columns, ok := m.tables[table.name]
	if !ok {
		return nil, nil
	}
	t := NewView(ctx, conn, Config{Dialect: m.dialect, Keys: new(Keyring), MACs: m})
	return salvage(t.Transaction, ErrDamaged, table.keyStatements(m.dialect, ``), nil, func(key any) (authenticatedRow, error) {
		return One(t.Transaction, columns.scan, columns.all+` WHERE `+table.primary+` = ?`, key)
	})
}

// AuthenticateAll sets the MAC of every row after a migration, except for rows that
// had been altered before. It returns the number of rows.
func (m *MACs) AuthenticateAll(ctx context.Context, conn Conn, altered []*store.AlteredError) (rows int, err error) {
	type change struct {
		update    string
		arguments []any
	}
	var changes []change
	err = m.eachRow(ctx, conn, func(table authenticatedTable, row authenticatedRow) error {
		columns, found := m.tables[table.name], m.altered(table, row)
		mac := m.sealer.MAC(table.name, columns.covered(row, false))
		for _, before := range altered {
			if *before == *found {
				mac = []byte{}
			}
		}
		arguments := []any{mac}
		for _, column := range table.key {
			arguments = append(arguments, columns.value(row, column))
		}
		changes = append(changes, change{columns.update, arguments})
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, change := range changes {
		if _, err := conn.Exec(ctx, change.update, change.arguments...); err != nil {
			return 0, err
		}
	}
	return len(changes), nil
}
