package notification

import (
	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// LostAccess reports whether a credential can no longer read a list that it could read.
func LostAccess(before, after paycor.Credential) bool {
	readable := readableLists(before)
	for name, is := range readableLists(after) {
		if !is && readable[name] {
			return true
		}
	}
	return false
}

// readableLists returns the lists of which is known whether a credential can read them.
func readableLists(c paycor.Credential) map[string]bool {
	known := map[string]bool{}
	if c.LastConclusive == nil || c.LastConclusive.DataAccess == nil {
		return known
	}
	for _, group := range c.LastConclusive.DataAccess.Groups {
		for _, list := range group.Data {
			if list.Readable != verdicts.ReadableUnknown {
				known[list.Name] = list.Readable == verdicts.ReadableYes
			}
		}
	}
	return known
}
