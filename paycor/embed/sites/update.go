package sites

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// UpdateHost implements embed.Service.
func (c CallerSites) UpdateHost(ctx context.Context, id string, patch embed.HostPatch, ifMatch string) (embed.Host, error) {
	if err := c.authorize(ctx, audit.ActionHostUpdate); err != nil {
		return embed.Host{}, err
	}
	var host embed.Host
	var workspaces []string
	err := c.sites.config.Store.Update(ctx, func(tx Tx) (err error) {
		host, workspaces, err = c.update(tx, id, patch, ifMatch)
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return embed.Host{}, paycor.Errorf(paycor.KindNotFound, "error.site-not-found")
	case errors.Is(err, store.ErrStale):
		return embed.Host{}, paycor.Errorf(paycor.KindStale, "error.site-stale")
	case err != nil:
		return embed.Host{}, c.sites.config.Authorizer.DenyAltered(ctx, err, paycor.Errorf(paycor.KindConflict, "error.site-altered"))
	}
	for _, workspace := range workspaces { // open frames read their rights again
		c.sites.config.Events.Publish(workspace, events.Change{Action: audit.ActionHostUpdate})
	}
	return host, nil
}

// update applies a patch within a transaction, and returns the workspaces in which people of
// the site may work. A patch that changes nothing is not recorded, and concerns none.
func (c CallerSites) update(tx Tx, id string, patch embed.HostPatch, ifMatch string) (host embed.Host, workspaces []string, err error) {
	before, err := tx.EmbedHost(id)
	if err == nil && before.Workspace != c.caller.Workspace {
		err = store.ErrNotFound
	}
	if err != nil {
		return embed.Host{}, nil, err
	}
	if !paycor.IfMatch(ifMatch, func(tag string) bool { return tag == before.ETag() }) {
		return embed.Host{}, nil, store.ErrStale
	}
	draft, err := c.checked(patch.Over(before))
	if err != nil {
		return embed.Host{}, nil, err
	}
	host = before
	host.Name, host.Origins, host.Rights = draft.Name, draft.Origins, inOrder(draft.Rights)
	host.Keys, host.KeysURL = nil, draft.KeysURL
	if draft.Keys != "" {
		host.Keys = json.RawMessage(draft.Keys)
	}
	changed := changedFields(before, host)
	if len(changed) == 0 {
		return before, nil, nil
	}
	// Sessions opened with a key end when the keys are replaced, and sessions of
	// an origin when the origin is removed.
	keepOrigins := host.Origins
	if slices.Contains(changed, fields.HostKeys) || slices.Contains(changed, fields.HostKeysURL) {
		keepOrigins = nil
	}
	host.Version++
	if err := tx.UpdateEmbedHost(host, before.Version, keepOrigins); err != nil {
		return embed.Host{}, nil, err
	}
	if workspaces, err = tenantWorkspaces(tx, host); err != nil {
		return embed.Host{}, nil, err
	}
	return host, workspaces, c.record(tx, workspaces, audit.Entry{Action: audit.ActionHostUpdate, Fields: changed, Outcome: "done", Detail: host.ID})
}

// changedFields returns the fields in which two versions of a site differ, in
// alphabetical order. Keys that differ in white space only are the same.
func changedFields(before, after embed.Host) (changed []fields.Field) {
	compact := func(keys json.RawMessage) string {
		var compacted bytes.Buffer
		if json.Compact(&compacted, keys) != nil {
			return string(keys)
		}
		return compacted.String()
	}
	for field, same := range map[fields.Field]bool{
		fields.HostName: before.Name == after.Name, fields.HostOrigins: slices.Equal(before.Origins, after.Origins),
		fields.HostRights: slices.Equal(before.Rights, after.Rights), fields.HostKeys: compact(before.Keys) == compact(after.Keys),
		fields.HostKeysURL: before.KeysURL == after.KeysURL,
	} {
		if !same {
			changed = append(changed, field)
		}
	}
	slices.Sort(changed)
	return changed
}
