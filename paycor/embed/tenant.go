package embed

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Limits of the tenants of a site.
const (
	MaxTenants   = 1000
	maxTenantID  = 64  // characters
	maxWorkspace = 100 // characters
)

// Tenant is a customer of a site whose people work in a workspace of their own. Only the
// operator adds one: no administrator has two workspaces.
type Tenant struct {
	ID        string        `json:"tenant"` // as the site names it
	Workspace string        `json:"workspace"`
	Rights    paycor.Rights `json:"rights"` // the most that the site may grant there, whatever becomes of its own
	CreatedAt time.Time     `json:"created_at"`
	Altered   bool          `json:"altered,omitempty"` // something other than this program wrote it to the database; it is refused
}

// Clean returns the tenant with values trimmed.
func (t Tenant) Clean() Tenant {
	t.ID, t.Workspace = strings.TrimSpace(t.ID), strings.TrimSpace(t.Workspace)
	return t
}

// Check returns what is wrong with a tenant to add to a site.
func (t Tenant) Check(host Host) []fields.Problem {
	var problems []fields.Problem
	wrong := func(field fields.Field, code fields.ProblemCode, key string, args ...any) {
		problems = append(problems, fields.Problem{Field: field, Code: code, Message: message.New(key, args...)})
	}
	if !IsTenantID(t.ID) {
		wrong(fields.TenantID, fields.ProblemUnusualShape, "problem.tenant-id", maxTenantID)
	}
	if !IsLabel(t.Workspace, maxWorkspace) {
		wrong(fields.TenantWorkspace, fields.ProblemUnusualShape, "problem.tenant-workspace", maxWorkspace)
	}
	if len(t.Rights) == 0 || slices.ContainsFunc(t.Rights, func(right paycor.Right) bool { return !host.Rights.Has(right) }) {
		wrong(fields.HostRights, fields.ProblemOutOfRange, "problem.tenant-rights", host.Rights)
	}
	return problems
}

// IsTenantID reports whether a text can be the ID of a tenant. It is a part of the names of
// people and groups, which a slash ends, and which lists separate by spaces and commas.
func IsTenantID(text string) bool {
	return IsLabel(text, maxTenantID) && !strings.ContainsFunc(text, func(c rune) bool { return c == '/' || c == ',' || unicode.IsSpace(c) })
}

// Scope is where people of a site work, and the most that they may do there.
type Scope struct {
	Tenant    string // empty for the site's own workspace
	Workspace string
	Rights    paycor.Rights
}

// Scope returns the scope of people in the site's own workspace.
func (h Host) Scope() Scope { return Scope{Workspace: h.Workspace, Rights: h.Rights} }

// Scope returns the scope of the tenant's people: rights that were taken from the site since
// are none of a tenant either.
func (t Tenant) Scope(host Host) Scope {
	rights := slices.DeleteFunc(slices.Clone(t.Rights), func(right paycor.Right) bool { return !host.Rights.Has(right) })
	return Scope{Tenant: t.ID, Workspace: t.Workspace, Rights: rights}
}

// Equal reports whether two scopes are the same.
func (s Scope) Equal(other Scope) bool {
	return s.Tenant == other.Tenant && s.Workspace == other.Workspace && slices.Equal(s.Rights, other.Rights)
}
