package sites_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/testkit/env"
)

// siteServer is the server of an embedding site, which has an API token.
type siteServer struct {
	*env.Environment
	token  paycor.Secret
	id     string // of the API token
	caller paycor.Caller
}

// newSiteServer registers the site "console", without keys, and creates an API token with
// the right embed.
func newSiteServer(t *testing.T, draft consumer.Draft) siteServer {
	t.Helper()
	e := env.New(t)
	admin := e.As(env.Administrator())
	_, err := admin.AddHost(t.Context(), embed.HostDraft{
		ID: "console", Name: "Console", Origins: []string{env.SiteOrigin}, Rights: paycor.Rights{paycor.RightView, paycor.RightEdit},
	})
	require.NoError(t, err)
	draft.Name, draft.Rights = "console server", paycor.Rights{paycor.RightEmbed}
	created, err := admin.CreateConsumer(t.Context(), draft)
	require.NoError(t, err)
	caller, err := e.CallerByToken(t.Context(), created.Token)
	require.NoError(t, err)
	return siteServer{e, created.Token, created.ID, caller}
}

func forAnn() embed.OneTimeTokenDraft {
	return embed.OneTimeTokenDraft{Host: "console", Person: embed.Person{Subject: "ann", Name: "Ann Example", Groups: []string{"payroll"}}, Rights: paycor.Rights{paycor.RightView}}
}

// create creates a one-time token, and returns the request that exchanges it.
func (s siteServer) create(t *testing.T, draft embed.OneTimeTokenDraft) embed.Request {
	t.Helper()
	created, err := s.CreateOneTimeToken(t.Context(), s.caller, draft)
	require.NoError(t, err)
	return embed.Request{Host: "console", Token: created.Token, Origin: env.SiteOrigin, Audience: "https://ours.example", From: "192.0.2.7", ID: "r9"}
}

func TestOneTimeTokenOpensOneSession(t *testing.T) {
	t.Parallel()
	s := newSiteServer(t, consumer.Draft{})
	created, err := s.CreateOneTimeToken(t.Context(), s.caller, forAnn())
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(created.Token.Reveal(), "pco_"))
	assert.Equal(t, s.Clock.Now().Add(embed.OneTimeTokenLifetime), created.ExpiresAt)
	entry := s.Trail(t)[0]
	assert.Equal(t, audit.ActionEmbedToken, entry.Action)
	assert.Equal(t, s.id, entry.CallerID)
	assert.Equal(t, "console/ann", entry.Detail)

	request := s.create(t, forAnn())
	second := s.NewBackend(t, s.Store)
	var handle atomic.Pointer[embed.Session]
	var opened atomic.Int32
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			m := []*backend.Backend{s.Backend, second}[i%2] // two processes over one store
			session, err := m.Exchange(t.Context(), request)
			if err == nil {
				opened.Add(1)
				handle.Store(&session)
			} else {
				assert.Equal(t, embed.KindTokenReplayed, paycor.KindOf(err))
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, opened.Load())
	session := handle.Load()
	assert.Equal(t, s.Clock.Now().Add(embed.SessionLifetime), session.ExpiresAt)
	caller, err := s.CallerByEmbedding(t.Context(), session.Handle)
	require.NoError(t, err)
	assert.Equal(t, paycor.CallerEmbedded, caller.Kind)
	assert.Equal(t, "console/ann", caller.ID)
	assert.Equal(t, "Ann Example (Console)", caller.Name)
	assert.Equal(t, paycor.Rights{paycor.RightView}, caller.Rights)
	entry = s.Trail(t)[0]
	assert.Equal(t, audit.ActionEmbed, entry.Action)
	assert.Equal(t, "console/ann", entry.CallerID)

	_, err = s.CallerByToken(t.Context(), request.Token)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "it is no API token")
	_, err = s.CallerByEmbedding(t.Context(), request.Token)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "it is no session")
}

func TestOneTimeTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := newSiteServer(t, consumer.Draft{})
	admin := s.As(env.Administrator())
	_, err := admin.AddHost(t.Context(), embed.HostDraft{
		ID: "other", Name: "Other", Origins: []string{env.SiteOrigin, "https://other.example"}, Rights: paycor.Rights{paycor.RightView},
	})
	require.NoError(t, err)
	for name, test := range map[string]struct {
		change func(*embed.Request)
		kind   paycor.Kind
	}{
		"made up":        {func(r *embed.Request) { r.Token = paycor.NewSecret("pco_madeup") }, embed.KindTokenUnknown},
		"another site":   {func(r *embed.Request) { r.Host = "other" }, embed.KindTokenIssuer},
		"foreign origin": {func(r *embed.Request) { r.Origin = "https://evil.example" }, embed.KindFrameOrigin},
		"too late":       {func(*embed.Request) { s.Clock.Pass(embed.OneTimeTokenLifetime) }, embed.KindTokenExpired},
	} {
		request := s.create(t, forAnn())
		test.change(&request)
		_, err := s.Exchange(t.Context(), request)
		assert.Equal(t, test.kind, paycor.KindOf(err), name)
	}
	draft := forAnn()
	draft.Host, draft.Origin = "other", "https://other.example"
	request := s.create(t, draft)
	request.Host = "other"
	_, err = s.Exchange(t.Context(), request)
	assert.Equal(t, embed.KindTokenOrigin, paycor.KindOf(err), "another origin of the site")
	results, err := s.ExamineEmbedding(t.Context(), embed.Symptoms{Host: "other", Token: request.Token})
	require.NoError(t, err)
	assert.Equal(t, embed.CheckGood, results[len(results)-1].State)
	request.Origin = "https://other.example"
	_, err = s.Exchange(t.Context(), request)
	assert.NoError(t, err, "the doctor does not use it up")
	results, err = s.ExamineEmbedding(t.Context(), embed.Symptoms{Host: "other", Token: request.Token})
	require.NoError(t, err)
	assert.Equal(t, embed.CheckBad, results[len(results)-1].State)
	assert.Equal(t, string(embed.KindTokenReplayed), results[len(results)-1].Remedy.String())
}

// A one-time token and its session end with the API token, and with the site.
func TestOneTimeTokenEndsWithItsAPIToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end    func(*testing.T, siteServer)
		unused paycor.Kind // error of a token that is not used yet
	}{
		"the API token is revoked": {func(t *testing.T, s siteServer) {
			require.NoError(t, s.As(env.Administrator()).RevokeConsumer(t.Context(), s.id))
		}, embed.KindTokenUnknown},
		"the site is removed": {func(t *testing.T, s siteServer) {
			require.NoError(t, s.As(env.Administrator()).RemoveHost(t.Context(), "console"))
		}, embed.KindHostUnknown},
		"the API token expires": {func(_ *testing.T, s siteServer) { s.Clock.Pass(time.Minute + time.Second) }, embed.KindTokenExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var draft consumer.Draft
			if name == "the API token expires" {
				draft.ExpiresAt = env.New(t).Clock.Now().Add(time.Minute)
			}
			s := newSiteServer(t, draft)
			session, err := s.Exchange(t.Context(), s.create(t, forAnn()))
			require.NoError(t, err)
			unused := s.create(t, forAnn())
			other := s.NewBackend(t, s.Store)
			_, err = other.CallerByEmbedding(t.Context(), session.Handle)
			require.NoError(t, err)

			test.end(t, s)
			_, err = other.CallerByEmbedding(t.Context(), session.Handle)
			assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
			_, err = other.Exchange(t.Context(), unused)
			assert.Equal(t, test.unused, paycor.KindOf(err))
			if test.unused != embed.KindTokenExpired {
				_, err = other.CreateOneTimeToken(t.Context(), s.caller, forAnn())
				assert.Contains(t, []paycor.Kind{paycor.KindUnauthorized, paycor.KindNotFound}, paycor.KindOf(err), "a request that was authenticated before")
			}
		})
	}
}

func TestOneTimeTokenIsChecked(t *testing.T) {
	t.Parallel()
	const listed = "cred_00000000000000000000000001"
	s := newSiteServer(t, consumer.Draft{})
	narrow := s.caller
	narrow.Credentials = []string{listed}
	for name, test := range map[string]struct {
		caller paycor.Caller
		change func(*embed.OneTimeTokenDraft)
		says   string
	}{
		"nobody":              {s.caller, func(d *embed.OneTimeTokenDraft) { d.Person.Subject = " " }, "problem.embed-subject"},
		"invisible subject":   {s.caller, func(d *embed.OneTimeTokenDraft) { d.Person.Subject = "a\u200bnn" }, "problem.embed-subject"},
		"long name":           {s.caller, func(d *embed.OneTimeTokenDraft) { d.Person.Name = strings.Repeat("n", 101) }, "problem.embed-name"},
		"no address":          {s.caller, func(d *embed.OneTimeTokenDraft) { d.Person.Email = "Ann <ann@console.example>" }, "problem.embed-email"},
		"invisible group":     {s.caller, func(d *embed.OneTimeTokenDraft) { d.Person.Groups = []string{"a\u200bb"} }, "problem.embed-groups"},
		"no rights":           {s.caller, func(d *embed.OneTimeTokenDraft) { d.Rights = nil }, "problem.embed-right-required"},
		"beyond the site":     {s.caller, func(d *embed.OneTimeTokenDraft) { d.Rights = paycor.Rights{paycor.RightView, paycor.RightAdmin} }, "problem.embed-right-outside"},
		"the right embed":     {s.caller, func(d *embed.OneTimeTokenDraft) { d.Rights = paycor.Rights{paycor.RightEmbed} }, "problem.embed-right-outside"},
		"foreign origin":      {s.caller, func(d *embed.OneTimeTokenDraft) { d.Origin = "https://evil.example" }, "problem.embed-origin-unknown"},
		"no credential":       {s.caller, func(d *embed.OneTimeTokenDraft) { d.Credentials = []string{"x"} }, "problem.embed-credential-outside"},
		"an empty list":       {s.caller, func(d *embed.OneTimeTokenDraft) { d.Credentials = []string{} }, "problem.embed-credentials-empty"},
		"outside of the list": {narrow, func(d *embed.OneTimeTokenDraft) { d.Credentials = []string{"cred_00000000000000000000000002"} }, "problem.embed-credential-outside"},
	} {
		draft := forAnn()
		test.change(&draft)
		_, err := s.CreateOneTimeToken(t.Context(), test.caller, draft)
		assert.Equal(t, paycor.KindInvalid, paycor.KindOf(err), name)
		assert.ErrorContains(t, err, test.says, name)
	}
	session, err := s.Exchange(t.Context(), embed.Request{Host: "console", Origin: env.SiteOrigin, Token: func() paycor.Secret {
		created, err := s.CreateOneTimeToken(t.Context(), narrow, forAnn())
		require.NoError(t, err)
		return created.Token
	}()})
	require.NoError(t, err)
	assert.Equal(t, []string{listed}, session.Caller.Credentials, "the list of the API token")

	elsewhere, without := s.caller, s.caller
	elsewhere.Workspace, without.Rights = "other", paycor.Rights{paycor.RightView, paycor.RightAdmin}
	_, err = s.CreateOneTimeToken(t.Context(), elsewhere, forAnn())
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err), "a site of another workspace")
	_, err = s.CreateOneTimeToken(t.Context(), without, forAnn())
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err), "no other right includes it")
	entry := s.Trail(t)[0]
	assert.Equal(t, "refused missing_right_embed", entry.Outcome+" "+entry.Detail)
	_, err = s.As(env.Administrator()).AddHost(t.Context(), embed.HostDraft{
		Name: "More", Origins: []string{env.SiteOrigin}, Rights: paycor.Rights{paycor.RightView, paycor.RightEmbed},
	})
	assert.ErrorContains(t, err, "problem.site-right-unknown", "a frame cannot have it")
}

// The credentials that a site lists are those that a person sees of what is shared with
// them, and no more.
func TestListOfCredentialsOnlyNarrows(t *testing.T) {
	t.Parallel()
	s := newSiteServer(t, consumer.Draft{})
	owner := s.As(env.Administrator())
	shared, restricted := env.Create(t, owner), env.Create(t, owner)
	_, err := owner.Share(t.Context(), restricted.ID, &paycor.Sharing{People: []string{"carol@example.test"}}, "")
	require.NoError(t, err)
	draft := forAnn()
	draft.Rights, draft.Credentials = paycor.Rights{paycor.RightView, paycor.RightEdit}, []string{shared.ID, restricted.ID}
	session, err := s.Exchange(t.Context(), s.create(t, draft))
	require.NoError(t, err)
	caller, err := s.CallerByEmbedding(t.Context(), session.Handle)
	require.NoError(t, err)
	page, err := s.As(caller).Credentials(t.Context(), paycor.Query{})
	require.NoError(t, err)
	require.Len(t, page.Credentials, 1)
	assert.Equal(t, shared.ID, page.Credentials[0].ID)
	_, err = s.As(caller).Credential(t.Context(), restricted.ID)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
	_, err = owner.Share(t.Context(), restricted.ID, &paycor.Sharing{Groups: []string{"payroll"}}, "")
	require.NoError(t, err)
	_, err = s.As(caller).Credential(t.Context(), restricted.ID)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err), "a group of the sign-in, not of the site")
	_, err = owner.Share(t.Context(), restricted.ID, &paycor.Sharing{Groups: []string{"console/payroll"}}, "")
	require.NoError(t, err)
	_, err = s.As(caller).Credential(t.Context(), restricted.ID)
	assert.NoError(t, err)
	_, err = s.As(caller).Create(t.Context(), env.Draft(), paycor.CreateOptions{})
	assert.ErrorContains(t, err, "error.add-listed")
	assert.Equal(t, "outside_allow_list", s.Trail(t)[0].Detail)
}

// A server that asks for tokens without end, no matter for whom, is refused.
func TestOneTimeTokensAreLimited(t *testing.T) {
	t.Parallel()
	s := newSiteServer(t, consumer.Draft{})
	limited := s.NewBackend(t, s.Store)
	created := 0
	for {
		_, err := limited.CreateOneTimeToken(t.Context(), s.caller, forAnn())
		if paycor.KindOf(err) == quota.KindTooOften {
			break
		}
		require.NoError(t, err)
		created++
	}
	assert.Equal(t, 1200, created)
}
