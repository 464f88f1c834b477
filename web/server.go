package web

import (
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"paycorcred/paycor/quota"
)

// server holds what the handlers share, and the handlers by noun.
type server struct {
	hosts    *hostPolicy
	base     string // path of the public URL, without a slash at its end
	auth     authenticator
	errors   errorWriter
	services serviceBinder
	files    *staticFiles
	pages    pageRenderer
	router   router

	activation   activationHandlers
	assets       assetHandlers
	audit        auditHandlers
	calls        callHandlers
	docs         docsHandlers
	embed        embedHandlers
	eventStreams eventHandlers
	operations   operationHandlers
	screens      screenHandlers
	progress     progressHandlers
	signIn       signInHandlers

	changes changeLimit
	turns   *quota.Fair // of requests that take processor time
	pace    *quota.Pace // of the same requests
	unread  *quota.Quota
	observe func(RequestStats)
	clock   func() time.Time
}

// New returns the handler for all requests.
func New(config Config) (http.Handler, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	return newHandler(config, embedded, embeddedDocs)
}

// newHandler is New with static files and a manual from any file system.
func newHandler(config Config, static, manual fs.FS) (http.Handler, error) {
	files, err := openStaticFiles(static)
	if err != nil {
		return nil, fmt.Errorf("reading the embedded files: %w", err)
	}
	s := newServer(config.withDefaults(), files)
	if s.docs.files, err = openDocsFiles(manual); err != nil {
		return nil, fmt.Errorf("reading the files of the embedded manual: %w", err)
	}
	if s.docs.pages, err = openDocs(manual); err != nil {
		return nil, fmt.Errorf("reading the embedded manual: %w", err)
	}
	if err := s.router.register(s.routes()); err != nil {
		return nil, err
	}
	s.assets.others.publish(files)
	return s.chain(), nil
}

// newServer wires the handlers.
func newServer(config Config, files *staticFiles) *server {
	s := &server{files: files, observe: config.Observe, clock: config.Clock}
	s.base = config.Base
	s.changes = changeLimit{quota.Changes(config.ChangesPerMinute, config.Clock)}
	s.turns = newTurns(config.Clock)
	s.unread = newUnread()
	s.pace = quota.NewPace(listsPerMinute, listsAtOnce, time.Now) // its timers follow no other clock
	s.hosts = newHostPolicy(config.Hosts, config.TrustedProxies, config.Secure)
	s.errors = errorWriter{denials: config.Access, logger: config.Logger, headers: securityHeaders{secure: config.Secure}, pages: &s.pages}
	s.services = serviceBinder{bindTo: config.Services}
	cookies := cookieJar{secure: config.Secure, clock: config.Clock}
	s.router.cookies = cookies
	s.auth = authenticator{access: config.Access, embedding: config.Embedding, cookies: cookies, logger: config.Logger}
	s.pages = pageRenderer{files: files, body: config.Body}

	s.screens = screenHandlers{errors: &s.errors, pages: &s.pages, preferred: config.Preferred, clock: config.Clock}
	s.activation = activationHandlers{
		auth: &s.auth, errors: &s.errors, pages: &s.pages, screens: &s.screens, services: s.services,
		activations: config.Activations, signIn: &s.signIn, cookies: cookies, links: newLinkLimit(config.Clock), secure: config.Secure,
	}
	s.assets = assetHandlers{files: files, others: otherBuilds{source: config.PageFiles, logger: config.Logger}}
	s.audit = auditHandlers{errors: &s.errors}
	s.calls = callHandlers{auth: &s.auth, errors: &s.errors, forward: config.Calls}
	s.docs = docsHandlers{render: &s.pages}
	s.embed = embedHandlers{
		auth: &s.auth, errors: &s.errors, pages: &s.pages, screens: &s.screens, services: s.services,
		sites: config.Embedding, secure: config.Secure, clock: config.Clock,
	}
	s.eventStreams = eventHandlers{
		auth: &s.auth, changes: config.Changes, heartbeat: config.Heartbeat, slots: newStreamQuota(),
	}
	s.operations = operationHandlers{ready: config.Ready, metrics: config.Metrics, version: config.Version}
	s.progress = progressHandlers{errors: &s.errors}
	s.signIn = signInHandlers{
		auth: &s.auth, errors: &s.errors, pages: &s.pages, sessions: config.Access, cookies: cookies,
		provider: config.Provider, clock: config.Clock,
	}
	return s
}
