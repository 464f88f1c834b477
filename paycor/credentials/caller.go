package credentials

import "paycorcred/paycor"

// CallerCredentials is what one caller can do with credentials. Each of its
// parts is a separate type, so that the receiver of a method shows what it can
// use.
type CallerCredentials struct {
	verifier
	editor
	activator
	rotator
}

// bound is the service bound to one caller.
type bound struct {
	*Service
	caller paycor.Caller
}

// verifier verifies credentials and drafts with Paycor.
type verifier struct{ *bound }

// editor reads, creates, changes, shares and deletes credentials.
type editor struct{ verifier }

// activator connects a credential to Paycor's authorization code grant.
type activator struct{ verifier }

// rotator replaces the secrets of a credential.
type rotator struct{ verifier }

// As returns what one caller can do with credentials.
func (s *Service) As(caller paycor.Caller) CallerCredentials {
	v := s.verifierFor(caller)
	return CallerCredentials{v, editor{v}, activator{v}, rotator{v}}
}

func (s *Service) verifierFor(caller paycor.Caller) verifier {
	return verifier{&bound{s, caller}}
}
