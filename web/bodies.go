package web

import "paycorcred/paycor"

// draftTargets are the fields of a draft.
func draftTargets(draft *paycor.Draft) targets {
	return targets{
		"name": &draft.Name, "description": &draft.Description, "environment": &draft.Environment, "grant": &draft.Grant,
		"client_id": &draft.ClientID, "client_secret": &draft.ClientSecret, "subscription_key": &draft.SubscriptionKey,
		"legal_entity_id": &draft.LegalEntityID, "scope": &draft.Scope, "rotate_by": &draft.RotateBy,
	}
}

// patchTargets are the fields of a patch.
func patchTargets(patch *paycor.Patch) targets {
	return targets{
		"name": &patch.Name, "description": &patch.Description, "environment": &patch.Environment, "grant": &patch.Grant,
		"client_id": &patch.ClientID, "client_secret": &patch.ClientSecret, "subscription_key": &patch.SubscriptionKey,
		"legal_entity_id": &patch.LegalEntityID, "scope": &patch.Scope, "rotate_by": &patch.RotateBy,
	}
}

// with adds one field to the others.
func (t targets) with(name string, target any) targets {
	t[name] = target
	return t
}
