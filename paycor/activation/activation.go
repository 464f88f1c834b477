// Package activation holds what page and server share about activating an application
// in Paycor, apart from the values themselves. It does no I/O.
package activation

import "paycorcred/paycor"

// KindPeopleOnly is the kind of the error for a caller who is not a person signed in
// here and wants to start an activation. Paycor requires the APIM Subscription Key in
// the address of its page, so starting one reveals the key. Its status is 403.
const KindPeopleOnly paycor.Kind = "activation_people_only"

// PeopleOnly returns the error of KindPeopleOnly.
func PeopleOnly() *paycor.Error {
	return paycor.Errorf(KindPeopleOnly, "error.activation-people-only")
}
