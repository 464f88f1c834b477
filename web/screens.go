package web

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/application"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
)

// screenHandlers serve the page's screens for people who signed in.
type screenHandlers struct {
	errors    *errorWriter
	pages     *pageRenderer
	preferred string // default environment; empty means the first
	clock     func() time.Time
}

// authenticate is the screen for choosing or adding a credential.
func (h *screenHandlers) authenticate(w http.ResponseWriter, r *http.Request, service api.Service) error {
	start, err := h.startWithList(r, service)
	status := http.StatusOK
	if err != nil {
		p := h.errors.report(r, err)
		status, start.Failure = p.Status, p.Detail
	}
	title := "authenticate"
	if r.URL.Query().Get(api.QueryView) == api.ViewTable {
		title = "tiles"
	}
	return h.pages.writeScreen(w, r, status, localeOf(r).Text(title), start)
}

// credential is the detail page of one credential.
func (h *screenHandlers) credential(w http.ResponseWriter, r *http.Request, service api.Service) error {
	id, err := credentialID(r)
	if err != nil {
		return h.noCredential(w, r)
	}
	start, err := h.start(r, service)
	if err != nil {
		return h.failed(w, r, err)
	}
	credential, err := service.Credential(r.Context(), id)
	if paycor.KindOf(err) == paycor.KindNotFound {
		return h.noCredential(w, r)
	}
	if err != nil {
		return h.failed(w, r, err)
	}
	// Callers without the right to history or usage see the page without them.
	history, err := service.History(r.Context(), id)
	if err != nil && paycor.KindOf(err) != paycor.KindForbidden {
		return h.failed(w, r, err)
	}
	used, err := service.Usage(r.Context(), id)
	if err != nil && paycor.KindOf(err) != paycor.KindForbidden {
		return h.failed(w, r, err)
	}
	if err == nil {
		used = presentUsage(used)
		start.Usage = &used
	}
	credential = presentCredential(credential)
	start.Credential, start.History = &credential, history
	if shared, err := service.Application(r.Context(), credential.ApplicationID); err == nil {
		shared = presentApplication(shared)
		start.Application = &shared
	}
	start.Chosen = r.URL.Query().Has("purpose")
	start.Activation = activationNotice(r.URL.Query().Get(outcomeParameter), credential)
	return h.pages.writeScreen(w, r, http.StatusOK, credential.Name, start)
}

// application is the page of one application, with how its credentials are used.
func (h *screenHandlers) application(w http.ResponseWriter, r *http.Request, service api.Service) error {
	id := r.PathValue("id")
	if !validID(id) {
		return h.noApplication(w, r)
	}
	start, err := h.start(r, service)
	if err != nil {
		return h.failed(w, r, err)
	}
	found, err := service.Application(r.Context(), id)
	if paycor.KindOf(err) == paycor.KindNotFound {
		return h.noApplication(w, r)
	}
	if err != nil {
		return h.failed(w, r, err)
	}
	found = presentApplication(found)
	start.Application = &found
	same, err := service.Applications(r.Context(), application.Query{Environment: found.Environment, ClientID: found.ClientID})
	if err != nil {
		return h.failed(w, r, err)
	}
	start.SameClient = slices.DeleteFunc(same.Applications, func(a application.Application) bool { return a.ID == id })
	// Callers without the right to usage see the page without it.
	used, err := service.ApplicationUsage(r.Context(), id)
	if err != nil && paycor.KindOf(err) != paycor.KindForbidden {
		return h.failed(w, r, err)
	}
	if err == nil {
		used = presentUsage(used)
		start.Usage = &used
	}
	if first, err := service.Credential(r.Context(), found.Credentials[0].ID); err == nil { // through which the page acts
		first = presentCredential(first)
		start.Credential = &first
	}
	return h.pages.writeScreen(w, r, http.StatusOK, localeOf(r).Text("application.title"), start)
}

// auditTrail is the screen for searching the audit trail.
func (h *screenHandlers) auditTrail(w http.ResponseWriter, r *http.Request, service api.Service) error {
	start := h.empty(r, service)
	start.Audit = &audit.Start{Page: presentAudit(audit.Page{})}
	values := r.URL.Query()
	for _, name := range auditFilters {
		if values.Get(name) == audit.Any {
			values.Del(name)
		}
	}
	filter, query, err := auditFilter(values)
	if err == nil {
		start.Audit.Filter = filter
		start.Audit.Page, err = service.Audit(r.Context(), query)
		start.Audit.Page = presentAudit(start.Audit.Page)
	}
	if err == nil {
		err = addEnvironments(r, service, &start)
	}
	status := http.StatusOK
	if err != nil {
		p := h.errors.report(r, err)
		status, start.Failure = p.Status, p.Detail
		if len(p.Errors) > 0 {
			start.Failure = p.Errors[0].Message.In(localeOf(r))
		}
	}
	return h.pages.writeScreen(w, r, status, localeOf(r).Text("audit"), start)
}

// consumers is the screen of the programs that use credentials. Callers who may
// not view credentials see their ids instead of names.
func (h *screenHandlers) consumers(w http.ResponseWriter, r *http.Request, service api.Service) error {
	start := h.empty(r, service)
	page, err := service.Consumers(r.Context(), consumer.Query{})
	if err != nil {
		return h.failed(w, r, err)
	}
	page.Consumers = presentConsumers(page.Consumers)
	start.Consumers = page
	if start.Caller.Rights.Has(paycor.RightView) {
		if start.Names, err = api.NamesByID(r.Context(), service, consumer.CredentialsOf(page.Consumers)); err != nil {
			return h.failed(w, r, err)
		}
	}
	if err := addEnvironments(r, service, &start); err != nil {
		return h.failed(w, r, err)
	}
	return h.pages.writeScreen(w, r, http.StatusOK, localeOf(r).Text("consumers"), start)
}

// embedHosts is the screen for registering embedding sites.
func (h *screenHandlers) embedHosts(w http.ResponseWriter, r *http.Request, service api.Service) error {
	start := h.empty(r, service)
	listed, err := service.Hosts(r.Context())
	if err != nil {
		return h.failed(w, r, err)
	}
	start.Hosts = listed
	return h.pages.writeScreen(w, r, http.StatusOK, localeOf(r).Text("embed-hosts"), start)
}

// channels is the screen for notification channels.
func (h *screenHandlers) channels(w http.ResponseWriter, r *http.Request, service api.Service) error {
	start := h.empty(r, service)
	listed, err := service.Channels(r.Context())
	if err != nil {
		return h.failed(w, r, err)
	}
	start.Channels = listed
	return h.pages.writeScreen(w, r, http.StatusOK, localeOf(r).Text("channels"), start)
}

// sessions lists the caller's sign-ins, or everybody's for an administrator.
func (h *screenHandlers) sessions(w http.ResponseWriter, r *http.Request, service api.Service) error {
	read, title := service.Sessions, "sign-ins.yours"
	if infoOf(r).caller.Rights.Has(paycor.RightAdmin) {
		read, title = service.AllSessions, "sign-ins.all"
	}
	listed, err := read(r.Context())
	if err != nil {
		return h.failed(w, r, err)
	}
	start := h.empty(r, service)
	start.Sessions = listed
	return h.pages.writeScreen(w, r, http.StatusOK, localeOf(r).Text(title), start)
}

// system is the screen of what the checks of the server found. The page's program
// has no sentences of the server, so it gets them as text.
func (h *screenHandlers) system(w http.ResponseWriter, r *http.Request, service api.Service) error {
	report, err := service.Health(r.Context())
	if err != nil {
		return h.failed(w, r, err)
	}
	report = localized(presentHealth(report), localeOf(r)).(health.Report)
	start := h.empty(r, service)
	start.Health = &report
	return h.pages.writeScreen(w, r, http.StatusOK, localeOf(r).Text("system"), start)
}

func (h *screenHandlers) noApplication(w http.ResponseWriter, r *http.Request) error {
	return h.missing(w, r, message.New("page.application-missing"), message.New("page.application-missing.text"))
}

func (h *screenHandlers) noCredential(w http.ResponseWriter, r *http.Request) error {
	return h.missing(w, r, message.New("page.credential-missing"), message.New("page.credential-missing.text"))
}

// missing says that what a screen is about does not exist for the caller.
func (h *screenHandlers) missing(w http.ResponseWriter, r *http.Request, title, text message.Message) error {
	return h.pages.writeText(w, r, http.StatusNotFound, textPage{Title: title, Text: []message.Message{text}, Back: true})
}

// failed writes an error as a page.
func (h *screenHandlers) failed(w http.ResponseWriter, r *http.Request, err error) error {
	p := h.errors.report(r, err)
	return h.pages.writeText(w, r, p.Status, textPage{
		Title: message.New("page.failed"), Text: []message.Message{message.Text(p.Detail), message.New("page.request", p.RequestID)}, Back: true,
	})
}

// empty returns the data of a screen before any is loaded.
func (h *screenHandlers) empty(r *http.Request, service api.Service) api.Start {
	start := api.Start{
		Path: r.URL.Path, Locale: localeOf(r).Tag(), Languages: otherLanguages(localeOf(r)), Theme: infoOf(r).theme, Purpose: paycor.PurposeSource, Caller: *infoOf(r).caller,
		Preferred: h.preferred, Now: h.clock().UTC(), List: presentPage(paycor.CredentialPage{}), Environments: []paycor.Environment{},
	}
	// Without the session the page works but cannot warn of its end.
	if current, err := service.CurrentSession(r.Context(), false); err == nil {
		start.Session = &current
	}
	return start
}

// start returns the data that every screen with credentials needs.
func (h *screenHandlers) start(r *http.Request, service api.Service) (api.Start, error) {
	start := h.empty(r, service)
	if r.URL.Query().Get("purpose") == string(paycor.PurposeDestination) {
		start.Purpose = paycor.PurposeDestination
	}
	environments, err := service.Environments(r.Context())
	start.Environments = nonNil(environments)
	if err != nil {
		return start, fmt.Errorf("listing the environments: %w", err)
	}
	if start.Preferred == "" && len(environments) > 0 {
		start.Preferred = environments[0].Name
	}
	return start, nil
}

// startWithList adds the first page of the credentials that the address asks for.
func (h *screenHandlers) startWithList(r *http.Request, service api.Service) (api.Start, error) {
	start, err := h.start(r, service)
	if err != nil {
		return start, err
	}
	query := paycor.Query{WithCounts: true}
	query.Read(r.URL.Query()) // of a wrong parameter, the page shows that it filters nothing
	address := query.Values()
	if r.URL.Query().Get(api.QueryView) == api.ViewTable {
		address.Set(api.QueryView, api.ViewTable)
		query.Limit = api.TablePage
	}
	start.Query = address.Encode()
	list, err := service.Credentials(r.Context(), query)
	start.List = presentPage(list)
	return start, err
}

// addEnvironments adds the environments for callers who may view them.
func addEnvironments(r *http.Request, service api.Service, start *api.Start) error {
	if !start.Caller.Rights.Has(paycor.RightView) {
		return nil
	}
	environments, err := service.Environments(r.Context())
	start.Environments = nonNil(environments)
	return err
}
