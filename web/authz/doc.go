// Package authz tests authorization over HTTP, with the backend and a database
// behind the server. The access matrix sends a request to every route as every kind
// of caller with every set of rights, and compares the response with web's access
// table. Other tests cover restricted credentials, the audit trail and sign-in. The
// package has no code of its own.
package authz
