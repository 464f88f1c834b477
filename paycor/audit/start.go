package audit

// AuditStart is what the page of the audit trail opens with.
type Start struct {
	Filter Filter `json:"filter"`
	Page   Page   `json:"page"`
}

// AuditAny stands in the page's address for no filter: a choice needs a value,
// and no action and no outcome is named so.
const Any = "any"

// AuditFilter is an AuditQuery as it stands in an address: a day is a whole
// day of the server's calendar, UTC.
type Filter struct {
	Credential string `json:"credential,omitempty"`
	Caller     string `json:"caller,omitempty"`
	Action     Action `json:"action,omitempty"`
	Outcome    string `json:"outcome,omitempty"`
	RequestID  string `json:"request_id,omitempty"`
	From       string `json:"from,omitempty"` // a moment as in RFC 3339, or a day, 2006-01-02
	To         string `json:"to,omitempty"`   // the same; the last day is within
}
