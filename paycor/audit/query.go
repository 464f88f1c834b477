package audit

import (
	"context"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Service is the audit trail for an administrator of a workspace.
type Service interface {
	// Audit lists entries of the workspace, newest first.
	Audit(ctx context.Context, query Query) (Page, error)

	// ExportAudit calls each for every entry of the workspace after the given sequence,
	// oldest first. The export is recorded before the first entry is returned. The
	// query's Cursor and Limit are ignored.
	ExportAudit(ctx context.Context, query Query, after int64, each func(Line) error) error
}

// Query says which entries to list. Empty values restrict nothing.
type Query struct {
	Credential string    // id
	Caller     string    // ID, or part of the name
	Action     Action    // what was done
	Outcome    string    // as in Entry
	RequestID  string    // of the request
	From       time.Time // the earliest
	To         time.Time // later than the latest
	Cursor     string    // Page.Next of the previous page; empty for the first
	Limit      int       // entries a page, 1…200; 0 means 50
}

// Query parses the filter. The error is about the fields it names.
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

// Matches reports whether the query selects an entry.
func (q Query) Matches(e Entry) bool {
	is := func(want, have string) bool { return want == "" || want == have }
	return is(q.Credential, e.Credential) && is(string(q.Action), string(e.Action)) && is(q.Outcome, e.Outcome) && is(q.RequestID, e.RequestID) &&
		(is(q.Caller, e.CallerID) || strings.Contains(asciiLower(e.CallerName), asciiLower(q.Caller))) &&
		(q.From.IsZero() || !e.At.Before(q.From)) && (q.To.IsZero() || e.At.Before(q.To))
}

// asciiLower folds case the way every database engine can.
func asciiLower(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, text)
}

// Page is one page of the audit trail.
type Page struct {
	Entries []Entry           `json:"entries"`
	Names   map[string]string `json:"names"`                 // of the credentials on the page that still exist, by ID
	Next    string            `json:"next_cursor,omitempty"` // empty at the end

	// Unreadable counts the entries, of any workspace, between those of the page that are
	// left out, because their part of the database is damaged.
	Unreadable int `json:"unreadable,omitempty"`
}

// History is what was done with a credential, the newest first.
type History struct {
	Entries    []Entry `json:"entries"`
	Incomplete bool    `json:"incomplete,omitempty"` // a part of the audit trail is damaged, which may have further entries
}

// Line is an exported entry with the previous hash, so that each line can be checked by
// itself, even if lines in between are left out.
type Line struct {
	Entry
	Previous string `json:"previous"` // hash of the previous entry; empty for the first
}

// Actions returns every action in the order the page offers them.
func Actions() []Action {
	return []Action{
		ActionCreate, ActionUpdate, ActionDelete, ActionShare, ActionVerify, ActionVerifyDraft, ActionAccessProbe, ActionTryPeer,
		ActionActivateStart, ActionDisclose, ActionActivateBack, ActionActivationLink, ActionActivationLinkEnd, ActionActivate, ActionExchange, ActionTokenLost, ActionRotate, ActionRotateBack, ActionRotateEnd,
		ActionUses, ActionUse, ActionList, ActionRead,
		ActionSignIn, ActionEmbedToken, ActionEmbed, ActionSignOut, ActionSessions, ActionSessionEnd, ActionLink, ActionRefused,
		ActionToken, ActionTokenRevoke, ActionTokenList, ActionHostAdd, ActionHostUpdate, ActionHostRemove, ActionTenantAdd, ActionTenantRemove, ActionHosts,
		ActionChannelAdd, ActionChannelUpdate, ActionChannelRemove, ActionChannelSecret, ActionChannelTest, ActionChannelReplay, ActionChannels,
		ActionMetrics, ActionHealth, ActionAudit, ActionAuditExport, ActionAddress, ActionArchive, ActionKeyAdd, ActionKeyRewrap, ActionKeyRemove, ActionAltered, ActionMigrate,
	}
}
