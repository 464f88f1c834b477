package credentials

import (
	"context"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// Duplicates implements paycor.Service.
func (s *service) Duplicates(ctx context.Context, request paycor.DuplicateRequest) ([]paycor.Duplicate, error) {
	if err := s.may(ctx, paycor.RightEdit, paycor.ActionList, ""); err != nil {
		return nil, err
	}
	draft := paycor.Draft{Name: request.Name, LegalEntityID: request.LegalEntityID}.Clean()
	id, _ := draft.LegalEntityID.LegalEntityID() // 0, which is not looked for, where it is none
	of := paycor.Credential{
		ID: request.ID, Name: draft.Name, Environment: request.Environment, ClientID: request.ClientID, LegalEntityID: id,
	}
	var found []paycor.Duplicate
	err := s.config.Store.View(ctx, func(r store.Reader) (err error) {
		found, err = s.duplicates(r, of)
		return err
	})
	return found, err
}

// newDuplicates finds what an edited credential has become the same as. What it was
// the same as before is not told again.
func (s *service) newDuplicates(r store.Reader, edited paycor.Credential, changed []paycor.Field) ([]paycor.Duplicate, error) {
	if !slices.Contains(changed, paycor.FieldName) {
		edited.Name = ""
	}
	if !slices.ContainsFunc(changed, func(field paycor.Field) bool {
		return field == paycor.FieldEnvironment || field == paycor.FieldClientID || field == paycor.FieldLegalEntityID
	}) {
		edited.ClientID = ""
	}
	return s.duplicates(r, edited)
}

// savedWith is a credential as it was saved, with what looked odd about it.
func savedWith(credential paycor.Credential, warnings []paycor.Problem, alike []paycor.Duplicate) paycor.Saved {
	for _, duplicate := range alike {
		warnings = append(warnings, duplicate.Warning())
	}
	return paycor.Saved{Credential: credential, Warnings: warnings, Duplicates: alike}
}
