package app

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/session"
)

func (f *fakeService) Sessions(context.Context) (session.List, error) {
	return session.List{Sessions: f.sessions}, f.run()
}

func (f *fakeService) AllSessions(context.Context) (session.List, error) {
	return session.List{Sessions: f.sessions}, f.run()
}

func (f *fakeService) EndSession(_ context.Context, id string) error {
	f.ended = append(f.ended, id)
	return f.run()
}

func (f *fakeService) CurrentSession(_ context.Context, stay bool) (session.Session, error) {
	if stay {
		f.stayed++
	}
	return f.session, f.run()
}

func (f *fakeService) Share(_ context.Context, _ string, sharing *paycor.Sharing, _ string) (paycor.Credential, error) {
	f.shared = append(f.shared, sharing)
	return f.one, f.run()
}
