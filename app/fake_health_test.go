package app

import (
	"context"

	"paycorcred/paycor/health"
)

func (f *fakeService) Health(context.Context) (health.Report, error) { return f.health, f.run() }
