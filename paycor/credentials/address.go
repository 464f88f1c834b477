package credentials

import (
	"context"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
)

// ChangedAddress is an environment whose address is not the one that its secrets were
// sent to.
type ChangedAddress struct {
	Name        string
	From, To    string // both addresses of each, separated by a comma
	Credentials int    // that would send their secrets there
}

// ConfirmAddresses compares the addresses of environments with the ones their secrets were
// sent to. It returns those that changed, if credentials use them, except for accepted
// ones: nothing may be sent until the operator accepts them. If there are none, it stores
// the addresses, and records the accepted ones.
func (s *Service) ConfirmAddresses(ctx context.Context, environments []paycor.Environment, accepted []string) (changed []ChangedAddress, err error) {
	err = s.config.Store.Update(ctx, func(tx Tx) error {
		changed = nil
		known, err := tx.EnvironmentAddresses()
		if err != nil {
			return err
		}
		used, err := tx.UsedEnvironments()
		if err != nil {
			return err
		}
		var outdated []paycor.Environment
		for _, environment := range environments {
			before, found := known[environment.Name]
			if found && before.APIURL == environment.APIURL && before.AuthorizeURL == environment.AuthorizeURL {
				continue
			}
			outdated = append(outdated, environment)
			if found && used[environment.Name] > 0 && !slices.Contains(accepted, environment.Name) {
				changed = append(changed, ChangedAddress{
					environment.Name, addresses(before.APIURL, before.AuthorizeURL), addresses(environment.APIURL, environment.AuthorizeURL), used[environment.Name],
				})
			}
		}
		if len(changed) > 0 {
			return nil
		}
		for _, environment := range outdated {
			if err := s.putAddress(tx, environment, known[environment.Name], used[environment.Name]); err != nil {
				return err
			}
		}
		return nil
	})
	return changed, err
}

// putAddress stores the address of an environment. It records a change of one that
// credentials use.
func (s *Service) putAddress(tx Tx, environment paycor.Environment, before store.EnvironmentAddress, used int) error {
	err := tx.PutEnvironmentAddress(store.EnvironmentAddress{
		Name: environment.Name, APIURL: environment.APIURL, AuthorizeURL: environment.AuthorizeURL, ConfirmedAt: s.now(),
	})
	if err != nil || before.Name == "" || used == 0 {
		return err
	}
	return s.recorder.Record(tx, rights.Operator(""), audit.Entry{
		Action: audit.ActionAddress, Outcome: "done", Detail: environment.Name + " " + addresses(environment.APIURL, environment.AuthorizeURL),
	})
}

// addresses joins an API address and an authorize address as --environment takes them.
func addresses(api, authorize string) string {
	if authorize == "" {
		return api
	}
	return api + "," + authorize
}
