// Package api is the contract between the page and the server: the interface of
// everything a caller can do, and the data a page opens with. The server, the
// page (over fetch) and a fake in component tests implement it, so page and API
// cannot diverge.
package api
