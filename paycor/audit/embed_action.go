package audit

import (
	"fmt"
	"strings"

	"paycorcred/paycor"
)

// Actions on and by embedding sites.
const (
	ActionHosts        Action = "host.list"
	ActionHostAdd      Action = "host.add"
	ActionHostUpdate   Action = "host.update"
	ActionHostRemove   Action = "host.remove"
	ActionTenantAdd    Action = "host.tenant.add"
	ActionTenantRemove Action = "host.tenant.remove"
	ActionEmbedToken   Action = "access.embed_token" // a one-time token was created for a person on an embedding site
	ActionEmbed        Action = "access.embed"       // an embedding site's token was exchanged for a session
)

// TenantDetail is the detail of an audit entry about a tenant of an embedding site: where its
// people work, and with which rights at most.
func TenantDetail(site, tenant, workspace string, rights paycor.Rights) string {
	return fmt.Sprintf("%s: %s → %s (%s)", site, tenant, workspace, rights)
}

// SiteOf returns the embedding site that an audit entry about one or about its tenants names.
func SiteOf(entry Entry) string {
	site, _, _ := strings.Cut(entry.Detail, ": ")
	return site
}
