package application

import (
	"time"

	"paycorcred/paycor"
)

// SavedAt returns when the newer of the two secrets was saved.
func (a Application) SavedAt() time.Time {
	if a.SubscriptionKeySavedAt.After(a.ClientSecretSavedAt) {
		return a.SubscriptionKeySavedAt
	}
	return a.ClientSecretSavedAt
}

// State returns whether Paycor accepts the application: verified if it does for one
// of its credentials, and otherwise the state of the first one.
func (a Application) State() paycor.State {
	for _, credential := range a.Credentials {
		if credential.State == paycor.StateVerified {
			return paycor.StateVerified
		}
	}
	if len(a.Credentials) == 0 {
		return paycor.StateNotVerified
	}
	return a.Credentials[0].State
}
