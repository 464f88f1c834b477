package credentials

import (
	"context"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
)

// Observe reports whether a caller may read the server's metrics: an error is
// the answer, and is written down. They hold numbers of all workspaces and
// credentials together, so whoever reads them has the right "view" in the
// default workspace, for all of its credentials.
func (m *Manager) Observe(ctx context.Context, caller paycor.Caller) error {
	s := &service{Manager: m, caller: caller}
	if err := s.may(ctx, paycor.RightView, audit.ActionMetrics, ""); err != nil {
		return err
	}
	if caller.Workspace == paycor.DefaultWorkspace && len(caller.Credentials) == 0 {
		return nil
	}
	if err := m.refuse(ctx, caller, audit.ActionMetrics, "", "outside_default_workspace"); err != nil {
		return err
	}
	return paycor.Errorf(paycor.KindForbidden, "The metrics are of the whole server. Read them with a token of the workspace %q for all credentials.", paycor.DefaultWorkspace)
}
