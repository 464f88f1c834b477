package verdicts

import (
	"slices"

	"paycorcred/paycor/fields"
)

// Blaming returns a verdict about values of which only some are new, while the
// others work: only new ones can be wrong. A verdict that blames none of the new
// values stays as it is.
func (v Verdict) Blaming(changed []fields.Field) Verdict {
	var blamed []fields.Field
	for _, field := range v.Fields {
		if slices.Contains(changed, field) {
			blamed = append(blamed, field)
		}
	}
	if len(blamed) == 0 {
		return v
	}
	v.Fields = blamed
	if v.Code == CodeClientRejected && len(blamed) == 1 && blamed[0] == fields.ClientSecret {
		known := CodeSecretRejected.Verdict()
		v.Code, v.Message, v.Remedy = known.Code, known.Message, known.Remedy
	}
	return v
}
