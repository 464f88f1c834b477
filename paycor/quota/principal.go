package quota

import (
	"strings"

	"paycorcred/paycor"
)

// Principal identifies who a quota applies to.
type Principal struct {
	Kind          Kind
	CallerKind    paycor.CallerKind // if Kind is KindCaller or KindHost
	Workspace, ID string
}

// Kind says what a Principal is.
type Kind int

// Kinds of principal.
const (
	KindCaller              Kind = iota
	KindHost                     // an embedding site, with all its users
	KindWorkspace                // all callers of a workspace
	KindCredential               // all calls through a credential
	KindCallerAndCredential      // one caller's calls through one credential
)

// PrincipalsOf returns the principals that a caller's actions count against:
// the caller, the workspace and, for a user of an embedding site, the site,
// because a site decides how many users it names.
func PrincipalsOf(caller paycor.Caller) []Principal {
	principals := make([]Principal, 0, 4) // callers of this function append to it
	principals = append(principals,
		Principal{KindCaller, caller.Kind, caller.Workspace, caller.ID},
		Principal{Kind: KindWorkspace, Workspace: caller.Workspace},
	)
	if host, _, ok := strings.Cut(caller.ID, "/"); ok && caller.Kind == paycor.CallerEmbedded {
		principals = append(principals, Principal{KindHost, caller.Kind, caller.Workspace, host})
	}
	return principals
}
