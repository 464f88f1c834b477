package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"paycorcred/paycor/verdicts"
	"slices"
)

// listing is what came of asking for the list of legal entities.
type listing string

const (
	listStops   listing = ""        // the ladder ends here
	listHolds   listing = "holds"   // the Legal Entity ID is in the list
	listLacks   listing = "lacks"   // it is not, or none was given
	listDenied  listing = "denied"  // Paycor refuses to show a list that needs no right
	listUnknown listing = "unknown" // there is no such list here
)

// list asks which legal entities the token covers. Where Paycor has no list to
// give, or refuses it, the legal entity itself may still answer, so the
// ladder goes on.
func (l *ladder) list(ctx context.Context, call *Call) (listing, verdicts.Verdict, error) {
	var err error
	l.entities, err = l.client.entities(ctx, *call)
	if failure, ok := AsFailure(err); ok && failure.Code == verdicts.CodeTokenNotAccepted && l.question.Renew != nil {
		renewed, renewErr := l.question.Renew(ctx, call.Token)
		if renewErr != nil {
			verdict, err := l.noRenewal(ctx, renewErr)
			return listStops, verdict, err
		}
		if renewed != call.Token {
			call.Token = renewed
			l.entities, err = l.client.entities(ctx, *call)
		}
	}
	if err == nil {
		l.pass(verdicts.StepEntities, counted(len(l.entities)))
		if l.position() < 0 {
			l.names(ctx, *call)
			return listLacks, verdicts.Verdict{}, nil
		}
		return listHolds, verdicts.Verdict{}, nil
	}
	failure, ok := AsFailure(err)
	switch {
	case !ok:
		return listStops, verdicts.Verdict{}, err
	case failure.Code == verdicts.CodeRightMissing:
		l.denied = failure
		l.warn(verdicts.StepEntities, "Paycor does not show which legal entities the application covers.")
		return listDenied, verdicts.Verdict{}, nil
	case failure.nothingThere():
		l.warn(verdicts.StepEntities, "Paycor has no list of the legal entities the application covers.")
		return listUnknown, verdicts.Verdict{}, nil
	}
	verdict, err := l.fail(verdicts.StepEntities, failure.Verdict())
	return listStops, verdict, err
}

// noRenewal ends the ladder where a refused token could not be renewed.
func (l *ladder) noRenewal(ctx context.Context, err error) (verdicts.Verdict, error) {
	failure, ok := AsFailure(err)
	switch {
	case !ok && errors.Is(ctx.Err(), context.DeadlineExceeded):
		failure = &Failure{Code: verdicts.CodeTimeout}
	case !ok:
		return verdicts.Verdict{}, err
	}
	return l.fail(verdicts.StepEntities, failure.Verdict())
}

// nothingThere reports that Paycor answered, and that what was asked for is
// not there: "no data" can be a 400 as well as a 404.
func (f *Failure) nothingThere() bool {
	return f.Code == verdicts.CodeRouteUnknown || f.Code == verdicts.CodeUnexpected && f.Status != 0 || f.Status == http.StatusNoContent
}

// legalEntity asks for the chosen legal entity and ends the ladder.
func (l *ladder) legalEntity(ctx context.Context, call Call, listed listing) (verdicts.Verdict, error) {
	const step = verdicts.StepLegalEntity
	if l.id == 0 {
		if listed == listDenied {
			return l.fail(step, l.denied.as(verdicts.CodeApplicationRefused))
		}
		if l.left {
			return l.fail(step, verdicts.CodeEntityLeft.Verdict())
		}
		return l.fail(step, verdicts.CodeLegalEntityNeeded.Verdict())
	}
	found, err := l.client.legalEntity(ctx, call, l.id)
	if err != nil {
		return l.noEntity(err, listed)
	}
	// An answer that does not say which legal entity it is about proves
	// nothing that the list has not said.
	if !found.named && listed != listHolds {
		return l.noEntity(&Failure{Code: verdicts.CodeUnexpected, Status: http.StatusOK}, listed)
	}
	l.know(found)
	if found.left {
		return l.fail(step, verdicts.CodeEntityLeft.Verdict())
	}
	l.pass(step, found.Name)
	return verdicts.CodeVerified.Verdict(), nil
}

// noEntity ends the ladder where the legal entity could not be read.
func (l *ladder) noEntity(err error, listed listing) (verdicts.Verdict, error) {
	const step = verdicts.StepLegalEntity
	failure, ok := AsFailure(err)
	switch {
	case !ok:
		return verdicts.Verdict{}, err
	case failure.Code != verdicts.CodeRightMissing && !failure.nothingThere():
		return l.fail(step, failure.Verdict()) // key, token, limits and outages are the same everywhere
	}
	code := failure.placed(listed)
	if code != verdicts.CodeVerified {
		return l.fail(step, failure.as(code))
	}
	note := "Paycor does not tell the legal entity's name."
	if failure.Code == verdicts.CodeRightMissing {
		note = "Paycor does not let this application read the legal entity's name."
	}
	l.warn(step, note)
	return code.Verdict(), nil
}

// placed decides what it means that the legal entity could not be read. It
// depends on what the list has said.
func (f *Failure) placed(listed listing) verdicts.Code {
	noRoute := f.Code == verdicts.CodeRouteUnknown
	notFound := f.Status == http.StatusNotFound && !noRoute
	noData := f.Status == http.StatusBadRequest
	switch listed {
	case listHolds:
		if notFound {
			return verdicts.CodeEntityNotFound
		}
		return verdicts.CodeVerified // the list proves it; only the name stays unknown
	case listLacks:
		if notFound || noData {
			return verdicts.CodeEntityNotFound
		}
		return verdicts.CodeEntityNotActivated
	case listDenied:
		return verdicts.CodeApplicationRefused
	}
	// Without a list, only Paycor's own word about the legal entity counts.
	if f.Layer == LayerPaycor && (notFound || noData) {
		return verdicts.CodeEntityNotFound
	}
	return f.Code
}

// as returns the verdict of another code with this failure's particulars.
func (f *Failure) as(code verdicts.Code) verdicts.Verdict {
	other := *f
	other.Code = code
	return other.Verdict()
}

// position of the chosen legal entity in the list, or -1.
func (l *ladder) position() int {
	return slices.IndexFunc(l.entities, func(e verdicts.LegalEntity) bool { return l.id != 0 && e.ID == l.id })
}

// know puts what Paycor said of the chosen legal entity into the list.
func (l *ladder) know(found entity) {
	at := l.position()
	switch {
	case at < 0 && found.left:
		return
	case found.left: // not one to offer again
		l.entities = slices.Delete(l.entities, at, at+1)
		return
	case at < 0:
		l.entities = append(l.entities, found.LegalEntity)
		return
	case found.TenantID == 0:
		found.TenantID = l.entities[at].TenantID
	}
	l.entities[at] = found.LegalEntity
}

// mostNamed bounds the calls that are made for names alone.
const mostNamed = 10

// names asks for the names of the legal entities there are to choose from,
// since nobody knows them by number; the list itself has none. It is a
// courtesy: the first that cannot be read ends it. What has left Paycor is
// nothing to choose.
func (l *ladder) names(ctx context.Context, call Call) {
	named := l.entities[:0:0]
	for i, entity := range l.entities {
		if i == mostNamed {
			named = append(named, l.entities[i:]...)
			break
		}
		found, err := l.client.legalEntity(ctx, call, entity.ID)
		if err != nil {
			named = append(named, l.entities[i:]...)
			break
		}
		if entity.Name = found.Name; !found.left {
			named = append(named, entity)
		}
	}
	l.left = len(named) == 0 && len(l.entities) > 0
	l.entities = named
}

// offer returns the list as a verdict carries it: bounded, the chosen one
// among them.
func (l *ladder) offer() []verdicts.LegalEntity {
	if len(l.entities) <= mostEntities {
		return l.entities
	}
	offered := slices.Clone(l.entities[:mostEntities])
	if at := l.position(); at >= mostEntities {
		offered[mostEntities-1] = l.entities[at]
	}
	return offered
}

func counted(entities int) string {
	switch entities {
	case 0:
		return "The application covers no legal entity."
	case 1:
		return "The application covers 1 legal entity."
	}
	return fmt.Sprintf("The application covers %d legal entities.", entities)
}
