package command

import (
	"context"

	"paycorcred/paycor"
)

// confirmAddresses refuses to start while the secrets of an environment would be sent to
// another address than before, unless the operator accepted that.
func (a application) confirmAddresses(ctx context.Context, environments []paycor.Environment, accepted []string) error {
	changed, err := a.ConfirmAddresses(ctx, environments, accepted)
	if err != nil || len(changed) == 0 {
		return err
	}
	var wrong configurationError
	for _, one := range changed {
		wrong = append(wrong, say("cli.address-changed", one.Name, one.Credentials, one.From, one.To, one.Name))
	}
	return wrong
}
