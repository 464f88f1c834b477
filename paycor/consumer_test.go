package paycor_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
)

func TestConsumerStates(t *testing.T) {
	now := time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, test := range map[string]struct {
		consumer paycor.Consumer
		want     paycor.ConsumerState
	}{
		"for ever":             {paycor.Consumer{}, paycor.ConsumerActive},
		"until later":          {paycor.Consumer{ExpiresAt: now.Add(1)}, paycor.ConsumerActive},
		"until now":            {paycor.Consumer{ExpiresAt: now}, paycor.ConsumerExpired},
		"revoked":              {paycor.Consumer{RevokedAt: now}, paycor.ConsumerRevoked},
		"revoked, and expired": {paycor.Consumer{RevokedAt: now, ExpiresAt: now.Add(-1)}, paycor.ConsumerRevoked},
	} {
		assert.Equal(t, test.want, test.consumer.At(now).State, name)
	}
}

func TestAConsumerDraftIsBounded(t *testing.T) {
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprint("cred_", i)
	}
	caller := paycor.Caller{Rights: paycor.AllRights()}
	for name, test := range map[string]struct {
		draft paycor.ConsumerDraft
		field paycor.Field
	}{
		"a long name":         {paycor.ConsumerDraft{Name: fmt.Sprintf("%0101d", 1)}, "name"},
		"an invisible name":   {paycor.ConsumerDraft{Name: "a\u200bb"}, "name"},
		"a name with an end":  {paycor.ConsumerDraft{Name: "a\x1b[2Jb"}, "name"},
		"broken text":         {paycor.ConsumerDraft{Name: "a\xff"}, "name"},
		"too many places":     {paycor.ConsumerDraft{Name: "n", Credentials: many}, "credentials"},
		"an empty place":      {paycor.ConsumerDraft{Name: "n", Credentials: []string{""}}, "credentials"},
		"a very long place":   {paycor.ConsumerDraft{Name: "n", Credentials: []string{fmt.Sprintf("%0200d", 1)}}, "credentials"},
		"a hundred years":     {paycor.ConsumerDraft{Name: "n", ExpiresAt: time.Date(2131, 1, 1, 0, 0, 0, 0, time.UTC)}, "expires_at"},
		"before its creation": {paycor.ConsumerDraft{Name: "n", ExpiresAt: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)}, "expires_at"},
	} {
		test.draft.Rights = paycor.Rights{paycor.RightView}
		problems := test.draft.Clean().Check(caller, time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))
		if assert.Len(t, problems, 1, name) {
			assert.Equal(t, test.field, problems[0].Field, name)
			assertSentences(t, problems[0].Message)
		}
	}
}

func assertSentences(t *testing.T, text string) {
	t.Helper()
	assert.Regexp(t, `^[A-Z].*\.$`, text)
}

func TestEveryUseHasAClass(t *testing.T) {
	for status, want := range map[int]paycor.UseClass{
		0: paycor.UseAborted, 200: paycor.UseDone, 304: paycor.UseDone, 400: paycor.UseRefused, 401: paycor.UseRefused,
		429: paycor.UseThrottled, 499: paycor.UseRefused, 500: paycor.UseFailed, 599: paycor.UseFailed,
	} {
		assert.Equal(t, want, paycor.Use{Status: status}.Class(), status)
	}
	var counts paycor.UseCounts
	for i, class := range paycor.UseClasses() {
		*counts.Of(class) = int64(1) << i
	}
	assert.Equal(t, paycor.UseCounts{Done: 1, Refused: 2, Throttled: 4, Failed: 8, Aborted: 16}, counts)
	assert.EqualValues(t, 31, counts.Calls())
	assert.EqualValues(t, 14, counts.Errors())
	assert.Equal(t, "calls=31 done=1 refused=2 throttled=4 failed=8 aborted=16", counts.String())
}
