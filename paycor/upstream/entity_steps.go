package upstream

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"golang.org/x/sync/errgroup"

	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// entityList is the outcome of reading the list of legal entities.
type entityList string

const (
	listFailed      entityList = ""        // the verification ends here
	listContains    entityList = "holds"   // it contains the Legal Entity ID
	listOmits       entityList = "lacks"   // it does not, or no ID was given
	listDenied      entityList = "denied"  // Paycor denies a list that needs no right
	listUnavailable entityList = "unknown" // Paycor has no such list
)

// list reads which legal entities the token covers. If Paycor has no list or denies
// it, the legal entity itself may still be readable, so the verification goes on.
func (v *verification) list(ctx context.Context, call *Call) (entityList, verdicts.Verdict, error) {
	ask := func() (err error) {
		v.entities, err = v.client.entities(ctx, *call)
		return err
	}
	err := v.retryRejected(ctx, ask(), ask)
	if failure, ok := AsFailure(err); ok && failure.Code == verdicts.CodeTokenNotAccepted && v.request.Renew != nil {
		renewed, renewErr := v.request.Renew(ctx, call.Token)
		if renewErr != nil {
			verdict, err := v.renewalFailed(ctx, renewErr)
			return listFailed, verdict, err
		}
		if renewed != call.Token {
			call.Token = renewed
			err = v.retryRejected(ctx, ask(), ask)
		}
	}
	if err == nil {
		v.passStep(verdicts.StepEntities, message.Count("step.note.entities", len(v.entities)))
		if v.position() < 0 {
			v.names(ctx, *call)
			return listOmits, verdicts.Verdict{}, nil
		}
		return listContains, verdicts.Verdict{}, nil
	}
	failure, ok := AsFailure(err)
	switch {
	case !ok:
		return listFailed, verdicts.Verdict{}, err
	case failure.Code == verdicts.CodeRightMissing:
		v.denied = failure // whether the application is denied everything is known after the next call
		return listDenied, verdicts.Verdict{}, nil
	case failure.notFound():
		v.warnStep(verdicts.StepEntities, message.New("step.note.entities-unknown"))
		return listUnavailable, verdicts.Verdict{}, nil
	}
	verdict, err := v.failStep(verdicts.StepEntities, failure.Verdict())
	return listFailed, verdict, err
}

// retryRejected repeats a call that Paycor answered with a blank 401, once and after a
// pause: it may reject a new token for a moment.
func (v *verification) retryRejected(ctx context.Context, err error, call func() error) error {
	failure, ok := AsFailure(err)
	if !ok || failure.Code != verdicts.CodeTokenNotAccepted || !wait(ctx, v.client.config.TokenPause) {
		return err
	}
	return call()
}

// renewalFailed ends the verification if a rejected token could not be renewed.
func (v *verification) renewalFailed(ctx context.Context, err error) (verdicts.Verdict, error) {
	failure, ok := AsFailure(err)
	switch {
	case !ok && errors.Is(ctx.Err(), context.DeadlineExceeded):
		failure = &Failure{Code: verdicts.CodeTimeout}
	case !ok:
		return verdicts.Verdict{}, err
	}
	return v.failStep(verdicts.StepEntities, failure.Verdict())
}

// notFound reports that Paycor answered and the resource does not exist. "No data"
// can be a 400 as well as a 404.
func (f *Failure) notFound() bool {
	return f.Code == verdicts.CodeRouteUnknown || f.Code == verdicts.CodeUnexpected && f.Status != 0 || f.Status == http.StatusNoContent
}

// legalEntity reads the chosen legal entity and ends the verification.
func (v *verification) legalEntity(ctx context.Context, call Call, listed entityList) (verdicts.Verdict, error) {
	const step = verdicts.StepLegalEntity
	if v.id == 0 {
		if listed == listDenied {
			return v.failStep(verdicts.StepEntities, v.denied.withCode(verdicts.CodeApplicationRefused))
		}
		if v.allLeft {
			return v.failStep(step, verdicts.CodeEntityLeft.Verdict())
		}
		return v.failStep(step, verdicts.CodeLegalEntityNeeded.Verdict())
	}
	found, err := v.client.legalEntity(ctx, call, v.id)
	err = v.retryRejected(ctx, err, func() (err error) {
		found, err = v.client.legalEntity(ctx, call, v.id)
		return err
	})
	if failure, failed := AsFailure(err); listed == listDenied {
		if failed && failure.Code == verdicts.CodeRightMissing {
			return v.failStep(verdicts.StepEntities, failure.withCode(verdicts.CodeApplicationRefused))
		}
		v.warnStep(verdicts.StepEntities, message.New("step.note.entities-denied"))
	}
	if err != nil {
		return v.entityFailed(err, listed)
	}
	// An answer without an ID proves nothing beyond the list.
	if !found.identified && listed != listContains {
		return v.entityFailed(&Failure{Code: verdicts.CodeUnexpected, Status: http.StatusOK}, listed)
	}
	v.record(found)
	if found.lost {
		return v.failStep(step, verdicts.CodeEntityLeft.Verdict())
	}
	v.passStep(step, message.Text(found.Name))
	return verdicts.CodeVerified.Verdict(), nil
}

// entityFailed ends the verification if the legal entity could not be read.
func (v *verification) entityFailed(err error, listed entityList) (verdicts.Verdict, error) {
	const step = verdicts.StepLegalEntity
	failure, ok := AsFailure(err)
	switch {
	case !ok:
		return verdicts.Verdict{}, err
	case failure.Code != verdicts.CodeRightMissing && !failure.notFound():
		return v.failStep(step, failure.Verdict()) // key, token, limits and outages mean the same everywhere
	}
	code := failure.codeGiven(listed)
	if code != verdicts.CodeVerified {
		return v.failStep(step, failure.withCode(code))
	}
	note := message.New("step.note.name-unknown")
	if failure.Code == verdicts.CodeRightMissing {
		note = verdicts.NoteNameDenied
	}
	v.warnStep(step, note)
	return code.Verdict(), nil
}

// codeGiven returns the code for a legal entity that could not be read, given the
// outcome of the list.
func (f *Failure) codeGiven(listed entityList) verdicts.Code {
	noRoute := f.Code == verdicts.CodeRouteUnknown
	notFound := f.Status == http.StatusNotFound && !noRoute
	noData := f.Status == http.StatusBadRequest
	switch listed {
	case listContains:
		if notFound {
			return verdicts.CodeEntityNotFound
		}
		return verdicts.CodeVerified // the list proves it; only the name is unknown
	case listOmits:
		if notFound || noData {
			return verdicts.CodeEntityNotFound
		}
		return verdicts.CodeEntityNotActivated
	}
	// Without a list, only Paycor's own answer about the legal entity counts.
	if f.Layer == LayerPaycor && (notFound || noData) {
		return verdicts.CodeEntityNotFound
	}
	return f.Code
}

// withCode returns the verdict of another code with this failure's details.
func (f *Failure) withCode(code verdicts.Code) verdicts.Verdict {
	other := *f
	other.Code = code
	return other.Verdict()
}

// position returns the index of the chosen legal entity in the list, or -1.
func (v *verification) position() int {
	return slices.IndexFunc(v.entities, func(e verdicts.LegalEntity) bool { return v.id != 0 && e.ID == v.id })
}

// record puts the chosen legal entity as Paycor describes it into the list.
func (v *verification) record(found entity) {
	at := v.position()
	switch {
	case at < 0 && found.lost:
		return
	case found.lost: // not to be offered
		v.entities = slices.Delete(v.entities, at, at+1)
		return
	case at < 0:
		v.entities = append(v.entities, found.LegalEntity)
		return
	case found.TenantID == 0:
		found.TenantID = v.entities[at].TenantID
	}
	v.entities[at] = found.LegalEntity
}

const (
	// maxNamed bounds the calls made only to learn names.
	maxNamed = 100

	// namedAtOnce is how many of these calls run at once, so that a company with
	// many legal entities does not wait for one after the other.
	namedAtOnce = 5
)

// names reads the names of the legal entities to choose from, because people do not
// know them by number and the list has no names. It is optional: the first failure
// ends it. Entities that left Paycor are dropped.
func (v *verification) names(ctx context.Context, call Call) {
	entities := slices.Clone(v.entities)
	lost := make([]bool, len(entities))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(namedAtOnce)
	for i := range min(len(entities), maxNamed) {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			found, err := v.client.legalEntity(ctx, call, entities[i].ID)
			if err == nil {
				entities[i].Name, lost[i] = found.Name, found.lost
			}
			return err
		})
	}
	_ = group.Wait() // what could not be read has no name
	v.entities = v.entities[:0:0]
	for i, entity := range entities {
		if !lost[i] {
			v.entities = append(v.entities, entity)
		}
	}
	v.allLeft = len(v.entities) == 0 && len(entities) > 0
}

// offeredEntities returns the bounded list for the verdict, including the chosen
// entity.
func (v *verification) offeredEntities() []verdicts.LegalEntity {
	if len(v.entities) <= MaxEntities {
		return v.entities
	}
	offered := slices.Clone(v.entities[:MaxEntities])
	if at := v.position(); at >= MaxEntities {
		offered[MaxEntities-1] = v.entities[at]
	}
	return offered
}
