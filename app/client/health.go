package client

import (
	"context"

	"paycorcred/paycor/health"
)

// Health implements api.Service.
func (c *Client) Health(ctx context.Context) (health.Report, error) {
	var report health.Report
	err := c.call(ctx, Request{Method: "GET", Path: apiPath + "/doctor"}, &report)
	return report, err
}
