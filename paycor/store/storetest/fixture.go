package storetest

import (
	"testing"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// newCredential returns a credential with few fields set.
func newCredential(id, name string) paycor.Credential {
	return paycor.Credential{
		ID: id, ApplicationID: "app_" + id, Name: name, Environment: "sandbox", Grant: paycor.GrantClientCredentials,
		ClientID: "client-of-" + id, LegalEntityID: 4711, State: paycor.StateNotVerified,
		CreatedAt: at(0), UpdatedAt: at(0), Version: 1,
	}
}

// fullCredential returns a credential with every field set.
func fullCredential(id string) paycor.Credential {
	settled := verdicts.Verdict{
		Outcome: verdicts.OutcomeRejected, Fields: []fields.Field{fields.ClientSecret}, Code: "wrong_secret",
		Message: message.New("verdict.wait.seconds.other", 7), Remedy: message.Text("Copy it again."), Detail: "invalid_client — „ungültig“",
		CorrelationID: "c0ffee", CheckedAt: at(3),
		Steps:    []verdicts.Step{{Name: verdicts.StepToken, State: verdicts.StepFailed, Note: message.Text("no token")}},
		Entities: []verdicts.LegalEntity{{ID: 7, TenantID: 8, Name: "Ünïted"}},
	}
	latest := verdicts.Verdict{
		Outcome: verdicts.OutcomeThrottled, Fields: []fields.Field{}, RetryAfter: 30, CheckedAt: at(4), Steps: []verdicts.Step{},
	}
	return paycor.Credential{
		ID: id, ApplicationID: "app_" + id, Name: "Payroll – Zürich", Description: "for the nightly\nexport", Environment: "production",
		Grant: paycor.GrantAuthorizationCode, ClientID: "abc", LegalEntityID: paycor.MaxLegalEntityID,
		LegalEntityName: "Ünïted", Scope: "scope", Tags: "nómina, payroll", Owner: "Zoë, Payroll team",
		HasClientSecret: true, HasSubscriptionKey: true, ClientSecretSavedAt: at(1), SubscriptionKeySavedAt: at(2),
		State: paycor.StateNotReachable, Verdict: &latest, LastConclusive: &settled,
		CreatedAt: at(0), UpdatedAt: at(4), LastUsedAt: at(5), VerifiedAt: at(2), ActivatedAt: at(6), ActivatedBy: "Ann", Version: 12,
	}
}

func someSecrets(salt string) store.Secrets {
	return store.Secrets{
		fields.ClientSecret:    paycor.NewSecret("client secret of " + salt),
		fields.SubscriptionKey: paycor.NewSecret("subscription key of " + salt),
	}
}

func insert(t *testing.T, s store.Store, workspace string, c paycor.Credential, secrets store.Secrets) {
	t.Helper()
	update(t, s, func(tx store.Tx) error { return tx.InsertCredential(workspace, c, secrets) })
}

func credential(t *testing.T, s store.Store, workspace, id string) paycor.Credential {
	t.Helper()
	var found paycor.Credential
	view(t, s, func(r store.Reader) (err error) {
		found, err = r.Credential(workspace, id)
		return err
	})
	return found
}

func secrets(t *testing.T, s store.Store, workspace, id string) store.Secrets {
	t.Helper()
	var found store.Secrets
	view(t, s, func(r store.Reader) (err error) {
		found, err = r.Secrets(workspace, id)
		return err
	})
	return found
}

func list(t *testing.T, s store.Store, workspace string, query paycor.Query, only ...string) paycor.CredentialPage {
	t.Helper()
	var page paycor.CredentialPage
	view(t, s, func(r store.Reader) (err error) {
		page, err = r.Credentials(workspace, query, only)
		return err
	})
	return page
}

func ids(page paycor.CredentialPage) []string {
	found := []string{}
	for _, c := range page.Credentials {
		found = append(found, c.ID)
	}
	return found
}
