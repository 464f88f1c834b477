package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/embed/appearance"
	"paycorcred/paycor/message"
)

// Embedding knows the embedding sites and their sessions. Its errors are
// *paycor.Error; the kind is KindHostUnknown for an unknown site.
type Embedding interface {
	// EmbeddingHost returns an embedding site by its id.
	EmbeddingHost(ctx context.Context, id string) (embed.Host, error)

	// Exchange exchanges a site's token, once, for a session.
	Exchange(ctx context.Context, request embed.Request) (embed.Session, error)

	// CreateOneTimeToken creates a token that can be exchanged for a session of a person,
	// once. It needs the right embed.
	CreateOneTimeToken(ctx context.Context, caller paycor.Caller, draft embed.OneTimeTokenDraft) (embed.OneTimeToken, error)

	// CallerByEmbedding returns the person an embedded session belongs to.
	CallerByEmbedding(ctx context.Context, handle paycor.Secret) (paycor.Caller, error)

	// ExamineEmbedding diagnoses why a site cannot embed the page.
	ExamineEmbedding(ctx context.Context, symptoms embed.Symptoms) ([]embed.CheckResult, error)
}

// embedHandlers serve the embedded page and its diagnosis.
type embedHandlers struct {
	auth     *authenticator
	errors   *errorWriter
	pages    *pageRenderer
	screens  *screenHandlers
	services serviceBinder
	sites    Embedding // nil without embedding
	secure   bool
	clock    func() time.Time
}

// host returns an embedding site by its id.
func (h *embedHandlers) host(r *http.Request, id string) (embed.Host, error) {
	if h.sites == nil {
		return embed.Host{}, paycor.Errorf(embed.KindHostUnknown, "error.nothing-embeds")
	}
	return h.sites.EmbeddingHost(r.Context(), id)
}

// page is the page for the frame of an embedding site, the only page that may be
// framed, and only by that site. It ignores cookies: a token identifies the
// person later. It is not cached, because a cached page keeps its old policy.
func (h *embedHandlers) page(w http.ResponseWriter, r *http.Request) error {
	values, err := readQuery(r, "host", "lang", "theme", "appearance")
	if err != nil {
		return err
	}
	host, err := h.host(r, values.Get("host"))
	if paycor.KindOf(err) == embed.KindHostUnknown {
		return h.pages.writeText(w, r, http.StatusNotFound, textPage{Title: message.New("page.unknown-site"), Text: []message.Message{message.Of(err)}})
	}
	if err != nil {
		return err
	}
	looks, problem := appearance.Parse(values.Get("appearance"))
	style := looks.Style()
	var styles []string
	if style != "" {
		styles = []string{style}
	}
	header := w.Header()
	header.Set("Content-Security-Policy", contentSecurityPolicy(strings.Join(host.Origins, " "), styles...))
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Cross-Origin-Embedder-Policy", "require-corp") // lets a cross-origin isolated site frame it
	header.Del("Cross-Origin-Opener-Policy")
	if theme := api.Theme(values.Get("theme")); theme.Valid() {
		infoOf(r).theme = theme // known before the first paint
	}
	start := embedStart(host)
	if !problem.IsZero() {
		start.Appearance = problem.In(locale.English) // for the site's developer, as all errors of the frame
	}
	return h.pages.writeStyledScreen(w, r, http.StatusOK, localeOf(r).Text("authenticate"), api.Start{
		Path: "/", Locale: localeOf(r).Tag(), Purpose: paycor.PurposeSource, Now: h.clock().UTC(), List: presentPage(paycor.CredentialPage{}),
		Environments: []paycor.Environment{}, Embed: start,
	}, style)
}

// lookResponse is how a site's appearance looks.
type lookResponse struct {
	Style   string `json:"style"`   // a style sheet; empty for the page's own look
	Problem string `json:"problem"` // why the appearance is not used, for the site's developer; empty if it is
}

// look checks an appearance that a frame gets after it has loaded, as page checks that of
// its address.
func (h *embedHandlers) look(w http.ResponseWriter, r *http.Request) error {
	values, err := readQuery(r, "appearance")
	if err != nil {
		return err
	}
	looks, problem := appearance.Parse(values.Get("appearance"))
	response := lookResponse{Style: looks.Style()}
	if !problem.IsZero() {
		response.Problem = problem.In(locale.English)
	}
	return writeJSON(w, http.StatusOK, response)
}

func embedStart(host embed.Host) *embed.Start {
	return &embed.Start{Host: host.ID, Name: host.Name, Origins: host.Origins}
}
