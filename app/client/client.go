// Package client calls the API of the server that the page came from. Client
// implements api.Service with the browser's fetch instead of net/http, which
// would double the size of the page's program.
package client

import (
	"net/url"

	"paycorcred/paycor/api"
)

// Client implements api.Service over the HTTP API.
type Client struct {
	transport
	notificationClient
}

// New returns a client that sends its requests by fetch.
func New(fetch Fetch) *Client { return &Client{transport{fetch}, notificationClient{transport{fetch}}} }

var _ api.Service = (*Client)(nil)

// Paths of the HTTP API.
const (
	apiPath         = "/api/v1"
	CredentialsPath = apiPath + "/credentials"
	EventsPath      = apiPath + "/events"
)

func credentialPath(id string) string { return CredentialsPath + "/" + url.PathEscape(id) }
