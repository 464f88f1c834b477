package audit

// Start is what the audit page opens with.
type Start struct {
	Filter Filter `json:"filter"`
	Page   Page   `json:"page"`
}

// Any means no filter in the page's address. A select needs a value, and no action or
// outcome has this name.
const Any = "any"

// Filter is a Query as written in an address. A day is a whole day in UTC.
type Filter struct {
	Credential string `json:"credential,omitempty"`
	Caller     string `json:"caller,omitempty"`
	Action     Action `json:"action,omitempty"`
	Outcome    string `json:"outcome,omitempty"`
	RequestID  string `json:"request_id,omitempty"`
	From       string `json:"from,omitempty"` // RFC 3339 time, or a day, 2006-01-02
	To         string `json:"to,omitempty"`   // the same; the day is included
}
