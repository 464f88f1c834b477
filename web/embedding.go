package web

import (
	"context"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/embed"
	"slices"
	"strings"
)

// Embedding knows the hosts that may frame the page. Its errors are
// *paycor.Error; of kind KindHostUnknown where there is no such host.
type Embedding interface {
	// EmbeddingHost returns a host by its id.
	EmbeddingHost(ctx context.Context, id string) (embed.Host, error)

	// Exchange trades a host's token, once, for a session.
	Exchange(ctx context.Context, request embed.Request) (embed.Session, error)

	// CallerByEmbedding returns whoever an embedded session belongs to.
	CallerByEmbedding(ctx context.Context, handle paycor.Secret) (paycor.Caller, error)

	// ExamineEmbedding looks for what keeps a host from embedding the page.
	ExamineEmbedding(ctx context.Context, symptoms embed.Symptoms) ([]embed.CheckResult, error)
}

// frameScript is what an embedded page needs first.
const frameScript = "embed/frame.js"

// embedPrefix tells the handle of an embedded session from an API token.
const embedPrefix = "pce_"

// embedPage is the page inside a host's frame. It is the only one that may be
// framed, by that host alone, and no cookie is looked at: who sees it is told
// by a token, later. It is kept nowhere, because a kept page keeps its policy.
func (d *door) embedPage(w http.ResponseWriter, r *http.Request) error {
	values, err := readQuery(r, "host", "lang")
	if err != nil {
		return err
	}
	host, err := d.embeddingHost(r, values.Get("host"))
	if paycor.KindOf(err) == embed.KindHostUnknown {
		return d.writeWords(w, http.StatusNotFound, words{Title: "Unknown host", Text: []string{err.Error()}})
	}
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Security-Policy", policy(strings.Join(host.Origins, " ")))
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Cross-Origin-Embedder-Policy", "require-corp") // so that an isolated host can frame it
	header.Del("Cross-Origin-Opener-Policy")
	return d.writeShell(w, http.StatusOK, localeOf(r).Text("authenticate"), api.Start{
		Path: "/", Locale: localeOf(r).Tag(), Purpose: paycor.PurposeSource, Now: d.Clock().UTC(), List: shownPage(paycor.CredentialPage{}),
		Environments: []paycor.Environment{}, Embed: embedStart(host),
	})
}

func embedStart(host embed.Host) *embed.Start {
	return &embed.Start{Host: host.ID, Name: host.Name, Origins: host.Origins}
}

func (d *door) embeddingHost(r *http.Request, id string) (embed.Host, error) {
	if d.Embedding == nil {
		return embed.Host{}, paycor.Errorf(embed.KindHostUnknown, "Nothing may embed this server.")
	}
	return d.Embedding.EmbeddingHost(r.Context(), id)
}

// exchanged is the answer to a good token: the session's handle, which the
// page keeps in its memory, and all it needs to begin.
type exchanged struct {
	Session   string    `json:"session"`
	ExpiresIn int       `json:"expires_in"` // seconds: the page's clock may be wrong
	Start     api.Start `json:"start"`
}

// exchange trades a host's token for a session. Whatever is refused here is
// written down with a code of its own.
func (d *door) exchange(w http.ResponseWriter, r *http.Request) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	if err := d.sameOrigin(r); err != nil {
		return err
	}
	var request embed.Request
	if err := readJSON(w, r, targets{"host": &request.Host, "token": &request.Token, "origin": &request.Origin}, false); err != nil {
		return err
	}
	host, err := d.embeddingHost(r, request.Host)
	if err != nil {
		return asRefusal(err)
	}
	v := visitOf(r)
	// Until the token is found good, all that is known is the host it is for.
	v.caller = &paycor.Caller{Kind: paycor.CallerUnknown, ID: host.ID, Name: host.Name, Workspace: host.Workspace, From: v.from, RequestID: v.id}
	request.Audience, request.From, request.ID = d.origin(r), v.from, v.id
	session, err := d.Embedding.Exchange(r.Context(), request)
	if err != nil {
		return asRefusal(err)
	}
	service, err := d.lend(r, d.known(r, session.Caller))
	if err != nil {
		return err
	}
	start, err := d.start(r, service)
	if err == nil {
		start.List, err = service.Credentials(r.Context(), paycor.Query{})
		start.List = shownPage(start.List)
	}
	if err != nil {
		start.Failure = d.told(r, err).Detail
	}
	start.Path, start.Embed = "/", embedStart(host)
	return writeJSON(w, http.StatusOK, exchanged{
		Session: session.Handle.Reveal(), ExpiresIn: int(session.ExpiresAt.Sub(d.Clock()).Seconds()), Start: start,
	})
}

// asRefusal makes the door's own refusal of an error about a host's token.
func asRefusal(err error) error {
	if known, ok := err.(*paycor.Error); ok && slices.Contains(embed.Kinds(), known.Kind) {
		return &refusal{known: known}
	}
	return err
}

// byEmbedding finds out whom an embedded session belongs to. Its handle is
// sent by our own page alone: another site that got hold of it is refused.
func (d *door) byEmbedding(r *http.Request, handle paycor.Secret) (paycor.Caller, error) {
	ended := refuse(paycor.KindUnauthorized, "This embedded session has ended. Ask the host for another token.")
	if d.Embedding == nil {
		return paycor.Caller{}, ended
	}
	if err := d.sameOrigin(r); err != nil {
		return paycor.Caller{}, err
	}
	caller, err := d.Embedding.CallerByEmbedding(r.Context(), handle)
	if paycor.KindOf(err) == paycor.KindUnauthorized {
		return paycor.Caller{}, ended
	}
	if err != nil {
		return paycor.Caller{}, err
	}
	return d.known(r, caller), nil
}

// sdk serves the module that hosts load, and its types. Any page may read
// them; that gives nothing away and lets no page in.
func (d *door) sdk(name string) action {
	return func(w http.ResponseWriter, r *http.Request) error {
		one := d.files.byName[name]
		if one == nil {
			return noSuchAddress(r)
		}
		header := w.Header()
		header.Set("Access-Control-Allow-Origin", "*")
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
		header.Set("Cache-Control", "public, max-age=0, must-revalidate")
		return one.serve(w, r, name)
	}
}
