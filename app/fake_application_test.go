package app

import (
	"context"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/application"
	"paycorcred/paycor/message"
)

// fakeApplications holds the applications of a fakeService.
type fakeApplications struct {
	applications []application.Application
	queried      []application.Query
}

func (f *fakeApplications) Applications(_ context.Context, query application.Query) (application.Page, error) {
	f.queried = append(f.queried, query)
	return application.Page{Applications: slices.Clone(f.applications)}, nil
}

func (f *fakeApplications) Application(_ context.Context, id string) (application.Application, error) {
	for _, one := range f.applications {
		if one.ID == id {
			return one, nil
		}
	}
	return application.Application{}, &paycor.Error{Kind: paycor.KindNotFound, Message: message.Text("Gone.")}
}
