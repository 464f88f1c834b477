package web

import (
	"net/http"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/api"
)

// apiRoot is the path prefix of the API.
const apiRoot = "/api/v1"

// route is a pattern of http.ServeMux with its policy and handler. A GET
// pattern also serves HEAD.
type route struct {
	pattern string
	policy  routePolicy
	handler http.Handler
}

// routes is the table of all routes. Tests compare it with the API description
// and with what each caller can do.
func (s *server) routes() []route {
	return slices.Concat(s.credentialRoutes(), s.administrationRoutes(), s.pageRoutes(), s.embedRoutes(), s.signInRoutes(), s.operationRoutes())
}

func (s *server) credentialRoutes() []route {
	view, edit, admin := requires(paycor.RightView), requires(paycor.RightEdit), requires(paycor.RightAdmin)
	return []route{
		{"GET /api/v1/credentials", view, s.api(s.inTurn(listCredentials))},
		{"GET /api/v1/credentials/counts", view, s.api(s.inTurn(noQuery(countCredentials)))},
		{"POST /api/v1/credentials", edit, s.api(createCredential)},
		{"GET /api/v1/credentials/{id}", view, s.api(byCredential(getCredential))},
		{"PATCH /api/v1/credentials/{id}", edit, s.api(patchCredential)},
		{"DELETE /api/v1/credentials/{id}", admin, s.api(byCredential(deleteCredential))},
		{"PUT /api/v1/credentials/{id}/sharing", edit, s.api(byCredential(shareCredential))},
		{"GET /api/v1/credentials/{id}/history", view, s.api(s.inTurn(byCredential(credentialHistory)))},
		{"GET /api/v1/credentials/{id}/usage", view, s.api(s.inTurn(byCredential(credentialUsage)))},
		{"POST /api/v1/credentials/{id}/verify", edit, s.api(byCredential(s.progress.verifyCredential))},
		{"POST /api/v1/credentials/{id}/test-call", requires(paycor.RightRead).orRight(paycor.RightUse).peopleOnly().limitedByItself(), s.api(byCredential(s.calls.test))},
		{"POST /api/v1/credentials/{id}/activation", edit.peopleOnly().otherwise(activation.PeopleOnly()), s.api(byCredential(s.activation.start))},
		{"GET /api/v1/credentials/{id}/activation/links", edit, s.api(byCredential(listActivationLinks))},
		{"POST /api/v1/credentials/{id}/activation/links", edit, s.api(byCredential(s.activation.createLink))},
		{"DELETE /api/v1/credentials/{id}/activation/links/{link}", edit, s.api(byCredential(revokeActivationLink))},
		{"POST /api/v1/credentials/{id}/activation/code", edit, s.api(byCredential(activate))},
		{"POST /api/v1/credentials/{id}/rotation", edit, s.api(byCredential(s.progress.rotate))},
		{"DELETE /api/v1/credentials/{id}/rotation", edit, s.api(byCredential(endRotation))},
		{"POST /api/v1/credentials/{id}/rotation/back", edit, s.api(byCredential(s.progress.rollBack))},
		{"GET /api/v1/applications", requires(paycor.RightView, paycor.RightEdit), s.api(s.inTurn(listApplications))},
		{"GET /api/v1/applications/{id}", requires(paycor.RightView, paycor.RightEdit), s.api(noQuery(getApplication))},
		{"GET /api/v1/applications/{id}/usage", view, s.api(s.inTurn(noQuery(applicationUsage)))},
		{"POST /api/v1/duplicates", edit.notCounted(), s.api(noQuery(findDuplicates))},
		{"POST /api/v1/verify", edit, s.api(noQuery(s.progress.verifyDraft))},
		{"POST /api/v1/verify/counterpart", edit, s.api(noQuery(verifyInPeerEnvironment))},
		{"GET /api/v1/environments", view, s.api(noQuery(listEnvironments))},
		{"GET /api/v1/events", view.inBackground(), s.api(noQuery(s.eventStreams.serve))},

		// Well-formed calls never reach the mux; see identify.
		{"GET " + callPattern, public(), s.public(s.calls.malformed)},
		{"POST " + callPattern, public(), s.public(s.calls.malformed)},
		{"PUT " + callPattern, public(), s.public(s.calls.malformed)},
		{"PATCH " + callPattern, public(), s.public(s.calls.malformed)},
		{"DELETE " + callPattern, public(), s.public(s.calls.malformed)},
	}
}

func (s *server) administrationRoutes() []route {
	admin := requires(paycor.RightAdmin).notEmbedded()
	// Nobody can pass on rights they do not have, so these routes grant all
	// rights of the caller.
	delegating := requires(paycor.RightAdmin, paycor.AllRights()...).notEmbedded()
	return []route{
		{"GET /api/v1/tokens", admin, s.api(s.inTurn(listTokens))},
		{"POST /api/v1/tokens", delegating, s.api(noQuery(createToken))},
		{"DELETE /api/v1/tokens/{id}", admin, s.api(noQuery(revokeToken))},
		{"GET /api/v1/session", authenticated().peopleOnly().inBackground(), s.api(noQuery(currentSession))},
		{"POST /api/v1/session", authenticated().peopleOnly(), s.api(extendSession)},
		{"GET /api/v1/sessions", authenticated().peopleOnly(), s.api(s.inTurn(noQuery(listSessions)))},
		{"GET /api/v1/sessions/all", admin, s.api(s.inTurn(noQuery(listAllSessions)))},
		{"DELETE /api/v1/sessions/{id}", authenticated(paycor.RightAdmin).notEmbedded(), s.api(noQuery(endSession))},
		{"GET /api/v1/audit", admin, s.api(s.audit.list)},
		{"GET /api/v1/audit/export", admin.counted(), s.api(s.audit.export)},
		{"GET /api/v1/doctor", admin.inBackground(), s.api(noQuery(getHealth))},
		{"GET /api/v1/hosts", admin, s.api(s.inTurn(noQuery(listEmbedHosts)))},
		{"POST /api/v1/hosts", delegating, s.api(noQuery(addEmbedHost))},
		{"PATCH /api/v1/hosts/{id}", delegating, s.api(noQuery(patchEmbedHost))},
		{"DELETE /api/v1/hosts/{id}", admin, s.api(noQuery(removeEmbedHost))},
		{"GET /api/v1/channels", admin, s.api(s.inTurn(noQuery(listChannels)))},
		{"POST /api/v1/channels", admin, s.api(noQuery(addChannel))},
		{"PATCH /api/v1/channels/{id}", admin, s.api(noQuery(patchChannel))},
		{"DELETE /api/v1/channels/{id}", admin, s.api(noQuery(removeChannel))},
		{"POST /api/v1/channels/{id}/secret", admin, s.api(noQuery(replaceChannelSecret))},
		{"POST /api/v1/channels/{id}/test", admin, s.api(noQuery(testChannel))},
		{"GET /api/v1/channels/{id}/deliveries", admin, s.api(s.inTurn(listDeliveries))},
		{"POST /api/v1/channels/{id}/deliveries/{delivery}/replay", admin, s.api(noQuery(replayDelivery))},
	}
}

func (s *server) pageRoutes() []route {
	return []route{
		{"GET /{$}", requires(paycor.RightView).peopleOnly(), s.page(s.inTurn(s.screens.authenticate))},
		{"GET /credentials/{id}", requires(paycor.RightView).peopleOnly(), s.page(s.inTurn(s.screens.credential))},
		{"GET /applications/{id}", requires(paycor.RightView).peopleOnly(), s.page(s.inTurn(s.screens.application))},
		{"GET " + api.PathAudit, requires(paycor.RightAdmin, paycor.RightView).peopleOnly(), s.page(s.screens.auditTrail)},
		{"GET " + api.PathConsumers, requires(paycor.RightAdmin, paycor.RightView).peopleOnly(), s.page(s.inTurn(s.screens.consumers))},
		{"GET " + api.PathHosts, requires(paycor.RightAdmin).peopleOnly(), s.page(s.inTurn(s.screens.embedHosts))},
		{"GET " + api.PathChannels, requires(paycor.RightAdmin).peopleOnly(), s.page(s.inTurn(s.screens.channels))},
		{"GET " + api.PathSessions, authenticated(paycor.RightAdmin).peopleOnly(), s.page(s.inTurn(s.screens.sessions))},
		{"GET " + api.PathSystem, requires(paycor.RightAdmin).peopleOnly(), s.page(s.screens.system)},
		{"GET " + activationStart + "{handle}", public(paycor.RightEdit), s.public(s.activation.open)},
		{"GET " + activationLinks + "{code}", public(), s.public(s.activation.link)},
		{"POST " + activationLinks + "{code}", public(paycor.RightEdit), s.public(s.activation.startByLink)},
		{"GET " + activationCallback, public(paycor.RightEdit), s.public(s.activation.callback)},
	}
}

func (s *server) embedRoutes() []route {
	return []route{
		{"GET /embed", public(), s.public(s.embed.page)},
		{"POST /api/v1/embed/sessions", requires(paycor.RightEmbed).programsOnly().limitedByItself(), s.api(noQuery(s.embed.createSession))},
		{"GET /embed/appearance", public(), s.public(s.embed.look)},
		{"POST /embed/exchange", withProof(paycor.RightView), s.public(s.embed.exchange)},
		{"GET " + doctorPath, public(), s.public(s.embed.doctor)},
		{"POST " + doctorPath, public(), s.public(s.embed.doctor)},
		{"GET /embed/sdk.js", public(), s.public(s.assets.sdk("embed/sdk.js"))},
		{"GET /embed/v1/sdk.js", public(), s.public(s.assets.sdk("embed/sdk.js"))},
		{"GET /embed/sdk.d.ts", public(), s.public(s.assets.sdk("embed/sdk.d.ts"))},
	}
}

func (s *server) signInRoutes() []route {
	return []route{
		{"GET " + SignInPath, public(), s.public(s.signIn.link)},
		{"GET " + signInStart, public(), s.public(s.signIn.begin)},
		{"GET " + SignInCallback, public(), s.public(s.signIn.callback)},
		{"POST " + BackChannelLogout, withProof(), s.public(s.signIn.backChannelLogout)},
		{"POST /sign-out", public(), s.public(s.signIn.signOut)},
	}
}

func (s *server) operationRoutes() []route {
	return []route{
		{"GET /assets/{set}/{name...}", public(), s.public(s.assets.file)},
		{"GET " + docsRoot, public(), s.public(s.docs.page)},
		{"GET " + docsRoot + "/{page}", public(), s.public(s.docs.page)},
		{"GET /favicon.ico", public(), s.public(s.assets.favicon)},
		{"GET /robots.txt", public(), s.public(s.operations.robots)},
		{"GET /healthz", public(), s.public(s.operations.live)},
		{"GET /readyz", public(), s.public(s.operations.isReady)},
		{"GET /metrics", requires(paycor.RightView).notEmbedded(), s.api(s.operations.serveMetrics)},
		{"GET " + apiRoot + "/openapi.yaml", public(), s.public(s.operations.openAPI)},
	}
}
