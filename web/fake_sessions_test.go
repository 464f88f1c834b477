package web_test

import (
	"context"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/session"
)

func (a *fakeAccess) OpenSession(_ context.Context, who session.SignIn) (paycor.Secret, time.Time, error) {
	defer a.lock()()
	a.opened = append(a.opened, who)
	return paycor.NewSecret(validSession), testTime.Add(time.Hour), a.broken
}

func (a *fakeAccess) UseSession(context.Context, paycor.Secret) error {
	defer a.lock()()
	a.used++
	return nil
}

func (a *fakeAccess) ProviderHint(context.Context, paycor.Secret) (paycor.Secret, error) {
	defer a.lock()()
	return a.hint, nil
}

func (a *fakeAccess) EndProviderSessions(_ context.Context, ended session.SignOut, _, _ string) (int, error) {
	defer a.lock()()
	a.gone = append(a.gone, ended.Issuer+" "+ended.Subject+" "+ended.SID)
	return 1, nil
}

func (s *fakeService) session(id string) session.Session {
	return session.Session{ID: id, Person: "ann", Name: "Ann", Workspace: paycor.DefaultWorkspace, Rights: paycor.AllRights(),
		Browser: "Firefox on Linux", From: "192.0.2.1", CreatedAt: testTime, SeenAt: testTime, IdleEnds: testTime.Add(time.Hour), EndsAt: testTime.Add(12 * time.Hour)}
}

func (s *fakeService) Sessions(context.Context) (session.List, error) {
	return session.List{Sessions: []session.Session{s.session("sess_a")}}, s.note("sessions")
}

func (s *fakeService) AllSessions(context.Context) (session.List, error) {
	return session.List{Sessions: []session.Session{s.session("sess_a"), s.session("sess_b")}}, s.note("all sessions")
}

func (s *fakeService) EndSession(_ context.Context, id string) error {
	return s.note("end session " + id)
}

func (s *fakeService) CurrentSession(_ context.Context, stay bool) (session.Session, error) {
	call := "session"
	if stay {
		call = "stay"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if call == "stay" {
		s.calls = append(s.calls, call)
	}
	return s.session("sess_a"), s.err
}

func (s *fakeService) Share(_ context.Context, id string, sharing *paycor.Sharing, ifMatch string) (paycor.Credential, error) {
	s.sharing, s.ifMatch = sharing, ifMatch
	credential := s.credential(id)
	credential.Sharing = sharing
	return credential, s.note("share")
}
