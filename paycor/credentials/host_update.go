package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// UpdateHost implements paycor.Service.
func (s *service) UpdateHost(ctx context.Context, id string, patch paycor.HostPatch, ifMatch string) (paycor.Host, error) {
	if err := s.mayHosts(ctx, paycor.ActionHostUpdate); err != nil {
		return paycor.Host{}, err
	}
	var host paycor.Host
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		before, err := tx.Host(id)
		if err == nil && before.Workspace != s.caller.Workspace {
			err = store.ErrNotFound
		}
		if err != nil {
			return err
		}
		if !matches(ifMatch, func(tag string) bool { return tag == before.ETag() }) {
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
		if slices.Contains(changed, paycor.FieldHostKeys) || slices.Contains(changed, paycor.FieldHostKeysURL) {
			keep = nil
		}
		host.Version++
		if err := tx.UpdateHost(host, before.Version, keep); err != nil {
			return err
		}
		return s.record(tx, s.caller, paycor.AuditEntry{Action: paycor.ActionHostUpdate, Fields: changed, Outcome: "done", Detail: host.ID})
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return paycor.Host{}, paycor.Errorf(paycor.KindNotFound, "There is no such host here. It may have been removed.")
	case errors.Is(err, store.ErrStale):
		return paycor.Host{}, paycor.Errorf(paycor.KindStale, "Somebody else changed this host meanwhile, so nothing was saved. Look at what it is now, then save again.")
	case err != nil:
		return paycor.Host{}, err
	}
	s.changes.tell(s.caller.Workspace, paycor.Change{Action: paycor.ActionHostUpdate}) // open frames look again what they may
	return host, nil
}

// differingHost are the fields in which a host differs. Keys that are only
// written otherwise are the same.
func differingHost(before, after paycor.Host) (changed []paycor.Field) {
	plain := func(keys json.RawMessage) string {
		var compact bytes.Buffer
		if json.Compact(&compact, keys) != nil {
			return string(keys)
		}
		return compact.String()
	}
	for field, same := range map[paycor.Field]bool{
		paycor.FieldHostName: before.Name == after.Name, paycor.FieldHostOrigins: slices.Equal(before.Origins, after.Origins),
		paycor.FieldHostRights: slices.Equal(before.Rights, after.Rights), paycor.FieldHostKeys: plain(before.Keys) == plain(after.Keys),
		paycor.FieldHostKeysURL: before.KeysURL == after.KeysURL,
	} {
		if !same {
			changed = append(changed, field)
		}
	}
	slices.Sort(changed)
	return changed
}
