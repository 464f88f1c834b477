package credentials

import (
	"context"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
)

// Duplicates implements api.Service.
func (s editor) Duplicates(ctx context.Context, request paycor.DuplicateRequest) ([]paycor.Duplicate, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionList, ""); err != nil {
		return nil, err
	}
	draft := paycor.Draft{Name: request.Name, LegalEntityID: request.LegalEntityID}.Clean()
	id, _ := draft.LegalEntityID.LegalEntityID() // 0 matches nothing
	candidate := paycor.Credential{
		ID: request.ID, Name: draft.Name, Environment: request.Environment, ClientID: request.ClientID, LegalEntityID: id,
	}
	var found []paycor.Duplicate
	err := s.config.Store.View(ctx, func(r Reader) (err error) {
		found, err = s.duplicates(r, candidate)
		return err
	})
	return found, err
}

// newDuplicates finds the duplicates that an edit created. Earlier ones are not
// reported again.
func (s editor) newDuplicates(r Reader, edited paycor.Credential, changed []fields.Field) ([]paycor.Duplicate, error) {
	if !slices.Contains(changed, fields.Name) {
		edited.Name = ""
	}
	if !slices.ContainsFunc(changed, func(field fields.Field) bool {
		return field == fields.Environment || field == fields.ClientID || field == fields.LegalEntityID
	}) {
		edited.ClientID = ""
	}
	return s.duplicates(r, edited)
}

// savedWith returns a saved credential with its warnings.
func savedWith(credential paycor.Credential, warnings []fields.Problem, duplicates []paycor.Duplicate) paycor.Saved {
	for _, duplicate := range duplicates {
		warnings = append(warnings, duplicate.Warning())
	}
	return paycor.Saved{Credential: credential, Warnings: warnings, Duplicates: duplicates}
}
