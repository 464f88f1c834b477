package web

import "paycorcred/paycor"

// draftTargets are the fields of a draft.
func draftTargets(draft *paycor.Draft) targets {
	fields := targets{}
	for _, spec := range paycor.FieldTable() {
		fields[string(spec.Field)] = spec.DraftTarget(draft)
	}
	return fields
}

// patchTargets are the fields of a patch.
func patchTargets(patch *paycor.Patch) targets {
	fields := targets{}
	for _, spec := range paycor.FieldTable() {
		fields[string(spec.Field)] = spec.PatchTarget(patch)
	}
	return fields
}

// with adds one field to the others.
func (t targets) with(name string, target any) targets {
	t[name] = target
	return t
}
