package web

import (
	"net/http"
	"path"
	"strings"

	"paycorcred/paycor"
)

// router finds the handler of a request.
type router struct {
	mux      *http.ServeMux
	policies map[string]routePolicy // by pattern
	cookies  cookieJar
}

// register validates the routes and adds them to the mux.
func (t *router) register(routes []route) error {
	t.mux, t.policies = http.NewServeMux(), map[string]routePolicy{}
	for _, route := range routes {
		if err := route.policy.validate(route.pattern); err != nil {
			return err
		}
		t.policies[route.pattern] = route.policy
		t.mux.Handle(route.pattern, route.handler)
	}
	return nil
}

// serve passes a request to its handler.
func (t *router) serve(w http.ResponseWriter, r *http.Request) error {
	if !strings.HasPrefix(r.URL.Path, "/assets/") {
		setLanguage(w, r, t.cookies)
		setTheme(w, r, t.cookies)
	}
	if path.Clean(r.URL.Path) != r.URL.Path {
		return notFound(r) // the mux would redirect, which none of our links needs
	}
	handler, pattern := t.mux.Handler(r)
	if pattern == "" {
		return noRoute(w, r, handler)
	}
	info := infoOf(r)
	info.route, info.policy = pattern, t.policies[pattern]
	t.mux.ServeHTTP(w, r)
	return nil
}

// notFound is the error for an unknown address. If a program apparently meant a
// call to Paycor, it says where those go.
func notFound(r *http.Request) error {
	rest, credential := strings.CutPrefix(r.URL.Path, apiRoot+"/credentials/")
	if credential && strings.Contains(rest, "/") {
		return paycor.Errorf(paycor.KindNotFound, "error.no-route-call")
	}
	return paycor.Errorf(paycor.KindNotFound, "error.no-route")
}

// noRoute runs the mux's own error handler to tell 404 from 405, and returns
// the error in our format.
func noRoute(w http.ResponseWriter, r *http.Request, handler http.Handler) error {
	discarded := discardedResponse{header: http.Header{}}
	handler.ServeHTTP(&discarded, r)
	if discarded.status != http.StatusMethodNotAllowed {
		return notFound(r)
	}
	allowed := discarded.header.Get("Allow")
	w.Header().Set("Allow", allowed)
	return paycor.Errorf(kindMethod, "error.method", allowed)
}

// discardedResponse keeps status and headers and drops the body.
type discardedResponse struct {
	header http.Header
	status int
}

func (w *discardedResponse) Header() http.Header         { return w.header }
func (w *discardedResponse) WriteHeader(status int)      { w.status = status }
func (w *discardedResponse) Write(b []byte) (int, error) { return len(b), nil }
