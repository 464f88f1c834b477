package paycor

import "paycorcred/paycor/fields"

// ApplyTo returns base with the patch's fields.
func (p Patch) ApplyTo(base Draft) Draft {
	for _, spec := range fieldTable {
		spec.merge(&base, p)
	}
	return base
}

// Fields returns the fields that the patch changes, in the order of the form.
func (p Patch) Fields() []fields.Field {
	var changed []fields.Field
	for _, spec := range fieldTable {
		if spec.given(p) {
			changed = append(changed, spec.Field)
		}
	}
	return changed
}

// Judged reports whether the patch changes a value that Paycor verifies.
func (p Patch) Judged() bool {
	for _, spec := range fieldTable {
		if spec.Judged && spec.given(p) {
			return true
		}
	}
	return false
}

// Identifying returns which changed fields identify an application at Paycor.
func (p Patch) Identifying() []fields.Field {
	var changed []fields.Field
	for _, field := range p.Fields() {
		switch field {
		case fields.Environment, fields.ClientID, fields.ClientSecret, fields.SubscriptionKey:
			changed = append(changed, field)
		}
	}
	return changed
}

// Undo returns the patch that puts the old values back where p changed them.
func (p Patch) Undo(old Draft) Patch {
	var undo Patch
	for _, spec := range fieldTable {
		if spec.given(p) {
			spec.change(&undo, old)
		}
	}
	return undo
}

// PatchFrom returns how the draft differs from the stored one.
func (d Draft) PatchFrom(stored Draft) Patch {
	var p Patch
	for _, spec := range fieldTable {
		if spec.get(d) != spec.get(stored) {
			spec.change(&p, d)
		}
	}
	return p
}
