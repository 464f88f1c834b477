package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/records"
)

// lostError means that the connection or the transaction is lost for a reason that is not
// in the statements, such as a restart of the server.
type lostError struct{ error }

// Unwrap returns the error.
func (e *lostError) Unwrap() error { return e.error }

// Codes of PostgreSQL's errors, or their first characters.
var (
	lostCodes = []string{
		"08",    // connection exception
		"25P03", // idle in a transaction for too long
		"40001", // serialization failure
		"40P01", // deadlock
		"53300", // too many connections
		"57P",   // the server shuts down, crashes or starts
	}
	fullCodes      = []string{"53100"}
	readOnlyCodes  = []string{"25006"}
	privilegeCodes = []string{"42501"}
	accessCodes    = []string{"28", "3D000"}
)

// isDeadlock reports whether PostgreSQL ended a transaction because it and another one waited
// for each other.
func isDeadlock(err error) bool {
	engine, isEngine := errors.AsType[*pgconn.PgError](err)
	return isEngine && engine.Code == "40P01"
}

// hasCode reports whether an error has one of some codes.
func hasCode(engine *pgconn.PgError, codes []string) bool {
	for _, code := range codes {
		if strings.HasPrefix(engine.Code, code) {
			return true
		}
	}
	return false
}

// explain adds the database and what to do to an error. The error of PostgreSQL remains in
// the chain; it has no stored value.
func (s *DB) explain(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, new(*lostError)) || records.IsDamage(err) || errors.Is(err, store.ErrNotFound) {
		return err
	}
	engine, isEngine := errors.AsType[*pgconn.PgError](err)
	switch {
	case isEngine && hasCode(engine, accessCodes):
		return message.Wrapf(err, "store.postgres-access", s.name, engine.Message)
	case isEngine && hasCode(engine, lostCodes):
		return &lostError{message.Wrapf(err, "store.postgres-unreachable", s.name, engine.Message)}
	case isEngine && hasCode(engine, fullCodes):
		return &store.FullError{Database: s.name, Cause: err}
	case isEngine && hasCode(engine, readOnlyCodes):
		return message.Wrapf(err, "store.postgres-read-only", s.name)
	case isEngine && hasCode(engine, privilegeCodes):
		return message.Wrapf(err, "store.postgres-privilege", s.name, engine.Message)
	case errors.As(err, new(*pgconn.ConnectError)):
		return s.lost(err)
	}
	return fmt.Errorf("using %s: %w", s.name, err)
}

// explainConnect explains why there is no connection. If ctx has not ended, it was the
// timeout of a connect.
func (s *DB) explainConnect(ctx context.Context, err error) error {
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return s.lost(err)
	}
	return s.explain(err)
}

// away returns the error of a database that did not answer in time: what waited for it does
// not run again.
func (s *DB) away(err error) error {
	if lost, is := errors.AsType[*lostError](err); is {
		return lost.error
	}
	return message.Wrapf(err, "store.postgres-unreachable", s.name, err)
}

// lost returns the error of a connection that broke, or could not be made.
func (s *DB) lost(err error) error {
	return &lostError{message.Wrapf(err, "store.postgres-unreachable", s.name, err)}
}
