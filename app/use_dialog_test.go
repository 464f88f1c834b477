package app

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// withVerdicts returns a credential that got verdicts in turn.
func withVerdicts(codes ...verdicts.Code) paycor.Credential {
	credential := sample("id1", "One")
	for _, code := range codes {
		verdict := code.Verdict()
		verdict.CheckedAt = noon
		credential = credential.WithVerdict(verdict)
	}
	return credential
}

func TestContinueWarnsBeforeCallsFail(t *testing.T) {
	const later, entity = "at the latest when the current access token expires", "calls for legal entity 654321 will fail"
	for _, test := range []struct {
		codes []verdicts.Code
		says  []string // nothing if it is used without a question
	}{
		{nil, nil},
		{[]verdicts.Code{verdicts.CodeVerified}, nil},
		{[]verdicts.Code{verdicts.CodeVerified, verdicts.CodeTimeout}, nil},
		{[]verdicts.Code{verdicts.CodeTimeout}, nil},
		{[]verdicts.Code{verdicts.CodeLooksSwapped}, nil},
		{[]verdicts.Code{verdicts.CodeKeyRejected}, []string{"although Paycor rejects it", say("effect.fail")}},
		{[]verdicts.Code{verdicts.CodeClientRejected}, []string{"although Paycor rejects it", later}},
		{[]verdicts.Code{verdicts.CodeClientRejected, verdicts.CodeTimeout}, []string{"although Paycor rejects it", later}},
		{[]verdicts.Code{verdicts.CodeEntityNotFound}, []string{"although Paycor rejects it", entity}},
		{[]verdicts.Code{verdicts.CodeRightMissing}, []string{say("effect.right")}},
		{[]verdicts.Code{verdicts.CodeActivationNeeded}, []string{"although it needs activation", later}},
	} {
		p, _, document := newTestPage(startList(withVerdicts(test.codes...)))
		p.list.selectCredential("id1")
		p.list.submit()
		if test.says == nil {
			assert.Equal(t, "/credentials/id1?purpose=source", document.Href, test.codes)
			continue
		}
		assert.Empty(t, document.Href, test.codes)
		assert.Equal(t, useFixID, document.HasFocus)
		dialog := render(t, p).ID(t, useID).Text()
		for _, words := range test.says {
			assert.Contains(t, dialog, words, test.codes)
		}
		assert.NotContains(t, dialog, say("destination.note"))
		p.list.purpose = paycor.PurposeDestination
		assert.Contains(t, render(t, p).ID(t, useID).Text(), say("destination.note"))
		p.list.useDialog.useAnyway()
		assert.Equal(t, "/credentials/id1?purpose=destination", document.Href)
		assert.False(t, p.list.useDialog.IsOpen())
	}
}

func TestFixItOpensWhatIsWrong(t *testing.T) {
	for code, want := range map[verdicts.Code]string{
		verdicts.CodeKeyRejected:      pathOf("id1"),
		verdicts.CodeActivationNeeded: activationOf("id1"),
	} {
		p, _, document := newTestPage(startList(withVerdicts(code)))
		p.list.selectCredential("id1")
		p.list.submit()
		p.list.useDialog.fix()
		assert.Equal(t, want, document.Href)
	}
	start := startList(withVerdicts(verdicts.CodeActivationNeeded))
	start.Caller.Rights = paycor.Rights{paycor.RightView}
	p, _, document := newTestPage(start)
	p.list.selectCredential("id1")
	p.list.submit()
	assert.Equal(t, say("use.details"), render(t, p).ID(t, useFixID).Text(), "nothing is promised that they may not do")
	p.list.useDialog.fix()
	assert.Equal(t, pathOf("id1"), document.Href)
}

func TestTheSiteLearnsTheState(t *testing.T) {
	p, _, document, parent := newEmbeddedTestPage(withVerdicts(verdicts.CodeKeyRejected))
	p.list.selectCredential("id1")
	p.list.submit()
	assert.Len(t, parent.sent, 1, "not before the person decided")
	p.list.useDialog.useAnyway()
	assert.Equal(t, `credential.selected {"id":"id1","name":"One","purpose":"source","state":"rejected"}`, parent.sent[1])
	assert.Equal(t, "continue", document.HasFocus)
}

func TestADeletedCredentialIsNotUsed(t *testing.T) {
	p, _, document := newTestPage(startList(withVerdicts(verdicts.CodeKeyRejected)))
	p.list.selectCredential("id1")
	p.list.submit()
	p.list.selected = paycor.Credential{} // as when somebody deletes it
	render(t, p)
	p.list.useDialog.useAnyway()
	assert.Empty(t, document.Href)
}
