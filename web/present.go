package web

import (
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/message"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// The functions of this file return copies in which no list is nil, because the
// API promises [] instead of null.

func nonNil[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func presentVerdict(verdict verdicts.Verdict) verdicts.Verdict {
	verdict.Fields = nonNil(verdict.Fields)
	if !verdict.CheckedAt.IsZero() {
		verdict.Steps = nonNil(verdict.Steps)
	}
	return verdict
}

// presentedVerdict is presentVerdict of a verdict that may be missing.
func presentedVerdict(verdict *verdicts.Verdict) *verdicts.Verdict {
	if verdict == nil {
		return nil
	}
	presented := presentVerdict(*verdict)
	return &presented
}

func presentCredential(credential paycor.Credential) paycor.Credential {
	credential.Verdict, credential.LastConclusive = presentedVerdict(credential.Verdict), presentedVerdict(credential.LastConclusive)
	if kept := credential.Rotation; kept != nil && kept.Verdict != nil {
		rotation := *kept
		rotation.Verdict = presentedVerdict(kept.Verdict)
		credential.Rotation = &rotation
	}
	return credential
}

func presentPage(page paycor.CredentialPage) paycor.CredentialPage {
	presented := make([]paycor.Credential, len(page.Credentials))
	for i, credential := range page.Credentials {
		presented[i] = presentCredential(credential)
	}
	page.Credentials = presented
	if page.Counts != nil {
		counts := presentCounts(*page.Counts)
		page.Counts = &counts
	}
	return page
}

func presentCounts(counts listing.Counts) listing.Counts {
	counts.Tags, counts.Owners = nonNil(counts.Tags), nonNil(counts.Owners)
	if counts.Environments == nil {
		counts.Environments = map[string]int{}
	}
	return counts
}

func presentSaved(saved paycor.Saved) paycor.Saved {
	saved.Credential = presentCredential(saved.Credential)
	return saved
}

func presentRotated(rotated paycor.Rotated) paycor.Rotated {
	if rotated.Verdict.Outcome != "" { // a rollback may have none
		rotated.Verdict = presentVerdict(rotated.Verdict)
	}
	rotated.Credential = presentCredential(rotated.Credential)
	return rotated
}

// titledEnvironment is an environment with its name on the screen.
type titledEnvironment struct {
	paycor.Environment
	Title message.Message `json:"title"`
}

func presentEnvironments(environments []paycor.Environment) []titledEnvironment {
	presented := make([]titledEnvironment, len(environments))
	for i, environment := range environments {
		presented[i] = titledEnvironment{environment, environment.Title()}
	}
	return presented
}

func presentAudit(page audit.Page) audit.Page {
	page.Entries = nonNil(page.Entries)
	if page.Names == nil {
		page.Names = map[string]string{}
	}
	return page
}

func presentConsumers(consumers []consumer.Consumer) []consumer.Consumer {
	presented := make([]consumer.Consumer, len(consumers))
	for i, c := range consumers {
		c.Rights, c.Credentials = nonNil(c.Rights), nonNil(c.Credentials)
		presented[i] = c
	}
	return presented
}

func presentUsage(used usage.Usage) usage.Usage {
	used.Hours, used.Users, used.Failures = nonNil(used.Hours), nonNil(used.Users), nonNil(used.Failures)
	return used
}
