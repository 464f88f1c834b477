package postgres

import (
	"regexp"
	"slices"
	"strings"
)

// unkept are the tables whose records no process keeps in memory after it read them. A table
// that is not among them counts as kept.
var unkept = []string{
	"activation_links", "activations", "audit", "audit_beginnings", "checkups", "embed_sessions", "embed_tokens", "idempotency",
	"notification_channels", "notification_deliveries", "notification_events", "search_documents", "search_labels", "search_rules",
	"sessions", "sign_in_links", "token_states", "use_failures", "use_hours", "use_minutes", "used_embed_tokens",
}

// written finds the tables that a statement writes, and SET where it says DO UPDATE.
var written = regexp.MustCompile(`\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)`)

// revises reports whether a statement may change what processes keep in memory. When a
// credential or a token was last used is not of interest there, and changes with each call.
func revises(query string) bool {
	if strings.Contains(query, " SET last_used_at = ") {
		return false
	}
	return slices.ContainsFunc(written.FindAllStringSubmatch(query, -1), func(match []string) bool {
		return match[1] != "SET" && !slices.Contains(unkept, match[1])
	})
}
