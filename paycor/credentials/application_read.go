package credentials

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/application"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

// Sizes of one page of applications.
const (
	defaultApplications = 100
	maxApplications     = 200
)

// Applications implements api.Service.
func (s editor) Applications(ctx context.Context, query application.Query) (application.Page, error) {
	page := application.Page{Applications: []application.Application{}}
	if err := s.may(ctx, paycor.RightView, audit.ActionList, ""); err != nil {
		return page, err
	}
	limit := min(query.Limit, maxApplications)
	if limit < 1 {
		limit = defaultApplications
	}
	filter := store.ApplicationFilter{
		Environment: query.Environment, ClientID: query.ClientID, After: query.Cursor, Limit: limit + 1,
		Viewer: s.caller.Viewer(), Only: s.caller.Credentials,
	}
	err := s.config.Store.List(ctx, s.caller, func(r Reader) error {
		ids, err := r.Applications(s.caller.Workspace, filter)
		if err != nil {
			return err
		}
		if len(ids) > limit {
			ids = ids[:limit]
			page.Next = ids[limit-1]
		}
		for _, id := range ids {
			found, err := s.readApplication(r, id)
			if err != nil {
				return err
			}
			page.Applications = append(page.Applications, found)
		}
		return nil
	})
	return page, err
}

// Application implements api.Service.
func (s editor) Application(ctx context.Context, id string) (found application.Application, err error) {
	if err := s.may(ctx, paycor.RightView, audit.ActionRead, ""); err != nil {
		return found, err
	}
	err = s.config.Store.View(ctx, func(r Reader) (err error) {
		found, err = s.readApplication(r, id)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		err = paycor.Errorf(paycor.KindNotFound, "error.application-not-found")
	}
	return found, err
}

// readApplication reads an application as the caller sees it, or returns
// store.ErrNotFound.
func (s *bound) readApplication(r Reader, id string) (found application.Application, err error) {
	members, err := r.ApplicationCredentials(s.caller.Workspace, id)
	if err != nil {
		return found, err
	}
	var ids []string
	for _, member := range members {
		if s.caller.Covers(member.ID) {
			ids = append(ids, member.ID)
		}
	}
	if len(ids) == 0 { // which would list all credentials
		return found, store.ErrNotFound
	}
	page, err := r.Credentials(s.caller.Workspace, paycor.Query{Limit: application.MaxCredentials, Viewer: s.caller.Viewer()}, ids)
	if err != nil {
		return found, err
	}
	if len(page.Credentials) == 0 {
		return found, store.ErrNotFound
	}
	found = application.New(page)
	found.Others, found.Usable = page.Total < len(members), s.caller.Rights.Has(paycor.RightEdit)
	return found, nil
}

// fromApplication fills a draft's blanks with the values and secrets of a saved
// application, if the caller may edit one of its credentials. Of any other one, it says
// the same as of one that does not exist.
func (s *bound) fromApplication(ctx context.Context, action audit.Action, id string, draft paycor.Draft) (paycor.Draft, error) {
	var saved stored
	err := s.config.Store.View(ctx, func(r Reader) (err error) {
		saved, err = s.usableApplication(r, id)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return draft, s.authorizer.Deny(context.WithoutCancel(ctx), s.caller, action, "not_found", unknownApplication())
	}
	if err != nil {
		return draft, err
	}
	shared := saved.draft()
	for _, spec := range paycor.FieldTable() {
		if !spec.Application {
			spec.Set(&shared, "")
		}
	}
	filled := draft.Fill(shared)
	var problems []fields.Problem
	for _, spec := range paycor.FieldTable() {
		if spec.Application && spec.Judged && spec.Get(filled) != spec.Get(shared) {
			problems = append(problems, fields.Problem{
				Field: spec.Field, Code: fields.ProblemUnknownValue, Message: message.New("problem.application-differs", spec.Field.Label()),
			})
		}
	}
	if len(problems) > 0 {
		return draft, &paycor.Error{Kind: paycor.KindInvalid, Message: message.New("error.not-saved", problems[0].Message), Problems: problems}
	}
	return filled, nil
}

// usableApplication reads one credential of an application whose secrets the caller, who
// has the right to edit, may use, or returns store.ErrNotFound.
func (s *bound) usableApplication(r Reader, id string) (stored, error) {
	members, err := r.ApplicationCredentials(s.caller.Workspace, id)
	if err != nil {
		return stored{}, err
	}
	editable, err := s.seesOneOf(r, members)
	if err != nil {
		return stored{}, err
	}
	if !editable {
		return stored{}, store.ErrNotFound
	}
	return loadFirst(r, s.caller.Workspace, members)
}

// unknownApplication is the error for an application whose secrets the caller cannot use.
func unknownApplication() error {
	problem := fields.Problem{Field: fields.ApplicationID, Code: fields.ProblemUnknownValue, Message: message.New("error.application-not-found")}
	return &paycor.Error{Kind: paycor.KindNotFound, Message: problem.Message, Problems: []fields.Problem{problem}}
}
