package consumer

import (
	"context"
	"slices"
)

// Query says which consumers to list.
type Query struct {
	Cursor string // Page.Next of the previous page; empty for the first
	Limit  int    // consumers a page, 1…200; 0 means 100
}

// Page is one page of a list.
type Page struct {
	Consumers []Consumer `json:"consumers"`
	Next      string     `json:"next_cursor,omitempty"` // empty on the last page
	Total     int        `json:"total"`                 // consumers on all pages

	// Unreadable counts the consumers that are left out, because their part of the
	// database is damaged. Only the first page has it.
	Unreadable int `json:"unreadable,omitempty"`
}

// MaxLive is how many API tokens of a workspace work at the same time.
const MaxLive = 1000

// All lists the consumers of all pages.
func All(ctx context.Context, service Service) ([]Consumer, error) {
	page, err := AllPages(ctx, service)
	return page.Consumers, err
}

// AllPages returns all pages as one.
func AllPages(ctx context.Context, service Service) (all Page, err error) {
	for query := (Query{Limit: 200}); ; {
		page, err := service.Consumers(ctx, query)
		if err != nil {
			return Page{}, err
		}
		all.Consumers, all.Total, all.Unreadable = append(all.Consumers, page.Consumers...), page.Total, all.Unreadable+page.Unreadable
		if query.Cursor = page.Next; query.Cursor == "" {
			return all, nil
		}
	}
}

// CredentialsOf returns the ids of the credentials that allow-lists name and that still
// exist, each once.
func CredentialsOf(consumers []Consumer) []string {
	var ids []string
	for _, c := range consumers {
		for _, id := range c.Credentials {
			if !slices.Contains(c.Deleted, id) {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
