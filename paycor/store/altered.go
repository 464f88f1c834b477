package store

import "paycorcred/paycor/message"

// Record is a kind of record that gives authority. The store authenticates such
// records with a key that is outside of the database.
type Record string

// The kinds of authenticated records.
const (
	RecordAPIToken       Record = "api_token"
	RecordSession        Record = "session"
	RecordSignInLink     Record = "sign_in_link"
	RecordEmbedHost      Record = "embedding_site"
	RecordEmbedTenant    Record = "embedding_tenant"
	RecordEmbedToken     Record = "one_time_token"
	RecordEmbedSession   Record = "embedded_session"
	RecordAuditBeginning Record = "audit_beginning"

	RecordActivationLink Record = "activation_link"
)

// AlteredError means that a record was inserted or changed by something other than
// this program, such as an SQL shell. The record gives no authority.
type AlteredError struct {
	Record    Record
	ID        string // of the record, or the start of its hash
	Workspace string // as the record says; empty if it says none
}

// Error returns the key of the sentence, for logs.
func (e *AlteredError) Error() string { return e.Sentence().String() }

// Sentence returns what happened and what to do.
func (e *AlteredError) Sentence() message.Message {
	return message.New("cli.altered", message.New("record."+string(e.Record)), e.ID)
}
