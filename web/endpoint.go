package web

import (
	"net/http"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

// publicFunc serves a request without an authenticated caller. An error it
// returns becomes the response.
type publicFunc func(http.ResponseWriter, *http.Request) error

// serviceFunc serves a request with the use cases bound to its caller.
type serviceFunc func(http.ResponseWriter, *http.Request, api.Service) error

// resourceFunc serves a request for the resource with an id.
type resourceFunc func(w http.ResponseWriter, r *http.Request, service api.Service, id string) error

// public is an endpoint for everybody.
func (s *server) public(serve publicFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := serve(w, r); err != nil {
			s.errors.write(w, r, err)
		}
	})
}

// api is an endpoint for programs and for the page's own requests.
func (s *server) api(serve serviceFunc) http.Handler {
	return s.public(func(w http.ResponseWriter, r *http.Request) error {
		caller, err := s.auth.caller(r)
		if err != nil {
			return err
		}
		service, err := s.services.bind(r, caller)
		if err != nil {
			return err
		}
		if err := s.changes.take(r, caller); err != nil {
			return err
		}
		return serve(w, r, service)
	})
}

// page is an endpoint for people. Without a session it redirects to the
// sign-in page.
func (s *server) page(serve serviceFunc) http.Handler {
	return s.public(func(w http.ResponseWriter, r *http.Request) error {
		caller, err := s.auth.person(r)
		if paycor.KindOf(err) == paycor.KindUnauthorized {
			http.Redirect(w, r, s.signIn.addressFor(r), http.StatusSeeOther)
			return nil
		}
		if err != nil {
			return err
		}
		service, err := s.services.bind(r, caller)
		if err != nil {
			return err
		}
		return serve(w, r, service)
	})
}

// noQuery rejects query parameters before serve.
func noQuery(serve serviceFunc) serviceFunc {
	return func(w http.ResponseWriter, r *http.Request, service api.Service) error {
		if _, err := readQuery(r); err != nil {
			return err
		}
		return serve(w, r, service)
	}
}

// byCredential passes the credential id of the path, and rejects query
// parameters.
func byCredential(serve resourceFunc) serviceFunc {
	return noQuery(func(w http.ResponseWriter, r *http.Request, service api.Service) error {
		id, err := credentialID(r)
		if err != nil {
			return err
		}
		return serve(w, r, service, id)
	})
}

// serviceBinder binds the use cases to a caller.
type serviceBinder struct {
	bindTo func(paycor.Caller) api.Service
}

// bind returns the use cases for a caller who has only the rights that the
// route's policy grants.
func (b serviceBinder) bind(r *http.Request, caller paycor.Caller) (api.Service, error) {
	limited, err := limit(r, caller)
	if err != nil {
		return nil, err
	}
	return b.bindTo(limited), nil
}

// limit returns a caller with only the rights that the route's policy grants.
func limit(r *http.Request, caller paycor.Caller) (paycor.Caller, error) {
	policy := infoOf(r).policy
	if policy.kinds != nil && !slices.Contains(policy.kinds, caller.Kind) {
		if policy.excluded != nil {
			return paycor.Caller{}, &denial{public: policy.excluded}
		}
		return paycor.Caller{}, deny(paycor.KindForbidden, "error.people-only")
	}
	caller.SeesAll = caller.Rights.Has(paycor.RightAdmin)
	caller.Rights = policy.granted(caller)
	return caller, nil
}
