// Package api is the contract between the page and the server: the interface of
// everything a caller can do, and the data with which a page opens. The server, the
// page (over fetch) and a fake in component tests implement it, so page and API cannot
// drift apart.
package api
