package web

import (
	"fmt"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"slices"
)

// access is a route's entry in the table of rights: who may take the route,
// and with which right.
//
// Whether a caller may do something is the manager's decision, which also
// writes a refusal down with what was tried. The table does not decide a second
// time. It says what a route lends: behind it the service is bound to a caller
// who has no rights but the ones that the entry names, as far as the caller has
// them. So the two cannot drift apart unseen. An entry that names another right
// than the manager asks for serves nobody, not even an administrator, and no
// handler can do more than its entry says. That none does less is what the walk
// over the table tests (web/authz).
//
// The zero access says nothing, and the server does not start with it.
type access struct {
	who   audience
	kinds []paycor.CallerKind // of caller; nil for anybody
	right paycor.Right        // the one it takes; empty where being known is enough
	quiet bool                // taking it is no use of a session: a page does so by itself
	also  paycor.Rights       // what it lends besides, without asking for them
}

// audience is whom a route is for.
type audience string

const (
	forAnybody audience = "anybody"   // also who is not known
	forKnown   audience = "known"     // whoever signed in or has an API token
	forRight   audience = "right"     // of these, whoever has the right
	forProof   audience = "own proof" // whoever brings proof of another sort than a caller's, which the handler checks
)

// callers are the kinds of caller that the API serves: a person's own browser,
// a program with an API token, a person in a host's frame.
func callers() []paycor.CallerKind {
	return []paycor.CallerKind{paycor.CallerPerson, paycor.CallerConsumer, paycor.CallerEmbedded}
}

// needs is a route that takes one right. The others are lent where the caller
// has them, for a handler that then shows or does more.
func needs(right paycor.Right, also ...paycor.Right) access {
	return access{who: forRight, kinds: callers(), right: right, also: also}
}

// known is a route for every caller who is known, whatever the rights are.
func known(also ...paycor.Right) access {
	return access{who: forKnown, kinds: callers(), also: also}
}

// anybody is a route for who is not known, too. What it lends, it lends to
// whom its handler finds out to be the caller.
func anybody(also ...paycor.Right) access { return access{who: forAnybody, also: also} }

// proven is a route that no caller is asked for on: its handler checks proof of
// another sort, such as a token that another server signed. What it lends, it
// lends to whom the proof is about.
func proven(also ...paycor.Right) access { return access{who: forProof, also: also} }

// of narrows a route to kinds of caller.
func (a access) of(kinds ...paycor.CallerKind) access {
	a.kinds = kinds
	return a
}

// unframed keeps embedded pages out: what a host is given to hand out must not
// grow from inside of it.
func (a access) unframed() access { return a.of(paycor.CallerPerson, paycor.CallerConsumer) }

// people narrows a route to people who signed in.
func (a access) people() access { return a.of(paycor.CallerPerson) }

// quietly marks a route that a page takes by itself, so that it does not keep
// the session of somebody alive who is not there.
func (a access) quietly() access {
	a.quiet = true
	return a
}

// sound reports what is wrong with an entry.
func (a access) sound(pattern string) error {
	switch {
	case a.who == "":
		return fmt.Errorf("web: the route %q does not say who may take it: give it needs, known, anybody or proven", pattern)
	case a.right != "" && !paycor.AllRights().Has(a.right):
		return fmt.Errorf("web: the route %q needs %q, which is no right", pattern, a.right)
	}
	return nil
}

// lent returns the rights a route lends a caller.
func (a access) lent(caller paycor.Caller) paycor.Rights {
	rights := paycor.Rights{}
	for _, right := range caller.Rights {
		if right == a.right || a.also.Has(right) {
			rights = append(rights, right)
		}
	}
	return rights
}

// lend returns the service of a caller with the rights that the route lends.
func (d *door) lend(r *http.Request, caller paycor.Caller) (api.Service, error) {
	entry := visitOf(r).access
	if entry.kinds != nil && !slices.Contains(entry.kinds, caller.Kind) {
		return nil, refuse(paycor.KindForbidden, "This address is for people who signed in on this server's page, not for programs or embedded pages.")
	}
	caller.SeesAll = caller.Rights.Has(paycor.RightAdmin)
	caller.Rights = entry.lent(caller)
	return d.Services(caller), nil
}

// Entry is a line of the table of rights, for who compares it with what the
// server does.
type Entry struct {
	Pattern string
	Anybody bool                // nobody has to be known, or the proof is of another sort
	Kinds   []paycor.CallerKind // that may take it
	Right   paycor.Right        // that they need; empty where none is needed
}

// Table returns the table of rights: every route, and who may take it.
func Table() []Entry {
	var entries []Entry
	for _, route := range (&door{}).routes() {
		a := route.access
		entries = append(entries, Entry{
			Pattern: route.pattern, Anybody: a.who == forAnybody || a.who == forProof, Kinds: a.kinds, Right: a.right,
		})
	}
	return entries
}
