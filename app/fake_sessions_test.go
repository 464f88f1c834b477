package app

import (
	"context"

	"paycorcred/paycor"
)

func (f *fakeService) Sessions(context.Context) ([]paycor.Session, error) { return f.sessions, f.run() }

func (f *fakeService) AllSessions(context.Context) ([]paycor.Session, error) {
	return f.sessions, f.run()
}

func (f *fakeService) EndSession(_ context.Context, id string) error {
	f.ended = append(f.ended, id)
	return f.run()
}

func (f *fakeService) CurrentSession(_ context.Context, stay bool) (paycor.Session, error) {
	if stay {
		f.stayed++
	}
	return f.session, f.run()
}

func (f *fakeService) Share(_ context.Context, _ string, sharing *paycor.Sharing, _ string) (paycor.Credential, error) {
	f.shared = append(f.shared, sharing)
	return f.one, f.run()
}
