// Package consumer describes the programs that authenticate with an API token, for the
// page and the server. Package apitoken creates, checks and revokes the tokens.
package consumer
