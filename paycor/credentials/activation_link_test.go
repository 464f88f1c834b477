package credentials_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// visitor is the holder of a link, in a browser.
func visitor(browser string) paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerLink, Browser: browser, From: "192.0.2.9", RequestID: "r9"}
}

// program is a consumer with the right edit.
func program() paycor.Caller {
	caller := env.Program("pipeline")
	caller.Rights = paycor.Rights{paycor.RightEdit}
	return caller
}

func createLink(t *testing.T, h *env.Simulation, caller paycor.Caller, credential string) activation.NewLink {
	t.Helper()
	link, err := h.As(caller).CreateActivationLink(t.Context(), credential)
	require.NoError(t, err)
	return link
}

// visit uses a link up to Paycor's page.
func visit(t *testing.T, h *env.Simulation, code paycor.Secret, browser string) (address string) {
	t.Helper()
	handle, err := h.StartActivationByLink(t.Context(), code, visitor(browser), env.RedirectURI)
	require.NoError(t, err)
	address, err = h.OpenActivation(t.Context(), handle, visitor(browser))
	require.NoError(t, err)
	return address
}

func linkState(t *testing.T, h *env.Simulation, code paycor.Secret) activation.LinkState {
	t.Helper()
	invitation, err := h.Invitation(t.Context(), code)
	require.NoError(t, err)
	return invitation.State
}

func TestActivationByLink(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	saved := h.Create(t)
	link := createLink(t, h, env.Administrator(), saved.ID)
	assert.False(t, link.SignIn)
	assert.Equal(t, activation.LinkLifetime, link.ExpiresAt.Sub(link.CreatedAt))
	assert.NotContains(t, encoded(t, link), link.Code.Reveal())
	for range 3 {
		invitation, err := h.Invitation(t.Context(), link.Code)
		require.NoError(t, err)
		assert.Equal(t, activation.LinkOpen, invitation.State, "looking does not use it up")
		assert.Equal(t, saved.ClientID, invitation.ClientID)
		assert.Equal(t, "Ann", invitation.CreatedBy)
		assert.NotContains(t, encoded(t, invitation), h.App.Details().PrimaryKey)
	}
	address := visit(t, h, link.Code, "b1")
	denied := consent(t, h.Paycor, address, paycortest.Deny)
	credential, found, err := h.FinishActivationByLink(t.Context(), visitor("b1"), denied)
	assert.True(t, found)
	assert.Equal(t, verdicts.CodeActivationDenied, verdictOf(t, err).Code)
	assert.Equal(t, saved.Name, credential.Name)
	assert.Equal(t, activation.LinkOpen, linkState(t, h, link.Code), "it can be tried again")

	answer := consent(t, h.Paycor, visit(t, h, link.Code, "b1"), paycortest.Allow)
	credential, found, err = h.FinishActivationByLink(t.Context(), visitor("b1"), answer)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, paycor.StateVerified, credential.State)
	assert.Equal(t, audit.NameActivationLink, h.Credential(t, saved.ID).ActivatedBy)
	assert.Equal(t, activation.LinkUsed, linkState(t, h, link.Code))

	_, err = h.StartActivationByLink(t.Context(), link.Code, visitor("b1"), env.RedirectURI)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "once")
	_, found, err = h.FinishActivationByLink(t.Context(), visitor("b1"), answer)
	assert.False(t, found, "its state is used up")
	require.NoError(t, err)
	var disclosed, created int
	for _, entry := range h.Trail(t) {
		switch entry.Action {
		case audit.ActionDisclose:
			disclosed++
			assert.Equal(t, paycor.CallerLink, entry.CallerKind)
			assert.Equal(t, link.ID, entry.CallerID)
			assert.Equal(t, []fields.Field{fields.SubscriptionKey}, entry.Fields)
			assert.Equal(t, "192.0.2.9", entry.From)
		case audit.ActionActivationLink:
			created++
			assert.Equal(t, link.ID, entry.Detail)
		}
	}
	assert.Equal(t, 2, disclosed)
	assert.Equal(t, 1, created)
	assert.NotContains(t, encoded(t, h.Trail(t))+h.Log.String(), link.Code.Reveal())
}

// A link carries no more authority than its creator has: one of a program or of a frame
// needs a person who signs in.
func TestLinkOfAProgramNeedsASignIn(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	saved := h.Create(t)
	framed := env.Administrator()
	framed.Kind = paycor.CallerEmbedded
	for _, creator := range []paycor.Caller{program(), framed} {
		link := createLink(t, h, creator, saved.ID)
		assert.True(t, link.SignIn, creator.Kind)
		for _, caller := range []paycor.Caller{visitor("b1"), program(), framed} {
			_, err := h.StartActivationByLink(t.Context(), link.Code, caller, env.RedirectURI)
			assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), caller.Kind)
		}
		elsewhere := browser("b1")
		elsewhere.Workspace = "other"
		_, err := h.StartActivationByLink(t.Context(), link.Code, elsewhere, env.RedirectURI)
		assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
		_, err = h.StartActivationByLink(t.Context(), link.Code, env.Person(paycor.RightView), env.RedirectURI)
		assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))

		handle, err := h.StartActivationByLink(t.Context(), link.Code, browser("b1"), env.RedirectURI)
		require.NoError(t, err)
		_, err = h.OpenActivation(t.Context(), handle, visitor("b1"), browser("b2"))
		assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "another browser")
		address, err := h.OpenActivation(t.Context(), handle, visitor("b1"), browser("b1"))
		require.NoError(t, err)
		_, err = h.As(browser("b1")).Activate(t.Context(), "", consent(t, h.Paycor, address, paycortest.Allow), nil)
		require.NoError(t, err)
		assert.Equal(t, activation.LinkUsed, linkState(t, h, link.Code))
	}
	open := createLink(t, h, env.Administrator(), saved.ID)
	_, err := h.StartActivationByLink(t.Context(), open.Code, program(), env.RedirectURI)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "a token is no visitor")
}

// A link is of no use for another credential, in another browser, or once it has ended,
// at whatever step that happens.
func TestLinkAttacks(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	saved := h.Create(t)
	link := createLink(t, h, env.Administrator(), saved.ID)
	answer := consent(t, h.Paycor, visit(t, h, link.Code, "b1"), paycortest.Allow)
	for name, caller := range map[string]paycor.Caller{"another browser": visitor("b2"), "no browser": visitor("")} {
		_, found, err := h.FinishActivationByLink(t.Context(), caller, answer)
		assert.False(t, found, name)
		require.NoError(t, err)
	}
	_, err := h.As(browser("b1")).Activate(t.Context(), "", answer, nil)
	assert.Equal(t, verdicts.CodeActivationExpired, verdictOf(t, err).Code, "a person is not the visitor")
	for _, code := range []string{"", "none", link.Code.Reveal() + "x"} {
		_, err := h.Invitation(t.Context(), paycor.NewSecret(code))
		assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
		_, err = h.StartActivationByLink(t.Context(), paycor.NewSecret(code), visitor("b1"), env.RedirectURI)
		assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	}

	// What a visitor may do goes no further than this credential.
	other := h.Create(t)
	by := visitor("b1")
	by.ID, by.Workspace, by.Rights, by.Credentials = link.ID, saved.Name, nil, []string{saved.ID}
	_, err = h.As(by).Activate(t.Context(), other.ID, answer, nil)
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))

	// Two tabs get to Paycor's page; the first that comes back counts.
	second := consent(t, h.Paycor, visit(t, h, link.Code, "b1"), paycortest.Allow)
	_, _, err = h.FinishActivationByLink(t.Context(), visitor("b1"), second)
	require.NoError(t, err)
	secrets := h.Secrets(t, saved.ID)
	_, found, err := h.FinishActivationByLink(t.Context(), visitor("b1"), answer)
	assert.True(t, found)
	assert.Equal(t, verdicts.CodeActivationExpired, verdictOf(t, err).Code, "the other tab")
	assert.Equal(t, secrets, h.Secrets(t, saved.ID), "and changes nothing")

	end := map[string]func(activation.NewLink){
		"revoked": func(link activation.NewLink) {
			require.NoError(t, h.As(env.Administrator()).RevokeActivationLink(t.Context(), saved.ID, link.ID))
		},
		"used elsewhere": func(link activation.NewLink) {
			require.NoError(t, h.Store.Update(t.Context(), func(tx store.Tx) error {
				return tx.MarkActivationLinkUsed(store.HashSecret(link.Code), time.Now())
			}))
		},
	}
	for name, end := range end {
		t.Run(name, func(t *testing.T) {
			link := createLink(t, h, env.Administrator(), saved.ID)
			answer := consent(t, h.Paycor, visit(t, h, link.Code, "b1"), paycortest.Allow)
			handle, err := h.StartActivationByLink(t.Context(), link.Code, visitor("b1"), env.RedirectURI)
			require.NoError(t, err)
			end(link)
			_, err = h.StartActivationByLink(t.Context(), link.Code, visitor("b1"), env.RedirectURI)
			assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
			_, err = h.OpenActivation(t.Context(), handle, visitor("b1"))
			assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "a start that was not opened yet")
			_, found, err := h.FinishActivationByLink(t.Context(), visitor("b1"), answer)
			assert.True(t, found)
			assert.Equal(t, verdicts.CodeActivationExpired, verdictOf(t, err).Code, "somebody on Paycor's page")
			assert.Equal(t, secrets, h.Secrets(t, saved.ID))
		})
	}
}

func TestManagingLinks(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	saved, other := h.Create(t), h.Create(t)
	service := h.As(env.Administrator())
	var links []activation.NewLink
	for range 10 {
		links = append(links, createLink(t, h, env.Administrator(), saved.ID))
	}
	_, err := service.CreateActivationLink(t.Context(), saved.ID)
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err), "not without end")
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(service.RevokeActivationLink(t.Context(), other.ID, links[0].ID)), "a link of another credential")
	require.NoError(t, service.RevokeActivationLink(t.Context(), saved.ID, links[0].ID))
	require.NoError(t, service.RevokeActivationLink(t.Context(), saved.ID, links[0].ID))
	_ = createLink(t, h, env.Administrator(), saved.ID)
	listed, err := service.ActivationLinks(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Len(t, listed.Links, 11)
	states := map[activation.LinkState]int{}
	for _, link := range listed.Links {
		states[link.State]++
	}
	assert.Equal(t, map[activation.LinkState]int{activation.LinkOpen: 10, activation.LinkRevoked: 1}, states)

	viewer := h.As(env.Person(paycor.RightView, paycor.RightUse, paycor.RightAdmin))
	_, err = viewer.CreateActivationLink(t.Context(), saved.ID)
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
	_, err = viewer.ActivationLinks(t.Context(), saved.ID)
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(viewer.RevokeActivationLink(t.Context(), saved.ID, links[1].ID)))

	_, err = service.Update(t.Context(), saved.ID, paycor.Patch{Scope: ptr("")}, paycor.UpdateOptions{SkipVerify: true})
	require.NoError(t, err)
	_, err = service.CreateActivationLink(t.Context(), saved.ID)
	require.Len(t, paycor.ProblemsOf(err), 1)
	assert.Equal(t, fields.Scope, paycor.ProblemsOf(err)[0].Field)

	require.NoError(t, service.Delete(t.Context(), saved.ID, ""))
	_, err = h.Invitation(t.Context(), links[2].Code)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "deleted with its credential")
}

func TestLinkExpires(t *testing.T) {
	link := activation.Link{ExpiresAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	assert.Equal(t, activation.LinkOpen, link.At(link.ExpiresAt.Add(-1)).State)
	assert.Equal(t, activation.LinkExpired, link.At(link.ExpiresAt).State)
	h := env.Simulate(t, paycortest.HarborLogistics)
	saved := h.Create(t)
	code := paycor.NewSecret("a link that has expired")
	require.NoError(t, h.Store.Update(t.Context(), func(tx store.Tx) error {
		return tx.InsertActivationLink(store.ActivationLink{Hash: store.HashSecret(code), Workspace: "default", Credential: saved.ID, Link: link})
	}))
	assert.Equal(t, activation.LinkExpired, linkState(t, h, code))
	_, err := h.StartActivationByLink(t.Context(), code, visitor("b1"), env.RedirectURI)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
}
