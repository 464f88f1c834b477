package app

import (
	"context"

	"paycorcred/paycor/health"
)

func (f *fakeService) Health(context.Context) (health.Report, error) {
	err := f.run()
	return f.health, err
}
