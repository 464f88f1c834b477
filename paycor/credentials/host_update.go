package credentials

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

// UpdateHost implements api.Service.
func (s *service) UpdateHost(ctx context.Context, id string, patch embed.HostPatch, ifMatch string) (embed.Host, error) {
	if err := s.mayHosts(ctx, audit.ActionHostUpdate); err != nil {
		return embed.Host{}, err
	}
	var host embed.Host
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		before, err := tx.EmbedHost(id)
		if err == nil && before.Workspace != s.caller.Workspace {
			err = store.ErrNotFound
		}
		if err != nil {
			return err
		}
		if !matchesETag(ifMatch, func(tag string) bool { return tag == before.ETag() }) {
			return store.ErrStale
		}
		draft := patch.Over(before).Clean()
		if err := s.checkHost(draft); err != nil {
			return err
		}
		host = before
		host.Name, host.Origins, host.Rights = draft.Name, draft.Origins, inOrder(draft.Rights)
		host.Keys, host.KeysURL = nil, draft.KeysURL
		if draft.Keys != "" {
			host.Keys = json.RawMessage(draft.Keys)
		}
		changed := differingHost(before, host)
		if len(changed) == 0 {
			host = before
			return nil
		}
		// Whoever holds a key that was taken away keeps nothing that it opened.
		keep := host.Origins
		if slices.Contains(changed, fields.HostKeys) || slices.Contains(changed, fields.HostKeysURL) {
			keep = nil
		}
		host.Version++
		if err := tx.UpdateEmbedHost(host, before.Version, keep); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionHostUpdate, Fields: changed, Outcome: "done", Detail: host.ID})
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return embed.Host{}, paycor.Errorf(paycor.KindNotFound, "There is no such host here. It may have been removed.")
	case errors.Is(err, store.ErrStale):
		return embed.Host{}, paycor.Errorf(paycor.KindStale, "Somebody else changed this host meanwhile, so nothing was saved. Look at what it is now, then save again.")
	case err != nil:
		return embed.Host{}, err
	}
	s.changes.Publish(s.caller.Workspace, events.Change{Action: audit.ActionHostUpdate}) // open frames look again what they may
	return host, nil
}

// differingHost are the fields in which a host differs. Keys that are only
// written otherwise are the same.
func differingHost(before, after embed.Host) (changed []fields.Field) {
	plain := func(keys json.RawMessage) string {
		var compact bytes.Buffer
		if json.Compact(&compact, keys) != nil {
			return string(keys)
		}
		return compact.String()
	}
	for field, same := range map[fields.Field]bool{
		fields.HostName: before.Name == after.Name, fields.HostOrigins: slices.Equal(before.Origins, after.Origins),
		fields.HostRights: slices.Equal(before.Rights, after.Rights), fields.HostKeys: plain(before.Keys) == plain(after.Keys),
		fields.HostKeysURL: before.KeysURL == after.KeysURL,
	} {
		if !same {
			changed = append(changed, field)
		}
	}
	slices.Sort(changed)
	return changed
}
