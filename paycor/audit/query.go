package audit

import (
	"context"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"slices"
	"strings"
	"time"
)

// Auditing is the audit trail as an administrator of a workspace reads it.
type Service interface {
	// Audit lists entries of the workspace, newest first.
	Audit(ctx context.Context, query Query) (Page, error)

	// ExportAudit calls each for every entry of the workspace that comes after
	// the one with this sequence, oldest first. It is written down itself,
	// before the first entry is handed out. The query's Cursor and Limit do not
	// count.
	ExportAudit(ctx context.Context, query Query, after int64, each func(Line) error) error
}

// AuditQuery says which entries to list. What is empty restricts nothing.
type Query struct {
	Credential string    // id
	Caller     string    // id, or a part of the name
	Action     Action    // what was done
	Outcome    string    // as AuditEntry has it
	RequestID  string    // of the request
	From       time.Time // the earliest
	To         time.Time // later than the latest
	Cursor     string    // AuditPage.Next of the page before; empty begins
	Limit      int       // entries a page, 1…200; 0 means 50
}

// Query reads the filter. An error is about the fields it names.
func (f Filter) Query() (Query, []fields.Problem) {
	query := Query{Credential: f.Credential, Caller: f.Caller, Action: f.Action, Outcome: f.Outcome, RequestID: f.RequestID}
	var problems []fields.Problem
	moment := func(name, text string, days int) time.Time {
		if text == "" {
			return time.Time{}
		}
		if day, err := time.Parse(time.DateOnly, text); err == nil {
			return day.AddDate(0, 0, days)
		}
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || at.IsZero() {
			problems = append(problems, fields.Problem{Field: fields.Field(name), Code: fields.ProblemUnknownValue,
				Message: message.New("problem.audit-time", name)})
		}
		return at.UTC()
	}
	if f.Action != "" && !slices.Contains(Actions(), f.Action) {
		problems = append(problems, fields.Problem{Field: "action", Code: fields.ProblemUnknownValue,
			Message: message.New("problem.audit-action")})
	}
	query.From, query.To = moment("from", f.From, 0), moment("to", f.To, 1)
	return query, problems
}

// Matches reports whether an entry is among those that are asked for.
func (q Query) Matches(e Entry) bool {
	is := func(want, have string) bool { return want == "" || want == have }
	return is(q.Credential, e.Credential) && is(string(q.Action), string(e.Action)) && is(q.Outcome, e.Outcome) && is(q.RequestID, e.RequestID) &&
		(is(q.Caller, e.CallerID) || strings.Contains(asciiLower(e.CallerName), asciiLower(q.Caller))) &&
		(q.From.IsZero() || !e.At.Before(q.From)) && (q.To.IsZero() || e.At.Before(q.To))
}

// asciiLower folds the case as every engine can.
func asciiLower(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, text)
}

// AuditPage is one page of the audit trail.
type Page struct {
	Entries []Entry           `json:"entries"`
	Names   map[string]string `json:"names"`                 // of the credentials in it that still are, by id
	Next    string            `json:"next_cursor,omitempty"` // empty where there is nothing further to look through
}

// AuditLine is an entry as it is exported. With the hash before, each line can
// be checked by itself, also where those between are left out.
type Line struct {
	Entry
	Previous string `json:"previous"` // hash of the entry before; empty before the first
}

// Actions returns every action, in the order in which they are offered.
func Actions() []Action {
	return []Action{
		ActionCreate, ActionUpdate, ActionDelete, ActionShare, ActionVerify, ActionVerifyDraft, ActionAccessProbe, ActionTryPeer,
		ActionActivateStart, ActionActivateBack, ActionActivate, ActionExchange, ActionTokenLost, ActionRotate, ActionRotateBack, ActionRotateEnd,
		ActionUses, ActionUse, ActionList, ActionRead,
		ActionSignIn, ActionEmbed, ActionSignOut, ActionSessions, ActionSessionEnd, ActionLink, ActionRefused,
		ActionToken, ActionTokenRevoke, ActionTokenList, ActionHostAdd, ActionHostUpdate, ActionHostRemove, ActionHosts,
		ActionMetrics, ActionAudit, ActionAuditExport,
	}
}
