package web

import (
	"fmt"

	"paycorcred/paycor"
)

// routePolicy says who may use a route and with which right.
//
// The use cases authorize callers and audit denials; the policy does not decide
// again. It limits: a handler's service is bound to a caller who has only the
// rights that the policy names and the caller has. So policy and authorizer
// cannot diverge unnoticed. If a policy names another right than the authorizer
// asks for, the route works for nobody, not even an administrator, and no
// handler can do more than its policy says. Tests of the whole table
// (web/authz) ensure that none does less.
//
// The zero policy is invalid: the server does not start with it.
type routePolicy struct {
	audience   audience
	kinds      []paycor.CallerKind // nil for every kind
	right      paycor.Right        // required; empty if authentication suffices
	instead    paycor.Right        // suffices in place of right, because it includes it; empty if none does
	unlimited  bool                // it does not count as a change, whatever its method
	recorded   bool                // each request adds an entry to the audit trail, although its method is safe
	background bool                // the page requests the route on its own: no activity of the session
	optional   paycor.Rights       // granted if the caller has them, but not required
	excluded   *paycor.Error       // for callers of other kinds; nil means KindForbidden
}

// audience is the group of callers a route is for.
type audience string

const (
	audiencePublic        audience = "public"        // everybody, authenticated or not
	audienceAuthenticated audience = "authenticated" // everybody with a session or token
	audienceAuthorized    audience = "authorized"    // those of them with the right
	audienceProof         audience = "proof"         // holders of another proof, which the handler checks
)

// callerKinds are the callers of the API: a person's browser, a program with an
// API token, and a person on an embedding site.
func callerKinds() []paycor.CallerKind {
	return []paycor.CallerKind{paycor.CallerPerson, paycor.CallerConsumer, paycor.CallerEmbedded}
}

// requires is the policy of a route that needs one right. The optional rights
// are granted to callers who have them; the handler then shows or does more.
func requires(right paycor.Right, optional ...paycor.Right) routePolicy {
	return routePolicy{audience: audienceAuthorized, kinds: callerKinds(), right: right, optional: optional}
}

// authenticated is the policy of a route for every authenticated caller.
func authenticated(optional ...paycor.Right) routePolicy {
	return routePolicy{audience: audienceAuthenticated, kinds: callerKinds(), optional: optional}
}

// public is the policy of a route for everybody. The optional rights are
// granted to callers whom its handler authenticates.
func public(optional ...paycor.Right) routePolicy {
	return routePolicy{audience: audiencePublic, optional: optional}
}

// withProof is the policy of a route whose handler checks another proof than a
// session or API token, such as a token that another server signed. The optional
// rights are granted to the person the proof is about.
func withProof(optional ...paycor.Right) routePolicy {
	return routePolicy{audience: audienceProof, optional: optional}
}

// notEmbedded excludes embedded pages: an embedding site must not extend its
// own rights from inside the frame.
func (p routePolicy) notEmbedded() routePolicy {
	p.kinds = []paycor.CallerKind{paycor.CallerPerson, paycor.CallerConsumer}
	return p
}

// peopleOnly restricts a route to people who signed in.
func (p routePolicy) peopleOnly() routePolicy {
	p.kinds = []paycor.CallerKind{paycor.CallerPerson}
	return p
}

// programsOnly restricts a route to programs with an API token.
func (p routePolicy) programsOnly() routePolicy {
	p.kinds = []paycor.CallerKind{paycor.CallerConsumer}
	p.excluded = paycor.Errorf(paycor.KindForbidden, "error.programs-only")
	return p
}

// orRight names a right that suffices in place of the required one.
func (p routePolicy) orRight(right paycor.Right) routePolicy {
	p.instead = right
	return p
}

// otherwise sets the error for callers of other kinds than the policy's.
func (p routePolicy) otherwise(excluded *paycor.Error) routePolicy {
	p.excluded = excluded
	return p
}

// inBackground marks a route that the page requests on its own, so that an
// unattended page does not keep its session alive.
func (p routePolicy) inBackground() routePolicy {
	p.background = true
	return p
}

// notCounted marks a route that changes nothing although its method is unsafe, so
// that it does not count as a change; see changeLimit.
func (p routePolicy) notCounted() routePolicy {
	p.unlimited = true
	return p
}

// limitedByItself marks a route whose use case limits how often it is used, so that it
// does not count as a change; see changeLimit.
func (p routePolicy) limitedByItself() routePolicy {
	p.unlimited = true
	return p
}

// counted marks a route that adds to the audit trail although its method is safe, so
// that it counts as a change; see changeLimit.
func (p routePolicy) counted() routePolicy {
	p.recorded = true
	return p
}

// validate reports what is wrong with a policy.
func (p routePolicy) validate(pattern string) error {
	switch {
	case p.audience == "":
		return fmt.Errorf("web: route %q has no policy: use requires, authenticated, public or withProof", pattern)
	case p.right != "" && !paycor.AllRights().Has(p.right):
		return fmt.Errorf("web: route %q requires the unknown right %q", pattern, p.right)
	}
	return nil
}

// granted returns the rights a caller has on the route.
func (p routePolicy) granted(caller paycor.Caller) paycor.Rights {
	rights := paycor.Rights{}
	for _, right := range caller.Rights {
		if right == p.right || right == p.instead || p.optional.Has(right) {
			rights = append(rights, right)
		}
	}
	return rights
}

// RouteAccess is a row of the access table.
type RouteAccess struct {
	Pattern string              // as for http.ServeMux
	Public  bool                // needs no session or API token
	Kinds   []paycor.CallerKind // that may use the route; nil for every kind
	Right   paycor.Right        // required; empty if none is
	Instead paycor.Right        // suffices in place of Right; empty if none does
}

// Allows reports whether these rights include one that the route requires.
func (a RouteAccess) Allows(rights paycor.Rights) bool {
	return a.Right == "" || rights.Has(a.Right) || a.Instead != "" && rights.Has(a.Instead)
}

// AccessTable returns every route with who may use it. Tests compare it with
// what the server does.
func AccessTable() []RouteAccess {
	var table []RouteAccess
	for _, route := range (&server{}).routes() {
		p := route.policy
		table = append(table, RouteAccess{
			Pattern: route.pattern, Public: p.audience == audiencePublic || p.audience == audienceProof, Kinds: p.kinds, Right: p.right, Instead: p.instead,
		})
	}
	return table
}
