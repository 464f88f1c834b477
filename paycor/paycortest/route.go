package paycortest

import (
	"net/http"
	"strings"
)

// route is one operation of the API. Paths are matched exactly.
type route struct {
	method  string
	pattern string // a segment in braces matches any segment
	handle  func(*call) answer
	token   bool // the token endpoint
	open    bool // works without key and token
}

func (r *route) name() string { return r.method + " " + r.pattern }

func apiRoutes() []route {
	routes := []route{
		{method: http.MethodPost, pattern: "/sts/v1/common/token", handle: tokenEndpoint, token: true},
		{method: http.MethodGet, pattern: "/api/Health/ping", handle: ping, open: true},
		{method: http.MethodGet, pattern: "/v1/legalentities/ActivatedLegalEntityTenantList", handle: activatedList},
		{method: http.MethodGet, pattern: "/v1/legalentities/{id}", handle: legalEntity},
		{method: http.MethodPost, pattern: "/v1/legalentities/{id}/employees", handle: createEmployee},
		{method: http.MethodGet, pattern: "/v1/employees/{employee}", handle: readEmployee},
		{method: http.MethodPut, pattern: "/v1/employees/{employee}", handle: writeEmployee},
		{method: http.MethodPatch, pattern: "/v1/employees/{employee}", handle: writeEmployee},
		{method: http.MethodDelete, pattern: "/v1/employees/{employee}", handle: writeEmployee},
	}
	for _, g := range groups() {
		routes = append(routes, route{method: http.MethodGet, pattern: "/v1/legalentities/{id}/" + g.name, handle: g.list})
	}
	return routes
}

// match finds the route of a request. HEAD is not GET here: the gateway only
// has the operations of the specification.
func match(routes []route, method, path string) (*route, map[string]string) {
	parts := strings.Split(path, "/")
	for i := range routes {
		if routes[i].method != method {
			continue
		}
		if values, fits := fit(strings.Split(routes[i].pattern, "/"), parts); fits {
			return &routes[i], values
		}
	}
	return nil, nil
}

func fit(pattern, parts []string) (map[string]string, bool) {
	if len(pattern) != len(parts) {
		return nil, false
	}
	values := map[string]string{}
	for i, want := range pattern {
		if strings.HasPrefix(want, "{") && parts[i] != "" {
			values[strings.Trim(want, "{}")] = parts[i]
		} else if want != parts[i] {
			return nil, false
		}
	}
	return values, true
}

// ping only shows that the host can be reached.
func ping(*call) answer {
	return jsonAnswer(http.StatusOK, map[string]string{"status": "Healthy"})
}
