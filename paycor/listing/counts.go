package listing

// Counts is how many credentials of a workspace a caller sees, by what a list can be
// filtered by.
type Counts struct {
	Total          int            `json:"total"`
	NeedsAttention int            `json:"needs_attention"`
	RotateSoon     int            `json:"rotate_soon"`
	States         map[string]int `json:"states"` // each state, by its code
	Environments   map[string]int `json:"environments"`
	Tags           []Count        `json:"tags"`   // the MaxCounts most frequent ones, by name
	Owners         []Count        `json:"owners"` // likewise
}

// MaxCounts is how many tags, and how many owners, are counted.
const MaxCounts = 100

// Count is how many credentials have a tag or an owner.
type Count struct {
	Name        string `json:"name"`
	Credentials int    `json:"credentials"`
}
