// Package embed describes the web sites that may embed the page, for the page and the
// server. Package sites manages them, package hosttoken verifies their tokens.
package embed
