package records

import (
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/store"
)

const tenantColumns = `SELECT id, tenant, workspace, rights, created_at FROM embed_tenants `

// tenantKey returns the key of a tenant. Names that differ in case only have the same, because
// sharing takes the e-mail addresses of people, which have the tenant in front, in lower case.
func tenantKey(host, tenant string) string { return host + "/" + strings.ToLower(tenant) }

// keyedTenant is a tenant with its key, which its name may not match if something else
// wrote it.
type keyedTenant struct {
	key string
	embed.Tenant
}

// scanTenant reads a tenant. A damaged one lacks its MAC.
func scanTenant(scan Scan) (keyedTenant, error) {
	var tenant keyedTenant
	var rights JSON[paycor.Rights]
	var created Timestamp
	err := scan(&tenant.key, &tenant.ID, &tenant.Workspace, Lenient{&rights}, Lenient{&created})
	tenant.Rights, tenant.CreatedAt = rights.OrZero(), time.Time(created)
	return tenant, err
}

func (t embedTx) EmbedTenants(host string) ([]embed.Tenant, error) {
	read, err := List(t.Transaction, scanTenant, tenantColumns+`WHERE host = ? ORDER BY id`, host)
	tenants := make([]embed.Tenant, len(read))
	for i, tenant := range read {
		if err == nil {
			tenants[i], err = t.checkedTenant(tenant)
		}
	}
	if !IsDamage(err) {
		return tenants, err
	}
	return salvage(t.Transaction, err, embedTenantTable.keyStatements(t.dialect, ` WHERE host = ?`), []any{host}, func(key string) (embed.Tenant, error) {
		tenant, err := One(t.Transaction, scanTenant, tenantColumns+`WHERE id = ?`, key)
		if err != nil {
			return embed.Tenant{}, err
		}
		return t.checkedTenant(tenant)
	})
}

// checkedTenant sets whether something else wrote a tenant.
func (t embedTx) checkedTenant(tenant keyedTenant) (embed.Tenant, error) {
	authentic, err := t.isAuthentic(embedTenantTable, tenant.key)
	tenant.Altered = !authentic
	return tenant.Tenant, err
}

func (t embedTx) EmbedTenantWorkspaces(host string) ([]string, error) {
	return List(t.Transaction, func(scan Scan) (workspace string, err error) { return workspace, scan(&workspace) },
		`SELECT DISTINCT workspace FROM embed_tenants WHERE host = ? ORDER BY workspace`, host)
}

func (t embedTx) CountEmbedTenants(host string) (count int, err error) {
	err = t.Row(`SELECT count(*) FROM embed_tenants WHERE host = ?`, []any{host}, &count)
	return count, err
}

func (t embedTx) EmbedTenant(host, tenant string) (embed.Tenant, error) {
	key := tenantKey(host, tenant)
	found, err := One(t.Transaction, scanTenant, tenantColumns+`WHERE id = ?`, key)
	if err == nil {
		err = t.requireAuthentic(embedTenantTable, key)
	}
	if err == nil && found.ID != tenant {
		err = store.ErrNotFound
	}
	if err != nil {
		return embed.Tenant{}, err
	}
	return found.Tenant, nil
}

func (t embedTx) InsertEmbedTenant(host string, tenant embed.Tenant) error {
	const query = `INSERT INTO embed_tenants (id, host, tenant, workspace, rights, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	key := tenantKey(host, tenant.ID)
	if err := t.insert(query, key, host, tenant.ID, tenant.Workspace, jsonOf(&tenant.Rights), Timestamp(tenant.CreatedAt)); err != nil {
		return err
	}
	if err := t.authenticate(embedTenantTable, key); err != nil {
		return err
	}
	// Sessions for no tenant end with the first one. Those of this one are there only if
	// something else deleted it.
	for _, ended := range []string{"", tenant.ID} {
		if err := t.endEmbedSessionsOfTenant(host, ended); err != nil {
			return err
		}
	}
	return nil
}

func (t embedTx) DeleteEmbedTenant(host, tenant string) error {
	if err := t.change(store.ErrNotFound, `DELETE FROM embed_tenants WHERE host = ? AND tenant = ?`, host, tenant); err != nil {
		return err
	}
	return t.endEmbedSessionsOfTenant(host, tenant)
}

// endEmbedSessionsOfTenant deletes the sessions and one-time tokens of a tenant of a site.
func (t embedTx) endEmbedSessionsOfTenant(host, tenant string) error {
	for _, table := range []string{"embed_sessions", "embed_tokens"} {
		if err := t.Queue(`DELETE FROM `+table+` WHERE host = ? AND tenant = ?`, host, tenant); err != nil {
			return err
		}
	}
	return nil
}
