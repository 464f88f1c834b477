package backend

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/health"
)

// callerHealth implements health.Service for one caller.
type callerHealth struct {
	backend *Backend
	caller  paycor.Caller
}

var _ health.Service = callerHealth{}

// Health implements health.Service.
func (c callerHealth) Health(ctx context.Context) (health.Report, error) {
	if err := c.backend.AuthorizeHealth(ctx, c.caller); err != nil {
		return health.Report{}, err
	}
	return c.backend.config.Health(ctx), nil
}
