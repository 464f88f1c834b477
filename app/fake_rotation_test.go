package app

import (
	"context"

	"paycorcred/paycor"
)

// fakeRotation holds the responses about rotations and duplicates.
type fakeRotation struct {
	rotated    paycor.Rotated
	rotations  []paycor.RotateRequest
	backs      []bool // whether it was forced
	ends       []string
	duplicates []paycor.Duplicate
	looked     []paycor.DuplicateRequest
}

func (f *fakeService) Rotate(_ context.Context, _ string, request paycor.RotateRequest, progress paycor.Progress) (paycor.Rotated, error) {
	f.rotations = append(f.rotations, request)
	if progress != nil {
		for _, step := range f.steps {
			progress(step)
		}
	}
	return f.rotated, f.run()
}

func (f *fakeService) RotateBack(_ context.Context, _ string, anyway bool, _ paycor.Progress) (paycor.Rotated, error) {
	f.backs = append(f.backs, anyway)
	return f.rotated, f.run()
}

func (f *fakeService) EndRotation(_ context.Context, id string) (paycor.Credential, error) {
	f.ends = append(f.ends, id)
	return f.one, f.run()
}

func (f *fakeService) Duplicates(_ context.Context, request paycor.DuplicateRequest) ([]paycor.Duplicate, error) {
	f.looked = append(f.looked, request)
	return f.duplicates, nil
}
