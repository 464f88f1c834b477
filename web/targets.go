package web

import "paycorcred/paycor"

// targets maps each allowed field of a body to the pointer that encoding/json
// fills. Names match exactly, including case.
type targets map[string]any

// draftTargets returns the targets for the fields of a draft.
func draftTargets(draft *paycor.Draft) targets {
	into := targets{}
	for _, spec := range paycor.FieldTable() {
		into[string(spec.Field)] = spec.DraftTarget(draft)
	}
	return into
}

// patchTargets returns the targets for the fields of a patch.
func patchTargets(patch *paycor.Patch) targets {
	into := targets{}
	for _, spec := range paycor.FieldTable() {
		into[string(spec.Field)] = spec.PatchTarget(patch)
	}
	return into
}

// with adds a field.
func (t targets) with(name string, target any) targets {
	t[name] = target
	return t
}
