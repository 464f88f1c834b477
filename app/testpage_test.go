package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/health"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/session"
	"paycorcred/paycor/verdicts"
)

var noon = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

// fakeService is an api.Service with responses that a test sets.
type fakeService struct {
	fakeAudit

	fakeHosts
	fakeChannels
	page     paycor.CredentialPage
	paged    func() paycor.CredentialPage // in place of page, if it is set
	one      paycor.Credential
	saved    paycor.Saved
	verdict  verdicts.Verdict
	steps    []verdicts.Step
	err      error
	during   func() // runs during a call
	created  []paycor.CreateOptions
	drafts   []paycor.Draft
	asked    []paycor.VerifyRequest
	patches  []paycor.Patch
	updates  []paycor.UpdateOptions
	kept     error    // of updates without force
	read     []string // one by one
	deleted  []string
	searches []paycor.Query
	counts   listing.Counts
	begun    paycor.Activation
	answers  []paycor.ActivationAnswer
	link     activation.NewLink
	links    []activation.Link
	lost     int // links that cannot be read

	sessions []session.Session
	session  session.Session
	ended    []string
	stayed   int
	shared   []*paycor.Sharing
	fakeConsumers
	fakeRotation
	fakeApplications
	peer   paycor.PeerAnswer
	health health.Report
}

func (f *fakeService) run() error {
	if f.during != nil {
		f.during()
	}
	return f.err
}

func (f *fakeService) Environments(context.Context) ([]paycor.Environment, error) {
	return paycor.Environments(), f.err
}

func (f *fakeService) Credentials(_ context.Context, query paycor.Query) (paycor.CredentialPage, error) {
	f.searches = append(f.searches, query)
	page := f.page
	if f.paged != nil {
		page = f.paged()
	}
	if len(query.IDs) > 0 {
		page = paycor.CredentialPage{}
		for _, credential := range f.page.Credentials {
			if slices.Contains(query.IDs, credential.ID) {
				page.Credentials = append(page.Credentials, credential)
			}
		}
	}
	if query.WithCounts {
		counts := f.counts
		counts.Total = max(counts.Total, f.page.Total)
		page.Counts = &counts
	}
	return page, f.err
}

func (f *fakeService) CredentialCounts(context.Context) (listing.Counts, error) {
	return f.counts, f.err
}

func (f *fakeService) Credential(_ context.Context, id string) (paycor.Credential, error) {
	f.read = append(f.read, id)
	return f.one, f.err
}

func (f *fakeService) Create(_ context.Context, draft paycor.Draft, options paycor.CreateOptions) (paycor.Saved, error) {
	f.drafts, f.created = append(f.drafts, draft), append(f.created, options)
	return f.saved, f.run()
}

func (f *fakeService) Update(_ context.Context, _ string, patch paycor.Patch, options paycor.UpdateOptions) (paycor.Saved, error) {
	f.patches, f.updates = append(f.patches, patch), append(f.updates, options)
	if f.kept != nil && !options.Force {
		return paycor.Saved{}, f.kept
	}
	return f.saved, f.run()
}

func (f *fakeService) Delete(_ context.Context, id, _ string) error {
	f.deleted = append(f.deleted, id)
	return f.run()
}

func (f *fakeService) Verify(_ context.Context, _ string, progress paycor.Progress) (verdicts.Verdict, error) {
	for _, step := range f.steps {
		progress(step)
	}
	return f.verdict, f.run()
}

func (f *fakeService) VerifyDraft(ctx context.Context, request paycor.VerifyRequest, progress paycor.Progress) (verdicts.Verdict, error) {
	f.asked = append(f.asked, request)
	if progress != nil {
		for _, step := range f.steps {
			progress(step)
		}
	}
	err := f.run()
	if ctx.Err() != nil {
		return verdicts.Verdict{}, ctx.Err()
	}
	return f.verdict, err
}

func (f *fakeService) History(context.Context, string) (audit.History, error) {
	return audit.History{}, errors.New("not asked for here")
}

// fill types values into the inputs of the editor.
func fill(document *domtest.Document, values map[fields.Field]string) {
	for field, value := range values {
		document.Values[inputID(field)] = value
	}
}

// good are values that pass Check.
func good() map[fields.Field]string {
	return map[fields.Field]string{
		fields.Name: "Nightly export", fields.Environment: "sandbox", fields.Grant: "client_credentials",
		fields.ClientID:        "0123456789abcdef0123",
		fields.ClientSecret:    "invented/secret+for/tests/0000000000000001",
		fields.SubscriptionKey: "00112233445566778899aabbccddeeff",
		fields.LegalEntityID:   "654321",
	}
}

func sample(id, name string) paycor.Credential {
	return paycor.Credential{
		ID: id, Name: name, Description: "For tests", Environment: "sandbox", Grant: paycor.GrantClientCredentials,
		ClientID: "0123456789abcdef0123", LegalEntityID: 654321, HasClientSecret: true, HasSubscriptionKey: true,
		ClientSecretSavedAt: noon, SubscriptionKeySavedAt: noon, State: paycor.StateNotVerified,
		CreatedAt: noon.Add(-time.Hour), UpdatedAt: noon.Add(-time.Minute), Version: 7,
	}
}

func startList(credentials ...paycor.Credential) api.Start {
	return api.Start{
		Path: "/", Purpose: paycor.PurposeSource, Caller: paycor.Caller{Name: "Ada", Rights: paycor.AllRights()},
		Environments: paycor.Environments(), Preferred: "sandbox", Now: noon,
		List: paycor.CredentialPage{Credentials: credentials, Total: len(credentials)},
	}
}

func startOwn(credential paycor.Credential) api.Start {
	start := startList()
	start.Path, start.Credential = "/credentials/"+credential.ID, &credential
	return start
}

// newTestPage returns a page of credentials whose work runs synchronously, so that a
// test does not wait.
func newTestPage(start api.Start) (*credentialsPage, *fakeService, *domtest.Document) {
	p, service, document := newAnyTestPage(start)
	return credentialsOf(p), service, document
}

// newAnyTestPage is newTestPage for a page with any content.
func newAnyTestPage(start api.Start) (*Page, *fakeService, *domtest.Document) {
	service, document := &fakeService{}, domtest.NewDocument()
	p := New(Config{Start: start, Service: service, Document: document, Clock: func() time.Time { return noon }})
	p.loop.Async = func(do func()) { do() }
	return p, service, document
}

// credentialsOf returns the content of a page of credentials.
func credentialsOf(p *Page) *credentialsPage { return p.content.(*credentialsPage) }
