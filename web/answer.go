package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// writeJSON answers with a value.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // whoever hung up needs no answer
	return nil
}

// A list without anything in it is [] in JSON, never null: these see to it.

func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func shownVerdict(verdict verdicts.Verdict) verdicts.Verdict {
	verdict.Fields = list(verdict.Fields)
	if !verdict.CheckedAt.IsZero() {
		verdict.Steps = list(verdict.Steps)
	}
	return verdict
}

func shownCredential(credential paycor.Credential) paycor.Credential {
	for _, verdict := range []**verdicts.Verdict{&credential.Verdict, &credential.LastConclusive} {
		if *verdict != nil {
			shown := shownVerdict(**verdict)
			*verdict = &shown
		}
	}
	if kept := credential.Rotation; kept != nil && kept.Verdict != nil {
		rotation, shown := *kept, shownVerdict(*kept.Verdict)
		rotation.Verdict = &shown
		credential.Rotation = &rotation
	}
	return credential
}

func shownPage(page paycor.CredentialPage) paycor.CredentialPage {
	shown := make([]paycor.Credential, len(page.Credentials))
	for i, credential := range page.Credentials {
		shown[i] = shownCredential(credential)
	}
	page.Credentials = shown
	return page
}

func shownSaved(saved paycor.Saved) paycor.Saved {
	saved.Credential = shownCredential(saved.Credential)
	return saved
}
