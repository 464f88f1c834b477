package web

import (
	"net"
	"net/http"
	"path"
	"strings"

	"paycorcred/paycor"
)

// apiRoot is where the API begins.
const apiRoot = "/api/v1"

// route is one pattern of the mux, who may take it, and what serves it.
type route struct {
	pattern string // "GET /api/v1/credentials": a GET serves HEAD too
	access  access
	handler http.Handler
}

// routes lists every route there is, and is the table of rights. The API
// description is tested against it, and so is what each caller can do.
func (d *door) routes() []route {
	return []route{
		{"GET /api/v1/credentials", needs(paycor.RightView), d.api(d.listCredentials)},
		{"POST /api/v1/credentials", needs(paycor.RightEdit), d.api(d.createCredential)},
		{"GET /api/v1/credentials/{id}", needs(paycor.RightView), d.api(d.getCredential)},
		{"PATCH /api/v1/credentials/{id}", needs(paycor.RightEdit), d.api(d.patchCredential)},
		{"DELETE /api/v1/credentials/{id}", needs(paycor.RightAdmin), d.api(d.deleteCredential)},
		{"POST /api/v1/credentials/{id}/verify", needs(paycor.RightEdit), d.api(d.verifyCredential)},
		{"POST /api/v1/credentials/{id}/activation", needs(paycor.RightEdit), d.api(d.startActivation)},
		{"POST /api/v1/credentials/{id}/activation/code", needs(paycor.RightEdit), d.api(d.activate)},
		{"POST /api/v1/credentials/{id}/rotation", needs(paycor.RightEdit), d.api(d.rotate)},
		{"DELETE /api/v1/credentials/{id}/rotation", needs(paycor.RightEdit), d.api(d.endRotation)},
		{"POST /api/v1/credentials/{id}/rotation/back", needs(paycor.RightEdit), d.api(d.rotateBack)},
		{"GET /api/v1/credentials/{id}/history", needs(paycor.RightView), d.api(d.credentialHistory)},
		{"GET /api/v1/credentials/{id}/usage", needs(paycor.RightView), d.api(d.credentialUsage)},
		{"GET " + callPattern, anybody(), d.open(d.crookedCall)}, // the plain ones go to passOn
		{"POST " + callPattern, anybody(), d.open(d.crookedCall)},
		{"PUT " + callPattern, anybody(), d.open(d.crookedCall)},
		{"PATCH " + callPattern, anybody(), d.open(d.crookedCall)},
		{"DELETE " + callPattern, anybody(), d.open(d.crookedCall)},
		{"POST /api/v1/duplicates", needs(paycor.RightEdit), d.api(d.findDuplicates)},
		{"GET /api/v1/tokens", needs(paycor.RightAdmin).unframed(), d.api(d.listTokens)},
		{"POST /api/v1/tokens", needs(paycor.RightAdmin, paycor.AllRights()...).unframed(), d.api(d.createToken)}, // nobody hands out what he does not have
		{"DELETE /api/v1/tokens/{id}", needs(paycor.RightAdmin).unframed(), d.api(d.revokeToken)},
		{"POST /api/v1/verify", needs(paycor.RightEdit), d.api(d.verifyDraft)},
		{"POST /api/v1/verify/counterpart", needs(paycor.RightEdit), d.api(d.tryCounterpart)},
		{"GET /api/v1/environments", needs(paycor.RightView), d.api(d.listEnvironments)},
		{"GET /api/v1/events", needs(paycor.RightView).quietly(), d.api(d.events)},
		{"PUT /api/v1/credentials/{id}/sharing", needs(paycor.RightEdit), d.api(d.shareCredential)},
		{"GET /api/v1/session", known().people().quietly(), d.api(d.currentSession)},
		{"POST /api/v1/session", known().people(), d.api(d.staySignedIn)},
		{"GET /api/v1/sessions", known().people(), d.api(d.listSessions)},
		{"GET /api/v1/sessions/all", needs(paycor.RightAdmin).unframed(), d.api(d.listAllSessions)},
		{"DELETE /api/v1/sessions/{id}", known(paycor.RightAdmin).unframed(), d.api(d.endSession)},
		{"GET /api/v1/audit", needs(paycor.RightAdmin).unframed(), d.api(d.listAudit)},
		{"GET /api/v1/audit/export", needs(paycor.RightAdmin).unframed(), d.api(d.exportAudit)},
		{"GET /api/v1/hosts", needs(paycor.RightAdmin).unframed(), d.api(d.listHosts)},
		{"POST /api/v1/hosts", needs(paycor.RightAdmin, paycor.AllRights()...).unframed(), d.api(d.addHost)}, // as above
		{"PATCH /api/v1/hosts/{id}", needs(paycor.RightAdmin, paycor.AllRights()...).unframed(), d.api(d.patchHost)},
		{"DELETE /api/v1/hosts/{id}", needs(paycor.RightAdmin).unframed(), d.api(d.removeHost)},
		{"GET /api/v1/openapi.yaml", anybody(), d.open(d.description)},

		{"GET /{$}", needs(paycor.RightView).people(), d.page(d.authenticatePage)},
		{"GET /credentials/{id}", needs(paycor.RightView).people(), d.page(d.credentialPage)},
		{"GET /audit", needs(paycor.RightAdmin, paycor.RightView).people(), d.page(d.auditPage)},
		{"GET /consumers", needs(paycor.RightAdmin, paycor.RightView).people(), d.page(d.consumersPage)},
		{"GET /hosts", needs(paycor.RightAdmin).people(), d.page(d.hostsPage)},
		{"GET /embed", anybody(), d.open(d.embedPage)},
		{"POST /embed/exchange", proven(paycor.RightView), d.open(d.exchange)},
		{"GET /embed/doctor", anybody(), d.open(d.doctor)},
		{"POST /embed/doctor", anybody(), d.open(d.doctor)},
		{"GET /embed/sdk.js", anybody(), d.open(d.sdk("embed/sdk.js"))},
		{"GET /embed/sdk.d.ts", anybody(), d.open(d.sdk("embed/sdk.d.ts"))},
		{"GET " + callbackPath, anybody(paycor.RightEdit), d.open(d.activationCallback)},
		{"GET /sign-ins", known(paycor.RightAdmin).people(), d.page(d.sessionsPage)},
		{"GET /sign-in", anybody(), d.open(d.signIn)},
		{"GET " + signInStart, anybody(), d.open(d.startSignIn)},
		{"GET " + SignInCallback, anybody(), d.open(d.finishSignIn)},
		{"POST " + BackChannel, proven(), d.open(d.providerSignOut)},
		{"POST /sign-out", anybody(), d.open(d.signOut)},

		{"GET /assets/{set}/{name...}", anybody(), d.open(d.asset)},
		{"GET /favicon.ico", anybody(), d.open(d.favicon)},
		{"GET /robots.txt", anybody(), d.open(d.robots)},
		{"GET /healthz", anybody(), d.open(d.healthz)},
		{"GET /readyz", anybody(), d.open(d.readyz)},
		{"GET /metrics", needs(paycor.RightView).unframed(), d.api(d.metrics)},
	}
}

// serve sends a request to its route. It answers itself where there is none,
// or where the Host header is not ours: a page of another site that points its
// name at this machine (DNS rebinding) sends its own name there. Probes come
// by address, so health is told to whoever asks.
func (d *door) serve(w http.ResponseWriter, r *http.Request) error {
	probe := r.URL.Path == "/healthz" || r.URL.Path == "/readyz"
	if !probe && !d.ours(r.Host) {
		return d.foreignHost()
	}
	if !probe && !d.safe(r) {
		return unsafe()
	}
	if path.Clean(r.URL.Path) != r.URL.Path {
		return noSuchAddress(r) // the mux would redirect it, and none of our links needs that
	}
	handler, pattern := d.mux.Handler(r)
	if pattern == "" {
		return d.noRoute(w, r, handler)
	}
	visitOf(r).pattern, visitOf(r).access = pattern, d.table[pattern]
	d.mux.ServeHTTP(w, r)
	return nil
}

// ours reports whether a Host header names this server. Without configured
// names only this machine's own are: no other site can take those over,
// whatever the port is.
func (d *door) ours(host string) bool {
	if last := d.host.Load(); last != nil && *last == host {
		return true
	}
	ours := d.named(host)
	if ours {
		last := strings.Clone(host) // it would hold all headers of its request
		d.host.Store(&last)
	}
	return ours
}

func (d *door) named(host string) bool {
	if len(d.hosts) > 0 {
		return d.hosts[strings.ToLower(host)]
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	return paycor.Loopback(strings.ToLower(name))
}

func (d *door) foreignHost() error {
	if len(d.Hosts) > 0 {
		scheme := "http://"
		if d.Secure {
			scheme = "https://"
		}
		return refuse(kindHost, "This server does not answer to that name. Open it by its public address: %s", scheme+d.Hosts[0])
	}
	return refuse(kindHost, "This server does not answer to that name. Open it by the address it printed at its start: localhost, or 127.0.0.1, with its port.")
}

func unsafe() error {
	return refuse(kindHost, "This server is reached over https only. Open it by its public address.")
}

// noSuchAddress tells a program that meant Paycor where Paycor is.
func noSuchAddress(r *http.Request) error {
	rest, credential := strings.CutPrefix(r.URL.Path, "/api/v1/credentials/")
	if credential && strings.Contains(rest, "/") {
		return paycor.Errorf(paycor.KindNotFound, "There is nothing at this address. Calls to Paycor go to /api/v1/credentials/{id}/paycor/ and Paycor’s own path.")
	}
	return paycor.Errorf(paycor.KindNotFound, "There is nothing at this address.")
}

// noRoute asks the mux's own answer which error it is, and gives it in our form.
func (d *door) noRoute(w http.ResponseWriter, r *http.Request, handler http.Handler) error {
	answer := muxAnswer{header: http.Header{}}
	handler.ServeHTTP(&answer, r)
	if answer.status != http.StatusMethodNotAllowed {
		return noSuchAddress(r)
	}
	allowed := answer.header.Get("Allow")
	w.Header().Set("Allow", allowed)
	return paycor.Errorf(kindMethod, "This address takes %s only.", allowed)
}

// muxAnswer keeps what the mux says of a request without a route.
type muxAnswer struct {
	header http.Header
	status int
}

func (a *muxAnswer) Header() http.Header         { return a.header }
func (a *muxAnswer) WriteHeader(status int)      { a.status = status }
func (a *muxAnswer) Write(b []byte) (int, error) { return len(b), nil }
