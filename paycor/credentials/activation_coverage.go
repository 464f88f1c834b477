package credentials

import (
	"context"
	"slices"
	"strconv"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// maxTested bounds how many legal entities a new activation is tested with. One is enough
// wherever Paycor lists what the activation covers.
const maxTested = 5

// keepsActivation reports whether an application keeps the access that it has: a new token
// reads none of the legal entities of its credentials, as after an activation for another
// company, and the saved access still works.
func (s activator) keepsActivation(ctx context.Context, saved stored, token tokens.Token) (bool, error) {
	var working stored
	var members []store.ApplicationCredential
	err := s.config.Store.View(ctx, func(r Reader) (err error) {
		if working, err = s.workingCredential(r, saved); err != nil || working.ID == "" {
			return err
		}
		members, err = r.ApplicationCredentials(s.caller.Workspace, saved.ApplicationID)
		return err
	})
	if err != nil || working.ID == "" {
		return false, fail(err)
	}
	if covered, err := s.coversOneOf(ctx, saved, token, members); covered || err != nil {
		return false, err
	}
	now, err := editor(s).verifyBeside(ctx, working)
	return err != nil || now.Outcome == verdicts.OutcomeVerified || !now.Outcome.Conclusive(), nil
}

// workingCredential returns a verified credential of an application, or none.
func (s activator) workingCredential(r Reader, saved stored) (stored, error) {
	all, err := credentialsOf(r, s.caller.Workspace, saved)
	if err != nil {
		return stored{}, err
	}
	for _, c := range all {
		if c.LastConclusive != nil && c.LastConclusive.Outcome == verdicts.OutcomeVerified {
			return s.load(r, c.ID)
		}
	}
	return stored{}, nil
}

// coversOneOf reports whether a token reads the legal entity of some credential. Without
// an answer of Paycor, it is taken to.
func (s activator) coversOneOf(ctx context.Context, saved stored, token tokens.Token, members []store.ApplicationCredential) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, activationTimeout)
	defer cancel()
	source := func(context.Context) (paycor.Secret, error) { return token.Access, nil }
	request := upstream.VerifyRequest{Environment: s.environment(saved.Environment), Draft: saved.draft(), Activated: true}
	request.Draft.Grant = paycor.GrantAuthorizationCode
	wanted := []int32{saved.LegalEntityID}
	for _, member := range members {
		if !slices.Contains(wanted, member.LegalEntityID) {
			wanted = append(wanted, member.LegalEntityID)
		}
	}
	for _, id := range wanted[:min(maxTested, len(wanted))] {
		request.Draft.LegalEntityID = paycor.TypedID(strconv.Itoa(int(id)))
		verdict, err := s.config.Verify(ctx, request, source, nil)
		switch {
		case err != nil && ctx.Err() == nil:
			return false, err
		case err != nil, verdict.Outcome == verdicts.OutcomeVerified, !verdict.Outcome.Conclusive():
			return true, nil
		case slices.ContainsFunc(verdict.Entities, func(e verdicts.LegalEntity) bool { return slices.Contains(wanted, e.ID) }):
			return true, nil
		case len(verdict.Entities) > 0 && len(verdict.Entities) < upstream.MaxEntities:
			return false, nil // these are all
		}
	}
	return false, nil
}
