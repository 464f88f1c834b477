package app

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/application"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// batchService saves what it is asked to, except for legal entities with a failure.
type batchService struct {
	*fakeService
	failures map[paycor.TypedID]error
	verdict  verdicts.Code
}

func (s *batchService) Create(ctx context.Context, draft paycor.Draft, options paycor.CreateOptions) (paycor.Saved, error) {
	s.err = s.failures[draft.LegalEntityID]
	s.saved.Credential = sample("cred_"+string(draft.LegalEntityID), draft.Name).WithVerdict(s.verdict.Verdict())
	s.saved.ApplicationID = "app_1"
	return s.fakeService.Create(ctx, draft, options)
}

// entities are what Paycor lists in these tests.
func entities(n int) []verdicts.LegalEntity {
	all := make([]verdicts.LegalEntity, n)
	for i := range all {
		all[i] = verdicts.LegalEntity{ID: int32(100 + i), Name: "Store " + strconv.Itoa(i)}
	}
	return all
}

// openBatch returns the overlay with n legal entities of Paycor to tick.
func openBatch(t *testing.T, n int) (*credentialsPage, *batchService, *domtest.Document) {
	t.Helper()
	p, fake, document := openEditor(t, with(with(good(), fields.LegalEntityID, ""), fields.Name, ""))
	service := &batchService{fakeService: fake, verdict: verdicts.CodeVerified}
	p.service = service
	fake.verdict = verdicts.Verdict{Outcome: verdicts.OutcomeRejected, Entities: entities(n)}
	p.editor.entities.find()
	require.True(t, render(t, p).Has("batch-start"))
	p.editor.batch.start()
	require.Equal(t, "batch-all", document.HasFocus)
	require.Equal(t, patternEntity, document.Values[batchNamesID])
	return p, service, document
}

func TestSeveralLegalEntitiesUseOneApplication(t *testing.T) {
	p, service, document := openBatch(t, 46)
	page := render(t, p)
	assert.False(t, page.Shows(t, inputID(fields.Name)))
	assert.False(t, page.Shows(t, inputID(fields.LegalEntityID)))
	p.editor.batch.tickShown(true)
	assert.Contains(t, render(t, p).Text(), "Save 46 credentials")
	p.editor.save()

	require.Len(t, service.drafts, 46)
	keys := map[string]bool{}
	for i, draft := range service.drafts {
		options := service.created[i]
		keys[options.IdempotencyKey] = true
		assert.Equal(t, "Store "+strconv.Itoa(i), draft.Name)
		assert.Equal(t, paycor.TypedID(strconv.Itoa(100+i)), draft.LegalEntityID)
		assert.Equal(t, i > 0, draft.ClientSecret.IsZero(), "only the first is saved with the secrets")
		assert.Equal(t, i > 0, options.ApplicationID == "app_1")
	}
	assert.Len(t, keys, 46)
	assert.False(t, document.Dialogs[editorID])
	assert.Equal(t, "46 credentials are saved and verified.", p.status.text)
}

func TestAFailureIsNamedAndOnlyItIsTriedAgain(t *testing.T) {
	p, service, document := openBatch(t, 3)
	service.failures = map[paycor.TypedID]error{"101": &paycor.Error{Kind: paycor.KindConflict, Message: message.Text("Busy.")}}
	p.editor.batch.tickShown(true)
	p.editor.save()
	require.Len(t, service.drafts, 3)
	assert.True(t, document.Dialogs[editorID])
	page := render(t, p)
	summary := page.ID(t, summaryID).Text()
	for _, words := range []string{"2 of 3 credentials saved", "Store 1: Busy.", "The 2 credentials that were saved stay saved."} {
		assert.Contains(t, summary, words)
	}
	assert.Contains(t, page.Text(), say("batch.saved-as", "Store 0"))
	assert.Contains(t, page.Text(), "Save 1 credential")

	service.failures = nil
	p.editor.save()
	require.Len(t, service.drafts, 4, "nothing is saved twice")
	assert.Equal(t, paycor.TypedID("101"), service.drafts[3].LegalEntityID)
	assert.Equal(t, service.created[1].IdempotencyKey, service.created[3].IdempotencyKey)
	assert.False(t, document.Dialogs[editorID])
	assert.Equal(t, "3 credentials are saved and verified.", p.status.text)
}

// Without the first one there is no application for the others. After a lost response the
// same request is sent again, with the secrets.
func TestTheFirstFailureEndsTheRun(t *testing.T) {
	p, service, _ := openBatch(t, 3)
	service.failures = map[paycor.TypedID]error{"100": paycor.Errorf(paycor.KindUnavailable, "fail.offline")}
	p.editor.batch.tickShown(true)
	p.editor.save()
	require.Len(t, service.drafts, 1)
	summary := render(t, p).ID(t, summaryID).Text()
	assert.Contains(t, summary, "0 of 3 credentials saved")
	assert.Contains(t, summary, "2 were not tried.")

	service.failures = nil
	p.editor.save()
	require.Len(t, service.drafts, 4)
	assert.False(t, service.drafts[1].ClientSecret.IsZero())
	assert.Equal(t, service.created[0].IdempotencyKey, service.created[1].IdempotencyKey)
}

// If Paycor stops accepting the secrets, the others are not saved as rejected too.
func TestRejectedSecretsEndTheRun(t *testing.T) {
	p, service, _ := openBatch(t, 3)
	service.verdict = verdicts.CodeClientRejected
	p.editor.batch.tickShown(true)
	p.editor.save()
	require.Len(t, service.drafts, 1)
	assert.Contains(t, render(t, p).ID(t, summaryID).Text(), p.sentence(verdicts.CodeClientRejected.Verdict().Message))
}

func TestCancelEndsARunAfterTheCurrentOne(t *testing.T) {
	p, service, document := openBatch(t, 3)
	service.during = p.editor.RequestClose
	p.editor.batch.tickShown(true)
	p.editor.save()
	require.Len(t, service.drafts, 1)
	assert.True(t, document.Dialogs[editorID])
	page := render(t, p)
	assert.Contains(t, page.ID(t, summaryID).Text(), "1 of 3 credentials saved")
	assert.Equal(t, say("batch.stopped"), page.ID(t, "save-status").Text())
}

func TestAClosedOverlayIgnoresTheRest(t *testing.T) {
	p, service, _ := openBatch(t, 3)
	service.during = p.editor.Close
	p.editor.batch.tickShown(true)
	p.editor.save()
	assert.Len(t, service.drafts, 1)
	assert.False(t, p.editor.IsOpen())
}

func TestSavedLegalEntitiesCannotBeTicked(t *testing.T) {
	p, service, _ := openBatch(t, 3)
	saved := shared("app_1", "Ash")
	saved.Credentials[0].LegalEntityID = 100
	p.editor.application.found = []application.Application{saved}
	assert.Contains(t, render(t, p).Text(), "For example, “Store 1”", "one that can be added")
	p.editor.batch.tickShown(true)
	page := render(t, p)
	_, disabled := page.ID(t, "batch-100").Lookup("disabled")
	assert.True(t, disabled)
	assert.Contains(t, page.Text(), say("batch.saved-as", "Ash"))
	p.editor.save()
	assert.Len(t, service.drafts, 2)
}

// Enter in the search must not save.
func TestEnterInTheSearchSavesNothing(t *testing.T) {
	p, service, document := openBatch(t, 3)
	p.editor.batch.tickShown(true)
	document.HasFocus = batchSearchID
	p.editor.save()
	assert.Empty(t, service.drafts)
	assert.True(t, p.editor.IsOpen())
}

func TestNothingTickedIsAProblem(t *testing.T) {
	p, service, document := openBatch(t, 3)
	p.editor.save()
	assert.Empty(t, service.drafts)
	assert.Equal(t, summaryID, document.HasFocus)
	assert.Contains(t, render(t, p).ID(t, summaryID).Text(), say("batch.none"))
	assert.Equal(t, "batch-all", p.editor.target(fields.LegalEntityID))
}

func TestNamesFollowThePattern(t *testing.T) {
	p, service, _ := openBatch(t, 3)
	p.editor.batch.pattern = "Export {entity} ({id})"
	p.editor.batch.search = "store 2"
	p.editor.batch.tickShown(true)
	p.editor.batch.search = ""
	p.editor.save()
	require.Len(t, service.drafts, 1)
	assert.Equal(t, "Export Store 2 (102)", service.drafts[0].Name)

	p, service, _ = openBatch(t, 2)
	p.editor.batch.pattern = "Export"
	p.editor.batch.tickShown(true)
	p.editor.save()
	require.Len(t, service.drafts, 2)
	assert.Equal(t, "Export (100)", service.drafts[0].Name, "equal names get a number")
	assert.Equal(t, "Export (101)", service.drafts[1].Name)

	p, service, _ = openBatch(t, 2)
	p.editor.batch.pattern = ""
	p.editor.batch.tickShown(true)
	p.editor.save()
	assert.Empty(t, service.drafts)
	assert.Equal(t, batchNamesID, p.editor.target(fields.Name))
}

// Other values are another application, so the list for them is asked for again.
func TestAnotherSecretEndsTheList(t *testing.T) {
	p, _, _ := openBatch(t, 3)
	p.editor.changed(inputID(fields.ClientSecret))
	assert.True(t, render(t, p).Shows(t, inputID(fields.Name)))
}
