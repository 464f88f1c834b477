package web_test

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/application"
	"paycorcred/paycor/fields"
)

// fakeRotation is the part of fakeService about rotations, duplicates and applications.
type fakeRotation struct {
	rotation     paycor.RotateRequest
	duplicate    paycor.DuplicateRequest
	anyway       bool
	applications application.Query
}

func (s *fakeService) rotatedCredential(id string) paycor.Credential {
	credential := s.credential(id)
	verdict := s.verdict()
	credential.RotateBy = "2032-01-01"
	credential.Rotation = &paycor.Rotation{
		State: paycor.RotationPrevious, Values: []paycor.RotationValue{{Field: fields.ClientSecret, SavedAt: testTime}},
		Keep: paycor.KeepDay, RotateBy: "2031-06-01", StartedAt: testTime, StartedBy: "Ann", DiscardAt: testTime, Verdict: &verdict,
	}
	return credential
}

func (s *fakeService) Rotate(ctx context.Context, id string, request paycor.RotateRequest, progress paycor.Progress) (paycor.Rotated, error) {
	s.rotation = request
	verdict, err := s.verify(ctx, progress, "rotate")
	return paycor.Rotated{Promoted: true, Verdict: verdict, Credential: s.rotatedCredential(id), AlsoChanged: []string{"b"}, AlsoChangedHidden: true}, err
}

func (s *fakeService) RotateBack(ctx context.Context, id string, anyway bool, progress paycor.Progress) (paycor.Rotated, error) {
	s.anyway = anyway
	verdict, err := s.verify(ctx, progress, "rotate back")
	return paycor.Rotated{Promoted: anyway, Verdict: verdict, Credential: s.rotatedCredential(id)}, err
}

func (s *fakeService) EndRotation(_ context.Context, id string) (paycor.Credential, error) {
	return s.credential(id), s.note("end rotation")
}

func (s *fakeService) Duplicates(_ context.Context, request paycor.DuplicateRequest) ([]paycor.Duplicate, error) {
	s.duplicate = request
	return []paycor.Duplicate{paycor.NewDuplicate("b", "Payroll", paycor.DuplicateValues)}, s.note("duplicates")
}

func (s *fakeService) Applications(_ context.Context, query application.Query) (application.Page, error) {
	s.applications = query
	return application.Page{Applications: []application.Application{s.application("app_a")}, Next: "app_a"}, s.note("applications")
}

func (s *fakeService) Application(_ context.Context, id string) (application.Application, error) {
	if id != "app_a" {
		return application.Application{}, paycor.Errorf(paycor.KindNotFound, "error.application-not-found")
	}
	return s.application(id), s.note("application")
}

func (s *fakeService) application(id string) application.Application {
	c := s.rotatedCredential("a")
	c.ApplicationID = id
	found := application.New(paycor.CredentialPage{Credentials: []paycor.Credential{c}, Total: 1})
	found.Others, found.Usable = true, true
	return found
}
